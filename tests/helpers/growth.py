"""How the cost of something grows with its input: in CPU time, so that a busy machine does not matter."""

from __future__ import annotations

import gc
from collections.abc import Callable
from math import inf
from time import process_time
from typing import TypeVar

Input = TypeVar("Input")

TIMES = 4
"""An input this many times as large."""


def grows_slowly(make: Callable[[int], Input], run: Callable[[Input], object], size: int) -> None:
    """Asserts that `run(make(size))` grows at most as n log n: a quadratic one would take 16 times as long for 4 n.

    `size` is such that a linear run takes some milliseconds, in which a quadratic one would be seen.
    """
    small, large = make(size), make(TIMES * size)
    run(small)  # whatever is imported or cached at the first use
    first, second = inf, inf
    for _ in range(6):
        first = min(first, _cpu_time(run, small), _cpu_time(run, small))
        second = min(second, _cpu_time(run, large))
        if second < 2.5 * TIMES * first:
            return
    raise AssertionError(f"{TIMES} times the input takes {second / first:.1f} times the time")


def _cpu_time(run: Callable[[Input], object], value: Input) -> float:
    gc.collect()
    begun = process_time()
    run(value)
    return max(process_time() - begun, 1e-4)
