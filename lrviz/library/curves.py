"""What the command line asks of schedules, asked of curves: `check`, `stats`, `diff`, `when`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrviz.alike import ROUNDING
from lrviz.curve import Curve
from lrviz.errors import of_argument

if TYPE_CHECKING:
    from lrviz.calculator.condition import Occurrences
    from lrviz.calculator.difference import Difference
    from lrviz.calculator.stats import Stats
    from lrviz.checked import Report


def check(curve: Curve, *, expect: Mapping[str, Any]) -> Report:
    """Compares a curve with expectations, wherever it comes from.

    `expect` is the mapping that a schedule file has under `expect`, but for `snapshot`: places are those of the
    curve's run, param groups go by their names. Raises `ScheduleError`, whose position is `expect`, for what would be
    wrong in a file too.

    >>> curve = lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
    >>> lrviz.check(curve, expect={"at": {30: 0.01}, "decreasing": True, "max": 0.1}).ok
    True
    >>> print(lrviz.check(curve, expect={"at": {30: 0.05}}))
    expect: error: the learning rate at epoch 30 is 0.01, not 0.05 [expect.at]
      hint: the curve has `30: 0.010000000000000002`
    <BLANKLINE>
    1 schedule: 1 expectation failed.
    """
    from lrviz.checked import Report
    from lrviz.checks.expect import expectations
    from lrviz.schedule.reading.expect import expectations_of

    found = expectations(expectations_of(expect, curve.run, curve.groups), curve, curve.name)
    return Report.of(found, [("expect", curve.name)], {})


def stats(curves: Curve | Sequence[Curve]) -> list[Stats]:
    """Peak, end, mean, area, warmup and so on of curves: one for each param group, or one where they never differ.

    Times and areas are in epochs, or in steps where the run does not know its epochs.

    >>> curve = lrviz.load("schedules/basics/warmup-cosine.yaml").only.simulate()
    >>> [found] = lrviz.stats(curve)
    >>> found.peak, found.peak_epoch, found.warmup, found.unit
    (0.1, 5, 5, 'epoch')
    """
    from lrviz.calculator.stats import stats_of

    return stats_of([curves] if isinstance(curves, Curve) else curves)


def diff(a: Curve, b: Curve, *, tolerance: float = ROUNDING) -> Difference:
    """Where two curves differ, param group by param group.

    Two learning rates are the same where they differ by at most `tolerance`, as a fraction of the larger one. Raises
    `ScheduleError` where the runs have no clock in common: one in epochs, one in steps, and neither knows how many
    steps an epoch has.

    >>> schedules = lrviz.load("schedules/basics/side-by-side.yaml")
    >>> difference = lrviz.diff(schedules["step"].simulate(), schedules["cosine"].simulate())
    >>> difference.same
    False
    >>> difference.groups[0].first.tick
    1
    """
    from lrviz.calculator.difference import difference, side_of_curve

    with of_argument("b"):
        return difference(side_of_curve(a), side_of_curve(b), tolerance)


def when(condition: str, curve: Curve) -> list[Occurrences]:
    """When a condition of `lr`, `epoch`, `step` and `momentum` holds: its stretches, for each param group.

    There is one for all groups where they do not differ. `first` and `last` of a stretch are ticks, from 0. Raises
    `ScheduleError` for a text that is no condition, and for a name that the run does not know.

    >>> curve = lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
    >>> [found] = lrviz.when("lr < 0.05", curve)
    >>> [(stretch.first, stretch.last, stretch.epochs) for stretch in found.stretches]
    [(30, 89, 60)]
    """
    from lrviz.calculator.condition import read_condition
    from lrviz.calculator.condition import when as occurrences_of

    with of_argument("condition"):
        return occurrences_of(read_condition(condition), [curve])
