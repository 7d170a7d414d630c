"""The names of the lines of a drawing, and its title. What all schedules of a sweep are called is only in the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from lrviz.curve import Curve
from lrviz.render.curves import Column, columns_of
from lrviz.render.outline import drawable
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


MOST_NAMED = 8
"""At most this many lines of a curve have a name each, as many as there are line styles."""


@dataclass(frozen=True, slots=True)
class Key:
    """A name in a legend, and the columns that its sample shows, as indices; `many` are lines of several colours."""

    name: str
    columns: tuple[int, ...]
    many: bool = False


def lines_of(columns: Sequence[Column]) -> list[list[int]]:
    """The columns of one curve as lines on a picture: those of the same learning rates are one, of many groups.

    With at most `MOST_NAMED` columns, each is a line.
    """
    if len(columns) <= MOST_NAMED:
        return [[index] for index in range(len(columns))]
    rates = [np.frombuffer(column.curve.columns[column.group]) for column in columns]
    lines: list[list[int]] = []
    for index, own in enumerate(rates):
        alike = (line for line in lines if own[0] == rates[line[0]][0] and np.array_equal(own, rates[line[0]]))
        line = next(alike, None)
        if line is None:
            lines.append([index])
        else:
            line.append(index)
    return lines


def highest_first(columns: Sequence[Column], lines: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of some lines in the order of their peaks, then in that of the file."""
    peaks = [float(np.nanmax(drawable(columns[own[0]]), initial=0.0)) for own in lines]
    return sorted(range(len(lines)), key=lambda line: (-peaks[line], line))


def keys_of(columns: Sequence[Column]) -> list[Key]:
    """The names in a legend: one a line, or of a curve with too many of them the highest, `11 more`, and the lowest."""
    keys = []
    for curve in dict.fromkeys(id(column.curve) for column in columns):
        own = [index for index, column in enumerate(columns) if id(column.curve) == curve]
        lines = [[own[at] for at in line] for line in lines_of([columns[index] for index in own])]
        if len(lines) <= MOST_NAMED:
            keys += [Key(_with_others(columns[line[0]].title, len(line) - 1), tuple(line)) for line in lines]
            continue
        first, *between, last = (lines[at] for at in highest_first(columns, lines))
        keys += [
            Key(columns[first[0]].title, (first[0],)),
            Key(f"{len(own) - 2} more", tuple(line[0] for line in between), many=True),
            Key(columns[last[-1]].title, (last[-1],)),
        ]
    return keys


def _with_others(title: str, others: int) -> str:
    return f"{title} and {others} more" if others else title


def title_of(curves: Sequence[Curve], look: Look, sweep: str) -> str:
    """The title in `look`, else the title that all curves share, else the name of the sweep or of a single curve."""
    if look.title is not None:
        return look.title
    titles = {curve.title for curve in curves}
    title = titles.pop() if len(titles) == 1 else None
    return title or sweep or (curves[0].name if len(curves) == 1 else "")
