"""One bad input takes no other's results away, and the highest status wins; faults of lrviz included."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lrviz.cli import main, output, sources
from lrviz.cli.failures import Failures
from lrviz.cli.status import Status
from lrviz.engine import side_by_side
from lrviz.errors import Position, Problem, ScheduleError

GOOD = "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 2}\nexpect: {max: 0.1}\n"
WRONG = GOOD.replace("step_size", "stepsize")
REFUSED = GOOD.replace("StepLR, step_size: 2", "ConstantLR, factor: 0, total_iters: 2")

ANSWERS = [
    ["table", "--format", "csv"],
    ["table", "--format", "json"],
    ["table", "--format", "markdown"],
    ["stats", "--format", "csv"],
    ["stats", "--format", "json"],
    ["at", "end"],
    ["at", "end", "--format", "json"],
    ["when", "lr < 1"],
    ["when", "lr < 1", "--format", "json"],
    ["explain"],
    ["explain", "--format", "json"],
]
"""Every verb that answers for each file alone, with its formats."""


class Ended:
    """How a command ended: its status, and what it wrote."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, in a folder with a file of each kind."""
    for name, text in {"good": GOOD, "wrong": WRONG, "refused": REFUSED, "also": GOOD}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LRVIZ_DEBUG", raising=False)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["lrviz", *words])
        with pytest.raises(SystemExit) as left:
            main.main()
        gc.unfreeze()  # a command needs no garbage collector, but the tests after it do
        gc.enable()
        assert isinstance(left.value.code, int)
        return Ended(left.value.code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_the_good_files_are_answered_and_the_others_reported_in_their_order(run: Run, words: list[str]) -> None:
    alone = run(*words, "good.yaml")
    assert (alone.status, alone.err) == (0, "")
    ended = run(*words, "missing.yaml", "wrong.yaml", "good.yaml", "empty")
    assert (ended.status, ended.out) == (2, alone.out)
    assert [line.partition(": error")[0] for line in ended.err.splitlines() if "hint" not in line] == [
        "missing.yaml",
        "wrong.yaml:3:12",
        "wrong.yaml:3:27",
        "empty",
    ]
    if "json" in words:
        json.loads(ended.out)


@pytest.mark.parametrize("words", [words for words in ANSWERS if "explain" not in words], ids=" ".join)
def test_what_torch_refuses_stands_among_the_errors_of_its_file(run: Run, words: list[str]) -> None:
    ended = run(*words, "refused.yaml", "missing.yaml", "good.yaml")
    assert (ended.status, ended.out) == (2, run(*words, "good.yaml").out)
    first, second = ended.err.splitlines()
    assert first.startswith("refused.yaml:3:12: error: schedule 'refused': ConstantLR fails at call")
    assert second == "missing.yaml: error: there is no such file"


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_a_command_without_an_answer_writes_none(run: Run, words: list[str]) -> None:
    ended = run(*words, "missing.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "missing.yaml: error: there is no such file\n"


@pytest.mark.parametrize("stage", ["load_text", "_outcome"])
@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_a_fault_in_one_file_is_its_own(
    run: Run, words: list[str], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run(*words, "good.yaml").out
    fails_on("also", stage, monkeypatch)
    ended = run(*words, "also.yaml", "missing.yaml", "good.yaml")
    assert (ended.status, ended.out) == (3, alone)
    first, second, third = ended.err.splitlines()
    where = "also.yaml" if stage == "load_text" else "also.yaml:1:1: schedule 'also'"
    assert first == f"lrviz: internal error: {where}: RuntimeError: boom"
    assert second == "  this is a fault of lrviz, not of your file; LRVIZ_DEBUG=1 shows where"
    assert third == "missing.yaml: error: there is no such file"


def fails_on(name: str, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes reading, or simulating, fail on the file of that name."""
    room: Any = sources if stage == "load_text" else side_by_side
    real = getattr(room, stage)

    def fail(first: Any, *rest: Any, **more: Any) -> Any:
        if (rest[0] if stage == "load_text" else first.file) == f"{name}.yaml":
            raise RuntimeError("boom")
        return real(first, *rest, **more)

    monkeypatch.setattr(room, stage, fail)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["stats"], "lrviz.calculator.stats._stats"),
        (["table"], "lrviz.render.tables.rows._marks"),
        (["table", "--format", "json"], "lrviz.render.tables.rows._marks"),
        (["when", "lr < 1"], "lrviz.calculator.condition._answers"),
        (["at", "end"], "lrviz.calculator.at._when"),
        (["explain"], "lrviz.render.tables.explain.explained"),
        (["check", "--format", "json"], "lrviz.checks.examine.lint"),
    ],
)
def test_a_fault_in_one_answer_is_its_own(
    run: Run, words: list[str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    module, _, function = place.rpartition(".")
    room = importlib.import_module(module)
    real, alone = getattr(room, function), run(*words, "good.yaml").out

    def fail(first: Any, *rest: Any, **more: Any) -> Any:
        if "also" in repr((first, *rest)):
            raise RuntimeError("boom")
        return real(first, *rest, **more)

    monkeypatch.setattr(room, function, fail)
    ended = run(*words, "also.yaml", "good.yaml")
    assert ended.status == 3
    if words[0] == "check":
        (finding,) = json.loads(ended.out)["findings"]
        assert (finding["file"], finding["schedule"], finding["code"]) == ("also.yaml", "also", "internal")
        assert (finding["message"], ended.err) == ("schedule 'also': RuntimeError: boom", "")
    else:
        assert ended.out == alone
        assert ended.err.startswith("lrviz: internal error: also.yaml:1:1: schedule 'also': RuntimeError: boom\n")


def test_a_check_reports_what_could_not_be_read_and_faults_are_worse_even_with_exit_zero(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("check", "missing.yaml", "good.yaml", "--exit-zero").status == 0
    fails_on("also", "_outcome", monkeypatch)
    ended = run("check", "missing.yaml", "also.yaml", "good.yaml", "--exit-zero")
    assert (ended.status, ended.err) == (3, "")
    assert "1 input error, 1 internal error" in ended.out


def test_the_traceback_of_a_fault_is_shown_on_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_on("also", "_outcome", monkeypatch)
    monkeypatch.setenv("LRVIZ_DEBUG", "1")
    ended = run("stats", "also.yaml", "good.yaml")
    assert ended.status == 3
    assert ended.err.startswith("Traceback")
    assert 'raise RuntimeError("boom")' in ended.err
    assert "good" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ["plot", "-o", "made.png"],
        ["diff", "-o", "made.png"],
        ["solve", "scheduler.gamma", "--target", "end=1"],
    ],
)
@pytest.mark.parametrize(("bad", "status"), [("wrong.yaml", 2), ("refused.yaml", 2), ("also.yaml", 3)])
def test_what_needs_every_file_writes_nothing(
    run: Run, words: list[str], bad: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_on("also", "load_text", monkeypatch)
    ended = run(*words, "good.yaml", bad)
    assert (ended.status, ended.out) == (status, "")
    assert not Path("made.png").exists()


def test_only_chooses_among_what_could_be_read(run: Run) -> None:
    assert run("at", "end", "--only", "good", "wrong.yaml", "good.yaml").out == run("at", "end", "good.yaml").out
    ended = run("at", "end", "--only", "other", "missing.yaml", "good.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert "missing.yaml: error: there is no such file\n" in ended.err
    assert "lrviz: error: no schedule that could be read matches --only other\n" in ended.err


def test_a_folder_that_cannot_be_read_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("empty"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    for name in ("wrong.yaml", "refused.yaml"):
        Path(name).unlink()
    ended = run("stats", ".")
    assert (ended.status, ended.err) == (
        2,
        "./empty: error: the folder cannot be read: Permission denied\n"
        "  hint: you may not list it; name files in it, or another folder\n",
    )
    assert "good" in ended.out


# --- the statuses of what cannot be written --------------------------------------------------------------------


def test_output_that_is_lost_changes_no_verdict_but_a_full_disk_is_an_error() -> None:
    for error, status in [(BrokenPipeError(32, "Broken pipe"), 1), (OSError(28, "No space left on device"), 2)]:
        failures = Failures()
        failures.at_least(Status.FAILED)
        with failures.caught():
            raise output.OutputLostError(error)
        assert failures.status == status


def test_failures_are_said_once_and_in_the_order_of_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    failures = Failures()
    for file in ("b", "a"):
        with failures.caught(Position(file)):
            pass
    with failures.caught(Position("a"), "x"):
        raise ScheduleError([Problem(Position("a"), "late")])
    with failures.caught(Position("b"), "y"):
        raise ScheduleError([Problem(Position("b"), "early")])
    with failures.caught(Position("b"), "z"):
        raise ScheduleError([Problem(Position("b"), "early")])
    failures.say()
    assert capsys.readouterr().err == "b: error: early\na: error: late\n"
