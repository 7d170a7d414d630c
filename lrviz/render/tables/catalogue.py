"""The printed catalogue: the list of all schedulers, and the page of one, as text or JSON.

The command runs the examples and passes their curves; only the calls of the edges are computed here.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

from lrviz.ansi import BOLD, DIM, Terminal, paint
from lrviz.curve import Curve
from lrviz.render.braille import draw
from lrviz.render.tables.columns import TextColumn, aligned, beside
from lrviz.render.terminal.painted import COLORS
from lrviz.schedule.catalogue import Argument, Entry
from lrviz.schedule.catalogue.entry import BASE
from lrviz.schedule.text.expression import parse
from lrviz.words import show

DEFAULT_WIDTH = 80
MAX_PROSE_WIDTH = 100
"""The maximum width of prose, however wide the terminal is."""

ARGUMENT_GAP = 2
"""Blanks between two columns of the table of arguments."""

THUMBNAIL_SIZE = (14, 3)
PICTURE = (74, 14)
"""Width and height in characters, of the picture with its axes."""


class Demo(NamedTuple):
    """An entry's example: the scheduler's arguments in its file, and its curve."""

    arguments: Mapping[str, Any]
    curve: Curve


def values_of(curve: Curve, drawn: int | None = None) -> list[float]:
    """The values in a picture: the learning rate before each call and after the last, or up to `drawn` calls."""
    values = [*curve.columns[0], curve.end_lr[0]]
    return values if drawn is None else values[: drawn + 1]


# --- the list ----------------------------------------------------------------------------------------------


def write_list(entries: Sequence[Entry], demos: Mapping[str, Demo], stream: IO[str], terminal: Terminal) -> None:
    """Each scheduler with a thumbnail beside its name and summary."""
    room = _width(terminal) - THUMBNAIL_SIZE[0] - 2
    for entry in entries:
        drawn = entry.example.drawn if entry.example else None
        picture = draw(values_of(demos[entry.name].curve, drawn), *THUMBNAIL_SIZE, terminal.ascii)
        text = [entry.name, *textwrap.wrap(entry.summary, room)]
        _lines(beside(picture, text, COLORS[0], terminal), stream)
        stream.write("\n")
    stream.write(paint("`lrviz schedulers NAME` shows everything about one", DIM, terminal.color) + "\n")


# --- the page of one ---------------------------------------------------------------------------------------


def write_page(entry: Entry, demo: Demo, stream: IO[str], terminal: Terminal) -> None:
    """Everything in the catalogue about one scheduler, with the curve of its example."""
    width = _width(terminal)
    stream.write(f"{paint(entry.name, BOLD, terminal.color)}\n")
    _paragraph(entry.summary, stream, width)
    if entry.aliases:
        _paragraph(f"also called: {', '.join(entry.aliases)}", stream, width)
    _section("formula", stream, terminal)
    _paragraph(entry.formula, stream, width)
    _section("curve", stream, terminal)
    _lines(_picture(values_of(demo.curve), width, terminal), stream)
    if entry.example:
        stream.write("\n")
        for line in _example_lines(entry, width):
            stream.write(f"  {line}\n")
    _section("arguments", stream, terminal)
    _lines(_argument_lines(entry.arguments, width), stream)
    _section(f"at the edges (base is {BASE:g}, numbers are the example's)", stream, terminal)
    _lines(_edge_lines(entry, demo, width), stream)
    _section("when to use it", stream, terminal)
    _paragraph(entry.use, stream, width)
    _section("when not", stream, terminal)
    _paragraph(entry.avoid, stream, width)
    _section("source", stream, terminal)
    _paragraph(entry.source, stream, width)


def _example_lines(entry: Entry, width: int) -> Iterator[str]:
    """The example file; long lines are wrapped with a deeper indent, which keeps the meaning inside YAML's brackets."""
    for line in entry.example.file.splitlines() if entry.example else ():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(line, width - 2, subsequent_indent=indent, break_long_words=False)


def _picture(values: Sequence[float], width: int, terminal: Terminal) -> Iterator[str]:
    """The curve over the calls of `scheduler.step()`: before the first call, and after each."""
    import numpy as np  # imported late, because the list needs no numpy and has to start fast

    from lrviz.render.terminal.axes import Series, Trace
    from lrviz.render.terminal.overlay import TextAxes, layout
    from lrviz.render.terminal.painted import painted

    series = Series("", [Trace(np.array(values), 1, len(values))], 0)
    lines = layout([TextAxes("learning rate", [series])], "call", [], terminal, min(PICTURE[0], width - 2), PICTURE[1])
    for line in lines:
        yield f"  {painted(line, terminal.color)}"


def _argument_lines(arguments: Sequence[Argument], width: int) -> Iterator[str]:
    """A table of names, units, defaults and ranges, with the meaning below each."""
    rows = [("", "unit", "default", "range")]
    rows += [(each.name, each.unit or each.kind, _default(each), _range(each)) for each in arguments]
    widths = [TextColumn(cells).width for cells in zip(*rows, strict=True)]
    margin = " " * (2 + widths[0] + ARGUMENT_GAP)
    room = max(12, width - 2 - sum(width + ARGUMENT_GAP for width in widths[:3]))
    for at, (*cells, limits) in enumerate(rows):
        lines = textwrap.wrap(limits, room) or [""]
        below = [""] * (len(lines) - 1)
        columns = [*(TextColumn([cell, *below], left=True) for cell in cells), TextColumn(lines, left=True)]
        yield from (f"  {line}" for line in aligned(columns, ARGUMENT_GAP, widths))
        if at:
            yield from (margin + line for line in textwrap.wrap(_meaning(arguments[at - 1]), width - len(margin)))


def _default(argument: Argument) -> str:
    if argument.own_length and (argument.required or argument.default is None):
        return "the run's"
    if argument.required:
        return "required"
    if argument.default is None:
        return "none"
    if isinstance(argument.default, float):
        return f"{argument.default:.6g}"
    return argument.default if isinstance(argument.default, str) else show(argument.default)


def _range(argument: Argument) -> str:
    return ", ".join(argument.choices) or argument.range_text


def _meaning(argument: Argument) -> str:
    parts = [argument.meaning]
    if argument.many == "groups":
        parts.append("one for all param groups, or a list with one for each")
    if argument.many == "list":
        parts.append("a list")
    if argument.own_length:
        parts.append("in a phase, the phase's length if left out")
    return "; ".join(parts)


def _edge_lines(entry: Entry, demo: Demo, width: int) -> Iterator[str]:
    """The call and its learning rate, and below it the meaning of the call."""
    calls = edge_calls(entry, demo.arguments)
    margin = len(f"call {max(calls)}") + 2
    for edge, call in zip(entry.edges, calls, strict=True):
        number = f"{rate_at(demo.curve, call):.6g}"
        value = edge.value if edge.value == number else f"{edge.value} = {number}"
        if edge.relation == ">":
            value = f"more than {edge.value}, here {number}"
        words = edge.words if edge.call == str(call) else ": ".join(filter(None, (edge.call, edge.words)))
        lines = [*textwrap.wrap(value, width - 2 - margin), *textwrap.wrap(words, width - 2 - margin)]
        for at, line in enumerate(lines):
            yield f"  {'' if at else f'call {call}':{margin}}{line}"


def rate_at(curve: Curve, call: int) -> float:
    """The learning rate of the first group after `call` calls of `scheduler.step()`."""
    return float(curve.columns[0][call] if call < len(curve) else curve.end_lr[0])


def edge_calls(entry: Entry, given: Mapping[str, Any]) -> list[int]:
    """The number of calls at each edge of the entry, for an example with these arguments."""
    numbers = numbers_of(entry, given)
    expressions = [parse(edge.call, numbers) for edge in entry.edges]
    return [round(each.value(**{name: numbers[name] for name in each.names})) for each in expressions]


def numbers_of(entry: Entry, given: Mapping[str, Any]) -> dict[str, float]:
    """`base`, and every numeric argument: the given value, else torch's default."""
    values = {argument.name: given.get(argument.name, argument.default) for argument in entry.arguments}
    numbers = {
        name: value for name, value in values.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {"base": BASE, **numbers}


# --- for programs ------------------------------------------------------------------------------------------


def write_json(entries: Iterable[Entry], demos: Mapping[str, Demo], stream: IO[str]) -> None:
    """`{"version": 1, "schedulers": [...]}`; an entry in `demos` also has the numbers of its example."""
    records = [_record(entry, demos.get(entry.name)) for entry in entries]
    json.dump({"version": 1, "schedulers": records}, stream, indent=2, allow_nan=False)
    stream.write("\n")


def _record(entry: Entry, demo: Demo | None) -> dict[str, Any]:
    edges: list[dict[str, Any]] = [
        {"call": edge.call, "relation": edge.relation, "value": edge.value, "holds": edge.holds, "words": edge.words}
        for edge in entry.edges
    ]
    example: dict[str, Any] = {"file": entry.example.file if entry.example else None}
    if demo is not None:
        example["lr"] = values_of(demo.curve)
        for record, call in zip(edges, edge_calls(entry, demo.arguments), strict=True):
            record["example"] = {"call": call, "lr": rate_at(demo.curve, call)}
    return {
        "name": entry.name,
        "module": entry.module,
        "aliases": list(entry.aliases),
        "summary": entry.summary,
        "formula": entry.formula,
        "arguments": [_argument_record(argument) for argument in entry.arguments],
        "edges": edges,
        "use": entry.use,
        "avoid": entry.avoid,
        "source": entry.source,
        "example": example,
    }


def _argument_record(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.name,
        "kind": argument.kind,
        "unit": argument.unit or None,
        "required": argument.required and not argument.own_length,
        "default": None if argument.required else argument.default,
        "low": argument.low,
        "high": argument.high,
        "above": argument.above,
        "below": argument.below,
        "choices": list(argument.choices) or None,
        "many": argument.many,
        "own_length": argument.own_length,
        "meaning": argument.meaning,
    }


# --- text --------------------------------------------------------------------------------------------------


def _width(terminal: Terminal) -> int:
    return max(40, min(terminal.width or DEFAULT_WIDTH, MAX_PROSE_WIDTH))


def _section(title: str, stream: IO[str], terminal: Terminal) -> None:
    stream.write(f"\n{paint(title, BOLD, terminal.color)}\n")


def _paragraph(text: str, stream: IO[str], width: int) -> None:
    for line in textwrap.wrap(text, width - 2, break_long_words=False, break_on_hyphens=False):
        stream.write(f"  {line}\n")


def _lines(lines: Iterable[str], stream: IO[str]) -> None:
    for line in lines:
        stream.write(line.rstrip() + "\n")
