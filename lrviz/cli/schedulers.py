"""`lrviz schedulers`: what is there?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import ascii_only, braille, use_color, width
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.render.tables.catalogue import Demo
    from lrviz.schedule.catalogue import Entry


def _names() -> list[str]:
    from lrviz.schedule.catalogue import SCHEDULERS

    return list(SCHEDULERS)


def schedulers(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A scheduler, in upper or lower case, or by a common name (cosine, sgdr, 1cycle). "
            "Without one: the list of all.",
            show_default=False,
            autocompletion=_names,
        ),
    ] = None,
    format: Annotated[options.TextFormat, typer.Option("--format", help="Output format.")] = "text",
    color: options.ColorOption = options.Color.auto,
) -> None:
    """List torch's schedulers, or describe one of them.

    \b
    lrviz schedulers             the list, with a curve of each
    lrviz schedulers cosine      formula, arguments, edges, when to use it
    """
    from lrviz.ansi import Terminal
    from lrviz.render.tables import catalogue
    from lrviz.schedule.catalogue import SCHEDULERS

    chosen = [_find(name)] if name is not None else list(SCHEDULERS.values())
    demos = {}
    if name is not None or format == "text":
        demos = {entry.name: _demo(entry, quick=name is None) for entry in chosen}
    out = sys.stdout
    terminal = Terminal(use_color(out, color), width(out), ascii_only(out) or not braille(out))
    with standard_output():
        if format == "json":
            catalogue.write_json(chosen, demos, out)
        elif name is None:
            catalogue.write_list(chosen, demos, out, terminal)
        else:
            catalogue.write_page(chosen[0], demos[chosen[0].name], out, terminal)


def _find(name: str) -> Entry:
    """The entry of that name. Case and separators are ignored; aliases and dotted paths of torch are accepted."""
    from lrviz.schedule.catalogue import SCHEDULER_ALIASES, SCHEDULERS
    from lrviz.schedule.reading.elsewhere import schedule_hint
    from lrviz.schedule.text.suggest import did_you_mean, plain

    for entry in SCHEDULERS.values():
        if plain(name) in map(plain, (entry.name, f"{entry.module}.{entry.name}", *entry.aliases)):
            return entry
    hint = schedule_hint(name) or did_you_mean(name, SCHEDULERS, SCHEDULER_ALIASES)
    raise ScheduleError.at(Position("lrviz"), f"there is no scheduler {name!r}", hint)


def _demo(entry: Entry, quick: bool) -> Demo:
    """An entry's example, run by torch's own scheduler."""
    from lrviz.engine.simulate import simulate
    from lrviz.loading import load_text
    from lrviz.render.tables.catalogue import Demo

    assert entry.example is not None  # a test makes sure that every scheduler has one
    (schedule,) = load_text(entry.example.quick_file if quick else entry.example.file, entry.name)
    return Demo(getattr(schedule.scheduler, "arguments", {}), simulate(schedule))
