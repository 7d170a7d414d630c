"""A jump of the learning rate at a milestone of a SequentialLR.

In torch's SequentialLR every scheduler starts from the base learning rate when its turn comes, wherever the one before
it ended (pytorch #67586). So a decay after a decay starts with a jump up, and so does any scheduler after a warmup that
ends at half the base. The handover is smooth only if the learning rate would have been at about that value anyway
(within 5 %), as after a warmup up to the base. Phases continue from where the last one ended.

Two cosines in a row, the first of which is over, are most likely warm restarts, and only a note.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: ExponentialLR, gamma: 0.9}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [3]
      schedulers:
        - {type: ExponentialLR, gamma: 0.5}
        - {type: ExponentialLR, gamma: 0.9}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from lrviz.checks.lint.helpers.as_phases import as_phases
from lrviz.checks.lint.helpers.closed_form import ABSOLUTE, compiled, factors, floor, lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import own_base
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, rate

SMOOTH: Final = 0.05
"""The fraction of the learning rate by which it may miss the value it was going to."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for sequence in subject.of_type("SequentialLR"):
        children = subject.children_of(sequence)
        rewritten = any(own_base(subject, child) for child in children)  # then nothing starts from the base
        if sequence.parents or rewritten:
            continue
        for before, after in pairwise(children):
            group = next((group for group in range(len(curve.groups)) if _jumps(subject, before, after, group)), None)
            if group is not None:
                found = _problem(subject, sequence, before, after, group)
                yield found._replace(schedulers=(sequence.scheduler,), argument="milestones")


def _jumps(subject: Subject, before: Placed, after: Placed, group: int) -> bool:
    """True if a group's learning rate leaves the range between where it was and where it was going."""
    assert subject.curve is not None
    if before.is_warmup and before.length is not None and before.length > before.calls:
        return False  # a warmup that its milestone cuts off has its own rule
    if after.type in ("MultiplicativeLR", "SWALR"):
        return False  # these continue from the current learning rate
    if after.scheduler.own:
        return False  # its first value is unknown
    value, last = (subject.curve.lr_at(group, after.tick_of(0) - back) for back in (0, 1))
    known = _next(subject, before, group)
    expected = [last, *(_guesses(subject, before, group) if known is None else [known])]
    nearest = min(max(value, min(expected)), max(expected))
    return abs(value - nearest) > SMOOTH * max(abs(value), abs(nearest))


def _next(subject: Subject, before: Placed, group: int) -> float | None:
    """Where a group's learning rate was going: its value after one more call of `before`; None if unknown."""
    assert subject.curve is not None
    now, then = 1.0, 1.0
    for part in _factors_in(subject, before):
        each = _two_factors(part, group)
        if each is None or (part is not before and (floor(part) or part.type in ABSOLUTE)):
            return None  # no product
        now, then = now * each[0], then * each[1]
    last = subject.curve.lr_at(group, before.tick_of(before.calls - 1))
    return floor(before) + (last - floor(before)) * then / now if now else None


def _factors_in(subject: Subject, placed: Placed) -> list[Placed]:
    """The schedulers whose product a scheduler is: itself, or the children of a chain."""
    if placed.type != "ChainedScheduler":
        return [placed]
    return [each for part in subject.children_of(placed) for each in _factors_in(subject, part)]


def _two_factors(placed: Placed, group: int) -> tuple[float, float] | None:
    """The factors on the base after the last call of a scheduler, and after one more; None if unknown."""
    if placed.type == "LambdaLR":
        value = lambdas(placed)
        function = compiled(value[group % len(value)])
        now, then = function(placed.calls - 1), function(placed.calls)
        return (now, then) if now is not None and then is not None else None
    known = factors(placed, np.array([placed.calls - 1, placed.calls])) if not placed.scheduler.own else None
    return (float(known[0]), float(known[1])) if known is not None else None


def _guesses(subject: Subject, before: Placed, group: int) -> list[float]:
    """The values that the last two extrapolate to, along a line and along an exponential."""
    assert subject.curve is not None
    if before.calls < 2:
        return []
    first, last = (subject.curve.lr_at(group, before.tick_of(before.calls - back)) for back in (2, 1))
    return [2 * last - first, *([last * last / first] if first else [])]


def _problem(subject: Subject, sequence: Placed, before: Placed, after: Placed, group: int) -> Oddity:
    curve = subject.curve
    assert curve is not None
    tick = after.tick_of(0)
    last, value = curve.lr_at(group, tick - 1), curve.lr_at(group, tick)
    brings, known = after.type == "CyclicLR", _next(subject, before, group)
    starts = "at its base_lr" if brings else "from the base"
    went = (
        f"was going from {rate(last)} to {rate(known, last)}" if known not in (None, last) else f"was at {rate(last)}"
    )
    message = (
        f"SequentialLR: the learning rate{subject.whose(group)} jumps to {rate(value, last)} at "
        f"{moment(curve.run, tick)}, "
        f"where {after.type} starts {starts}; the {before.type} before it {went}"
    )
    where = sequence.scheduler.where_of("milestones", after.index - 1)
    if before.type == after.type == "CosineAnnealingLR" and before.length == before.calls:
        times, rest = divmod(after.length or 0, before.calls)
        hint = "accept an intended restart with `ignore: [sequential-jump]`"
        if times and not rest:
            more = f", T_mult: {times}" if times > 1 else ""
            hint = f"warm restarts are one scheduler: {{type: CosineAnnealingWarmRestarts, T_0: {before.calls}{more}}}"
        return Oddity(where, message, hint, "note")
    hint = f"phases continue from where the last one ended: {as_phases(subject, sequence)}"
    if brings:
        factor = f" (end_factor: {value / subject.base_of(before)[group]:.6g})" if before.type == "LinearLR" else ""
        hint = f"let the {before.type} end at base_lr{factor}, or start the CyclicLR where that ends"
    return Oddity(where, message, hint, "warning")
