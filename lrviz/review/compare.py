"""Two sides of a schedule -> what became of it: its curve, and the findings that came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lrviz.calculator.difference import difference, side_of_curve
from lrviz.checked import results_of
from lrviz.checks.finding import Finding
from lrviz.engine.side_by_side import Simulated
from lrviz.errors import ScheduleError
from lrviz.review.causes import Cause
from lrviz.review.result import Reviewed, Side
from lrviz.schedule.model import ComputedMetric, Schedule


def compared(
    name: str, old: Simulated | None, new: Simulated | None, causes: tuple[Cause, ...], ignore: frozenset[str]
) -> Reviewed:
    """What became of a schedule that was simulated on both sides. Raises the fault of either."""
    before, now = (None if each is None else _side(each, ignore) for each in (old, new))
    came, went = _came_and_went(before, now)
    between, apart = None, ""
    if before and now and before.curve is not None and now.curve is not None:
        try:
            between = difference(side_of_curve(before.curve), side_of_curve(now.curve))
        except ScheduleError as error:
            apart = error.problems[0].message
    return Reviewed(name, before, now, between, apart, causes, came, went)


def _side(simulated: Simulated, ignore: frozenset[str]) -> Side:
    found = results_of(simulated, ignore)
    findings = tuple(each for each in found if isinstance(each, Finding))
    return Side(simulated.schedule, simulated.curve, findings)


def _came_and_went(old: Side | None, new: Side | None) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that only the new side has, and those that only the old one had, wherever they stand."""
    before, now = (() if side is None else side.findings for side in (old, new))
    return tuple(_only_in(now, before)), tuple(_only_in(before, now))


def _only_in(some: Sequence[Finding], others: Sequence[Finding]) -> Iterator[Finding]:
    left = Counter(map(_what, others))
    for each in some:
        if left[_what(each)]:
            left[_what(each)] -= 1
        else:
            yield each


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.severity, finding.message


# --- without a simulation ---------------------------------------------------------------------------------------------


def is_untouched(old: Schedule | None, new: Schedule | None, causes: Sequence[Cause]) -> bool:
    """True if both sides say the same in every value, and name the same files of the same content."""
    return old is not None and new is not None and not causes and is_one_curve(old, new)


def is_one_curve(old: Schedule, new: Schedule) -> bool:
    """True if two schedules must have the same curve, because all that it follows from is equal."""
    if old.written is None or new.written is None or old.run != new.run:
        return False
    one, other = (_deciding(each.written) for each in (old, new) if each.written is not None)
    if repr(one) != repr(other):
        return False
    metric = old.metric
    return isinstance(metric, ComputedMetric) or repr(metric) == repr(new.metric)


IDLE = ("title", "source", "ignore", "expect", "train")
"""Keys on which no curve depends."""


def _deciding(node: object) -> object:
    plain = node.plain()  # type: ignore[attr-defined]
    return {key: value for key, value in plain.items() if key not in IDLE}
