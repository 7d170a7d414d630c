"""What the words below a picture in the terminal say: where a curve is highest and ends, and what is expected of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrviz.curve import Curve
from lrviz.render.shown import Shown
from lrviz.words import moment, several, short_rate

MOST_FAILING = 4
"""So many expectations that do not hold are named."""


def spoken_rate(value: float) -> str:
    """A learning rate in a sentence, with all the digits that one has room for."""
    return short_rate(value, 6)


def length_words(curve: Curve) -> str:
    """The length of a run in few letters: `90 epochs`, `95.4k steps`."""
    steps = curve.run.total_steps if curve.run.interval == "step" or curve.run.total_epochs is None else None
    number, unit = (curve.run.total_epochs or 0, "epoch") if steps is None else (steps, "step")
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if letter == 'k' else size):.3g}{letter} {unit}s"
    return several(number, unit)


def summary_words(curve: Curve) -> str:
    """`peak 0.1 at epoch 5, end 1e-6`; where param groups differ, of the one with the highest peak, which is named."""
    import numpy as np

    columns = [np.frombuffer(column) for column in curve.columns]
    peaks = [float(np.fmax.reduce(column)) for column in columns]
    group = max(range(len(peaks)), key=lambda index: -math.inf if math.isnan(peaks[index]) else peaks[index])
    if math.isnan(peaks[group]):
        return f"no learning rate is a number, end {spoken_rate(curve.end_lr[group])}"
    tick = int(np.flatnonzero(columns[group] == peaks[group])[0])
    of = f"{curve.groups[group]}: " if curve.groups_differ else ""
    return (
        f"{of}peak {spoken_rate(peaks[group])} at {moment(curve.run, tick)}, "
        f"end {spoken_rate(curve.lr_at(group, len(curve)))}"
    )


def expected_words(shown: Sequence[Shown]) -> str:
    """`expects 6: 5 hold, 1 does not: at 30 (steps.yaml:9:3)`; nothing where nothing is expected."""
    expected = [each for one in shown for each in one.expected]
    if not expected:
        return ""
    failed = [each for each in expected if not each.holds]
    if not failed:
        return f"expects {len(expected)}: {'all hold' if len(expected) > 1 else 'it holds'}"
    hold = len(expected) - len(failed)
    verdict = [f"{hold} hold{'s' if hold == 1 else ''}"] if hold else []
    verdict.append(f"{len(failed)} do{'es' if len(failed) == 1 else ''} not")
    named = ", ".join(f"{each} ({each.expectation.where})" for each in failed[:MOST_FAILING]) + (
        ", ..." if len(failed) > MOST_FAILING else ""
    )
    return f"expects {len(expected)}: {', '.join(verdict)}: {named}"


def fails(shown: Sequence[Shown]) -> bool:
    """Whether an expectation of any of them does not hold."""
    return any(not each.holds for one in shown for each in one.expected)
