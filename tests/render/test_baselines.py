"""A few pictures as images: what no assertion about a figure would see. Looked at when they were made.

To make them anew, after a look at what has changed: `pytest -n0 tests/render/test_baselines.py
--mpl-generate-path=tests/render/baseline`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure
from test_marks import GALLERY, HEAD, WARMUP, figure_of, shown_of_files

from lrviz.render.picture.figure import draw
from lrviz.render.style import PALETTES, Look, Theme, settings


def image(theme: Theme = "light") -> pytest.MarkDecorator:
    saved = {"dpi": 80, "facecolor": PALETTES[theme].background}
    return pytest.mark.mpl_image_compare(style="default", savefig_kwargs=saved, tolerance=1, deterministic=True)


def picture(look: Look, *recipes: str) -> Figure:
    with settings(look):
        return draw(shown_of_files(*(str(GALLERY / f"{recipe}.yaml") for recipe in recipes)), look)


@image()
def test_one_schedule_with_what_it_expects(tmp_path: Path) -> Figure:
    expect = (
        "expect:\n  at: {0: 0.01, 25: 0.03}\n  peak: 10\n  max: 0.1\n  between: [0, 0.11]\n  constant: [30, last]\n"
    )
    return figure_of(HEAD + WARMUP + "title: What is expected\nsource: A paper, section 3\n" + expect, tmp_path)


@image("dark")
def test_several_schedules_on_a_dark_background() -> Figure:
    return picture(Look(theme="dark"), "basics/side-by-side", "basics/warm-restarts", "basics/step-decay")


@image("paper")
def test_momentum_in_a_paper() -> Figure:
    return picture(Look(theme="paper"), "basics/one-cycle")


@image()
def test_small_multiples_on_a_logarithmic_axis() -> Figure:
    files = [f"basics/{name}" for name in ("fine-tuning", "exponential", "warm-restarts", "cyclic")]
    return picture(Look(grid=True, log=True, title="Small multiples"), *files)
