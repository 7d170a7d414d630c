"""`lrviz table`: what are the numbers?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.run import By

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.curve import Curve
    from lrviz.errors import Position
    from lrviz.render.tables.rows import Rows


@reads_schedules()
def table(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    every: Annotated[
        int,
        typer.Option("--every", parser=options.whole_number, metavar="N", help="Only every N-th row, from 0."),
    ] = 1,
    by: Annotated[
        By | None,
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
    from lrviz.cli.sources import answers_of

    curves = answers_of(selection, notes, failures, lambda each: (each.schedule.where, each.named))
    if not curves:
        return

    from lrviz.ansi import Terminal
    from lrviz.render.tables import table as write

    rows = _rows(curves, by, every, end, failures)
    if rows is None:
        return
    if rows.by == "percent" and by is None:
        notes.say("lrviz: these schedules have no clock in common, so a row is a percent of each run")
    if by is None and rows.by == "epoch" and rows.count == 1 and (rows.steps_per_epoch or 1) > 1:
        notes.say("lrviz: by epoch, this table has one row; --by step and --by percent have more")
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


def _rows(
    curves: Sequence[tuple[Position, Curve]], by: By | None, every: int, end: bool, failures: Failures
) -> Rows | None:
    """The rows of all curves, or of those that have rows alone, if there are any; the others are failures."""
    from lrviz.render.tables.rows import rows_of

    def rows(curves: Sequence[tuple[Position, Curve]]) -> Rows:
        made = rows_of([curve for _, curve in curves], by, every, end)
        made.marks  # noqa: B018 - the work of each curve is done here
        return made

    try:
        return rows(curves)
    except Exception:
        tabled = []
        for where, curve in curves:
            with failures.caught(where, curve.name):
                rows([(where, curve)])
                tabled.append((where, curve))
        if len(tabled) == len(curves):
            raise
        return rows(tabled) if tabled else None
