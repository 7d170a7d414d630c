"""What mkdocs does besides: pages from outside of docs/, and a look at what the site loads.

The README is the front page, `schedules/README.md` the gallery, and the changelog a page too. A link of a page is
written for those who read it in the repository; on the site it leads to the same thing, if that is there.
"""

from __future__ import annotations

import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from lrviz.address import SITE

ROOT = Path(__file__).parents[1]
FROM_OUTSIDE = {
    "README.md": "index.md",
    "schedules/README.md": "schedules/index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "LICENSE",
}
"""Files of the repository that are on the site, and where."""

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]*)(?=[)#])")


def on_config(config: Any) -> Any:
    config.site_url = SITE or None
    return config


def on_files(files: Files, config: Any) -> Files:
    more = dict(FROM_OUTSIDE)
    for file in sorted((ROOT / "schedules").rglob("*")):
        if file.suffix in (".yaml", ".csv", ".png"):
            more[file.relative_to(ROOT).as_posix()] = file.relative_to(ROOT).as_posix()
    for path, place in more.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Turns the links of a page from places in the repository into places on the site."""
    here = page.file.src_uri
    origin = next((path for path, place in FROM_OUTSIDE.items() if place == here), f"docs/{here}")

    def moved(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), link[1]))
        place = FROM_OUTSIDE.get(path, path.removeprefix("docs/"))
        if place == "schedules" or place == "docs":
            place = f"{place}/index.md".removeprefix("docs/")
        return posixpath.relpath(place, posixpath.dirname(here) or ".")

    return LINK.sub(moved, markdown)


class _Loaded(HTMLParser):
    """What a page makes a browser load, without a click."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "link" and known.get("rel") in ("canonical", "next", "prev"):
            return
        name = "href" if tag == "link" else "src"
        self.addresses += [value for key, value in known.items() if key in (name, "srcset") and value and tag != "a"]


def on_post_build(config: Any) -> None:
    foreign = []
    for file in sorted(Path(config.site_dir).rglob("*.html")):
        page = _Loaded()
        page.feed(file.read_text(encoding="utf-8"))
        foreign += [f"{file.name}: {each}" for each in page.addresses if re.match(r"(?i)(?:[a-z]+:)?//", each)]
    for file in sorted(Path(config.site_dir).rglob("*.css")):
        foreign += [
            f"{file.name}: {each}"
            for each in re.findall(r"(?:url\(|@import )['\"]?((?:https?:)?//[^'\")]+)", file.read_text())
        ]
    if foreign:
        raise PluginError("the site loads from elsewhere:\n" + "\n".join(foreign))
