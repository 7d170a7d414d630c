"""`lrviz init`: how do I begin?"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, braille, use_color, width
from lrviz.cli.writing import write_new
from lrviz.errors import Position, ScheduleError
from lrviz.foreign import escaped

if TYPE_CHECKING:
    from lrviz.gallery.recipes import Recipe

TEMPLATE = "template.yaml"
TARGET = "schedule.yaml"
SCHEMA = "lrviz.schema.json"
"""The name under which the first line of the template tells editors to look for the schema, beside the file."""


def _names() -> list[str]:
    from lrviz.gallery.recipes import recipes

    return [recipe.name for recipe in recipes()]


def init(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A recipe of the gallery, or part of its name. Without one: a commented file to start from.",
            show_default=False,
            autocompletion=_names,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write; - is standard output.",
            show_default="schedule.yaml, or the recipe's own name",
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the recipes, each with its curve.")] = False,
    quiet: options.Quiet = False,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Write a schedule file to start from.

    A commented one, or a published recipe.

    \b
    lrviz init                            writes schedule.yaml
    lrviz init resnet50                   writes the recipe of that name
    lrviz init --list                     lists the recipes
    lrviz init -o runs/warmup.yaml        writes to that file
    """
    if listed:
        from lrviz.ansi import Terminal
        from lrviz.gallery.recipes import find, recipes
        from lrviz.render.tables.gallery import write_list

        chosen = find(name) if name is not None else list(recipes())
        terminal = Terminal(use_color(sys.stdout, color), width(sys.stdout), not braille(sys.stdout))
        with standard_output():
            write_list(chosen or [_recipe(name or "")], sys.stdout, terminal)
        return
    files = {output or TARGET: _template()} if name is None else _files_of(_recipe(name), output)
    if output == "-":
        with standard_output():
            print(next(iter(files.values())).decode(), end="")
        return
    _write(files)
    with standard_output():
        print("\n".join(map(escaped, files)))
    beside = os.path.join(os.path.dirname(next(iter(files))), SCHEMA)
    if name is None and not os.path.exists(beside):
        Notes(quiet, False).say(f"lrviz: for completion in an editor: lrviz schema -o {shlex.quote(beside)}")


def _write(files: Mapping[str, bytes]) -> None:
    """Writes files where nothing is yet."""

    def exists(path: str) -> ScheduleError:
        hint = "name another file: lrviz init -o FILE" if path == next(iter(files)) else "it belongs to the recipe"
        return ScheduleError.at(Position(path), "this file exists already, and init never overwrites", hint)

    for path in files:
        if os.path.lexists(path):
            raise exists(path)
    for path, data in files.items():
        try:
            write_new(path, data)
        except FileExistsError:  # another init was faster
            raise exists(path) from None


def _template() -> bytes:
    from importlib.resources import files

    return files("lrviz.gallery").joinpath(TEMPLATE).read_bytes()


def _recipe(name: str) -> Recipe:
    """The one recipe with a name, or with it as part of its name."""
    from lrviz.gallery.recipes import find, recipes
    from lrviz.schedule.text.suggest import suggest

    found = find(name)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(recipe.name for recipe in found)
        raise ScheduleError.at(
            Position("lrviz"), f"{len(found)} recipes have {name!r} in their name or title", f"one of {names}"
        )
    nearest = suggest(name, [recipe.name for recipe in recipes()])
    hint = f"did you mean {nearest}?" if nearest else "`lrviz init --list` lists them"
    raise ScheduleError.at(Position("lrviz"), f"there is no recipe {name!r}", hint)


def _files_of(recipe: Recipe, output: str | None) -> dict[str, bytes]:
    """The recipe's own file and the metric that it reads, by the path to write each to."""
    from lrviz.schedule.references import references_of
    from lrviz.schedule.text.document import parse

    target = output or f"{recipe.name}.yaml"
    files = {target: recipe.path.read_bytes()}
    for metric in sorted(references_of(parse(files[target], str(recipe.path))).metrics):
        files[os.path.join(os.path.dirname(target), metric.text)] = metric.path.read_bytes()
    return files
