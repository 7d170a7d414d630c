"""The quiet words below a picture: where a schedule comes from, and what a reader of the picture has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrviz.render.picture.log_axis import Scale
from lrviz.render.shown import Expected, Shown
from lrviz.schedule.expect import At, Between, Direction, Extreme, Peak
from lrviz.words import short_rate

MOST_FAILING = 4
"""So many expectations that do not hold are named."""


def caption_of(shown: Sequence[Shown], scale: Scale) -> Iterator[str]:
    """The lines of a caption: what the axis does, what is expected, the source."""
    if scale.chosen:
        yield "Logarithmic, because the learning rates span more than three decades" + (
            f"; linear below {short_rate(scale.linear_below)}." if scale.linear_below is not None else "."
        )
    elif scale.linear_below is not None:
        yield f"The axis is linear below {short_rate(scale.linear_below)}."
    if len(shown) == 1 and shown[0].expected:
        yield _expectations(shown[0].expected, shown[0].curve.groups)
    failing = [each.curve.name for each in shown if any(not expected.holds for expected in each.expected)]
    if len(shown) > 1 and failing:
        named = ", ".join(failing[:MOST_FAILING]) + (", ..." if len(failing) > MOST_FAILING else ".")
        yield f"✗ not as expected: {named}"
    source = source_of(shown)
    if source:
        yield f"Source: {source}"


def _expectations(expected: Sequence[Expected], groups: Sequence[str]) -> str:
    """How many hold, as the marks show it, and which do not."""
    failing = [each.words(groups) for each in expected if not each.holds]
    held = [each.expectation for each in expected if each.holds]
    marks = {
        "○": any(isinstance(each, At | Extreme | Peak) for each in held),
        "━": any(isinstance(each, Direction) for each in held),
        "┄": any(isinstance(each, Between) for each in held),
    }
    shown = " ".join(mark for mark, seen in marks.items() if seen)
    holds = f"{shown} as expected: {len(held)} of {len(expected)}.".strip() if held else ""
    if not failing:
        return holds
    named = "; ".join(failing[:MOST_FAILING]) + ("; ..." if len(failing) > MOST_FAILING else ".")
    return " ".join(filter(None, [f"✗ not as expected: {named}", holds]))


def source_of(shown: Sequence[Shown]) -> str:
    """Where all that is shown is from; nothing where that is not one place."""
    sources = {each.curve.source for each in shown}
    source = sources.pop() if len(sources) == 1 else None
    return source or ""
