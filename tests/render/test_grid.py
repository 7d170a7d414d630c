"""Small multiples: what each panel shows, on which axes, and that no words of theirs overlap."""

from __future__ import annotations

from itertools import combinations

import pytest
from curves import curve

from lrviz.curve import Curve
from lrviz.render.figure import draw, render
from lrviz.render.style import Look, settings

GRID = Look(grid=True)


def ramps(count: int, peak: float = 0.1) -> list[Curve]:
    return [
        curve([peak * (tick + index) / 20 for tick in range(10)], name=f"schedule-{index}") for index in range(count)
    ]


def panels(curves: list[Curve], look: Look = GRID) -> list:
    with settings():
        return [ax for ax in draw(curves, look).axes if ax.axison]


def heads(curves: list[Curve]) -> list[str]:
    return [ax.get_title(loc="left").replace("\n", "") for ax in panels(curves)]


def captions(curves: list[Curve]) -> list[str]:
    return [ax.texts[0].get_text() for ax in panels(curves)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 12, 31])
def test_every_curve_has_a_panel_in_the_order_of_the_files(count: int) -> None:
    assert heads(ramps(count)) == [f"schedule-{index}" for index in range(count)]


def test_a_panel_has_the_rates_of_its_curve() -> None:
    (_, second) = panels(ramps(2))
    (line,) = second.lines
    assert max(line.get_ydata()) == max(ramps(2)[1].columns[0])
    assert line.get_xdata()[-1] == 10


def test_rates_and_lengths_of_one_size_share_an_axis_and_need_no_words() -> None:
    curves = [curve([0.1] * 10), curve([1.0, 0.5], name="other")]
    assert captions(curves) == ["", ""]
    first, second = panels(curves)
    assert first.get_ylim() == second.get_ylim()
    assert first.get_xlim() == second.get_xlim() == (0, 10)
    assert first.get_ylim()[1] >= 1.0


def test_rates_of_other_sizes_are_parts_of_their_peak_which_is_said() -> None:
    curves = [curve([0.1] * 10), curve([1e-5, 5e-6], name="small")]
    assert captions(curves) == ["peak 0.1", "peak 1e-5"]
    for ax in panels(curves):
        assert max(ax.lines[0].get_ydata()) == 1.0


def test_lengths_of_other_sizes_are_percent_and_said() -> None:
    curves = [curve([0.1] * 10), curve([0.1] * 1000, name="long")]
    assert captions(curves) == ["10 epochs", "1,000 epochs"]
    assert {ax.lines[0].get_xdata()[-1] for ax in panels(curves)} == {100}


def test_param_groups_are_lines_of_one_panel() -> None:
    (ax,) = panels([curve([0.1, 0.2], [0.2, 0.4], [0.3, 0.6])])
    assert [max(line.get_ydata()) for line in ax.lines] == [0.2, 0.4, 0.6]


@pytest.mark.parametrize(
    "names", [["a"], ["x" * 60], ["torchvision_efficientnet_v2_small_model"], ["a b", "$x_1$", "[red]"]]
)
def test_no_words_overlap_or_leave_the_picture(names: list[str]) -> None:
    curves = [curve([10.0**-index] * 5, name=f"{name}{index}") for index in range(9) for name in names]
    with settings():
        figure = draw(curves, Look(grid=True, title="A title"))
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        words = [figure._suptitle, figure._supxlabel, figure._supylabel]
        for ax in figure.axes:
            words += [ax._left_title, *ax.texts] if ax.axison else []
        boxes = [(word.get_text(), word.get_window_extent(renderer)) for word in words if word.get_text()]
    for (one, box), (other, second) in combinations(boxes, 2):
        assert not box.overlaps(second), (one, other)
    for text, box in boxes:
        assert box.x0 >= 0 <= box.y0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text


def test_the_same_curves_give_the_same_bytes() -> None:
    for format in ("png", "svg", "pdf"):
        assert render(ramps(4), format, GRID) == render(ramps(4), format, GRID)
