"""The gallery: finds the published recipes that come with lrviz, by name.

`schedules/` of the repository is packaged as `lrviz/schedules`. Titles, sources and thumbnails are stored in
`recipes.json`, which `pytest --renew tests/gallery` writes from the files, because running two million steps for a
thumbnail takes too long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lrviz.schedule.text.suggest import plain

PACKAGE = Path(__file__).parent.parent
INDEX = Path(__file__).parent / "recipes.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One file of the gallery.

    `name` is the name of the file without `.yaml`, `field` that of its folder, and `thumbnail` lines of braille.
    """

    name: str
    field: str
    title: str
    source: str
    thumbnail: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The path of the file."""
        return folder() / self.field / f"{self.name}.yaml"


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every recipe, in the order of the gallery."""
    return tuple(
        Recipe(**{**each, "thumbnail": tuple(each["thumbnail"])}) for each in json.loads(INDEX.read_text("utf-8"))
    )


def folder() -> Path:
    """The folder of the recipes: in the package, or beside it in a checkout."""
    inside = PACKAGE / "schedules"
    return inside if inside.is_dir() else PACKAGE.parent / "schedules"


def find(name: str) -> list[Recipe]:
    """The recipe of that name; else all with it in their names; else all with it in their titles.

    Case and separators are ignored.
    """
    asked = plain(name)
    exact = [recipe for recipe in recipes() if plain(recipe.name) == asked]
    if exact or not asked:
        return exact
    return [recipe for recipe in recipes() if asked in plain(recipe.name)] or [
        recipe for recipe in recipes() if asked in plain(recipe.title)
    ]
