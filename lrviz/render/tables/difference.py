"""The differences of two sources, as a page with a small picture of each pair that differs, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from lrviz.ansi import Terminal
from lrviz.calculator.difference import Difference, GroupDifference, Pair, Point
from lrviz.foreign import escaped, json_text
from lrviz.render.drawing.clock import CLOCK_LABELS
from lrviz.render.drawing.panels import spans_decades
from lrviz.render.outline import gapped
from lrviz.render.tables.columns import TextColumn, aligned
from lrviz.render.tables.group_differences import table_of, words_of
from lrviz.render.tables.numbers import json_number
from lrviz.render.terminal.axes import Series, Trace
from lrviz.render.terminal.overlay import TextAxes, layout
from lrviz.render.terminal.painted import COLORS, Piece, painted
from lrviz.run import Run
from lrviz.words import moment, several


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Two sources, by their names on the command line, and the compared pairs of schedules.

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
        """True if every schedule has a partner that is the same."""
        return not self.only_a and not self.only_b and all(pair.same for pair in self.pairs)


def write_json(compared: Compared, stream: IO[str]) -> None:
    """`{"version": 1, "same", "a", "b", "tolerance", "only_a", "only_b", "pairs": [...]}`, each pair with its groups.

    Every pair of numbers is `{"a", "b", "ratio"}`; NaN and infinities are text. `unit` is the unit of lengths,
    `area_unit` that of areas.
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
                "unit": pair.clock.run.interval,
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
    stream.write(json_text(page, indent=2, allow_nan=False) + "\n")


def _group_as_json(pair: Difference, group: GroupDifference) -> dict[str, Any]:
    return {
        "group": group.group,
        "same": group.same,
        "differing": group.differing,
        "first": _point_as_json(pair.clock.run, group.first),
        "largest": _point_as_json(pair.clock.run, group.largest),
        "end": _as_json(group.end),
        "peak": _as_json(group.peak),
        "area": _as_json(group.area),
    }


def _point_as_json(run: Run, point: Point | None) -> dict[str, Any] | None:
    if point is None:
        return None
    epoch = None if run.total_epochs is None else run.time(point.tick, "epoch")
    return {"epoch": epoch, "step": run.step(point.tick), **(_as_json(point.lr) or {})}


def _as_json(pair: Pair | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    return {"a": json_number(pair.a), "b": json_number(pair.b), "ratio": json_number(pair.ratio)}


# --- for people ------------------------------------------------------------------------------------------------


def write_page(compared: Compared, stream: IO[str], terminal: Terminal) -> None:
    """A line for each pair that is the same; for one that differs, where and by how much, and a picture."""
    alone = len(compared.pairs) == 1 and not compared.only_a and not compared.only_b
    if compared.same and alone:
        (pair,) = compared.pairs
        stream.write(f"{_names(compared, pair)[0]} and {_names(compared, pair)[1]} are {_verdict(compared, pair)}\n")
        return
    if not compared.same:
        names = _names(compared, compared.pairs[0]) if alone else (escaped(compared.a), escaped(compared.b))
        for letter, name, color in zip("AB", names, COLORS, strict=False):
            stream.write(f"{painted([Piece(letter, color), Piece(f'  {name}')], terminal.color)}\n")
        stream.write("\n")
    for index, pair in enumerate(compared.pairs):
        stream.write("\n" if index and not (pair.same and compared.pairs[index - 1].same) else "")
        title = "" if alone else f"{escaped(pair.a.name)}: "
        stream.writelines(f"{line}\n" for line in _pair(compared, pair, title, terminal))
    if compared.pairs and (compared.only_a or compared.only_b):
        stream.write("\n")
    for letter, only in zip("AB", (compared.only_a, compared.only_b), strict=True):
        if only:
            stream.write(f"only in {letter}: {', '.join(map(escaped, only))}\n")


def _names(compared: Compared, pair: Difference) -> tuple[str, str]:
    """The sources of a lone pair, with the schedules' names if they differ and the file names do not say them."""
    a, b = (
        source
        if pair.a.name == pair.b.name or PurePath(source.strip("<>")).stem == side.name
        else f"{source}: {side.name}"
        for source, side in ((compared.a, pair.a), (compared.b, pair.b))
    )
    return escaped(a), escaped(b)


def _verdict(compared: Compared, pair: Difference) -> str:
    """A statement that a pair is the same, exactly or within the tolerance."""
    places = _places(pair)
    if pair.identical:
        return f"the same at {places} and the end, bit for bit"
    return f"the same at {places} and the end, within {compared.tolerance:g}"


def _places(pair: Difference) -> str:
    """The compared moments: `all 30 epochs`, `the 10,000 of 50,000 steps that are stored`."""
    length = min(pair.lengths)
    unit = pair.clock.run.interval
    if len(pair.ticks) < length and not pair.identical:
        return f"the {len(pair.ticks):,} of {length:,} {unit}s that are stored"
    return f"all {length:,} {unit}s" if length > 1 else f"the one {unit}"


def _pair(compared: Compared, pair: Difference, title: str, terminal: Terminal) -> Iterator[str]:
    if pair.same:
        yield title + _verdict(compared, pair)
        return
    unit = pair.clock.run.interval
    if pair.lengths[0] != pair.lengths[1]:
        a, b = (several(length, unit) for length in pair.lengths)
        yield f"{title}A is {_count(a)} long, B {_count(b)}; the part that both have is compared"
    if pair.hidden:
        yield f"{title}the same at {_places(pair)}; the checksums show that they differ in between"
    for letter, only in zip("AB", (pair.only_a, pair.only_b), strict=True):
        if only:
            groups = ", ".join(map(escaped, only))
            yield f"{title}only {letter} has the param group{'s' if len(only) > 1 else ''} {groups}"
    same, differing = ([group for group in pair.groups if group.same is each] for each in (True, False))
    if same and not pair.hidden:
        end = " and the end" if same[0].end is not None else ""
        yield f"{title}{_named(same, len(pair.groups))}the same at {_places(pair)}{end}"
    if len(differing) == 1:
        yield f"{title}{_named(differing, len(pair.groups))}{_where(pair, differing[0])}"
        yield ""
        yield from _numbers(pair, differing[0])
    elif differing:
        yield f"{title}{f'{len(differing)} of' if same else 'all'} {len(pair.groups)} param groups differ"
        yield ""
        yield from table_of(pair, differing, terminal)
    if differing:
        yield ""
        yield from _picture(pair, differing, terminal)


MOST_NAMED = 4
"""At most this many param groups that are the same are named."""


def _named(groups: Sequence[GroupDifference], count: int) -> str:
    """`group head: `, `groups head, body: `, `all 12 param groups: ` of `count`; nothing if one stands for all."""
    names = [escaped(group.group) for group in groups if group.group is not None]
    if len(names) <= MOST_NAMED:
        return f"group{'s' if len(names) > 1 else ''} {', '.join(names)}: " if names else ""
    return f"{'all ' if len(names) == count else ''}{len(names)} param groups: "


def _count(text: str) -> str:
    """A number of units with commas."""
    number, unit = text.split(" ")
    return f"{int(number):,} {unit}"


def _where(pair: Difference, group: GroupDifference) -> str:
    if not group.differing:
        return "only the end differs, which is after the last call"
    unit = pair.clock.run.interval
    end = ", and at the end" if group.end_differs else ""
    if group.differing == len(pair.ticks):
        return f"they differ at {_places(pair)}{end}"
    return f"they differ at {group.differing:,} of {_count(several(len(pair.ticks), unit))}{end}"


def _numbers(pair: Difference, group: GroupDifference) -> Iterator[str]:
    """The table of one group: a name, both numbers, and their ratio in each row."""
    rows: list[tuple[str, Pair]] = []
    if group.first is not None and group.largest is not None:
        rows.append((f"first, {moment(pair.clock.run, group.first.tick)}", group.first.lr))
        rows.append((f"largest ratio, {moment(pair.clock.run, group.largest.tick)}", group.largest.lr))
    named = (("end", group.end), ("peak", group.peak), (f"area, in {pair.area_unit}s", group.area))
    rows += [(name, each) for name, each in named if each is not None]
    cells = [("", "A", "B", "B / A"), *((name, *words_of(each)) for name, each in rows)]
    name, *numbers = zip(*cells, strict=True)
    yield from aligned([TextColumn(name, left=True), *map(TextColumn, numbers)])


# --- the small picture -----------------------------------------------------------------------------------------

WIDTH, HEIGHT = 80, 14
"""The columns and lines of a picture with its words; in a narrower window it is narrower."""


def _picture(pair: Difference, groups: Sequence[GroupDifference], terminal: Terminal) -> list[str]:
    """Both curves on one axes, as long as the longer one; logarithmic if their learning rates span decades.

    The lines of several param groups have the letter and colour of their side.
    """
    series = []
    for place, (side, length, lasts) in enumerate(zip((pair.a, pair.b), pair.lengths, pair.lasts, strict=True)):
        traces = [Trace(gapped(side.rates(group.group)), lasts, length) for group in groups]
        letter = "AB"[place]
        series.append(Series(letter, traces, place, letter))
    log = spans_decades([trace.values for each in series for trace in each.traces])
    axes = TextAxes("learning rate, logarithmic" if log else "learning rate", series, log)
    lines = layout(
        [axes], CLOCK_LABELS[pair.clock.run.interval], [], terminal, min(terminal.width or WIDTH, WIDTH), HEIGHT
    )
    return [painted(line, terminal.color) for line in lines]
