"""The caption below a picture: remarks on its axes, the expectations, and the source of the schedules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import legend_words, listed, metric_words, sentence


def caption_of(
    drawing: Drawing, linear_below: float | None, limits: tuple[float, float], cut: Sequence[str] = ()
) -> Iterator[str]:
    """The lines of a caption. `linear_below` is the learning rate below which a logarithmic axis is linear, or None;
    `limits` are those of the axis of learning rates; `cut` are the labels that have no room beside their axes."""
    below = "" if linear_below is None else f"linear below {drawing.notation(linear_below)}"
    if drawing.why_log:
        yield sentence("; ".join(filter(None, [drawing.why_log, below])))
    elif below:
        yield f"The axis is {below}."
    if drawing.why_percent:
        yield sentence(drawing.why_percent)
    if drawing.why_no_metric:
        yield sentence(drawing.why_no_metric)
    yield from drawing.remarks
    for run in drawing.logged:
        yield f"{'✗ ' if run.deviates else ''}{run.words}."
    if about := [*cut, *metric_words(drawing.panels)]:
        yield sentence("; ".join(about))
    if drawing.verdict.all and len(drawing.shown) == 1:
        yield _expectations(drawing, limits)
    elif drawing.verdict.failing:
        yield f"Not as expected: {_ended(listed(drawing.verdict.schedules_failing, ', '))}"
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
    return " ".join(filter(None, [f"Not as expected{_crosses(drawing, limits)}: {_ended(named)}", held, marks]))


def _crosses(drawing: Drawing, limits: tuple[float, float]) -> str:
    """A word for the crosses of a single schedule, if it has some: a value beyond `limits` is an arrow, a limit a line.

    With several schedules each cross stands beside its words, or is left out.
    """
    failing = [mark for mark in drawing.marks if mark.drawn and not mark.holds]
    low, high = limits
    points = (mark for mark in failing if mark.kind in ("value", "place") and low <= mark.value <= high)
    return " (crosses)" if any(points) or any(mark.kind == "span" for mark in failing) else ""


def _ended(words: str) -> str:
    """Words with a full stop, unless they end in dots."""
    return words if words.endswith("...") else f"{words}."
