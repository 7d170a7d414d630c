"""`lrviz table`: what are the numbers?"""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, use_color, width


class Format(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


class By(StrEnum):
    epoch = "epoch"
    step = "step"
    percent = "percent"


def table(
    files: options.Files = None,
    every: Annotated[
        int,
        typer.Option("--every", parser=options.whole_number, metavar="N", help="Only every N-th row, from 0."),
    ] = 1,
    by: Annotated[
        By | None,
        typer.Option(
            "--by",
            help="A row an epoch, an optimizer step, or a percent of each run.",
            show_default="epoch, where known",
        ),
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="One more row: the value after the last call.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How the table is written.")] = Format.table,
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
    """Print the learning rate of every epoch, one column a schedule.

    \b
    lrviz table schedule.yaml --end           with the value after the last call
    lrviz table schedule.yaml --every 10      every 10th epoch
    lrviz table a.yaml b.yaml --format csv    numbers to the last bit
    """
    from lrviz.cli.sources import Selection, curves_of

    selection = Selection(files or (), epochs, steps, only or (), engine, trust, set or ())
    notes = Notes(quiet, verbose)
    curves = curves_of(selection, notes)

    from lrviz.ansi import Terminal
    from lrviz.render.tables import table as write
    from lrviz.render.tables.rows import rows_of

    rows = rows_of(curves, by.value if by else None, every, end)
    if rows.by == "percent" and by is None:
        notes.say("lrviz: these schedules have no clock in common, so that a row is a percent of each run")
    out = sys.stdout
    with standard_output():
        if format is Format.csv:
            write.write_csv(rows, out)
        elif format is Format.json:
            write.write_json(rows, out)
        elif format is Format.markdown:
            write.write_markdown(rows, out)
        else:
            write.write_table(rows, out, Terminal(use_color(out, color), width(out), ascii_only(out)))
