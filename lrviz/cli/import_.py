"""`lrviz import`: my config as a schedule file?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection


@reads_schedules(without="engine")
def import_(
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
    listed: Annotated[bool, typer.Option("--list", help="Show which programs' configs are read.")] = False,
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Write the config of another program as a schedule file.

    Each value has a comment with the line of the config that it comes from. The file reads back to the same curve, bit
    for bit; one that says `config: {file: CONFIG}` follows the config instead.

    \b
    lrviz import sft.yaml                                prints it
    lrviz import sft.yaml --data samples=52002,devices=8 says what the config does not
    lrviz import train.py -o schedule.yaml               writes a file
    lrviz import --list                                  lists what can be read
    """
    if listed:
        from lrviz.ansi import Terminal
        from lrviz.configs.registry import DIALECTS
        from lrviz.render.tables.dialects import write_list

        with standard_output():
            write_list(list(DIALECTS.values()), sys.stdout, Terminal(use_color(sys.stdout, color), width(sys.stdout)))
        return
    from lrviz.cli.sources import load_all
    from lrviz.cli.writing import write_or_print

    if len(selection.files) != 1:
        raise ScheduleError.at(
            Position("lrviz"),
            "import needs one config",
            "lrviz import --list says what can be read",
        )
    loaded = load_all(selection, notes, failures)
    if failures.status:
        return
    found = [schedule for _, schedule in loaded.schedules]
    if len(found) > 1 and found[0].imported is not None:
        raise ScheduleError.at(
            Position("lrviz"), f"import writes one schedule, but this makes {len(found)}", "sweep later"
        )
    imported = found[0].imported
    if imported is None or found[0].file != imported.file:
        hint = "import takes the config of another program"
        raise ScheduleError.at(Position(found[0].file), "this is a schedule file already", hint)
    write_or_print(output, _text(imported, output), "lrviz import CONFIG")


def _text(imported: object, output: str | None) -> bytes:
    from lrviz.configs.written import schedule_text
    from lrviz.schedule.imported import Imported

    assert isinstance(imported, Imported)
    beside = "" if output in (None, "-") else os.path.dirname(output or "") or os.curdir
    return schedule_text(imported, beside).encode()
