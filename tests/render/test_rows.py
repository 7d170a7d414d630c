"""Which rows a table has: the clock, every N-th, the end, the marks, and where a run is over."""

from __future__ import annotations

import pytest
from curves import curve

from lrviz.errors import ScheduleError
from lrviz.render.tables.rows import Row, rows_of


def test_a_row_an_epoch_is_the_rate_of_its_first_step() -> None:
    per_step = curve([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], interval="step", steps_per_epoch=3)
    assert list(rows_of([per_step])) == [Row(0, 0, (0.1,)), Row(1, 3, (0.4,), marked=True)]


def test_a_row_a_step_repeats_the_rate_that_an_epoch_holds_and_counts_parts_of_epochs() -> None:
    per_epoch = curve([0.1, 0.2], steps_per_epoch=2)
    assert list(rows_of([per_epoch], "step")) == [
        Row(0, 0, (0.1,)),
        Row(0.5, 1, (0.1,)),
        Row(1, 2, (0.2,), marked=True),
        Row(1.5, 3, (0.2,)),
    ]


def test_a_run_in_steps_that_ends_within_an_epoch() -> None:
    cut = curve([1.0, 2.0, 3.0], interval="epoch", steps_per_epoch=2, steps=5)
    assert [row.values for row in rows_of([cut], "step")] == [(1.0,), (1.0,), (2.0,), (2.0,), (3.0,)]
    assert [(row.epoch, row.step) for row in rows_of([cut])] == [(0, 0), (1, 2), (2, 4)]


def test_every_counts_from_0_and_the_end_comes_last() -> None:
    rows = list(rows_of([curve([5.0, 4.0, 3.0, 2.0, 1.0], end=0.5)], every=2, end=True))
    assert [(row.epoch, row.values) for row in rows] == [(0, (5.0,)), (2, (3.0,)), (4, (1.0,)), ("end", (0.5,))]


def test_a_shorter_run_is_blank_where_it_is_over() -> None:
    rows = list(rows_of([curve([1.0, 1.0, 1.0]), curve([2.0], name="short")]))
    assert [row.values for row in rows] == [(1.0, 2.0), (1.0, None), (1.0, None)]


def test_groups_have_columns_of_their_own_only_where_they_differ() -> None:
    alike, apart = curve([1.0, 2.0], [1.0, 2.0]), curve([1.0, 2.0], [1.0, 3.0], name="apart")
    assert [column.title for column in rows_of([alike, apart]).columns] == ["run", "apart/g0", "apart/g1"]


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([1, 1, 0.5, 0.5, 0.25, 0.25], [2, 4]),  # every drop of a staircase
        ([1, 0.9, 0.8, 0.7], [1]),  # a ramp where it begins
        ([0.1, 0.2, 0.3, 0.2, 0.1], [1, 3]),  # where it turns
        ([1, 1, 1], []),
        ([1, 1 + 1e-15, 1], []),  # rounding is no change
        ([0, 0, 1e-9, 1e-9], [2]),
    ],
)
def test_marks_are_where_a_rate_begins_to_move_or_turns(values: list[float], marked: list[int]) -> None:
    assert [row.epoch for row in rows_of([curve(values)]) if row.marked] == marked


def test_a_mark_between_two_shown_rows_is_on_the_second() -> None:
    values = [1.0] * 15 + [0.5] * 15
    assert [row.epoch for row in rows_of([curve(values)], every=10) if row.marked] == [20]


def test_steps_are_known_only_where_all_runs_agree_how_many_an_epoch_has() -> None:
    one, other = curve([1.0, 1.0], steps_per_epoch=5), curve([1.0, 1.0], steps_per_epoch=7, name="other")
    assert [row.step for row in rows_of([one, other])] == [None, None]
    assert [row.step for row in rows_of([one])] == [0, 5]


def test_runs_without_a_clock_in_common_have_a_row_a_percent_of_each() -> None:
    epochs = curve([1.0, 2.0, 3.0], end=9.0)
    steps = curve([5.0, 6.0, 7.0, 8.0], name="batches", interval="step", steps=4, end=9.0)
    rows = list(rows_of([epochs, steps], every=33, end=True))
    assert [(row.percent, row.values) for row in rows] == [
        (0, (1.0, 5.0)),
        (33, (1.0, 6.0)),
        (66, (2.0, 7.0)),
        (99, (3.0, 8.0)),
        (None, (9.0, 9.0)),
    ]
    assert [row.epoch for row in rows] == [None, None, None, None, "end"]
    assert rows_of([epochs, steps]).count == 100
    assert [row.values for row in rows_of([epochs], "percent", every=50)] == [(1.0,), (2.0,)]


def test_a_clock_that_is_asked_for_is_known_to_all_or_refused_by_name() -> None:
    epochs, steps = curve([1.0]), curve([1.0], name="batches", interval="step", steps=1)
    with pytest.raises(ScheduleError, match="a table by step needs the steps of every schedule; not known for 'run'"):
        rows_of([epochs, steps], "step")
    with pytest.raises(ScheduleError, match="not known for 'batches'"):
        rows_of([epochs, steps], "epoch")


def test_infinity_is_where_a_rate_went_and_then_stays() -> None:
    values = [1.0, 1e200, float("inf"), float("inf"), 1.0]
    assert [row.epoch for row in rows_of([curve(values)]) if row.marked] == [1, 4]


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ScheduleError, match="two columns would be called 'run/g0'"):
        list(rows_of([curve([1.0], [2.0]), curve([1.0], name="run/g0")]))
