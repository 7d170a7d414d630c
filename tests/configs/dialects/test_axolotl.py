"""axolotl: how long a run and its warmup are, and keys that have no effect or contradict each other."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of


def load(text: str, overrides: tuple[str, ...] = (), **data: Any) -> Schedule:
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()}, overrides=overrides)
    (schedule,) = load_text(f"base_model: x\nmicro_batch_size: 2\n{text}", "ax.yml", given=given)
    return schedule


def summary(text: str, **data: Any) -> str:
    schedule = load(text, **data)
    assert schedule.imported is not None
    return schedule.imported.summary


def problems(text: str, **data: Any) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        load(text, **data)
    return [problem.message for problem in caught.value.problems]


def said(schedule: Schedule) -> list[str]:
    return [f"{each.code}: {each.message}" for each in schedule.remarks if hasattr(each, "code")]


def test_the_run_is_rounded_once_and_a_share_of_it_down() -> None:
    # ceil(1001 x 2.5 / (2 x 3 x 4)) = ceil(104.27); floor(0.05 x 105)
    text = "learning_rate: 5e-5\ngradient_accumulation_steps: 3\nnum_epochs: 2.5\nwarmup_ratio: 0.05\n"
    assert summary(text, samples=1001, devices=4) == "cosine, warmup 5 of 105 steps"
    assert not said(load(text, samples=1001, devices=4))


def test_there_is_a_warmup_that_nobody_asked_for() -> None:
    schedule = load("learning_rate: 0.1\nmax_steps: 400\n")
    assert said(schedule) == ["default-warmup: the file gives no warmup, and axolotl makes one of 12 steps"]
    assert summary("learning_rate: 0.1\nmax_steps: 400\n") == "cosine, warmup 12 (axolotl's own) of 400 steps"
    assert "warmup 100 (axolotl's own) of 9,000" in summary("learning_rate: 0.1\nmax_steps: 9000\n")
    assert summary("learning_rate: 0.1\nmax_steps: 400\nwarmup_steps: 0\n") == "cosine, warmup 0 of 400 steps"


def test_one_step_of_warmup_becomes_two() -> None:
    assert summary("learning_rate: 0.1\nmax_steps: 40\nwarmup_steps: 1\n") == "cosine, warmup 2 of 40 steps"
    assert summary("learning_rate: 0.1\nmax_steps: 40\nwarmup_ratio: 0.03\n") == "cosine, warmup 2 of 40 steps"


def test_the_warmup_follows_the_shorter_of_data_and_max_steps() -> None:
    text = "learning_rate: 0.1\nmax_steps: 400\nwarmup_ratio: 0.1\n"
    assert summary(text) == "cosine, warmup 40 of 400 steps"
    assert summary(text, samples=200, devices=1) == "cosine, warmup 10 of 400 steps"
    assert summary(f"{text}rl: dpo\n", samples=2000, devices=1) == "cosine, warmup 100 of 400 steps"
    assert len(problems(f"{text}rl: dpo\n")) == 2


def test_the_command_line_has_dashes() -> None:
    schedule = load("learning_rate: 0.1\nwarmup_steps: 2\n", ("--max-steps 40", "--lr-scheduler=linear"))
    assert schedule.imported is not None
    assert schedule.imported.summary == "linear, warmup 2 of 40 steps"


def test_packing_asks_for_the_steps() -> None:
    text = "learning_rate: 0.1\nsample_packing: true\nwarmup_steps: 10\n"
    (asked,) = problems(text)
    assert asked.startswith("the curve depends on `steps`, which this file does not say: optimizer steps of the whole")
    assert summary(text, steps=500) == "cosine, warmup 10 of 500 steps"


def test_grpo_counts_each_prompt_as_often_as_it_is_answered() -> None:
    # a generation of 2 x 2 x 4 = 16 samples answers 2 prompts 8 times: floor(1000 / 2) x 4 batches, 4 a step
    text = "learning_rate: 0.1\nrl: grpo\ngradient_accumulation_steps: 4\ntrl: {num_generations: 8}\n"
    assert summary(f"{text}warmup_ratio: 0.071\n", samples=1000, devices=2) == "cosine, warmup 36 of 500 steps"
    (wrong,) = problems(text.replace("steps: 4", "steps: 3"), samples=1000, devices=2)
    assert wrong.startswith("a generation of 12 samples is no multiple of num_generations (8)")


def test_groups_have_learning_rates_of_their_own() -> None:
    schedule = load(
        "learning_rate: 0.1\nmax_steps: 10\nwarmup_steps: 0\nembedding_lr_scale: 0.5\n"
        "lr_groups: [{name: gates, modules: [gate], lr: 0.01}]\nlr_scheduler: constant\n"
    )
    curve = simulate(schedule)
    assert list(curve.groups) == ["others", "embeddings", "gates"]
    assert list(curve.lr[0]) == [0.1, 0.05, 0.01]


def test_what_has_no_effect_is_said() -> None:
    text = "learning_rate: 0.1\nmax_steps: 10\nwarmup_steps: 0\ncosine_min_lr_ratio: 0.1\n"
    assert said(load(f"{text}lr_scheduler: linear\n")) == [
        "argument-ignored: cosine_min_lr_ratio has no effect with lr_scheduler linear"
    ]
    assert said(load(f"{text}lr_quadratic_warmup: true\n")) == [
        "argument-ignored: cosine_min_lr_ratio has no effect with lr_quadratic_warmup"
    ]
    assert said(load(text)) == []


def test_keys_of_other_programs_are_named() -> None:
    schedule = load("learning_rate: 0.1\nmax_steps: 10\nwarmup_steps: 0\nlr_scheduler_type: linear\n"
                    "optimizer: schedule_free_adamw\n")  # fmt: skip
    assert said(schedule)[0] == ("unknown-key: lr_scheduler_type is no key of axolotl, so it has no effect")
    assert said(schedule)[1].startswith("optimizer-own-rate: schedule_free_adamw averages the weights itself")


def test_what_axolotl_refuses_is_an_error() -> None:
    text = "learning_rate: 0.1\nmax_steps: 10\n"
    assert problems("max_steps: 10\nwarmup_steps: 1\n") == ["learning_rate is missing, and it has no default"]
    assert problems(f"{text}warmup_steps: 1\nwarmup_ratio: 0.1\n") == [
        "warmup_steps and warmup_ratio are both there, which axolotl refuses"
    ]
    assert problems(f"{text}warmup_steps: 2\nlr_scheduler: cosine_anealing\n") == [
        "lr_scheduler must be a scheduler of axolotl (got 'cosine_anealing')"
    ]
    assert problems("learning_rate: 0.1\nstreaming: true\nwarmup_steps: 1\n")[0] == (
        "streaming: data without a length needs max_steps"
    )
    assert problems(f"{text}warmup_steps: 1\nrelora: true\n") == ["ReLoRA needs jagged_restart_steps"]
    assert problems("learning_rate: 0.1\nwarmup_steps: 1\nbatch_size: 8\ngradient_accumulation_steps: 2\n",
                    samples=9, devices=1) == [
        "batch_size and gradient_accumulation_steps say the same in two ways, which axolotl refuses"
    ]  # fmt: skip
