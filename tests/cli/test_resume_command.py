"""`lrviz resume`, as it is typed: the table, the code of the right way, the same for programs, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from helpers.golden import Golden
from process import Outcome
from process import lrviz as in_a_process
from typer.testing import CliRunner

from lrviz.ansi import Terminal
from lrviz.cli.main import app
from lrviz.cli.streams import say_error
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.render.tables.resume import FIELDS
from lrviz.render.tables.resume_page import write_page
from lrviz.training.resume.resume import resume

GOLDEN = Path(__file__).parent / "golden_resume"

WARMUP = """\
epochs: 12
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
scheduler:
- {type: LinearLR, start_factor: 0.1, total_iters: 4, for: 4 epochs}
- {type: CosineAnnealingLR}
"""
STEP = "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 4}\n"
SEVERAL = """\
epochs: 12
schedules:
  step: {optimizer: {lr: 0.1}, scheduler: {type: StepLR, step_size: 4, gamma: 0.5}}
  cycle:
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: CyclicLR, base_lr: 0.1, max_lr: 0.1, step_size_up: 3, base_momentum: 0.5}
  groups:
    optimizer: {groups: [{name: body, lr: 0.1}, {name: head, lr: 0.5}]}
    scheduler: {type: LinearLR, start_factor: 0.1, total_iters: 8}
  plateau:
    optimizer: {lr: 0.1}
    scheduler: {type: ReduceLROnPlateau, patience: 1}
    metric: [9, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]
  constant: {optimizer: {lr: 0.1}, scheduler: none}
"""

Run = Callable[..., Outcome]


@pytest.fixture
def lrviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, which has torch, in a folder with a file of each kind."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"warmup": WARMUP, "step": STEP, "several": SEVERAL}.items():
        (tmp_path / f"{name}.yaml").write_text(text)

    def run(*words: str, text: str = "") -> Outcome:
        done = CliRunner().invoke(app, ["resume", *words], prog_name="lrviz", input=text)
        err = io.StringIO(done.stderr)
        err.seek(0, io.SEEK_END)
        if isinstance(done.exception, ScheduleError):
            with redirect_stderr(err):
                say_error(done.exception)
        elif done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Outcome(done.exit_code, done.stdout, err.getvalue())

    return run


def test_it_is_a_command(tmp_path: Path, golden: Golden) -> None:
    """The only test that pays for a process of its own, with torch."""
    (tmp_path / "warmup.yaml").write_text(WARMUP)
    done = in_a_process("resume", "--at", "6", "warmup.yaml", "-o", "x.png", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(tmp_path)) == ["warmup.yaml", "x.png"]
    golden.same_text(GOLDEN / "warmup.txt", done.out)


def test_the_page_of_every_kind_of_schedule(lrviz: Run, golden: Golden) -> None:
    done = lrviz("--at", "50%", "several.yaml")
    assert (done.status, done.err) == (0, "")
    golden.same_text(GOLDEN / "several.txt", done.out)


def test_the_code_of_every_way(lrviz: Run, golden: Golden) -> None:
    done = lrviz("--at", "6", "step.yaml", "--code", "--into", "step_size=6")
    assert (done.status, done.err) == (0, "")
    golden.same_text(GOLDEN / "code.txt", done.out)


@pytest.mark.parametrize("columns", [40, 80])
def test_a_page_in_a_window(columns: int, golden: Golden) -> None:
    (schedule,) = load_text(STEP, "step.yaml")
    stream = io.StringIO()
    write_page(resume(schedule, 6), stream, Terminal(width=columns, color=columns == 80), code=False, whole=True)
    lines = stream.getvalue().split("\n")
    if columns == 80:
        assert "wider than the terminal" not in stream.getvalue()
    assert max(len(line) for line in lines if "\x1b" not in line and not line.startswith("    ")) <= max(columns, 83)
    golden.same_text(GOLDEN / f"{columns}-columns.txt", stream.getvalue())


def test_csv_and_json_hold_the_same_numbers_to_the_last_bit(lrviz: Run) -> None:
    done = lrviz("--at", "6", "several.yaml", "--format", "csv")
    assert (done.status, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert tuple(rows[0]) == FIELDS
    page = json.loads(lrviz("--at", "6", "several.yaml", "--format", "json").out)
    assert page["version"] == 1
    records = [
        {"schedule": each["schedule"], "into": each["into"], **way} for each in page["resumes"] for way in each["ways"]
    ]
    assert len(records) == len(rows)

    def cell(value: object) -> str:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    assert [{name: cell(record[name]) for name in FIELDS} for record in records] == rows
    first, second = page["resumes"][0], page["resumes"][1]
    assert (first["schedule"], first["into"], first["epoch"], first["step"], first["calls"], first["right"]) == (
        "step", None, 6, None, 6, "full",
    )  # fmt: skip
    assert (second["schedule"], second["into"]) == ("step", "epochs=24")
    nothing = next(way for way in first["ways"] if way["way"] == "nothing")
    assert (nothing["follows"], nothing["value"], nothing["plan"], nothing["ratio"]) == (False, 0.1, 0.05, 2.0)
    assert (nothing["largest_epoch"], nothing["largest_ratio"], nothing["until_epoch"], nothing["apart"]) == (
        8,
        4.0,
        None,
        6,
    )
    assert nothing["code"] == ["optimizer = SGD(model.parameters(), ...)", "scheduler = StepLR(optimizer, ...)"]


def test_a_place_is_one_in_the_run(lrviz: Run) -> None:
    for place in ("12", "13", "foo", "-1", "12.5"):
        done = lrviz("--at", place, "step.yaml")
        assert (done.status, done.out) == (2, ""), place
        assert done.err.startswith("lrviz: error: ")
    assert "Missing option '--at'" in lrviz("step.yaml").err
    for place, epoch in (("0", 0), ("50%", 6), ("6.5", 6), ("last", 11)):
        (same, _) = json.loads(lrviz("--at", place, "step.yaml", "--format", "json").out)["resumes"]
        assert same["epoch"] == epoch
        assert same["ways"][0]["identical"]
        assert ("call-lost" in [way["way"] for way in same["ways"]]) == (epoch > 0)


def test_at_the_end_there_is_only_a_longer_run(lrviz: Run) -> None:
    (into,) = json.loads(lrviz("--at", "end", "step.yaml", "--format", "json").out)["resumes"]
    assert (into["into"], into["epoch"], into["calls"]) == ("epochs=24", 12, 12)
    done = lrviz("--at", "end", "several.yaml", "--only", "plateau")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "lrviz: error: nothing follows the end of the run\n"
        "  hint: write `last`, or restart with a longer run: --into epochs=24\n"
    )


def test_a_metric_that_is_too_short_for_twice_the_run_is_no_error(lrviz: Run) -> None:
    done = lrviz("--at", "6", "several.yaml", "--only", "plateau", "-v", "--format", "json")
    assert done.status == 0
    assert [each["into"] for each in json.loads(done.out)["resumes"]] == [None]
    assert "lrviz: plateau cannot be twice as long: metric has 12 values" in done.err


def test_another_file_and_other_values(lrviz: Run, tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(STEP.replace("step_size: 4", "step_size: 3"))
    by_file = json.loads(lrviz("--at", "6", "step.yaml", "--into", "new.yaml", "--format", "json").out)["resumes"][1]
    by_value = json.loads(lrviz("--at", "6", "step.yaml", "--into", "step_size=3", "--format", "json").out)["resumes"][
        1
    ]
    assert (by_file.pop("into"), by_value.pop("into")) == ("new.yaml", "step_size=3")
    assert by_file == by_value
    several = lrviz("--at", "6", "step.yaml", "--into", "step_size=3", "--into", "gamma=0.5", "--format", "json")
    assert json.loads(several.out)["resumes"][1]["into"] == "step_size=3, gamma=0.5"
    both = lrviz("--at", "6", "several.yaml", "--only", "step", "--into", "several.yaml", "--format", "json")
    assert [each["into"] for each in json.loads(both.out)["resumes"]] == [None, "several.yaml"]
    from_stdin = lrviz("--at", "6", "-", "--into", "step_size=3", "--format", "json", text=STEP)
    assert from_stdin.status == 0
    assert [each["schedule"] for each in json.loads(from_stdin.out)["resumes"]] == ["stdin", "stdin"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["step.yaml", "--into", "gone.yaml"], "gone.yaml: error: there is no such file\n"),
        (["step.yaml", "--into", "step_sise=3"], "--into step_sise: error: "),
        (["step.yaml", "--into", "step_size="], "--into step_size=: error: --into needs KEY=VALUE\n"),
        (["step.yaml", "--into", "step_size=3,5"], "--into: error: a training is restarted with one value of a key\n"),
        (["step.yaml", "--into", "epochs=4"], "--into: error: with epochs=4 the run of 'step' ends before the restart"),
        (
            ["step.yaml", "--into", "warmup.yaml", "--into", "gamma=1"],
            "--into: error: a training is restarted with one file, or with values\n",
        ),
        (["-", "--into", "-"], "--into: error: only one of the two files can be standard input\n"),
        (["warmup.yaml", "--into", "several.yaml"], "several.yaml: error: there is no schedule 'warmup' here\n"),
        (["several.yaml", "-o", "x.png"], "x.png: error: a picture shows one schedule, but there are 5\n"),
        (["step.yaml", "-o", "x.jpg"], "x.jpg: error: the name does not say what kind of picture to write\n"),
    ],
)
def test_what_cannot_be_done_says_so(lrviz: Run, words: list[str], said: str) -> None:
    done = lrviz("--at", "6", *words)
    assert done.status == 2
    assert done.err.startswith(said)


def test_one_bad_file_takes_no_others_answer_away(lrviz: Run, tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(STEP.replace("12", "4"))
    (tmp_path / "broken.yaml").write_text("epochs: [\n")
    done = lrviz("--at", "6", "short.yaml", "broken.yaml", "step.yaml", "--format", "json")
    assert done.status == 2
    assert {each["schedule"] for each in json.loads(done.out)["resumes"]} == {"step"}
    assert "6 is outside the run" in done.err
    assert "broken.yaml:" in done.err


def test_a_config_of_another_program(lrviz: Run, tmp_path: Path) -> None:
    (tmp_path / "args.json").write_text(
        json.dumps({"learning_rate": 5e-5, "max_steps": 100, "warmup_steps": 10, "lr_scheduler_type": "linear"})
    )
    done = lrviz("--at", "40 steps", "args.json", "--from", "hf", "--format", "json", "-q")
    assert (done.status, done.err) == (0, "")
    same, into = json.loads(done.out)["resumes"]
    assert (same["calls"], same["step"], into["into"]) == (40, 40, "steps=200")
    assert same["right"] == "full"
    full = into["ways"][0]
    assert (full["follows"], full["apart"], full["until_step"]) == (False, 1, 41)  # LambdaLR: its length is in no state


def test_a_class_of_the_users_own(lrviz: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resume_own.py").write_text(
        "from pathlib import PurePosixPath\n"
        "from torch.optim.lr_scheduler import ExponentialLR\n"
        "class Halves(ExponentialLR):\n"
        "    def __init__(self, optimizer):\n"
        "        super().__init__(optimizer, gamma=0.5)\n"
        "class Path(Halves):\n"
        "    def state_dict(self):\n"
        "        return {**super().state_dict(), 'path': PurePosixPath('x')}\n"
        "class Function(Halves):\n"
        "    def state_dict(self):\n"
        "        return {'f': lambda: 1}\n"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("Halves", "Path", "Function"):
        text = f"epochs: 12\noptimizer: {{lr: 0.1}}\nscheduler: {{type: resume_own.{name}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    assert "pass --trust" in lrviz("--at", "6", "Halves.yaml").err
    halves = json.loads(lrviz("--at", "6", "Halves.yaml", "--trust", "--format", "json").out)["resumes"][0]
    ways = {way["way"]: way for way in halves["ways"]}
    assert ways["full"]["identical"]
    assert "unexpected keyword argument 'last_epoch'" in ways["last-epoch"]["refusal"]
    assert ways["nothing"]["code"][-1] == "scheduler = resume_own.Halves(optimizer)"
    path = json.loads(lrviz("--at", "6", "Path.yaml", "--trust", "--format", "json").out)["resumes"][0]
    assert path["ways"][0]["refusal"].startswith("refused: UnpicklingError: Weights only load failed.")
    assert path["right"] == "replayed"
    done = lrviz("--at", "6", "Function.yaml", "--trust")
    assert done.status == 2
    assert "the state of resume_own.Function cannot be saved: " in done.err


def test_what_torch_refuses_and_a_fault_are_of_their_own_file(
    lrviz: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "refused.yaml").write_text(
        STEP.replace("StepLR, step_size: 4", "ConstantLR, factor: 0, total_iters: 2")
    )
    alone = lrviz("--at", "6", "step.yaml").out
    done = lrviz("--at", "6", "refused.yaml", "step.yaml")
    assert (done.status, done.out) == (2, alone)
    assert "refused.yaml:3:12: error: schedule 'refused': ConstantLR fails at call" in done.err

    def fault(*given: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("lrviz.training.resume.resume._resumed", fault)
    done = lrviz("--at", "6", "step.yaml")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("lrviz: internal error: step.yaml:1:1: schedule 'step': RuntimeError: boom\n")


def test_a_run_that_would_fill_the_memory_is_refused_at_once(lrviz: Run) -> None:
    done = lrviz("--at", "6", "step.yaml", "--epochs", "4000000")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "step.yaml:1:1: error: 64,000,000 learning rates of 15 ways to restart are more than 60,000,000\n"
        "  hint: shorten the run with --epochs or --steps\n"
    )


def test_a_learning_rate_beyond_the_doubles_is_infinite(lrviz: Run, tmp_path: Path) -> None:
    text = "epochs: 500\noptimizer: {lr: 3}\nscheduler: {type: MultiplicativeLR, lr_lambda: 7}\n"
    (tmp_path / "whole.yaml").write_text(text)
    done = lrviz("--at", "20", "whole.yaml", "--format", "json")
    assert (done.status, done.err) == (0, "")
    ways = {way["way"]: way for way in json.loads(done.out)["resumes"][0]["ways"]}
    assert ways["full"]["identical"]
    assert ways["nothing"]["largest_ratio"] == 0.0


def test_schedules_of_one_name_in_two_files(lrviz: Run, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "step.yaml").write_text(STEP.replace("step_size: 4", "step_size: 3"))
    done = lrviz("--at", "6", "step.yaml", "other/step.yaml", "--format", "json")
    assert (done.status, done.err) == (0, "")
    names = [(each["schedule"], each["into"]) for each in json.loads(done.out)["resumes"]]
    assert names == [
        ("step.yaml:step", None),
        ("step.yaml:step", "epochs=24"),
        ("other/step.yaml:step", None),
        ("other/step.yaml:step", "epochs=24"),
    ]


def test_a_schedule_inside_of_a_larger_file_a_sweep_and_another_length(lrviz: Run, tmp_path: Path) -> None:
    inside = "trainer:\n  schedule:\n" + "".join(f"    {line}\n" for line in STEP.splitlines())
    (tmp_path / "train.yaml").write_text(inside)
    keyed = lrviz("--at", "6", "train.yaml#trainer.schedule", "--into", "step_size=3", "--format", "json")
    plain = lrviz("--at", "6", "step.yaml", "--into", "step_size=3", "--format", "json")
    assert (keyed.status, keyed.err) == (0, "")
    assert keyed.out == plain.out.replace('"schedule": "step"', '"schedule": "train"')
    swept = json.loads(lrviz("--at", "6", "step.yaml", "--set", "gamma=0.1,0.5", "--format", "json").out)["resumes"]
    assert [(each["schedule"], each["into"]) for each in swept] == [
        ("step gamma=0.1", None),
        ("step gamma=0.1", "epochs=24"),
        ("step gamma=0.5", None),
        ("step gamma=0.5", "epochs=24"),
    ]
    longer = json.loads(lrviz("--at", "20", "step.yaml", "--epochs", "30", "--format", "json").out)["resumes"]
    assert [(each["epoch"], each["into"]) for each in longer] == [(20, None), (20, "epochs=60")]
