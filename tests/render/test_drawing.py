"""The plan of a drawing: which panels over which clock, log or linear and why, what is marked and what is said."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from curves import curve

from lrviz.curve import Curve
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.place import Place
from lrviz.render.drawing.clock import place_words, tick_length
from lrviz.render.drawing.marks import MOST_EVENTS, MOST_PEAKS, MOST_PHASES, Mark
from lrviz.render.drawing.panels import Decades, Reduction, decades_of
from lrviz.render.drawing.plan import MOST_OVERLAID, Drawing, drawing_of
from lrviz.render.drawing.said import (
    LOG_BY_ITSELF,
    legend_words,
    listed,
    metric_words,
    not_drawn,
    panel_verdict,
    short_length,
)
from lrviz.render.shown import Expected, Shown
from lrviz.render.style import Look
from lrviz.schedule.expect import At, Between, Direction, Expectation, Extreme, MaxJump, Peak

WARMUP = [0.2, 0.4, 0.6, 0.8, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
HERE = Position("schedule.yaml", 3, 5)


def moving(name: str = "moving") -> Curve:
    """A curve whose momentum falls from 0.95 to 0.9, with one value that cannot be drawn."""
    momentum = memoryview(array("d", [0.95, math.inf, 0.9])).toreadonly()
    return replace(curve([0.1, 0.2, 0.1], name=name), momentum_columns=(momentum,), end_momentum=(0.9,))


def place(tick: float, text: str = "") -> Place:
    return Place(Fraction(tick), text or str(tick), HERE)


def expecting(each: Curve, *expectations: tuple[Expectation, bool], **more: object) -> Shown:
    return Shown(each, expected=tuple(Expected(*pair) for pair in expectations), **more)  # type: ignore[arg-type]


def kinds(drawing: Drawing) -> list[str]:
    return [panel.kind for panel in drawing.panels]


def marks(drawing: Drawing, *kinds: str) -> list[tuple[str, float, float, str]]:
    return [(mark.kind, mark.x, mark.value, mark.words) for mark in drawing.marks if mark.kind in kinds]


# --- panels --------------------------------------------------------------------------------------------------


def test_momentum_has_a_panel_of_its_own_where_the_only_schedule_moves_it() -> None:
    still = curve([0.1, 0.2, 0.1], name="still")
    assert kinds(drawing_of([still], Look())) == ["lr"]
    assert kinds(drawing_of([moving()], Look())) == ["lr", "momentum"]
    assert kinds(drawing_of([moving(), still], Look())) == ["lr"]
    assert kinds(drawing_of([moving()], Look(plain=True))) == ["lr"]
    assert kinds(drawing_of([moving()], Look(y="lr"))) == ["lr"]
    assert kinds(drawing_of([moving()], Look(y="relative"))) == ["lr"]
    assert kinds(drawing_of([moving()], Look(y="momentum"))) == ["momentum"]
    assert kinds(drawing_of([moving(), still], Look(y="both"))) == ["lr", "momentum"]


def test_a_picture_without_room_for_momentum_shows_it_only_where_it_is_asked_for() -> None:
    assert kinds(drawing_of([moving()], Look(), lower=False)) == ["lr"]
    assert kinds(drawing_of([moving()], Look(y="both"), lower=False)) == ["lr", "momentum"]


def test_a_momentum_that_no_curve_moves_is_refused() -> None:
    for values in ("momentum", "both"):
        with pytest.raises(ScheduleError, match=f"--y {values} needs a schedule that changes momentum, and none does"):
            drawing_of([curve([0.1])], Look(y=values))
        with pytest.raises(ScheduleError, match="small multiples show only learning rates, not momentum"):
            drawing_of([moving()], Look(y=values, grid=True))


def test_momentum_is_that_of_the_curves_that_move_it_with_a_gap_where_none_can_be_drawn() -> None:
    drawing = drawing_of([curve([0.1] * 3, name="still"), moving()], Look(y="both"))
    rates, momentum = drawing.panels
    assert (rates.label, momentum.label) == ("learning rate", "momentum or beta1")
    assert (rates.columns, momentum.columns) == ((0, 1), (1,))
    assert np.array_equal(momentum.values[0], [0.95, math.nan, 0.9], equal_nan=True)


def test_relative_values_are_divided_by_the_peak_of_their_curve() -> None:
    curves = [curve([0.5, 2.0], [1.0, 4.0], name="two"), curve([0.0, 0.0], name="nothing")]
    (panel,) = drawing_of(curves, Look(y="relative")).panels
    assert panel.label == "learning rate, as a fraction of its peak"
    assert panel.scales == (4.0, 4.0, 1.0)
    assert [values.tolist() for values in panel.values] == [[0.125, 0.5], [0.25, 1.0], [0.0, 0.0]]


def test_param_groups_of_the_only_schedule_go_by_their_own_names() -> None:
    two = curve([0.1, 0.2], [0.2, 0.1], name="a")
    assert [column.title for column in drawing_of([two], Look()).columns] == ["g0", "g1"]
    titles = [column.title for column in drawing_of([two, curve([0.1], name="b")], Look()).columns]
    assert titles == ["a/g0", "a/g1", "b"]


def test_there_is_a_curve() -> None:
    with pytest.raises(ValueError, match="no curve to draw"):
        drawing_of([], Look())


# --- the clock -----------------------------------------------------------------------------------------------


def test_the_clock_is_the_first_that_all_curves_know() -> None:
    epochs, steps = curve([0.1] * 4, name="epochs"), curve([0.1] * 40, name="steps", interval="step", steps=40)
    both = curve([0.1] * 6, name="both", steps_per_epoch=10)
    assert [drawing_of(each, Look()).clock for each in ([epochs], [steps], [both], [both, steps], [epochs, steps])] == [
        "epoch", "step", "epoch", "step", "percent",
    ]  # fmt: skip
    assert drawing_of([both, steps], Look()).clock_label == "optimizer step"
    assert drawing_of([both, steps], Look()).extent == (0, 6 * 10)
    assert drawing_of([both], Look(x="percent")).extent.stop == 100
    assert drawing_of([both], Look()).steps_per_epoch == 10
    assert drawing_of([both, steps], Look()).steps_per_epoch is None
    with pytest.raises(ScheduleError, match="needs the epochs of every schedule; not known for 'steps'"):
        drawing_of([epochs, steps], Look(x="epoch"))
    with pytest.raises(ValueError, match="x is one of epoch, step, percent"):
        drawing_of([epochs], Look(x="hours"))  # type: ignore[arg-type]


def test_a_run_that_ends_within_an_epoch_ends_there() -> None:
    cut_short = curve([3.0, 2.0, 1.0], steps_per_epoch=100, steps=250)
    assert drawing_of([cut_short], Look()).extent == (0, 2.5)
    assert drawing_of([cut_short], Look(grid=True)).extent == (0, 2.5)
    assert drawing_of([cut_short], Look(x="step")).extent == (0, 250)
    (last,) = (mark for mark in drawing_of([cut_short], Look(x="percent")).marks if mark.kind == "last")
    assert last.x == 100


def test_a_tick_is_as_long_as_the_clock_has_it() -> None:
    by_step = curve([0.1] * 50, interval="step", steps=50, steps_per_epoch=10)
    assert [tick_length(by_step, clock) for clock in ("epoch", "step", "percent")] == [0.1, 1, 2]
    words = [place_words("epoch", 37.5), place_words("step", 5005), place_words("percent", 12.5)]
    assert words == ["epoch 37.5", "step 5,005", "12.5 %"]


# --- small multiples -----------------------------------------------------------------------------------------


def ramps(count: int, peak: float = 1.0) -> list[Curve]:
    return [curve([peak, 0.5], name=f"run-{index}") for index in range(count)]


def test_more_schedules_than_can_be_told_apart_are_small_multiples() -> None:
    assert MOST_OVERLAID == 8
    assert not drawing_of(ramps(8), Look()).multiples
    many = drawing_of(ramps(9), Look())
    assert (many.multiples, len(many.panels), [panel.name for panel in many.panels[:2]]) == (
        True,
        9,
        ["run-0", "run-1"],
    )
    assert [panel.columns for panel in many.panels[:2]] == [(0,), (1,)]
    assert not drawing_of(ramps(9), Look(grid=False)).multiples
    assert drawing_of(ramps(1), Look(grid=True)).multiples
    assert not drawing_of(ramps(9), Look(grid=True), multiples=False).multiples


def test_small_multiples_show_parts_of_a_peak_where_peaks_are_more_than_four_times_apart() -> None:
    alike = [curve([0.1, 0.05], name="a"), curve([0.4, 0.2], name="b")]
    drawing = drawing_of(alike, Look(grid=True))
    assert not drawing.relative
    assert [panel.words for panel in drawing.panels] == [(), ()]
    apart = [curve([0.1, 0.05], name="a"), curve([0.41, 0.205], name="b")]
    drawing = drawing_of(apart, Look(grid=True))
    assert drawing.relative
    assert [panel.words for panel in drawing.panels] == [("peak 0.1",), ("peak 0.41",)]
    assert [panel.values[0].tolist() for panel in drawing.panels] == [[1.0, 0.5], [1.0, 0.5]]
    assert not drawing_of(apart, Look(grid=True, y="lr")).relative


def test_small_multiples_run_over_percent_where_lengths_are_more_than_eight_times_apart() -> None:
    short, eight, nine = (curve([0.1] * count, name=str(count)) for count in (10, 80, 90))
    assert drawing_of([short, eight], Look(grid=True)).clock == "epoch"
    drawing = drawing_of([short, nine], Look(grid=True))
    assert drawing.clock == "percent"
    assert [panel.words for panel in drawing.panels] == [("10 epochs",), ("90 epochs",)]


def test_one_picture_runs_over_percent_where_lengths_are_more_than_twenty_times_apart_and_says_so() -> None:
    short, twenty, more = (curve([0.1] * count, name=str(count)) for count in (10, 200, 201))
    assert (drawing_of([short, twenty], Look()).clock, drawing_of([short, twenty], Look()).why_percent) == ("epoch", "")
    drawing = drawing_of([short, more], Look())
    assert (drawing.clock, drawing.why_percent) == (
        "percent",
        "percent of each run, because the longest (201 epochs) is 20.1 times the shortest (10 epochs)",
    )
    for look, clock in ((Look(x="epoch"), "epoch"), (Look(x="percent"), "percent")):
        assert (drawing_of([short, more], look).clock, drawing_of([short, more], look).why_percent) == (clock, "")
    own = drawing_of([short, more], Look(), on_axes=True)
    assert (own.clock, own.why_percent) == ("epoch", "")


def test_runs_of_other_epochs_and_as_many_steps_share_the_steps() -> None:
    few, many = (curve([0.1] * epochs, name=str(epochs), steps_per_epoch=2000 // epochs) for epochs in (10, 500))
    assert (drawing_of([few, many], Look()).clock, drawing_of([few, many], Look()).why_percent) == ("step", "")
    steps = curve([0.1] * 500, name="steps", interval="step", steps=500)
    assert drawing_of([few, steps, curve([0.1] * 10, name="epochs")], Look()).why_percent == ""  # there is no clock


@pytest.mark.parametrize("multiples", [False, True])
def test_what_all_schedules_of_a_sweep_are_called_is_the_title(multiples: bool) -> None:
    look = Look(grid=multiples)
    sweep = [curve([0.1, 0.2], name=f"warm cosine gamma={value}") for value in ("0.5", "1 / 3", "1 / 4")]
    drawing = drawing_of(sweep, look)
    assert (drawing.title, drawing.sweep) == ("warm cosine", "warm cosine")
    assert [column.title for column in drawing.columns] == ["gamma=0.5", "gamma=1 / 3", "gamma=1 / 4"]
    asked = drawing_of(sweep, replace(look, title="Asked"))
    assert (asked.title, asked.columns[0].title) == ("Asked", "gamma=0.5")
    titled = drawing_of([replace(each, title="The file's") for each in sweep], look)
    assert (titled.title, titled.columns[0].title) == ("The file's", "gamma=0.5")
    groups = drawing_of([curve([0.1], [0.2], name=f"a lr={value}") for value in "12"], look)
    assert [column.title for column in groups.columns] == ["lr=1/g0", "lr=1/g1", "lr=2/g0", "lr=2/g1"]


@pytest.mark.parametrize(
    "names",
    [
        ["a gamma=1", "b gamma=1"],  # of two schedules
        ["a gamma=1", "a"],
        ["a gamma=1"],
        ["a one", "a other"],  # names that somebody gave
        ["gamma=1", "gamma=2"],
        ["a=1 gamma=1", "a=1 gamma=2"],
    ],
)
def test_other_names_stay_whole(names: list[str]) -> None:
    curves = [curve([0.1], name=name) for name in names]
    drawing = drawing_of(curves, Look())
    assert ([column.title for column in drawing.columns], drawing.sweep) == (names, "")
    whole = drawing_of([curve([0.1], name=name) for name in ("a x=1", "a x=2")], Look(), on_axes=True)
    assert [column.title for column in whole.columns] == ["a x=1", "a x=2"]


def test_the_title_is_the_one_asked_for_else_that_of_all_curves_else_the_name_of_the_only_one() -> None:
    one, other = curve([0.1], name="one", title="A title"), curve([0.1], name="other")
    looks = Look(title="Asked"), Look(), Look(), Look()
    of = [one], [one], [other], [one, other]
    assert [drawing_of(*each).title for each in zip(of, looks, strict=True)] == ["Asked", "A title", "other", ""]
    assert [drawing_of([one], each).title_asked for each in looks[:2]] == [True, False]
    assert drawing_of([one], Look(grid=True)).title == ""  # its panel has its name


# --- logarithmic or linear -----------------------------------------------------------------------------------


def test_an_axis_is_logarithmic_by_itself_where_rates_span_more_than_three_decades_and_says_why() -> None:
    above, below = curve([1.0] * 9 + [0.99e-3] * 9, name="above"), curve([1.0] * 9 + [1e-3] * 9, name="below")
    drawing = drawing_of([above], Look())
    assert (drawing.log, drawing.log_by_itself, drawing.why_log) == (True, True, LOG_BY_ITSELF)
    drawing = drawing_of([below], Look())
    assert (drawing.log, drawing.log_by_itself, drawing.why_log) == (False, False, "")
    drawing = drawing_of([below], Look(log=True))
    assert (drawing.log, drawing.log_by_itself, drawing.why_log) == (True, False, "")
    for look in (Look(log=False), Look(plain=True)):
        assert not drawing_of([above], look).log


def test_the_last_twentieth_of_a_run_is_no_reason_for_decades() -> None:
    assert not drawing_of([curve([1.0] * 96 + [1e-6] * 4)], Look()).log
    assert drawing_of([curve([1.0] * 93 + [1e-6] * 7)], Look()).log
    assert not drawing_of([curve([1.0] * 9 + [1e-6] * 9 + [-1e-6])], Look()).log


def test_a_picture_without_room_for_decades_has_them_only_where_they_are_asked_for() -> None:
    wide = curve([1.0] * 9 + [1e-4] * 9)
    by_itself, asked = drawing_of([wide], Look()), drawing_of([wide], Look(log=True))
    linear = by_itself.without_choice_of_log()
    assert (linear.log, linear.why_log, linear.marks) == (False, "", by_itself.marks)
    assert asked.without_choice_of_log() is asked


def test_small_multiples_are_logarithmic_by_themselves_where_more_than_half_span_three_decades() -> None:
    wide = [curve([1.0] * 9 + [1e-4] * 9, name=f"wide-{at}") for at in range(2)]
    narrow = [curve([1.0, 0.5], name=f"narrow-{at}") for at in range(2)]
    assert {panel.log for panel in drawing_of([*wide, narrow[0]], Look(grid=True)).panels} == {True}
    assert {panel.log for panel in drawing_of([*wide, *narrow], Look(grid=True)).panels} == {False}


def test_a_logarithmic_axis_needs_something_above_0() -> None:
    for look in (Look(log=True), Look(log=True, grid=True)):
        with pytest.raises(ScheduleError, match="no learning rate is above 0"):
            drawing_of([curve([0.0, -1.0])], look)
        assert drawing_of([curve([0.0, 0.1])], look).log
    assert drawing_of([curve([0.0])], Look()).log is False


def test_decades_reach_down_to_where_a_run_begins_and_to_what_it_holds() -> None:
    fall = np.linspace(1.0, 0.0, 1001)  # the 5 smallest of the 1000 above 0 are left out: 0.001 to 0.005
    assert decades_of([fall]) == pytest.approx(Decades(0.005, 1.0))
    assert decades_of([np.array([1e-6, 0.5, 0.4])]) == (1e-6, 0.5)
    assert decades_of([np.array([0.5, 1e-6, 1e-6, 0.4])]) == (1e-6, 0.5)
    assert decades_of([np.array([0.0, -1.0, math.nan])]) is None


# --- what a schedule tells of itself ---------------------------------------------------------------------------


def test_phases_and_ends_are_on_the_clock_of_the_drawing() -> None:
    warmup = curve(WARMUP, steps_per_epoch=100)
    drawing = drawing_of([warmup], Look(x="step"))
    assert [(phase.name, phase.start, phase.stop, phase.ticks) for phase in drawing.phases] == [
        ("warmup", 0, 400, (0, 4)),
        ("decay", 400, 1000, (4, 10)),
    ]
    assert marks(drawing, "peak", "last") == [("peak", 400, 1.0, "peak 1"), ("last", 1000, 0.5, "last 0.5, end 0")]
    percent = drawing_of([warmup], Look(x="percent"))
    assert [phase.stop for phase in percent.phases] == [40, 100]


def test_several_schedules_momentum_and_plain_pictures_have_no_phases() -> None:
    warmup = curve(WARMUP)
    for drawing in (
        drawing_of([warmup, curve([0.1], name="other")], Look()),
        drawing_of([moving()], Look(y="momentum")),
        drawing_of([warmup], Look(plain=True)),
        drawing_of([warmup], Look(grid=True)),
    ):
        assert (drawing.phases, drawing.events, drawing.marks) == ((), (), ())


def test_a_curve_that_never_moves_has_no_peak() -> None:
    assert marks(drawing_of([curve([0.1, 0.1])], Look()), "peak", "last") == [("last", 2, 0.1, "last 0.1, end 0")]


def test_peaks_are_on_the_axis_and_say_the_learning_rate() -> None:
    two = drawing_of([curve([0.5, 2.0, 1.0], [1.0, 2.0, 4.0])], Look(y="relative"))
    assert marks(two, "peak", "last") == [("peak", 1, 0.5, "peak 2"), ("peak", 2, 1.0, "peak 4")]


def test_limits_on_how_much_is_marked() -> None:
    groups = [[0.1 * at, 1.0] for at in range(MOST_PEAKS + 1)]
    assert len(marks(drawing_of([curve(*groups[1:])], Look()), "peak")) == MOST_PEAKS == 4
    assert marks(drawing_of([curve(*groups)], Look()), "peak") == []
    for most, drawn in ((MOST_EVENTS, True), (MOST_EVENTS + 1, False)):
        restarts = drawing_of([curve([1.0, 0.7, 0.4, 0.1] * (most + 1))], Look())
        assert len(restarts.events) == (most if drawn else 0)
    assert (MOST_EVENTS, MOST_PHASES) == (40, 8)


def test_a_mark_for_each_kind_of_expectation() -> None:
    each = expecting(
        curve(WARMUP, steps_per_epoch=10),
        (At(HERE, None, place(2.5), 0.3), False),
        (Extreme(HERE, None, "max", 2.0), False),
        (Between(HERE, None, 0.1, math.inf), True),
        (Peak(HERE, None, place(3)), False),
        (Direction(HERE, None, "decreasing", place(4), place(9)), True),
        (Direction(HERE, None, "constant"), False),
        (MaxJump(HERE, None, 1.5), False),
        (MaxJump(HERE, None, 3.0), True),
    )
    drawing = drawing_of([each], Look())
    assert marks(drawing, "value", "place", "level", "span") == [
        ("value", 2.5, 0.3, "is 0.6, not 0.3"),
        ("value", 4, 2.0, "max is 1, not 2"),
        ("level", 0, 0.1, ""),
        ("level", 0, math.inf, ""),
        ("place", 3, 0.8, "not the peak"),
        ("span", 4, 0.0, "not decreasing"),
        ("span", 0, 0.0, "not constant"),
        ("place", 1, 0.4, "jumps by 2"),
    ]
    assert [mark.stop for mark in drawing.marks if mark.kind == "span"] == [9, 10]
    assert [mark.holds for mark in drawing.marks if mark.expectation is not None] == [
        False, False, True, True, False, True, False, False,
    ]  # fmt: skip
    steps = drawing_of([each], Look(x="step", y="relative"))
    assert [mark.x for mark in steps.marks if mark.kind in ("value", "place")] == [25, 40, 30, 10]


def test_an_expectation_of_a_group_marks_that_group_and_names_it() -> None:
    own, all_groups = At(HERE, 1, place(0), 1.0), At(HERE, None, place(1), 1.0)
    drawing = drawing_of([expecting(curve([0.1, 0.2], [0.3, 0.4]), (own, False), (all_groups, False))], Look())
    told = [(mark.column, mark.expectation, mark.whose, mark.expects) for mark in drawing.marks if mark.kind == "value"]
    assert told == [(1, 0, "g1", "at 0: 1 (g1)"), (0, 1, "g0", "at 1: 1"), (1, 1, "g1", "at 1: 1")]


def test_of_several_schedules_what_fails_is_marked_with_its_schedule_and_the_reason() -> None:
    at, peak = At(HERE, None, place(0), 0.3), Peak(HERE, None, place(1))
    found = Problem(HERE, "0.1 is not 0.3", severity="error", code="expect.at")
    one = expecting(curve([0.1, 0.2], name="one"), (at, False), (peak, True), findings=(found,))
    drawing = drawing_of([curve([0.1], name="other"), one], Look())
    (mark,) = drawing.marks
    assert mark == Mark(
        "value", 1, 0.0, 0.3, "is 0.1, not 0.3", False, 0.0, 0, "at 0: 0.3", "0.1 is not 0.3", "one"
    )  # fmt: skip


def test_a_place_that_is_not_a_number_has_no_mark() -> None:
    nan = curve([math.nan, math.nan])
    each = expecting(nan, (Peak(HERE, None, place(1)), False), (Extreme(HERE, None, "min", 0.1), False))
    assert marks(drawing_of([each], Look()), "place", "value") == []


# --- what is said ----------------------------------------------------------------------------------------------


def test_the_verdict_counts_and_names_what_fails() -> None:
    holds, fails = Peak(HERE, None, place(1)), At(HERE, None, place(0), 0.3)
    one = expecting(curve([0.1, 0.2], name="one"), (holds, True), (fails, False), (Between(HERE, None, 0, 1), True))
    other = expecting(curve([0.1, 0.2], name="other"), (fails, False), (fails, False))
    verdict = drawing_of([one, other], Look()).verdict
    assert (len(verdict.all), len(verdict.held), len(verdict.failing)) == (5, 2, 3)
    assert verdict.schedules_failing == ["one", "other"]
    assert drawing_of([curve([0.1])], Look()).verdict.all == ()


def test_only_marks_that_are_there_are_explained() -> None:
    assert legend_words(["level", "value", "place", "peak"]) == "A ring is a value, a dotted line a limit."
    assert legend_words(["span"]) == "A pale band is a range."
    assert legend_words(["peak", "last"]) == ""


def test_four_are_named_and_dots_stand_for_the_others() -> None:
    assert listed(["a", "b", "c", "d"], ", ") == "a, b, c, d"
    assert listed(["a", "b", "c", "d", "e"], "; ") == "a; b; c; d; ..."


def test_the_first_value_that_cannot_be_drawn_is_told() -> None:
    assert not_drawn([curve([0.1, math.inf, math.nan]), curve([0.1], name="fine"), curve([1e101], name="far")]) == [
        "run is inf at epoch 1, which cannot be drawn",
        "far is 1e101 at epoch 0, which cannot be drawn",
    ]


def test_the_source_is_told_where_all_have_one() -> None:
    one, other = replace(curve([0.1]), source="A paper"), replace(curve([0.1], name="other"), source="A paper")
    assert drawing_of([one, other], Look()).source == "A paper"
    assert drawing_of([one, replace(other, source=None)], Look()).source == ""


def test_the_length_of_a_run_in_few_letters() -> None:
    lengths = [(1, "1 epoch"), (90, "90 epochs"), (9_999, "9,999 epochs"), (10_000, "10k epochs")]
    assert [(count, short_length(curve([0.1] * count))) for count, _ in lengths] == lengths
    steps = [(95_415, "95.4k steps"), (1_912_345, "1.91M steps")]
    long = [curve([0.1] * count, interval="step", steps=count) for count, _ in steps]
    assert [short_length(each) for each in long] == [words for _, words in steps]


def test_an_expectation_of_many_groups_is_one_ring_at_the_highest_line() -> None:
    layers = curve(*([0.0, 2.0**-layer, 0.0] for layer in range(12)))
    held = [(Peak(HERE, None, place(1)), True), *((At(HERE, at, place(1), 2.0**-at), True) for at in range(12))]
    marks = [mark for mark in drawing_of([expecting(layers, *held)], Look()).marks if mark.kind in ("value", "place")]
    assert len(marks) == 24, "each is told"
    assert [(mark.x, mark.value) for mark in marks if mark.drawn] == [(1, 1.0)]


@pytest.mark.parametrize(("count", "drawn"), [(2, [0, 1]), (12, [0])])
def test_a_range_is_marked_on_each_of_few_lines_and_on_the_highest_of_many(count: int, drawn: list[int]) -> None:
    layers = curve(*([2.0**-layer, 0.0] for layer in range(count)))
    falls = expecting(layers, (Direction(HERE, None, "decreasing", place(0), place(1)), True))
    assert [mark.column for mark in drawing_of([falls], Look()).marks if mark.kind == "span" and mark.drawn] == drawn


def test_few_groups_have_a_ring_each_where_they_expect_different_values() -> None:
    groups = curve([0.0, 0.2], [0.0, 0.1])
    held = [
        (Peak(HERE, None, place(1)), True),
        *((At(HERE, at, place(at), lr), True) for at, lr in ((0, 0.0), (1, 0.1))),
    ]
    drawn = [mark for mark in drawing_of([expecting(groups, *held)], Look()).marks if mark.drawn and mark.holds]
    assert [(mark.x, mark.value) for mark in drawn if mark.kind in ("value", "place")] == [(1, 0.2), (0, 0.0), (1, 0.1)]


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        (Look(), True),
        (Look(expect=False), False),
        (Look(theme="paper"), False),
        (Look(theme="paper", expect=True), True),
        (Look(theme="paper", grid=True, expect=True), True),
        (Look(theme="paper", grid=True), False),
    ],
)
def test_expectations_are_marked_and_told_unless_the_picture_is_for_a_paper(look: Look, shown: bool) -> None:
    each = expecting(curve([0.1, 0.2]), (At(HERE, None, place(1), 1.0), False))
    drawing = drawing_of([each], look)
    assert bool(drawing.verdict.all) == shown
    assert any(mark.expectation is not None for mark in drawing.marks) == (shown and not look.grid)


def test_numbers_are_written_as_at_the_ticks_of_their_axis() -> None:
    falling = curve([5e-3 * 0.9**tick for tick in range(40)])
    assert drawing_of([falling], Look(log=True)).notation(2e-3) == "2e-3"
    assert drawing_of([falling], Look(log=False)).notation(2e-3) == "0.002"
    above = curve([1.0, 0.5])
    assert all(drawing_of([above], Look(log=log)).notation(2e-3) == "0.002" for log in (True, False))


def test_a_panel_says_nothing_of_expectations_that_are_left_out() -> None:
    failing = Shown(curve([1.0, 0.5]), expected=(Expected(Extreme(HERE, None, "max", 2.0), False),))
    assert panel_verdict(failing, expects=True) == "✗ not as expected"
    assert panel_verdict(failing, expects=False) == ""


def test_words_about_the_panel_of_a_metric_say_its_mark_and_how_much_is_drawn() -> None:
    panel = replace(drawing_of([curve([1.0, 0.5])], Look()).panels[0], kind="metric", words=("one of 5 readings",))
    assert metric_words([panel]) == ["one of 5 readings"]
    marked = replace(panel, reductions=(Reduction(0, 1.0, 0.5),))
    assert metric_words([marked]) == ["▾ the learning rate is reduced after this reading", "one of 5 readings"]
