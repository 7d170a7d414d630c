"""What the lint says of the files in `schedules/`: no warning and no error, but for those that a file accepts, each
with its reason here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.gallery import FILES, Gallery

from lrviz.checks.finding import Finding
from lrviz.checks.lint import lint
from lrviz.curve import Curve
from lrviz.schedule.model import Schedule

ACCEPTED = {
    ("cyclegan_linear", "lr-zero"): "the code counts an epoch more than the paper, so that the last one trains with 0",
    ("every_step", "wrong-unit"): "the lesson shows this mistake",
    ("olmo2_7b", "lr-zero"): "the second run takes more steps than its decay, and the last twelve train with 0",
    ("resumed_run", "cut-short"): "the lesson shows a cosine that a wrong restart cuts short",
}
"""Everything that a file accepts, and why it stands there."""


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_recipe_has_nothing_odd_about_it_that_it_does_not_accept(file: Path, gallery: Gallery) -> None:
    for schedule, curve in gallery[file]:
        found = findings(schedule, curve)
        assert [each for each in found if each.severity != "note"] == []
        wastes_a_step = curve.run.interval == "step" and not (
            any(lr_of(curve, 0)) and any(lr_of(curve, len(curve) - 1))
        )
        is_noted = wastes_a_step and not schedule.accepts("lr-zero")
        assert [each.code for each in found] == (["lr-zero"] if is_noted else [])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_recipe_accepts_only_what_is_listed(file: Path, gallery: Gallery) -> None:
    accepted = {(file.stem, each.code) for schedule, _ in gallery[file] for each in schedule.ignore}
    assert accepted == {key for key in ACCEPTED if key[0] == file.stem}


def test_every_file_that_is_listed_exists() -> None:
    assert {stem for stem, _ in ACCEPTED} <= {file.stem for file in FILES}


def findings(schedule: Schedule, curve: Curve) -> list[Finding]:
    """What the lint finds, that nothing is expected left out."""
    return [each for each in lint(schedule, curve, schedule.name) if each.code != "nothing-expected"]


def lr_of(curve: Curve, tick: int) -> list[float]:
    return [column[tick] for column in curve.columns]
