"""Every link of the documentation leads somewhere: to a file of the repository, and to a heading that is there.

`mkdocs build --strict` holds the same of the site. Addresses elsewhere are not looked at: tests use no network.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from helpers.pages import DOCS, PAGES, ROOT, id_of

FILES = [*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))]


def prose(page: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda code: code[0] if code.string[code.end() : code.end() + 1] == "]" else "", text)


@cache
def anchors(page: Path) -> list[str]:
    """The anchors of the headings of a page."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [anchor(heading) for heading in re.findall(r"^#{1,6} (.*)$", text, re.MULTILINE)]


def anchor(heading: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-")


@pytest.mark.parametrize("page", FILES, ids=id_of)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(((?![a-z]+:)[^)]+)\)", prose(page)):
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (place and place not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", FILES, ids=id_of)
def test_headings_are_unique_where_a_link_needs_it(page: Path) -> None:
    """Two headings of one page would share an anchor; GitHub and the site number the second in different ways."""
    if page.name != "CHANGELOG.md":
        assert len(set(anchors(page))) == len(anchors(page))


@pytest.mark.parametrize("page", FILES, ids=id_of)
def test_no_picture_comes_from_elsewhere(page: Path) -> None:
    assert re.findall(r"!\[[^]]*\]\((https?:[^)]*)\)|<img", prose(page)) == []


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"[\w/-]+\.md$", text, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == {page.name for page in DOCS.glob("*.md")} | {
        "index.md",
        "schedules/index.md",
        "changelog.md",
        "contributing.md",
    }
    assert yaml.safe_load(text)["theme"]["font"] is False


def test_the_site_is_built_strictly() -> None:
    """With --quiet, mkdocs counts no warning, and --strict is without effect."""
    (command,) = re.findall(r"^.*-m mkdocs .*$", (ROOT / ".ci" / "docs").read_text(encoding="utf-8"), re.MULTILINE)
    assert "--strict" in command
    assert not re.search(r"--quiet|-q\b", command)
