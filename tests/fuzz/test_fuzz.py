"""The fuzzer finds faults that are planted, and what it writes reproduces them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from fuzz import command, guard, kinds
from fuzz.__main__ import main
from fuzz.case import Case, Fault
from fuzz.run import Board, Plan, drawn, work
from lrviz.duration import parse_duration
from lrviz.engine import phased


def faults(kind: str, folder: Path, seconds: float = 0.3) -> list[Case]:
    """What the fuzzer writes after so many seconds of a kind."""
    work(Plan(7, seconds, (kind,), folder), Board([0], [0], [0], [0, 0]), time.time() + seconds)
    return [Case.read(file) for file in sorted(folder.glob("*.json"))]


def fails_on_percents(text: str) -> Any:
    return 1 // 0 if "%" in text else parse_duration(text)


def test_a_planted_exception_is_found_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fuzz.kinds.lengths.parse_duration", fails_on_percents)
    (case,) = (case for case in faults("lengths", tmp_path) if case.fault == "ZeroDivisionError")
    assert "%" in case.data["text"]
    file = case.file_in(tmp_path)
    assert main(["--replay", str(file)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    monkeypatch.undo()
    assert main(["--replay", str(file)]) == 0


def test_a_planted_difference_from_torch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phased._Phased, "_base_of", lambda self, start: list(self.base_lrs))
    found = (guard.attempt(drawn(Plan(7, 0, ("phases",), Path()), "phases", number)) for number in range(20))
    assert next(filter(None, found)).key == "phases differ from torch"


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
    plan = Plan(3, 0, tuple(kinds.ALL), Path())
    for kind in kinds.ALL:
        assert drawn(plan, kind, 5) == drawn(plan, kind, 5)
        assert drawn(plan, kind, 5) != drawn(plan, kind, 6)
