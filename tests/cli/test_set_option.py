"""`--set`, as it is typed: on every verb that reads schedules, with its sweeps and its errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

STEPS = """\
epochs: 30
optimizer: {lr: 0.1}
scheduler: {type: StepLR, step_size: 10, gamma: 0.9}
expect: {at: {end: 0.0729}}
"""
SEVERAL = """\
epochs: 30
optimizer: {lr: 0.1}
schedules:
  stairs: {scheduler: {type: StepLR, step_size: 10}}
  exp: {scheduler: {type: ExponentialLR, gamma: 0.9}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "steps.yaml").write_text(STEPS)
    (tmp_path / "several.yaml").write_text(SEVERAL)
    return tmp_path


def columns(out: str) -> dict[str, list[str]]:
    rows = list(csv.DictReader(io.StringIO(out)))
    return {name: [row[name] for row in rows] for name in rows[0] if name not in ("epoch", "step")}


def test_a_value_is_as_good_as_one_in_the_file(here: Path) -> None:
    (here / "edited.yaml").write_text(STEPS.replace("gamma: 0.9", "gamma: 0.5").replace("lr: 0.1", "lr: 0.3"))
    arguments = ("--format", "csv", "--end")
    changed = lrviz("table", "steps.yaml", "--set", "gamma=0.5", "--set", "optimizer.lr=0.3", *arguments, cwd=here)
    by_hand = lrviz("table", "edited.yaml", *arguments, cwd=here)
    assert (changed.status, changed.err) == (0, "")
    assert columns(changed.out)["steps"] == columns(by_hand.out)["edited"]


def test_several_values_make_a_grid(here: Path) -> None:
    sets = ("--set", "gamma=0.1,0.5", "--set", "step_size=5,10,20")
    status, out, err = lrviz("table", "steps.yaml", *sets, "--format", "csv", "--every", "10", cwd=here)
    assert (status, err) == (0, "")
    found = columns(out)
    assert list(found) == [f"steps gamma={gamma} step_size={size}" for gamma in (0.1, 0.5) for size in (5, 10, 20)]
    for gamma in (0.1, 0.5):
        for size in (5, 10, 20):
            rates = [float(value) for value in found[f"steps gamma={gamma} step_size={size}"]]
            assert rates == pytest.approx([0.1 * gamma ** (epoch // size) for epoch in (0, 10, 20)], rel=1e-14)


@pytest.mark.parametrize(
    "verb",
    [
        ("table",),
        ("plot", "-o", "-"),
        ("explain",),
        ("at", "0"),
        ("when", "lr > 0"),
        ("stats",),
        ("solve", "gamma", "--target", "end = 1"),
    ],
)
def test_every_verb_that_reads_schedules_takes_it(here: Path, verb: tuple[str, ...]) -> None:
    assert lrviz(*verb, "steps.yaml", "--set", "gamme=0.5", cwd=here) == (
        2,
        "",
        "--set gamme: error: 'gamme' matches no key of steps.yaml\n  hint: did you mean gamma?\n",
    )


def test_explain_shows_the_value(here: Path) -> None:
    shown = json.loads(lrviz("explain", "steps.yaml", "--set", "gamma=0.25,0.5", "--format", "json", cwd=here).out)
    assert "0.25" in json.dumps(shown["schedules"][0])
    assert "0.5" in json.dumps(shown["schedules"][1])


def test_check_holds_the_changed_schedule_to_what_the_file_expects(here: Path) -> None:
    assert lrviz("check", "steps.yaml", cwd=here).status == 0
    status, out, _ = lrviz("check", "steps.yaml", "--set", "gamma=0.5", cwd=here)
    assert status == 1
    assert "the learning rate at the end is 0.0125, not 0.0729" in out


def test_a_key_that_fits_several_places_lists_them_and_only_chooses(here: Path) -> None:
    assert lrviz("table", "several.yaml", "--set", "scheduler.type=StepLR", cwd=here) == (
        2,
        "",
        "--set scheduler.type: error: scheduler.type matches 2 keys\n"
        "  hint: one of schedules.stairs.scheduler.type, schedules.exp.scheduler.type\n",
    )
    arguments = ("table", "several.yaml", "--set", "gamma=0.5,0.8", "--format", "csv", "--every", "30")
    assert list(columns(lrviz(*arguments, cwd=here).out)) == ["stairs", "exp gamma=0.5", "exp gamma=0.8"]
    only = lrviz(*arguments, "--only", "stairs", cwd=here)
    assert list(columns(only.out)) == ["stairs gamma=0.5", "stairs gamma=0.8"], "which takes a gamma too"


def test_all_that_is_wrong_is_said(here: Path) -> None:
    assert lrviz("table", "steps.yaml", "several.yaml", "--set", "step_size=0,x", cwd=here) == (
        2,
        "",
        "--set step_size: error: StepLR: step_size must be at least 1 (got 0)\n"
        "--set step_size: error: StepLR: step_size must be a whole number of calls (got 'x')\n",
    )
    assert lrviz("table", "steps.yaml", "--set", "gamma", cwd=here) == (
        2,
        "",
        "--set gamma: error: --set needs KEY=VALUE\n  hint: --set gamma=0.5, or --set gamma=0.1,0.5,0.9 for a sweep\n",
    )
