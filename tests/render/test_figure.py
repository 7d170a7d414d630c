"""The picture: what its figure says, that nothing hides anything, and that its bytes are always the same."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from curves import curve
from matplotlib.figure import Figure

import lrviz
from lrviz.curve import Curve
from lrviz.render.figure import FORMATS, draw, not_drawn, render
from lrviz.render.style import COLORS, DASHES, Look
from lrviz.schedule.errors import ScheduleError


def cosine(ticks: int, **more: object) -> Curve:
    values = [0.05 * (1 + math.cos(math.pi * tick / ticks)) for tick in range(ticks)]
    return curve(values, **more)  # type: ignore[arg-type]


def several(count: int) -> list[Curve]:
    return [cosine(90 + at, name=f"schedule-{at}") for at in range(count)]


def test_axes_are_labelled_and_the_line_is_the_curve() -> None:
    figure = draw([cosine(100)], Look())
    (ax,) = figure.axes
    (line,) = ax.lines
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("epoch", "learning rate", "run")
    assert ax.get_xlim() == (0, 100)
    assert np.array_equal(line.get_xdata(), np.arange(101))
    values = cosine(100).lr[:, 0]
    assert np.array_equal(line.get_ydata(), np.append(values, values[-1]))


def test_the_value_after_the_end_is_not_drawn() -> None:
    (line,) = draw([curve([0.1, 0.1], end=99.0)], Look()).axes[0].lines
    assert max(line.get_ydata()) == 0.1


def test_both_clocks_where_the_run_has_both() -> None:
    (ax,) = draw([cosine(30, steps_per_epoch=391)], Look()).axes
    (top,) = ax.child_axes
    assert top.get_xlabel() == "optimizer step"
    ax.figure.draw_without_rendering()
    assert top.get_xlim() == pytest.approx((0, 30 * 391))
    (by_step,) = draw([cosine(30, steps_per_epoch=391)], Look(x="step")).axes
    assert by_step.get_xlabel() == "optimizer step"
    assert by_step.get_xlim() == (0, 30 * 391)
    assert by_step.child_axes[0].get_xlabel() == "epoch"
    assert not draw([cosine(30)], Look()).axes[0].child_axes


def test_runs_without_a_clock_in_common_share_the_percent_of_the_run() -> None:
    epochs, steps = cosine(30), curve([1.0] * 500, name="steps", interval="step", steps=500)
    (ax,) = draw([epochs, steps], Look()).axes
    assert ax.get_xlabel() == "percent of the run"
    assert [line.get_xdata()[-1] for line in ax.lines] == [100, 100]
    with pytest.raises(ScheduleError, match="needs the epochs of every schedule; not known for 'steps'"):
        draw([epochs, steps], Look(x="epoch"))


def test_a_run_that_ends_within_an_epoch_ends_there_on_the_axis() -> None:
    cut = curve([3.0, 2.0, 1.0], interval="epoch", steps_per_epoch=100, steps=250)
    (line,) = draw([cut], Look()).axes[0].lines
    assert line.get_xdata()[-1] == 2.5


@pytest.mark.parametrize("count", [2, 5, 12])
@pytest.mark.parametrize("size", [None, (5.0, 3.0)])
def test_the_legend_names_every_curve_in_order_and_hides_nothing(count: int, size: tuple[float, float] | None) -> None:
    curves = several(count)
    figure = draw(curves, Look(size=size))
    figure.draw_without_rendering()
    (ax,), (legend,) = figure.axes, figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == sorted(each.name for each in curves)
    box, axes = legend.get_window_extent(), ax.get_tightbbox()
    assert axes is not None
    assert not box.overlaps(axes)
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    if size is None:
        assert ax.get_window_extent().height > 250


def test_the_legend_reads_row_by_row() -> None:
    figure = draw(several(7), Look())
    figure.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in figure.legends[0].get_texts()}
    read = sorted(boxes, key=lambda name: (-round(boxes[name].y0), boxes[name].x0))
    assert read == [f"schedule-{at}" for at in range(7)]


def test_35_curves_all_look_different_and_neighbours_differ_in_colour_and_style() -> None:
    looks = [(COLORS[at % len(COLORS)], DASHES[at % len(DASHES)]) for at in range(35)]
    assert len({repr(look) for look in looks}) == 35
    lines = draw(several(8), Look()).axes[0].lines
    for before, after in pairwise(lines):
        assert before.get_color() != after.get_color()


def test_colours_differ_in_lightness_or_hue_for_the_colour_blind() -> None:
    """By the matrices of Machado et al. 2009 for missing red and green cones: no two colours come close."""
    protan = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
    deutan = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
    rgb = np.array([[int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)] for color in COLORS])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    for matrix in (np.eye(3), protan, deutan):
        seen = np.clip(linear @ matrix.T, 0, 1) ** (1 / 2.4)
        distances = [np.linalg.norm(a - b) for at, a in enumerate(seen) for b in seen[at + 1 :]]
        assert min(distances) > 0.1


def test_a_logarithmic_axis_leaves_out_zeros_and_is_not_stretched_by_the_last_steps() -> None:
    (ax,) = draw([cosine(100_000)], Look(log=True)).axes
    assert ax.get_yscale() == "log"
    assert 1e-7 < ax.get_ylim()[0] < 1e-4
    (short,) = draw([curve([1e-1, 1e-2, 1e-3, 0.0])], Look(log=True)).axes
    assert 5e-4 < short.get_ylim()[0] < 1e-3
    with pytest.raises(ScheduleError, match="no learning rate is above 0"):
        draw([curve([0.0, 0.0])], Look(log=True))


def test_a_line_at_zero_is_seen_whole() -> None:
    assert draw([curve([0.1, 0.0])], Look()).axes[0].get_ylim()[0] < 0


def test_a_million_steps_make_a_light_picture_with_every_peak() -> None:
    values = np.full(1_000_000, 0.01)
    values[[123_456, 777_777]] = 0.7, 0.9
    spiky = curve(values.tolist(), interval="step", steps=1_000_000)
    (line,) = draw([spiky], Look()).axes[0].lines
    assert {0.7, 0.9} <= set(line.get_ydata())
    assert len(line.get_xdata()) < 10_000
    assert len(render([spiky], "svg")) < 300_000


def test_names_are_text_and_not_formulas() -> None:
    render([curve([0.1], name="$\\frac{", title="$\\broken{"), curve([0.2], name="_hidden")], "png")
    figure = draw([curve([0.1], name="a"), curve([0.2], name="_hidden")], Look())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "_hidden"]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_curves_give_the_same_bytes(format: str) -> None:
    assert render(several(3), format) == render(several(3), format)


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from curves import curve
from lrviz.render.figure import FORMATS, render
for format in FORMATS:
    print(hashlib.sha256(render([curve([0.1, 0.05, 0.0]), curve([0.2], name="b")], format)).hexdigest())
"""


def test_bytes_do_not_depend_on_folder_day_locale_or_matplotlibrc(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\naxes.facecolor: red\nsvg.fonttype: path\n")
    script = SCRIPT.format(tests=str(Path(__file__).parent))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "LC_ALL": "C", "TZ": "Pacific/Auckland"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    here = [
        hashlib.sha256(render([curve([0.1, 0.05, 0.0]), curve([0.2], name="b")], format)).hexdigest()
        for format in FORMATS
    ]
    assert elsewhere.stdout.split() == here


def test_the_users_settings_are_left_as_they_were() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    render(several(2), "png")
    assert dict(matplotlib.rcParams) == before


def test_plot_draws_on_axes_that_it_is_given() -> None:
    given = Figure().add_subplot()
    assert lrviz.plot([cosine(10), cosine(12, name="other")], ax=given) is given
    assert len(given.lines) == 2
    assert given.get_legend() is not None
    assert lrviz.plot(cosine(10)).get_ylabel() == "learning rate"


def test_a_logarithmic_axis_shows_every_level_that_is_held_and_where_a_run_begins() -> None:
    staircase = curve([0.1] * 997 + [1e-9] * 3)
    last_epoch = curve([0.1] * 49 + [1e-4])
    warmup = curve([1e-8 + 0.1 * tick / 1000 for tick in range(1000)] + [0.1] * 299_000)
    for each, lowest in ((staircase, 1e-9), (last_epoch, 1e-4), (warmup, 1e-8)):
        (ax,) = draw([each], Look(log=True)).axes
        assert ax.get_ylim()[0] < lowest


@pytest.mark.parametrize("log", [False, True])
def test_what_cannot_be_drawn_is_left_out_and_said(log: bool) -> None:
    exploding = curve([10.0**tick for tick in range(300)] + [math.inf] * 10, name="boom")
    assert not_drawn([exploding]) == ["boom is 1e+101 at epoch 101, which cannot be drawn"]
    (ax,) = draw([exploding], Look(log=log)).axes
    low, high = ax.get_ylim()
    assert low < high
    assert 1e100 <= high < 1e103
    assert render([exploding], "png", Look(log=log)) == render([exploding], "png", Look(log=log))
    assert not_drawn([curve([0.1, 0.0])]) == []


def test_long_titles_and_names_stay_on_the_picture() -> None:
    long = "a-name-of-a-schedule-that-is-much-longer-than-anybody-would-like-it-to-be-" * 2
    figure = draw([cosine(10, name=long), cosine(11, name="b")], Look(title="A title that goes on and on. " * 6))
    figure.draw_without_rendering()
    for box in (figure.legends[0].get_window_extent(), figure.axes[0].get_tightbbox()):
        assert box is not None
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.x1 + 1


def test_axes_in_use_keep_their_curves() -> None:
    given = Figure().add_subplot()
    lrviz.plot(cosine(100, steps_per_epoch=10), ax=given)
    lrviz.plot(cosine(50, name="short", steps_per_epoch=10), ax=given)
    assert given.get_xlim() == (0, 100)
    assert len({line.get_color() for line in given.lines}) == 2
    assert len(given.child_axes) == 1
    assert given.get_legend() is not None


def test_what_no_plot_can_be_made_of_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="there is no curve to draw"):
        lrviz.plot([])
    with pytest.raises(ValueError, match="x is one of epoch, step, percent \\(got 'stp'\\)"):
        lrviz.plot(cosine(10), x="stp")  # type: ignore[arg-type]


def test_groups_of_a_single_schedule_go_by_their_own_names() -> None:
    groups = curve([0.1, 0.2], [0.3, 0.4])
    assert [line.get_label() for line in draw([groups], Look()).axes[0].lines] == ["g0", "g1"]
    both = draw([groups, curve([0.5, 0.6], name="other")], Look())
    assert [line.get_label() for line in both.axes[0].lines] == ["run/g0", "run/g1", "other"]
