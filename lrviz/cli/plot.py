"""`lrviz plot`: what does it look like?"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from lrviz.cli import options
from lrviz.cli.destination import Destination, destination_of, in_terminal, launch, picture_formats, save
from lrviz.cli.logged import (
    ColumnOption,
    GroupOption,
    PatternOption,
    RunOption,
    RunOptions,
    ShiftOption,
    StepColumnOption,
)
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes
from lrviz.cli.verb import OneOf, reads_schedules
from lrviz.errors import Position, ScheduleError
from lrviz.foreign import escaped
from lrviz.number import real
from lrviz.run import Clock

if TYPE_CHECKING:
    from lrviz.cli.picture import Order
    from lrviz.cli.sources import Selection
    from lrviz.config import Config
    from lrviz.render.style import Theme, Values


def _values() -> Iterable[str]:
    from lrviz.render.style import Values

    return get_args(Values)


def _themes() -> Iterable[str]:
    from lrviz.render.style import PALETTES

    return PALETTES


def _size(text: str) -> tuple[float, float]:
    """`8x5` in inches."""
    width, _, height = text.lower().partition("x")
    try:
        size = real(width), real(height)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a size like 8x5, in inches") from None
    if not (2 <= size[0] <= 100 and 1.5 <= size[1] <= 100):
        raise typer.BadParameter(f"{text!r}: a picture is 2 to 100 inches wide and 1.5 to 100 high")
    return size


def _font_size(text: str) -> float:
    """`16` in points."""
    from lrviz.render.style import FONT_SIZES

    try:
        points = real(text)
    except ValueError:
        points = 0.0
    if not FONT_SIZES[0] <= points <= FONT_SIZES[1]:
        raise typer.BadParameter(f"{text!r} is not a size of letters from {FONT_SIZES[0]} to {FONT_SIZES[1]} points")
    return points


def _title(text: str) -> str:
    if not text.isprintable():
        raise typer.BadParameter("a title must be readable text")
    return text


@reads_schedules()
def plot(
    selection: Selection,
    notes: Notes,
    config: Config,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to save: .png, .svg, .pdf or .html; - is standard output.",
            show_default="FILE.png here",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", help="The kind of picture.", show_default="by the name's ending, or png"),
        OneOf(picture_formats),
    ] = None,
    log: Annotated[
        bool | None,
        typer.Option(
            "--log/--linear",
            help="Scale of the learning-rate axis.",
            show_default="log if they span more than three decades",
        ),
    ] = None,
    x: Annotated[
        Clock | None,
        typer.Option(
            "--x",
            help="The horizontal axis: a unit that every run knows, or percent of each run.",
            show_default="epoch, if known; percent if lengths are far apart",
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            "--window",
            metavar="PLACES",
            help='The part of each run to draw: "0..10 epochs", "50%..last".',
            show_default="all of it",
        ),
    ] = None,
    y: Annotated[
        str | None,
        typer.Option(
            "--y",
            help="What is drawn: learning rates, momentum (or beta1), both, or fractions of each schedule's peak.",
            show_default="lr, and momentum if it moves, and a plateau's metric",
        ),
        OneOf(_values),
    ] = None,
    grid: Annotated[
        bool | None,
        typer.Option(
            "--grid/--no-grid",
            help="Small multiples: a panel for each schedule, on shared axes.",
            show_default="panels if one would be crowded",
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Only lines, axes and names: no phases, marks or caption.")
    ] = False,
    expect: Annotated[
        bool | None,
        typer.Option(
            "--expect/--no-expect",
            help="Mark what the schedules expect, as rings and crosses.",
            show_default="marked, but not with --theme paper",
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option("--theme", help="The colours of the picture.", show_default="light"),
        OneOf(_themes),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title", parser=_title, metavar="TEXT", help="Title, in place of the file's.", show_default=False
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size", parser=_size, metavar="WxH", help="In inches.", show_default="7.2x4.3, higher for a long legend"
        ),
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", min=20, max=1200, help="Pixels per inch.")] = 160,
    font_size: Annotated[
        float | None,
        typer.Option(
            "--font-size",
            parser=_font_size,
            metavar="POINTS",
            help="Size of the letters of a picture, in points: 16 for slides.",
            show_default="10, smaller in a small picture",
        ),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Draw in the terminal; saves nothing without -o.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Redraw whenever a file is saved, until Ctrl-C (needs lrviz[watch]).")
    ] = False,
    open: Annotated[bool, typer.Option("--open", help="Open the picture once it is saved.")] = False,
    run: RunOption = None,
    column: ColumnOption = None,
    step_column: StepColumnOption = None,
    group: GroupOption = None,
    shift: ShiftOption = None,
    pattern: PatternOption = None,
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Save a picture of the schedules, and print its path.

    \b
    lrviz plot schedule.yaml                  saves schedule.png
    lrviz plot a.yaml b.yaml -o compare.svg   compares across files
    lrviz plot schedules/ --log -o -          a folder, as PNG on standard output
    lrviz plot schedule.yaml --watch          redraws at every save
    lrviz plot schedule.yaml --run train.csv  draws what was logged over the plan
    """
    from lrviz.cli.picture import Order
    from lrviz.render.style import Look, check_pixels

    if window is not None:
        from lrviz.render.drawing.window import parse_window

        parse_window(window)  # before any file is read
    if size is not None:
        check_pixels(size, dpi)  # type: ignore[arg-type]
    look = Look(
        log=log, x=x, title=title, size=size, dpi=dpi, grid=grid,  # type: ignore[arg-type]
        y=cast("Values | None", y), theme=cast("Theme", theme or config.theme or "light"), plain=plain, expect=expect,
        font_size=font_size, window=window,
    )  # fmt: skip
    destination = destination_of(selection.name, output, format, terminal=terminal, open=open, color=color)
    if font_size is not None and (destination.target is None or destination.kind == "html"):
        other = "a page" if destination.target else "a terminal"
        message = f"--font-size sets the letters of a picture; {other} has its own"
        raise ScheduleError.at(Position("lrviz"), message, "save a picture: -o x.png")
    runs = RunOptions(run or (), column, step_column, group, shift, pattern)
    order = Order(selection, look, destination.kind, runs)
    if watch and "-" in runs.run:
        message = "--watch cannot read the log on standard input again"
        raise ScheduleError.at(Position("lrviz"), message, "name a file: --run train.log")
    if watch:
        from lrviz.cli.watch import watch as draw_at_every_save

        draw_at_every_save(order, destination, notes)
    else:
        _draw(order, destination, notes)


def _draw(order: Order, destination: Destination, notes: Notes) -> None:
    """Draws once: the files are read and simulated once for both terminal and picture."""
    from lrviz.cli.picture import drawn, sources

    made = sources(order, notes)
    drawing = in_terminal(made.shown, order.look, destination.color) if destination.terminal else ""
    if destination.target is not None:
        save(drawn(order, made, notes), destination.target)
        if destination.target != "-":
            drawing += f"{escaped(destination.target)}\n"
    if destination.open and destination.target is not None:
        launch(destination.target, notes)
    with standard_output():
        sys.stdout.write(drawing)
