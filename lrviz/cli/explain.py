"""`lrviz explain`: what did lrviz understand?"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes


class Format(StrEnum):
    text = "text"
    json = "json"


def explain(
    files: options.Files = None,
    format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.text,
    epochs: options.Epochs = None,
    steps: options.Steps = None,
    only: options.Only = None,
    trust: options.Trust = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what lrviz understood of a schedule, and where it comes from.

    \b
    lrviz explain schedule.yaml
    lrviz explain schedule.yaml --only cosine --format json
    """
    from lrviz.cli.sources import Selection, schedules_of

    selection = Selection(files or (), epochs, steps, only or (), trust=trust)
    schedules = schedules_of(selection, Notes(quiet, verbose), remarks=False)

    from lrviz.render.explain import explained, page

    pages = [explained(schedule, name) for name, schedule in schedules]
    with standard_output():
        if format is Format.json:
            print(json.dumps({"version": 1, "schedules": pages}, indent=2))
        else:
            sys.stdout.write("\n".join(map(page, pages)))
