"""The picture: what its figure says, on which scales, in which order, and that nothing hides anything."""

from __future__ import annotations

import math
import warnings
from colorsys import rgb_to_hsv
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from curves import curve, xs, ys
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import lrviz
from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.render.drawing.plan import MOST_OVERLAID
from lrviz.render.drawing.said import not_drawn
from lrviz.render.picture.figure import draw, render
from lrviz.render.spread import spread
from lrviz.render.style import DASHES, PALETTES, Look, Theme, settings


def cosine(ticks: int, **more: object) -> Curve:
    values = [0.05 * (1 + math.cos(math.pi * tick / ticks)) for tick in range(ticks)]
    return curve(values, **more)  # type: ignore[arg-type]


def several(count: int) -> list[Curve]:
    return [cosine(90 + at, name=f"schedule-{at}") for at in range(count)]


def drawn(curves: list[Curve], look: Look | None = None) -> Figure:
    look = look or Look()
    with settings(look):
        return draw(curves, look)


def lines(figure: Figure, panel: int = 0) -> list[Line2D]:
    """The lines of curves, without what is drawn around them."""
    return [line for line in figure.axes[panel].lines if not str(line.get_label()).startswith("_")]


def caption(figure: Figure) -> str:
    """What stands at the lower left of a figure."""
    around = (figure._suptitle, figure._supylabel)  # type: ignore[attr-defined]
    lines = [text for text in figure.texts if text not in around and text.get_horizontalalignment() == "left"]
    return " ".join(text.get_text() for text in sorted(lines, key=lambda text: -text.get_position()[1]))


def words(figure: Figure) -> list[tuple[str, Bbox]]:
    """Everything that is written on a figure, with its box in pixels."""
    figure.draw_without_rendering()
    texts = list(figure.texts)
    for ax in figure.axes:
        each: Any
        for each in (ax, *ax.child_axes):
            texts += [*each.texts, each.title, each._left_title, each.xaxis.label, each.yaxis.label]
            texts += [label for axis in (each.xaxis, each.yaxis) for label in seen_labels(each, axis)]
    for legend in figure.legends:
        texts += legend.get_texts()
    return [(text.get_text(), text.get_window_extent()) for text in texts if text.get_visible() and text.get_text()]


def seen_labels(ax: Axes, axis: object) -> list[Text]:
    low, high = sorted(axis.get_view_interval())  # type: ignore[attr-defined]
    slack = 1e-9 * (high - low)
    labels = [(tick.get_loc(), label) for tick in axis.get_major_ticks() for label in (tick.label1, tick.label2)]  # type: ignore[attr-defined]
    inside = [label for at, label in labels if low - slack <= at <= high + slack and ax.axison]
    return [label for label in inside if label.get_visible()]


def assert_nothing_collides(figure: Figure) -> None:
    boxes = words(figure)
    for (one, box), (other, second) in combinations(boxes, 2):
        assert not box.padded(-0.5).overlaps(second.padded(-0.5)), (one, other)
    for text, box in boxes:
        assert box.x0 >= -1 <= box.y0, text
        assert box.x1 <= figure.bbox.x1 + 1, text
        assert box.y1 <= figure.bbox.y1 + 1, text


# --- data, axes, clocks ------------------------------------------------------------------------------------


def test_axes_are_labelled_and_the_line_is_the_curve() -> None:
    figure = drawn([cosine(100)])
    (ax,) = figure.axes
    (line,) = lines(figure)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("epoch", "learning rate", "run")
    assert ax.get_xlim() == (0, 100)
    values = cosine(100).lr[:, 0]
    assert np.array_equal(line.get_xdata(), np.repeat(np.arange(101), 2)[1:-1]), "each value is held for its epoch"
    assert np.array_equal(line.get_ydata(), np.repeat(values, 2))


def test_the_value_after_the_end_is_not_drawn() -> None:
    (line,) = lines(drawn([curve([0.1, 0.1], end=99.0)]))
    assert max(ys(line)) == 0.1


def test_both_clocks_where_the_run_has_both() -> None:
    figure = drawn([cosine(30, steps_per_epoch=391)])
    (top,) = figure.axes[0].child_axes
    assert top.get_xlabel() == "optimizer step"
    figure.draw_without_rendering()
    assert top.get_xlim() == pytest.approx((0, 30 * 391))
    (by_step,) = drawn([cosine(30, steps_per_epoch=391)], Look(x="step")).axes
    assert by_step.get_xlabel() == "optimizer step"
    assert by_step.get_xlim() == (0, 30 * 391)
    assert by_step.child_axes[0].get_xlabel() == "epoch"
    assert not drawn([cosine(30)]).axes[0].child_axes


def test_runs_without_a_clock_in_common_share_the_percent_of_the_run() -> None:
    curves = [cosine(30), curve([1.0] * 500, name="steps", interval="step", steps=500)]
    figure = drawn(curves)
    assert figure.axes[0].get_xlabel() == "percent of the run"
    assert [xs(line)[-1] for line in lines(figure)] == [100, 100]
    with pytest.raises(ScheduleError, match="needs the epochs of every schedule; not known for 'steps'"):
        drawn(curves, Look(x="epoch"))


def test_runs_of_different_length_share_an_axis_of_epochs_steps_or_percent() -> None:
    curves = [cosine(10, steps_per_epoch=100), cosine(40, name="long", steps_per_epoch=100)]
    ends = {
        clock: [xs(line)[-1] for line in lines(drawn(curves, Look(x=clock)))] for clock in ("epoch", "step", "percent")
    }
    assert ends == {"epoch": [10, 40], "step": [1000, 4000], "percent": [100, 100]}


def test_a_run_that_ends_within_an_epoch_ends_there_on_the_axis() -> None:
    (line,) = lines(drawn([curve([3.0, 2.0, 1.0], interval="epoch", steps_per_epoch=100, steps=250)]))
    assert xs(line)[-1] == 2.5


def test_a_line_at_zero_is_seen_whole() -> None:
    assert drawn([curve([0.1, 0.0])]).axes[0].get_ylim()[0] < 0


def test_a_million_steps_make_a_light_picture_with_every_peak() -> None:
    values = np.full(1_000_000, 0.01)
    values[[123_456, 777_777]] = 0.7, 0.9
    spiky = curve(values.tolist(), interval="step", steps=1_000_000)
    (line,) = lines(drawn([spiky]))
    assert {0.7, 0.9} <= set(ys(line))
    assert len(xs(line)) < 10_000
    assert len(render([spiky], "svg")) < 320_000


def test_parts_of_the_peak_are_the_same_curve_scaled() -> None:
    curves = [cosine(20), curve([1e-5, 4e-5, 2e-5], name="small")]
    figure = drawn(curves, Look(y="relative"))
    assert figure.axes[0].get_ylabel() == "learning rate, as a fraction of its peak"
    for line, absolute in zip(lines(figure), lines(drawn(curves, Look(log=False))), strict=True):
        assert ys(line) == pytest.approx(ys(absolute) / max(ys(absolute)))
        assert max(ys(line)) == 1.0


# --- scales ------------------------------------------------------------------------------------------------


def test_an_axis_is_logarithmic_by_itself_where_rates_span_more_than_three_decades_and_says_so() -> None:
    wide = curve([0.9**epoch for epoch in range(100)])
    figure = drawn([wide])
    assert figure.axes[0].get_yscale() == "log"
    assert "Logarithmic, because the learning rates span more than three decades." in caption(figure)
    assert drawn([wide], Look(log=False)).axes[0].get_yscale() == "linear"
    assert drawn([wide], Look(plain=True)).axes[0].get_yscale() == "linear"
    assert drawn([wide, cosine(100, name="other")]).axes[0].get_yscale() == "log"
    two = [curve([0.1] * 9, name="large"), curve([0.99e-4] * 9, name="small")]
    assert drawn(two).axes[0].get_yscale() == "log"
    assert drawn([two[0], curve([1e-4] * 9, name="small")]).axes[0].get_yscale() == "linear"


def test_the_last_steps_of_a_fall_or_the_first_of_a_warmup_are_no_reason_for_a_logarithmic_axis() -> None:
    warmup = curve([1e-9, *[0.1 * epoch / 10 for epoch in range(1, 11)], *[0.1] * 80])
    for each in (cosine(90), cosine(100_000), warmup, curve([0.1, 0.0]), curve([0.1, 1e-9, 1e-9, -1e-5])):
        assert drawn([each]).axes[0].get_yscale() == "linear"


def test_a_logarithmic_axis_is_linear_below_what_it_has_to_show_and_says_so() -> None:
    figure = drawn([cosine(100_000)], Look(log=True))
    (ax,) = figure.axes
    assert ax.get_yscale() == "symlog"
    threshold = float(np.quantile(cosine(100_000).lr[:, 0], 0.005, method="lower"))
    transform: Any = ax.yaxis.get_transform()
    assert transform.linthresh == threshold
    assert f"linear below {threshold:.3g}".replace("e-0", "e-") in caption(figure)
    assert ax.get_ylim()[0] < 0
    assert ax.get_yticks()[0] == 0


@pytest.mark.parametrize("values", [[1e-1, 1e-2, 1e-3, 0.0], [0.0, 1e-3, 1e-1], [0.1, 0.0, 0.1, 1e-3]])
def test_a_zero_stands_where_a_logarithmic_axis_says_0_below_its_decades(values: list[float]) -> None:
    figure = drawn([curve(values)], Look(log=True))
    (ax,) = figure.axes
    (line,) = lines(figure)
    assert set(values) == set(ys(line))
    at = {value: ax.transData.transform((0, value))[1] for value in (0.0, 1e-3, 1e-2, 1e-1)}
    assert ax.get_window_extent().y0 < at[0.0] < at[1e-3] < at[1e-2] < at[1e-1]
    assert at[1e-2] - at[1e-3] == pytest.approx(at[1e-1] - at[1e-2])
    labels = {label.get_text(): label.get_window_extent() for label in seen_labels(ax, ax.yaxis)}
    assert (labels["0"].y0 + labels["0"].y1) / 2 == pytest.approx(at[0.0], abs=2)


def test_a_logarithmic_axis_without_anything_above_0_is_refused() -> None:
    with pytest.raises(ScheduleError, match="no learning rate is above 0"):
        drawn([curve([0.0, 0.0])], Look(log=True))


def test_a_logarithmic_axis_has_a_decade_for_every_level_that_is_held_and_where_a_run_begins() -> None:
    staircase = curve([0.1] * 997 + [1e-9] * 3)
    last_epoch = curve([0.1] * 49 + [1e-4])
    warmup = curve([1e-8 + 0.1 * tick / 1000 for tick in range(1000)] + [0.1] * 299_000)
    for each, lowest in ((staircase, 1e-9), (last_epoch, 1e-4), (warmup, 1e-8)):
        (ax,) = drawn([each], Look(log=True)).axes
        assert ax.get_yscale() == "log"
        assert ax.get_ylim()[0] < lowest


@pytest.mark.parametrize("log", [False, True])
def test_what_cannot_be_drawn_is_left_out_and_said(log: bool) -> None:
    exploding = curve([10.0**tick for tick in range(300)] + [math.inf] * 10, name="boom")
    assert not_drawn([exploding]) == ["boom is 1e101 at epoch 101, which cannot be drawn"]
    (ax,) = drawn([exploding], Look(log=log)).axes
    low, high = ax.get_ylim()
    assert low < high
    assert 1e100 <= high < 1e120
    assert render([exploding], "png", Look(log=log)) == render([exploding], "png", Look(log=log))
    assert not_drawn([curve([0.1, 0.0])]) == []


# --- many --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 5, 8])
@pytest.mark.parametrize("size", [None, (5.0, 3.0)])
@pytest.mark.parametrize("theme", ["light", "paper"])
def test_names_stand_at_the_ends_of_lines_and_do_not_collide(
    count: int, size: tuple[float, float] | None, theme: str
) -> None:
    curves = several(count)
    figure = drawn(curves, Look(size=size, theme=theme))  # type: ignore[arg-type]
    assert_nothing_collides(figure)
    box = figure.axes[0].get_window_extent()
    names = {text.get_text().replace("\n", ""): text.get_window_extent() for text in figure.axes[0].texts}
    assert set(names) == {each.name for each in curves}
    assert all(name.x0 > box.x1 for name in names.values())
    assert box.width > 0.45 * figure.bbox.width


def test_names_are_in_the_order_of_the_ends_and_at_their_height_where_there_is_room() -> None:
    curves = [curve([0.1, level], name=f"to {level}") for level in (0.02, 0.08, 0.05)]
    figure = drawn(curves)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    for text in ax.texts:
        level = float(text.get_text().split()[1])
        box = text.get_window_extent()
        assert (box.y0 + box.y1) / 2 == pytest.approx(ax.transData.transform((2, level))[1], abs=3)


def test_names_of_lines_that_end_at_one_place_are_in_the_order_of_what_is_below_them() -> None:
    low, high = curve([0.1, 0.01, 0.0], name="low"), curve([0.1, 0.09, 0.0], name="high")
    figure = drawn([low, high])
    figure.draw_without_rendering()
    heights = {text.get_text(): text.get_window_extent().y0 for text in figure.axes[0].texts}
    assert heights["high"] > heights["low"]


def test_every_name_has_a_piece_of_its_line_beside_it() -> None:
    figure = drawn(several(4))
    samples = [line for line in figure.axes[0].lines if line.get_label() == "_sample"]
    seen = {(line.get_color(), str(line._dash_pattern)) for line in lines(figure)}  # type: ignore[attr-defined]
    assert {(line.get_color(), str(line._dash_pattern)) for line in samples} == seen  # type: ignore[attr-defined]
    assert len({dashes for _, dashes in seen}) == 4


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12).map(lambda ends: sorted(ends, reverse=True)),
    st.floats(0.01, 0.08),
)
def test_labels_are_moved_apart_no_further_than_they_must(wanted: list[float], height: float) -> None:
    places = spread(wanted, [height] * len(wanted))
    assert all(above - below >= height - 1e-9 for above, below in pairwise(places))
    assert places[0] <= 1 - height / 2 + 1e-9
    assert places[-1] >= height / 2 - 1e-9
    free = all(above - below >= height for above, below in pairwise(wanted))
    if free and wanted[0] <= 1 - height / 2 and wanted[-1] >= height / 2:
        assert places == pytest.approx(wanted)
    for shift in (-0.003, 0.003):  # no label alone could stand nearer to its line
        for index, (place, end) in enumerate(zip(places, wanted, strict=True)):
            moved = [*places[:index], place + shift, *places[index + 1 :]]
            fits = all(above - below >= height for above, below in pairwise(moved))
            fits = fits and moved[0] <= 1 - height / 2 and moved[-1] >= height / 2
            if fits:
                assert abs(place + shift - end) >= abs(place - end) - 1e-9


def test_more_schedules_than_can_be_overlaid_are_small_multiples_unless_said_otherwise() -> None:
    curves = several(MOST_OVERLAID + 1)
    assert len(drawn(several(MOST_OVERLAID)).axes) == 1
    assert len([ax for ax in drawn(curves).axes if ax.axison]) == MOST_OVERLAID + 1
    overlaid = drawn(curves, Look(grid=False))
    assert len(lines(overlaid)) == MOST_OVERLAID + 1


@pytest.mark.parametrize("count", [9, 14])
@pytest.mark.parametrize("size", [None, (5.0, 3.0)])
def test_a_legend_names_every_curve_in_order_and_hides_nothing(count: int, size: tuple[float, float] | None) -> None:
    curves = several(count)
    figure = drawn(curves, Look(size=size, grid=False))
    figure.draw_without_rendering()
    (ax,), (legend,) = figure.axes, figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == sorted(each.name for each in curves)
    box, axes = legend.get_window_extent(), ax.get_tightbbox()
    assert axes is not None
    assert not box.overlaps(axes)
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    read = {text.get_text(): text.get_window_extent() for text in legend.get_texts()}
    assert sorted(read, key=lambda name: (-round(read[name].y0), read[name].x0)) == [each.name for each in curves]


def test_param_groups_are_a_family_of_one_colour_and_go_by_their_own_names() -> None:
    groups = curve([0.1, 0.2], [0.3, 0.4], [0.5, 0.6])
    figure = drawn([groups])
    assert [line.get_label() for line in lines(figure)] == ["g0", "g1", "g2"]
    colors = [str(line.get_color()) for line in reversed(lines(figure))]  # the highest first
    hues = [rgb_to_hsv(*rgb(color))[0] for color in (*colors, PALETTES["light"].lines[0])]
    assert max(hues) - min(hues) < 0.02
    assert luminance(colors[0]) < luminance(colors[1]) < luminance(colors[2])
    both = drawn([groups, curve([0.5, 0.6], name="other")])
    assert [line.get_label() for line in lines(both)] == ["run/g0", "run/g1", "run/g2", "other"]
    assert lines(both)[3].get_color() == PALETTES["light"].lines[1]


@pytest.mark.parametrize("size", [None, (3.3, 2.2)])
@pytest.mark.parametrize("count", [12, 14, 24])
def test_of_many_param_groups_the_first_and_the_last_are_named(count: int, size: tuple[float, float] | None) -> None:
    layers = curve(*([2.0**-layer, 2.0**-layer, 0.0] for layer in range(count)))
    figure = drawn([layers], Look(size=size))
    assert_nothing_collides(figure)
    legend = figure.axes[0].get_legend()
    assert legend is not None, "it has room on the axes"
    assert [text.get_text() for text in legend.get_texts()] == ["g0", f"{count - 2} more", f"g{count - 1}"]
    assert not [line for line in figure.axes[0].lines if line.get_label() == "_leader"], "no fan out of one point"
    assert {line.get_linestyle() for line in lines(figure)} == {"-"}, "dashes side by side would shimmer"


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("count", [9, 24])
def test_neighbours_of_many_param_groups_are_told_apart_in_colour_and_in_grey(theme: Theme, count: int) -> None:
    layers = curve(*([2.0**-layer, 0.0] for layer in range(count)))
    colors = [str(line.get_color()) for line in lines(drawn([layers], Look(theme=theme)))]
    assert len(set(colors)) == count
    bright = [luminance(color) + 0.05 for color in colors]
    assert all(max(pair) / min(pair) > 1.5 for pair in pairwise(bright))
    background = luminance(PALETTES[theme].background) + 0.05
    assert all(max(each, background) / min(each, background) > 2 for each in bright)


def test_many_groups_of_the_same_rates_are_one_line_with_one_name() -> None:
    figure = drawn([curve(*([0.1 * (1 + group % 3), 0.0] for group in range(12)))])
    names = [text.get_text() for text in figure.axes[0].texts if " and 3 more" in text.get_text()]
    assert sorted(names) == ["g0 and 3 more", "g1 and 3 more", "g2 and 3 more"]
    assert len({line.get_color() for line in lines(figure)}) == 3


def test_schedules_of_many_param_groups_have_a_panel_each() -> None:
    curves = [curve(*([2.0**-layer, 0.0] for layer in range(9)), name=name) for name in "ab"]
    assert len(drawn(curves).axes) == 2
    assert len(drawn(curves, Look(grid=False)).axes) == 1


@pytest.mark.parametrize("size", [(3.3, 2.2), (3.3, 2.6)])
def test_in_a_single_column_names_take_no_width_of_the_axes(size: tuple[float, float]) -> None:
    """They are on the axes if there is free space, otherwise below them."""
    falling, crossing = several(3), [*several(3), curve([0.0, 0.1] * 50, name="cycles")]
    for curves, inside in ((falling, True), (crossing, False)):
        figure = drawn(curves, Look(size=size, theme="paper"))
        figure.draw_without_rendering()
        (ax,) = figure.axes
        legend = ax.get_legend()
        assert (legend is not None) == inside
        named = legend or figure.legends[0]
        assert {text.get_text() for text in named.get_texts()} == {each.name for each in curves}
        assert ax.get_window_extent().width > 0.75 * figure.bbox.width
        assert named.get_window_extent().overlaps(ax.get_window_extent()) == inside
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            assert len([at for at in axis.get_majorticklocs() if low <= at <= high]) >= 4


def test_a_leader_is_a_grey_hairline_beside_the_axes_where_one_line_ends() -> None:
    apart = drawn([curve([0.1, level], name=f"to {level}") for level in (0.02, 0.08)]).axes[0]
    leaders = [line for line in apart.lines if line.get_label() == "_leader"]
    assert [line.get_color() for line in leaders] == [PALETTES["light"].quiet] * 2
    assert all(min(xs(line)) > 1 and line.get_linestyle() == "-" for line in leaders)
    together = drawn([curve([0.1, each, 0.0], name=str(each)) for each in (0.02, 0.08)]).axes[0]
    assert not [line for line in together.lines if line.get_label() == "_leader"]


def rgb(color: str) -> list[float]:
    return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_curves_that_are_overlaid_are_told_apart_in_grey(theme: str) -> None:
    """No two have one line style, and each can be told from the background by its lightness alone."""
    found = lines(drawn(several(8), Look(theme=theme)))  # type: ignore[arg-type]
    assert len({str(line._dash_pattern) for line in found}) == len(found)  # type: ignore[attr-defined]
    background = luminance(PALETTES[theme].background)  # type: ignore[index]
    for line in found:
        lightness = luminance(str(line.get_color()))
        contrast = (max(lightness, background) + 0.05) / (min(lightness, background) + 0.05)
        assert contrast > 2, line.get_color()


def luminance(color: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("count", [2, 5, 14])
def test_shades_of_param_groups_are_told_apart_in_grey_too(theme: str, count: int) -> None:
    colors = PALETTES[theme]  # type: ignore[index]
    background = luminance(colors.background)
    for index in range(len(colors.lines)):
        family = colors.family(index, count)
        contrasts = [
            (max(luminance(shade), background) + 0.05) / (min(luminance(shade), background) + 0.05) for shade in family
        ]
        assert all(before > after for before, after in pairwise(contrasts)), family
        assert contrasts[-1] >= 2, family


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_words_can_be_read_on_the_background(theme: str) -> None:
    colors = PALETTES[theme]  # type: ignore[index]
    background = luminance(colors.background)
    for color in (colors.ink, colors.quiet, colors.holds, colors.fails):
        lightness = luminance(color)
        assert (max(lightness, background) + 0.05) / (min(lightness, background) + 0.05) > 4.5, color


def test_56_curves_all_look_different_and_neighbours_differ_in_colour_and_style() -> None:
    for colors in PALETTES.values():
        looks = [(colors.lines[at % len(colors.lines)], repr(DASHES[at % len(DASHES)])) for at in range(56)]
        assert len(set(looks)) == 56
        for before, after in pairwise(looks):
            assert before[0] != after[0]
            assert before[1] != after[1]


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_colours_differ_in_lightness_or_hue_for_the_colour_blind(theme: str) -> None:
    """By the matrices of Machado et al. 2009 for missing red and green cones: no two colours come close."""
    protan = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
    deutan = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
    colors = np.array([rgb(color) for color in PALETTES[theme].lines])  # type: ignore[index]
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    for matrix in (np.eye(3), protan, deutan):
        seen = np.clip(linear @ matrix.T, 0, 1) ** (1 / 2.4)
        distances = [np.linalg.norm(a - b) for at, a in enumerate(seen) for b in seen[at + 1 :]]
        assert min(distances) > 0.1


# --- names and titles --------------------------------------------------------------------------------------


def test_names_are_text_and_not_formulas() -> None:
    render([curve([0.1], name="$\\frac{", title="$\\broken{"), curve([0.2], name="_hidden")], "png")
    figure = drawn([curve([0.1], name="$a$"), curve([0.2], name="_hidden")])
    assert [text.get_text() for text in figure.axes[0].texts] == ["$a$", "_hidden"]


def test_long_titles_and_names_stay_on_the_picture() -> None:
    long = "a-name-of-a-schedule-that-is-much-longer-than-anybody-would-like-it-to-be-" * 2
    for grid in (None, True):
        look = Look(title="A title that goes on and on. " * 6, grid=grid)
        assert_nothing_collides(drawn([cosine(10, name=long), cosine(11, name="b")], look))
    figure = drawn([cosine(10 + at, name=f"{long}{at}") for at in range(9)], Look(grid=False))
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= -1
    assert box.x1 <= figure.bbox.x1 + 1


# --- in Python ---------------------------------------------------------------------------------------------


def test_plot_draws_on_axes_that_it_is_given() -> None:
    given = Figure().add_subplot()
    assert lrviz.plot([cosine(10), cosine(12, name="other")], ax=given) is given
    assert len(given.lines) == 2
    assert given.get_legend() is not None
    assert lrviz.plot(cosine(10)).get_ylabel() == "learning rate"


def test_names_are_no_mathematics_on_axes_of_the_caller() -> None:
    figure = Figure()
    given = figure.add_subplot()
    lrviz.plot([cosine(10, name="$\\frac{$"), cosine(10, name="$x$\x1b")], ax=given)
    figure.draw_without_rendering()
    legend = given.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["$\\frac{$", "$x$\\x1b"]


@pytest.mark.parametrize("log", [False, True])
def test_axes_of_the_caller_keep_matplotlibs_ticks(log: bool) -> None:
    plain, given = Figure().add_subplot(), Figure().add_subplot()
    plain.set_yscale("log" if log else "linear")
    lrviz.plot([cosine(100), cosine(50, name="other")], ax=given, log=log)
    for ours, theirs in ((given.xaxis, plain.xaxis), (given.yaxis, plain.yaxis)):
        assert type(ours.get_major_locator()) is type(theirs.get_major_locator())
        assert type(ours.get_major_formatter()) is type(theirs.get_major_formatter())
    given.yaxis.set_major_formatter("{x:.1%}")
    lrviz.plot(cosine(20, name="more"), ax=given, log=log)
    assert given.yaxis.get_major_formatter().format_data(0.5) == "50.0%"


def test_a_logarithmic_axis_of_the_caller_has_no_limit_below_0() -> None:
    given = Figure().add_subplot()
    given.set_yscale("log")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lrviz.plot(cosine(20), ax=given)
    assert given.get_ylim()[0] > 0


def test_axes_in_use_keep_their_curves() -> None:
    given = Figure().add_subplot()
    lrviz.plot(cosine(100, steps_per_epoch=10), ax=given)
    lrviz.plot(cosine(50, name="short", steps_per_epoch=10), ax=given)
    assert given.get_xlim() == (0, 100)
    assert len({line.get_color() for line in given.lines}) == 2
    assert given.child_axes == []
    assert given.get_legend() is not None


def test_what_no_plot_can_be_made_of_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="there is no curve to draw"):
        lrviz.plot([])
    with pytest.raises(TypeError, match=r"several curves have to be in a list: lrviz.plot\(\[one, other\]\)"):
        lrviz.plot(cosine(10), cosine(20))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a curve is the result of a schedule's `simulate\(\)` \(got 'cosine'\)"):
        lrviz.plot(["cosine"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"theme is one of light, dark, paper \(got 'purple'\)"):
        lrviz.plot(cosine(10), theme="purple")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x is one of epoch, step, percent, tokens, samples \\(got 'stp'\\)"):
        lrviz.plot(cosine(10), x="stp")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="y is lr or relative if ax is given \\(got 'both'\\)"):
        lrviz.plot(cosine(10), ax=Figure().add_subplot(), y="both")
    with pytest.raises(ScheduleError, match='y="momentum" needs a schedule that changes momentum, and none does'):
        lrviz.plot(cosine(10), y="momentum")


def test_plot_takes_the_size_of_letters_of_a_new_figure() -> None:
    small, large = (lrviz.plot(curve([0.1, 0.05]), font_size=size).xaxis.label.get_fontsize() for size in (None, 20))
    assert (small, large) == (10, 20)
    for wrong in (3, 41, math.nan):
        with pytest.raises(ValueError, match="font_size is from 4 to 40 points"):
            lrviz.plot(curve([0.1]), font_size=wrong)
    with pytest.raises(ValueError, match="for a new figure"):
        lrviz.plot(curve([0.1]), Figure().add_subplot(), font_size=12)
