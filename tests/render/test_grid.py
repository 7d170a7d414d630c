"""Small multiples: what each panel shows, on which axes, and that no words of theirs overlap."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from curves import curve, xs, ys
from matplotlib.axes import Axes

from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.render.picture.figure import draw, render
from lrviz.render.style import Look, settings

GRID = Look(grid=True)
LOG = Look(grid=True, log=True)


def ramps(count: int, peak: float = 0.1) -> list[Curve]:
    return [
        curve([peak * (tick + index) / 20 for tick in range(10)], name=f"schedule-{index}") for index in range(count)
    ]


def panels(curves: list[Curve], look: Look = GRID) -> list[Axes]:
    with settings():
        return [ax for ax in draw(curves, look).axes if ax.axison]


def heads(curves: list[Curve]) -> list[str]:
    return [ax.get_title(loc="left").replace("\n", "") for ax in panels(curves)]


def captions(curves: list[Curve], look: Look = GRID) -> list[str]:
    return [ax.texts[0].get_text() for ax in panels(curves, look)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 12, 31])
def test_every_curve_has_a_panel_in_the_order_of_the_files(count: int) -> None:
    assert heads(ramps(count)) == [f"schedule-{index}" for index in range(count)]


def test_a_panel_has_the_rates_of_its_curve() -> None:
    (_, second) = panels(ramps(2))
    (line,) = second.lines
    assert max(ys(line)) == max(ramps(2)[1].columns[0])
    assert xs(line)[-1] == 10


def test_rates_and_lengths_of_one_size_share_an_axis_and_need_no_words() -> None:
    curves = [curve([0.1] * 10), curve([0.4, 0.2], name="other")]
    assert captions(curves) == ["", ""]
    first, second = panels(curves)
    assert first.get_ylim() == second.get_ylim()
    assert first.get_xlim() == second.get_xlim() == (-0.2, 10)
    assert first.get_ylim()[1] >= 0.4


def test_no_shape_is_flat_beside_a_larger_one() -> None:
    curves = [curve([peak, peak / 2], name=f"peak {peak}") for peak in (0.05, 0.06, 0.07, 0.85)]
    assert captions(curves) == ["peak 0.05", "peak 0.06", "peak 0.07", "peak 0.85"]


def test_rates_of_other_sizes_are_parts_of_their_peak_which_is_said() -> None:
    curves = [curve([0.1] * 10), curve([1e-5, 5e-6], name="small")]
    assert captions(curves) == ["peak 0.1", "peak 1e-5"]
    for ax in panels(curves):
        assert max(ys(ax.lines[0])) == 1.0


def test_lengths_of_other_sizes_are_percent_and_said() -> None:
    curves = [curve([0.1] * 10), curve([0.1] * 1000, name="long")]
    assert captions(curves) == ["10 epochs", "1,000 epochs"]
    assert {xs(ax.lines[0])[-1] for ax in panels(curves)} == {100}


def test_param_groups_are_lines_of_one_panel() -> None:
    (ax,) = panels([curve([0.1, 0.2], [0.2, 0.4], [0.3, 0.6])])
    assert [max(ys(line)) for line in ax.lines] == [0.2, 0.4, 0.6]


def test_a_param_group_far_above_the_others_is_not_left_out() -> None:
    (_, ax) = panels([curve([1e-3] * 300), curve([0.1, *[0.0] * 299], [0.0, *[0.01] * 299], name="bias")])
    assert [max(ys(line)) for line in ax.lines] == pytest.approx([1.0, 0.1])
    assert ax.get_ylim()[1] > 1.0
    assert ax.get_xlim()[0] < min(xs(ax.lines[0]))


def test_a_logarithmic_axis_is_shared() -> None:
    first, second = panels([curve([0.1, 1e-3]), curve([0.2, 1e-2], name="other")], LOG)
    assert (first.get_yscale(), second.get_yscale()) == ("log", "log")
    assert first.get_ylim() == second.get_ylim()
    assert 5e-4 < first.get_ylim()[0] < 1e-3
    assert 0.2 < first.get_ylim()[1] < 0.4
    assert captions([curve([0.1, 1e-3])], LOG) == [""]


def test_rates_of_other_sizes_are_parts_of_their_peak_on_a_logarithmic_axis_too() -> None:
    curves = [curve([0.1, 0.001] * 5), curve([1e-5, 5e-6], name="small")]
    assert captions(curves, LOG) == ["peak 0.1", "peak 1e-5"]
    (first, second) = panels(curves, LOG)
    assert max(ys(first.lines[0])) == max(ys(second.lines[0])) == 1.0
    assert 5e-3 < first.get_ylim()[0] < 1e-2


def test_the_axis_is_logarithmic_by_itself_where_most_panels_span_three_decades() -> None:
    wide = [curve([0.9**epoch for epoch in range(100)], name=f"wide-{index}") for index in range(2)]
    narrow = [curve([0.9, 0.5], name=f"narrow-{index}") for index in range(2)]
    assert {ax.get_yscale() for ax in panels([*wide, narrow[0]])} == {"log"}
    assert {ax.get_yscale() for ax in panels([*wide, *narrow])} == {"linear"}
    assert {ax.get_yscale() for ax in panels(wide, Look(grid=True, log=False))} == {"linear"}


@pytest.mark.parametrize("rates", [[0.0, 0.0], [-0.1, -0.2]])
def test_what_is_not_above_0_has_its_place_on_a_logarithmic_axis_too(rates: list[float]) -> None:
    curves = [curve([0.1, 0.05]), curve(rates, name="none"), curve(rates, [0.1, 0.1], name="frozen")]
    for ax in panels(curves, LOG):
        assert ax.get_ylim()[0] < min(rates)
        assert 0 in ax.get_yticks()
    with pytest.raises(ScheduleError, match="no learning rate is above 0"):
        panels(curves[1:2], LOG)


def test_a_logarithmic_axis_labels_the_peak_and_few_decades() -> None:
    curves = [curve([10.0**-place, 10.0 ** -(place + 9)] * 5, name=f"run-{place}") for place in range(12)]
    with settings():
        figure = draw(curves, LOG)
        figure.draw_without_rendering()
    low, high = figure.axes[0].get_ylim()
    values = [at for at in figure.axes[0].get_yticks() if low <= at <= high]
    assert values == pytest.approx([1e-9, 1e-6, 1e-3, 1.0])


@pytest.mark.parametrize("look", [GRID, LOG])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_panels_fill_their_picture(count: int, look: Look) -> None:
    with settings():
        figure = draw(ramps(count), look)
        figure.draw_without_rendering()
    assert all(ax.axison for ax in figure.axes)
    boxes = [ax.get_position() for ax in figure.axes]
    assert min(box.x0 for box in boxes) < 0.15
    assert max(box.x1 for box in boxes) > 0.95
    assert figure.get_figwidth() > 5


def test_a_run_without_the_clock_that_is_asked_for_is_refused() -> None:
    curves = [*ramps(1), curve([0.1] * 10, name="steps", interval="step", steps=10)]
    with pytest.raises(ScheduleError, match="a picture over epochs needs the epochs of every schedule"):
        panels(curves, Look(grid=True, x="epoch"))


@pytest.mark.parametrize(
    ("count", "look"), [(1, GRID), (2, GRID), (3, GRID), (9, GRID), (3, LOG), (3, Look(grid=True, size=(5, 2)))]
)
@pytest.mark.parametrize(
    "names", [["a"], ["x" * 60], ["torchvision_efficientnet_v2_small_model"], ["a b", "$x_1$", "[red]"]]
)
def test_no_words_overlap_or_leave_the_picture(names: list[str], count: int, look: Look) -> None:
    curves = [curve([10.0**-index] * 5, name=f"{name}{index}") for index in range(count) for name in names]
    with settings():
        figure = draw(curves, replace(look, title="A title " * 12 if look.size is None else "A title"))
        figure.draw_without_rendering()
        words = list(figure.texts)
        ax: Any
        for ax in figure.axes:
            words += [ax._left_title, *ax.texts] if ax.axison else []
        boxes = [(word.get_text(), word.get_window_extent()) for word in words if word.get_text()]
    for (one, box), (other, second) in combinations(boxes, 2):
        assert not box.overlaps(second), (one, other)
    for text, box in boxes:
        assert box.x0 >= 0 <= box.y0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text


def test_the_same_curves_give_the_same_bytes() -> None:
    for format in ("png", "svg", "pdf"):
        assert render(ramps(4), format, GRID) == render(ramps(4), format, GRID)
