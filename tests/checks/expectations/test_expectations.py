"""What an expectation means, against definitions written out: over all pairs of ticks, by arithmetic, by the table."""

from __future__ import annotations

import csv
import io
import math
import operator
from array import array
from dataclasses import replace
from itertools import combinations, pairwise
from textwrap import dedent
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from lrviz.checks.expect import expectations
from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.render.tables.rows import rows_of
from lrviz.render.tables.table import write_csv
from lrviz.run import Run
from lrviz.schedule.model import Schedule

RATES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 2.0])
CURVES = st.lists(RATES, min_size=2, max_size=12)


def made(rates: list[float], end: float = 9.0) -> Curve:
    """A curve with one param group and these rates, one an epoch; `end` is far from all of them."""
    column = memoryview(array("d", rates)).toreadonly()
    return Curve("made", ("0",), Run(len(rates), None, None, "epoch"), (column,), (end,))


def expecting(calls: int, expect: str) -> Schedule:
    (schedule,) = load_text(f"epochs: {calls}\noptimizer: {{lr: 1}}\nscheduler: none\nexpect: {expect}\n", "s.yaml")
    return schedule


def holds(rates: list[float], expect: str, end: float = 9.0) -> bool:
    found = list(expectations(expecting(len(rates), expect).expect, made(rates, end), "s"))
    assert found
    return all(isinstance(each, Held) for each in found)


# --- definitions written out -----------------------------------------------------------------------------------


@given(rates=CURVES, data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_direction_holds_where_it_holds_for_every_two_ticks_of_the_stretch(
    rates: list[float], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(rates) - 2))
    stop = data.draw(st.integers(start + 1, len(rates) - 1))
    pairs = [(rates[a], rates[b]) for a in range(start, stop + 1) for b in range(a, stop + 1)]
    stretch = f"[{start}, {stop}]"
    assert holds(rates, f"{{increasing: {stretch}}}") == all(before <= after for before, after in pairs)
    assert holds(rates, f"{{decreasing: {stretch}}}") == all(before >= after for before, after in pairs)
    assert holds(rates, f"{{constant: {stretch}}}") == all(before == after for before, after in pairs)


@given(rates=CURVES, end=RATES, data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_range_that_ends_in_end_includes_the_value_after_the_last_call(
    rates: list[float], end: float, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(rates) - 1))
    pairs = list(combinations([*rates[start:], end], 2))
    for key, right in (("increasing", operator.le), ("decreasing", operator.ge), ("constant", operator.eq)):
        wanted = all(right(before, after) for before, after in pairs)
        assert holds(rates, f"{{{key}: [{start}, end]}}", end) == wanted
        assert holds(rates, f"{{{key}: [[{start}, end]]}}", end) == wanted


@given(one=st.sampled_from([0.1, 0.2, 1.0]), percent=st.floats(-3, 3))
@settings(max_examples=200, deadline=None)
def test_a_place_written_twice_may_have_two_values_that_one_curve_can_meet(one: float, percent: float) -> None:
    """Each may take up the tolerance of 1 % once."""
    assume(abs(abs(percent) - 2) > 0.1)
    other = one * (1 + percent / 100)
    expect = f"{{at: {{2: {one!r}, 2 epochs: {other!r}}}, tolerance: 0.01}}"
    if abs(percent) > 2:
        with pytest.raises(
            ScheduleError, match=f"`at` says {one!r} at 2 .* and .* at 2 epochs, which is the same place"
        ):
            expecting(4, expect)
    else:
        assert len(expecting(4, expect).expect) == 2


@given(rates=CURVES)
@settings(max_examples=100, deadline=None)
def test_true_is_the_whole_run_and_not_the_end(rates: list[float]) -> None:
    for key in ("increasing", "decreasing", "constant"):
        assert holds(rates, f"{{{key}: true}}") == holds(rates, f"{{{key}: [0, last]}}")


@given(rates=CURVES)
@settings(max_examples=100, deadline=None)
def test_the_peak_is_where_the_maximum_is_first_reached(rates: list[float]) -> None:
    assert [tick for tick in range(len(rates)) if holds(rates, f"{{peak: {tick}}}")] == [rates.index(max(rates))]


@given(rates=CURVES, low=RATES, high=RATES)
@settings(max_examples=200, deadline=None)
def test_extremes_and_range_are_those_of_the_run(rates: list[float], low: float, high: float) -> None:
    assert holds(rates, f"{{max: {high}}}") == (max(rates) == high)
    assert holds(rates, f"{{min: {low}}}") == (min(rates) == low)
    assume(low <= high)
    assert holds(rates, f"{{between: [{low}, {high}]}}") == all(low <= rate <= high for rate in rates)


@given(rates=CURVES, factor=st.sampled_from([1, 2, 4, 10, 20]))
@settings(max_examples=200, deadline=None)
def test_a_jump_is_the_factor_between_two_neighbours(rates: list[float], factor: float) -> None:
    def jump(a: float, b: float) -> float:
        return 1.0 if a == b else math.inf if 0 in (a, b) else max(a / b, b / a)

    largest = max(jump(a, b) for a, b in pairwise(rates))
    assert holds(rates, f"{{max_jump: {factor}}}") == (largest <= factor)


# --- tolerances ------------------------------------------------------------------------------------------------


@given(
    value=st.floats(1e-8, 10),
    tolerance=st.sampled_from([1e-9, 1e-6, 1e-3, 0.1]),
    share=st.floats(-0.99, 0.99) | st.floats(1.01, 3) | st.floats(-3, -1.01),
)
@settings(max_examples=300, deadline=None)
def test_a_value_may_be_off_by_the_tolerance_and_no_more(value: float, tolerance: float, share: float) -> None:
    curve = value * (1 + share * tolerance)
    assume(curve > 0)
    peak = max(curve, value)
    allowed = max(tolerance * value, 1e-9 * peak)
    assume(not 0.99 < abs(curve - value) / allowed < 1.01)
    held = abs(curve - value) <= allowed
    for key in ("at: {0: %r}", "max: %r", "min: %r"):
        assert holds([curve, curve], f"{{{key % value}, tolerance: {tolerance}}}") == held


@given(rate=st.floats(1e-6, 1), ulps=st.integers(1, 20))
def test_rounding_moves_no_peak_and_bends_no_line(rate: float, ulps: int) -> None:
    above = rate
    for _ in range(ulps):
        above = math.nextafter(above, math.inf)
    assert holds([rate, above, rate], "{constant: true, increasing: true, decreasing: true, peak: 0, max_jump: 1}")
    assert not holds([rate, rate * (1 + 1e-11), rate], "{constant: true}")
    assert not holds([rate, rate * (1 + 1e-11), rate], "{peak: 0}")


def test_a_slow_drift_is_no_rounding() -> None:
    drift = [1 - 5e-13 * tick for tick in range(100)]
    assert not holds(drift, "{increasing: true}")
    assert not holds(drift, "{constant: true}")
    assert holds(drift, "{decreasing: true}")


# --- param groups ----------------------------------------------------------------------------------------------


def test_groups_that_both_end_in_nan_are_one() -> None:
    """Groups differ where their bits do: a NaN in both is no reason to ask for the name of one of them."""
    text = """
        epochs: 3
        optimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 1}]}
        scheduler: none
        expect: {at: {end: 1}, max: 1}
    """
    (schedule,) = load_text(dedent(text), "s.yaml")
    curve = replace(simulate(schedule), end_lr=(float("nan"), float("nan")))
    at, largest = expectations(schedule.expect, curve, "s")
    assert isinstance(at, Finding)
    assert (at.kind, at.message) == ("expectation", "the learning rate is nan at the end")
    assert isinstance(largest, Held)


# --- against a training loop -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("StepLR", {"step_size": 4}),  # falls in the last call
        ("StepLR", {"step_size": 5}),
        ("LinearLR", {"start_factor": 0.1, "total_iters": 12}),  # rises in the last call
        ("LinearLR", {"start_factor": 0.1, "total_iters": 11}),
        ("CosineAnnealingLR", {"T_max": 12}),
        ("CosineAnnealingLR", {"T_max": 11}),  # climbs again in the last call
        ("CosineAnnealingWarmRestarts", {"T_0": 6}),  # restarts in the last call
        ("StepLR", {"step_size": 8}),
    ],
)
def test_a_range_to_the_end_counts_what_a_loop_holds_after_its_last_call(name: str, arguments: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = getattr(lr_scheduler, name)(optimizer, **arguments)
    rates = []
    for _ in range(12):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    rates.append(float(optimizer.param_groups[0]["lr"]))
    given = ", ".join(f"{key}: {value}" for key, value in {"type": name, **arguments}.items())
    outcomes = set()
    for key, right in (("increasing", operator.le), ("decreasing", operator.ge), ("constant", operator.eq)):
        for start, (stop, last) in [(start, stop) for start in (0, 4, 8) for stop in (("last", 11), ("end", 12))]:
            text = f"epochs: 12\noptimizer: {{lr: 0.1}}\nscheduler: {{{given}}}\nexpect: {{{key}: [{start}, {stop}]}}\n"
            (schedule,) = load_text(text, "s.yaml")
            (found,) = expectations(schedule.expect, simulate(schedule), "s")
            held = rates[start : last + 1]
            assert isinstance(found, Held) == all(right(before, after) for before, after in combinations(held, 2)), text
            outcomes.add(isinstance(found, Held))
    assert outcomes == {True, False}


# --- against the table -----------------------------------------------------------------------------------------


SCHEDULES = st.sampled_from(
    [
        "{type: StepLR, step_size: 3}",
        "{type: CosineAnnealingLR}",
        "{type: LinearLR, total_iters: 4}",
        "{type: OneCycleLR, max_lr: 1}",
        "[{type: LinearLR, for: 20%}, {type: PolynomialLR, power: 2}]",
    ]
)


@given(scheduler=SCHEDULES, epochs=st.integers(5, 15), interval=st.sampled_from(["epoch", "step"]))
@settings(max_examples=40, deadline=None)
def test_at_is_what_the_table_prints(scheduler: str, epochs: int, interval: str) -> None:
    head = f"epochs: {epochs}\nsteps_per_epoch: 4\ninterval: {interval}\n"
    text = f"{head}optimizer: {{lr: 0.1, momentum: 0.9}}\nscheduler: {scheduler}\n"
    (plain,) = load_text(text, "s.yaml")
    curve = simulate(plain)
    out = io.StringIO()
    write_csv(rows_of([curve], end=True), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    at = {("end" if row["epoch"] == "end" else f"{row['epoch']} epochs"): row["s"] for row in rows}
    expect = ", ".join(f"{place}: {value}" for place, value in at.items())
    (schedule,) = load_text(f"{text}expect: {{at: {{{expect}}}, tolerance: 0}}\n", "s.yaml")
    found = list(expectations(schedule.expect, simulate(schedule), "s"))
    assert len(found) == epochs + 1
    assert all(isinstance(each, Held) for each in found)


@given(scheduler=SCHEDULES, factor=st.sampled_from([0.5, 2.0, 4.0]))
@settings(max_examples=20, deadline=None)
def test_expectations_scale_with_the_base(scheduler: str, factor: float) -> None:
    """What a schedule does, it does with another base too, with every rate scaled by as much."""
    assume("OneCycle" not in scheduler)
    (plain,) = load_text(f"epochs: 10\noptimizer: {{lr: 0.1}}\nscheduler: {scheduler}\n", "s.yaml")
    column = list(simulate(plain).columns[0])
    at = ", ".join(f"{tick}: {value * factor!r}" for tick, value in enumerate(column))
    expect = f"{{at: {{{at}}}, max: {max(column) * factor!r}, peak: {column.index(max(column))}}}"
    text = f"epochs: 10\noptimizer: {{lr: {0.1 * factor!r}}}\nscheduler: {scheduler}\nexpect: {expect}\n"
    (scaled,) = load_text(text, "s.yaml")
    assert all(isinstance(each, Held) for each in expectations(scaled.expect, simulate(scaled), "s"))
