"""The plane of a problem with two parameters: the loss over it, the paths of trainings, the start and the minimum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lrviz.lessons.results import TrainedSchedule
from lrviz.render.drawing.trained_lines import Array

STEEPEST = 4.0
"""The plane shows the part of each path on which the loss is at most this many times that at the start."""

MARGIN = 0.12
"""The margin around the paths, as a fraction of their extent."""

FLATTEST = 2
"""No side of the plane is more than so many times as long as the other."""

FINE = (240, 160)
"""The points over which the loss is computed, across and up."""

LEVELS, DECADES = 16, 5.0
"""The number of contours, and the decades from the lowest to the highest of them."""

MOST_ON_A_PATH = 4_000
"""With more steps than this, only one of several is a corner of a path."""


GRID, WIDER, FINER = 301, 6, 10
"""The search for the minimum: points along each side, how often it may be doubled, and how often it is made finer."""


class TrainedPath(NamedTuple):
    """The path of one training of schedule number `schedule` (steps + 1 x 2); `alone` if it is the only one of it."""

    schedule: int
    points: Array
    alone: bool


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The part of the plane that is drawn, with the loss over it (y times x) and the levels of its contours.

    `minimum` is None if no minimum is near.
    """

    x: Array
    y: Array
    loss: Array
    levels: Array
    paths: tuple[TrainedPath, ...]
    starts: tuple[tuple[float, float], ...]
    minimum: tuple[float, float] | None


def plane_of(trained: Sequence[TrainedSchedule]) -> Plane | None:
    """The plane of some trainings; None if their problem has none."""
    surface = trained[0].problem.surface
    if surface is None:
        return None
    paths = [
        TrainedPath(index, _finite(training.path), len(each.trainings) == 1)
        for index, each in enumerate(trained)
        for training in each.trainings
        if training.path is not None
    ]
    starts = dict.fromkeys((float(path.points[0, 0]), float(path.points[0, 1])) for path in paths if len(path.points))
    if not starts:
        return None
    highest = max(float(surface(*start)) for start in starts) * STEEPEST
    points = np.concatenate([np.array([*starts]), *(_shown(path.points, surface, highest) for path in paths)])
    minimum = _minimum(surface, points)
    if minimum is not None:
        points = np.concatenate([points, [minimum]])
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, max(*(high - low), 1e-3) / FLATTEST) * (1 + 2 * MARGIN)
    (left, bottom), (right, top) = (low + high - size) / 2, (low + high + size) / 2
    x, y = np.linspace(left, right, FINE[0]), np.linspace(bottom, top, FINE[1])
    with np.errstate(all="ignore"):
        loss = np.asarray(surface(*np.meshgrid(x, y)), dtype=np.float64)
    loss -= 0.0 if minimum is None else float(surface(*minimum))
    top_level = float(np.nanmax(loss))
    levels = np.geomspace(top_level / 10**DECADES, top_level, LEVELS) if top_level > 0 else np.zeros(0)
    return Plane(x, y, loss, levels, tuple(map(_thinned, paths)), tuple(starts), minimum)


def _finite(path: Array) -> Array:
    """A path up to where it is no longer finite, nor drawable."""
    with np.errstate(invalid="ignore"):
        inside = (np.abs(path) < 1e30).all(axis=1)
    return path[: int(inside.cumprod().sum())]


def _shown(path: Array, surface: Callable[[Any, Any], Any], highest: float) -> Array:
    """The points of a path whose loss is not too high."""
    with np.errstate(all="ignore"):
        return path[np.asarray(surface(path[:, 0], path[:, 1])) <= highest]


def _thinned(path: TrainedPath) -> TrainedPath:
    every = -(-len(path.points) // MOST_ON_A_PATH)
    last = path.points[-1:] if every > 1 else path.points[:0]
    return path._replace(points=np.concatenate([path.points[::every], last]))


def _minimum(surface: Callable[[Any, Any], Any], points: Array) -> tuple[float, float] | None:
    """The minimum of the loss, searched around some points, in a wider and wider part of the plane, and then on finer
    and finer grids; None if the lowest place is always at the edge."""
    low, high = points.min(axis=0), points.max(axis=0)
    center, reach = (low + high) / 2, np.maximum(high - low, max(*(high - low), 1e-3) / 2)
    found = _lowest(surface, center, reach)
    for _ in range(WIDER):
        if found is not None:
            break
        reach = 2 * reach
        found = _lowest(surface, center, reach)
    if found is None:
        return None
    for _ in range(FINER):
        reach = reach / 12
        found = _lowest(surface, found, reach, edge=True)
        assert found is not None
    return float(found[0]), float(found[1])


def _lowest(
    surface: Callable[[Any, Any], Any], center: Array, reach: Array, *, edge: bool = False
) -> Array | None:  # fmt: skip
    """The lowest of the points of a grid; None if it is at the `edge`, unless it may be."""
    x, y = (np.linspace(at - far, at + far, GRID) for at, far in zip(center, reach, strict=True))
    with np.errstate(all="ignore"):
        loss = np.nan_to_num(np.asarray(surface(*np.meshgrid(x, y)), dtype=np.float64), nan=np.inf)
    row, column = divmod(int(loss.argmin()), GRID)
    if not edge and (row in (0, GRID - 1) or column in (0, GRID - 1)):
        return None
    return np.array([x[column], y[row]])
