"""`lrviz stats`: how do they compare?"""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, use_color, width
from lrviz.cli.verb import reads_schedules

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection


@reads_schedules()
def stats(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    format: Annotated[options.TableFormat, typer.Option("--format", help="Format of the table.")] = "table",
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Compare schedules: peak, end, mean, area, warmup.

    \b
    peak, at     the largest learning rate, and where it is first reached
    end          the learning rate after the last call, which no step uses
    mean, area   the average over time; the average times the length of the run
    warmup       from the start to the peak, if it never falls in between
    above half   for how long it is above half of the peak
    changes      the number of calls of scheduler.step() that change it

    \b
    Times and areas are in epochs, or in steps if a run does not know its epochs.

    \b
    lrviz stats schedules/                           one row per schedule
    lrviz stats schedule.yaml --set gamma=0.1,0.5    one row per value
    """
    from lrviz.ansi import Terminal
    from lrviz.calculator.stats import stats_of
    from lrviz.cli.sources import answers_of
    from lrviz.render.tables import stats as write

    found = list(chain.from_iterable(answers_of(selection, notes, failures, lambda each: stats_of([each.named]))))
    if not found:
        return
    out = sys.stdout
    with standard_output():
        if format == "csv":
            write.write_csv(found, out)
        elif format == "json":
            write.write_json(found, out)
        elif format == "markdown":
            write.write_markdown(found, out)
        else:
            write.write_table(found, out, Terminal(use_color(out, color), width(out), ascii_only(out)))
