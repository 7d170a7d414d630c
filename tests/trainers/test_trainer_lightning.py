"""PyTorch Lightning for real: small models, a few epochs, and the learning rate of every optimizer step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.golden import Golden
from helpers.installed import needs
from plain_loop import every, rates
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LinearLR, OneCycleLR, SequentialLR, StepLR
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from trainer_page import DOCS, Page, checked

import lrviz

pytestmark = [
    needs("lightning"),
    # what Lightning says of itself, by its texts: a category would be imported where Lightning is missing
    pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch ended"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec"),
]

BATCHES = 11
"""Of 2 samples, the last of 1: with 4 to a step, an epoch has 2 whole steps and one of 3 batches."""


def loader() -> DataLoader[Any]:
    torch.manual_seed(0)
    return DataLoader(TensorDataset(torch.randn(2 * BATCHES - 1, 4)), batch_size=2)


def schedule(**keys: Any) -> lrviz.Schedule:
    base = {"optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 1, "gamma": 0.5}}
    length = {} if "steps" in keys else {"epochs": 3}
    return lrviz.load({**length, **base, **keys}).only


def fit(
    planned: lrviz.Schedule,
    *callbacks: Any,
    data: Any = None,
    ckpt: str | None = None,
    lr: float = 0.1,
    prepare: Callable[[Any], None] = lambda module: None,
    configure: dict[str, Any] | None = None,
    by_hand: Callable[[Any], Any] | None = None,
    **trainer: Any,
) -> tuple[list[float], Any]:
    """The learning rate of every optimizer step of a training, and the trainer."""
    import lightning.pytorch as pl

    used: list[float] = []

    class Module(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.layer(batch[0]).pow(2).mean()
            self.log("loss", loss, prog_bar=False)
            return loss

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.SGD(self.parameters(), lr=lr)
            optimizer.register_step_pre_hook(lambda *_: used.append(optimizer.param_groups[0]["lr"]))
            if by_hand is not None:
                return {"optimizer": optimizer, "lr_scheduler": by_hand(optimizer)}
            return lrviz.lightning.configure(optimizer, planned, self.trainer, **(configure or {}))

    module = Module()
    prepare(module)
    made = pl.Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=any(hasattr(each, "save_last") for each in callbacks),
        callbacks=[*callbacks],
        **trainer,
    )
    made.fit(module, loader() if data is None else data, ckpt_path=ckpt)
    return used, made


def errors(planned: lrviz.Schedule, **given: Any) -> list[str]:
    with pytest.raises(lrviz.ScheduleError) as caught:
        fit(planned, **given)
    return [str(each) for each in caught.value.problems]


# --- on plan -----------------------------------------------------------------------------------------------------


def test_once_an_epoch() -> None:
    used, _ = fit(schedule(), max_epochs=3)
    assert used == rates(lambda opt: StepLR(opt, 1, 0.5), 3, 11, per="epoch")


def test_once_a_step_with_accumulation_and_a_rest_of_batches() -> None:
    planned = schedule(
        data={"samples": 21, "batch_size": 2, "accumulate": 4}, interval="step", scheduler={"type": "CosineAnnealingLR"}
    )
    used, trainer = fit(planned, max_epochs=3, accumulate_grad_batches=4)
    assert used == rates(lambda opt: CosineAnnealingLR(opt, 9), 3, 3)
    (config,) = trainer.lr_scheduler_configs
    assert (config.interval, config.frequency, type(config.scheduler)) == ("step", 1, CosineAnnealingLR)


def test_a_length_in_steps_that_ends_inside_of_an_epoch() -> None:
    planned = schedule(steps=25, scheduler={"type": "OneCycleLR", "max_lr": 0.3, "total_steps": 26})
    used, _ = fit(planned, max_steps=25)
    assert used == rates(lambda opt: OneCycleLR(opt, 0.3, 26), 1, 25)


@pytest.mark.parametrize(
    ("steps", "accumulate", "frequency"),
    [
        pytest.param(11, 1, 11, id="the batches of an epoch are a multiple"),
        pytest.param(2, 1, None, id="a call in the middle of every other epoch is lost by `frequency`"),
        pytest.param(2, 4, None, id="`frequency` counts batches, and the rest of an epoch makes a step"),
    ],
)
def test_every_so_many_steps(steps: int, accumulate: int, frequency: int | None) -> None:
    planned = schedule(steps_per_epoch=-(-BATCHES // accumulate), interval=f"{steps} steps")
    used, trainer = fit(planned, max_epochs=3, accumulate_grad_batches=accumulate)
    assert used == rates(every(steps, lambda opt: StepLR(opt, 1, 0.5)), 3, -(-BATCHES // accumulate))
    (config,) = trainer.lr_scheduler_configs
    assert config.frequency == (frequency or 1)


def test_every_so_many_steps_with_accumulation_and_no_rest() -> None:
    twelve = DataLoader(TensorDataset(torch.randn(24, 4)), batch_size=2)
    planned = schedule(steps_per_epoch=6, interval="3 steps")
    used, trainer = fit(planned, data=twelve, max_epochs=3, accumulate_grad_batches=2)
    assert used == rates(every(3, lambda opt: StepLR(opt, 1, 0.5)), 3, 6)
    assert trainer.lr_scheduler_configs[0].frequency == 6, "of batches"


def test_every_other_epoch() -> None:
    used, trainer = fit(schedule(epochs=5, interval="2 epochs"), max_epochs=5)
    assert used == rates(every(2, lambda opt: StepLR(opt, 1, 0.5)), 5, BATCHES, per="epoch")
    assert trainer.lr_scheduler_configs[0].frequency == 2


def test_phases() -> None:
    planned = schedule(
        steps_per_epoch=BATCHES,
        interval="step",
        scheduler=[
            {"type": "LinearLR", "start_factor": 0.1, "for": "5 steps"},
            {"type": "ExponentialLR", "gamma": 0.9},
        ],
    )
    used, _ = fit(planned, max_epochs=3)

    def sequential(opt: Any) -> Any:
        return SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=5), ExponentialLR(opt, 0.9)], milestones=[5])

    assert used == rates(sequential, 3, BATCHES)


PLATEAU = {"type": "ReduceLROnPlateau", "factor": 0.5, "patience": 0, "threshold": 1e9, "threshold_mode": "abs"}
"""Lowers the learning rate at every call but the first, whatever the metric."""


def test_a_plateau_gets_what_the_model_logs() -> None:
    planned = schedule(epochs=4, scheduler=PLATEAU, metric="1.0")
    used, trainer = fit(planned, max_epochs=4, configure={"monitor": "loss"})
    assert used == [lr for lr in (0.1, 0.1, 0.05, 0.025) for _ in range(BATCHES)]
    assert trainer.lr_scheduler_configs[0].monitor == "loss"


def test_no_scheduler() -> None:
    used, _ = fit(schedule(scheduler="none"), max_epochs=3)
    assert used == [0.1] * 3 * BATCHES


def test_data_without_a_length() -> None:
    class Endless(IterableDataset[Any]):
        def __iter__(self) -> Any:
            return iter(torch.ones(100, 1, 4))

    planned = schedule(steps=25, scheduler={"type": "CosineAnnealingLR"})
    used, _ = fit(planned, data=DataLoader(Endless(), batch_size=None), max_steps=25)
    assert used == rates(lambda opt: CosineAnnealingLR(opt, 25), 1, 25)


# --- a checkpoint ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [{"every_n_train_steps": 4}, {"every_n_epochs": 2}], ids=["inside", "at the end"])
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="once an epoch"),
        pytest.param({"interval": "step", "scheduler": {"type": "OneCycleLR", "max_lr": 0.3}}, id="once a step"),
        pytest.param({"interval": "2 steps"}, id="every other step"),
    ],
)
def test_a_checkpoint_goes_on_as_planned(keys: dict[str, Any], save: dict[str, int], tmp_path: Path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    planned = schedule(steps_per_epoch=3, **keys)
    keep = [ModelCheckpoint(tmp_path, filename="{step}", save_top_k=-1, **save) for _ in range(2)]
    used, _ = fit(planned, keep[0], max_epochs=3, accumulate_grad_batches=4)
    at = 4 if "every_n_train_steps" in save else 6
    again, _ = fit(planned, keep[1], ckpt=f"{tmp_path}/step={at}.ckpt", max_epochs=3, accumulate_grad_batches=4)
    assert len(used) == 9
    assert again == used[at:]


def test_lightning_loses_a_call_of_a_plateau_at_the_seam(tmp_path: Path) -> None:
    """As the page says; if this fails, Lightning has mended it."""
    from lightning.pytorch.callbacks import ModelCheckpoint

    planned = schedule(epochs=4, scheduler=PLATEAU, metric="1.0")
    given: dict[str, Any] = {"max_epochs": 4, "configure": {"monitor": "loss"}}
    keep = [ModelCheckpoint(tmp_path, filename="{epoch}", save_top_k=-1) for _ in range(2)]
    used, _ = fit(planned, keep[0], **given)
    again, _ = fit(planned, keep[1], ckpt=f"{tmp_path}/epoch=1.ckpt", **given)
    assert used[2 * BATCHES :: BATCHES] == [0.05, 0.025]
    assert again[::BATCHES] == [0.1, 0.05]


def test_lrviz_reads_a_checkpoint_in_the_middle_of_an_interval(tmp_path: Path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    file = tmp_path / "schedule.yaml"
    file.write_text(
        "{epochs: 3, steps_per_epoch: 3, interval: 3 steps, optimizer: {lr: 0.1}, expect: {at: {end: 0.0125}}, "
        "scheduler: {type: StepLR, step_size: 1, gamma: 0.5}}"
    )
    planned = lrviz.load(file).only
    kept = ModelCheckpoint(tmp_path, filename="{step}", save_top_k=-1, every_n_train_steps=4)
    fit(planned, kept, max_epochs=3, accumulate_grad_batches=4)
    saved = tmp_path / "step=4.ckpt"
    done = checked(file, saved)
    assert done.stdout.startswith(f"{saved}: holds: the checkpoint is at call 1 of 3 (step 3, epoch 1), as planned")
    assert done.returncode == 0


# --- the guard ---------------------------------------------------------------------------------------------------


def test_the_guard_follows_and_writes_what_was_used(tmp_path: Path) -> None:
    log = str(tmp_path / "run.csv")
    planned = schedule(steps_per_epoch=3, interval="2 steps")
    used, trainer = fit(planned, lrviz.lightning.guard(planned, log=log), max_epochs=3, accumulate_grad_batches=4)
    written = [float(line.split(",")[-1]) for line in Path(log).read_text().splitlines()[1:]]
    assert written == used == rates(every(2, lambda opt: StepLR(opt, 1, 0.5)), 3, 3)
    assert len(trainer.optimizers[0]._optimizer_step_pre_hooks) == 1, "the guard has taken its hook off"


def test_the_guard_knows_the_steps_of_an_epoch() -> None:
    planned = schedule()
    used, _ = fit(planned, lrviz.lightning.guard(planned), max_epochs=3, accumulate_grad_batches=4)
    assert used == rates(lambda opt: StepLR(opt, 1, 0.5), 3, 3, per="epoch")


@pytest.mark.parametrize(
    ("frequency", "step", "cause"),
    [
        ({}, 1, "after every epoch"),
        ({"interval": "step", "frequency": 3}, 3, "never called"),
    ],
)
def test_the_guard_sees_what_lightning_makes_of_a_dictionary(frequency: dict[str, Any], step: int, cause: str) -> None:
    planned = schedule(steps_per_epoch=3, interval="3 steps" if frequency else "step")
    made: list[Any] = []

    def by_hand(optimizer: Any) -> dict[str, Any]:
        made.append(optimizer)
        return {"scheduler": StepLR(optimizer, 1, 0.5), **frequency}

    with pytest.raises(lrviz.DeviationError) as caught:
        fit(planned, lrviz.lightning.guard(planned), by_hand=by_hand, max_epochs=3, accumulate_grad_batches=4)
    assert caught.value.deviation.step == step
    assert cause in str(caught.value)
    assert len(made[0]._optimizer_step_pre_hooks) == 1, "the guard has taken its hook off"


def test_the_guard_warns_and_goes_on() -> None:
    planned = schedule(steps_per_epoch=11, interval="step")
    with pytest.warns(lrviz.DeviationWarning, match="left its plan at step 1"):
        used, _ = fit(
            planned, lrviz.lightning.guard(planned, on="warn"), by_hand=lambda opt: StepLR(opt, 1, 0.5), max_epochs=3
        )
    assert len(used) == 33


@pytest.mark.parametrize("keys", [{}, {"interval": "step"}], ids=["epoch", "step"])
def test_the_guard_knows_of_steps_that_mixed_precision_skips(keys: dict[str, Any]) -> None:
    """Lightning calls the scheduler after a skipped step as after any other."""
    from lightning.pytorch.plugins import MixedPrecision

    precision = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=1.0))
    planned = schedule(steps_per_epoch=11, **keys)

    def overflows(module: Any) -> None:
        module.layer.weight.register_hook(lambda grad: grad * float("inf") if module.global_step == 5 else grad)

    used, _ = fit(planned, lrviz.lightning.guard(planned), prepare=overflows, plugins=[precision], max_epochs=3)
    planned_rates = rates(lambda opt: StepLR(opt, 1, 0.5), 3, 11, per=planned.interval)
    assert used == planned_rates[:5] + planned_rates[6:]
    assert len(used) == 32


def test_the_guard_of_a_resumed_run_knows_where_it_is(tmp_path: Path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    planned = schedule(steps_per_epoch=3, interval="step")

    log = tmp_path / "run.csv"

    def callbacks() -> list[Any]:
        kept = ModelCheckpoint(tmp_path, filename="{step}", save_top_k=-1, every_n_train_steps=4)
        return [kept, lrviz.lightning.guard(planned, log=str(log))]

    used, _ = fit(planned, *callbacks(), max_epochs=3, accumulate_grad_batches=4)
    saved = tmp_path / "step=4.ckpt"
    again, _ = fit(planned, *callbacks(), ckpt=str(saved), max_epochs=3, accumulate_grad_batches=4)
    assert again == used[4:]
    steps = [int(line.split(",")[0]) for line in log.read_text().splitlines()[1:]]
    assert steps == [*range(9), *range(4, 9)]

    state = torch.load(saved, weights_only=False)
    assert state["callbacks"]["LrvizGuard"]["step"] == 4
    state["optimizer_states"][0]["param_groups"][0]["lr"] = 0.1
    torch.save(state, saved)
    with pytest.raises(lrviz.DeviationError, match="left its plan at step 4"):
        fit(planned, *callbacks(), ckpt=str(saved), max_epochs=3, accumulate_grad_batches=4)


def test_the_guard_of_a_checkpoint_without_one_begins_at_its_step(tmp_path: Path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    planned = schedule(steps_per_epoch=3, interval="step")
    kept = [ModelCheckpoint(tmp_path, filename="{step}", save_top_k=-1, every_n_train_steps=4) for _ in range(2)]
    used, _ = fit(planned, kept[0], max_epochs=3, accumulate_grad_batches=4)
    more: dict[str, Any] = {"ckpt": f"{tmp_path}/step=4.ckpt", "max_epochs": 3, "accumulate_grad_batches": 4}
    again, _ = fit(planned, kept[1], lrviz.lightning.guard(planned), **more)
    assert again == used[4:]


# --- contradictions ----------------------------------------------------------------------------------------------

SCHEDULE = "schedule 'schedule' of <schedule>"


def test_every_contradiction_is_told_at_once() -> None:
    planned = schedule(epochs=5, data={"samples": 21, "batch_size": 2, "accumulate": 2, "devices": 2}, interval="step")
    assert errors(planned, max_epochs=3, accumulate_grad_batches=4) == [
        f"accumulate_grad_batches: error: it is 4; {SCHEDULE} has `accumulate: 2`\n"
        "  hint: Trainer(accumulate_grad_batches=2), or `accumulate: 4` under `data` in the file",
        f"devices: error: the training has 1 device; {SCHEDULE} has `devices: 2`\n"
        "  hint: train on 2, or `devices: 1` under `data` in the file",
        f"max_epochs: error: 3 epochs are 9 steps; {SCHEDULE} has 15 steps\n"
        "  hint: Trainer(max_epochs=5), or lrviz.load(..., epochs=3)",
    ]


def test_the_length_of_an_epoch_is_that_of_the_loader() -> None:
    assert errors(schedule(steps_per_epoch=11, interval="step"), max_epochs=3, accumulate_grad_batches=4) == [
        f"train_dataloader: error: 11 batches, 4 to a step, are 3 steps an epoch; {SCHEDULE} has 11 steps an epoch\n"
        "  hint: correct the file, or lrviz.load(..., set={'steps_per_epoch': 3})"
    ]


@pytest.mark.parametrize(
    ("keys", "trainer", "error"),
    [
        ({}, {"max_epochs": 2}, "max_epochs: error: 2 epochs are 22 steps; SCHEDULE has 33 steps"),
        ({}, {"max_epochs": 3, "max_steps": 9}, "max_steps: error: it is 9; SCHEDULE has 33 steps"),
        ({"steps": 25}, {"max_steps": 20}, "max_steps: error: it is 20; SCHEDULE has 25 steps"),
        ({"steps": 25}, {"max_epochs": 2}, "max_epochs: error: 2 epochs are 22 steps; SCHEDULE has 25 steps"),
    ],
)
def test_another_length_is_an_error(keys: dict[str, Any], trainer: dict[str, Any], error: str) -> None:
    (found,) = errors(schedule(**keys), **trainer)
    assert found.splitlines()[0] == error.replace("SCHEDULE", SCHEDULE)


def test_an_optimizer_that_contradicts_the_file_is_the_error_of_build() -> None:
    assert errors(schedule(), lr=0.2, max_epochs=3) == [
        "optimizer: error: lr of param group 0 is 0.2; the file says 0.1\n  hint: override=True sets the file's value"
    ]
    used, _ = fit(schedule(), lr=0.2, max_epochs=3, configure={"override": True})
    assert used[0] == 0.1


def test_a_metric_without_a_monitor_and_a_monitor_without_a_metric() -> None:
    (found,) = errors(schedule(scheduler=PLATEAU, metric="1.0"), max_epochs=3)
    assert found == (
        f"monitor: error: {SCHEDULE} needs a metric\n"
        '  hint: monitor="val_loss", which the model logs with self.log("val_loss", loss)'
    )
    (found,) = errors(schedule(), max_epochs=3, configure={"monitor": "loss"})
    assert found == f"monitor: error: {SCHEDULE} takes no metric (got 'loss')\n  hint: leave it out"


def test_a_plateau_that_lightning_cannot_call_in_time() -> None:
    planned = schedule(steps_per_epoch=11, interval="2 steps", scheduler=PLATEAU, metric="1.0")
    (found,) = errors(planned, max_epochs=3, configure={"monitor": "loss"})
    assert found == (
        f"monitor: error: Lightning would read it after every step; {SCHEDULE} is called after every 2\n"
        "  hint: call it after every epoch: `interval: epoch`"
    )


def test_manual_optimization_calls_no_scheduler() -> None:
    def manual(module: Any) -> None:
        module.automatic_optimization = False

    (found,) = errors(schedule(), max_epochs=3, prepare=manual)
    assert found.startswith("automatic_optimization: error: it is False, so Lightning calls no scheduler\n")


@pytest.mark.parametrize("length", [{}, {"steps_per_epoch": 500}], ids=["epochs", "steps"])
def test_a_quick_run_for_debugging_has_another_length(length: dict[str, int]) -> None:
    planned = schedule(epochs=90, **length)
    used, _ = fit(planned, lrviz.lightning.guard(planned), fast_dev_run=2)
    assert used == [0.1, 0.1]


def test_an_accumulation_that_changes_is_not_held_against_the_file() -> None:
    from lightning.pytorch.callbacks import GradientAccumulationScheduler

    planned = schedule(steps=11 + 6 + 6, interval="step")
    used, _ = fit(planned, GradientAccumulationScheduler({1: 2}), max_epochs=3)
    assert used == rates(lambda opt: StepLR(opt, 1, 0.5), 1, 23)


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page, in a folder with its files."""
    made = Page("lightning.md")
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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of jsonargparse, in LightningCLI
def test_the_config_of_lightning_cli_is_what_trains(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["cli.py", "fit", "--config", "config.yaml"])
    assert page.run("cli.py") == rates(lambda opt: StepLR(opt, 1, 0.5), 4, BATCHES, per="epoch")


def test_the_error_of_the_page_is_what_configure_says(page: Page, golden: Golden) -> None:
    planned = lrviz.load("schedule.yaml").only
    with pytest.raises(lrviz.ScheduleError) as caught:
        fit(planned, max_epochs=4, accumulate_grad_batches=2)
    golden.same_part(DOCS / "lightning.md", f"{caught.value}\n", "```text\n", "```\n")
