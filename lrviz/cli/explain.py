"""`lrviz explain`: what did lrviz understand?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Problem
from lrviz.foreign import json_text

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.engine.side_by_side import Simulated


@reads_schedules(without="engine")
def explain(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    format: Annotated[options.TextFormat, typer.Option("--format", help="Output format.")] = "text",
) -> None:
    """Show what lrviz understood of a schedule.

    Every value with its origin, and the findings of the lint.

    \b
    lrviz explain schedule.yaml
    lrviz explain schedule.yaml --only cosine --format json
    """
    from lrviz.cli.sources import answers_of
    from lrviz.render.tables.explain import explained, page

    def answer(each: Simulated) -> tuple[dict[str, Any], str]:
        data = explained(each.schedule, each.name, _remarks(each))
        return data, page(data) if format == "text" else ""

    pages = answers_of(selection, notes, failures, answer, remarks=False)
    if not pages:
        return
    with standard_output():
        if format == "json":
            print(json_text({"version": 1, "schedules": [data for data, _ in pages]}, indent=2))
        else:
            sys.stdout.write("\n".join(text for _, text in pages))


def _remarks(simulated: Simulated) -> Iterator[Problem]:
    """The findings of the lint, and what torch refuses. Missing expectations are reported only by `check`."""
    from lrviz.checks.lint import lint

    if simulated.fault is not None:
        raise simulated.fault
    if simulated.refusal is not None:
        yield from simulated.refusal.problems
    for found in lint(simulated.schedule, simulated.curve, simulated.name):
        if found.code != "nothing-expected":
            yield found.problem
