"""Labels along an edge, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places from 1 at the top to 0 at the bottom, as near to the `wanted` (falling) as labels of such heights allow.

    The squares of the distances are least (by pooling neighbours that violate their order, as isotonic regression
    does); then what would leave the axes is moved back in, the topmost first.
    """
    gaps = [(above + below) / 2 for above, below in pairwise(heights)]
    offsets = [sum(gaps[:index]) for index in range(len(wanted))]
    pools: list[tuple[float, int]] = []  # mean and number of those that stand as close as they can
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
