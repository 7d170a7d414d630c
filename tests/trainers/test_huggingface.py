"""The Trainer of Hugging Face for real: a small model, a few epochs, and the learning rate of every optimizer step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.golden import Golden
from helpers.installed import needs
from plain_loop import every, rates
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR, StepLR
from trainer_page import DOCS, Page, checked

import lrviz

pytestmark = [needs("transformers"), pytest.mark.filterwarnings("ignore:'pin_memory' argument is set as true")]

SAMPLES = 21
"""In batches of 2 they are 11, the last of 1; with 4 to a step, an epoch has 2 whole steps and one of 3 batches."""

SCHEDULE = "schedule 'schedule' of <schedule>"


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, x: Any, labels: Any = None) -> Any:
        made = self.layer(x)
        return {"loss": made.pow(2).mean(), "logits": made}


def data() -> list[dict[str, Any]]:
    torch.manual_seed(0)
    return [{"x": torch.randn(4), "labels": torch.zeros(1)} for _ in range(SAMPLES)]


def schedule(**keys: Any) -> lrviz.Schedule:
    base = {"optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 1, "gamma": 0.5}}
    length = {} if "steps" in keys else {"epochs": 3}
    return lrviz.load({**length, **base, **keys}).only


def arguments(folder: Path, **given: Any) -> Any:
    from transformers import TrainingArguments

    usual = {"num_train_epochs": 3, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}
    quiet = {"report_to": [], "disable_tqdm": True, "use_cpu": True, "logging_strategy": "no"}
    return TrainingArguments(**{"output_dir": str(folder), "save_strategy": "no", **quiet, **usual, **given})


def train(
    planned: lrviz.Schedule,
    folder: Path,
    *callbacks: Any,
    lr: float = 0.1,
    resume: str | None = None,
    override: bool = False,
    with_data: bool = True,
    **given: Any,
) -> tuple[list[float], Any]:
    """The learning rate of every optimizer step of a training, and the trainer."""
    from transformers import Trainer

    args, dataset, model = arguments(folder, **given), data(), Net()
    optimizer, used = torch.optim.SGD(model.parameters(), lr=lr), []
    optimizer.register_step_pre_hook(lambda *_: used.append(optimizer.param_groups[0]["lr"]))
    pair = lrviz.huggingface.optimizers(
        optimizer, planned, args, train_dataset=dataset if with_data else None, override=override
    )
    trainer = Trainer(model, args, train_dataset=dataset, eval_dataset=dataset, optimizers=pair, callbacks=[*callbacks])
    trainer.train(resume_from_checkpoint=resume)
    return used, trainer


def errors(planned: lrviz.Schedule, folder: Path, **given: Any) -> list[str]:
    with pytest.raises(lrviz.ScheduleError) as caught:
        train(planned, folder, **given)
    return [str(each) for each in caught.value.problems]


# --- on plan -----------------------------------------------------------------------------------------------------


def test_once_a_step_with_accumulation_and_a_rest_of_batches(tmp_path: Path) -> None:
    planned = schedule(
        data={"samples": SAMPLES, "batch_size": 2, "accumulate": 4},
        interval="step",
        scheduler={"type": "CosineAnnealingLR"},
    )
    used, trainer = train(planned, tmp_path)
    assert used == rates(lambda opt: CosineAnnealingLR(opt, 9), 3, 3)
    assert type(trainer.lr_scheduler) is CosineAnnealingLR


def test_a_rest_of_samples_that_is_dropped(tmp_path: Path) -> None:
    planned = schedule(
        data={"samples": SAMPLES, "batch_size": 5, "drop_last": True},
        interval="step",
        scheduler={"type": "StepLR", "step_size": 5},
    )
    given: dict[str, Any] = {
        "per_device_train_batch_size": 5,
        "gradient_accumulation_steps": 1,
        "dataloader_drop_last": True,
    }
    used, _ = train(planned, tmp_path, **given)
    assert used == rates(lambda opt: StepLR(opt, 5), 3, 4)


def test_a_length_in_steps_that_ends_inside_of_an_epoch(tmp_path: Path) -> None:
    used, _ = train(schedule(steps=8, scheduler={"type": "StepLR", "step_size": 3}), tmp_path, max_steps=8)
    assert used == rates(lambda opt: StepLR(opt, 3), 1, 8)


def test_half_an_epoch(tmp_path: Path) -> None:
    used, _ = train(schedule(steps=2), tmp_path, num_train_epochs=0.5)
    assert used == [0.1, 0.05]


def test_every_so_many_steps(tmp_path: Path) -> None:
    used, _ = train(schedule(steps_per_epoch=3, interval="2 steps"), tmp_path)
    assert used == rates(every(2, lambda opt: StepLR(opt, 1, 0.5)), 3, 3)


PLATEAU = {"type": "ReduceLROnPlateau", "factor": 0.5, "patience": 0, "threshold": 1e9, "threshold_mode": "abs"}
"""Lowers the learning rate at every call but the first, whatever the metric."""


def test_a_plateau_is_stepped_after_every_evaluation(tmp_path: Path) -> None:
    planned = schedule(epochs=4, scheduler=PLATEAU, metric="1.0")
    given: dict[str, Any] = {"num_train_epochs": 4, "eval_strategy": "epoch", "metric_for_best_model": "loss"}
    used, _ = train(planned, tmp_path, **given)
    assert used == [lr for lr in (0.1, 0.1, 0.05, 0.025) for _ in range(3)]


def test_a_plateau_every_so_many_steps(tmp_path: Path) -> None:
    planned = schedule(steps=8, interval="2 steps", scheduler=PLATEAU, metric="1.0")
    given: dict[str, Any] = {"eval_strategy": "steps", "eval_steps": 2, "metric_for_best_model": "loss"}
    used, _ = train(planned, tmp_path, max_steps=8, **given)
    assert used == [lr for lr in (0.1, 0.1, 0.05, 0.025) for _ in range(2)]


# --- a checkpoint ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [4, 6], ids=["inside", "at the end"])
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"interval": "step", "scheduler": {"type": "OneCycleLR", "max_lr": 0.3}}, id="once a step"),
        pytest.param({"interval": "3 steps"}, id="every third step"),
    ],
)
def test_a_checkpoint_goes_on_as_planned(keys: dict[str, Any], at: int, tmp_path: Path) -> None:
    planned = schedule(steps_per_epoch=3, **keys)
    saves: dict[str, Any] = {"save_strategy": "steps", "save_steps": 2}
    used, _ = train(planned, tmp_path, **saves)
    again, _ = train(planned, tmp_path, resume=str(tmp_path / f"checkpoint-{at}"), **saves)
    assert len(used) == 9
    assert again == used[at:]


def test_lrviz_reads_a_checkpoint_in_the_middle_of_an_interval(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yaml"
    file.write_text(
        "{epochs: 3, steps_per_epoch: 3, interval: 3 steps, optimizer: {lr: 0.1}, expect: {at: {end: 0.0125}}, "
        "scheduler: {type: StepLR, step_size: 1, gamma: 0.5}}"
    )
    planned = lrviz.load(file).only
    train(planned, tmp_path, save_strategy="steps", save_steps=4)
    saved = tmp_path / "checkpoint-4"
    done = checked(file, saved)
    assert done.stdout.startswith(f"{saved}: holds: the checkpoint is at call 1 of 3 (step 3, epoch 1), as planned")
    assert done.returncode == 0


# --- the guard ---------------------------------------------------------------------------------------------------


def hooks_of(trainer: Any) -> int:
    return len(trainer.optimizer.optimizer._optimizer_step_pre_hooks)


def test_the_guard_follows_and_writes_what_was_used(tmp_path: Path) -> None:
    log = str(tmp_path / "run.csv")
    planned = schedule(steps_per_epoch=3, interval="2 steps")
    used, trainer = train(planned, tmp_path, lrviz.huggingface.guard(planned, log=log))
    written = [float(line.split(",")[-1]) for line in Path(log).read_text().splitlines()[1:]]
    assert written == used == rates(every(2, lambda opt: StepLR(opt, 1, 0.5)), 3, 3)
    assert hooks_of(trainer) == 1, "the guard has taken its hook off"


def by_hand(planned: lrviz.Schedule, folder: Path, scheduler: Any, **given: Any) -> None:
    """Trains with a guard, and a scheduler that lrviz did not make."""
    from transformers import Trainer

    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    guard = lrviz.huggingface.guard(planned)
    args = arguments(folder, **given)
    Trainer(model, args, train_dataset=data(), optimizers=(optimizer, scheduler(optimizer)), callbacks=[guard]).train()


def test_the_guard_sees_a_scheduler_that_was_meant_for_epochs(tmp_path: Path) -> None:
    with pytest.raises(lrviz.DeviationError) as caught:
        by_hand(schedule(), tmp_path, lambda opt: StepLR(opt, 1, 0.5))
    assert caught.value.deviation.step == 1
    assert "after every step, not after every epoch" in str(caught.value)


def test_the_guard_knows_how_long_the_trainer_trains(tmp_path: Path) -> None:
    with pytest.raises(lrviz.ScheduleError) as caught:
        by_hand(schedule(steps=8), tmp_path, lambda opt: StepLR(opt, 1, 0.5))
    assert str(caught.value).startswith(f"num_train_epochs: error: 3 epochs are 9 steps; {SCHEDULE} has 8 steps\n")


@pytest.mark.parametrize("restore", [False, True])
def test_the_guard_of_a_resumed_run_knows_where_it_is(restore: bool, tmp_path: Path) -> None:
    planned = schedule(steps_per_epoch=3, interval="step")
    given: dict[str, Any] = {
        "save_strategy": "steps",
        "save_steps": 2,
        "restore_callback_states_from_checkpoint": restore,
    }
    log = tmp_path / "run.csv"
    used, _ = train(planned, tmp_path, lrviz.huggingface.guard(planned, log=str(log)), **given)
    saved = tmp_path / "checkpoint-4"
    again, _ = train(planned, tmp_path, lrviz.huggingface.guard(planned, log=str(log)), resume=str(saved), **given)
    assert again == used[4:]
    steps = [int(line.split(",")[0]) for line in log.read_text().splitlines()[1:]]
    assert steps == [*range(9), *range(4, 9)]

    state = json.loads((saved / "trainer_state.json").read_text())
    assert state["stateful_callbacks"]["LrvizGuard"]["attributes"]["place"]["step"] == 4
    optimizer = torch.load(saved / "optimizer.pt")
    optimizer["param_groups"][0]["lr"] = 0.1
    torch.save(optimizer, saved / "optimizer.pt")
    with pytest.raises(lrviz.DeviationError, match="left its plan at step 4"):
        train(planned, tmp_path, lrviz.huggingface.guard(planned), resume=str(saved), **given)


def test_the_guard_of_a_checkpoint_without_one_begins_at_its_step(tmp_path: Path) -> None:
    planned = schedule(steps_per_epoch=3, interval="step")
    saves: dict[str, Any] = {"save_strategy": "steps", "save_steps": 2}
    used, _ = train(planned, tmp_path, **saves)
    again, _ = train(
        planned, tmp_path, lrviz.huggingface.guard(planned), resume=str(tmp_path / "checkpoint-4"), **saves
    )
    assert again == used[4:]


def test_a_plateau_goes_on_where_it_was(tmp_path: Path) -> None:
    planned = schedule(epochs=4, scheduler=PLATEAU, metric="1.0")
    given: dict[str, Any] = {
        "num_train_epochs": 4,
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "metric_for_best_model": "loss",
    }
    used, _ = train(planned, tmp_path, **given)
    again, _ = train(planned, tmp_path, resume=str(tmp_path / "checkpoint-6"), **given)
    assert again == used[6:] == [0.05] * 3 + [0.025] * 3


# --- contradictions ----------------------------------------------------------------------------------------------


def test_a_schedule_that_is_called_once_an_epoch_gets_the_line_to_write(tmp_path: Path) -> None:
    message = (
        f"schedule: error: the Trainer calls scheduler.step() after every optimizer step; {SCHEDULE} is called after"
    )
    assert errors(schedule(), tmp_path) == [
        f"{message} every epoch\n  hint: write `interval: 3 steps` and `steps_per_epoch: 3`"
    ]
    assert errors(schedule(steps_per_epoch=3), tmp_path) == [
        f"{message} every epoch\n  hint: write `interval: 3 steps`"
    ]
    assert errors(schedule(interval="2 epochs", steps_per_epoch=3), tmp_path) == [
        f"{message} every 2 epochs\n  hint: write `interval: 6 steps`"
    ]
    assert errors(schedule(), tmp_path, with_data=False) == [
        f"{message} every epoch\n"
        "  hint: write `interval: 500 steps` and `steps_per_epoch: 500`, with the optimizer steps of an epoch"
    ]
    written = schedule(interval="3 steps", steps_per_epoch=3)
    used, _ = train(written, tmp_path)
    assert used == rates(lambda opt: StepLR(opt, 1, 0.5), 3, 3, per="epoch")


def test_every_contradiction_is_told_at_once(tmp_path: Path) -> None:
    planned = schedule(
        epochs=5, data={"samples": SAMPLES, "batch_size": 4, "accumulate": 2, "devices": 8}, interval="step"
    )
    assert errors(planned, tmp_path) == [
        f"gradient_accumulation_steps: error: it is 4; {SCHEDULE} has `accumulate: 2`\n"
        "  hint: TrainingArguments(gradient_accumulation_steps=2), or `accumulate: 4` under `data` in the file",
        f"devices: error: the training has 1 device; {SCHEDULE} has `devices: 8`\n"
        "  hint: train on 8, or `devices: 1` under `data` in the file",
        f"per_device_train_batch_size: error: it is 2; {SCHEDULE} has `batch_size: 4`\n"
        "  hint: TrainingArguments(per_device_train_batch_size=4), or `batch_size: 2` under `data` in the file",
        f"train_dataset: error: 11 batches, 4 to a step, are 3 steps an epoch; {SCHEDULE} has 1 step an epoch\n"
        "  hint: correct `data` in the file: samples, batch_size, devices, accumulate, drop_last",
    ]


@pytest.mark.parametrize(
    ("keys", "given", "error"),
    [
        (
            {"interval": "step", "steps_per_epoch": 3},
            {"num_train_epochs": 2},
            "num_train_epochs: error: 2 epochs are 6 steps; SCHEDULE has 9 steps\n"
            "  hint: TrainingArguments(num_train_epochs=3), or lrviz.load(..., epochs=2)",
        ),
        (
            {"interval": "step", "steps_per_epoch": 3},
            {"max_steps": 4},
            "max_steps: error: it is 4; SCHEDULE has 9 steps\n"
            "  hint: TrainingArguments(max_steps=9), or lrviz.load(..., steps=4)",
        ),
        (
            {"steps": 9},
            {"num_train_epochs": 2.5},
            "num_train_epochs: error: 2.5 epochs are 8 steps; SCHEDULE has 9 steps\n"
            "  hint: TrainingArguments(max_steps=9), or lrviz.load(..., steps=8)",
        ),
    ],
)
def test_another_length_is_an_error(keys: dict[str, Any], given: dict[str, Any], error: str, tmp_path: Path) -> None:
    assert errors(schedule(**keys), tmp_path, **given) == [error.replace("SCHEDULE", SCHEDULE)]


def test_an_optimizer_that_contradicts_the_file_is_the_error_of_build(tmp_path: Path) -> None:
    (found,) = errors(schedule(steps=9), tmp_path, lr=0.2)
    assert found.startswith("optimizer: error: lr of param group 0 is 0.2; the file says 0.1\n")
    used, _ = train(schedule(steps=9), tmp_path, lr=0.2, override=True)
    assert used[0] == 0.1


def test_a_plateau_needs_evaluations_at_its_calls_and_a_metric(tmp_path: Path) -> None:
    planned = schedule(scheduler=PLATEAU, metric="1.0")
    assert errors(planned, tmp_path) == [
        f"metric_for_best_model: error: it is None, and the Trainer steps {SCHEDULE} with the metric that it names\n"
        '  hint: TrainingArguments(metric_for_best_model="eval_loss")',
        "eval_strategy: error: the Trainer steps a ReduceLROnPlateau after every evaluation; "
        f"{SCHEDULE} is called after every epoch\n"
        '  hint: TrainingArguments(eval_strategy="epoch")',
    ]
    planned = schedule(steps=9, interval="2 steps", scheduler=PLATEAU, metric="1.0")
    given: dict[str, Any] = {"eval_strategy": "steps", "eval_steps": 3, "metric_for_best_model": "loss"}
    (found,) = errors(planned, tmp_path, **given)
    assert found.endswith('every 2 steps\n  hint: TrainingArguments(eval_strategy="steps", eval_steps=2)')
    planned = schedule(interval="2 epochs", scheduler=PLATEAU, metric="1.0")
    (found,) = errors(planned, tmp_path, **given)
    assert found.endswith('every 2 epochs\n  hint: TrainingArguments(eval_strategy="steps", eval_steps=6)')
    used, _ = train(planned, tmp_path, **{**given, "eval_steps": 6})
    assert used == [0.1] * 9


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page, in a folder with its files."""
    made = Page("huggingface.md")
    made.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


def test_the_program_of_the_page_trains_as_planned(page: Page) -> None:
    def planned(opt: Any) -> Any:
        cosine = CosineAnnealingLR(opt, 9, eta_min=1e-5)
        return SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=3), cosine], milestones=[3])

    assert page.run("train.py") == rates(planned, 4, 3, lr=3e-3)
    check = [sys.executable, "-m", "lrviz", "check", "schedule.yaml", "--run", "run.csv"]
    assert subprocess.run(check, check=False).returncode == 0


def test_the_arguments_of_the_trainer_are_what_trains(page: Page) -> None:
    from transformers import get_cosine_schedule_with_warmup

    planned = rates(lambda opt: get_cosine_schedule_with_warmup(opt, 2, 12), 4, 3, lr=1e-3)
    assert page.run("args.py") == planned


def test_the_error_of_the_page_is_what_optimizers_says(page: Page, golden: Golden) -> None:
    Path("epochs.yaml").write_text("{epochs: 3, optimizer: {lr: 0.1}, scheduler: {type: StepLR, step_size: 1}}")
    with pytest.raises(lrviz.ScheduleError) as caught:
        train(lrviz.load("epochs.yaml").only, Path("out"))
    golden.same_part(DOCS / "huggingface.md", f"{caught.value}\n", "```text\n", "```\n")
