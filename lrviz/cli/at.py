"""`lrviz at`: what is the learning rate there?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.words import show

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection

Format = Literal["text", "json", "csv"]


@reads_schedules(without="files")
def at(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="PLACE|FILE",
            help="Places: 5 epochs, 500 steps, 50%, last, end, or a number as in a schedule file. "
            "Anything else is a file; ./10 is the file of that name.",
            show_default=False,
        ),
    ],
    format: Annotated[Format, typer.Option("--format", help="Format of the answer.")] = "text",
) -> None:
    """Print the learning rate at places of the run, to the last bit.

    \b
    lrviz at 30 schedule.yaml                 one number, for a shell
    lrviz at 0 37.5 "50%" last end a.yaml     a line each
    lrviz at "500 steps" a.yaml b.yaml        and for each schedule
    """
    from lrviz.calculator.at import is_place, places_of, rates_at
    from lrviz.cli.failures import answers
    from lrviz.cli.sources import load_all, simulated_of
    from lrviz.render.tables import at as write

    texts = [text for text in arguments if is_place(text)]
    files = [text for text in arguments if not is_place(text)]
    _refuse_misspelt(files)
    if not texts:
        raise ScheduleError.at(Position("lrviz"), "no place is given", "lrviz at 30 FILE, or 50%, 500 steps, last, end")
    places = {}
    for name, schedule in load_all(selection._replace(files=files), notes, failures).schedules:
        with failures.caught(schedule.where, name):
            try:
                places[name] = schedule, places_of(schedule, texts)
            except ScheduleError as error:
                raise ScheduleError(
                    each._replace(message=f"{name}: {each.message}") for each in error.problems
                ) from None
    simulated = simulated_of([(name, schedule) for name, (schedule, _) in places.items()], selection.engine, notes)
    answered = answers(simulated, failures, lambda each: list(rates_at(each.named, places[each.name][1])))
    rates = list(chain.from_iterable(answered))
    if not rates:
        return
    writers = {"text": write.write_text, "json": write.write_json, "csv": write.write_csv}
    with standard_output():
        writers[format](rates, sys.stdout)


def _refuse_misspelt(files: Sequence[str]) -> None:
    """Raises `ScheduleError` for all arguments that are not files and do not look like names of files."""
    from lrviz.loading import SUFFIXES, file_and_key

    problems = [
        Problem(Position("lrviz"), f"{show(text)} is neither a place nor a file", _meant(text))
        for text in files
        for file, _ in [file_and_key(text)]
        if file != "-" and not os.path.exists(file) and not file.endswith(SUFFIXES) and os.sep not in file
    ]
    if problems:
        raise ScheduleError(problems)


def _meant(text: str) -> str:
    """A hint for text that is not a place."""
    from lrviz.duration import DurationError, parse_duration
    from lrviz.place import PLACES
    from lrviz.schedule.text.suggest import suggest

    try:
        parse_duration(text)
    except DurationError as error:
        return f"{error.message}; {error.hint}"
    with suppress(DurationError):
        if parse_duration(f"5 {text}"):  # a shell makes two arguments of `5 epochs`
            return f'quote a number with its unit: "5 {text}"'
    backwards = re.fullmatch(r"(epoch|step)s?\s*([0-9][0-9.,]*)", text)
    if backwards:  # as lrviz itself words a moment
        return f"write '{backwards[2].replace(',', '')} {backwards[1]}s'"
    if re.fullmatch(r"[0-9]+,[0-9]+.*", text):
        return "write a decimal point as `.`, and thousands without commas"
    nearest = suggest(text, ("last", "end"))
    return f"did you mean {nearest}?" if nearest else f"a place is such as {PLACES}"
