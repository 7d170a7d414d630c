"""What two sources differ in, as a page with a small picture of each pair that differs, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from lrviz.calculator.difference import Difference, Pair, Parting, Point
from lrviz.curve import Curve, moment, rate
from lrviz.render.braille import BLANK, Canvas
from lrviz.render.numbers import json_number, same
from lrviz.render.table import Style
from lrviz.schedule.errors import several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Two sources, by what the command line calls them, and all that was compared of them.

    `only_a` and `only_b` are the names of schedules without a partner.
    """

    a: str
    b: str
    tolerance: float
    pairs: Sequence[Difference]
    only_a: Sequence[str]
    only_b: Sequence[str]

    @property
    def same(self) -> bool:
        """Whether every schedule has a partner that is the same."""
        return not self.only_a and not self.only_b and all(pair.same for pair in self.pairs)


def write_json(compared: Compared, stream: IO[str]) -> None:
    """`{"version": 1, "same", "a", "b", "tolerance", "only_a", "only_b", "pairs": [...]}`, each pair with its groups.

    Every pair of numbers is `{"a", "b", "ratio"}`; one that is not finite is text. `unit` is what lengths are counted
    in, `area_unit` what areas are.
    """
    page = {
        "version": 1,
        "same": compared.same,
        "a": compared.a,
        "b": compared.b,
        "tolerance": compared.tolerance,
        "only_a": list(compared.only_a),
        "only_b": list(compared.only_b),
        "pairs": [
            {
                "a": pair.a.name,
                "b": pair.b.name,
                "same": pair.same,
                "identical": pair.identical,
                "unit": pair.clock.interval,
                "lengths": list(pair.lengths),
                "compared": len(pair.ticks),
                "area_unit": pair.area_unit,
                "only_a": list(pair.only_a),
                "only_b": list(pair.only_b),
                "groups": [_group_as_json(pair, group) for group in pair.groups],
            }
            for pair in compared.pairs
        ],
    }
    stream.write(json.dumps(page, indent=2, allow_nan=False) + "\n")


def _group_as_json(pair: Difference, group: Parting) -> dict[str, Any]:
    return {
        "group": group.group,
        "same": group.same,
        "differing": group.differing,
        "first": _point_as_json(pair.clock, group.first),
        "largest": _point_as_json(pair.clock, group.largest),
        "end": _as_json(group.end),
        "peak": _as_json(group.peak),
        "area": _as_json(group.area),
    }


def _point_as_json(clock: Curve, point: Point | None) -> dict[str, Any] | None:
    if point is None:
        return None
    epoch = None if clock.epoch_count is None else clock.time(point.tick, "epoch")
    step = None if clock.step_count is None else point.tick * clock.steps_per_tick
    return {"epoch": epoch, "step": step, **(_as_json(point.lr) or {})}


def _as_json(pair: Pair | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    return {"a": json_number(pair.a), "b": json_number(pair.b), "ratio": json_number(pair.ratio)}


# --- for people ------------------------------------------------------------------------------------------------


def write_page(compared: Compared, stream: IO[str], style: Style) -> None:
    """A line for each pair that is the same; for one that is not, where and by how much, and a picture."""
    alone = len(compared.pairs) == 1 and not compared.only_a and not compared.only_b
    if compared.same and alone:
        (pair,) = compared.pairs
        stream.write(f"{_names(compared, pair)[0]} and {_names(compared, pair)[1]} are {_verdict(compared, pair)}\n")
        return
    if not compared.same:
        names = _names(compared, compared.pairs[0]) if alone else (compared.a, compared.b)
        for letter, name, color in zip("AB", names, COLORS, strict=True):
            stream.write(f"{_painted(letter, color, style)}  {name}\n")
        stream.write("\n")
    for index, pair in enumerate(compared.pairs):
        stream.write("\n" if index and not (pair.same and compared.pairs[index - 1].same) else "")
        title = "" if alone else f"{pair.a.name}: "
        stream.writelines(f"{line}\n" for line in _pair(compared, pair, title, style))
    if compared.pairs and (compared.only_a or compared.only_b):
        stream.write("\n")
    for letter, only in zip("AB", (compared.only_a, compared.only_b), strict=True):
        if only:
            stream.write(f"only in {letter}: {', '.join(only)}\n")


def _names(compared: Compared, pair: Difference) -> tuple[str, str]:
    """The sources of a lone pair, with the schedules' names where those say more."""
    sources, sides = (compared.a, compared.b), (pair.a, pair.b)
    if pair.a.name == pair.b.name:
        return sources
    a, b = (
        source if PurePath(source.strip("<>")).stem == side.name else f"{source}: {side.name}"
        for source, side in zip(sources, sides, strict=True)
    )
    return a, b


def _verdict(compared: Compared, pair: Difference) -> str:
    """How much the same a pair is."""
    places = _places(pair)
    if pair.identical:
        return f"the same at {places} and the end, to the bit"
    return f"the same at {places} and the end, within {compared.tolerance:g}"


def _places(pair: Difference) -> str:
    """The moments that were compared: `all 30 epochs`, `the 10,000 of 50,000 steps that are stored`."""
    length = min(pair.lengths)
    unit = pair.clock.interval
    if len(pair.ticks) < length and not pair.identical:
        return f"the {len(pair.ticks):,} of {length:,} {unit}s that are stored"
    return f"all {length:,} {unit}s" if length > 1 else f"the one {unit}"


def _pair(compared: Compared, pair: Difference, title: str, style: Style) -> Iterator[str]:
    if pair.same:
        yield title + _verdict(compared, pair)
        return
    unit = pair.clock.interval
    if pair.lengths[0] != pair.lengths[1]:
        a, b = (several(length, unit) for length in pair.lengths)
        yield f"{title}A is {_count(a)} long, B {_count(b)}; compared is what both have"
    if pair.hidden:
        yield f"{title}the same at {_places(pair)}; the checksum says that they differ between those"
    for letter, only in zip("AB", (pair.only_a, pair.only_b), strict=True):
        if only:
            yield f"{title}only {letter} has the param group{'s' if len(only) > 1 else ''} {', '.join(only)}"
    for group in pair.groups:
        of = title if group.group is None else f"{title}group {group.group}: "
        if group.same:
            if not pair.hidden:
                yield f"{of}the same at {_places(pair)}" + (" and the end" if group.end is not None else "")
            continue
        yield of + _where(pair, group)
        yield ""
        yield from _numbers(pair, group)
        yield ""
        yield from _picture(pair, group, style)


def _count(text: str) -> str:
    """A number of units with commas."""
    number, unit = text.split(" ")
    return f"{int(number):,} {unit}"


def _where(pair: Difference, group: Parting) -> str:
    if not group.differing:
        return "only the end differs, which is after the last call"
    unit = pair.clock.interval
    end = ", and at the end" if group.end_differs else ""
    if group.differing == len(pair.ticks):
        return f"they differ at {_places(pair)}{end}"
    return f"they differ at {group.differing:,} of {_count(several(len(pair.ticks), unit))}{end}"


def _numbers(pair: Difference, group: Parting) -> Iterator[str]:
    """The table of one group: what of it, both numbers, and their ratio."""
    rows: list[tuple[str, Pair]] = []
    if group.first is not None and group.largest is not None:
        rows.append((f"first, {moment(pair.clock, group.first.tick)}", group.first.lr))
        rows.append((f"largest ratio, {moment(pair.clock, group.largest.tick)}", group.largest.lr))
    named = (("end", group.end), ("peak", group.peak), (f"area, in {pair.area_unit}s", group.area))
    rows += [(name, each) for name, each in named if each is not None]
    cells = [("", "A", "B", "B / A")]
    cells += [(name, *_words(each)) for name, each in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for name, *numbers in cells:
        yield name.ljust(widths[0]) + "".join(
            "   " + cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)
        )


def _words(pair: Pair) -> tuple[str, str, str]:
    """Two numbers with as many digits as tell them apart, unless only rounding does, and their ratio."""
    if same(pair.a, pair.b):
        return rate(pair.a), rate(pair.b), "1"
    ratio = "from 0" if pair.a == 0 else rate(pair.ratio, 1.0)
    return rate(pair.a, pair.b), rate(pair.b, pair.a), ratio


# --- the small picture -----------------------------------------------------------------------------------------

WIDTH, HEIGHT = 56, 8
"""Characters of a picture without its words."""

COLORS = ("36", "33")
"""Of the lines of A and B in a terminal; where both are, none."""


def _painted(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color else text


def _picture(pair: Difference, group: Parting, style: Style) -> Iterator[str]:
    """Both curves from where they begin to where they end, on one scale, as letters where there is no braille."""
    import numpy as np

    columns = [side.rates(group.group) for side in (pair.a, pair.b)]
    finite = np.concatenate([column[np.isfinite(column)] for column in columns])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    canvases = []
    for column, length in zip(columns, pair.lengths, strict=True):
        canvas = Canvas(max(1, round(WIDTH * length / max(pair.lengths))), HEIGHT)
        canvas.curve(extremes(column, canvas.columns).tolist(), low, high)
        canvases.append(canvas)
    first, second = (canvas.lines() for canvas in canvases)
    lines = [list(_merged(a, b, style)) for a, b in zip(first, second, strict=True)]
    ends: dict[tuple[int, int], str] = {}
    for letter, color, canvas, column in zip("AB", COLORS, canvases, columns, strict=True):
        last = Canvas(1, HEIGHT)
        last.curve([float(column[-1])], low, high)
        for row, text in enumerate(last.lines()):
            if text != chr(BLANK):
                place = (row, canvas.width)
                ends[place] = ends.get(place, "") + _painted(letter, color, style)
    for (row, behind), letters in ends.items():
        lines[row][behind : behind + 2] = [" ", letters]
    labels = [f"{high:.3g}", *[""] * (HEIGHT - 2), f"{low:.3g}"]
    margin = max(map(len, labels))
    for label, line in zip(labels, lines, strict=True):
        yield f"{label.rjust(margin)} {''.join(line)}".rstrip()
    unit = pair.clock.interval
    longest = _count(several(max(pair.lengths), unit))
    yield " " * margin + " 0" + longest.rjust(WIDTH - 1)


def extremes(values: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """The values to draw in so many columns of dots: all where they are few, else of each column's share four, the
    first, the smallest, the largest and the last, so that no peak is lost."""
    import numpy as np

    count = len(values)
    if count <= 4 * columns:
        return values
    edges = np.arange(columns) * count // columns
    last = np.append(edges[1:], count) - 1
    low = np.fmin.reduceat(values, edges)
    high = np.fmax.reduceat(values, edges)
    return np.stack([values[edges], low, high, values[last]], axis=1).ravel()


def _merged(first: str, second: str, style: Style) -> Iterator[str]:
    """Two lines of braille over each other, the shorter one at the left, letter by letter."""
    for a, b in zip(first.ljust(WIDTH, chr(BLANK)), second.ljust(WIDTH, chr(BLANK)), strict=True):
        drawn = [each != chr(BLANK) for each in (a, b)]
        if not any(drawn):
            yield " "
        elif style.ascii:
            yield "*" if all(drawn) else "A" if drawn[0] else "B"
        else:
            dots = chr(ord(a) | ord(b))
            yield dots if all(drawn) else _painted(dots, COLORS[drawn.index(True)], style)
