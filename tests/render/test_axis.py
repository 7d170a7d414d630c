"""Tick labels as people write numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from lrviz.render.picture.axis import clock_axis, log_rate_axis, rate_axis
from lrviz.words import BY_SIZE, Notation, axis_notation


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.0, "-0"), (1, "1"), (1e-5, "1e-5"), (2.5e-5, "2.5e-5"), (9.999999e-5, "9.999999e-5"),
     (1e-4, "1e-4"), (0.001, "0.001"), (-3e-7, "-3e-7"), (12345, "12345"), (3e5, "300000"), (1e6, "1e6"),
     (math.nan, "nan"), (math.inf, "inf"), (1e300, "1e300"), (5e-324, "4.940656e-324")],
)  # fmt: skip
def test_a_number_is_plain_or_a_power_of_ten_by_its_size(value: float, text: str) -> None:
    assert BY_SIZE(value, 7) == text


def test_a_number_that_rounds_to_a_plain_one_is_written_as_that_is() -> None:
    assert BY_SIZE(0.00099999) == BY_SIZE(0.001) == "0.001"
    assert BY_SIZE(0.00099999, 6) == "9.9999e-4"


def test_two_numbers_have_the_digits_that_tell_them_apart() -> None:
    assert BY_SIZE.apart(0.05, 0.03) == "0.05, not 0.03"
    assert BY_SIZE.apart(1e-4, 1.00001e-4) == "1e-4, not 1.00001e-4"


LINEAR = [(largest, False) for largest in (3e-5, 9e-4, 0.001, 0.003, 0.0099, 0.01, 0.02, 0.5)]


@pytest.mark.parametrize(("largest", "log"), [*LINEAR, (9e-4, True), (0.001, True), (0.003, True)])
def test_no_axis_that_can_be_written_in_one_way_is_written_in_two(largest: float, log: bool) -> None:
    from lrviz.render.picture.log_axis import log_axis

    ax = Figure(figsize=(7, 5)).add_subplot()
    values = np.linspace(largest / 500 if log else 0.0, largest, 50)
    ax.plot(values)
    if log:
        log_axis(ax, [values])
    else:
        rate_axis(ax.yaxis, largest)
    low, high = ax.get_ylim()
    ticks = [text for at, text in zip(ax.yaxis.get_majorticklocs(), texts(ax.yaxis), strict=True) if low <= at <= high]
    assert len({"e" in tick for tick in ticks if tick != "0"}) == 1
    assert ("e" in axis_notation(largest, log=log)(largest)) == ("e" in ticks[-1])  # and what is said of it
    assert axis_notation(0.0) == Notation()


def labels(axis: str, high: float, make: object, low: float = 0.0) -> list[str]:
    ax = Figure().add_subplot()
    chosen = getattr(ax, axis)
    getattr(ax, f"set_{axis[0]}lim")(low, high)
    make(chosen)  # type: ignore[operator]
    return [text for at, text in zip(chosen.get_majorticklocs(), texts(chosen), strict=True) if low <= at <= high]


def texts(axis: object) -> list[str]:
    return [axis.get_major_formatter()(at, None) for at in axis.get_majorticklocs()]  # type: ignore[attr-defined]


def test_small_rates_are_powers_of_ten() -> None:
    assert labels("yaxis", 2e-5, lambda axis: rate_axis(axis, 2e-5)) == ["0", "5e-6", "1e-5", "1.5e-5", "2e-5"]


def test_usual_rates_are_plain_decimals() -> None:
    assert labels("yaxis", 0.1, lambda axis: rate_axis(axis, 0.1)) == ["0", "0.02", "0.04", "0.06", "0.08", "0.1"]


@pytest.mark.parametrize(
    ("low", "high", "zero", "expected"),
    [
        (0.9e-5, 0.2, False, ["1e-5", "1e-4", "0.001", "0.01", "0.1"]),
        (1e-5, 0.2, True, ["0", "1e-5", "1e-4", "0.001", "0.01", "0.1"]),
        (0.004, 0.2, False, ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2"]),
        (0.9e-12, 2.0, False, ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "0.01", "1"]),
    ],
)
def test_a_logarithmic_axis_names_decades(low: float, high: float, zero: bool, expected: list[str]) -> None:
    def log(axis: object) -> None:
        log_rate_axis(axis, low, high, zero=zero)  # type: ignore[arg-type]

    assert labels("yaxis", high, log, low=0.0 if zero else low) == expected


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (90, ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]),
        (300_000, ["0", "50k", "100k", "150k", "200k", "250k", "300k"]),
        (1e6, ["0", "200k", "400k", "600k", "800k", "1M"]),
        (2e6, ["0", "0.5M", "1M", "1.5M", "2M"]),
        (3, ["0", "0.5", "1", "1.5", "2", "2.5", "3"]),
    ],
)
def test_clocks(longest: float, expected: list[str]) -> None:
    assert labels("xaxis", longest, lambda axis: clock_axis(axis, longest)) == expected
