"""TrainingArguments of transformers: lengths and warmups by release, plateaus, and what misleads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.configs import curve, errors, read, remarks, summary

from lrviz.checks.examine import examine
from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file
from lrviz.schedule.text.document import node_of

BASE = "learning_rate: 1.0e-3\nlr_scheduler_type: linear\n"


@pytest.mark.parametrize(
    ("keys", "release", "steps"),
    [
        # 1001 samples, batch 8, 2 devices: ceil(1001 / 16) = 63 batches
        ("gradient_accumulation_steps: 4\nnum_train_epochs: 1\n", "5.1", 16),  # ceil(63 / 4)
        ("gradient_accumulation_steps: 4\nnum_train_epochs: 1\n", "4.52", 16),
        ("gradient_accumulation_steps: 4\nnum_train_epochs: 1\n", "4.51.3", 15),  # floor(63 / 4)
        ("gradient_accumulation_steps: 4\n", "5.1", 48),  # 3 epochs
        ("gradient_accumulation_steps: 4\nnum_train_epochs: 2.4\n", "5.1", 39),  # ceil(2.4 x 16) = ceil(38.4)
        ("gradient_accumulation_steps: 100\nnum_train_epochs: 5\n", "4.40", 5),  # at least one step an epoch
        ("dataloader_drop_last: true\nnum_train_epochs: 1\n", "5.1", 62),  # floor(1001 / 16)
        ("accelerator_config: {split_batches: true}\nnum_train_epochs: 1\n", "5.1", 126),  # ceil(1001 / 8)
        ("accelerator_config: '{\"split_batches\": true}'\nnum_train_epochs: 1\n", "5.1", 126),
        ("per_gpu_train_batch_size: 16\nnum_train_epochs: 1\n", "4.57", 32),  # ceil(1001 / 32)
        ("max_steps: 7\nnum_train_epochs: 9\n", "5.1", 7),
        ("max_steps: -1\nnum_train_epochs: 1\n", "5.1", 63),
    ],
)
def test_the_length_of_a_run(keys: str, release: str, steps: int) -> None:
    assert summary(BASE + keys, samples=1001, devices=2, transformers=release).endswith(f"of {steps} steps")


@pytest.mark.parametrize(
    ("keys", "release", "warmup"),
    [
        ("warmup_ratio: 0.07\n", "4.57", 8),  # 0.07 x 100 is 7.000000000000001 in doubles
        ("warmup_ratio: 0.07\n", "5.14", 8),
        ("warmup_ratio: 1.0\n", "4.57", 100),
        ("warmup_ratio: 1.0\n", "5.3", 1),
        ("warmup_ratio: 0.2\nwarmup_steps: 5\n", "4.57", 5),
        ("warmup_ratio: 0.2\nwarmup_steps: 5\n", "5.14", 20),
        ("warmup_steps: 0.061\n", "5.15", 7),
        ("warmup_steps: 7.9\n", "5.15", 7),
        ("warmup_steps: 0\nwarmup_ratio: 0.2\n", "4.57", 20),
        ("", "5.20", 0),
    ],
)
def test_the_warmup_by_release(keys: str, release: str, warmup: int) -> None:
    assert summary(f"{BASE}max_steps: 100\n{keys}", transformers=release) == f"linear, warmup {warmup} of 100 steps"


@pytest.mark.parametrize(
    ("keys", "release", "message"),
    [
        (
            "warmup_ratio: 0.2\n",
            "5.15",
            "a.yaml:4:15: warning: transformers 5.15 refuses this file: warmup_ratio is gone; ",
        ),
        (
            "warmup_steps: 0.2\n",
            "4.57",
            "a.yaml:4:15: warning: transformers 4.57 refuses this file: warmup_steps must be ",
        ),
        (
            "per_gpu_train_batch_size: 4\n",
            "5",
            "a.yaml:4:27: warning: transformers 5 refuses this file: per_gpu_train_ba",
        ),
        ("lr_scheduler_type: greedy\n", "5.3", ""),
    ],
)
def test_what_a_release_refuses_is_read_as_one_that_takes_it(keys: str, release: str, message: str) -> None:
    text = f"learning_rate: 1.0e-3\nnum_train_epochs: 1\nlogging_steps: 5\n{keys}"
    if not message:
        assert "follows the loss of the run" in errors(text, samples=100, devices=1, transformers=release)[0]
        return
    found = [each for each in remarks(text, samples=100, devices=1, transformers=release) if "[refused]" in each]
    assert len(found) == 1
    assert found[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("max_steps: 0\n", "3:12", "max_steps 0 is neither a length nor `not set`: the Trainer makes one step of it"),
        ("streaming: true\n", "3:12", "streaming: data without a length needs max_steps"),
        ("num_train_epochs: 0\n", "3:19", "num_train_epochs must be above 0 (got 0)"),
        (
            "max_steps: 9\nlr_scheduler_kwargs: {num_cycle: 2}\n",
            "4:23",
            "lr_scheduler_kwargs: the scheduler has no argument",
        ),
        ("max_steps: 9\nlr_scheduler_kwargs: 5\n", "4:22", "lr_scheduler_kwargs must be a mapping (got 5)"),
        ("max_steps: 9\nlr_scheduler_kwargs: '[1'\n", "4:22", "lr_scheduler_kwargs must be a mapping (got '[1')"),
    ],
)
def test_what_the_trainer_refuses(text: str, where: str, message: str) -> None:
    found = errors(BASE + text, samples=10, devices=1, transformers="5.1")
    assert len(found) == 1
    assert found[0].startswith(f"a.yaml:{where}: error: {message}")


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("cosine_with_min_lr", "{}", "the scheduler needs min_lr or min_lr_rate"),
        ("cosine_with_min_lr", "{min_lr: 1.0e-5, min_lr_rate: 0.1}", "min_lr and min_lr_rate say the same in two ways"),
        ("polynomial", "{lr_end: 1.0}", "lr_end (1) must be smaller than the learning rate (0.001)"),
        ("warmup_stable_decay", "{}", "lr_scheduler_kwargs.num_decay_steps is missing, and it has no default"),
        (
            "warmup_stable_decay",
            "{num_decay_steps: 5, decay_type: sqrt}",
            "lr_scheduler_kwargs.decay_type must be one of ",
        ),
        ("cosine_anealing", "{}", "lr_scheduler_type must be a scheduler of transformers (got 'cosine_anealing')"),
    ],
)
def test_what_a_scheduler_refuses(name: str, kwargs: str, message: str) -> None:
    text = f"learning_rate: 1.0e-3\nmax_steps: 50\nlr_scheduler_type: {name}\nlr_scheduler_kwargs: {kwargs}\n"
    (found,) = errors(text, transformers="5.10")
    assert message in found


def test_an_unknown_scheduler_has_a_suggestion() -> None:
    (found,) = errors("lr_scheduler_type: cosine_annealing\nmax_steps: 5\n", transformers="5.1")
    assert found.endswith("did you mean cosine?")


def test_arguments_may_be_the_text_of_a_mapping() -> None:
    text = "lr_scheduler_type: cosine\nmax_steps: 50\nlr_scheduler_kwargs: "
    one, other = (curve(text + kwargs, transformers="5.1") for kwargs in ("{num_cycles: 2}", "'{\"num_cycles\": 2}'"))
    assert [one.at(f"{step} steps") for step in range(50)] == [other.at(f"{step} steps") for step in range(50)]


# --- plateaus ------------------------------------------------------------------------------------------------------

PLATEAU = (
    "learning_rate: 1.0\nlr_scheduler_type: reduce_lr_on_plateau\nlr_scheduler_kwargs: {factor: 0.5, patience: 0}\n"
)


@pytest.mark.parametrize(
    ("keys", "drops"),
    [
        # a call that does not improve halves the rate: the second one, after two evaluations
        ("eval_strategy: steps\neval_steps: 4\nmax_steps: 12\n", [8, 12]),
        ("eval_strategy: steps\neval_steps: 0.25\nmax_steps: 18\n", [10, 15]),  # ceil(18 x 0.25) = 5
        ("eval_strategy: steps\nlogging_steps: 3\nmax_steps: 9\n", [6, 9]),
        ("eval_strategy: epoch\nmax_steps: 12\nper_device_train_batch_size: 25\n", [8, 12]),  # 4 steps an epoch
        ("eval_strategy: epoch\nnum_train_epochs: 3\nper_device_train_batch_size: 25\n", [8, 12]),
    ],
)
def test_a_plateau_is_stepped_at_each_evaluation(keys: str, drops: list[int]) -> None:
    found = curve(PLATEAU + keys, samples=100, devices=1, metric=[1.0, 2.0, 3.0], transformers="5.1")
    rates = [found.at(f"{step} steps") for step in range(drops[1])]
    assert rates == [1.0 if step < drops[0] else 0.5 for step in range(drops[1])]


def test_a_plateau_in_steps_asks_for_no_samples() -> None:
    (asked,) = errors(f"{PLATEAU}eval_strategy: steps\nmax_steps: 12\n", transformers="5.1")
    assert "`metric`" in asked
    found = errors(f"{PLATEAU}eval_strategy: epoch\nmax_steps: 12\n", transformers="5.1")
    assert sorted(each.split("`")[1] for each in found) == ["devices", "metric", "samples"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("max_steps: 9\n", "reduce_lr_on_plateau needs evaluations, and there are none"),
        ("max_steps: 9\neval_strategy: steps\neval_delay: 3\n", "reduce_lr_on_plateau with eval_delay cannot be drawn"),
    ],
)
def test_a_plateau_that_cannot_be_drawn(keys: str, message: str) -> None:
    assert message in errors(PLATEAU + keys, metric=[1.0], transformers="5.1")[0]


def test_a_plateau_that_watches_an_accuracy_for_a_minimum() -> None:
    text = f"{PLATEAU}eval_strategy: steps\neval_steps: 4\nmax_steps: 8\nmetric_for_best_model: eval_accuracy\n"
    data: dict[str, Any] = {"metric": [0.5, 0.6], "transformers": "5.1"}
    assert any("[plateau-mode]" in each and ":7:24:" in each for each in remarks(text, **data))
    assert not remarks(text.replace("patience: 0", "patience: 0, mode: max"), **data)
    assert not remarks(text.replace("eval_accuracy", "eval_loss"), **data)


# --- what misleads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "lr_scheduler_type: constant\nwarmup_steps: 5\n",
            ["2:15: warning: warmup_steps has no effect with lr_scheduler_type"],
        ),
        (
            "lr_scheduler_type: constant\nlr_scheduler_kwargs: {a: 1}\n",
            ["2:23: warning: lr_scheduler_kwargs.a has no effect"],
        ),
        (
            "warmup_steps: 60\n",
            ["1:15: warning: the warmup of 60 steps is longer than the run of 50 steps: its peak is never"],
        ),
        (
            "warmup_steps: 50\n",
            ["1:15: warning: the warmup of 50 steps is as long as the run of 50 steps: its peak is never"],
        ),
        ("warmup_steps: 49\n", []),
        (
            "optim: galore_adamw_layerwise\n",
            ["1:8: note: galore_adamw_layerwise has one optimizer and one scheduler a layer"],
        ),
        ("optim: schedule_free_adamw\n", ["1:8: note: schedule_free_adamw averages the weights itself"]),
        ("optim: adafactor\noptim_args: relative_step=True\n", ["1:8: note: adafactor chooses its own rate"]),
        ("optim: adafactor\n", []),
        ("lr: 0.1\n", ["1:1: warning: lr is no argument of the Trainer, so it has no effect"]),
        ("lr_scheduler: cosine\n", ["1:1: warning: lr_scheduler is no argument of the Trainer"]),
        ("warmup_step: 5\n", ["1:1: warning: warmup_step is no argument of the Trainer"]),
        ("lr: 0.1\nlearning_rate: 1.0e-3\n", []),
        ("save_steps: 5\nmax_seq_length: 3\nmodel_name_or_path: x\n", []),
        ("learning_rate: 5e-5\n", ["1:16: warning: learning_rate: 5e-5 is text to PyYAML, not a number"]),
        ('learning_rate: "5.0e-5"\n', ["1:16: warning: learning_rate: 5.0e-5 is text to PyYAML because of its quotes"]),
    ],
)
def test_what_misleads_is_said(text: str, said: list[str]) -> None:
    found = remarks(f"{text}max_steps: 50\nper_device_train_batch_size: 1\n", transformers="5.20")
    assert len(found) == len(said), found
    assert all(each.startswith(f"a.yaml:{expected}") for each, expected in zip(found, said, strict=True)), found


def test_the_defaults_of_swift_are_not_those_of_the_trainer() -> None:
    text = "tuner_type: lora\nlearning_rate: 1.0e-4\nmax_steps: 9\nlr_scheduler_type: cosine\nwarmup_steps: 1\n"
    (found,) = errors(text, transformers="5.1")
    assert "defaults of its own for per_device_train_batch_size, gradient_accumulation_steps" in found
    text += "per_device_train_batch_size: 1\ngradient_accumulation_steps: 2\n"
    assert summary(text, transformers="5.1") == "cosine, warmup 1 of 9 steps"


def test_a_first_step_of_0_is_the_programs_own() -> None:
    """Nothing in the config changes it; `t / T` in a file of ours has a note."""
    schedule = read("max_steps: 50\nwarmup_steps: 5\nlr_scheduler_type: cosine\n", transformers="5.1")
    assert simulate(schedule).lr_at(0, 0) == 0
    assert "lr-zero" not in {getattr(each, "code", "") for each in examine(schedule, simulate(schedule), "a", "")}


def test_two_warmups_have_a_warning() -> None:
    text = f"{BASE}max_steps: 100\nwarmup_ratio: 0.2\nwarmup_steps: 5\n"
    assert any("4:15: warning" in each and "[two-warmups]" in each for each in remarks(text, transformers="4.57"))


def test_a_number_of_json_is_one() -> None:
    assert not remarks('{"learning_rate": 5e-5, "max_steps": 5, "lr_scheduler_type": "cosine"}', "a.json")
    (found,) = remarks('{"learning_rate": "5e-5", "max_steps": 5, "lr_scheduler_type": "cosine"}', "a.json")
    assert "5e-5 is text to JSON because of its quotes" in found


def test_what_differs_between_releases_is_asked_where_nothing_is_installed() -> None:
    text = f"{BASE}num_train_epochs: 1\ngradient_accumulation_steps: 4\n"
    (found,) = errors(text, samples=1001, devices=2)
    assert "before 4.52: linear, warmup 0 of 15 steps; from 4.52: linear, warmup 0 of 16 steps" in found
    assert summary(text, samples=1024, devices=2) == "linear, warmup 0 of 16 steps"


# --- DeepSpeed -------------------------------------------------------------------------------------------------------

DEEPSPEED = """\
{"scheduler": {"type": "WarmupDecayLR", "params": {"warmup_type": "linear", %s}},
 "optimizer": {"type": "AdamW", "params": {"lr": "auto"}}}
"""
AUTO = '"total_num_steps": "auto", "warmup_min_lr": "auto", "warmup_max_lr": "auto", "warmup_num_steps": "auto"'


def with_deepspeed(folder: Path, deepspeed: str, more: str = "") -> Path:
    (folder / "ds.json").write_text(deepspeed)
    file = folder / "sft.yaml"
    file.write_text(f"learning_rate: 1.0e-3\nwarmup_steps: 10\nmax_steps: 100\ndeepspeed: ds.json\n{more}")
    return file


def test_auto_in_the_deepspeed_file_is_what_the_trainer_says(tmp_path: Path) -> None:
    newest = Given({"deepspeed": node_of("0.16", Position("--data deepspeed"))})
    file = with_deepspeed(tmp_path, DEEPSPEED % AUTO, "lr_scheduler_type: cosine\n")
    (schedule,) = load_file(file, given=newest)
    assert schedule.imported is not None
    assert schedule.imported.summary == "WarmupDecayLR, warmup 10 of 100 steps, in a run of 100 steps"
    found = simulate(schedule)
    # one step late: the peak is at step 11, and the last step computes index 98
    assert found.at("11 steps") == 1e-3
    assert found.at("6 steps") == pytest.approx(1e-3 * 5 / 10)
    assert found.at("99 steps") == pytest.approx(1e-3 * 2 / 90)
    assert [each.code for each in schedule.remarks if each.severity == "warning"] == ["overridden"]


@pytest.mark.parametrize(
    ("deepspeed", "message"),
    [
        ('{"optimizer": {"type": "AdamW", "params": {"lr": 0.5}}}', "optimizer.params.lr is 0.5, but learning_rate"),
        (
            '{"train_micro_batch_size_per_gpu": 3}',
            "train_micro_batch_size_per_gpu is 3, but per_device_train_batch_size",
        ),
        (
            '{"gradient_accumulation_steps": 3}',
            "gradient_accumulation_steps is 3, but gradient_accumulation_steps of the",
        ),
        (
            DEEPSPEED % '"total_num_steps": 5, "warmup_num_steps": "auto", "warmup_max_lr": "auto"',
            "total_num_steps is 5, but max",
        ),
        (
            DEEPSPEED % '"total_num_steps": 100, "warmup_num_steps": 9, "warmup_max_lr": 1e-3',
            "warmup_num_steps is 9, but warmup",
        ),
    ],
)
def test_numbers_that_contradict_the_deepspeed_file(tmp_path: Path, deepspeed: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        load_file(with_deepspeed(tmp_path, deepspeed, "lr_scheduler_type: cosine\n"))
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.where.file.endswith("ds.json")


def test_a_deepspeed_file_without_a_scheduler_changes_nothing(tmp_path: Path) -> None:
    file = with_deepspeed(tmp_path, '{"zero_optimization": {"stage": 2}}', "lr_scheduler_type: cosine\n")
    (schedule,) = load_file(file)
    assert schedule.imported is not None
    assert schedule.imported.summary == "cosine, warmup 10 of 100 steps"
    assert not schedule.remarks


def test_a_deepspeed_file_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    file = with_deepspeed(tmp_path, "{}", "lr_scheduler_type: cosine\n")
    (tmp_path / "ds.json").unlink()
    (schedule,) = load_file(file)
    assert [(each.code, each.severity, each.where.line) for each in schedule.remarks] == [("config-file", "note", 4)]


# --- the command line ------------------------------------------------------------------------------------------------


def test_flags_replace_values() -> None:
    text = f"{BASE}max_steps: 100\n"
    found = read(text, overrides=("--learning_rate 5e-4 --max-steps=10", "--warmup_steps 4"), transformers="5.1")
    assert found.imported is not None
    assert found.imported.summary == "linear, warmup 4 of 10 steps"
    assert not found.remarks


@pytest.mark.parametrize(
    ("launch", "devices"),
    [
        ("torchrun --nproc_per_node=4", 4),
        ("torchrun --nproc_per_node=4 --nnodes=2", 8),
        ("accelerate launch --num_processes 3", 3),
        ("deepspeed --num_gpus=5", 5),
    ],
)
def test_a_script_says_how_many_processes_it_starts(launch: str, devices: int) -> None:
    script = f"{launch} run_clm.py --per_device_train_batch_size 1 --learning_rate 1e-4 --num_train_epochs 1\n"
    assert summary(script, "run.sh", samples=120) == f"linear, warmup 0 of {120 // devices} steps"
    assert summary(script, "run.sh", samples=120, devices=2) == "linear, warmup 0 of 60 steps"


@pytest.mark.parametrize("launch", ["torchrun", "accelerate launch --multi_gpu", "torchrun --nproc_per_node=gpu"])
def test_processes_that_a_script_does_not_say_are_asked_for(launch: str) -> None:
    script = f"{launch} run_clm.py --per_device_train_batch_size 1 --num_train_epochs 1\n"
    (found,) = errors(script, "run.sh", samples=120)
    assert "`devices`" in found
