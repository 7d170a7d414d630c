"""A cosine in a ChainedScheduler whose eta_min or T_max keeps it from acting as a factor.

In a ChainedScheduler, a CosineAnnealingLR multiplies the learning rate by a factor at every call, as the other
schedulers do, but only the part of it above `eta_min`: a warmup below it is lifted, a drop below it drifts up again,
and whatever the others did early stays in the learning rate to the end. A curve that deviates from the product of its
schedulers by more than 5 % is reported: as a warning beside a warmup, as a note beside a decay, where a floor may be
intended. The call after `T_max` raises the learning rate again by a fraction of the base itself, whatever the others
have done.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: ChainedScheduler
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: CosineAnnealingLR, T_max: 30}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: ChainedScheduler
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 15}
        - {type: CosineAnnealingLR, T_max: 30, eta_min: 0.02}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from lrviz.checks.lint.helpers.closed_form import ABSOLUTE, factors, floor
from lrviz.checks.lint.helpers.listing import shortened
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, rate

APART: Final = 0.05
"""The fraction of the product by which the curve may deviate from it."""


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.curve is None:
        return
    for chain in subject.of_type("ChainedScheduler"):
        parts = subject.children_of(chain)
        cosines = [each for each in parts if each.type == "CosineAnnealingLR"]
        late = [each for each in cosines if each.length is not None and each.length < each.calls - 1]
        for cosine in late:
            yield _past_its_end(subject, cosine, (each for each in parts if each is not cosine))
        floored = [each for each in cosines if floor(each)]
        if not late and not chain.parents and len(floored) == 1:
            yield from _off_the_product(subject, chain, floored[0], [each for each in parts if each is not floored[0]])


def _past_its_end(subject: Subject, cosine: Placed, others: Iterable[Placed]) -> Oddity:
    curve, length = subject.curve, cosine.length
    assert curve is not None
    assert length is not None
    end, top = cosine.tick_of(length), cosine.tick_of(min(2 * length, cosine.calls - 1))
    names = shortened(each.type for each in others)
    whatever = f", regardless of {' and '.join(names)}" if names else ""
    return Oddity(
        cosine.scheduler.where_of("T_max"),
        f"CosineAnnealingLR: after T_max = {length:,} calls it raises the learning rate again by fractions of the "
        f"base{whatever}: from {rate(curve.lr_at(0, end))}{subject.whose(0)} at {moment(curve.run, end)} to "
        f"{rate(curve.lr_at(0, top))} at {moment(curve.run, top)}",
        f"T_max: {cosine.calls}",
        "warning",
        schedulers=(cosine.scheduler,),
        argument="T_max",
    )


def _off_the_product(subject: Subject, chain: Placed, cosine: Placed, others: list[Placed]) -> Iterator[Oddity]:
    curve = subject.curve
    assert curve is not None
    calls = np.arange(chain.calls)
    shape, rest = factors(cosine, calls), np.ones(len(calls))
    if not others or shape is None:
        return
    for each in others:
        known = None if each.scheduler.own or each.type in ABSOLUTE else factors(each, calls)
        if known is None:
            return
        rest *= known
    ticks = np.maximum((chain.start + calls) * chain.every, chain.tick_of(0))
    for group, base in enumerate(subject.base_of(chain)):
        product = (floor(cosine) + (base - floor(cosine)) * shape) * rest
        apart = np.abs(subject.rates(group)[ticks] - product)
        worst = int((apart / np.maximum(product, np.finfo(float).tiny)).argmax())
        if apart[worst] > APART * product[worst]:
            tick = int(ticks[worst])
            yield Oddity(
                cosine.scheduler.where_of("eta_min"),
                f"CosineAnnealingLR: with eta_min = {floor(cosine):g}, a ChainedScheduler does not multiply it with "
                f"{' and '.join(each.type for each in others)}: the learning rate{subject.whose(group)} is "
                f"{rate(curve.lr_at(group, tick))} at {moment(curve.run, tick)}, where the product would be "
                f"{rate(float(product[worst]))}",
                "eta_min: 0 makes it a factor; for a cosine to a floor, use phases or a SequentialLR after the warmup",
                "warning" if any(each.is_warmup for each in others) else "note",
                schedulers=(cosine.scheduler,),
                argument="eta_min",
            )
            return
