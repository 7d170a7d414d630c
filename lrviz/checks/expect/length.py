"""`epochs`, `steps` and `calls`: the run is this long."""

from __future__ import annotations

from fractions import Fraction

from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import RunLength
from lrviz.schedule.expect.length import UNITS, length_of
from lrviz.words import counted


def judge(expected: RunLength, group: Group) -> Failure | str:
    """Why it does not hold, or the length of the run if it holds."""
    run = group.curve.run
    length = length_of(run, expected.key)
    assert length is not None
    if length == expected.value:
        return f"the run is {_shown(length, expected.key)} long"
    lengths = {unit: known for unit in UNITS if (known := length_of(run, unit)) is not None}
    meant = [unit for unit, known in lengths.items() if known == expected.value]
    now = expected.key if length.denominator == 1 else "steps"
    hint = f"the run has `{now}: {lengths[now]}`"
    return Failure(
        f"the run is {_shown(length, expected.key)} long, not {expected.value:,}",
        f"{hint}; its {meant[0]} are {expected.value:,}: did you mean `{meant[0]}`?" if meant else hint,
    )


def _shown(length: Fraction, unit: str) -> str:
    """`20 epochs`, `1 step`, `2.5 epochs`."""
    whole = length.denominator == 1
    return counted(int(length), unit.removesuffix("s")) if whole else f"{float(length):,.6g} {unit}"
