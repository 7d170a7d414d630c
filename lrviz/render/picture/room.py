"""Where words fit on an axes: inside of it, on no line, and on no other words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox


class Spot(NamedTuple):
    """Where words stand beside a mark: so many points to the right and above, and which part of them is there."""

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
"""Where words are tried beside a mark, the best place first."""

ABOVE = (Spot(0, 2, "center", "bottom"),)


class Room:
    """What is free of an axes whose layout is done. `taken` are boxes in pixels."""

    def __init__(self, ax: Axes, lines: Iterable[Line2D]) -> None:
        self.ax = ax
        self.inside = ax.get_window_extent()
        self.taken: list[Bbox] = []
        self._lines = [line.get_transform().transform_path(line.get_path()) for line in lines]

    def free(self, box: Bbox, *, on_lines: bool = False) -> bool:
        """Whether nothing is there yet, and all of it is inside of the axes."""
        inside = self.inside
        if box.x0 < inside.x0 or box.x1 > inside.x1 + 1 or box.y0 < inside.y0 or box.y1 > inside.y1 + 1:
            return False
        if any(box.overlaps(each) for each in self.taken):
            return False
        return on_lines or not any(line.intersects_bbox(box, filled=False) for line in self._lines)

    def write(
        self,
        words: str,
        at: tuple[float, float],
        spots: Sequence[Spot] = BESIDE,
        *,
        on_lines: bool = False,
        **look: Any,
    ) -> Annotation | None:
        """Words beside a place (x and y in data, or as `xycoords` says), at the first spot that is free.

        The result is None, and nothing is written, where none is.
        """
        text = self.ax.annotate(
            words, xy=at, xytext=(0, 0), textcoords="offset points", annotation_clip=False, parse_math=False, **look
        )
        for spot in spots:
            text.xyann = (spot.right, spot.above)
            text.set_horizontalalignment(spot.ha)  # type: ignore[arg-type]
            text.set_verticalalignment(spot.va)  # type: ignore[arg-type]
            box = text.get_window_extent().padded(1.5)
            if self.free(box, on_lines=on_lines):
                self.taken.append(box)
                return text
        text.remove()
        return None

    def take(self, at: tuple[float, float], points: float) -> None:
        """Keeps words off a mark of so many points around a place in data."""
        from matplotlib.transforms import Bbox

        x, y = self.ax.transData.transform(at)
        size = points * self.ax.figure.dpi / 72 / 2
        self.taken.append(Bbox.from_extents(x - size, y - size, x + size, y + size))
