"""Makes what is made from the gallery: the package's index, the README's list, and the picture of all its curves.

    python tests/gallery/remake.py

`test_gallery.py` holds that what is committed is what this makes. The picture is that of
`lrviz plot schedules/ --grid --dpi 100 -o schedules/gallery.png`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from gallery_curves import GALLERY, gallery  # noqa: E402

from lrviz.curve import Curve  # noqa: E402
from lrviz.gallery.recipes import INDEX  # noqa: E402
from lrviz.render.braille import draw  # noqa: E402
from lrviz.render.gallery import THUMBNAIL  # noqa: E402
from lrviz.render.picture.figure import render  # noqa: E402
from lrviz.render.style import Look  # noqa: E402

README = ROOT / "README.md"
PICTURE = GALLERY / "gallery.png"
LOOK = Look(grid=True, dpi=100)
BEGIN, END = "<!-- gallery -->\n", "<!-- end of the gallery -->\n"

FIELDS = ("vision", "language", "speech", "generative", "libraries", "basics")
"""The folders, in the order of the index."""


@cache
def index() -> list[dict[str, Any]]:
    """What `lrviz init --list` shows: of a file with several schedules, the first one's curve."""
    files = sorted(gallery(), key=lambda file: (FIELDS.index(file.parent.name), file.name))
    return [_entry(file) for file in files]


def _entry(file: Path) -> dict[str, Any]:
    schedule, curve = gallery()[file][0]
    return {
        "name": file.stem,
        "field": file.parent.name,
        "title": schedule.title or schedule.name,
        "source": schedule.source or "",
        "thumbnail": thumbnail(curve),
    }


def thumbnail(curve: Curve) -> list[str]:
    """The param group with the highest peak, in braille."""
    return draw(max(curve.columns, key=max), *THUMBNAIL)


def index_text() -> str:
    return json.dumps(index(), indent=1, ensure_ascii=False) + "\n"


def listing() -> str:
    """The index as Markdown, by field."""
    return "\n".join(_sections(index()))


def _sections(recipes: Sequence[dict[str, Any]]) -> Iterator[str]:
    for field, members in groupby(recipes, key=lambda each: each["field"]):
        links = (f"[{each['name']}](schedules/{field}/{each['name']}.yaml)" for each in members)
        yield f"- **{field}**: {', '.join(links)}"


def remade_readme() -> str:
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{listing()}\n\n{END}{after}"


def picture() -> bytes:
    """All curves, in the order and with the names that the command gives them."""
    members = [member for file in sorted(gallery(), key=str) for member in gallery()[file]]
    assert len({schedule.name for schedule, _ in members}) == len(members), "two schedules have one name"
    return render([curve for _, curve in members], "png", LOOK)


if __name__ == "__main__":
    INDEX.write_text(index_text(), "utf-8")
    README.write_text(remade_readme(), "utf-8")
    PICTURE.write_bytes(picture())
