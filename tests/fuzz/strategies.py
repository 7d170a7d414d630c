"""Values of hypothesis strategies, drawn with our own randomness."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

T = TypeVar("T")


@cache
def _taker(strategy: st.SearchStrategy[Any]) -> tuple[Any, list[Any]]:
    box: list[Any] = []

    @given(strategy)
    def take(value: Any) -> None:
        box.append(value)

    return take.hypothesis.fuzz_one_input, box  # type: ignore[attr-defined]


def draw(strategy: st.SearchStrategy[T], rng: Random) -> T:
    """One value of the strategy; the same for the same state of `rng`."""
    fuzz_one_input, box = _taker(strategy)
    while not box:  # a buffer that is too short, or that the strategy rejects, gives none
        fuzz_one_input(rng.randbytes(4_000))
    value: T = box.pop()
    return value
