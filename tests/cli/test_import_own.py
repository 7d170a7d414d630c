"""`lrviz import` of our own files: what the command line changes as a file, which reads back to the same curve."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.gallery import RECIPES
from process import lrviz

from lrviz.configs.facts import Given
from lrviz.configs.settings import parse_data
from lrviz.configs.written import schedule_text, stretched_document
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.loading.own_file import own_file
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.stretch.factor import stretch_of
from lrviz.schedule.reading.stretch.whole import whole

CONFIG = Path(__file__).parents[1] / "configs/cases/torch/mmengine_arith.py"

PLAN = """\
# the plan of the paper
#
title: A plan

epochs: 40   # table 3
optimizer: {type: SGD, lr: 0.1}
schedules:
  step: {scheduler: {type: StepLR, step_size: 15, gamma: 0.1}}  # drops twice
  several:
    scheduler:
      type: MultiStepLR
      milestones: [10, 20 epochs, 75%]  # three of them
    expect: {at: {10: 0.01, 20 epochs: 1e-3}, epochs: 40}
  phases:
    scheduler:
    - type: LinearLR  # from a third, as torch has it
      for: 5
    - {type: CosineAnnealingLR, for: 35}
  sequence:
    scheduler: {type: SequentialLR, milestones: [5], schedulers: [{type: LinearLR}, {type: ExponentialLR, gamma: 0.9}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def printed(folder: Path, *words: str) -> str:
    status, out, err = lrviz("import", *words, cwd=folder)
    assert (status, [line for line in err.splitlines() if "error" in line]) == (0, [])
    return out


def test_a_file_is_edited_in_place(folder: Path) -> None:
    wanted = (
        PLAN.replace("40   #", "80   #").replace("step_size: 15", "step_size: 30")
        .replace("[10, 20 epochs", "[20, 40 epochs")
        .replace("{10: 0.01, 20 epochs: 1e-3}, epochs: 40", "{20: 0.01, 40 epochs: 1e-3}, epochs: 80")
        .replace("for: 5\n", "for: 10\n").replace("for: 35", "for: 70").replace("milestones: [5]", "milestones: [10]")
        .replace("{type: LinearLR}", "{type: LinearLR, total_iters: 10}")
        .replace("gamma: 0.9}", f"gamma: {0.9**0.5!r}}}")
    )  # fmt: skip
    assert printed(folder, "plan.yaml", "--stretch", "2") == wanted


def test_what_was_rounded_is_whole_in_the_file(folder: Path) -> None:
    out = printed(folder, "plan.yaml", "--stretch", "0.3")
    assert "      for: 2\n    - {type: CosineAnnealingLR, for: 10}\n" in out  # 1.5 and 10.5, of 12
    assert "step_size: 5, gamma: 0.1" in out
    (folder / "new.yaml").write_text(out)
    status, _, err = lrviz("table", "new.yaml", cwd=folder)
    assert (status, err) == (0, "")


def test_a_warmup_that_is_kept_is_not_touched(folder: Path) -> None:
    out = printed(folder, "plan.yaml", "--only", "sequence", "--stretch", "2", "--keep-warmup")
    assert "milestones: [5]" in out
    assert "- {type: LinearLR}\n" in out


def test_without_changes_it_is_the_same_file(folder: Path) -> None:
    assert printed(folder, "plan.yaml") == PLAN


def test_one_schedule_of_a_file_is_written_anew_below_its_comment(folder: Path) -> None:
    assert printed(folder, "plan.yaml", "--only", "phases", "--stretch", "2") == (
        "# the plan of the paper\n#\ntitle: A plan\nepochs: 80\noptimizer: {type: SGD, lr: 0.1}\n"
        "schedules:\n  phases:\n    scheduler:\n"
        "      - {type: LinearLR, for: 10}\n      - {type: CosineAnnealingLR, for: 70}\n"
    )


def test_what_cannot_be_edited_is_written_anew(folder: Path) -> None:
    """Places that both schedules share, and that become two; a key that takes the place of two others."""
    (folder / "shared.yaml").write_text(
        "epochs: 9\nsteps_per_epoch: 3\noptimizer: {lr: 0.1}\nexpect: {at: {4 epochs: 0.01}}\nschedules:\n"
        "  a: {scheduler: {type: MultiStepLR, milestones: [4]}}\n"
        "  b: {interval: step, scheduler: {type: MultiStepLR, milestones: [12]}}\n"
    )
    assert printed(folder, "shared.yaml", "--stretch", "1/3") == (
        "epochs: 3\nsteps_per_epoch: 3\noptimizer: {lr: 0.1}\nschedules:\n"
        "  a: {expect: {at: {1 epoch: 0.01}}, scheduler: {type: MultiStepLR, milestones: [1]}}\n"
        "  b:\n    expect: {at: {4 steps: 0.01}}\n    interval: step\n"
        "    scheduler: {type: MultiStepLR, milestones: [4]}\n"
    )


def test_a_key_for_two_others(folder: Path) -> None:
    text = (
        "epochs: 40\noptimizer: {lr: 1, momentum: 0.9}\n"
        "scheduler: {type: OneCycleLR, epochs: 10, steps_per_epoch: 4, max_lr: 1}\n"
    )
    (folder / "one.yaml").write_text(text)
    assert printed(folder, "one.yaml", "--stretch", "1/4") == text.replace("40", "10").replace(
        "OneCycleLR, epochs: 10, steps_per_epoch: 4, max_lr: 1", "OneCycleLR, total_steps: 10, max_lr: 1"
    )


def test_values_and_lengths_of_the_command_line_are_written(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        "epochs: 30  # long\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10}\n"
    )
    assert printed(folder, "s.yaml", "--set", "step_size=5", "--set", "gamma=0.5", "--epochs", "20") == (
        "epochs: 20  # long\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, gamma: 0.5, step_size: 5}\n"
    )
    out = printed(folder, "s.yaml", "--steps", "20", "--set", "steps_per_epoch=4")
    (read,) = load_text(out, "new.yaml")
    assert (read.run.steps, read.run.interval, read.run.ticks) == (20, "epoch", 5)


def test_phases_that_the_command_line_cuts_are_no_file(folder: Path) -> None:
    status, out, err = lrviz("import", "plan.yaml", "--only", "phases", "--epochs", "20", cwd=folder)
    assert (status, out) == (2, "")
    assert "no file says the same: the phases are 40 epochs long, but the run is 20" in err


def test_nothing_is_written_over(folder: Path) -> None:
    assert lrviz("import", "plan.yaml", "--stretch", "2", "-o", "new.yaml", cwd=folder)[:2] == (0, "new.yaml\n")
    before = (folder / "new.yaml").read_bytes()
    status, out, err = lrviz("import", "plan.yaml", "--stretch", "3", "-o", "new.yaml", cwd=folder)
    assert (status, out) == (2, "")
    assert "this file exists already, and import never overwrites" in err
    assert (folder / "new.yaml").read_bytes() == before
    assert lrviz("check", "new.yaml", "-q", cwd=folder).status == 0


def test_files_are_named_from_the_folder_of_the_new_one_and_a_snapshot_of_another_run_is_left_out(folder: Path) -> None:
    (folder / "log.csv").write_text("loss\n" + "1\n" * 20)
    (folder / "s.yaml").write_text(
        "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, patience: 2}\n"
        "metric: {file: log.csv, column: loss}\nexpect: {max: 0.1, snapshot: s.csv}\n"
    )
    (folder / "new").mkdir()
    assert lrviz("import", "s.yaml", "-o", "new/a.yaml", cwd=folder).status == 0
    assert (
        "metric: {file: ../log.csv, column: loss}\nexpect: {max: 0.1, snapshot: ../s.csv}\n"
        in (folder / "new/a.yaml").read_text()
    )
    assert lrviz("import", "s.yaml", "--stretch", "2", "-o", "new/b.yaml", cwd=folder).status == 0
    assert (
        (folder / "new/b.yaml").read_text().endswith("metric: {file: ../log.csv, column: loss}\nexpect: {max: 0.1}\n")
    )
    assert lrviz("table", "new/b.yaml", "-q", cwd=folder).status == 0


def test_a_sweep_and_a_folder_are_no_file(folder: Path) -> None:
    assert "import writes each schedule once" in lrviz("import", "plan.yaml", "--set", "step_size=1,2", cwd=folder).err
    (folder / "more.yaml").write_text(PLAN)
    assert "import writes one file" in lrviz("import", ".", cwd=folder).err


def test_a_schedule_inside_of_a_larger_file_and_a_followed_config(folder: Path) -> None:
    (folder / "train.yaml").write_text(
        "# a training\nmodel: x\nplan: {epochs: 4, optimizer: {lr: 1}, scheduler: {type: StepLR, step_size: 2}}\n"
    )
    assert printed(folder, "train.yaml#plan", "--stretch", "2") == (
        "epochs: 8\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 4}\n"
    )
    (folder / "sft.yaml").write_text(
        "learning_rate: 1.0e-3\nlr_scheduler_type: linear\nmax_steps: 100\nwarmup_steps: 10\n"
    )
    (folder / "follows.yaml").write_text("config: {file: sft.yaml}\nexpect: {peak: 10}\n")
    (folder / "new.yaml").write_text(printed(folder, "follows.yaml", "--stretch", "2"))
    assert lrviz("table", "new.yaml", "--format", "csv", cwd=folder).out.replace("new", "follows") == (
        lrviz("table", "follows.yaml", "--stretch", "2", "--format", "csv", cwd=folder).out
    )


def test_a_stretched_config_says_what_became_longer(folder: Path) -> None:
    (folder / "sft.yaml").write_text(
        "learning_rate: 1.0e-3\nlr_scheduler_type: cosine\nmax_steps: 100\nwarmup_steps: 10\n"
    )
    out = printed(folder, "sft.yaml", "--stretch", "3")
    assert "steps: 300                            # sft.yaml:3 max_steps, 100 x 3\n" in out
    assert "  lr: 0.001                           # sft.yaml:1 learning_rate\n" in out
    (again,) = load_text(out, "new.yaml")
    (wanted,) = load_file(folder / "sft.yaml", stretch=stretch_of("3"))
    assert np.array_equal(simulate(again).lr, simulate(wanted).lr)


@pytest.mark.parametrize("factor", ["2", "0.37", "5/3"])
def test_a_stretched_config_reads_back_to_the_same_curve(factor: str) -> None:
    """Also where a length is left out, as that of a phase whose edges are rounded."""
    given = Given(parse_data(["batches_per_epoch=15"]))
    (wanted,) = load_file(CONFIG, given=given, stretch=stretch_of(factor))
    assert wanted.imported is not None
    text = schedule_text(replace(wanted.imported, document=stretched_document(wanted.imported.document, whole(wanted))))
    (again,) = load_text(text, "new.yaml")
    assert np.array_equal(simulate(again).lr, simulate(wanted).lr)


def test_an_edit_that_says_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "epochs: 8  # few\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 2}\n"
    plan = load_text(text, "s.yaml", stretch=stretch_of("2"))
    monkeypatch.setattr("lrviz.loading.own_file.edited", lambda *_: text)
    assert own_file(plan, text.encode(), all_of_it=True, trust=False) == (
        "epochs: 16\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 4}\n"
    )


# --- the gallery ---------------------------------------------------------------------------------------------------


def own(file: Path, schedules: list[Schedule]) -> str:
    return own_file(schedules, file.read_bytes(), all_of_it=True, trust=False)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_is_edited_in_place(recipe: Path) -> None:
    """Where it can be stretched at all; without changes it is the recipe to the byte."""
    assert own(recipe, load_file(recipe)) == recipe.read_text(encoding="utf-8")
    for factor in ("2", "1/3"):
        try:
            stretched = load_file(recipe, stretch=stretch_of(factor))
        except ScheduleError:
            continue
        text = own(recipe, stretched)
        assert [line for line in text.splitlines() if line.startswith("#")] == [
            line for line in recipe.read_text(encoding="utf-8").splitlines() if line.startswith("#")
        ]
        for again, wanted in zip(load_text(text, str(recipe)), stretched, strict=True):
            assert [each for each in again.remarks if each.code != "metric-too-long"] == []
            if wanted.run.ticks <= 5_000:
                assert np.array_equal(simulate(again).lr, simulate(wanted).lr)


def test_what_schedules_share_by_an_alias_is_edited_once(folder: Path) -> None:
    text = (
        "epochs: 8\noptimizer: {lr: 1}\nschedules:\n  a: {scheduler: &s {type: ConstantLR}}\n"
        "  b: {scheduler: *s, title: the same}\n"
    )
    (folder / "s.yaml").write_text(text)
    assert printed(folder, "s.yaml", "--stretch", "2") == text.replace("8", "16").replace(
        "{type: ConstantLR}", "{type: ConstantLR, total_iters: 10}"
    )


def test_git_sees_only_the_lines_that_changed(folder: Path) -> None:
    (folder / "new.yaml").write_text(printed(folder, "plan.yaml", "--stretch", "2"))
    command = ["git", "diff", "--no-index", "--numstat", "plan.yaml", "new.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.split()[:2] == ["7", "7"]
