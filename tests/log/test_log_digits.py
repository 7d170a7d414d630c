"""What writing takes off numbers: never flagged where a format did it, never an excuse where none did."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrviz.log.digits import exactness, most_decimals

TOLERANCE = 1e-6
"""That of a schedule, and its floor of 1e-9 of the peak."""


def same(written: str, half: float, value: float, peak: float) -> bool:
    return abs(float(written) - value) <= half + max(TOLERANCE * abs(value), 1e-9 * peak)


def cosine(peak: float, count: int) -> list[float]:
    return [peak * (1 + math.cos(math.pi * index / count)) / 2 for index in range(count + 1)]


def decay(peak: float, count: int) -> list[float]:
    return [peak * 0.97**index for index in range(count + 1)]


FORMATS: dict[str, Callable[[float], str]] = {
    "repr": repr,
    "%.6f": "%.6f".__mod__,
    "%.10f": "%.10f".__mod__,
    "%.3g": "%.3g".__mod__,
    "%.4g": "%.4g".__mod__,
    "%.8g": "%.8g".__mod__,
    "%.2e": "%.2e".__mod__,
    "%.1e": "%.1e".__mod__,
    "round 6": lambda value: repr(round(value, 6)),
    "round 8": lambda value: repr(round(value, 8)),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None)
@given(
    shape=st.sampled_from([cosine, decay]),
    peak=st.floats(1e-3, 10),
    count=st.integers(20, 200),
)
@example(shape=cosine, peak=0.02, count=20)  # exactly half of the numbers have six decimals
def test_no_format_is_flagged(name: str, shape: Callable[[float, int], list[float]], peak: float, count: int) -> None:
    values = shape(peak, count)
    texts = [FORMATS[name](value) for value in values]
    halves = exactness(texts).half
    assert all(same(text, half, value, peak) for text, half, value in zip(texts, halves, values, strict=True))


@pytest.mark.parametrize("decimals", [2, 3, 4, 6])
@settings(deadline=None)
@given(value=st.floats(1e-6, 1.0), others=st.lists(st.floats(1e-6, 1.0), max_size=3))
def test_fixed_decimals_with_a_zero_at_the_end_are_known_from_few_numbers(
    decimals: int, value: float, others: list[float]
) -> None:
    values = [value, 0.5, *others]  # 0.5 ends in a zero in every one of these formats
    texts = [f"{each:.{decimals}f}" for each in values]
    halves = exactness(texts).half
    assert all(same(text, half, each, 1.0) for text, half, each in zip(texts, halves, values, strict=True))


UNITS: dict[str, tuple[int, float]] = {
    "repr": (15, 0.0), "%.3g": (3, 0.0), "%.4g": (4, 0.0), "%.8g": (8, 0.0), "%.2e": (3, 0.0), "%.1e": (2, 0.0),
    "%.6f": (99, 1e-6), "%.10f": (99, 1e-10), "round 6": (99, 1e-6), "round 8": (99, 1e-8),
}  # fmt: skip
"""How many digits, and which last decimal, each format writes."""


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None)
@given(peak=st.floats(1e-3, 10), count=st.integers(20, 200), index=st.integers(0, 20))
def test_no_more_is_allowed_for_than_the_format_took_off(name: str, peak: float, count: int, index: int) -> None:
    """Up to one decade: where all numbers are of nearly one size, decimals and digits are told apart by nothing."""
    values = decay(peak, count)
    digits, decimal = UNITS[name]
    unit = decimal + 10.0 ** (math.floor(math.log10(values[index])) - digits + 1)
    assert exactness([FORMATS[name](value) for value in values]).half[index] <= 10 * unit / 2 * (1 + 1e-5)


@pytest.mark.parametrize(
    ("logged", "planned"),
    [
        (["0.1", "0.01", "0.001"], [0.1, 0.01, 0.0012]),  # the shortest texts of a step schedule are exact
        (["0.1", "0.01", "0.001"], [0.1, 0.0101, 0.001]),
        (["0.1", "0.1", "0.1"], [0.1, 0.1, 0.12]),
        (["0.1", "0.05", "0.025", "0.0125"], [0.1, 0.05, 0.025, 0.0126]),
        (["3e-4", "3e-5"], [3e-4, 3.2e-5]),
        (["1e-3"], [1.2e-3]),
        (["1", "0.5"], [1.0, 0.4]),
        (["0.123456789", "0.1"], [0.123456789, 0.10001]),
        (["0.0", "0.1"], [0.0001, 0.1]),
        (["0.01000", "0.00100"], [0.01, 0.00102]),
        (["0.10000000149011612"], [0.1000001]),
    ],
)
def test_what_the_digits_can_tell_is_told(logged: list[str], planned: list[float]) -> None:
    halves = exactness(logged).half
    told = [
        not abs(float(text) - value) <= half + 1e-9 for text, half, value in zip(logged, halves, planned, strict=True)
    ]
    assert sum(told) == 1


def test_single_precision_is_known_from_its_long_numbers() -> None:
    (half,) = exactness(["0.10000000149011612"]).half
    assert 0.1 * 2**-25 < half < 0.1 * 2**-23
    assert list(exactness(["0.5", "0.25"]).half) == [0.0, 0.0]
    assert list(exactness(["0.1", "0.10000000000000003"]).half) == [0.0, 0.0]


def test_coarse_is_what_the_longest_number_would_leave() -> None:
    assert list(exactness(["0.12", "0.1"]).half) == [0.0, 0.0]
    assert list(exactness(["0.12", "0.1"]).coarse) == pytest.approx([0.005, 0.005], rel=1e-3)
    assert list(exactness(["0.1"]).coarse) == [0.0]  # no format writes one digit


@pytest.mark.parametrize(
    ("texts", "half"),
    [(["12.5", "10.0"], [0.05, 0.05]), (["-0.125", "0.25"], [5e-4, 5e-4]), (["125", "100"], [0.5, 0.5])],
)
def test_large_and_negative_numbers(texts: list[str], half: list[float]) -> None:
    assert list(exactness(texts).half) == pytest.approx(half, rel=1e-5)


def test_infinity_and_nothing_have_no_digits() -> None:
    assert list(exactness(["inf", "0.25"]).half) == [0.0, 0.0]
    assert list(exactness([]).half) == []


@pytest.mark.parametrize(("texts", "decimals"), [(["1", "2.0"], 0), (["0.5", "1.0"], 1), (["0.33", "1"], 2), ([], 0)])
def test_most_decimals_of_epochs(texts: list[str], decimals: int) -> None:
    assert most_decimals(texts) == decimals
