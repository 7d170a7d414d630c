"""The gallery: what is made from its files is what its files say, and all of them hold.

The package's index, the gallery's page and the picture of all curves are made here: `pytest --renew tests/gallery`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from helpers.gallery import BASICS, FILES, GALLERY, LESSONS, RECIPES, Gallery
from helpers.golden import Golden

from lrviz.gallery.recipes import INDEX, Recipe, find, folder, recipes
from lrviz.render.braille import draw
from lrviz.render.picture.figure import render
from lrviz.render.style import Look
from lrviz.render.tables.gallery import THUMBNAIL

ROOT = GALLERY.parent
PAGE = GALLERY / "README.md"

FIELDS = ("vision", "language", "speech", "generative", "libraries", "basics", "learning")
"""The folders, in the order of the index."""

ORDERED = sorted(FILES, key=lambda file: (FIELDS.index(file.parent.name), file.name))


def entry(file: Path, gallery: Gallery) -> dict[str, Any]:
    """What `lrviz init --list` shows: the first schedule, and of its curve the param group with the highest peak. Of a
    lesson it is the last schedule, with which the others are compared."""
    schedule, curve = gallery[file][-1 if file in LESSONS else 0]
    return {
        "name": file.stem,
        "field": file.parent.name,
        "title": schedule.title or schedule.name,
        "source": schedule.source or "",
        "thumbnail": draw(max(curve.columns, key=max), *THUMBNAIL),
    }


def test_the_index_of_the_package_is_that_of_the_files(golden: Golden, gallery: Gallery) -> None:
    golden.same_text(INDEX, json.dumps([entry(file, gallery) for file in ORDERED], indent=1, ensure_ascii=False) + "\n")


def rows(entries: list[dict[str, Any]], folder: Path) -> Iterator[str]:
    """The index of some files as Markdown, field by field."""
    for field, members in groupby(entries, key=lambda each: each["field"]):
        yield f"\n## {field}\n\n| | | source |\n| --- | --- | --- |\n"
        for each in members:
            path = folder / field / f"{each['name']}.yaml"
            title, source = (cell(each[key]) for key in ("title", "source"))
            link = f"[{each['name']}]({path.relative_to(folder).as_posix()})"
            drawn = "<br>".join(f"`{line}`" for line in each["thumbnail"])
            yield f"| {link}<br>{drawn} | {title} | {source} |\n"


def cell(text: str) -> str:
    """A text as the cell of a table: no markup of its own."""
    return re.sub(r"([\\|*_<\[\]`])", r"\\\1", text)


def test_the_page_of_the_gallery_is_that_of_the_files(golden: Golden, gallery: Gallery) -> None:
    lessons = f"{len(LESSONS)} lessons that `lrviz train` trains"
    counted = f"{len(RECIPES)} published recipes, {len(BASICS)} basics to learn from, and {lessons}:\n"
    entries = [entry(file, gallery) for file in ORDERED]
    golden.same_part(
        PAGE, counted + "".join(rows(entries, GALLERY)), "<!-- gallery -->\n", "<!-- end of the gallery -->\n"
    )


def test_the_picture_is_that_of_the_files(golden: Golden, gallery: Gallery) -> None:
    """It is that of `lrviz plot --grid --dpi 100 -o schedules/gallery.png` with all folders but that of the lessons:
    their schedules only mean something beside each other."""
    pinned = re.search(r"^matplotlib==(.*)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    if pinned is None or matplotlib.__version__ != pinned[1]:
        pytest.skip("another matplotlib draws other pixels")
    members = [member for file in sorted(set(gallery) - set(LESSONS), key=str) for member in gallery[file]]
    assert len({schedule.name for schedule, _ in members}) == len(members), "two schedules have one name"
    picture = render([curve for _, curve in members], "png", Look(grid=True, dpi=100))
    golden.same_picture(GALLERY / "gallery.png", picture)


def test_every_file_has_its_field_and_a_name_of_its_own() -> None:
    assert {file.parent.name for file in FILES} == set(FIELDS)
    assert len({file.stem for file in FILES}) == len(FILES)
    assert len(RECIPES) >= 40


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_is_found_by_its_name(recipe: Recipe) -> None:
    assert recipe.path.is_file()
    assert find(recipe.name) == [recipe]
    assert find(recipe.name.upper().replace("_", "-")) == [recipe]
    assert recipe in find(recipe.name[: len(recipe.name) // 2 + 1])


def test_the_whole_gallery_passes_its_own_check(gallery: Gallery) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", "check", "--strict", "--require-expect", "schedules"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    expected = sum(len(schedule.expect) for each in gallery.values() for schedule, _ in each)
    schedules = sum(len(each) for each in gallery.values())
    verdict = f"All {expected} expectations of {schedules} schedules in {len(FILES)} files hold"
    assert done.stdout.splitlines()[-1].startswith(verdict)


def test_the_recipes_travel_in_the_wheel(tmp_path: Path) -> None:
    options = ["-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "lrviz/gallery/recipes.json" in names
    assert {f"lrviz/schedules/{file.relative_to(GALLERY).as_posix()}" for file in FILES} <= names
    assert "lrviz/schedules/libraries/plateau_metric.csv" in names
    assert not [name for name in names if name.endswith(".png")]


def test_in_a_checkout_the_recipes_are_those_beside_the_package() -> None:
    assert folder() == GALLERY
