"""The words below a picture in the terminal: peak and last value of a curve, and its expectations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrviz.alike import peak_tick
from lrviz.ansi import DIM
from lrviz.curve import Curve
from lrviz.render.drawing.said import Verdict, listed
from lrviz.words import Notation, moment

FAILED = "38;5;166"
"""The escape code for what is not as planned or expected."""


@dataclass(frozen=True, slots=True)
class Told:
    """Words below a picture, written only if they leave at least `rows` rows to the axes."""

    text: str
    rows: int
    code: str = DIM


def summary_words(curve: Curve, notation: Notation) -> str:
    """`peak 0.1 at epoch 5, last 2e-6, end 1e-6`, without the last where it is the end.

    If param groups differ, it is about the one with the highest peak, after its name.
    """
    columns = [np.frombuffer(column) for column in curve.columns]
    peaks = [float(np.fmax.reduce(column)) for column in columns]
    group = max(range(len(peaks)), key=lambda index: -math.inf if math.isnan(peaks[index]) else peaks[index])
    if math.isnan(peaks[group]):
        return f"all learning rates are NaN, end {notation.in_sentence(curve.end_lr[group])}"
    tick = peak_tick(np.nan_to_num(columns[group], nan=-math.inf, posinf=math.inf, neginf=-math.inf))
    last, end = (notation.in_sentence(curve.lr_at(group, len(curve) - back)) for back in (1, 0))
    of = f"{curve.groups[group]}: " if curve.groups_differ else ""
    return (
        f"{of}peak {notation.in_sentence(peaks[group])} at {moment(curve.run, tick)}, "
        f"{'' if last == end else f'last {last}, '}end {end}"
    )


def expected_words(verdict: Verdict, notation: Notation) -> str:
    """`expects 6: 5 hold, 1 does not: at 30 (steps.yaml:9:3)`; empty if there are none and a check passes."""
    count, hold, failing = len(verdict.all) + verdict.unchecked, len(verdict.held), verdict.failing
    otherwise = "" if verdict.passes else verdict.findings
    if not count:
        return otherwise
    if verdict.all_hold:
        return f"expects {count}: {'all hold' if count > 1 else 'it holds'}"
    if not failing:
        return f"expects {count}: {hold} hold{'s' if hold == 1 else ''}; {otherwise}"
    parts = [f"{hold} hold{'s' if hold == 1 else ''}"] if hold else []
    parts.append(f"{len(failing)} do{'es' if len(failing) == 1 else ''} not")
    named = listed([f"{expected.text(notation.in_sentence)} ({expected.where})" for _, expected in failing], ", ")
    return f"expects {count}: {', '.join(parts)}: {named}"
