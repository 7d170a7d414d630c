"""`lrviz code`: what is that in PyTorch?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli.streams import Notes
from lrviz.cli.verb import reads_schedules

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.engine.side_by_side import Simulated


@reads_schedules()
def code(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write; - is standard output, which is the default. Nothing is written over.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print a schedule as a Python function that builds the same scheduler with torch alone.

    It gives the same learning rates to the last bit. Where torch has nothing equal to a list of phases, the code
    imports PhasedLR from lrviz, and a comment says why.

    \b
    lrviz code schedule.yaml                             prints it
    lrviz code schedule.yaml --only cosine -o cosine.py  writes a file
    lrviz code sft.yaml --data samples=52002             does so for a config of another program
    """
    from lrviz.cli.sources import answers_of
    from lrviz.cli.writing import write_or_print
    from lrviz.training.code.written import Subject, code_of

    def answer(each: Simulated) -> Subject:
        return Subject(each.name, each.schedule, each.named)

    subjects = answers_of(selection, notes, failures, answer)
    if subjects and not failures.status:
        write_or_print(output, code_of(subjects, selection.engine).encode(), "lrviz code SCHEDULE")
