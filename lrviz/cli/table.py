"""`lrviz table`: what are the numbers?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.run import Clock

if TYPE_CHECKING:
    from lrviz.cli.sources import Selection


@reads_schedules()
def table(
    selection: Selection,
    notes: Notes,
    every: Annotated[
        int,
        typer.Option("--every", parser=options.whole_number, metavar="N", help="Only every N-th row, from 0."),
    ] = 1,
    by: Annotated[
        Clock | None,
        typer.Option(
            "--by",
            help="One row per epoch, per optimizer step, or per percent of each run.",
            show_default="epoch, if known",
        ),
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="One more row: the value after the last call.")] = False,
    format: Annotated[options.TableFormat, typer.Option("--format", help="Format of the table.")] = "table",
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Print the learning rate of every epoch, one column per schedule.

    \b
    lrviz table schedule.yaml --end           with the value after the last call
    lrviz table schedule.yaml --every 10      every 10th epoch
    lrviz table a.yaml b.yaml --format csv    numbers to the last bit
    """
    from lrviz.cli.sources import curves_of

    curves = curves_of(selection, notes)

    from lrviz.ansi import Terminal
    from lrviz.render.tables import table as write
    from lrviz.render.tables.rows import rows_of

    rows = rows_of(curves, by, every, end)
    if rows.by == "percent" and by is None:
        notes.say("lrviz: these schedules have no clock in common, so a row is a percent of each run")
    out = sys.stdout
    with standard_output():
        if format == "csv":
            write.write_csv(rows, out)
        elif format == "json":
            write.write_json(rows, out)
        elif format == "markdown":
            write.write_markdown(rows, out)
        else:
            write.write_table(rows, out, Terminal(use_color(out, color), width(out), ascii_only(out)))
