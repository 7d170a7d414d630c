"""`lrviz when`: when is it first, and for how long?"""

from __future__ import annotations

import os
import sys
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection


@reads_schedules()
def when(
    condition: Annotated[
        str,
        typer.Argument(
            metavar="CONDITION",
            help="An expression of lr, epoch, step and momentum, with < <= > >= == != and or not. "
            "It is evaluated once for each call of scheduler.step().",
            show_default=False,
        ),
    ],
    selection: Selection,
    notes: Notes,
    failures: Failures,
    every: Annotated[
        bool, typer.Option("--all", help="Show every stretch of the run in which it holds, with its length.")
    ] = False,
    format: Annotated[options.TextFormat, typer.Option("--format", help="Format of the answer.")] = "text",
) -> None:
    """Show when a condition first holds, and the learning rate then; or that it never or always does.

    \b
    lrviz when "lr < 1e-5" schedule.yaml                  the first moment
    lrviz when "lr < 1e-5" schedule.yaml --all            every stretch of the run
    lrviz when "epoch > 5 and lr <= 0.01" a.yaml b.yaml   for each schedule
    """
    from lrviz.calculator.condition import read_condition
    from lrviz.calculator.condition import when as occurrences_of
    from lrviz.cli.sources import answers_of
    from lrviz.loading import SUFFIXES, file_and_key

    if condition == "-" or condition.endswith(SUFFIXES) or os.path.exists(file_and_key(condition)[0]):
        raise ScheduleError.at(
            Position("lrviz"), f"{condition!r} is a file, not a condition", 'lrviz when "lr < 1e-5" FILE'
        )
    read = read_condition(condition)
    answered = answers_of(selection, notes, failures, lambda each: occurrences_of(read, [each.named]))
    found = list(chain.from_iterable(answered))
    if not found:
        return

    from lrviz.render.tables import when as write

    with standard_output():
        if format == "json":
            write.write_json(found, condition, sys.stdout, every=every)
        else:
            write.write_text(found, sys.stdout, every=every)
