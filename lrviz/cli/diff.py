"""`lrviz diff`: what changed?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import BufferedReader
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.alike import ROUNDING
from lrviz.cli import options
from lrviz.cli.destination import kind_of
from lrviz.cli.output import standard_output
from lrviz.cli.status import Status
from lrviz.cli.streams import Notes, ascii_only, braille, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.cli.writing import write_file
from lrviz.errors import Position, ScheduleError
from lrviz.number import MAX_NUMBER, NumberError

if TYPE_CHECKING:
    from lrviz.calculator.difference import Difference, Side
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.schedule.model import Schedule


def _tolerance(text: str | float) -> float:
    """A fraction of at least 0. (Typer also passes the default through.)"""
    from lrviz.schedule.text.document import resolve

    try:
        value = resolve(str(text))
    except NumberError as error:
        raise typer.BadParameter(str(error)) from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_NUMBER:
        raise typer.BadParameter(f"{text!r} is not a number of at least 0")
    return float(value)


@reads_schedules(without="files")
def diff(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    a: Annotated[
        str,
        typer.Argument(metavar="A", help="A schedule file, a snapshot, or - for standard input.", show_default=False),
    ],
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="What to compare it with.", show_default=False)] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Also save a picture: both curves, and their ratio below (.png, .svg or .pdf).",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance", parser=_tolerance, metavar="X", help="Fraction by which two learning rates may differ."
        ),
    ] = ROUNDING,
    torch: Annotated[
        str | None,
        typer.Option(
            "--torch",
            metavar="PATH",
            help="Compare A with itself under another torch: a virtual environment, or a folder with torch.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[options.TextFormat, typer.Option("--format", help="Format of the differences.")] = "text",
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Show where two schedules differ; exit with status 1 if they do.

    Files with several schedules are compared name by name.

    \b
    lrviz diff old.yaml new.yaml -o diff.png
    lrviz diff snapshots/step.csv schedule.yaml         against a stored curve
    lrviz diff schedule.yaml --torch ~/new-venv         does another torch change it?
    git show HEAD~1:s.yaml | lrviz diff - s.yaml        against another revision
    """
    kind = kind_of(output)
    names, selections = _compared(a, b, torch, selection)
    first, second = _sides(selections, notes, failures)

    from lrviz.ansi import Terminal
    from lrviz.calculator.difference import difference, pairing
    from lrviz.render.tables.difference import Compared, write_json, write_page

    pairs, only_a, only_b = pairing(first, second)
    compared = Compared(
        a=names[0], b=names[1], tolerance=tolerance,
        pairs=[difference(*pair, tolerance) for pair in pairs], only_a=only_a, only_b=only_b,
    )  # fmt: skip
    if output is not None:
        _save(output, kind, compared.pairs, (compared.a, compared.b))
    if not compared.same:
        failures.at_least(Status.FAILED)
    out = sys.stdout
    with standard_output():
        if format == "json":
            write_json(compared, out)
        else:
            write_page(compared, out, Terminal(use_color(out, color), width(out), ascii_only(out) or not braille(out)))


def _compared(a: str, b: str | None, torch: str | None, selection: Selection) -> tuple[list[str], list[Selection]]:
    """The two sides: how they are called, and the selection of each."""
    if torch is None:
        if b is None:
            raise ScheduleError.at(
                Position("lrviz"), "diff compares two files, but only one is named", "name another, or --torch PATH"
            )
        return [_called(each, selection) for each in (a, b)], [selection._replace(files=[each]) for each in (a, b)]
    if b is not None:
        raise ScheduleError.at(
            Position("lrviz"), "--torch compares a file with itself under another torch, but two are named", "name one"
        )
    from lrviz.engine.other_torch import other_torch
    from lrviz.engine.torch_source import torch_version

    other, own = other_torch(torch), torch_version()
    if own is None:
        raise ScheduleError.at(Position("lrviz"), "torch is not installed", "pip install torch")
    called = _called(a, selection)
    here = selection._replace(files=[a])
    return (
        [f"{called} (torch {own})", f"{called} (torch {other.version})"],
        [here, here._replace(engine=other)],
    )


def _called(source: str, selection: Selection) -> str:
    return selection.stdin if source == "-" else source


def _save(output: str, kind: str, pairs: Sequence[Difference], names: tuple[str, str]) -> None:
    from lrviz.render.picture.ratio import render

    if len(pairs) != 1:
        there = ", ".join(pair.a.name for pair in pairs)
        hint = f"choose with --only: {there}" if pairs else ""
        raise ScheduleError.at(
            Position(output), f"a picture shows one pair of schedules, but there are {len(pairs)}", hint
        )
    write_file(output, render(pairs[0], names, kind))


# --- the sources -----------------------------------------------------------------------------------------------


def _sides(selections: list[Selection], notes: Notes, failures: Failures) -> tuple[list[Side], list[Side]]:
    """The contents of both sources. Raises `ScheduleError` with the problems of both."""
    from lrviz.calculator.difference import side_of_curve
    from lrviz.cli.failures import answers
    from lrviz.cli.sources import load_all, simulated_of

    sources = [selection.files[0] for selection in selections]
    twice = selections[0].engine != selections[1].engine
    if sources == ["-", "-"] and not twice:
        raise ScheduleError.at(Position("lrviz"), "only one of the two sources can be standard input")
    found: list[list[Side]] = [[], []]
    schedules: list[list[tuple[str, Schedule]]] = [[], []]
    for index, selection in enumerate(selections):
        with failures.caught(Position(_called(sources[index], selection))):
            snapshot = _snapshot(sources[index])
            if snapshot is not None and twice:
                raise ScheduleError.at(
                    Position(sources[index]), "this is a stored curve, which no torch runs", "name a schedule file"
                )
            if snapshot is not None:
                found[index] = [snapshot]
            elif index and twice:
                schedules[1] = schedules[0]
            else:
                said = index == 0 or sources[0] != sources[1]
                schedules[index] = load_all(selection, notes, failures, remarks=said).schedules
    failures.raise_any()
    for engine in dict.fromkeys(selection.engine for selection in selections):
        sides = [index for index, selection in enumerate(selections) if selection.engine == engine]
        named = [(index, each) for index in sides for each in schedules[index]]
        simulated = simulated_of([each for _, each in named], engine, notes)
        curves = answers(simulated, failures, lambda each: side_of_curve(each.named))
        failures.raise_any()
        for (index, _), side in zip(named, curves, strict=True):
            found[index].append(side)
    return found[0], found[1]


def _snapshot(source: str) -> Side | None:
    """The snapshot in a source; None if it is not one. A folder, or a CSV file that is not a snapshot, is an error."""
    from lrviz.files import STDIN, UnreadableError, read_rest
    from lrviz.snapshot import FIRST_LINE, parse

    begins = FIRST_LINE.encode()
    where = Position(STDIN if source == "-" else source)
    try:
        if source == "-":
            stream = sys.stdin.buffer if sys.stdin is not None else None
            if not isinstance(stream, BufferedReader) or not stream.peek(len(begins)).startswith(begins):
                return None
            data = read_rest(stream)
        else:
            if os.path.isdir(source):
                raise ScheduleError.at(where, "this is a folder, but diff compares two files", "name a file in it")
            with open(source, "rb") as file:
                data = file.read(len(begins))
                if data != begins and not source.lower().endswith(".csv"):
                    return None
                data = read_rest(file, data)
    except OSError:
        return None  # a file that cannot be read is reported when schedules are read
    except UnreadableError as error:
        raise ScheduleError.at(where, f"the snapshot cannot be read: it {error}") from None
    from lrviz.calculator.difference import side_of_snapshot

    try:
        return side_of_snapshot(parse(data))
    except ValueError as error:
        raise ScheduleError.at(where, f"the snapshot cannot be read: {error}") from None
