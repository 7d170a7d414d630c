"""`lrviz plot`: what does it look like?"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output, write_file
from lrviz.cli.streams import Notes
from lrviz.schedule.errors import Position, ScheduleError


class Format(StrEnum):
    png = "png"
    svg = "svg"
    pdf = "pdf"


class Clock(StrEnum):
    epoch = "epoch"
    step = "step"
    percent = "percent"


def _size(text: str) -> tuple[float, float]:
    """`8x5` in inches."""
    width, _, height = text.lower().partition("x")
    try:
        size = float(width), float(height)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a size like 8x5, in inches") from None
    if not all(1 <= side <= 100 for side in size):
        raise typer.BadParameter(f"{text!r}: each side is 1 to 100 inches")
    return size


def _title(text: str) -> str:
    if not text.isprintable():
        raise typer.BadParameter("a title is text that can be read")
    return text


MAX_PIXELS = 100_000_000


def _check_pixels(size: tuple[float, float] | None, dpi: int) -> None:
    if size is not None and size[0] * size[1] * dpi**2 > MAX_PIXELS:
        raise ScheduleError.at(
            Position("lrviz"),
            f"a picture of {size[0] * dpi:,.0f} x {size[1] * dpi:,.0f} pixels is too large",
            "choose a smaller --size or --dpi",
        )


def plot(
    files: options.Files = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to save: .png, .svg or .pdf; - is standard output.",
            show_default="FILE.png here",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="The kind of picture.", show_default="by the name's ending, or png"),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="A logarithmic axis for the learning rate.")] = False,
    x: Annotated[
        Clock | None,
        typer.Option(
            "--x", help="What the picture runs over; percent is of the run.", show_default="epoch, where known"
        ),
    ] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="Small multiples: a panel for each schedule, on shared axes.")
    ] = False,
    title: Annotated[
        str | None,
        typer.Option(
            "--title", parser=_title, metavar="TEXT", help="In place of the file's title.", show_default=False
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size", parser=_size, metavar="WxH", help="In inches.", show_default="7.2x4.3, higher for a long legend"
        ),
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", min=20, max=1200, help="Pixels an inch.")] = 160,
    epochs: options.Epochs = None,
    steps: options.Steps = None,
    only: options.Only = None,
    set: options.Set = None,
    engine: options.Engine = "auto",
    trust: options.Trust = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Save a picture of the schedules, and print its path.

    \b
    lrviz plot schedule.yaml                  saves schedule.png
    lrviz plot a.yaml b.yaml -o compare.svg   compares across files
    lrviz plot schedules/ --log -o -          a folder, as PNG on standard output
    """
    from lrviz.cli.sources import Selection, curves_of
    from lrviz.render.figure import not_drawn, render
    from lrviz.render.style import Look

    selection = Selection(files or (), epochs, steps, only or (), engine, trust, set or ())
    _check_pixels(size, dpi)  # type: ignore[arg-type]
    target, kind = _target(output, format, selection.name)
    notes = Notes(quiet, verbose)
    curves = curves_of(selection, notes)
    for words in not_drawn(curves):
        notes.say(f"lrviz: {words}")
    picture = render(curves, kind, Look(log, x.value if x else None, title, size, dpi, grid))  # type: ignore[arg-type]
    if target == "-":
        with standard_output():
            sys.stdout.buffer.write(picture)
        return
    write_file(target, picture)
    with standard_output():
        print(target)


def _target(output: str | None, format: Format | None, name: str) -> tuple[str, str]:
    """Where the picture goes and of which kind it is, before anything is simulated for nothing."""
    from lrviz.render.figure import FORMATS

    supported = ", ".join(f".{ending}" for ending in FORMATS)
    if output is None:
        kind = format.value if format else "png"
        _refuse_foreign(f"{name}.{kind}")
        return f"{name}.{kind}", kind
    if output == "-":
        if sys.stdout.isatty():
            raise ScheduleError.at(
                Position("lrviz"), "a terminal shows no picture", "send it on: lrviz plot -o - > x.png"
            )
        return output, format.value if format else "png"
    ending = os.path.splitext(output)[1].lower().removeprefix(".")
    if format is not None:
        return output, format.value
    if ending not in FORMATS:
        what = f"does not know pictures that end in .{ending}" if ending else "needs to know which kind of picture"
        raise ScheduleError.at(Position(output), f"lrviz {what}", f"end the name in one of {supported}")
    return output, ending


def _refuse_foreign(target: str) -> None:
    """A picture whose name nobody gave may replace lrviz's own picture, and nothing else."""
    try:
        with open(target, "rb") as file:
            made_by_lrviz = b"lrviz" in file.read()  # PDF says who made it at its end
    except FileNotFoundError:
        return
    except OSError as error:
        raise ScheduleError.at(Position(target), f"the file cannot be replaced: {error.strerror}") from None
    if not made_by_lrviz:
        raise ScheduleError.at(
            Position(target), "this file exists, and lrviz did not make it", f"to replace it, say -o {target}"
        )
