"""The documentation names every key of a file and every public name; the README is short."""

from __future__ import annotations

import re

import pytest
from helpers.pages import DOCS, ROOT

import lrviz
from lrviz.schedule.catalogue import FILE, TRAIN, TRAIN_EXPECT


def test_every_key_of_a_file_has_a_row() -> None:
    table = "\n".join(re.findall(r"^\|.*$", (DOCS / "schedule-file.md").read_text(encoding="utf-8"), re.MULTILINE))
    keys = [*FILE.arguments, *TRAIN.arguments]
    assert [each.name for each in keys if f"`{each.name}`" not in table] == []
    assert [each.name for each in TRAIN_EXPECT.arguments if f"| `{each.name}: " not in table] == []


@pytest.mark.parametrize("name", [name for name in lrviz.__all__ if name.islower() and name != "__version__"])
def test_every_public_function_is_on_a_page(name: str) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    assert f"lrviz.{name}" in text


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 8192
