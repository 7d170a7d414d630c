"""The fuzzer finds faults that are planted, and what it writes reproduces them; the kill script sees what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fuzz import command, guard, kill, kinds
from fuzz.__main__ import main
from fuzz.case import Case, Fault
from fuzz.run import Plan, drawn, keep
from lrviz.duration import parse_duration
from lrviz.engine import phased
from lrviz.errors import Position, ScheduleError

PLAN = Plan(7, 0, tuple(kinds.ALL), Path())


def first_fault(kind: str) -> tuple[Case, guard.Found]:
    """The first of a hundred inputs of a kind that has a fault."""
    for case in (drawn(PLAN, kind, number) for number in range(100)):
        found = guard.attempt(case)
        if found is not None:
            return case, found
    raise AssertionError("the fuzzer finds nothing")


def fails_on_percents(text: str) -> Any:
    return 1 // 0 if "%" in text else parse_duration(text)


def test_a_planted_exception_is_found_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fuzz.kinds.lengths.parse_duration", fails_on_percents)
    case, found = first_fault("lengths")
    assert found.key == "ZeroDivisionError"
    file = keep(PLAN._replace(found=tmp_path), case, found)
    assert main(["--replay", str(file)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    monkeypatch.undo()
    assert main(["--replay", str(file)]) == 0


def test_a_planted_difference_from_torch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phased._Phased, "_base_of", lambda self, start: list(self.base_lrs))
    _, found = first_fault("phases")
    assert found.key == "phases differ from torch"


@pytest.mark.parametrize(
    ("where", "message", "fault"),
    [
        (("a.yaml", 9, 1), "lr is wrong", "a problem outside of its file"),
        (("a.yaml", 1, 7), "lr is wrong", "a problem outside of its file"),
        (("a.yaml", 1, 1), "lr is a NoneType", "a message shows Python: NoneType"),
        (("a.yaml", 1, 1), "", "a message without words"),
        (("", 1, 1), "lr is wrong", "a problem without a file"),
        (("a.yaml", 1, 6), "lr is wrong", ""),
    ],
)
def test_what_a_config_must_not_be_told_is_a_fault(
    where: tuple[str, int, int], message: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: Any, **__: Any) -> Any:
        raise ScheduleError.at(Position(*where), message)

    monkeypatch.setattr("fuzz.kinds.configs.load_file", load)
    data = {"files": {"a.yaml": "lr: 1\n"}, "entry": "a.yaml", "facts": {}, "overrides": [], "from": ""}
    found = guard.attempt(Case("configs", {**data, "length": [], "installed": True}))
    assert (found.key if found is not None else "").startswith(fault)
    assert (found is None) == (not fault)


def test_an_input_that_takes_too_long_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def for_ever(data: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(guard, "SECONDS", 0.05)
    monkeypatch.setattr(kinds.ALL["lengths"], "run", for_ever)
    found = guard.attempt(Case("lengths", {}))
    assert found is not None
    assert found.key == "takes too long"
    assert "for_ever" in found.text


@pytest.mark.parametrize(
    ("out", "err", "status", "fault"),
    [
        (b"a\x1b[31mb\n", b"", 0, "table writes a raw character to standard output"),
        (b"", "name \u202e\n".encode(), 2, "table writes a raw character to standard error"),
        (b"", b"one\n  ::stop-commands::x\n", 1, "table writes what GitHub's runner takes for a command"),
        (b"", b"lrviz: internal error: KeyError\n", 2, "prints 'lrviz: internal error'"),
        (b"", b"oh\n", 3, "status 3: oh"),
    ],
)
def test_what_must_not_be_printed_is_a_fault(out: bytes, err: bytes, status: int, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        command.judge(["table"], command.Outcome(status, out, err, []))
    assert str(caught.value).startswith(fault)


def test_a_fault_keeps_only_the_lines_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(data: Any) -> None:
        if "c" in data["text"]:
            raise Fault("a c")

    monkeypatch.setattr(kinds.ALL["lengths"], "run", run)
    case = Case("lengths", {"text": "a\nb\nc\nd\ne\n"})
    assert guard.shrink(case, "a c").data == {"text": "c\n"}


def test_the_same_seed_draws_the_same_inputs() -> None:
    for kind in kinds.ALL:
        assert drawn(PLAN, kind, 5) == drawn(PLAN, kind, 5)
        assert drawn(PLAN, kind, 5) != drawn(PLAN, kind, 6)


WHOLE = kill.Whole({"x.svg": b"old", "notes.txt": b"-"}, {"x.svg": b"new", "notes.txt": b"-"}, 0, 1.0)
LEFT = ".lrviz-0123456789abcdef.tmp"


@pytest.mark.parametrize(
    ("name", "status", "files", "err", "wrong"),
    [
        ("SIGKILL", -9, {"x.svg": b"old", LEFT: b"n"}, "", ""),
        ("SIGINT", 130, {"x.svg": b"new"}, "", ""),
        ("SIGTERM", 0, {"x.svg": b"new"}, "", ""),
        ("SIGINT", -2, {"x.svg": b"old"}, "Traceback of site.py", ""),
        ("SIGKILL", -9, {"x.svg": b"ne"}, "", "x.svg is neither the old nor the new one"),
        ("SIGKILL", -9, {}, "", "x.svg is neither"),
        ("SIGKILL", -9, {"x.svg": b"old", "notes.txt": b"?"}, "", "notes.txt is neither"),
        ("SIGINT", 130, {"x.svg": b"old", LEFT: b"n"}, "", f"{LEFT} is left behind"),
        ("SIGTERM", 0, {"x.svg": b"new"}, "Traceback in lrviz", "a traceback"),
        ("SIGINT", 1, {"x.svg": b"new"}, "", "status 1"),
    ],
)
def test_what_a_signal_leaves_is_judged(name: str, status: int, files: dict[str, bytes], err: str, wrong: str) -> None:
    ended = kill.Ended(status, err, {"notes.txt": b"-", **files}, late=False, orphans=False)
    found = kill.judged(name, WHOLE, ended)
    assert len(found) == bool(wrong)
    assert "".join(found).startswith(wrong)
