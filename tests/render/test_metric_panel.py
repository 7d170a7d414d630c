"""The metric of a plateau under its learning rate: in the drawing, in a picture, in a terminal."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_figure import caption

from lrviz.ansi import Terminal
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file, load_text
from lrviz.render.drawing import metric
from lrviz.render.drawing.panels import Panel, Reduction
from lrviz.render.drawing.plan import drawing_of
from lrviz.render.picture.figure import draw as picture_of
from lrviz.render.shown import Shown
from lrviz.render.style import Look, settings
from lrviz.render.terminal.overlay import draw
from lrviz.schedule.model import ComputedMetric

READINGS = "[1.0, 0.8, 0.9, 0.7, 0.7, .nan, 0.75, 0.6]"
HEAD = "epochs: 8\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, patience: 1, factor: 0.5}\n"
PHASED = (
    "steps: 40\nsteps_per_epoch: 5\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler:\n"
    "  - {type: OneCycleLR, max_lr: 0.1, for: 20 steps}\n"
    "  - {type: ReduceLROnPlateau, patience: 1, factor: 0.5, interval: epoch}\nmetric: 1 + step / 100\n"
)


def shown_of(text: str, name: str = "run") -> Shown:
    (schedule,) = load_text(text, "s.yaml")
    schedule = replace(schedule, name=name)
    return Shown(simulate(schedule), schedule)


def metric_of(*shown: Shown, **look: object) -> Panel | None:
    return next((panel for panel in drawing_of(shown, Look(**look)).panels if panel.kind == "metric"), None)  # type: ignore[arg-type]


def panel_of(*shown: Shown) -> Panel:
    panel = metric_of(*shown)
    assert panel is not None
    return panel


@pytest.fixture(scope="module")
def plateau() -> Shown:
    return shown_of(f"{HEAD}metric: {READINGS}\n")


# --- the drawing -----------------------------------------------------------------------------------------------


def test_readings_are_under_the_learning_rate_and_those_that_reduce_it_are_marked(plateau: Shown) -> None:
    assert plateau.curve.lr[:, 0].tolist() == [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]
    panel = panel_of(plateau)
    assert (panel.label, panel.columns, panel.common) == ("metric", (0,), (False,))
    assert np.array_equal(panel.values[0], [1.0, 0.8, 0.9, 0.7, 0.7, math.nan, 0.75, 0.6], equal_nan=True)
    ((column, x, _),) = panel.reductions  # after the reading of epoch 5, which is NaN: torch sees no improvement
    assert (column, x) == (0, 6)
    assert panel_of(shown_of(f"{HEAD}metric: [1, 0.8, 0.9, 0.8, 0.9, 0.9, 0.5, 0.4]\n")).reductions == (
        Reduction(0, 4, 0.8),
        Reduction(0, 6, 0.9),
    )


def test_a_metric_is_called_after_its_column_or_its_expression(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,val\u202eloss\n" + "".join(f"{at},1\n" for at in range(8)), "utf-8")
    (tmp_path / "s.yaml").write_text(f'{HEAD}metric: {{file: log.csv, column: "val\\u202eloss"}}\n', "utf-8")
    (schedule,) = load_file(tmp_path / "s.yaml")
    assert panel_of(Shown(simulate(schedule), schedule)).label == "val\\u202eloss"
    assert panel_of(shown_of(f"{HEAD}metric: >\n  1 /\n  (epoch + 1)\n")).label == "metric: 1 / (epoch + 1)"


def test_the_metric_is_left_out_where_it_is_not_asked_for(plateau: Shown) -> None:
    for look in ({"y": "lr"}, {"y": "relative"}, {"plain": True}, {"grid": True}):
        assert metric_of(plateau, **look) is None
    assert [panel.kind for panel in drawing_of([plateau], Look(), lower=False).panels] == ["lr"]
    assert metric_of(shown_of("epochs: 8\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\nmetric: 1 + 0\n")) is None
    assert metric_of(Shown(plateau.curve)) is None


def test_a_phase_that_reads_no_metric_shows_none_and_a_reading_is_that_of_its_epoch() -> None:
    phased = shown_of(PHASED)
    drawing = drawing_of([phased], Look())
    assert [panel.kind for panel in drawing.panels] == ["lr", "momentum", "metric"]
    (values,) = drawing.panels[2].values
    assert np.isnan(values[:20]).all()
    assert values[20:].tolist() == [1.24] * 5 + [1.29] * 5 + [1.34] * 5 + [1 + 39 / 100] * 5
    assert drawing.panels[2].reductions == (Reduction(0, 7, 1.34),)


def test_one_metric_of_several_schedules_is_one_line_and_several_are_one_each(plateau: Shown) -> None:
    patient = shown_of(f"{HEAD.replace('patience: 1', 'patience: 0')}metric: {READINGS}\n", "patient")
    panel = panel_of(plateau, patient)
    assert (panel.columns, panel.common) == ((0,), (True,))
    assert {reduction.column for reduction in panel.reductions} == {0, 1}
    other = shown_of(f"{HEAD}metric: [8, 7, 6, 5, 4, 3, 2, 1]\n", "other")
    still = shown_of("epochs: 8\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\n", "still")
    panel = panel_of(still, plateau, other)
    assert (panel.columns, panel.common) == ((1, 2), (False, False))
    assert metric_of(plateau, shown_of(f"{HEAD}metric: 1 + epoch\n", "named")) is None  # no axis for both


def test_a_metric_on_demand_is_computed_no_oftener_than_a_picture_can_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = shown_of(f"{HEAD.replace('epochs: 8', 'epochs: 2000')}metric: 1 / (epoch + 1)\n")
    assert panel_of(long).words == ()
    asked: list[int] = []
    value = ComputedMetric.__getitem__

    def noted(self: ComputedMetric, at: int) -> Any:
        asked.append(at)
        return value(self, at)

    monkeypatch.setattr(ComputedMetric, "__getitem__", noted)
    monkeypatch.setattr(metric, "MOST_READINGS", 300)
    panel = panel_of(long)
    assert 300 * 0.9 <= len(asked) <= 301
    assert panel.words == ("one of 7 readings is drawn",)
    assert panel.values[0][[0, 6, 7, 1999]].tolist() == [1 / 7, 1 / 7, 1 / 14, 1 / 2000]


def test_many_reductions_are_not_marked() -> None:
    text = HEAD.replace("patience: 1, factor: 0.5", "patience: 0, factor: 0.9, eps: 0")
    for epochs, marked in ((41, metric.MOST_REDUCTIONS - 1), (50, 0)):
        panel = panel_of(shown_of(f"{text.replace('epochs: 8', f'epochs: {epochs}')}metric: 1 + epoch\n"))
        assert len(panel.reductions) == marked


# --- pictures --------------------------------------------------------------------------------------------------


def test_a_picture_has_the_metric_below_with_a_triangle_where_it_reduces(plateau: Shown) -> None:
    with settings(Look()):
        figure = picture_of([shown_of(f"{HEAD}metric: [1, 0.8, 0.9, 0.8, 0.9, 0.9, 0.5, 0.4]\n")], Look())
        assert len(picture_of([plateau], Look(size=(7, 3))).axes) == 1  # too low for both
    above, below = figure.axes
    assert (above.get_xlabel(), below.get_xlabel(), below.get_ylabel()) == ("", "epoch", "metric")
    triangles = [line for line in below.lines if line.get_label() == "_reduction"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in triangles] == [(4, 0.8), (6, 0.9)]  # type: ignore[index]
    assert "▾ the learning rate is reduced after this reading." in [text.get_text() for text in figure.texts]


def test_a_long_expression_is_in_the_caption_and_not_beside_its_panel() -> None:
    sums = " + ".join(f"epoch / {at}" for at in range(2, 20))
    with settings(Look()):
        figure = picture_of([shown_of(f"{HEAD}metric: 1 + {sums}\n")], Look())
        label = figure.axes[1].yaxis.label
        assert label.get_window_extent().height <= 1.2 * figure.axes[1].get_window_extent().height
    assert label.get_text() == "metric"
    assert f"Metric: 1 + {sums}" in caption(figure)


@pytest.mark.parametrize(("ascii", "sign"), [(False, "▾"), (True, "v")])
def test_a_terminal_has_the_metric_below(plateau: Shown, ascii: bool, sign: str) -> None:
    shown = shown_of(f"{HEAD}metric: [1, 0.8, 0.9, 0.8, 0.9, 0.9, 0.5, 0.4]\n")
    text = draw([shown], Look(), Terminal(ascii=ascii), 24)
    above, told, below = text.partition(f"metric   {sign} the learning rate is reduced after this reading\n")
    assert "learning rate" in above
    assert told
    assert [below.count(sign), above.count(sign)] == [2, 0]
    assert "metric" not in draw([shown], Look(), Terminal(ascii=ascii), 12)  # too low for both


# --- what has no room ------------------------------------------------------------------------------------------

LONG = "max(0.3, 1 / (1 + epoch / 4)) + 0.01 * sin(epoch * 1.7)"


def test_metrics_of_several_names_are_not_drawn_and_that_is_said() -> None:
    made = [shown_of(f"{HEAD}metric: 1 / (1 + epoch)\n", "a"), shown_of(f"{HEAD}metric: {READINGS}\n", "b")]
    drawing = drawing_of(made, Look())
    assert [panel.kind for panel in drawing.panels] == ["lr"]
    said = "no metric is drawn, because the schedules have different ones: 1 / (1 + epoch), metric"
    assert drawing.why_no_metric == said
    with settings():
        figure = picture_of(made, Look())
    assert f"{said.capitalize()}." in caption(figure)
    assert said in " ".join(draw(made, Look(), Terminal(False, 120, False), 40).split())
    assert drawing_of(made[:1], Look()).why_no_metric == drawing_of(made, Look(y="lr")).why_no_metric == ""


@pytest.mark.parametrize("font_size", [None, 16.0])
def test_an_expression_that_has_no_room_beside_its_axes_is_in_the_caption(font_size: float | None) -> None:
    made = [shown_of(f"{HEAD}metric: {LONG}\n")]
    look = Look(font_size=font_size)
    with settings(look):
        figure = picture_of(made, look)
    assert figure.axes[1].get_ylabel() == "metric"
    assert f"Metric: {LONG}" in caption(figure)
    short = [shown_of(f"{HEAD}metric: 1 / (1 + epoch)\n")]
    with settings():
        assert picture_of(short, Look()).axes[1].get_ylabel().replace("\n", " ") == "metric: 1 / (1 + epoch)"
