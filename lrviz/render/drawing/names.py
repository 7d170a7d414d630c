"""The names of the lines of a drawing, and its title. What all schedules of a sweep are called is only in the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from lrviz.curve import Curve
from lrviz.render.curves import Column, columns_of
from lrviz.render.shown import Shown
from lrviz.render.style import Look


class Sweep(NamedTuple):
    """Curves named by the values that set them apart, `gamma=0.5`, and the `name` that they have in common.

    The name is empty, and the curves have their whole names, if they are no sweep of one schedule.
    """

    shown: list[Shown]
    name: str


def sweep_of(shown: Sequence[Shown]) -> Sweep:
    """Some curves with what their names have in common taken off, if the rest of each is values of a sweep."""
    parts = [each.curve.name.partition("=")[0].split(" ")[:-1] for each in shown]  # the words before the first key
    common = " ".join(word for word, *_ in takewhile(lambda words: len(set(words)) == 1, zip(*parts, strict=False)))
    rests = [each.curve.name.removeprefix(common).lstrip(" ") for each in shown]
    if len(shown) < 2 or not common or not all("=" in rest.partition(" ")[0] for rest in rests):
        return Sweep(list(shown), "")
    named = [replace(each, curve=replace(each.curve, name=rest)) for each, rest in zip(shown, rests, strict=True)]
    return Sweep(named, common)


def titled_columns(curves: Sequence[Curve]) -> list[Column]:
    """The lines of a picture; the param groups of a single schedule are titled without its name."""
    columns = columns_of(curves)
    if len(curves) == 1 and len(columns) > 1:
        return [replace(column, title=curves[0].groups[column.group]) for column in columns]
    return columns


def title_of(curves: Sequence[Curve], look: Look, sweep: str) -> str:
    """The title in `look`, else the title that all curves share, else the name of the sweep or of a single curve."""
    if look.title is not None:
        return look.title
    titles = {curve.title for curve in curves}
    title = titles.pop() if len(titles) == 1 else None
    return title or sweep or (curves[0].name if len(curves) == 1 else "")
