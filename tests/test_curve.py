"""A curve is what it was made of: ticks x groups, frozen, and numpy only when an array is asked for."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from array import array
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.run import Run


def column(*values: float) -> memoryview:
    return memoryview(array("d", values)).toreadonly()


def curve(*columns: memoryview, **changes: Any) -> Curve:
    """A curve in epochs; three ticks of two groups where nothing else is said."""
    columns = columns or (column(0.1, 0.2, 0.3), column(1.0, 2.0, 3.0))
    given: dict[str, Any] = {
        "name": "made",
        "groups": tuple(str(index) for index in range(len(columns))),
        "run": Run(len(columns[0]), None, None, "epoch"),
        "columns": columns,
        "end_lr": tuple(each[-1] / 2 for each in columns),
    }
    return Curve(**(given | changes))


# --- values -------------------------------------------------------------------------------------------------


def test_lr_is_ticks_by_groups() -> None:
    made = curve()
    assert made.lr.shape == (3, 2)
    assert made.lr.dtype == np.float64
    assert made.lr.tolist() == [[0.1, 1.0], [0.2, 2.0], [0.3, 3.0]]
    assert len(made) == 3


def test_one_group_is_a_column_too() -> None:
    made = curve(column(0.1, 0.2, 0.3))
    assert made.lr.tolist() == [[0.1], [0.2], [0.3]]
    assert made.end.tolist() == [0.15]


def test_end_is_a_value_for_each_group() -> None:
    made = curve(end_lr=(0.25, 4.0))
    assert made.end.tolist() == [0.25, 4.0]
    assert made.end.dtype == np.float64


def test_momentum_is_ticks_by_groups_where_it_moves() -> None:
    made = curve(momentum_columns=(column(0.9, 0.8, 0.7), column(0.5, 0.4, 0.3)), end_momentum=(0.6, 0.2))
    assert made.momentum is not None
    assert made.momentum.tolist() == [[0.9, 0.5], [0.8, 0.4], [0.7, 0.3]]


def test_there_is_no_momentum_where_nothing_moves_it() -> None:
    assert curve().momentum is None


@pytest.mark.parametrize("columns", [(column(0.1, 0.2),), (column(0.1, 0.2), column(0.3, 0.4))], ids=["one", "two"])
@pytest.mark.parametrize("name", ["lr", "momentum"])
def test_arrays_are_read_only(columns: tuple[memoryview, ...], name: str) -> None:
    made = curve(*columns, momentum_columns=columns)
    with pytest.raises(ValueError, match="read-only"):
        getattr(made, name)[0, 0] = 1.0
    assert getattr(made, name)[0, 0] == 0.1


def test_writing_into_the_end_does_not_change_the_curve() -> None:
    made = curve(end_lr=(0.25, 4.0))
    made.end[:] = 7.0
    assert made.end.tolist() == [0.25, 4.0]


def test_a_curve_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve().name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        curve().columns[0][0] = 1


# --- time ---------------------------------------------------------------------------------------------------

FIVE = column(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("run", "steps", "epochs"),
    [
        (Run(5, None, None, "epoch"), None, [0, 1, 2, 3, 4]),
        (Run(5, None, 10, "epoch"), [0, 10, 20, 30, 40], [0, 1, 2, 3, 4]),
        (Run(None, 5, None, "step"), [0, 1, 2, 3, 4], None),
        (Run(None, 5, 2, "step"), [0, 1, 2, 3, 4], [0, 0.5, 1, 1.5, 2]),
    ],
    ids=["epochs", "epochs-with-steps", "steps", "steps-with-epochs"],
)
def test_ticks_begin_at_steps_and_epochs(run: Run, steps: list[int] | None, epochs: list[float] | None) -> None:
    made = curve(FIVE, run=run)
    assert (None if made.steps is None else made.steps.tolist()) == steps
    assert (None if made.epochs is None else made.epochs.tolist()) == epochs
    assert made.steps is None or made.steps.dtype == np.int64
    assert made.epochs is None or made.epochs.dtype == np.float64


def test_the_tick_of_an_epoch_is_that_of_its_first_step() -> None:
    per_epoch = Run(5, None, 10, "epoch")
    assert [per_epoch.tick_of_epoch(epoch) for epoch in range(5)] == [0, 1, 2, 3, 4]
    per_step = Run(None, 5, 2, "step")
    assert [per_step.tick_of_epoch(epoch) for epoch in range(3)] == [0, 2, 4]


def test_the_tick_of_a_step_is_the_one_it_falls_in() -> None:
    per_epoch = Run(3, None, 2, "epoch")
    assert per_epoch.steps_per_tick == 2
    assert [per_epoch.tick_of_step(step) for step in range(6)] == [0, 0, 1, 1, 2, 2]
    per_step = Run(None, 5, 2, "step")
    assert per_step.steps_per_tick == 1
    assert [per_step.tick_of_step(step) for step in range(5)] == [0, 1, 2, 3, 4]


@given(epochs=st.integers(1, 8), steps_per_epoch=st.integers(1, 9), cut=st.integers(0, 8), per_step=st.booleans())
@settings(max_examples=60, deadline=None)
def test_ticks_steps_and_epochs_agree(epochs: int, steps_per_epoch: int, cut: int, per_step: bool) -> None:
    steps = epochs * steps_per_epoch - cut % steps_per_epoch
    made = curve(
        column(*range(steps if per_step else epochs)),
        run=Run(None, steps, steps_per_epoch, "step" if per_step else "epoch"),
    )
    assert made.steps is not None
    assert made.epochs is not None
    for step in range(steps):
        tick = made.run.tick_of_step(step)
        assert made.steps[tick] <= step < made.steps[tick] + made.run.steps_per_tick
    for epoch in range(epochs):
        assert made.epochs[made.run.tick_of_epoch(epoch)] == epoch
        assert made.run.tick_of_epoch(epoch) == made.run.tick_of_step(epoch * steps_per_epoch)


# --- groups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "differ"),
    [
        ((column(0.1, 0.2),), False),
        ((column(0.1, 0.2), column(0.1, 0.2)), False),
        ((column(0.1, 0.2), column(0.1, 0.2), column(0.1, 0.2)), False),
        ((column(0.1, 0.2), column(0.1, 0.3)), True),
        ((column(0.1, 0.2), column(0.1, 0.2), column(0.1, 0.2 + 1e-16)), True),
        ((column(0.1, 0.2), column(0.3, 0.2), column(0.1, 0.2)), True),
    ],
)
def test_groups_differ_where_any_two_values_do(columns: tuple[memoryview, ...], differ: bool) -> None:
    assert curve(*columns).groups_differ is differ


# --- numpy --------------------------------------------------------------------------------------------------


def test_numpy_is_imported_when_an_array_is_first_asked_for() -> None:
    code = """
        import sys
        from array import array
        from lrviz.curve import Curve
        from lrviz.run import Run
        columns = tuple(memoryview(array("d", values)).toreadonly() for values in ([1, 2], [1, 3]))
        curve = Curve("made", ("a", "b"), Run(2, None, 5, "epoch"), columns, (0.5, 0.5), columns, (0.5, 0.5))
        assert (len(curve), curve.groups_differ) == (2, True)
        assert (curve.run.tick_of_epoch(1), curve.run.tick_of_step(7)) == (1, 1)
        assert (curve.columns[1][1], curve.end_lr, curve.run.steps_per_tick) == (3.0, (0.5, 0.5), 5)
        print("numpy" in sys.modules)
        curve.lr
        print("numpy" in sys.modules)
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\nTrue\n", "")


# --- places -------------------------------------------------------------------------------------------------


def test_at_a_place_it_is_the_rate_that_is_held_there() -> None:
    per_epoch = curve(FIVE, run=Run(5, None, 10, "epoch"), end_lr=(7.0,))
    places: list[Any] = [3, 3.0, np.int64(3), np.float64(3.9), "3", "3.9 epochs", "30 steps", "39 steps", "70%"]
    for place in places:
        assert per_epoch.at(place) == 4.0
    assert [per_epoch.at(place) for place in (0, "0%", "last", "end")] == [1.0, 1.0, 5.0, 7.0]
    assert isinstance(per_epoch.at(0), float)


def test_at_a_place_there_is_a_rate_for_each_group() -> None:
    found = curve(end_lr=(0.25, 4.0)).at(1)
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [0.2, 2.0]
    assert curve(end_lr=(0.25, 4.0)).at("end").tolist() == [0.25, 4.0]  # type: ignore[union-attr]


def test_a_number_counts_what_a_tick_is_unless_it_could_be_either() -> None:
    in_steps = curve(FIVE, run=Run(None, 5, None, "step"))
    assert [in_steps.at(step) for step in range(5)] == [1, 2, 3, 4, 5]
    both = curve(FIVE, run=Run(None, 5, 2, "step"))
    assert [both.at("1 epoch"), both.at("1 step"), both.at(0), both.at("50%")] == [3, 2, 1, 3]
    for place in (1, "1"):
        with pytest.raises(ScheduleError, match="place: error: 1 needs a unit"):
            both.at(place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (5, "the run ends at 5 epochs: its last place is epoch 4"),
        ("101 epochs", "101 epochs is outside the run: its last place is epoch 4"),
        (-1, "cannot be negative"),
        ("5 steps", "steps cannot be counted in a run without"),
        ("101%", "at most 100 %"),
        ("middle", "expected a place in the run"),
        (math.nan, "expected a place in the run"),
        (math.inf, "expected a place in the run"),
        (True, "expected a place in the run"),
        (None, "expected a place in the run"),
    ],
)
def test_what_is_no_place_of_the_run_is_refused(place: Any, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        curve(FIVE).at(place)


def test_a_run_that_ends_within_an_epoch_is_as_long_as_its_steps() -> None:
    cut = curve(FIVE, run=Run(None, 41, 10, "epoch"))
    assert [cut.at("50%"), cut.at("97%"), cut.at("98%"), cut.at("40 steps")] == [3, 4, 5, 5]
