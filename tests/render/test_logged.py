"""What real runs logged, over the line of the plan, in every kind of picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from curves import curve

from lrviz.ansi import Terminal
from lrviz.errors import ScheduleError
from lrviz.render.drawing.logged import SHAPES
from lrviz.render.drawing.plan import Drawing, drawing_of
from lrviz.render.page.cells import cells_of
from lrviz.render.page.chart import chart_of
from lrviz.render.picture.figure import draw as figure_of
from lrviz.render.shown import Logged, Shown
from lrviz.render.style import PALETTES, Look, settings
from lrviz.render.terminal.overlay import draw

PLAN = [1.0 - tick / 100 for tick in range(100)]


def logged(name: str = "train.csv", off: float = 0.3) -> Logged:
    """A record a tick, of which those from tick 60 on are `off` the plan, tick 80 by five times as much."""
    lr = np.array(PLAN)
    away = np.where(np.arange(100) >= 60, off, 0.0)
    away[80] *= 5
    words = "step 60: logged 0.7, planned 0.4" if off else ""
    return Logged(name, 0, np.arange(100.0), lr + away, away, 60 if off else None, words)


def shown(*runs: Logged) -> Shown:
    return Shown(curve(PLAN, name="plan"), logged=runs)


def drawing(*runs: Logged, **look: object) -> Drawing:
    return drawing_of([shown(*runs)], Look(**look))  # type: ignore[arg-type]


def test_a_drawing_has_the_points_of_each_run_and_words_about_it() -> None:
    bad, good = drawing(logged(), logged("good.csv", 0)).logged
    assert (bad.name, bad.column, bad.first, bad.deviates, bad.above) == ("train.csv", 0, 60, True, True)
    assert bad.words == "train.csv leaves the plan at step 60: logged 0.7, planned 0.4"
    assert (good.first, good.deviates, good.words) == (None, False, "good.csv follows the plan")
    assert bad.values[60] == pytest.approx(0.7)
    assert bad.shape != good.shape
    assert bad.color(PALETTES["light"]) not in (PALETTES["light"].lines[0], good.color(PALETTES["light"]))
    assert len(set(SHAPES)) == len(SHAPES)


def test_records_outside_of_the_run_are_counted_in_the_words() -> None:
    (run,) = drawing(replace(logged(), outside=3, first=None)).logged
    assert run.words.endswith("(3 records outside of the run)")


def test_of_many_points_the_farthest_from_the_plan_and_the_first_that_leaves_it_are_kept() -> None:
    (run,) = drawing(logged()).logged
    kept = run.thinned(10).tolist()
    assert {60, 80} <= set(kept)
    assert len(kept) <= 11
    assert run.thinned(100).tolist() == list(range(100))


def test_the_axis_includes_what_was_logged() -> None:
    with settings(Look()):
        ax = figure_of([shown(logged(off=0.5))], Look()).axes[0]
    assert ax.get_ylim()[1] > PLAN[80] + 2.5
    labels = [line.get_label() for line in ax.lines]
    assert "train.csv (logged)" in labels
    assert "_deviates" in labels
    assert any(text.get_text() == "leaves the plan" for text in ax.texts)


def test_a_plain_picture_has_points_but_no_mark() -> None:
    with settings(Look(plain=True)):
        ax = figure_of([shown(logged())], Look(plain=True)).axes[0]
    labels = [line.get_label() for line in ax.lines]
    assert "train.csv (logged)" in labels
    assert "_deviates" not in labels


def test_a_page_names_runs_and_marks_where_they_leave_the_plan() -> None:
    plan = drawing(logged("a<b.csv"), logged("good.csv", 0))
    chart = chart_of(plan, cells_of([curve(PLAN, name="plan")]), "light")
    traces = [trace for trace in chart.figure["data"] if str(trace.get("legendgroup", "")).startswith("run")]
    assert [trace.get("name") for trace in traces] == ["a&lt;b.csv (logged)", None, "good.csv (logged)"]
    assert traces[1]["text"] == ["a&lt;b.csv leaves the plan"]
    assert chart.figure["layout"]["showlegend"]
    assert "good.csv follows the plan." in chart.words


@pytest.mark.parametrize(("ascii", "sign", "leaves"), [(False, "•", "✕"), (True, "x", "!")])
def test_a_terminal_has_a_sign_for_the_points_and_one_where_they_leave(ascii: bool, sign: str, leaves: str) -> None:
    lines = draw([shown(logged())], Look(), Terminal(False, 80, ascii), 30).splitlines()
    axes = "\n".join(lines[:24])
    assert axes.count(leaves) == 1
    assert 10 < axes.count(sign) < 30
    assert any(line.startswith(f"{sign} train.csv leaves the plan at step 60") for line in lines)


@pytest.mark.parametrize("look", [Look(grid=True), Look(y="momentum")])
def test_runs_need_the_learning_rates_on_one_axes(look: Look) -> None:
    moves = replace(curve(PLAN), momentum_columns=curve(PLAN).columns, end_momentum=(0.9,))
    with pytest.raises(ScheduleError, match="--run is drawn over the learning rates"):
        drawing_of([Shown(moves, logged=(logged(),))], look)


def test_the_first_record_that_leaves_the_plan_is_among_the_points_that_are_drawn() -> None:
    """Another of its neighbours is farther from the plan, and would be drawn in its place."""
    (points,) = drawing_of([Shown(curve(PLAN), logged=(logged(),))], Look()).logged
    assert points.first == 60
    points = replace(points, away=np.arange(100.0))
    assert {60, 99} <= set(points.thinned(2).tolist()) < set(range(100))
