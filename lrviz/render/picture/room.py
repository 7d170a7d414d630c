"""Finds room for words on an axes: inside of it, and clear of lines and other words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.path import Path
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox


class Spot(NamedTuple):
    """A position of words relative to a mark: an offset to the `right` and `above` in points, and the alignment."""

    right: float
    above: float
    ha: str
    va: str


BESIDE = (
    Spot(6, 5, "left", "bottom"),
    Spot(-6, 5, "right", "bottom"),
    Spot(7, 0, "left", "center"),
    Spot(6, -6, "left", "top"),
    Spot(-6, -6, "right", "top"),
    Spot(-7, 0, "right", "center"),
    Spot(0, -8, "center", "top"),
    Spot(0, 8, "center", "bottom"),
)
"""The positions beside a mark that are tried for words, the best first."""

ABOVE = (Spot(0, 2, "center", "bottom"),)


class Room:
    """The free room on an axes whose layout is done. `taken` are boxes in pixels."""

    def __init__(self, ax: Axes, lines: Iterable[Line2D]) -> None:
        self.ax = ax
        self.inside = ax.get_window_extent()
        self.taken: list[Bbox] = []
        self._lines = list(map(_path, lines))
        self._hairlines: list[Path] = []

    def avoid(self, line: Line2D) -> None:
        """Keeps words off a hairline too, as far as possible."""
        self._hairlines.append(_path(line))

    def free(self, box: Bbox, *, on_lines: bool = False, on_hairlines: bool = False) -> bool:
        """True if a box is inside the axes, overlaps no taken box, and crosses no line that words may not be on."""
        inside = self.inside
        if box.x0 < inside.x0 or box.x1 > inside.x1 + 1 or box.y0 < inside.y0 or box.y1 > inside.y1 + 1:
            return False
        if any(box.overlaps(each) for each in self.taken):
            return False
        avoided = [*([] if on_lines else self._lines), *([] if on_lines or on_hairlines else self._hairlines)]
        return not any(line.intersects_bbox(box, filled=False) for line in avoided)

    def write(
        self,
        words: str,
        at: tuple[float, float],
        spots: Sequence[Spot] = BESIDE,
        *,
        on_lines: bool = False,
        rather: bool = False,
        **look: Any,
    ) -> Annotation | None:
        """Writes words beside a place (x and y in data, or as `xycoords` says), at the first spot that is free.

        With `rather`, words on a hairline are better than none. Returns None, without writing anything, if no spot is
        free.
        """
        text = self.ax.annotate(
            words, xy=at, xytext=(0, 0), textcoords="offset points", annotation_clip=False, parse_math=False, **look
        )
        for spot, on_hairlines in [(spot, on) for on in ((False, True) if rather else (False,)) for spot in spots]:
            text.xyann = (spot.right, spot.above)
            text.set_horizontalalignment(spot.ha)  # type: ignore[arg-type]
            text.set_verticalalignment(spot.va)  # type: ignore[arg-type]
            box = text.get_window_extent().padded(1.5)
            if self.free(box, on_lines=on_lines, on_hairlines=on_hairlines):
                self.taken.append(box)
                return text
        text.remove()
        return None

    def take(self, at: tuple[float, float], points: float) -> None:
        """Keeps words off a mark around a place in data; `points` is its diameter."""
        from matplotlib.transforms import Bbox

        x, y = self.ax.transData.transform(at)
        size = points * self.ax.figure.dpi / 72 / 2
        self.taken.append(Bbox.from_extents(x - size, y - size, x + size, y + size))


def _path(line: Line2D) -> Path:
    """A line in pixels."""
    return line.get_transform().transform_path(line.get_path())


def width_of(words: str, points: float, figure: Figure, weight: str = "normal") -> float:
    """The width in inches of a line of words in letters of this size (in points)."""
    from matplotlib.font_manager import FontProperties

    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    width, _, _ = renderer.get_text_width_height_descent(words, FontProperties(size=points, weight=weight), False)
    return float(width) / figure.dpi


def folded_to(name: str, inches: float, points: float, figure: Figure, weight: str = "normal") -> str:
    """A name in lines at most `inches` wide, broken after separators such as `-` and `/`."""
    return fitted(
        name, inches, lambda widest: folded(name, widest), lambda line: width_of(line, points, figure, weight)
    )


def fitted(words: str, inches: float, fold: Callable[[int], str], width: Callable[[str], float]) -> str:
    """Words folded by `fold` with the most letters per line for which each line is at most `inches` wide."""
    widest = len(words)
    folded = words
    while widest > 2 and (largest := max(map(width, folded.splitlines() or [""]))) > inches:
        widest = min(widest - 1, max(2, int(max(map(len, folded.splitlines())) * inches / largest)))
        folded = fold(widest)
    return folded


def folded(name: str, widest: int) -> str:
    """A name in lines of at most `widest` letters, broken after separators where possible: not within 0.025."""
    lines = [""]
    for part in re.findall(r"(?:[^_\-/:. ]|(?<=\d)\.(?=\d))*[_\-/:. ]?", name):
        for piece in textwrap.wrap(part, widest) if len(part) > widest else [part]:
            if len(lines[-1]) + len(piece.rstrip()) > widest:
                lines.append("")
            lines[-1] += piece
    return "\n".join(lines)
