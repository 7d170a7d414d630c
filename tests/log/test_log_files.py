"""Whole files: `positive/` is read as what its `.txt` says, `negative/` refused in the words of its `.txt`.

Adding a case is adding a file; `pytest --renew` writes its `.txt`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.errors import ScheduleError
from lrviz.log import Log, read_log

HERE = Path(__file__).parent


def cases(folder: str) -> list[Path]:
    return sorted(each for each in (HERE / folder).iterdir() if each.suffix != ".txt")


def text_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.txt")


def understood(log: Log) -> Iterator[str]:
    yield f"{log.column}: {', '.join(map(repr, log.lr))}"
    if any(log.half):
        yield f"  give or take {', '.join(f'{half:.2g}' for half in log.half)}"
    if any(log.lines):
        yield f"  lines {', '.join(map(str, log.lines))}"
    for clock in log.clocks:
        half = f", give or take {clock.half:.2g}" if clock.half else ""
        yield f"  {clock.unit} by {clock.column!r}: {', '.join(map(repr, clock.at))}{half}"
    if log.unended is not None:
        yield f"  ends without a line end, in {log.unended!r}"
    yield from map(str, log.notes)


@pytest.mark.parametrize("file", cases("positive"), ids=lambda file: file.name)
def test_a_file_is_understood(file: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    monkeypatch.chdir(file.parent)
    golden.same_text(text_of(file), "".join(f"{line}\n" for line in understood(read_log(file.name))))


@pytest.mark.parametrize("file", cases("negative"), ids=lambda file: file.name)
def test_a_file_is_refused_with_all_that_is_wrong_in_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(ScheduleError) as caught:
        read_log(file.name)
    golden.same_text(text_of(file), f"{caught.value}\n")


@pytest.mark.parametrize("folder", ["positive", "negative"])
def test_every_text_has_its_file(folder: str, golden: Golden) -> None:
    assert cases(folder)
    golden.no_orphans(HERE / folder, map(text_of, cases(folder)), "*.txt")
