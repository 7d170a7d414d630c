"""`lrviz review --torch PATH`: schedules under another torch, whose scheduler source stands in a folder."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from process import lrviz
from review.repositories import SAFE, STEP

SPEC = find_spec("torch")
assert SPEC is not None
assert SPEC.origin is not None
TORCH = Path(SPEC.origin).parent
SOURCE = (TORCH / "optim/lr_scheduler.py").read_text(encoding="utf-8")
DECAY = 'group["lr"] * self.gamma for group in self.optimizer.param_groups'
OWN = next(line for line in (TORCH / "version.py").read_text().splitlines() if line.startswith("__version__"))
VERSION = OWN.partition("=")[2].strip(" '\"")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Schedules outside of any repository, and a torch whose StepLR decays by its gamma less a tenth."""
    assert DECAY in SOURCE
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules/step.yaml").write_text(STEP + "expect: {at: {30: 0.01}}\n")
    (tmp_path / "schedules/cosine.yaml").write_text(
        STEP.replace("StepLR, step_size: 30, gamma: 0.1", "CosineAnnealingLR")
    )
    (tmp_path / "other/optim").mkdir(parents=True)
    changed = SOURCE.replace(DECAY, DECAY.replace("self.gamma", "self.gamma * 0.9"))
    (tmp_path / "other/optim/lr_scheduler.py").write_text(changed, encoding="utf-8")
    (tmp_path / "other/version.py").write_text("__version__ = '2.99.0'\n")
    (tmp_path / "other/__init__.py").write_text("raise RuntimeError('this torch is imported')\n")
    return tmp_path


def test_the_schedules_that_another_torch_changes_are_told(folder: Path) -> None:
    done = lrviz("review", "schedules", "--torch", "other", cwd=folder, **SAFE)
    assert (done.status, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "schedules/step.yaml: the curve changed"
    assert lines[1].split() == ["torch", VERSION, "torch", "2.99.0", "ratio"]
    assert lines[-3].startswith("  + schedules/step.yaml:4:19: error: the learning rate at epoch 30 is 0.009, not 0.01")
    assert lines[-1] == f"1 curve changed: 2 schedule files under torch {VERSION} and torch 2.99.0."


def test_what_must_not_move_counts_alone(folder: Path) -> None:
    done = lrviz("review", "schedules", "--torch", "other", "--expect-unchanged", "cosine", cwd=folder, **SAFE)
    assert done.status == 0
    done = lrviz("review", "schedules", "--torch", "other", "--expect-unchanged", "x", cwd=folder, **SAFE)
    assert done.status == 2
    assert done.err.startswith("--expect-unchanged: error: no schedule matches 'x'\n")


def test_json_names_both_versions(folder: Path) -> None:
    done = lrviz("review", "schedules", "--torch", "other", "--format", "json", cwd=folder, **SAFE)
    page = json.loads(done.out)
    assert page["base"] == {"own": VERSION, "other": "2.99.0"}
    (one,) = page["schedules"]
    assert one["groups"][0]["first"]["new"] == 0.1 * 0.1 * 0.9
    assert one["causes"] == []


def test_a_revision_beside_it_or_no_torch_is_an_error(folder: Path) -> None:
    done = lrviz("review", "schedules", "--torch", "other", "--base", "HEAD", cwd=folder, **SAFE)
    assert done.status == 2
    assert done.err.startswith("lrviz: error: --torch compares with no revision, but --base names one\n")
    assert lrviz("review", "--torch", "schedules", cwd=folder, **SAFE).status == 2
