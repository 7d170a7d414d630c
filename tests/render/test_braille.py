"""The braille canvas: which dots are set, that no peak is lost, and what is not a number leaves a gap."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.render.braille import BLANK, Canvas, draw


def dots(lines: list[str]) -> set[tuple[int, int]]:
    """Column and row of every dot, read from Unicode's own numbering: dots 1 to 3 and 7 on the left, 4 to 6 and 8."""
    place = {1: (0, 0), 2: (0, 1), 3: (0, 2), 4: (1, 0), 5: (1, 1), 6: (1, 2), 7: (0, 3), 8: (1, 3)}
    return {
        (2 * column + place[dot][0], 4 * row + place[dot][1])
        for row, line in enumerate(lines)
        for column, letter in enumerate(line)
        for dot in range(1, 9)
        if (ord(letter) - BLANK) >> (dot - 1) & 1
    }


@pytest.mark.parametrize(
    ("column", "row", "letter"),
    [
        (0, 0, "⠁"),
        (0, 1, "⠂"),
        (0, 2, "⠄"),
        (1, 0, "⠈"),
        (1, 1, "⠐"),
        (1, 2, "⠠"),
        (0, 3, "⡀"),
        (1, 3, "⢀"),
    ],
)
def test_a_dot_is_where_unicode_says(column: int, row: int, letter: str) -> None:
    canvas = Canvas(2, 2)
    canvas.dot(column, row)
    assert canvas.lines() == [letter + "⠀", "⠀⠀"]
    canvas = Canvas(2, 2)
    canvas.dot(column + 2, row + 4)
    assert canvas.lines() == ["⠀⠀", "⠀" + letter]


def test_shapes_that_everyone_can_check() -> None:
    assert draw([0, 1, 2, 3, 4, 5, 6, 7], 4, 2) == ["⠀⠀⡠⠊", "⡠⠊⠀⠀"]
    assert draw([7, 6, 5, 4, 3, 2, 1, 0], 4, 2) == ["⠑⢄⠀⠀", "⠀⠀⠑⢄"]
    assert draw([1, 1, 1, 1, 0, 0, 0, 0], 4, 2) == ["⠉⠉⡆⠀", "⠀⠀⣇⣀"]
    assert draw([5, 5, 5, 5], 4, 1) == ["⠤⠤⠤⠤"]
    assert draw([1, 0], 4, 2) == draw([1, 1, 1, 1, 0, 0, 0, 0], 4, 2)  # both are held for half of the run
    assert draw([5], 2, 1) == ["⠤⠤"]


def test_ascii_has_the_same_shape() -> None:
    assert draw([0, 1, 2, 3, 4, 5, 6, 7], 4, 2, ascii=True) == ["  .'", ".'  "]
    assert draw([1, 1, 1, 1, 0, 0, 0, 0], 4, 2, ascii=True) == ["''| ", "  |."]
    assert draw([5, 5, 5, 5], 4, 1, ascii=True) == ["----"]


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf]])
def test_nothing_to_draw_is_blank(values: list[float], ascii: bool) -> None:
    assert draw(values, 3, 2, ascii) == [(" " if ascii else "⠀") * 3] * 2


def test_what_is_not_finite_leaves_a_gap_and_nothing_joins_over_it() -> None:
    found = dots(draw([0, 0, math.nan, math.inf, 1, 1, 1, 1], 4, 2))
    assert {column for column, _ in found} == {0, 1, 4, 5, 6, 7}
    assert {row for column, row in found if column == 4} == {0}


def test_a_single_peak_among_a_million_is_seen() -> None:
    values = [0.0] * 1_000_000
    values[654_321] = 1.0
    found = dots(draw(values, 14, 3))
    assert {column for column, row in found if row == 0} == {654_321 * 28 // 1_000_000}


def test_what_is_outside_is_drawn_at_the_edge() -> None:
    canvas = Canvas(2, 1)
    canvas.curve([-5, -5, 5, 5], 0, 1)
    assert {(0, 3), (3, 0)} <= dots(canvas.lines())


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=80), st.integers(1, 20), st.integers(1, 6))
@settings(max_examples=200, deadline=None)
def test_a_curve_is_one_line_from_edge_to_edge(values: list[float], width: int, height: int) -> None:
    lines = draw(values, width, height)
    assert [len(line) for line in lines] == [width] * height
    found = dots(lines)
    columns = [{row for column, row in found if column == at} for at in range(2 * width)]
    assert all(columns), "no column is empty"
    for left, right in pairwise(columns):
        assert min(right) <= max(left) + 1, "no gap"
        assert min(left) <= max(right) + 1
    if max(values) > min(values) and len(values) >= 2 * width:
        assert {0, 4 * height - 1} <= {row for _, row in found}, "the largest and the smallest are shown"


@given(st.lists(st.floats(), max_size=50), st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_ascii_inks_the_characters_that_braille_inks(values: list[float], width: int, height: int) -> None:
    braille, plain = draw(values, width, height), draw(values, width, height, ascii=True)
    assert "".join(plain).isascii()
    inked = [[letter != chr(BLANK) for letter in line] for line in braille]
    assert [[letter != " " for letter in line] for line in plain] == inked
