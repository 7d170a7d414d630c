"""Problems of the user's own: what works, and every fault of their code told as theirs, without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from lrviz.errors import ScheduleError
from lrviz.lessons.problems import problem_of
from lrviz.lessons.sessions import Sessions
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

RIGHT = """\
import torch
import lrviz

x = torch.linspace(-1, 1, 32).reshape(-1, 1)

def batches(seed=None):
    data = torch.utils.data.TensorDataset(x, 3 * x)
    return torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)

def loss(model, batch):
    return torch.nn.functional.mse_loss(model(batch[0]), batch[1])

def validate(model):
    return loss(model, (x, 3 * x))

def setup(seed):
    return lrviz.Setup(torch.nn.Linear(1, 1), batches(), loss, validate)
"""


@pytest.fixture
def problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], TrainingProblem]]:
    """The problem `mine:setup` of a file with the right code, and some more below it."""
    monkeypatch.chdir(tmp_path)

    def made(more: str = "", text: str = "mine:setup") -> TrainingProblem:
        (tmp_path / "mine.py").write_text(RIGHT + dedent(more))
        sys.modules.pop("mine", None)
        return problem_of(text, trust=True)

    dont_write, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    yield made
    sys.dont_write_bytecode = dont_write
    for name in [name for name in sys.modules if name.partition(".")[0] in ("mine", "beside")]:
        del sys.modules[name]


@pytest.fixture
def fault(problem: Callable[[str], TrainingProblem], schedule: Read) -> Callable[[str], str]:
    """The error of a training with the right code and some more."""

    def found(more: str) -> str:
        with pytest.raises(ScheduleError) as caught:
            Sessions(problem(more)).train("a", constant(schedule))
        assert all(each.where.file == "--problem" for each in caught.value.problems)
        return str(caught.value)

    return found


def constant(read: Read) -> Schedule:
    return read("epochs: 10\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\n")


def test_it_is_trained(problem: Callable[[str], TrainingProblem], schedule: Read) -> None:
    sessions = Sessions(problem(""), seeds=(0, 1))
    trained = sessions.train("a", constant(schedule))
    assert (sessions.length.epochs, sessions.length.steps) == (10, 40)
    assert trained.final_loss.mean < 0.1 * trained.trainings[0].validations[0].loss
    assert trained.accuracy is None
    again = sessions.train("b", constant(schedule))
    for one, other in zip(trained.trainings, again.trainings, strict=True):
        assert one.losses.tolist() == other.losses.tolist()
    assert trained.trainings[0].losses.tolist() != trained.trainings[1].losses.tolist()


def test_a_plain_tuple_and_a_pair_of_loss_and_accuracy_do_as_well(
    problem: Callable[[str], TrainingProblem], schedule: Read
) -> None:
    more = """
        def setup(seed):
            model = torch.nn.Linear(1, 1)
            return model, [(x, 3 * x)] * 3, loss, lambda model: [validate(model), torch.tensor(0.75)]
        """
    trained = Sessions(problem(more)).train("a", constant(schedule))
    assert trained.trainings[0].final.accuracy == 0.75
    assert trained.length.steps == 30


def test_it_may_import_what_lies_beside_it_at_any_time(
    problem: Callable[[str], TrainingProblem], tmp_path: Path, schedule: Read
) -> None:
    (tmp_path / "beside.py").write_text("from torch.nn import Linear\n")
    before = list(sys.path)
    more = """
        def setup(seed):
            import beside
            return beside.Linear(1, 1), batches(), loss, validate
        """
    assert Sessions(problem(more)).train("a", constant(schedule)).final_loss.mean < 1
    assert sys.path == before


def test_what_it_prints_goes_to_standard_error(
    problem: Callable[[str], TrainingProblem], schedule: Read, capsys: pytest.CaptureFixture[str]
) -> None:
    more = """
        print("imported")
        def setup(seed):
            print("made")
            return torch.nn.Linear(1, 1), batches(), loss, lambda model: print("seen") or validate(model)
        """
    Sessions(problem(more), epochs=1).train("a", constant(schedule))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split() == ["imported", "made", "made", "seen", "seen"]


def test_a_batch_size_is_refused_where_it_cannot_be_set(problem: Callable[[str], TrainingProblem]) -> None:
    with pytest.raises(ScheduleError) as caught:
        _ = Sessions(problem(""), batch_size=4).length
    assert str(caught.value).startswith("--batch-size: error: the batches of mine:setup have no size that could be set")


FAULTS: dict[str, tuple[str, str]] = {
    "import fails": ("1 / 0", "its own code fails when it is imported at mine.py:18: ZeroDivisionError"),
    "import of another fails": ("import no_such_thing", "imported at mine.py:18: ModuleNotFoundError: No module named"),
    "syntax": ("def (", "its own code fails when it is imported: SyntaxError: invalid syntax (mine.py, line 18)"),
    "exits": ("raise SystemExit(3)", "its own code fails when it is imported at mine.py:18: exits the program (3)"),
    "not there": ("del setup\ndef settup(seed): ...", "there is no 'setup' in mine\n  hint: did you mean settup?"),
    "not callable": ("setup = 3", "mine:setup is no function (int)"),
    "signature": ("def setup(): ...", "cannot be called with the seed alone: too many positional arguments"),
    "more arguments": ("def setup(seed, lr): ...", "with the seed alone: missing a required argument: 'lr'"),
    "fails": ("def setup(seed): return {}['a']", "its own code fails making the setup at mine.py:18: KeyError: a"),
    "nothing": (
        "def setup(seed): ...",
        "mine:setup returns nothing\n  hint: it returns lrviz.Setup(model, ba",
    ),
    "other length": ("def setup(seed): return 1, 2", "mine:setup returns a tuple of 2"),
    "no model": ("def setup(seed): return 1, 2, 3, 4", "returns as model an int, which is no torch.nn.Module"),
    "frozen": (
        "def setup(seed): return torch.nn.Linear(1, 1).requires_grad_(False), batches(), loss, validate",
        "returns a model without parameters that train",
    ),
    "no loss": (
        "def setup(seed): return torch.nn.Linear(1, 1), batches(), None, validate",
        "returns as loss nothing, which cannot be called",
    ),
    "a generator": (
        "def setup(seed): return torch.nn.Linear(1, 1), ((x, x) for _ in range(3)), loss, validate",
        "returns as batches a generator, which has no length\n  hint: a DataLoader, or a list",
    ),
    "no batches": (
        "def setup(seed): return torch.nn.Linear(1, 1), [], loss, validate",
        "mine:setup has no batches",
    ),
    "one epoch only": (
        """
        class Once:
            def __init__(self): self.once = iter([(x, x)] * 3)
            def __iter__(self): return self.once
            def __len__(self): return 3
        def setup(seed): return torch.nn.Linear(1, 1), Once(), loss, validate
        """,
        "an epoch ends after 0 of its 3 batches",
    ),
    "a batch fails": (
        """
        class Bad(list):
            def __iter__(self):
                yield self[0]
                raise OSError("gone")
        def setup(seed): return torch.nn.Linear(1, 1), Bad([(x, x)] * 3), loss, validate
        """,
        "its own code fails making a batch at mine.py:22: OSError: gone",
    ),
    "loss fails late": (
        """
        def setup(seed):
            calls = []
            def late(model, batch):
                calls.append(1)
                assert len(calls) < 25, "enough"
                return loss(model, batch)
            return torch.nn.Linear(1, 1), batches(), late, validate
        """,
        "its own code fails in its loss at mine.py:23: AssertionError: enough",
    ),
    "model fails": (
        "def setup(seed): return torch.nn.Linear(2, 1), batches(), loss, lambda model: 1.0",
        "its own code fails in its loss at mine.py:11: RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    ),
    "loss is a number": ("def loss(model, batch): return 1.0", "has a loss of a float, which is no tensor"),
    "loss is nothing": (
        "def loss(model, batch): ...\nvalidate = lambda model: 1",
        "has a loss of nothing, which is no",
    ),
    "loss of each": (
        "def setup(seed): return torch.nn.Linear(1, 1), batches(), lambda m, b: m(b[0]), validate",
        "has a loss of shape [8, 1]\n  hint: return a scalar, such as loss.mean()",
    ),
    "loss is detached": (
        "def setup(seed): return torch.nn.Linear(1, 1), batches(), lambda m, b: loss(m, b).detach(), validate",
        "has a loss that does not depend on a parameter",
    ),
    "backward": (
        """
        def setup(seed):
            once = []
            def kept(model, batch):
                once.append(loss(model, batch))
                return once[0] * 1
            return torch.nn.Linear(1, 1), batches(), kept, validate
        """,
        "its own code fails going backward from its loss: RuntimeError: Trying to backward through the graph",
    ),
    "validate fails": ("def validate(model): return x.nothing", "fails in validate at mine.py:18: AttributeError"),
    "validate gives text": ("def validate(model): return '0.5'", "validates with a str"),
    "validate gives nothing": (
        "def validate(model): ...",
        "validates with nothing\n  hint: return the loss,",
    ),
    "validate gives three": ("def validate(model): return 1, 0.5, 2", "validates with a tuple"),
    "validate gives many": ("def validate(model): return x", "validates with a Tensor"),
    "percent": (
        "def validate(model): return 1, 93.2",
        "validates with an accuracy of 93.2\n  hint: an accu",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_as_theirs(name: str, fault: Callable[[str], str]) -> None:
    more, expected = FAULTS[name]
    assert expected in fault(more)


def test_a_missing_module_is_told_with_where_it_may_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScheduleError) as caught:
        problem_of("no_such.thing:setup", trust=True)
    assert str(caught.value).splitlines() == [
        "--problem: error: there is no module 'no_such' for no_such.thing:setup",
        "  hint: a file no_such.py in the working directory, or a package that is installed",
    ]


def test_a_file_in_place_of_its_module_is_told_what_to_write() -> None:
    with pytest.raises(ScheduleError) as caught:
        problem_of("own.py:setup", trust=True)
    assert caught.value.problems[0].hint == "write own:setup"


def test_a_loss_that_is_not_finite_is_no_fault(problem: Callable[[str], TrainingProblem], schedule: Read) -> None:
    more = """
        def setup(seed):
            found = iter([(1.0, 0.5), (float("nan"), float("nan"))])
            return torch.nn.Linear(1, 1), batches(), loss, lambda model: next(found)
        """
    (training,) = Sessions(problem(more)).train("a", constant(schedule)).trainings
    assert training.stopped == 4


def test_ctrl_c_in_their_code_is_ctrl_c(problem: Callable[[str], TrainingProblem], schedule: Read) -> None:
    with pytest.raises(KeyboardInterrupt):
        Sessions(problem("def validate(model): raise KeyboardInterrupt")).train("a", constant(schedule))
