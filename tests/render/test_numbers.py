"""A column of learning rates: aligned, exact where short, and never the same text for different neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.alike import alike
from lrviz.render.tables.numbers import format_columns, significant_columns


def format_column(values: Sequence[float | None]) -> list[str]:
    (column,) = format_columns([values])
    return column


EXAMPLES = {
    "short numbers are exact, and noise of rounding is not shown": (
        [0.1, 0.09, 0.08100000000000002, 0.0729],
        ["0.1   ", "0.09  ", "0.081 ", "0.0729"],
    ),
    "no digit more than tells neighbours apart": (
        [0.1, 0.09998, 0.0999013, 0.0123456789],
        ["0.1    ", "0.09998", "0.09990", "0.01235"],
    ),
    "neighbours a billionth apart": ([0.5, 0.500000001], ["5.00000000e-1", "5.00000001e-1"]),
    "powers of ten down to where a point still fits": (
        [0.1, 0.01, 0.001, 0.0001],
        ["0.1   ", "0.01  ", "0.001 ", "0.0001"],
    ),
    "small learning rates": ([1e-5, 5e-6, 0.0], ["1e-5", "5e-6", "   0"]),
    "one digit too many for all": ([3e-4, 2.7e-4, 9e-5], ["3.0e-4", "2.7e-4", "9.0e-5"]),
    "a run that is over": ([0.1, None, None], ["0.1", "   ", "   "]),
    "a residue of rounding beside a peak": ([0.1, 2.5e-13], ["0.1   ", " 2e-13"]),
    "whole numbers": ([5.0, 1000.0], ["   5", "1000"]),
    "what is no number": ([math.nan, math.inf], ["nan", "inf"]),
    "negative": ([-0.01, 0.1], ["-0.01", " 0.1 "]),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("values", "texts"), EXAMPLES.values(), ids=EXAMPLES)
def test_examples(values: list[float | None], texts: list[str]) -> None:
    assert format_column(values) == texts


def test_the_columns_of_a_table_have_one_notation() -> None:
    assert format_columns([[0.1, 0.05], [3e-4, 0.0]]) == [["1e-1", "5e-2"], ["3e-4", "   0"]]
    assert format_columns([[0.1, 0.05], [0.03, None]]) == [["0.1 ", "0.05"], ["0.03", "    "]]
    assert format_columns([[2e-9, 1.5e-12]]) == [["2.0e-9 ", "1.5e-12"]]


def test_significant_digits_of_a_table_have_one_notation() -> None:
    assert significant_columns([[0.1, 0.01], [0.05, 0.004]]) == [["0.1 ", "0.01"], ["0.05 ", "0.004"]]
    assert significant_columns([[0.1, 6e-4], [0.05, 0.004]]) == [["1e-1", "6e-4"], ["5e-2", "4e-3"]]
    assert significant_columns([[0.1], [1e-18]]) == [["0.1"], ["1e-18"]]


rates = st.one_of(
    st.just(0.0),
    st.floats(1e-12, 10.0),
    st.integers(1, 9999).map(lambda n: n / 10000),
    st.builds(lambda m, e: float(f"{m}e-{e}"), st.integers(1, 99), st.integers(1, 9)),
)


@given(st.lists(rates, min_size=1, max_size=12))
@settings(max_examples=400, deadline=None)
def test_neighbours_that_differ_read_differently_and_every_cell_reads_back_near_its_value(values: list[float]) -> None:
    texts = format_column(values)
    assert len({len(text) for text in texts}) == 1
    for (a, text_a), (b, text_b) in pairwise(zip(values, texts, strict=True)):
        assert (text_a != text_b) or alike(a, b)
    largest = max(values)
    for value, text in zip(values, texts, strict=True):
        assert float(text) == pytest.approx(value, rel=5e-3, abs=5e-4 * largest)


@given(st.lists(st.integers(1, 9999).map(lambda n: n / 10000), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_four_digits_are_always_exact(values: list[float]) -> None:
    assert [float(text) for text in format_column(values)] == values
