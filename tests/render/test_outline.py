"""What a picture draws of a curve: held values as held, and of a long run all that the eye could see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.render.outline import outline, points, thin
from lrviz.run import Clock, Run


def curve_of(values: NDArray[np.float64], epochs: int, steps_per_epoch: int | None = None) -> Curve:
    run = Run(epochs, None, steps_per_epoch, "epoch")
    return Curve("a", ("0",), run, (values.data,), (0.0,))


def test_few_ticks_are_all_kept() -> None:
    assert thin(np.arange(8000.0)).tolist() == list(range(8000))


@given(st.integers(8001, 60_000), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_no_peak_and_no_end_is_lost(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.zeros(count)
    spikes = random.integers(0, count, 20)
    values[spikes] = random.normal(size=20)
    kept = thin(values)
    assert len(kept) <= 8000
    assert kept[0] == 0
    assert kept[-1] == count - 1
    assert (np.diff(kept) > 0).all()
    assert values.argmax() in kept
    assert values.argmin() in kept


def test_every_bin_keeps_its_extremes() -> None:
    values = np.sin(np.arange(100_000) * 0.7)
    kept = thin(values, bins=100)
    for start in range(0, 100_000, 1000):
        inside = values[kept[(kept >= start) & (kept < start + 1000)]]
        assert inside.max() == values[start : start + 1000].max()
        assert inside.min() == values[start : start + 1000].min()


def test_what_is_not_finite_does_not_hide_the_extremes() -> None:
    values = np.ones(50_000)
    values[100:200] = np.nan
    values[150] = np.inf
    values[30_000] = 5.0
    assert 30_000 in thin(values)


@pytest.mark.parametrize("ticks", [20, 100])
def test_a_drop_of_a_staircase_is_upright(ticks: int) -> None:
    ys = np.where(np.arange(ticks) < ticks // 2, 1.0, 0.1)
    xs, drawn = outline(ys)
    at = ticks // 2
    assert xs[at : at + 2].tolist() == [at, at]
    assert drawn[at : at + 2].tolist() == [1.0, 0.1]
    assert len(xs) == ticks + 1


@pytest.mark.parametrize("ticks", [1, 2, 10, 60, 61, 100, 8000])
def test_every_value_is_held_until_the_next_however_many_there_are(ticks: int) -> None:
    values = np.linspace(1, 0, ticks)
    xs, ys = points(curve_of(values, ticks), values, "epoch")
    assert xs.tolist() == sorted([*range(ticks), *range(1, ticks + 1)])
    assert ys.tolist() == np.repeat(values, 2).tolist()


def test_a_value_beside_a_gap_is_held_too() -> None:
    values = np.array([1.0, np.nan, 0.5])
    xs, ys = points(curve_of(values, 3), values, "epoch")
    assert [(x, y) for x, y in zip(xs, ys, strict=True) if y == y] == [(0, 1), (1, 1), (2, 0.5), (3, 0.5)]


@pytest.mark.parametrize("clock", ["epoch", "step", "percent"])
def test_a_line_that_joins_values_falls_to_the_end_of_the_run_without_a_hook(clock: Clock) -> None:
    values = np.linspace(1, 0.1, 9000)
    xs, ys = points(curve_of(values, 9000, 10), values, clock)
    assert xs[-1] == {"epoch": 9000, "step": 90_000, "percent": 100}[clock]
    assert ys[-1] == values[-1]
    assert (np.diff(ys) < 0).all()
    assert (np.diff(xs) > 0).all()


def test_a_long_line_that_jumps_in_its_last_tick_holds_it() -> None:
    values = np.append(np.ones(8999), 0.1)
    xs, ys = points(curve_of(values, 9000), values, "epoch")
    assert [*zip(xs[-3:].tolist(), ys[-3:].tolist(), strict=True)] == [(8999, 1), (8999, 0.1), (9000, 0.1)]


def test_a_last_epoch_that_is_cut_short_is_held_to_the_end_of_the_run() -> None:
    values = np.array([1.0, 0.5, 0.2])
    curve = Curve("a", ("0",), Run(None, 25, 10, "epoch"), (values.data,), (0.1,))
    xs, ys = points(curve, values, "epoch")
    assert xs.tolist() == [0, 1, 1, 2, 2, 2.5]
    assert ys.tolist() == [1, 1, 0.5, 0.5, 0.2, 0.2]


def test_a_restart_of_a_cosine_is_upright() -> None:
    ys = np.tile((1 + np.cos(np.pi * np.arange(50) / 50)) / 2, 2)
    xs, _ = outline(ys)
    assert xs.tolist().count(50.0) == 2
    assert len(xs) == 100 + 99


def test_two_drops_in_a_row_are_both_upright() -> None:
    ys = np.array([0.1] * 20 + [0.05] + [0.025] * 59)
    xs, drawn = outline(ys)
    assert [(x, y) for x, y in zip(xs, drawn, strict=True) if x in (20, 21)] == [
        (20, 0.1),
        (20, 0.05),
        (21, 0.05),
        (21, 0.025),
    ]


def test_short_cycles_jump_upright_and_fall_as_they_are_held() -> None:
    ys = np.tile([0.1, 0.08, 0.05, 0.02], 20)
    xs, _ = outline(ys)
    assert len(xs) == 80 + 79


def test_short_cycles_of_a_long_run_jump_upright_and_fall_as_a_slope() -> None:
    ys = np.tile(np.linspace(0.1, 0.02, 3000), 4)
    xs, _ = outline(ys)
    assert xs[np.flatnonzero(np.diff(xs) == 0)].tolist() == [3000, 6000, 9000]


@pytest.mark.parametrize("ticks", [20_000, 300_001])
def test_a_long_ramp_is_straight_and_has_no_plateau(ticks: int) -> None:
    """A warmup, a hold and a decay: every point of the line lies on the curve, and so does what is between them."""
    values = np.interp(np.arange(ticks), [0, ticks // 100, ticks // 2, ticks], [0.0, 1.0, 1.0, 0.0])
    xs, ys = outline(values)
    assert len(xs) < 8100
    assert (np.diff(xs) > 0).all()
    between = np.arange(ticks)
    assert np.interp(between, xs, ys) == pytest.approx(values, abs=1e-3)
    assert np.interp(between[ticks // 2 :], xs, ys) == pytest.approx(values[ticks // 2 :], abs=1e-12)


def test_jumps_of_a_long_run_are_upright_where_they_are() -> None:
    values = np.float64(0.1) ** (np.arange(300_000) // 77_777)
    xs, ys = outline(values)
    upright = np.flatnonzero(np.diff(xs) == 0)
    assert xs[upright].tolist() == [77_777, 155_554, 233_331]
    assert ys[upright + 1] == pytest.approx([0.1, 0.01, 0.001])
    assert ((np.diff(ys) == 0) | (np.diff(xs) == 0)).all()


def test_jumps_in_a_crowd_show_how_far_they_reach() -> None:
    values = (np.arange(1_000_000) % 2).astype(np.float64)
    xs, ys = outline(values)
    assert len(xs) < 10_000
    assert (ys.min(), ys.max()) == (0, 1)
