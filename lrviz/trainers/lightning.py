"""PyTorch Lightning, as `lrviz.lightning`: what `configure_optimizers` returns, and a callback that guards.

Lightning calls the scheduler after every `frequency` epochs; with the interval "step", after an optimizer step where
the number of *batches* since the epoch began is a multiple of `frequency`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, Literal

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.library.guarded import guard as guarded
from lrviz.library.schedules import Schedule, given_schedule
from lrviz.trainers.paced import paced
from lrviz.trainers.trained import Names, Trained
from lrviz.words import show


def configure(
    optimizer: Any, schedule: Schedule, trainer: Any, *, monitor: str | None = None, override: bool = False
) -> dict[str, Any]:
    """What `configure_optimizers` returns, for an optimizer whose scheduler is that of the schedule:

        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
            return lrviz.lightning.configure(optimizer, schedule, self.trainer)

    The scheduler is called as the schedule says, also where Lightning's `frequency` cannot say it.

    - `monitor`: for a ReduceLROnPlateau, the name under which the model logs its metric.
    - `override`: as of `Schedule.build`.

    Raises `ScheduleError` for everything in which trainer, data and optimizer contradict the file: `max_epochs`,
    `max_steps`, `accumulate_grad_batches`, the devices, the batches of an epoch. With `fast_dev_run` they do not count.
    """
    schedule = given_schedule(schedule)
    problems = list(_refused(schedule, trainer, monitor))
    trained = _trained(trainer)
    if not trainer.fast_dev_run:
        problems += trained.contradictions(schedule._schedule)
    frequency = _frequency(schedule, trained)
    if schedule.takes_metric and frequency is None:
        problems.append(
            Problem(
                Position("monitor"),
                f"Lightning would read it after every step; schedule {schedule.name!r} of {schedule._schedule.file} is "
                f"called after every {schedule.every}",
                "call it after every epoch: `interval: epoch`",
            )
        )
    if problems:
        raise ScheduleError(problems)
    scheduler = schedule.build(optimizer, override=override)
    called: dict[str, Any] = {
        "scheduler": paced(scheduler, schedule.every) if frequency is None else scheduler,
        "interval": schedule.interval,
        "frequency": frequency or 1,
    }
    if schedule.takes_metric:
        called |= {"monitor": monitor, "reduce_on_plateau": True}
    return {"optimizer": optimizer, "lr_scheduler": called}


def guard(schedule: Schedule, *, on: Literal["raise", "warn", "record"] = "raise", log: str | None = None) -> Any:
    """A callback that compares the learning rate with the plan at every optimizer step, as `lrviz.guard` does:

        trainer = Trainer(callbacks=[lrviz.lightning.guard(schedule)])

    It saves its place in the checkpoint, and goes on from there.
    """
    return _callback_class()(given_schedule(schedule), on, log)


# --- what the trainer says ---------------------------------------------------------------------------------------

_NAMES = Names("Trainer", "accumulate_grad_batches", "batch_size", "train_dataloader", "max_epochs")


def _trained(trainer: Any) -> Trained:
    """Loads the training data, as Lightning's own `estimated_stepping_batches` does."""
    if trainer.train_dataloader is None:
        trainer.fit_loop.setup_data()
    batches = trainer.num_training_batches
    changes = any(hasattr(each, "going_to_accumulate_grad_batches") for each in trainer.callbacks)
    return Trained(
        _NAMES,
        accumulate=None if changes else trainer.accumulate_grad_batches,
        devices=trainer.world_size,
        batch_size=None,
        batches=int(batches) if isfinite(batches) else None,
        epochs=trainer.max_epochs if trainer.max_epochs != -1 else None,
        max_steps=trainer.max_steps if trainer.max_steps != -1 else None,
    )


def _frequency(schedule: Schedule, trained: Trained) -> int | None:
    """Lightning's `frequency` for a schedule; None if there is none that is right in every epoch."""
    if schedule.interval == "epoch" or schedule.every == 1:
        return schedule.every
    if trained.batches is None or trained.accumulate is None:
        return None
    batches = schedule.every * trained.accumulate
    return batches if trained.batches % batches == 0 else None


def _refused(schedule: Schedule, trainer: Any, monitor: str | None) -> Iterator[Problem]:
    """What makes Lightning call no scheduler, or call it with the wrong arguments."""
    of = f"schedule {schedule.name!r} of {schedule._schedule.file}"
    if not trainer.lightning_module.automatic_optimization:
        yield Problem(
            Position("automatic_optimization"),
            "it is False, so Lightning calls no scheduler",
            "return the optimizer and schedule.build(optimizer), and call its step() in training_step",
        )
    if schedule.takes_metric and monitor is None:
        yield Problem(
            Position("monitor"),
            f"{of} needs a metric",
            'monitor="val_loss", which the model logs with self.log("val_loss", loss)',
        )
    if monitor is not None and not schedule.takes_metric:
        yield Problem(Position("monitor"), f"{of} takes no metric (got {show(monitor)})", "leave it out")


# --- the callback ------------------------------------------------------------------------------------------------


@cache
def _callback_class() -> type[Any]:
    """The callback as a subclass of Lightning's, which has all the hooks that it does not need.

    `lightning` and `pytorch_lightning` are the same program under two names; the one that is imported decides.
    """
    if "lightning.pytorch" in sys.modules or "pytorch_lightning" not in sys.modules:
        from lightning.pytorch import Callback
    else:
        from pytorch_lightning import Callback
    return type("LrvizGuard", (_Guard, Callback), {"__module__": __name__})


class _Guard:
    """Guards the optimizer while `fit` trains it."""

    def __init__(self, schedule: Schedule, on: Literal["raise", "warn", "record"], log: str | None) -> None:
        self._schedule, self._on = schedule, on
        self._file = log  # Lightning gives a callback a method `log`
        self._guard: Any = None
        self._saved: Mapping[str, Any] | None = None

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Begins when the optimizer and the scheduler have the state of a checkpoint."""
        per_epoch = _trained(trainer).steps_per_epoch
        known = self._schedule._schedule.run.steps_per_epoch is not None
        self._guard = guarded(
            trainer.optimizers[0],
            self._schedule,
            on=self._on,
            steps_per_epoch=per_epoch if not (trainer.fast_dev_run and known) else None,
            scaler=getattr(trainer.precision_plugin, "scaler", None),
            log=self._file if trainer.is_global_zero else None,
            at=None if self._saved is not None else trainer.global_step,
        )
        if self._saved is not None:
            self._guard.load_state_dict(self._saved)

    def teardown(self, trainer: Any, module: Any, stage: str) -> None:
        self._end()

    def on_exception(self, trainer: Any, module: Any, exception: BaseException) -> None:
        self._end()  # Lightning tears a training that failed down without its callbacks

    def _end(self) -> None:
        if self._guard is not None:
            self._guard.remove()
        self._guard = self._saved = None

    def state_dict(self) -> dict[str, Any]:
        return {} if self._guard is None else dict(self._guard.state_dict())

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self._saved = state_dict or None
