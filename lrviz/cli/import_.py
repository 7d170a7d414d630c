"""`lrviz import`: my config, or my changed schedule, as a schedule file?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Loaded, Selection
    from lrviz.schedule.model import Schedule


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
    """Write the config of another program, or a changed schedule file, as a schedule file.

    Each value of a config has a comment with the line that it comes from. A schedule file keeps its comments where it
    can be edited in place. What is written reads back to the same curve, bit for bit; a file that says
    `config: {file: CONFIG}` follows the config instead.

    \b
    lrviz import sft.yaml                                prints it
    lrviz import sft.yaml --data samples=52002,devices=8 says what the config does not
    lrviz import train.py -o schedule.yaml               writes a file
    lrviz import schedule.yaml --stretch 2 -o new.yaml   writes a plan that is twice as long
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
            "import needs one file",
            "lrviz import --list says which configs can be read",
        )
    loaded = load_all(selection, notes, failures)
    if failures.status:
        return
    found = [schedule for _, schedule in loaded.schedules]
    if len({schedule.file for schedule in found}) > 1:
        raise ScheduleError.at(Position("lrviz"), "import writes one file, but this is a folder of several", "name one")
    names = {schedule.name_in_file for schedule in found}
    if len(found) > len(names) or (len(found) > 1 and found[0].imported is not None):
        raise ScheduleError.at(
            Position("lrviz"), f"import writes each schedule once, but this makes {len(found)}", "sweep later"
        )
    beside = "" if output in (None, "-") else os.path.dirname(output or "") or os.curdir
    text = _of_config(found[0], beside) or _own(found, loaded, selection, beside)
    write_or_print(output, text.encode(), "lrviz import FILE")


def _of_config(schedule: Schedule, beside: str) -> str:
    """The config of another program as a file of ours; nothing for a schedule that stands in one."""
    from lrviz.configs.written import schedule_text, stretched_document
    from lrviz.schedule.reading.stretch.whole import whole

    imported = schedule.imported
    if imported is None or schedule.file != imported.file:
        return ""
    if schedule.written is not None and schedule.run.changed:
        imported = replace(imported, document=stretched_document(imported.document, whole(schedule)))
    return schedule_text(imported, beside)


def _own(found: Sequence[Schedule], loaded: Loaded, selection: Selection, beside: str) -> str:
    from lrviz.loading.own_file import own_file

    return own_file(
        found, loaded.texts[found[0].file], all_of_it=not selection.only, trust=selection.trust, beside=beside
    )
