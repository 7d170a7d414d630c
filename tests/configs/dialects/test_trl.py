"""TRL: the defaults of its trainers, the lengths of GRPO and RLOO, and who reads a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.configs import errors, read, remarks, summary

from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file

BASE = "dataset_name: my-org/data\nmax_steps: 10\n"


@pytest.mark.parametrize(
    ("keys", "trainer", "rate"),
    [
        ("packing: true\n", "", 2e-5),
        ("loss_type: dft\n", "", 2e-5),
        ("beta: 0.1\n", "", 1e-6),
        ("loss_type: [sigmoid]\n", "", 1e-6),
        ("num_generations: 4\nbeta: 0.1\n", "", 1e-6),
        ("loss_type: dapo\n", "", 1e-6),
        ("max_length: 9\n", "sft", 2e-5),
        ("max_length: 9\n", "reward", 1e-4),
        ("max_length: 9\n", "DPOTrainer", 1e-6),
        ("max_length: 9\nlearning_rate: 5e-7\n", "", 5e-7),
    ],
)
def test_the_rate_is_that_of_the_trainer(keys: str, trainer: str, rate: float) -> None:
    data: dict[str, Any] = {"trainer": trainer} if trainer else {}
    schedule = read(BASE + keys, transformers="5.20", **data)
    assert simulate(schedule).at("0 steps") == rate
    assert not schedule.remarks


def test_the_trainer_is_asked_for_where_the_rate_depends_on_it() -> None:
    (found,) = errors(f"{BASE}max_length: 9\n", transformers="5.1")
    assert "the curve depends on `trainer`" in found
    assert "{trainer: sft}" in found
    assert "trainer must be one of sft, dpo" in errors(f"{BASE}max_length: 9\n", trainer="xyz", transformers="5.1")[0]


@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        # 1,000 prompts, batch 8, 2 devices, accumulation 4: one generation is 8 x 2 x 4 = 64 completions
        ("num_generations: 8\n", 125),  # 8 prompts a generation; floor(1000 / 8) x 4 / 4
        ("num_generations: 16\n", 250),  # 4 prompts
        ("num_generations: 8\nnum_iterations: 2\n", 250),
        ("num_generations: 8\nsteps_per_generation: 8\n", 124),  # 16 prompts; floor(1000 / 16) x 8 / 4
        ("num_generations: 8\ngeneration_batch_size: 128\n", 124),
        ("num_generations: 8\nsteps_per_generation: 2\n", 125),  # 4 prompts; 250 x 2 / 4
        ("num_generations: 8\nsteps_per_generation: 6\n", 125),  # 12 prompts; ceil(83 x 6 / 4)
    ],
)
def test_each_prompt_is_generated_for_several_times(keys: str, steps: int) -> None:
    text = f"dataset_name: x\nlearning_rate: 1e-6\nnum_train_epochs: 1\ngradient_accumulation_steps: 4\n{keys}"
    assert summary(text, samples=1000, devices=2, transformers="5.1") == f"linear, warmup 0 of {steps} steps"


@pytest.mark.parametrize(("trainer", "steps"), [("grpo", 125), ("rloo", 31)])
def test_grpo_and_rloo_differ_in_their_generations(trainer: str, steps: int) -> None:
    text = (
        "dataset_name: x\nlearning_rate: 1e-6\nnum_train_epochs: 1\ngradient_accumulation_steps: 4\nreward_funcs: x\n"
    )
    assert "`trainer`" in errors(text, samples=1000, devices=2)[0]
    assert summary(text, samples=1000, devices=2, trainer=trainer).endswith(f"of {steps} steps")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("num_generations: 7\n", "a generation of 64 completions cannot be divided by num_generations (7)"),
        ("num_generations: 1\n", "num_generations must be at least 2 (got 1)"),
        (
            "num_generations: 8\ngeneration_batch_size: 24\n",
            "generation_batch_size must be a multiple of the batch of all",
        ),
        ("num_generations: 8\ngeneration_batch_size: 64\nsteps_per_generation: 4\n", "say the same in two ways"),
        ("num_generations: 8\nlr: 5\n", "lr is no argument of the Trainer, and TRL stops on it"),
    ],
)
def test_what_trl_refuses(keys: str, message: str) -> None:
    text = f"dataset_name: x\nnum_train_epochs: 1\ngradient_accumulation_steps: 4\n{keys}"
    assert any(message in each for each in errors(text, samples=1000, devices=2, transformers="5.1"))


def test_text_is_a_number_here() -> None:
    assert not remarks(f"{BASE}learning_rate: 5e-7\n", transformers="5.1")


def test_text_inside_of_a_mapping_stays_text() -> None:
    text = f"{BASE}learning_rate: 5e-5\nlr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {{min_lr: 1e-6}}\n"
    (found,) = remarks(text, transformers="5.1")
    assert found.startswith("a.yaml:5:31: warning: lr_scheduler_kwargs.min_lr: 1e-6 is text to PyYAML")


def test_a_command_line_reads_the_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("trl sft --config sft.yaml --warmup_steps 3\n")
    (tmp_path / "sft.yaml").write_text("dataset_name: x\nlearning_rate: 5e-5\nmax_steps: 20\nwarmup_steps: 1\n")
    (schedule,) = load_file(tmp_path / "run.sh")
    assert schedule.imported is not None
    assert schedule.imported.summary == "linear, warmup 3 of 20 steps"
    assert simulate(schedule).at("3 steps") == 5e-5
    (tmp_path / "sft.yaml").unlink()
    with pytest.raises(ScheduleError, match=r"run\.sh:1:18: error: sft\.yaml cannot be read"):
        load_file(tmp_path / "run.sh")


def test_packing_changes_what_samples_are() -> None:
    (found,) = errors("dataset_name: x\npacking: true\nnum_train_epochs: 1\n", devices=1, transformers="5.1")
    assert "sequences after packing" in found


def test_a_command_line_names_its_trainer() -> None:
    schedule = read("trl dpo --dataset_name x --max_steps 10 --warmup_steps 2\n", "run.sh", transformers="5.1")
    assert schedule.imported is not None
    assert schedule.imported.dialect == "trl"
    assert simulate(schedule).at("2 steps") == 1e-6
