"""`lrviz code` as it is typed: whole texts of telling schedules, files, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.golden import Golden
from process import lrviz

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"

ROUNDED = """\
title: Lengths that do not come out even
epochs: 30
optimizer: {type: AdamW, lr: 3e-4, weight_decay: 0.05}
scheduler:
  - {type: LinearLR, start_factor: 0.1, for: 2.4 epochs, name: warmup}
  - {type: MultiStepLR, milestones: [10.5 epochs, 50%], gamma: 0.3}
"""

PACE = """\
epochs: 12
data: {samples: 1000, batch_size: 8}
interval: step
metric: 1 / (1 + epoch)
optimizer: {type: SGD, lr: 0.1, momentum: 0.9, groups: [{name: decay, weight_decay: 5e-4}, {name: no-decay}]}
scheduler:
  - {type: LambdaLR, lr_lambda: "(n + 1) / T", for: 1 epoch, name: warmup}
  - {type: StepLR, step_size: 2 epochs, gamma: 0.5, interval: epoch, for: 50%}
  - {type: ReduceLROnPlateau, patience: 1 epoch, factor: 0.2}
"""

SFT = """\
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
num_train_epochs: 3
learning_rate: 2.0e-5
lr_scheduler_type: cosine
warmup_steps: 100
"""

GALLERY = {
    "one-scheduler": "basics/step-decay",
    "several": "basics/side-by-side",
    "groups": "generative/gaussian_splatting",
    "chained": "vision/goyal_imagenet_1hour",
    "formula": "language/gpt3_175b",
    "held": "libraries/megatron_wsd_cosine",
    "held-nearly-at-the-base": "language/haegele_wsd_1sqrt",
    "phased": "language/deepseek_v3",
    "metric": "libraries/keras_plateau_p10",
    "constant": "language/t5_finetune_constant",
}


@pytest.mark.parametrize("name", GALLERY)
def test_a_recipe_in_torch(name: str, golden: Golden) -> None:
    status, out, err = lrviz("code", f"schedules/{GALLERY[name]}.yaml", cwd=ROOT)
    assert (status, err) == (0, "")
    golden.same_text(GOLDEN / f"{name}.txt", out)


def test_rounded_lengths_and_names_of_phases_are_comments(golden: Golden) -> None:
    status, out, err = lrviz("code", "-", "--stdin-filename", "rounded.yaml", text=ROUNDED)
    assert status == 0
    assert "2.4 epochs is 2.4 calls, rounded to 2" in err
    golden.same_text(GOLDEN / "rounded.txt", out)


def test_phases_with_a_pace_and_a_metric_say_why_they_need_lrviz(golden: Golden) -> None:
    status, out, err = lrviz("code", "-", text=PACE)
    assert (status, err) == (0, "")
    golden.same_text(GOLDEN / "pace.txt", out)


def test_a_config_of_another_program(tmp_path: Path, golden: Golden) -> None:
    (tmp_path / "sft.yaml").write_text(SFT)
    facts = "samples=52002,devices=8,transformers=4.57"
    status, out, err = lrviz("code", "sft.yaml", "--data", facts, cwd=tmp_path)
    assert status == 0
    assert "sft.yaml: " in err
    golden.same_text(GOLDEN / "config.txt", out)


def test_no_golden_is_left_over(golden: Golden) -> None:
    names = [*GALLERY, "rounded", "pace", "config"]
    golden.no_orphans(GOLDEN, [GOLDEN / f"{name}.txt" for name in names])


def test_it_writes_a_file_and_nothing_over_it(tmp_path: Path) -> None:
    (tmp_path / "schedule.yaml").write_text("epochs: 3\noptimizer: {lr: 1}\nscheduler: none\n")
    first = lrviz("code", "-o", "scheduler.py", cwd=tmp_path)
    assert first == (0, "scheduler.py\n", "")
    printed = (tmp_path / "scheduler.py").read_text()
    assert printed == lrviz("code", "-o", "-", cwd=tmp_path).out
    status, out, err = lrviz("code", "-o", "scheduler.py", "--set", "lr=2", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err == (
        "scheduler.py: error: this file exists already, and code never overwrites\n"
        "  hint: name another file: lrviz code SCHEDULE -o FILE\n"
    )
    assert (tmp_path / "scheduler.py").read_text() == printed


def test_a_metric_is_asked_for_only_where_it_is_read() -> None:
    text = "epochs: 3\noptimizer: {{lr: 1}}\nmetric: 1 / (epoch + 1)\nscheduler: {{type: {}}}\n"
    read = lrviz("code", "-", text=text.format("ReduceLROnPlateau")).out
    assert "`scheduler.step(metric)` after every epoch." in read
    assert "def make_scheduler(optimizer: Optimizer) -> ReduceLROnPlateau:" in read
    assert "`scheduler.step()` after every epoch." in lrviz("code", "-", text=text.format("LinearLR")).out


def test_values_of_a_sweep_have_a_function_each(tmp_path: Path) -> None:
    text = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10}\n"
    (tmp_path / "schedule.yaml").write_text(text)
    out = lrviz("code", "--set", "gamma=0.5,0.9", "--epochs", "60", cwd=tmp_path).out
    assert "def make_schedule_gamma_0_5_scheduler(optimizer: Optimizer) -> LRScheduler:" in out
    assert "    return StepLR(optimizer, step_size=10, gamma=0.9)\n" in out
    assert "60 epochs." in out
    assert out.count("def make_optimizer(") == 1


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [
        ("{type: OneCycleLR, max_lr: 1, total_steps: 3}", "Tried to step 4 times"),
        ("{type: ConstantLR, factor: 0}", "ZeroDivisionError"),
        ("{type: LambdaLR, lr_lambda: 1 / (t - 3)}", "divides by zero at t = 3"),
        ("{type: package.class.Name}", "pass --trust"),
        ("{type: StepLR}", "step_size is missing"),
    ],
)
def test_what_does_not_run_is_not_printed(scheduler: str, said: str) -> None:
    status, out, err = lrviz("code", "-", text=f"epochs: 9\noptimizer: {{lr: 1}}\nscheduler: {scheduler}\n")
    assert (status, out) == (2, "")
    assert said in err


def test_one_bad_file_of_two_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("epochs: 3\noptimizer: {lr: 1}\nscheduler: none\n")
    (tmp_path / "bad.yaml").write_text("epochs: 3\noptimizer: {lr: 1}\n")
    status, out, err = lrviz("code", "good.yaml", "bad.yaml", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert "bad.yaml" in err
