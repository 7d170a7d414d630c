"""The small chart of a notebook shows every peak and drop, and holds a value until the next tick."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lrviz import sketch

TOP, BOTTOM = sketch.EDGE, sketch.HEIGHT - sketch.EDGE


def lines(*columns: object) -> list[str]:
    """The lines of a chart, without its floor."""
    text = sketch.svg([np.asarray(column, float).data for column in columns], "a & <b>")
    drawing = ElementTree.fromstring(text)
    title, _floor, *paths = drawing
    assert title.text == "a & <b>"
    return [path.attrib["d"] for path in paths]


def heights(path: str) -> set[float]:
    return {float(number) for pair in re.findall(r"[ML][\d.]+ ([\d.]+)|V([\d.]+)", path) for number in pair if number}


def test_a_value_is_held_until_the_next_tick() -> None:
    assert lines([1, 1, 0.5, 0]) == ["M0 2H80H160L160 36H240L240 70H320"]


def test_each_group_has_a_line_of_its_own_and_very_many_are_left_out() -> None:
    assert lines([1.0], [0.5]) == ["M0 2H320", "M0 36H320"]
    assert len(lines(*([1.0] for _ in range(30)))) == sketch.MOST_LINES


@pytest.mark.parametrize("ticks", [321, 100_000])
def test_no_spike_of_a_long_run_is_lost_and_the_chart_stays_small(ticks: int) -> None:
    rates = np.full(ticks, 0.5)
    rates[ticks // 3], rates[ticks // 2] = 1.0, 0.0
    (path,) = lines(rates)
    assert heights(path) == {TOP, 36, BOTTOM}
    assert len(path) < 4_000


@pytest.mark.parametrize(
    ("rates", "path"),
    [
        ([np.nan, 1, np.inf, 1], "M80 2H160M240 2H320"),
        ([0, 0], "M0 70H160H320"),
        ([-1, 1], "M0 70H160L160 2H320"),
        ([1e308, -1e308], "M0 2H160L160 70H320"),
        ([5e-324, 0], "M0 2H160L160 70H320"),
        ([np.nan], ""),
    ],
)
def test_odd_values_leave_gaps_or_take_the_whole_height(rates: list[float], path: str) -> None:
    assert lines(rates) == [path]


def test_what_is_said_is_no_markup() -> None:
    assert "<b>" not in sketch.html(sketch.svg([np.ones(2).data], "<b>"), "<b>\x1b[31m")
