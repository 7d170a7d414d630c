"""kohya's sd-scripts and its GUI: shares and steps, several processes, parts of a network, and what is refused."""

from __future__ import annotations

from math import cos, pi
from pathlib import Path
from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text.document import node_of


def load(
    text: str, file: str = "k.toml", overrides: tuple[str, ...] = (), length: Length | None = None, **data: Any
) -> Schedule:
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()}, overrides=overrides)
    (schedule,) = load_text(text, file, length, given=given)
    return schedule


def run(text: str, **data: Any) -> Curve:
    return simulate(load(f'network_module = "x"\nlearning_rate = 1e-4\n{text}', **data))


def rates(curve: Curve) -> list[float]:
    return [float(row[0]) for row in curve.lr]


def gui(text: str, **data: Any) -> Curve:
    return simulate(load(f'{{"LoRA_type": "Standard", "learning_rate": "0.0001", {text}}}', "k.json", **data))


def problems(text: str, file: str = "k.toml", **data: Any) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        load(text, file, **data)
    return [problem.message for problem in caught.value.problems]


def said(schedule: Schedule) -> list[str]:
    return [f"{each.code}: {each.message}" for each in schedule.remarks if hasattr(each, "code")]


def test_several_processes_shorten_a_warmup_in_steps() -> None:
    text = 'lr_scheduler = "linear"\nlr_warmup_steps = 20\nmax_train_steps = 100\n'
    two = rates(run(text, devices=2))
    assert two[5] == pytest.approx(1e-4 * 10 / 20)
    assert two[10] == pytest.approx(1e-4)
    assert two[55] == pytest.approx(1e-4 * (200 - 110) / 180)
    share = rates(run(text.replace("20", "0.1"), devices=2))
    assert share[10] == pytest.approx(1e-4)
    assert share[5] == pytest.approx(1e-4 * 10 / 20)
    assert rates(run(text.replace("20", "0.157"), devices=1))[15] == pytest.approx(1e-4)  # floor(15.7)


def test_the_processes_are_asked_for_where_they_matter() -> None:
    text = 'network_module = "x"\nlearning_rate = 1e-4\nlr_scheduler = "cosine"\nmax_train_steps = 100\n'
    assert "`devices`" in problems(f"{text}lr_warmup_steps = 20\n")[0]
    curve = simulate(load(text))
    assert rates(curve)[25] == pytest.approx(1e-4 * 0.5 * (1 + cos(pi * 0.25)))


def test_a_float_is_a_share_whatever_its_size() -> None:
    text = 'network_module = "x"\nlr_scheduler = "linear"\nmax_train_steps = 100\nlr_warmup_steps = 50.0\n'
    schedule = load(text, devices=1)
    assert "share-of-run: lr_warmup_steps 50.0 is no whole number, so sd-scripts takes it as 50 times the run" in said(
        schedule
    )
    assert rates(simulate(schedule))[50] == pytest.approx(2e-6 * 50 / 5000)
    assert problems(text.replace("50.0", '"10%"'), devices=1) == [
        "lr_warmup_steps 10% is text in a file: only the command line takes percent"
    ]


def test_stable_is_what_warmup_and_decay_leave() -> None:
    lr = rates(run('lr_scheduler = "warmup_stable_decay"\nlr_warmup_steps = 10\nlr_decay_steps = 0.2\n'
                   "lr_scheduler_min_lr_ratio = 0.1\nmax_train_steps = 100\n", devices=1))  # fmt: skip
    assert lr[10:80] == [pytest.approx(1e-4)] * 70
    assert lr[90] == pytest.approx(1e-4 * (0.5 * (1 + cos(pi * 0.5 * 2 * 10 / 20)) * 0.9 + 0.1))


def test_arguments_are_key_value_texts() -> None:
    lr = rates(run('lr_scheduler = "cosine"\nlr_scheduler_args = ["num_cycles=1.0"]\nmax_train_steps = 100\n'))
    assert lr[50] == pytest.approx(0, abs=1e-12)
    lr = rates(run('lr_scheduler_type = "CosineAnnealingLR"\nlr_scheduler_args = ["T_max=50", "eta_min=1e-5"]\n'
                   "max_train_steps = 60\n", devices=1))  # fmt: skip
    assert lr[50] == pytest.approx(1e-5)
    lr = rates(run('lr_scheduler = "piecewise_constant"\nmax_train_steps = 30\n'
                   "lr_scheduler_args = [\"step_rules='1:10,0.1:20,0.01'\"]\n", devices=1))  # fmt: skip
    assert [lr[9], lr[10], lr[19], lr[20]] == [1e-4, pytest.approx(1e-5), pytest.approx(1e-5), pytest.approx(1e-6)]


def test_parts_of_a_network_have_rates_of_their_own() -> None:
    curve = run("unet_lr = 2e-4\ntext_encoder_lr = [1e-5, 0.0]\nmax_train_steps = 5\n")
    assert dict(zip(curve.groups, curve.lr[0], strict=True)) == {"text_encoder_1": 1e-5, "unet": 2e-4}
    curve = run("text_encoder_lr = 5e-5\nmax_train_steps = 5\n")
    assert dict(zip(curve.groups, curve.lr[0], strict=True)) == {"text_encoder": 5e-5, "unet": 1e-4}
    assert rates(run("unet_lr = 3e-4\nnetwork_train_unet_only = true\nmax_train_steps = 5\n"))[0] == 3e-4


def test_sections_are_one() -> None:
    schedule = load("[a]\nmax_train_steps = 10\nlearning_rate = 1e-3\n[b]\nlearning_rate = 1e-4\n")
    assert rates(simulate(schedule)) == [1e-4] * 10
    assert said(schedule) == [
        "key-twice: learning_rate is also in [a]; sd-scripts reads all sections as one, and the last counts"
    ]


def test_the_command_line_wins_over_every_section() -> None:
    text = '[a]\nmax_train_epochs = 10\nlr_scheduler = "linear"\nlearning_rate = 1e-3\n'
    schedule = load(text, overrides=("--max_train_steps 40 --lr_warmup_steps=25%",), devices=1)
    assert rates(simulate(schedule))[5] == pytest.approx(1e-3 * 5 / 10)
    assert said(schedule) == []
    assert len(rates(simulate(load(text, length=Length(steps=20))))) == 20
    assert simulate(load(text, length=Length(epochs=2), batches_per_epoch=7, devices=1)).run.total_steps == 14


def test_a_command_counts_before_its_file(tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text('[a]\nlearning_rate = 1e-3\nlr_scheduler = "linear"\nmax_train_steps = 90\n')
    script = tmp_path / "train.sh"
    script.write_text("accelerate launch --num_processes 2 sdxl_train_network.py \\\n  --config_file k.toml "
                      "--max_train_steps=40 --lr_warmup_steps 20\n")  # fmt: skip
    (schedule,) = load_file(script)
    lr = rates(simulate(schedule))
    assert len(lr) == 40
    assert lr[5] == pytest.approx(1e-3 * 10 / 20)
    script.write_text("python train_network.py --network_module=networks.lora --lr_warmup_steps=10% \\\n"
                      "  --lr_scheduler=linear --max_train_steps=40 --learning_rate=1e-4\n")  # fmt: skip
    with pytest.raises(ScheduleError, match="devices"):
        load_file(script)
    (schedule,) = load_file(script, given=Given({"devices": node_of(1, Position("--data"))}))
    assert rates(simulate(schedule))[2] == pytest.approx(1e-4 * 2 / 4)


def test_schedule_free_optimizers_have_no_schedule() -> None:
    schedule = load('max_train_steps = 10\nlearning_rate = 1e-3\noptimizer_type = "AdamWScheduleFree"\n'
                    'lr_scheduler = "cosine"\n')  # fmt: skip
    assert rates(simulate(schedule)) == [1e-3] * 10
    assert said(schedule)[0].startswith("optimizer-own-rate: with the optimizer AdamWScheduleFree")


def test_keys_of_other_programs_are_named() -> None:
    schedule = load("max_train_steps = 10\nlr = 1e-3\nlr_warmup_step = 5\n")
    assert said(schedule) == [
        "unknown-key: lr is no key of sd-scripts, so it has no effect",
        "unknown-key: lr_warmup_step is no key of sd-scripts, so it has no effect",
    ]


def test_what_is_wrong_is_said() -> None:
    text = "max_train_steps = 10\n"
    assert problems("[[datasets]]\nresolution = 512\n") == [
        "this is the file of the data set (--dataset_config), which holds no learning rate"
    ]
    assert problems(f'{text}lr_scheduler = "cosin"\n') == [
        "lr_scheduler must be a scheduler of sd-scripts (got 'cosin')"
    ]
    assert problems(f'{text}lr_scheduler = "cosine"\nlr_scheduler_args = ["cycles"]\n') == [
        "lr_scheduler_args must be key=value (got 'cycles')"
    ]
    assert problems(f'{text}lr_scheduler_type = "my.Class"\n', devices=1) == [
        "lr_scheduler_type my.Class is no scheduler of torch, and nothing of a config runs"
    ]
    assert problems(f'{text}lr_scheduler = "cosine_with_min_lr"\n') == ["the scheduler needs min_lr or min_lr_rate"]


def test_the_gui_counts_in_percent_and_takes_0_for_nothing() -> None:
    curve = gui('"epoch": "3", "train_batch_size": "2", "lr_warmup": "10", "unet_lr": 0, "lr_scheduler": "linear"',
                samples=101, devices=1)  # fmt: skip
    assert curve.run.total_steps == 152  # ceil(101 / 2 x 3)
    assert rates(curve)[15] == pytest.approx(1e-4)
    assert rates(curve)[14] == pytest.approx(1e-4 * 14 / 15)
    twice = gui('"epoch": 3, "train_batch_size": 2, "reg_data_dir": "x"', samples=101)
    assert twice.run.total_steps == 303
    steps = gui('"max_train_steps": "50", "lr_warmup": 10, "lr_warmup_steps": 20, "lr_scheduler": "linear"', devices=1)
    assert rates(steps)[20] == pytest.approx(1e-4)
    assert rates(gui('"max_train_steps": 50, "unet_lr": "2e-4"'))[0] == 2e-4


def test_flags_that_the_gui_adds_are_not_read() -> None:
    assert problems('{"LoRA_type": "x", "max_train_steps": 9, "additional_parameters": "--lr_warmup_steps=5"}',
                    "k.json") == [
        "additional_parameters: --lr_warmup_steps changes the learning rate, and is not read there"
    ]  # fmt: skip
