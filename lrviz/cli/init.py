"""`lrviz init`: how do I begin?"""

from __future__ import annotations

import os
import shlex
from typing import Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output, write_file
from lrviz.cli.streams import Notes
from lrviz.schedule.errors import Position, ScheduleError

TEMPLATE = "template.yaml"
SCHEMA = "lrviz.schema.json"
"""Where the first line of the template tells editors to look, beside the file."""


def init(
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write; - is standard output."),
    ] = "schedule.yaml",
    quiet: options.Quiet = False,
) -> None:
    """Write a commented schedule file to begin with.

    \b
    lrviz init                            writes schedule.yaml
    lrviz init -o runs/warmup.yaml        writes where you say
    """
    text = _template()
    if output == "-":
        with standard_output():
            print(text, end="")
        return
    if os.path.lexists(output):
        raise ScheduleError.at(
            Position(output),
            "this exists already, and init overwrites nothing",
            "name another file: lrviz init -o FILE",
        )
    write_file(output, text.encode())
    beside = os.path.join(os.path.dirname(output), SCHEMA)
    with standard_output():
        print(output)
    if not os.path.exists(beside):
        Notes(quiet, False).say(f"lrviz: for completion in an editor: lrviz schema -o {shlex.quote(beside)}")


def _template() -> str:
    """What a file begins with. (The gallery will have recipes by name.)"""
    from importlib.resources import files

    return files("lrviz").joinpath(TEMPLATE).read_text(encoding="utf-8")
