"""Ctrl-C and SIGTERM end a command quietly, whenever they come; and a reader that goes away changes no status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from process import environment

from lrviz.engine import side_by_side
from lrviz.engine.backend import Engine
from lrviz.engine.side_by_side import Simulated, simulate_all
from lrviz.engine.simulate import simulate as simulate_one
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule

GOOD = "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 2}\n"
FAILS = GOOD + "expect: {max: 0.05}\n"

AT_AN_IMPORT = """
import os, sys
number, moment, seen = int(sys.argv[1]), int(sys.argv[2]), 0
def hook(event, arguments):
    global seen
    if event == "import":
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), number)
from lrviz import __main__
sys.addaudithook(hook)
sys.argv = ["lrviz", "stats", "good.yaml"]
try:
    __main__.main()
finally:
    if not moment:
        print(seen, file=sys.stderr)
"""
"""Runs a command that gets a signal at an import; argv: the signal, and which import, from 1.

For import 0 it gets none, and the imports are counted.
"""


def python(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python in a folder; `more` is its environment."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def at_an_import(folder: Path, number: int, moment: int) -> subprocess.CompletedProcess[str]:
    return python(folder, "-c", AT_AN_IMPORT, str(number), str(moment))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "fails.yaml").write_text(FAILS)
    return tmp_path


def test_an_interrupt_at_any_import_is_quiet(folder: Path) -> None:
    imports = int(at_an_import(folder, signal.SIGINT, 0).stderr.splitlines()[-1])
    assert imports > 100
    for share in (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        number = signal.SIGTERM if share == 0.5 else signal.SIGINT
        done = at_an_import(folder, number, 2 + int(share * (imports - 4)))
        assert (done.returncode, done.stderr) == (128 + number, ""), share


def test_an_interrupt_inside_of_an_exec_is_130_too(folder: Path) -> None:
    """Python itself would end with the signal, though the KeyboardInterrupt is caught."""
    (folder / "within.py").write_text(
        "import sys\n"
        "from lrviz import __main__\n"
        "from lrviz.calculator import stats\n"
        "def inside(curves):\n"
        "    exec('import os, signal; os.kill(os.getpid(), signal.SIGINT); sum(range(10 ** 5))')\n"
        "stats.stats_of = inside\n"
        "sys.argv = ['lrviz', 'stats', 'good.yaml']\n"
        "__main__.main()\n"
    )
    done = python(folder, "-m", "within")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


SWALLOWS = """
import os, signal, sys
from lrviz import __main__
from lrviz.calculator import stats
def swallows(curves):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(10 ** 5))
    except BaseException as error:
        {then}
    return []
stats.stats_of = swallows
sys.argv = ["lrviz", "stats", "good.yaml"]
__main__.main()
"""


@pytest.mark.parametrize("then", ["pass", 'raise ImportError("not a KeyboardInterrupt") from error'])
def test_an_interrupt_that_a_library_swallows_or_rewords_is_not_lost(folder: Path, then: str) -> None:
    done = python(folder, "-c", SWALLOWS.format(then=then))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_entry_imports_nothing_that_takes_time(tmp_path: Path) -> None:
    """Until `main` is called, a Ctrl-C is Python's own, which leaves a traceback."""
    code = "import sys; before = set(sys.modules); import lrviz.__main__; print(*sorted(set(sys.modules) - before))"
    done = python(tmp_path, "-c", code)
    assert done.stdout.split() == ["__future__", "lrviz", "lrviz.__main__"]


MANY = "epochs: 30000000\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.999}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_the_first_and_say_nothing(tmp_path: Path, number: int) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(MANY)
    process = subprocess.Popen(
        [sys.executable, "-m", "lrviz", "stats", "a.yaml", "b.yaml", "-v"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    for name in "ab":
        assert process.stderr.readline() == f"lrviz: read {name}.yaml: {name}\n".encode()
    time.sleep(0.3)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (128 + number, b"", b"")


# --- processes that die ------------------------------------------------------------------------------------------


OUTCOME = side_by_side._outcome


def outcome_or_death(schedule: Schedule, engine: Engine) -> side_by_side.Outcome:
    """Instead of `_outcome`, at the top of a module because it is sent to a process."""
    if schedule.name == "dies":
        os._exit(1)
    return OUTCOME(schedule, engine)


def test_a_process_that_dies_takes_no_other_schedule_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_outcome", outcome_or_death)
    named = [(name, load_text(GOOD, f"{name}.yaml")[0]) for name in ("first", "dies", "last")]
    found = {each.name: each for each in simulate_all(named, processes=2)}
    assert [name for name, each in found.items() if each.curve is None] == ["dies"]
    assert isinstance(found["dies"].fault, side_by_side.DiedError)
    with pytest.raises(side_by_side.DiedError):
        found["dies"].named  # noqa: B018 - it raises


@pytest.mark.parametrize("processes", [1, 2])
def test_an_exception_that_nobody_expects_is_that_of_its_schedule(
    processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:

    def simulate(schedule: Schedule, **more: Any) -> object:
        if schedule.name == "fails":
            raise RuntimeError("boom")
        return simulate_one(schedule, **more)

    monkeypatch.setattr(side_by_side, "simulate", simulate)
    named = [(name, load_text(GOOD, f"{name}.yaml")[0]) for name in ("fails", "works")]
    fails, works = simulate_all(named, processes=processes)
    assert (str(fails.fault), works.fault) == ("boom", None)
    assert isinstance(works, Simulated)
    assert works.curve is not None


def test_a_class_of_ones_own_cannot_end_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ends_here.py").write_text(
        "from torch.optim.lr_scheduler import StepLR\n"
        "class Leaves(StepLR):\n"
        "    def get_lr(self):\n"
        "        return [0.1] if self.last_epoch < 2 else exit(0)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (schedule,) = load_text(GOOD.replace("StepLR", "ends_here.Leaves"), "own.yaml", trust=True)
    (simulated,) = simulate_all([("own", schedule)])
    assert "ends_here.Leaves fails at call 2 of 4 of scheduler.step(): SystemExit: 0" in str(simulated.refusal)


# --- readers that go away ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "status", "err"),
    [
        ("check fails.yaml | true", 1, ""),
        ("diff good.yaml other.yaml | head -c 1 > /dev/null", 1, ""),
        ("stats good.yaml missing.yaml | true", 2, "missing.yaml: error: there is no such file\n"),
        ("stats good.yaml | true", 0, ""),
        ("--help | true", 0, ""),
        ("tabel 2>&1 | true", 2, ""),
        (
            "check fails.yaml > /dev/full",
            2,
            "lrviz: error: standard output cannot be written: No space left on device\n",
        ),
        ("--help > /dev/full", 2, "lrviz: error: standard output cannot be written: No space left on device\n"),
    ],
)
def test_a_status_is_what_the_work_earned(folder: Path, command: str, status: int, err: str) -> None:
    (folder / "other.yaml").write_text(GOOD.replace("0.1", "0.2"))
    verb, bar, reader = command.partition("|")
    waits = f"{bar} (sleep 0.01; {reader.strip()})" if bar else ""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m lrviz {verb} {waits}"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", err)


def test_a_fault_is_3_with_its_traceback_too(folder: Path) -> None:
    code = """if True:
        import sys
        from lrviz import __main__
        from lrviz.cli import main
        main.app = None
        sys.argv = ["lrviz"]
        main._leave_out_other_verbs = lambda: None
        __main__.main()
        """
    done = python(folder, "-c", code, LRVIZ_DEBUG="1")
    assert (done.returncode, done.stderr.splitlines()[0]) == (3, "Traceback (most recent call last):")
