"""The gallery: what is made from its files is what its files say, and all of them hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib
import pytest
import remake
from gallery_curves import FILES, GALLERY, RECIPES, gallery

from lrviz.gallery.recipes import INDEX, Recipe, find, folder, recipes

ROOT = GALLERY.parent
AGAIN = "run `python tests/gallery/remake.py`"


def test_the_index_of_the_package_is_that_of_the_files() -> None:
    assert json.loads(INDEX.read_text("utf-8")) == remake.index(), AGAIN
    assert INDEX.read_text("utf-8") == remake.index_text(), AGAIN


def test_the_list_in_the_readme_is_that_of_the_files() -> None:
    assert remake.README.read_text("utf-8") == remake.remade_readme(), AGAIN
    assert len(RECIPES) == int(re.search(r"([0-9]+) published recipes", remake.README.read_text("utf-8"))[1])  # type: ignore[index]


def test_the_picture_is_that_of_the_files() -> None:
    pinned = re.search(r"^matplotlib==(.*)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    if pinned is None or matplotlib.__version__ != pinned[1]:
        pytest.skip("another matplotlib draws other pixels")
    assert remake.picture() == remake.PICTURE.read_bytes(), AGAIN


def test_every_file_has_its_field_and_a_name_of_its_own() -> None:
    assert {file.parent.name for file in FILES} == set(remake.FIELDS)
    assert len({file.stem for file in FILES}) == len(FILES)
    assert len(RECIPES) >= 40


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_is_found_by_its_name(recipe: Recipe) -> None:
    assert recipe.path.is_file()
    assert find(recipe.name) == [recipe]
    assert find(recipe.name.upper().replace("_", "-")) == [recipe]
    assert recipe in find(recipe.name[: len(recipe.name) // 2 + 1])


def test_the_whole_gallery_passes_its_own_check() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", "check", "--strict", "schedules"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    expected = sum(len(schedule.expect) for each in gallery().values() for schedule, _ in each)
    schedules = sum(len(each) for each in gallery().values())
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
