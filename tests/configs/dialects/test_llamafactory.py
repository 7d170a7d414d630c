"""LLaMA-Factory: what it adds to TrainingArguments, and its engine v1."""

from __future__ import annotations

import pytest
from helpers.configs import curve, errors, rates, read, remarks, summary

from lrviz.engine.simulate import simulate

BASE = "stage: sft\nfinetuning_type: lora\nlearning_rate: 1e-4\n"
WSD = f"{BASE}max_steps: 100\nwarmup_steps: 10\nlr_scheduler_type: warmup_stable_decay\n"


@pytest.mark.parametrize(
    ("kwargs", "begins", "ends"),
    [
        ("", 40, 100),  # 10 + 90 // 3, to the end
        ("lr_scheduler_kwargs: {num_decay_steps: 20}\n", 40, 60),
        ("lr_scheduler_kwargs: {num_stable_steps: 50}\n", 60, 120),
    ],
)
def test_a_stable_decay_is_filled_in(kwargs: str, begins: int, ends: int) -> None:
    found = curve(WSD + kwargs, transformers="5.1")
    assert found.at(f"{begins} steps") == 1e-4
    assert found.at(f"{begins + 1} steps") < 1e-4
    middle = (begins + ends) // 2
    assert found.at(f"{middle} steps") == pytest.approx(0.5e-4)


def test_lora_plus_has_groups() -> None:
    found = read(f"{BASE}max_steps: 10\nloraplus_lr_ratio: 16\n", transformers="5.1")
    assert rates(found, "0 steps") == {
        "lora_a": 1e-4,
        "lora_b": 1e-4 * 16,
        "lora_b_nodecay": 1e-4 * 16,
        "embedding": 1e-6,
    }


def test_a_step_of_ppo_is_a_round() -> None:
    text = (
        "stage: ppo\nfinetuning_type: lora\nlearning_rate: 1e-4\nppo_buffer_size: 2\ngradient_accumulation_steps: 4\n"
        "per_device_train_batch_size: 3\nnum_train_epochs: 2\n"
    )
    # ceil(1000 / (3 x 4 x 2 x 2)) = 21
    assert summary(text, samples=1000, devices=2, transformers="5.1") == "linear, warmup 0 of 42 steps"
    assert any("[ppo-steps]" in each for each in remarks(text, samples=1000, devices=2, transformers="5.1"))


def test_text_was_no_number_before_omegaconf() -> None:
    text = f"{BASE}max_steps: 10\n"
    assert not remarks(text, transformers="5.1")
    (found,) = remarks(text, transformers="5.1", llamafactory="0.9.3")
    assert ": warning: llamafactory 0.9.3 refuses this file: learning_rate: 1e-4 is text to PyYAML" in found


def test_overrides_are_those_of_omegaconf() -> None:
    schedule = read(f"{BASE}max_steps: 10\n", overrides=("learning_rate=5e-5", "warmup_steps=1"), transformers="5.1")
    assert simulate(schedule).at("1 step") == 5e-5


def test_values_may_refer_to_others() -> None:
    text = f"{BASE}max_steps: 10\nwarmup_steps: ${{max_steps}}\n"
    assert summary(text, transformers="5.1") == "linear, warmup 10 of 10 steps"


V1 = "model: x\ntrain_dataset: y\nmicro_batch_size: 2\n"


@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        ("", 3 * 125),  # floor(floor(1001 / 4) / 2) = 125
        ("global_batch_size: 32\n", 3 * 31),  # floor(250 / 8)
        ("num_train_epochs: 1\n", 125),
        ("max_steps: 7\n", 7),
    ],
)
def test_the_engine_v1_is_constant(keys: str, steps: int) -> None:
    schedule = read(V1 + keys, samples=1001, devices=4)
    assert schedule.imported is not None
    assert schedule.imported.summary == f"constant, {steps:,} steps"
    assert simulate(schedule).at("last") == 1e-4


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("lr_scheduler_config: {name: cosine}\nmax_steps: 5\n", "has no scheduler of its own"),
        ("global_batch_size: 12\n", "global_batch_size must be a multiple of micro_batch_size x devices (8) (got 12)"),
        ("batching_strategy: padding_free\n", "`steps`"),
        ("global_batch_size: 8000\n", "no batch is full"),
    ],
)
def test_what_the_engine_v1_cannot_do(keys: str, message: str) -> None:
    assert any(message in each for each in errors(V1 + keys, samples=1001, devices=4))


def test_the_engine_v1_looks_at_no_lr_scheduler_type() -> None:
    assert any("[unknown-key]" in each for each in remarks(f"{V1}max_steps: 5\nlr_scheduler_type: cosine\n"))
