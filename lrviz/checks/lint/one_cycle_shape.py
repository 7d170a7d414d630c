"""A OneCycleLR whose proportions skip its peak or its end.

The rise is `pct_start * total_steps - 1` calls long. If that is 0, torch divides by zero; if it is not a whole number
and the cycle is short, no call is at the peak; if it is negative, there is no rise. With `three_phase` the first fall
is as long as the rise, so a `pct_start` above 0.5 leaves nothing for the last fall. `div_factor` and `final_div_factor`
divide: below 1 they put the ends above the peak, or the last above the first.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1, pct_start: 0.4, three_phase: true}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1, pct_start: 0.6, three_phase: true}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.alike import peak_tick
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import last_call, takes_over
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, rate, several

NEAR: Final = 0.01
"""The fraction of max_lr by which the highest learning rate may miss it without a finding."""

MAX_NOTED_MISS: Final = 0.05
"""A miss by more than this fraction is a warning, not a note."""


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("OneCycleLR"):
        if placed.calls:
            found = _of_lengths(subject, placed) or _of_ends(subject, placed) or _of_peak(subject, placed)
            if found is not None:
                yield found._replace(schedulers=(placed.scheduler,))


def _of_lengths(subject: Subject, placed: Placed) -> Oddity | None:
    """Lengths that make torch divide by zero, or that the cycle has no room for."""
    total, part = placed.length or 1, placed.argument("pct_start")
    rise = part * total
    where, share = placed.scheduler.where_of("pct_start"), f"pct_start = {part:g} of {several(total, 'call')}"
    if rise == 1:
        return Oddity(
            where,
            f"OneCycleLR: {share} is 1, so the rise is 0 calls long, and torch divides by zero",
            f"pct_start: 2 / {total}" if total > 2 else f"a cycle longer than {total}",
        )
    if placed.argument("three_phase") and 2 * rise - 2 >= total - 1:
        return Oddity(
            where,
            f"OneCycleLR: with three_phase the first fall is as long as the rise, and {share} leaves no calls for the "
            f"last fall{_at_end(subject, placed, total)}",
            "pct_start: 0.3, or any value up to 0.5",
        )
    if rise == total and last_call(subject, placed) >= total:
        return Oddity(
            where,
            f"OneCycleLR: pct_start: {part} leaves no calls for the fall, and torch divides by zero at call "
            f"{takes_over(subject, placed) + total:,}",
            "pct_start: 0.3; for a rise alone, use a phase, which stops in time",
        )
    if 0 < rise < 1:
        return Oddity(
            where,
            f"OneCycleLR: {share} is less than one, so there is no rise: it begins past its peak",
            f"pct_start: 2 / {total} rises for one call" if total > 2 else f"a cycle longer than {total}",
            "warning",
        )
    return None


def _at_end(subject: Subject, placed: Placed, total: int) -> str:
    if subject.curve is None or placed.calls < total:
        return ""
    tick = placed.tick_of(total - 1)
    top = subject.by_group(placed.argument("max_lr"))[0]
    aim = top / placed.argument("div_factor") / placed.argument("final_div_factor")
    is_now = rate(subject.curve.lr_at(0, tick))
    return f": at {moment(subject.curve.run, tick)} the learning rate is {is_now}, not {rate(aim)}"


def _of_ends(subject: Subject, placed: Placed) -> Oddity | None:
    """Ends that lie above the peak."""
    top = subject.by_group(placed.argument("max_lr"))[0]
    first, last = placed.argument("div_factor"), placed.argument("final_div_factor")
    start, end = top / first, top / first / last
    if start > top:
        return Oddity(
            placed.scheduler.where_of("div_factor"),
            f"OneCycleLR: div_factor: {first:g} divides max_lr, so it begins at {rate(start)} and falls to max_lr "
            f"= {rate(top)}",
            f"div_factor: {1 / first:g}",
        )
    if end > top:
        return Oddity(
            placed.scheduler.where_of("final_div_factor"),
            f"OneCycleLR: final_div_factor: {last:g} divides the first learning rate of {rate(start)}, so it climbs to "
            f"{rate(end)} at its end, above max_lr = {rate(top)}",
            f"final_div_factor: {1 / last:g}",
        )
    if end > start:
        return Oddity(
            placed.scheduler.where_of("final_div_factor"),
            f"OneCycleLR: final_div_factor: {last:g} divides the first learning rate, so it ends at {rate(end)}, above "
            f"the {rate(start)} it begins at",
            f"final_div_factor: {1 / last:g} ends below it",
            "note",
        )
    return None


def _of_peak(subject: Subject, placed: Placed) -> Oddity | None:
    """A peak that falls between two calls."""
    total, curve = placed.length or 1, subject.curve
    rise = placed.argument("pct_start") * total
    if curve is None or placed.parents or rise == 0 or placed.calls <= rise:
        return None
    first = placed.tick_of(0)
    for group, top in enumerate(subject.by_group(placed.argument("max_lr"))):
        rates = subject.rates(group)[first : first + placed.ticks]
        if rates.max() < top * (1 - NEAR):
            far = rates.max() < top * (1 - MAX_NOTED_MISS)
            tick = first + peak_tick(rates)
            return Oddity(
                placed.scheduler.where_of("pct_start"),
                f"OneCycleLR: the peak falls between two calls, after {rise - 1:g} calls: the highest learning "
                f"rate{subject.whose(group)} is {rate(float(rates.max()))} at "
                f"{moment(curve.run, tick)}, not {rate(top)}",
                f"pct_start: {max(2, round(rise))} / {total}",
                "warning" if far else "note",
            )
    return None
