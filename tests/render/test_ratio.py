"""The picture of a difference: both curves above, their ratio below, on one clock."""

from __future__ import annotations

import math

import numpy as np
import pytest
from curves import curve, xs, ys
from matplotlib.figure import Figure

from lrviz.calculator.difference import difference, side_of_curve
from lrviz.curve import Curve
from lrviz.render.picture.ratio import draw, render

NAMES = ("old.yaml", "new.yaml")


def drawn(a: Curve, b: Curve) -> Figure:
    return draw(difference(side_of_curve(a), side_of_curve(b)), NAMES)


def test_both_curves_above_and_their_ratio_below() -> None:
    figure = drawn(curve([1.0, 0.5, 0.25]), curve([1.0, 1.0, 1.0]))
    above, below = figure.axes
    assert [line.get_label() for line in above.lines] == ["A: old.yaml", "B: new.yaml"]
    ratio, one = below.lines
    assert (max(ys(ratio)), ys(ratio)[-1], ys(one).tolist()) == (4.0, 4.0, [1.0, 1.0])
    assert (above.get_xlabel(), below.get_xlabel(), below.get_ylabel()) == ("", "epoch", "B / A")
    assert above.get_xlim() == below.get_xlim() == (0, 3)
    assert below.get_yscale() == "linear"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A: old.yaml", "B: new.yaml"]


def test_large_ratios_are_drawn_on_a_logarithmic_axis() -> None:
    below = drawn(curve([1.0, 1e-5]), curve([1.0, 1.0])).axes[1]
    assert below.get_yscale() == "log"
    assert drawn(curve([1.0, -1e-5]), curve([1.0, 1.0])).axes[1].get_yscale() == "linear"


def test_the_ratio_ends_where_the_shorter_run_does() -> None:
    figure = drawn(curve([1.0] * 2), curve([2.0] * 4))
    ratio = figure.axes[1].lines[0]
    shown = xs(ratio)[np.isfinite(ys(ratio))]
    assert (figure.axes[1].get_xlim(), shown.max()) == ((0, 4), 2)


def test_epochs_and_steps_share_the_clock_that_both_know() -> None:
    by_epoch = curve([1.0, 0.5], steps_per_epoch=3)
    by_step = curve([1.0] * 6, interval="step", steps=6)
    assert drawn(by_epoch, by_step).axes[1].get_xlabel() == "optimizer step"
    known = curve([1.0] * 6, interval="step", steps=6, steps_per_epoch=3)
    figure = drawn(by_epoch, known)
    assert (figure.axes[1].get_xlabel(), figure.axes[1].get_xlim()) == ("epoch", (0, 2))
    other = curve([1.0] * 6, interval="step", steps=6, steps_per_epoch=2)
    assert drawn(known, other).axes[1].get_xlabel() == "optimizer step"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 0.0])
def test_what_has_no_ratio_leaves_a_gap(bad: float) -> None:
    assert render(difference(side_of_curve(curve([bad, 1.0])), side_of_curve(curve([1.0, 1.0]))), NAMES, "png")


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_the_same_curves_give_the_same_bytes_and_names_are_no_mathematics(format: str) -> None:
    a, b = (side_of_curve(curve([1.0, x], [2.0, 1.0], name="$x$")) for x in (0.5, 0.6))
    pictures = {render(difference(a, b), ("$_", "$^"), format) for _ in range(2)}
    assert len(pictures) == 1
    if format == "svg":
        assert b"A: $_/g0" in pictures.pop()


def test_many_param_groups_are_two_families_of_lines_with_the_first_and_the_last_ratio_named() -> None:
    rates = [[0.5**at] * 30 for at in range(13)]
    a, b = curve(*rates), curve(*[[rate * (1 + at) for rate in each] for at, each in enumerate(rates)])
    figure = draw(difference(side_of_curve(a), side_of_curve(b)), NAMES)
    above, below = figure.axes
    assert {line.get_linestyle() for ax in (above, below) for line in ax.lines} == {"-"}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "A: old.yaml (13 param groups)", "B: new.yaml (13 param groups)",
    ]  # fmt: skip
    inner = below.get_legend()
    assert inner is not None
    assert [text.get_text() for text in inner.get_texts()] == ["g0", "g12"]
