"""The numbers of a curve, each held against plain arithmetic over the steps of the run."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrviz.calculator.stats import Stats, stats_of
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.run import Run


def made(*columns: list[float], **changes: Any) -> Curve:
    """A curve in epochs with these values, a list a group."""
    given: dict[str, Any] = {
        "name": "made",
        "groups": tuple(f"g{index}" for index in range(len(columns))),
        "run": Run(len(columns[0]), None, None, "epoch"),
        "columns": tuple(memoryview(array("d", column)).toreadonly() for column in columns),
        "end_lr": tuple(0.0 for _ in columns),
    }
    return Curve(**(given | changes))


def one(*columns: list[float], **changes: Any) -> Stats:
    (found,) = stats_of([made(*columns, **changes)])
    return found


def simulated(text: str) -> Curve:
    (schedule,) = load_text(text, "s.yaml")
    return simulate(schedule)


# --- definitions -----------------------------------------------------------------------------------------------


def test_a_schedule_by_hand() -> None:
    found = one([0.1, 0.2, 0.4, 0.4, 0.3, 0.2], end_lr=(0.05,))
    assert (found.group, found.unit, found.peak, found.peak_tick, found.peak_epoch, found.peak_step) == (
        None, "epoch", 0.4, 2, 2, None,
    )  # fmt: skip
    assert (found.end, found.area) == (0.05, 1.6)
    assert found.mean == pytest.approx(1.6 / 6)
    assert (found.warmup, found.above_half, found.changes) == (2, 3, 4)  # 0.2 is half, and not above it


def test_warmup_and_cosine_of_a_file() -> None:
    curve = simulated(
        "epochs: 90\noptimizer: {lr: 0.1}\n"
        "scheduler: [{type: LinearLR, start_factor: 0.1, for: 5}, {type: CosineAnnealingLR}]\n"
    )
    (found,) = stats_of([curve])
    assert (found.peak_tick, found.warmup, found.changes) == (5, 5, 89)
    assert found.end == pytest.approx(0, abs=1e-15)
    # the sum of a line, and of a half cosine, whose terms cancel in pairs but for the first
    assert found.area == pytest.approx(sum(0.1 * (0.1 + 0.9 * at / 5) for at in range(5)) + 0.05 * 85 + 0.05)
    # the cosine is above a half for as long as it is positive
    assert found.above_half == sum(0.1 + 0.9 * at / 5 > 0.5 for at in range(5)) + math.ceil(85 / 2)


@pytest.mark.parametrize(
    ("rates", "warmup"),
    [
        ([0.1, 0.2, 0.3], 2),
        ([0.3, 0.2, 0.1], None),
        ([0.2, 0.1, 0.3], None),
        ([0.1, 0.1, 0.3], 2),
        ([0.1, 0.1], None),
        ([0.1 * (1 - 1e-13), 0.1], None),
        ([0.1, 0.2, 0.2 * (1 - 1e-13), 0.3], 3),
        ([0.1, 0.2, 0.2 * (1 - 1e-11), 0.3], None),
        ([-0.2, -0.1], 1),
    ],
)
def test_warmup_is_a_climb_to_the_peak(rates: list[float], warmup: int | None) -> None:
    assert one(rates).warmup == warmup


def test_rounding_moves_no_peak_and_makes_no_change() -> None:
    found = one([0.1, 0.3, 0.3 * (1 + 1e-13), 0.3, 0.3 * (1 - 1e-11)])
    assert (found.peak, found.peak_tick, found.changes) == (0.3 * (1 + 1e-13), 1, 2)


def test_the_end_is_no_part_of_the_run() -> None:
    found = one([0.1, 0.1], end_lr=(9.0,))
    assert (found.peak, found.end, found.changes, found.area) == (0.1, 9.0, 0, 0.2)


def test_time_is_in_epochs_where_they_are_known() -> None:
    rates = [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]
    known = one(rates, run=Run(None, 6, 4, "step"))
    assert (known.unit, known.peak_epoch, known.peak_step, known.warmup, known.above_half) == ("epoch", 0.5, 2, 0.5, 1)
    assert (known.area, known.mean) == pytest.approx((1.2 / 4, 0.2))
    unknown = one(rates, run=Run(None, 6, None, "step"))
    assert (unknown.unit, unknown.peak_epoch, unknown.warmup, unknown.above_half) == ("step", None, 2, 4)
    assert (unknown.area, unknown.mean) == pytest.approx((1.2, 0.2))


def test_an_epoch_that_is_cut_short_counts_in_part() -> None:
    """250 steps of 100 an epoch: the third epoch is a half."""
    curve = simulated(
        "steps: 250\nsteps_per_epoch: 100\ninterval: epoch\noptimizer: {lr: 1.0}\n"
        "scheduler: {type: LambdaLR, lr_lambda: t + 1}\n"
    )
    (found,) = stats_of([curve])
    steps = [1.0] * 100 + [2.0] * 100 + [3.0] * 50
    assert (found.area, found.mean) == (sum(steps) / 100, sum(steps) / 250)
    assert found.above_half == sum(rate > 1.5 for rate in steps) / 100
    assert curve.area_in("step").tolist() == [sum(steps)]


def test_groups_are_told_apart_where_they_differ() -> None:
    assert [each.group for each in stats_of([made([1.0, 2.0], [1.0, 2.0]), made([1.0], [2.0])])] == [None, "g0", "g1"]
    only_at_the_end = stats_of([made([1.0], [1.0], end_lr=(0.1, 0.2))])
    assert [(each.group, each.end) for each in only_at_the_end] == [("g0", 0.1), ("g1", 0.2)]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_said_as_it_is(bad: float) -> None:
    found = one([0.1, bad, 0.1, bad])
    if bad < 0:
        assert (found.peak, found.peak_tick) == (0.1, 0)
    else:
        assert repr(found.peak) == repr(bad)
        assert found.peak_tick == 1
    assert repr(found.area) == repr(bad)
    assert found.changes == 3
    assert not math.isfinite(one([math.inf, -math.inf]).area)
    assert one([1e308, 1e308]).area == math.inf


# --- the library -----------------------------------------------------------------------------------------------


def test_a_curve_has_a_peak_and_an_area_for_each_group() -> None:
    curve = made([0.1] * 30, [1.0, 3.0] * 15)
    assert curve.peak.tolist() == [0.1, 3.0]
    assert curve.area.tolist() == [3.0, 60.0]  # 0.1 thirty times over, rounded once
    assert np.isnan(made([0.1, math.nan, 0.2]).peak).tolist() == [True]


# --- against a scan --------------------------------------------------------------------------------------------

rates = st.lists(st.sampled_from([0.0, 0.01, 0.02, 0.04, 0.05, 0.1]), min_size=1, max_size=40)


@given(rates=rates, per_epoch=st.integers(1, 7), by_step=st.booleans(), cut=st.integers(0, 6))
def test_every_number_is_that_of_a_scan_of_the_steps(
    rates: list[float], per_epoch: int, by_step: bool, cut: int
) -> None:
    lasts = 1 if by_step else per_epoch
    count = len(rates) * lasts - min(cut, lasts - 1)
    found = one(rates, run=Run(None, count, per_epoch, "step" if by_step else "epoch"))
    steps = [rate for rate in rates for _ in range(lasts)][:count]
    assert found.peak == max(steps)
    assert found.peak_step == steps.index(max(steps))
    assert found.area == pytest.approx(float(sum(map(Fraction, steps)) / per_epoch))
    assert found.mean == pytest.approx(float(sum(map(Fraction, steps)) / count))
    assert found.above_half == pytest.approx(sum(rate > max(steps) / 2 for rate in steps) / per_epoch)
    assert found.changes == sum(before != after for before, after in pairwise(rates))
    climb = steps[: steps.index(max(steps)) + 1]
    if len(climb) > 1 and climb == sorted(climb):
        assert found.warmup == pytest.approx((len(climb) - 1) / per_epoch)
    else:
        assert found.warmup is None
