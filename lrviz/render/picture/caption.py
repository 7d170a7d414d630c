"""The caption below a picture: remarks on its axes, the expectations, and the source of the schedules."""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import legend_words, listed, metric_words, sentence


def caption_of(drawing: Drawing, linear_below: float | None, limits: tuple[float, float]) -> Iterator[str]:
    """The lines of a caption. `linear_below` is the learning rate below which a logarithmic axis is linear, or None;
    `limits` are those of the axis of learning rates."""
    below = "" if linear_below is None else f"linear below {drawing.notation(linear_below)}"
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
        yield _expectations(drawing, limits)
    elif drawing.verdict.failing:
        yield f"Not as expected{_crosses(drawing)}: {_ended(listed(drawing.verdict.schedules_failing, ', '))}"
    if drawing.verdict.findings:
        yield drawing.verdict.findings
    if drawing.source:
        yield f"Source: {drawing.source}"


def _expectations(drawing: Drawing, limits: tuple[float, float]) -> str:
    """The number of expectations that hold, with words for their marks within `limits`, and those that fail."""
    verdict, (low, high) = drawing.verdict, limits
    held = f"As expected: {len(verdict.held)} of {len(verdict.all) + verdict.unchecked}." if verdict.held else ""
    seen = (mark for mark in drawing.marks if mark.expectation is not None and mark.holds)
    marks = legend_words(mark.kind for mark in seen if mark.kind == "span" or low <= mark.value <= high)
    if not verdict.failing:
        return " ".join(filter(None, [held, marks]))
    named = listed(
        [expected.words(curve.groups, drawing.notation.in_sentence) for curve, expected in verdict.failing], "; "
    )
    return " ".join(filter(None, [f"Not as expected{_crosses(drawing)}: {_ended(named)}", held, marks]))


def _crosses(drawing: Drawing) -> str:
    return " (crosses)" if any(not mark.holds for mark in drawing.marks) else ""


def _ended(words: str) -> str:
    """Words with a full stop, unless they end in dots."""
    return words if words.endswith("...") else f"{words}."
