"""A warmup that is over as soon as it has begun.

A warmup of 5 calls in a run of 50,000 steps warms nothing up: 5 is the usual number of *epochs*, and the scheduler is
called once a step. A plain number of at most 50 calls that are at most a thousandth of the run is reported. A length
with a unit (`5 steps`) says that it is intended.

PASS:

    epochs: 90
    steps_per_epoch: 5005
    interval: step
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: LinearLR, start_factor: 0.01, total_iters: 5 epochs}

FAIL:

    steps: 50000
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: LinearLR, start_factor: 0.01, total_iters: 5}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.errors import Position
from lrviz.words import several

LONGEST: Final = 50
"""A warmup of more calls than this is never reported: it may be short on purpose."""

MAX_PART: Final = 1_000
"""The warmup is at most one in this many calls of the run."""


def check(subject: Subject) -> Iterator[Oddity]:
    run = subject.schedule.run
    for placed in subject.placed:
        if placed.unit != "step" or not placed.is_warmup or placed.scheduler.own:
            continue
        found = _length(subject, placed)
        if found is None:
            continue
        name, length, where = found
        if length > LONGEST or length * MAX_PART > run.calls:
            continue
        outcome = ""
        if subject.curve is not None and placed.calls:
            outcome = f": {subject.lr_is(min(placed.tick_of(length), len(subject.curve)))}"
        looks = "looks like epochs, but the scheduler is called once a step"
        if not _could_be_epochs(subject, length):
            looks = f"is over after {several(length, 'call')} of {run.calls:,}, which is hardly a warmup"
        yield Oddity(
            where,
            f"{placed.type}: {name} = {length} {looks}{outcome}",
            _instead(subject, placed, name, length),
            "warning",
            schedulers=(placed.scheduler,),
            argument="total_iters",
        )


def _length(subject: Subject, placed: Placed) -> tuple[str, int, Position] | None:
    """The name, number and place of a warmup's length without a unit, its own or its phase's; None if it has none."""
    length = placed.bare("total_iters")
    if length is not None:
        return "total_iters", length[0], placed.scheduler.where_of("total_iters")
    if placed.phase is None or placed.parents or "total_iters" not in placed.scheduler.filled:
        return None
    written = subject.schedule.written
    phases = written.get("scheduler") if written is not None else None
    node = phases.value[placed.index].get("for") if phases is not None and phases.is_list else None
    if node is None or not isinstance(node.value, int):
        return None
    return "for", node.value, node.where


def _could_be_epochs(subject: Subject, length: int) -> bool:
    """True if a warmup of as many epochs fits the run, as far as its epochs are known."""
    epochs = subject.schedule.run.total_epochs
    return epochs is None or length * 3 <= epochs


def _instead(subject: Subject, placed: Placed, name: str, length: int) -> str:
    intended = f"or {several(length, 'step')}, if that is intended"
    if not _could_be_epochs(subject, length):
        return f"{name}: {max(1, subject.schedule.run.calls // 100)}, such as a hundredth of the run; {intended}"
    known = "" if subject.schedule.run.steps_per_epoch else ", once the run has `steps_per_epoch` or `data`"
    return f"{name}: {several(length, 'epoch')}{known}{_around(placed, length)}; {intended}"


def _around(placed: Placed, length: int) -> str:
    """The place where a warmup ends, which must change with its length if it is the same number of calls."""
    if placed.calls != length:
        return ""
    if placed.within("SequentialLR"):
        return ", and its milestone with it"
    return ", and `for` with it" if placed.phase is not None and placed.given("total_iters") else ""
