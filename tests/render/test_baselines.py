"""A few pictures as images: what no assertion about a figure would see. Look at them when they are renewed."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.golden import Golden
from test_marks import GALLERY, shown_of_files

from lrviz.render.picture.figure import render
from lrviz.render.style import Look

BASELINE = Path(__file__).parent / "baseline"
BASICS = GALLERY / "basics"
CASES = {
    "expected.png": (Look(dpi=80), [BASELINE / "expected.yaml"]),
    "dark.png": (
        Look(theme="dark", dpi=80),
        [BASICS / "side-by-side.yaml", BASICS / "warm-restarts.yaml", BASICS / "step-decay.yaml"],
    ),
    "paper.png": (Look(theme="paper", dpi=80), [BASICS / "one-cycle.yaml"]),
    "grid.png": (
        Look(grid=True, log=True, title="Small multiples", dpi=80),
        [BASICS / f"{name}.yaml" for name in ("fine-tuning", "exponential", "warm-restarts", "cyclic")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_picture(name: str, golden: Golden) -> None:
    look, files = CASES[name]
    png = render(shown_of_files(*map(str, files)), "png", look)
    golden.same_picture(BASELINE / name, png, tolerance=1)  # letters are drawn a little differently elsewhere


def test_there_is_no_picture_without_a_case(golden: Golden) -> None:
    golden.no_orphans(BASELINE, (BASELINE / name for name in CASES), "*.png")
