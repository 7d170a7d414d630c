"""Curves at the edges of what a double can hold, in every medium and on every scale, are drawn within their axes."""

from __future__ import annotations

import io
import json
import math
import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from curves import buffer, curve
from matplotlib.axes import Axes

from lrviz.ansi import Terminal
from lrviz.calculator.difference import difference, side_of_curve
from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.render import braille
from lrviz.render.drawing.panels import MOST_DECADES, decades_of
from lrviz.render.drawing.plan import drawing_of
from lrviz.render.outline import SMALLEST_DRAWN
from lrviz.render.page.cells import cells_of
from lrviz.render.page.chart import chart_of
from lrviz.render.picture import figure, ratio
from lrviz.render.shown import Shown
from lrviz.render.style import Look, Values, settings
from lrviz.render.tables.difference import Compared, write_page
from lrviz.render.terminal.overlay import draw

INF, NAN, TINIEST, HUGE = math.inf, math.nan, 5e-324, 1.7e308

VALUES = {
    "halved until it is 0": [0.1 * 0.5**tick for tick in range(1100)],
    "twenty decades a step": [0.1 * 1e-20**tick for tick in range(30)],
    "zeros": [0.0, -0.0, 0.0],
    "one denormal": [TINIEST] * 3,
    "denormals": [1e-310, TINIEST, 0.0],
    "1 and a denormal": [1.0] * 9 + [TINIEST] * 9,
    "below what is drawn": [1e-299, 1e-298, 3e-299],
    "not finite": [0.1, INF, -INF, NAN, NAN],
    "all NaN": [NAN] * 3,
    "one tick": [0.1],
    "neighbours": [0.1, math.nextafter(0.1, 1)],
    "near the largest": [HUGE, -HUGE, 1.0],
    "every size": [1e100, 1e-300, 1e-100, 1.0],
    "every size and 0": [1e100, 0.0, TINIEST, 1e-310],
    "negative": [-0.1, -0.2, -0.3],
    "far below 0": [0.1, -1e100, 1e-300],
    "only a denormal above 0": [1e-310, -1e100],
    "explodes": [0.1 * 10.0**tick for tick in range(308)],
}


def nasty(name: str, other: str = "run") -> Curve:
    """A curve whose learning rates and momentum have these values."""
    values = VALUES[name]
    plain = curve(values, end=values[-1], name=other)
    return replace(plain, momentum_columns=(buffer(values),), end_momentum=(values[-1],))


def looks(name: str, *, momentum: bool = True) -> Iterator[Look]:
    """Every scale; a logarithmic one only where a value above 0 can be drawn."""
    for y in ("lr", "relative", *(("momentum", "both") if momentum else ())):
        for log in (None, False, True):
            if not log or any(SMALLEST_DRAWN <= value < 1e100 for value in VALUES[name]):
                yield Look(y=y, log=log, dpi=40)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    """numpy warns where arithmetic underflows, overflows or divides by zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.mark.parametrize("name", VALUES)
def test_in_a_terminal(name: str) -> None:
    windows = ((Terminal(), None), (Terminal(True, 40), 14), (Terminal(ascii=True, width=30), 8))
    for at, look in enumerate(looks(name)):
        terminal, rows = windows[at % 3]
        assert draw([Shown(nasty(name))], look, terminal, rows).strip()
        if look.y in ("lr", "relative"):
            panels = [Shown(nasty(name)), Shown(curve([0.1] * len(VALUES[name]), name="plain"))]
            assert "plain" in draw(panels, replace(look, grid=True), Terminal(False, 60), 24)


@pytest.mark.parametrize("name", VALUES)
def test_as_a_thumbnail(name: str) -> None:
    assert len(braille.draw(VALUES[name], 14, 3)) == 3


@pytest.mark.parametrize("y", ["both", "relative"])
@pytest.mark.parametrize("name", VALUES)
def test_on_a_page(name: str, y: Values) -> None:
    drawing = drawing_of([nasty(name)], Look(y=y))
    chart = chart_of(drawing, cells_of([nasty(name)]), "light")
    json.dumps(chart.figure, allow_nan=False)
    for scale in ("linear", "log"):
        for low, high in chart.figure["limits"][scale].values():
            assert low < high
            assert scale == "linear" or high - low < 2 * MOST_DECADES


@pytest.mark.parametrize("name", VALUES)
def test_in_a_picture(name: str) -> None:
    *_, look = looks(name)
    look = replace(look, size=(3.0, 3.0))
    with settings(look):
        for ax in figure.draw([nasty(name)], look).axes:
            _check(ax)


@pytest.mark.parametrize("look", [Look(log=True, grid=True), Look(log=False, grid=True, y="relative")])
def test_all_in_one_picture(look: Look) -> None:
    with settings(look):
        drawn = figure.draw([nasty(name, name) for name in VALUES], look)
        for ax in drawn.axes[:: len(VALUES) - 1]:
            _check(ax)


@pytest.mark.parametrize("at", range(len(VALUES)))
def test_as_a_difference(at: int) -> None:
    """The curve as A and as B of the page; a picture, which takes longer, of every other pair."""
    name = list(VALUES)[at]
    one = curve([1.0] * len(VALUES[name]), name="one")
    pairs = [difference(side_of_curve(a), side_of_curve(b), 1e-9) for a, b in ((one, nasty(name)), (nasty(name), one))]
    with settings():
        for pair in pairs[1 - at % 2 : 1]:
            for ax in ratio.draw(pair, ("a", "b")).axes:
                _check(ax)
    out = io.StringIO()
    write_page(Compared("a", "b", 1e-9, pairs, [], []), out, Terminal())
    assert "learning rate" in out.getvalue()


def _check(ax: Axes) -> None:
    """The limits are finite, the labels few and distinct, and every line lies within."""
    low, high = ax.get_ylim()
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert len(labels) < 30
    assert len(labels) == len(set(labels))
    for line in ax.lines:
        if line.get_transform() is ax.transData:
            ys = np.asarray(line.get_ydata())
            seen = ax.transData.transform(np.column_stack([np.zeros_like(ys), ys]))[:, 1]
            assert np.isfinite(seen[np.isfinite(ys) & (ys > 0)]).all()


def test_a_logarithmic_axis_has_a_bounded_number_of_decades() -> None:
    falling = np.array(VALUES["twenty decades a step"])
    found = decades_of([falling])
    assert found is not None
    assert found.highest == 0.1
    assert found.lowest == pytest.approx(0.1 / 10.0**MOST_DECADES)
    assert decades_of([np.array([TINIEST, 0.0]) * 0]) is None


def test_what_is_below_the_decades_is_at_0_and_said() -> None:
    look = Look(log=True)
    text = draw([Shown(nasty("halved until it is 0"))], replace(look, y="lr"), Terminal(), 24)
    assert " 0 ┤" in text
    assert "1e-100 ┤" in text
    with settings(look):
        drawn = figure.draw([nasty("halved until it is 0")], replace(look, y="lr"))
    assert "The axis is linear below 1e-101." in [text.get_text() for text in drawn.texts]


def test_a_logarithmic_axis_without_a_value_that_can_be_drawn_is_refused() -> None:
    for name in ("denormals", "below what is drawn", "negative"):
        with pytest.raises(ScheduleError, match="is above 0"):
            draw([Shown(nasty(name))], Look(log=True), Terminal(), None)
