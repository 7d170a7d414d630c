"""The peak has one place, wherever it is told: the first tick within 1e-12 of the maximum."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrviz
from lrviz.render.drawing.plan import drawing_of
from lrviz.render.style import Look
from lrviz.render.terminal.told import summary_words
from lrviz.words import BY_SIZE

ROUNDED = """
epochs: 9
optimizer: {lr: 1.0}
scheduler: {type: LambdaLR, lr_lambda: "0.5 if t < 2 else 1 - 1e-13 if t < 6 else 1"}
expect: {peak: 2, max: 1}
"""
"""The maximum is at epoch 6, and what is no different from it but for rounding at epoch 2."""


@pytest.fixture
def schedule(tmp_path: Path) -> lrviz.Schedule:
    path = tmp_path / "rounded.yaml"
    path.write_text(ROUNDED)
    return lrviz.load(path).only


def test_all_tell_the_same_place(schedule: lrviz.Schedule) -> None:
    curve = schedule.simulate()
    assert (int(curve.lr[:, 0].argmax()), curve.peak.tolist(), curve.peak_at.tolist()) == (6, [1.0], [2])
    [stats], [reached] = lrviz.stats(curve), lrviz.when("lr >= 1", curve)
    assert (stats.peak_tick, reached.stretches[0].first) == (2, 2)
    assert summary_words(curve, BY_SIZE) == "peak 1 at epoch 2, end 1"
    [mark] = [each for each in drawing_of([curve], Look()).marks if each.kind == "peak"]
    assert (mark.x, mark.value) == (2, 1.0)
    report = schedule.check()
    assert report.ok
    assert [each.message for each in report.held] == [
        "the peak, 1, is first reached at epoch 2",
        "the largest learning rate is 1, at epoch 2",
    ]


@pytest.mark.parametrize(
    ("condition", "ticks"),
    [
        ("lr < 1", [(0, 1)]),
        ("lr > 0.5", [(2, 8)]),
        ("lr == 1", [(2, 8)]),
        ("lr != 1", [(0, 1)]),
        ("1 <= lr <= 1", [(2, 8)]),
        ("lr > 1", []),
        ("(lr < 1) == (epoch < 2)", [(0, 8)]),
        ("lr >= 1 and epoch > 2", [(3, 8)]),
    ],
)
def test_rounding_moves_no_moment_of_a_condition(
    schedule: lrviz.Schedule, condition: str, ticks: list[tuple[int, int]]
) -> None:
    [found] = lrviz.when(condition, schedule.simulate())
    assert [(each.first, each.last) for each in found.stretches] == ticks


def test_a_line_that_only_rounding_moves_has_no_peak(tmp_path: Path) -> None:
    path = tmp_path / "constant.yaml"
    path.write_text(ROUNDED.replace("0.5 if t < 2 else ", "").replace("expect: {peak: 2, max: 1}", ""))
    assert [mark.kind for mark in drawing_of([lrviz.load(path).only.simulate()], Look()).marks] == ["last"]
