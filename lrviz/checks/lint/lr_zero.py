"""Steps with a learning rate of 0, which train nothing.

A warmup by `t / T` begins at 0. Stepped once a step, it wastes one batch; many published recipes do so, and it is only
a note, like any stretch of at most a thousandth of the run, and nothing where another program's own formula begins so.
Stepped once an epoch, it wastes an epoch. A decay to 0 that ends early trains nothing for the rest of the run. A
learning rate of 0 after the last *call* is as it should be. Param groups that are frozen with lr 0 are not reported.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: PolynomialLR, total_iters: 30}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: PolynomialLR, total_iters: 25}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.stretches import others, runs, where_at, zero
from lrviz.checks.lint.helpers.subject import OWN_LENGTH, Placed, Subject
from lrviz.errors import Position, Severity
from lrviz.words import counted_ticks, moment

MAX_NOTED_LOSS: Final = 1e-3
"""Lost steps are only a note if they are at most this fraction of the run."""

DECAYS: Final = ("CosineAnnealingLR", "LinearLR", "PolynomialLR")
"""Schedulers that end at 0, or at a floor, when their own length is over."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    frozen = [group for group, lr in enumerate(subject.base_lrs()) if lr == 0]
    all_frozen = len(frozen) == len(curve.groups)
    masks = {group: zero(subject, group) for group in range(len(curve.groups)) if all_frozen or group not in frozen}
    trained = [group for group, mask in masks.items() if not mask.all()]
    if not trained:
        yield Oddity(
            subject.schedule.optimizer.where if all_frozen else where_at(subject, 0),
            "the learning rate is 0 from the first step to the last",
            "give the optimizer an lr above 0" if all_frozen else "a factor of 1 leaves the optimizer's lr as it is",
        )
        return
    everywhere = masks[trained[0]].copy()
    for group in trained[1:]:
        everywhere &= masks[group]
    yield from _nothing_trains(subject, everywhere, trained[0])
    alone = [group for group in trained if int((masks[group] & ~everywhere).sum()) > 1]
    if alone:
        own = masks[alone[0]] & ~everywhere
        tick = int(own.argmax())
        yield Oddity(
            where_at(subject, tick, alone[0]),
            f"{subject.lr_is(tick, alone[0])}, as it is at {int(own.sum()):,} of {counted_ticks(curve.run)} at which "
            f"other groups train{others(len(alone) - 1)}",
            "to freeze a group, give it lr: 0 in the optimizer",
            "note",
        )


def _nothing_trains(subject: Subject, mask: NDArray[np.bool_], group: int) -> Iterator[Oddity]:
    """The stretches in which no group trains: at the start, at the end, and the longest of several calls between."""
    curve = subject.curve
    assert curve is not None
    begins, ends = runs(mask)
    if not len(begins):
        return
    lengths = ends - begins
    wanted = {index for index in (0, len(begins) - 1) if begins[index] == 0 or ends[index] == len(curve)}
    inner = (begins > 0) & (ends < len(curve)) & (lengths > 1)
    if inner.any():
        wanted.add(int((lengths * inner).argmax()))
    for index in sorted(wanted):
        begin, count = int(begins[index]), int(lengths[index])
        if _is_swinging(subject, begin, count):
            continue
        severity: Severity = (
            "warning" if curve.run.interval == "epoch" or count > max(1, MAX_NOTED_LOSS * len(curve)) else "note"
        )
        if 2 * count >= len(curve):
            severity = "error"
        if severity == "note" and _is_of_its_program(subject, begin):
            continue
        where = f"at {moment(curve.run, begin)}: 1 of {len(curve):,} {curve.run.interval}s trains nothing"
        if count > 1:
            where = f"from {moment(curve.run, begin)} to {moment(curve.run, begin + count - 1)}: "
            where += f"{count:,} of {len(curve):,} {curve.run.interval}s train nothing"
        yield Oddity(
            _where(subject, begin, group),
            f"the learning rate is 0 {where}",
            _instead(subject, begin, begin + count == len(curve)),
            severity,
        )


def _is_of_its_program(subject: Subject, begin: int) -> bool:
    """True for the first step of a formula of another program, which no key of its config changes."""
    placed = subject.active_at(begin)
    return begin == 0 and subject.schedule.imported is not None and placed is not None and placed.type == "LambdaLR"


def _is_swinging(subject: Subject, tick: int, count: int) -> bool:
    """True if a cosine only passes through its floor there and climbs again, which has its own rule."""
    placed = subject.active_at(tick)
    if placed is None or placed.type != "CosineAnnealingLR" or placed.length is None:
        return False
    return placed.length < placed.calls - 1 and count <= placed.every


def _ends_early(placed: Placed) -> bool:
    """True if it reaches 0 because its own length is over before it stops being active."""
    return placed.type in DECAYS and placed.length is not None and placed.length < placed.calls


def _where(subject: Subject, begin: int, group: int) -> Position:
    placed = subject.active_at(begin)
    if placed is not None and _ends_early(placed):
        return placed.scheduler.where_of(OWN_LENGTH[placed.type])
    return where_at(subject, begin, group)


def _instead(subject: Subject, begin: int, at_end: bool) -> str:
    placed = subject.active_at(begin)
    if placed is None:
        return "let the phase before it end above 0"
    if _ends_early(placed):
        return f"{OWN_LENGTH[placed.type]}: {placed.calls}"
    if _is_of_its_program(subject, begin):
        return "its program begins there, and no key of the config changes that"
    if placed.type == "LambdaLR" and begin == 0:
        return "start the factor above 0: (t + 1) / T instead of t / T"
    name = {"ConstantLR": "factor", "CyclicLR": "base_lr", "SWALR": "swa_lr"}.get(placed.type)
    if name is not None or placed.argument("gamma") == 0:
        return f"a {name or 'gamma'} above 0"
    return "let it end where the run does, or at a floor above 0" if at_end else "a floor above 0"
