"""Tick labels as people write numbers."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from lrviz.render.picture.axis import clock_axis, log_rate_axis, rate_axis
from lrviz.words import power_of_ten


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (1e-5, "1e-5"), (2.5e-5, "2.5e-5"), (9.999999e-5, "9.999999e-5"), (1e-4, "1e-4")],
)
def test_power_of_ten(value: float, text: str) -> None:
    assert power_of_ten(value) == text


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
        (0.9e-5, 0.2, False, ["1e-5", "1e-4", "1e-3", "1e-2", "1e-1"]),
        (1e-5, 0.2, True, ["0", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1"]),
        (0.004, 0.2, False, ["5e-3", "1e-2", "2e-2", "5e-2", "1e-1", "2e-1"]),
        (0.9e-12, 2.0, False, ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "1e-2", "1"]),
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
