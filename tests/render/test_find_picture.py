"""The picture and the table of range tests, of curves by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from trainings import DIGITS

from lrviz.ansi import Terminal
from lrviz.lessons.find import RangeTest, chosen
from lrviz.loading.schedules import load_text
from lrviz.render.picture.find import draw
from lrviz.render.style import settings
from lrviz.render.tables.find import write_table


def range_test(*names: str, lowest: float = 1.0, peaks: tuple[float, ...] = ()) -> RangeTest:
    """A test whose loss is smallest at `lowest`, within rates from 1e-4 to 10."""
    text = "{epochs: 4, optimizer: {type: SGD, lr: 0.1}, scheduler: none}"
    lr = np.geomspace(1e-4, 10, 101)
    losses = 2 - np.exp(-(np.log10(lr / lowest) ** 2))
    steepest, minimum = chosen(lr, losses)
    (schedule,) = load_text(text, "schedule.yaml")
    peaks = peaks or (0.1,) * len(names)
    return RangeTest(names, schedule, DIGITS, 1, lr, losses, losses, steepest, minimum, peaks)


@pytest.mark.parametrize("count", [2, 3, 9, 30])
def test_names_of_several_tests_stand_below_the_axes_and_nothing_leaves_the_picture(count: int) -> None:
    with settings():
        figure = draw([range_test(f"schedule-{at}", lowest=0.1 * (at + 1)) for at in range(count)])
        figure.canvas.draw()
        (names,), (ax,) = figure.legends, figure.axes
        marks = ax.get_legend()
        assert marks is not None
        assert [text.get_text() for text in marks.get_texts()] == ["steepest descent", "minimum over ten, suggested"]
        assert len(names.get_texts()) == count
        whole, below = figure.bbox, names.get_window_extent()
        assert whole.x0 <= below.x0 < below.x1 <= whole.x1
        assert whole.y0 <= below.y0
        assert below.y1 <= ax.get_tightbbox().y0  # type: ignore[union-attr]
        assert ax.bbox.y0 <= marks.get_window_extent().y0 < marks.get_window_extent().y1 <= ax.bbox.y1
        assert ax.bbox.height > 0.5 * 480  # the axes stay as high as they were


def test_many_schedules_of_one_test_are_named_by_the_first() -> None:
    many = range_test(*(f"s{at}" for at in range(30)))
    with settings():
        names, _ = draw([many, range_test("adam", "cosine", lowest=0.1)]).legends[0].get_texts()
        assert names.get_text() == "s0 and 29 more: 0.1"
        assert len(draw([many]).axes[0].lines) == 5  # losses, mean, two marks, one peak


def test_many_peaks_are_left_to_the_table() -> None:
    peaks = tuple(0.01 * 1.2**at for at in range(12))
    with settings():
        assert len(draw([range_test(*map(str, peaks), peaks=peaks)]).axes[0].texts) == 0
        assert len(draw([range_test("a", "b", peaks=peaks[:2])]).axes[0].texts) == 2


def table(*tests: RangeTest) -> list[str]:
    stream = io.StringIO()
    write_table(tests, stream, Terminal(False, None, False))
    return stream.getvalue().splitlines()


def test_what_schedules_share_stands_beside_the_first_of_them() -> None:
    rows = [line.split() for line in table(range_test("a", "b", peaks=(0.5, 2.0)))[3:5]]
    assert rows[0] == ["a", "SGD", "0.1", "1", rows[0][4], "0.5"]
    assert rows[1][:2] == ["b", "2"]


def test_a_loss_that_is_smallest_at_the_end_asks_for_a_higher_one() -> None:
    assert range_test("a", lowest=100).falling
    assert not range_test("a").falling
    assert "the loss still falls at the end: try a higher one (--between)" in table(range_test("a", lowest=100))[3]
