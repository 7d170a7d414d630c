"""Moves labels along an edge apart, so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places from 1 (top) to 0 (bottom), as near to the `wanted` ones (falling) as labels of these heights allow.

    The sum of squared distances is minimal (by pooling adjacent violators, as isotonic regression does). Labels that
    would leave the axes are then moved back inside, the topmost first.
    """
    gaps = [(above + below) / 2 for above, below in pairwise(heights)]
    offsets = [sum(gaps[:index]) for index in range(len(wanted))]
    pools: list[tuple[float, int]] = []  # mean and number of labels that touch
    for place, offset in zip(wanted, offsets, strict=True):
        pools.append((place + offset, 1))
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            (above, many), (below, few) = pools[-2:]
            pools[-2:] = [((above * many + below * few) / (many + few), many + few)]
    level = [mean for mean, count in pools for _ in range(count)]
    if not level:
        return []
    lowest, highest = heights[-1] / 2 + offsets[-1], 1 - heights[0] / 2
    return [min(max(mean, lowest), max(highest, lowest)) - offset for mean, offset in zip(level, offsets, strict=True)]
