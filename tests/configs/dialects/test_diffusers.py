"""The training scripts of diffusers: their defaults, lengths, and what has no effect."""

from __future__ import annotations

import pytest
from helpers.configs import errors, rates, read, remarks, summary

from lrviz.engine.simulate import simulate


def command(program: str, *arguments: str) -> str:
    return f"accelerate launch {program}.py --lr_warmup_steps=10 " + " \\\n  ".join(arguments) + "\n"


@pytest.mark.parametrize(
    ("program", "arguments", "steps", "rate"),
    [
        ("train_text_to_image_lora", ["--num_train_epochs=2"], 2 * 32, 1e-4),  # ceil(1001 / (16 x 2))
        ("train_text_to_image", [], 100 * 32, 1e-4),
        ("train_dreambooth", [], 126, 5e-6),  # ceil(1001 / (4 x 2))
        ("train_dreambooth_lora", ["--gradient_accumulation_steps 4"], 32, 5e-4),  # ceil(126 / 4)
        ("train_dreambooth_lora_flux", ["--train_batch_size 1"], 501, 1e-4),
        ("textual_inversion", [], 5000, 1e-4),
        ("textual_inversion", ["--max_train_steps=7"], 7, 1e-4),
        ("train_mine", ["--max_train_steps=7", "--learning_rate 1", "--train_batch_size=1"], 7, 1.0),
        # 1e-4 x accumulation 4 x batch 2 x devices 2
        ("train_controlnet", ["--max_train_steps=9", "--learning_rate 1e-4", "--scale_lr", "--train_batch_size=2",
                              "--gradient_accumulation_steps=4"], 9, 1e-4 * 4 * 2 * 2),
    ],
)  # fmt: skip
def test_the_length_and_the_rate(program: str, arguments: list[str], steps: int, rate: float) -> None:
    schedule = read(command(program, *arguments), "run.sh", samples=1001, devices=2)
    assert schedule.imported is not None
    assert schedule.imported.summary == f"constant, warmup 10 of {steps:,} steps"
    assert simulate(schedule).at("0 steps") == rate


def test_what_is_not_known_of_a_script_is_an_error() -> None:
    found = errors(command("train_mine", "--num_train_epochs=3"), "run.sh", samples=10, devices=1)
    assert [each.split("error: ")[1].split(",")[0] for each in found] == [
        "train_batch_size is missing",
        "learning_rate is missing",
    ]


def test_a_length_in_steps_needs_nothing_else() -> None:
    text = command("train_dreambooth", "--max_train_steps=40", "--lr_scheduler=cosine")
    assert summary(text, "run.sh") == "cosine, warmup 10 of 40 steps"
    assert len(errors(command("train_dreambooth"), "run.sh")) == 2


@pytest.mark.parametrize(
    ("arguments", "at", "factor"),
    [
        (["--lr_scheduler=cosine_with_restarts", "--lr_num_cycles=3"], 40, 1.0),  # a cycle is 30 steps
        (["--lr_scheduler=polynomial", "--lr_power=2"], 55, ((5e-6 - 1e-7) * 0.25 + 1e-7) / 5e-6),
        (["--lr_scheduler=constant_with_warmup"], 5, 0.5),
        (["--lr_scheduler=linear", "--lr_num_cycles=3"], 55, 0.5),
    ],
)
def test_arguments_of_the_scheduler(arguments: list[str], at: int, factor: float) -> None:
    schedule = read(command("train_dreambooth", "--max_train_steps=100", *arguments), "run.sh")
    assert simulate(schedule).at(f"{at} steps") == pytest.approx(5e-6 * factor, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lr_num_cycles=3"], "train_text_to_image.py has no argument --lr_num_cycles"),
        (["--lr_scheduler=cosine_with_min_lr"], "lr_scheduler must be a scheduler of diffusers"),
        (["--learning_rate=$LR"], "--learning_rate: only a shell knows what $LR is"),
    ],
)
def test_what_a_script_refuses(arguments: list[str], message: str) -> None:
    (found,) = errors(command("train_text_to_image", "--max_train_steps=5", *arguments), "run.sh")
    assert message in found


def test_a_text_encoder_has_its_own_rate() -> None:
    arguments = ["--max_train_steps=5", "--train_text_encoder", "--learning_rate=1e-4"]
    schedule = read(command("train_dreambooth_lora_sdxl", *arguments), "run.sh")
    assert rates(schedule, "0 steps") == {"unet": 1e-4, "text_encoder": 5e-6}
    assert simulate(read(command("train_dreambooth", *arguments), "run.sh")).at("0 steps") == 1e-4


def test_a_warmup_of_constant_has_no_effect() -> None:
    assert any(
        "[argument-ignored]" in each for each in remarks(command("train_dreambooth", "--max_train_steps=5"), "a.sh")
    )
    assert not remarks("python train_dreambooth.py --max_train_steps=5\n", "a.sh")


@pytest.mark.parametrize("arguments", ["--network_module=x", "--lr_scheduler_type cosine", "--num_warmup_steps 3"])
def test_other_scripts_are_not_those_of_diffusers(arguments: str) -> None:
    assert "is not recognized" in errors(f"python train.py --max_train_steps=5 {arguments}\n", "a.sh")[0]
