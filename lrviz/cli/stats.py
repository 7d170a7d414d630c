"""`lrviz stats`: how do they compare?"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.printed import print_as
from lrviz.cli.streams import Notes
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
    from lrviz.calculator.stats import stats_of
    from lrviz.cli.sources import answers_of
    from lrviz.render.tables import stats as write

    found = list(chain.from_iterable(answers_of(selection, notes, failures, lambda each: stats_of([each.named]))))
    if not found:
        return
    print_as(format, found, write, color)
