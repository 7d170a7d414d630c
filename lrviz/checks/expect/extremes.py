"""`max` and `min`: the largest or smallest learning rate of the run is the expected one."""

from __future__ import annotations

from lrviz.alike import peak_tick
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Extreme
from lrviz.words import rate


def judge(expected: Extreme, group: Group) -> Failure | str:
    """Why it does not hold, or the learning rate if it holds."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    largest = expected.key == "max"
    words = "largest" if largest else "smallest"
    tick = peak_tick(group.rates if largest else -group.rates)
    value, other = float(group.rates.max()), float(group.rates.min())
    if not largest:
        value, other = other, value
    if group.holds(value, expected.value):
        return f"the {words} learning rate{group.of} is {rate(value)}, at {group.moment(tick)}"
    hint = f"the curve has `{group.paste(expected.key, repr(value))}`"
    if group.holds(other, expected.value):
        opposite, key = ("smallest", "min") if largest else ("largest", "max")
        hint = f"{hint}; {rate(expected.value)} is the {opposite}: did you mean `{key}`?"
    elif group.holds(group.at(len(group.rates)), expected.value):
        hint = f"{hint}; only the end has the expected value, after the last call, which no step uses"
    return Failure(
        f"the {words} learning rate{group.of} is {rate(value, expected.value)}, at {group.moment(tick)}, not "
        f"{rate(expected.value, value)}",
        hint,
    )


def value(expected: Extreme, group: Group) -> str:
    """The actual extreme, in full."""
    return repr(float(group.rates.max() if expected.key == "max" else group.rates.min()))
