"""Tick labels as people write numbers."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from lrviz.render.axis import clock_axis, log_rate_axis, power_of_ten, rate_axis


@pytest.mark.parametrize(
    ("value", "exponent", "text"),
    [(0, None, "0"), (1e-5, None, "1e-5"), (2.5e-5, None, "2.5e-5"), (5e-6, -5, "0.5e-5"), (1e-4, -4, "1e-4")],
)
def test_power_of_ten(value: float, exponent: int | None, text: str) -> None:
    assert power_of_ten(value, exponent) == text


def labels(axis: str, high: float, make: object, low: float = 0.0) -> list[str]:
    ax = Figure().add_subplot()
    chosen = getattr(ax, axis)
    getattr(ax, f"set_{axis[0]}lim")(low, high)
    make(chosen)  # type: ignore[operator]
    return [text for at, text in zip(chosen.get_majorticklocs(), texts(chosen), strict=True) if low <= at <= high]


def texts(axis: object) -> list[str]:
    return [axis.get_major_formatter()(at, None) for at in axis.get_majorticklocs()]  # type: ignore[attr-defined]


def test_small_rates_share_one_power_of_ten() -> None:
    assert labels("yaxis", 2e-5, lambda axis: rate_axis(axis, 2e-5)) == ["0", "0.5e-5", "1e-5", "1.5e-5", "2e-5"]


def test_usual_rates_are_plain_decimals() -> None:
    assert labels("yaxis", 0.1, lambda axis: rate_axis(axis, 0.1)) == ["0", "0.02", "0.04", "0.06", "0.08", "0.1"]


def test_a_logarithmic_axis_names_decades() -> None:
    def log(axis: object) -> None:
        axis.axes.set_yscale("log")  # type: ignore[attr-defined]
        log_rate_axis(axis)  # type: ignore[arg-type]

    assert labels("yaxis", 0.2, log, low=0.9e-5) == ["1e-5", "1e-4", "1e-3", "1e-2", "1e-1"]


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (90, ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]),
        (300_000, ["0", "50k", "100k", "150k", "200k", "250k", "300k"]),
        (2e6, ["0", "0.5M", "1M", "1.5M", "2M"]),
        (3, ["0", "0.5", "1", "1.5", "2", "2.5", "3"]),
    ],
)
def test_clocks(longest: float, expected: list[str]) -> None:
    assert labels("xaxis", longest, lambda axis: clock_axis(axis, longest)) == expected
