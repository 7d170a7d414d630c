"""`lrviz resume`: what would a restart do?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lrviz.cli import options
from lrviz.cli.destination import kind_of
from lrviz.cli.logged import checkpoints_of
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, progress, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.cli.writing import write_file
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.other import Others
    from lrviz.cli.sources import Loaded, Selection
    from lrviz.schedule.model import Schedule
    from lrviz.training.checkpoint.compare import NamedCheckpoint
    from lrviz.training.resume.results import Resumed

Format = Literal["table", "csv", "json"]


@reads_schedules(without="engine")
def resume(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="PLACE",
            help="Where the training was stopped: 30, 5 epochs, 500 steps, 50%, last, end. What was saved is the state "
            "when this epoch or step begins.",
            show_default="where the checkpoint says",
        ),
    ] = None,
    into: Annotated[
        list[str] | None,
        typer.Option(
            "--into",
            metavar="FILE|KEY=VALUE",
            help="Restart with another file, or with another value in this one (repeatable).",
            show_default="a run twice as long",
        ),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help="Restart from what a real training saved: torch, Lightning, Hugging Face, Accelerate.",
            show_default=False,
        ),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Print the code of every way, not only of the right one.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Also save a picture: a panel for each curve that follows, over the plan (.png, .svg or .pdf).",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Format of the table.")] = "table",
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Show what a restart would do: which ways of resuming leave the plan, where, and by how much.

    Each way is run on real torch objects, whose state is saved to a file and loaded again. The code of the right way
    is printed below the table.

    \b
    lrviz resume --at 30 schedule.yaml
    lrviz resume --at "15000 steps" schedule.yaml -o resume.png
    lrviz resume --at 50% schedule.yaml --into step_size=20    another argument
    lrviz resume --at 50% old.yaml --into new.yaml             another file
    lrviz resume --checkpoint last.ckpt schedule.yaml          what a real training saved
    """
    from lrviz.ansi import Terminal
    from lrviz.cli.other import Others
    from lrviz.cli.sources import load_all
    from lrviz.render.tables import resume as write
    from lrviz.render.tables.resume_page import write_page

    kind = kind_of(output)
    loaded = load_all(selection, notes, failures)
    others = Others.of(selection, loaded, into or (), notes, failures)
    named = _named(at, checkpoint, loaded)
    found: list[Resumed] = []
    with progress(notes) as progress_of:
        for name, schedule in loaded.schedules:
            with failures.caught(schedule.where, name):
                found += _resumed(name, schedule, at, named, others, progress_of(name))
    if not found:
        return
    if output is not None:
        failures.raise_any()
        _save(output, kind, found)
    out = sys.stdout
    with standard_output():
        if format == "csv":
            write.write_csv(found, out)
        elif format == "json":
            write.write_json(found, out)
        else:
            terminal = Terminal(use_color(out, color), width(out), ascii_only(out))
            write_page(found, out, terminal, code=code, whole=into is not None or notes.verbose)


def _named(at: str | None, checkpoint: str | None, loaded: Loaded) -> NamedCheckpoint | None:
    """The checkpoint of the one schedule of a selection. Raises `ScheduleError` if nothing says where it stopped."""
    if checkpoint is not None:
        (named,) = checkpoints_of([checkpoint], loaded)
        return named
    if at is None:
        hint = "--at 50%, or what a real training saved: --checkpoint last.ckpt"
        raise ScheduleError.at(Position("lrviz"), "Missing option '--at': where was the training stopped?", hint)
    return None


def _resumed(
    name: str,
    schedule: Schedule,
    at: str | None,
    named: NamedCheckpoint | None,
    others: Others,
    progress: Callable[[int, int], None] | None,
) -> Sequence[Resumed]:
    """What follows a restart of one schedule: with its own file, and with another."""
    from lrviz.calculator.at import places_of
    from lrviz.cli.other import twice
    from lrviz.training.resume.resume import resume as run

    tick = places_of(schedule, [at])[0].tick if at is not None else None
    if named is None:
        assert tick is not None
        found = run(replace(schedule, name=name), tick, others.of_schedule(schedule), progress)
    else:
        from lrviz.training.checkpoint.restore import restorable

        other = others.of_schedule(schedule) if others.asked else None
        schedule, tick, saved = restorable(named, replace(schedule, name=name), tick)
        found = run(schedule, tick, other, progress, saved)
    if not found:
        hint = f"write `last`, or restart with a longer run: --into {twice(schedule.run)}"
        raise ScheduleError.at(Position("lrviz"), "nothing follows the end of the run", hint)
    return found


def _save(output: str, kind: str, found: Sequence[Resumed]) -> None:
    from lrviz.render.picture.resume import render

    names = list(dict.fromkeys(each.name for each in found))
    if len(names) > 1:
        raise ScheduleError.at(
            Position(output),
            f"a picture shows one schedule, but there are {len(names)}",
            f"choose with --only: {', '.join(names)}",
        )
    write_file(output, render(found, kind))
