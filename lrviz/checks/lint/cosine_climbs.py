"""A CosineAnnealingLR that climbs again after T_max.

torch's cosine is half a period, without restarts: at call `T_max` the learning rate is `eta_min`, and every call after
that raises it again, until it is back at its initial value at call `2 * T_max`. A climb of less than a thousandth of
the peak is only a note. People who wanted a cosine that stays at its floor find out late (pytorch #20086); one that is
meant to swing says so with `ignore: [cosine-climbs]`.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR, T_max: 30}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR, T_max: 20}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment

SLIGHT: Final = 1e-3
"""A climb of less than this fraction of the peak is only a note."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for placed in subject.of_type("CosineAnnealingLR"):
        length = placed.length
        if length is None or length >= placed.calls - 1:  # the call after the last step may climb: nothing uses it
            continue
        if subject.is_still(placed):
            continue
        floor, top = placed.tick_of(length), placed.tick_of(min(2 * length, placed.calls - 1))
        yield Oddity(
            placed.scheduler.where_of("T_max"),
            f"CosineAnnealingLR: {subject.lr_is(floor)}, after T_max = {length:,} calls, and then turns back: it is "
            f"{subject.rate_at(top)} at {moment(curve.run, top)}",
            _instead(placed, length),
            "note" if _is_slight(subject, floor, top) else "error",
            schedulers=(placed.scheduler,),
            argument="T_max",
        )


def _is_slight(subject: Subject, floor: int, top: int) -> bool:
    rates = subject.rates(subject.example)
    return bool(rates[top] - rates[floor] < SLIGHT * rates.max())


def _instead(placed: Placed, length: int) -> str:
    fit = f"T_max: {placed.calls}"
    if placed.phase is not None and not placed.parents:
        return f"leave T_max out: it defaults to {placed.calls:,}, the length of the phase"
    if placed.parents:
        return fit
    floor = f", eta_min: {placed.argument('eta_min'):.6g}" if placed.argument("eta_min") else ""
    phases = f"[{{type: CosineAnnealingLR{floor}, for: {length}}}, {{type: none}}]"
    return f"{fit}; or, to stay at the floor, use phases: `scheduler: {phases}`"
