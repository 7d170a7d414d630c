"""The caption below a picture: remarks on its axes, the expectations, and the source of the schedules."""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import listed, metric_words, sentence
from lrviz.words import short_rate


def caption_of(drawing: Drawing, linear_below: float | None) -> Iterator[str]:
    """The lines of a caption. `linear_below` is the learning rate below which a logarithmic axis is linear, or None."""
    below = "" if linear_below is None else f"linear below {short_rate(linear_below)}"
    if drawing.why_log:
        yield sentence("; ".join(filter(None, [drawing.why_log, below])))
    elif below:
        yield f"The axis is {below}."
    if drawing.why_percent:
        yield sentence(drawing.why_percent)
    for run in drawing.logged:
        yield f"{'✗ ' if run.deviates else ''}{run.words}."
    if about := metric_words(drawing.panels):
        yield sentence("; ".join(about))
    if drawing.verdict.all and len(drawing.shown) == 1:
        yield _expectations(drawing)
    elif drawing.verdict.failing:
        yield f"✗ not as expected: {_ended(listed(drawing.verdict.schedules_failing, ', '))}"
    if drawing.verdict.findings:
        yield drawing.verdict.findings
    if drawing.source:
        yield f"Source: {drawing.source}"


def _expectations(drawing: Drawing) -> str:
    """The number of expectations that hold, with the signs of their marks, and those that fail."""
    verdict = drawing.verdict
    held, signs = len(verdict.held), " ".join(verdict.signs)
    holds = f"{signs} as expected: {held} of {len(verdict.all) + verdict.unchecked}.".strip() if held else ""
    if not verdict.failing:
        return holds
    named = listed([expected.words(curve.groups) for curve, expected in verdict.failing], "; ")
    return " ".join(filter(None, [f"✗ not as expected: {_ended(named)}", holds]))


def _ended(words: str) -> str:
    """Words with a full stop, unless they end in dots."""
    return words if words.endswith("...") else f"{words}."
