"""The gallery: published recipes that travel with lrviz, by name.

`schedules/` of the repository lies in the wheel as `lrviz/schedules`. What a list shows is in `recipes.json`, made
from the files (`pytest --renew tests/gallery`), because running two million steps for a thumbnail takes too long.
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
    """One file of the gallery: `name` is that of the file, `field` that of its folder, `thumbnail` lines of braille."""

    name: str
    field: str
    title: str
    source: str
    thumbnail: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file itself."""
        return folder() / self.field / f"{self.name}.yaml"


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every recipe, in the order of the gallery."""
    return tuple(
        Recipe(**{**each, "thumbnail": tuple(each["thumbnail"])}) for each in json.loads(INDEX.read_text("utf-8"))
    )


def folder() -> Path:
    """Where the recipes are: in the package, or beside it in a checkout."""
    inside = PACKAGE / "schedules"
    return inside if inside.is_dir() else PACKAGE.parent / "schedules"


def find(name: str) -> list[Recipe]:
    """The recipe of that name; else all whose name or title has the name in it. Case and separators do not count."""
    asked = plain(name)
    exact = [recipe for recipe in recipes() if plain(recipe.name) == asked]
    if exact or not asked:
        return exact
    return [recipe for recipe in recipes() if asked in plain(recipe.name)] or [
        recipe for recipe in recipes() if asked in plain(recipe.title)
    ]
