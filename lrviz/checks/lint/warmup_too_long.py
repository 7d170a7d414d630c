"""A warmup that the run, its milestone or its phase cuts off.

A LinearLR that rises, or a ConstantLR below 1, takes `total_iters` calls to reach the base learning rate. One that is
as long as the run never trains at it. In a SequentialLR the next scheduler still starts from the base, so the learning
rate jumps there; a phase starts from the value that the one before it reached, so everything after it is too low. A
lone LinearLR over exactly the whole run may be a range test, and is only a note. Where a scheduler is called once an
epoch and the length looks like steps, the hint says so.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: CosineAnnealingLR, T_max: 25}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 10}
        - {type: CosineAnnealingLR, T_max: 25}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.model import Phases
from lrviz.words import moment

MIN_MISFIT: Final = 5
"""A warmup that is this many times as long as there is time for it is in another unit."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for placed in subject.placed:
        if not _is_cut(subject, placed):
            continue
        end = placed.tick_of(0) + placed.ticks
        outcome = f"is cut off after {placed.calls:,}: {subject.lr_is(end - 1)}"
        if end < len(curve):
            outcome += f", and {subject.rate_at(end)} at {moment(curve.run, end)}, where the next one takes over"
        elif not placed.tick_of(0):
            length = "as long as" if placed.length == placed.calls else f"longer than the {placed.calls:,} of"
            outcome = f"is {length} the run: {subject.lr_is(end - 1)}, still on its way"
        yield Oddity(
            placed.scheduler.where_of("total_iters"),
            f"{placed.type}: the warmup of total_iters = {placed.length:,} calls {outcome}",
            _instead(subject, placed, end == len(curve)),
            "note" if _may_be_range_test(subject, placed) else "warning",
            schedulers=(placed.scheduler,),
            argument="total_iters",
        )


def _is_cut(subject: Subject, placed: Placed) -> bool:
    """True if a scheduler is a warmup that is not over when it stops being active."""
    if not placed.is_warmup or placed.scheduler.own or not placed.given("total_iters") or not placed.calls:
        return False
    length = placed.length or 0
    begins_late = placed.tick_of(0) > 0
    if placed.type == "ConstantLR" and (placed.within("SequentialLR") or begins_late):
        return False  # then it means: this factor for that long
    is_last = subject.curve is None or placed.tick_of(0) + placed.ticks >= len(subject.curve)
    return length > placed.calls or (length == placed.calls and is_last and not begins_late)


def _in_steps(subject: Subject, placed: Placed) -> str:
    """What to write where the real cause is the unit: a length in steps of a scheduler that is called once an epoch."""
    run, length = subject.schedule.run, placed.length or 0
    if placed.unit != "epoch" or "total_iters" in placed.scheduler.durations or length < MIN_MISFIT * placed.calls:
        return ""
    called = "the scheduler is called once an epoch, and this looks like steps"
    if run.steps_per_epoch is None:
        return f"{called}: `interval: step`, with `steps_per_epoch` or `data`"
    if length > (run.total_steps or 0):
        return ""
    return f"{called}: total_iters: {length} steps, or `interval: step`"


def _may_be_range_test(subject: Subject, placed: Placed) -> bool:
    spec = subject.schedule.scheduler
    alone = len(spec.phases) == 1 if isinstance(spec, Phases) else not placed.parents
    return alone and placed.type == "LinearLR" and placed.length == placed.calls


def _instead(subject: Subject, placed: Placed, at_end: bool) -> str:
    unit = _in_steps(subject, placed)
    if unit:
        return unit
    if not at_end:
        return f"total_iters: {placed.calls}"
    if placed.tick_of(0):
        return f"total_iters: {placed.calls}, which ends with the run"
    short = f"a warmup is a small part of the run, such as total_iters: {max(1, placed.calls // 10)}"
    return f"right for a range test; {short}" if _may_be_range_test(subject, placed) else short
