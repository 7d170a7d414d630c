"""A log at every moment of its growth: no false alarm, and in the end what a finished log says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from test_log_text_samples import DEVIATE, cases

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.log.case import LogCase
from lrviz.log.follow import group_of
from lrviz.log.growing import content as growing
from lrviz.log.growing.content import Content
from lrviz.log.growing.verdict import deviates, is_complete
from lrviz.log.log import Log
from lrviz.log.logged import LoggedRun
from lrviz.log.read import read_log
from lrviz.log.text import Wanted
from lrviz.schedule.model import Schedule

EACH = 25
"""So many lines come one by one, the rest in so many pieces."""

TABLES = sorted(each for each in (Path(__file__).parent / "positive").iterdir() if each.suffix != ".txt")


def pieces(data: bytes) -> Iterator[bytes]:
    lines = data.splitlines(keepends=True)
    yield from lines[:EACH]
    rest = b"".join(lines[EACH:])
    size = max(len(rest) // EACH, 1)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


def plan_of(file: Path) -> tuple[Schedule, Curve]:
    (schedule,) = load_file(file.with_suffix(".yaml"))
    return schedule, simulate(schedule)


def content_of(file: Path, curve: Curve) -> Content:
    return Content(file.name, Wanted(file.name, group=curve.groups[0], groups=tuple(curve.groups)))


def contents(log: Log) -> tuple[object, ...]:
    clocks = [(clock.unit, clock.column, clock.at.tobytes(), clock.half, clock.first) for clock in log.clocks]
    others = {name: contents(each) for name, each in log.others.items()}
    return log.column, log.lr, log.half, log.coarse, log.lines, clocks, log.notes, log.unended, log.program, others


@pytest.mark.parametrize("head", [600, 1 << 18], ids=["added", "read again"])
@pytest.mark.parametrize("file", cases("positive"), ids=lambda file: file.stem)
def test_no_false_alarm(file: Path, head: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first alarm comes with the first record that deviates, or never; the run is over with its last record."""
    monkeypatch.chdir(file.parent)
    monkeypatch.setattr(growing, "HEAD", head)
    schedule, curve = plan_of(file)
    run = LoggedRun(file.name)
    content = content_of(file, curve)
    alarms, ends = [], []
    for piece in pieces(file.read_bytes()):
        content.feed(piece)
        try:
            log = content.log()
        except ScheduleError:
            continue  # there are no records yet
        for group, each in run.by_group(log, curve).items():
            case = LogCase.of(schedule, curve, each, group_of(schedule, curve, group))
            if deviates(case, redrawn=content.may_be_redrawn, from_1=content.may_count_from_1):
                alarms.append(case)
            if is_complete(case):
                ends.append(len(case))
    assert bool(alarms) == (file.stem in DEVIATE)
    if alarms:
        assert int(alarms[0].deviates.argmax()) >= len(alarms[0]) - 1
    whole = read_log(file.name, group=curve.groups[0], groups=curve.groups)
    assert not ends or ends[0] >= len(whole.lr) - 1
    assert contents(content.log(ended=True)) == contents(whole)


@pytest.mark.parametrize("head", [60, 1 << 18], ids=["added", "read again"])
@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.name)
def test_a_table_that_grew_is_read_as_a_whole_one(file: Path, head: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    monkeypatch.setattr(growing, "HEAD", head)
    content = Content(file.name, Wanted(file.name))
    for piece in pieces(file.read_bytes()):
        content.feed(piece)
        with suppress(ScheduleError):
            content.log()
    assert contents(content.log(ended=True)) == contents(read_log(file.name))


def test_a_resumed_log_may_count_from_1() -> None:
    """Only its last line, `Epoch 5/5`, says so; from 0, every record would be one epoch late."""
    plan = "epochs: 5\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.5}\n"
    (schedule,) = load_text(plan, "plan.yaml")
    curve, content = simulate(schedule), Content("a.log", Wanted("a.log"))
    for epoch in range(3, 6):
        content.feed(f"Epoch {epoch}/5 lr {0.1 * 0.5 ** (epoch - 1)}\n".encode())
        case = LogCase.of(schedule, curve, content.log(), 0)
        assert case.deviates.all() == (epoch < 5)
        assert not deviates(case, from_1=content.may_count_from_1)
    content.feed(b"Epoch 4/5 lr 0.1\n")
    case = LogCase.of(schedule, curve, content.log(), 0)
    assert deviates(case, from_1=content.may_count_from_1)
