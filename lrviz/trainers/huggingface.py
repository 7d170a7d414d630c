"""Hugging Face transformers from 4.52 on, as `lrviz.huggingface`: the pair that a `Trainer` takes, and a guard.

The Trainer calls the scheduler after every optimizer step, whatever its unit; a ReduceLROnPlateau after every
evaluation, with the metric that `metric_for_best_model` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.library.guarded import guard as guarded
from lrviz.library.schedules import Schedule, given_schedule
from lrviz.trainers.paced import paced
from lrviz.trainers.trained import Names, Trained


def optimizers(
    optimizer: Any, schedule: Schedule, args: Any, *, train_dataset: Any = None, override: bool = False
) -> tuple[Any, Any]:
    """What a `Trainer` takes as `optimizers`: the optimizer, and the scheduler of the schedule on it:

        args = TrainingArguments(...)
        pair = lrviz.huggingface.optimizers(optimizer, schedule, args, train_dataset=dataset)
        trainer = Trainer(model, args, train_dataset=dataset, optimizers=pair)

    - `args`: the `TrainingArguments`. Their `learning_rate`, `lr_scheduler_type` and `warmup_steps` say nothing, as for
      every optimizer that is made outside of the Trainer.
    - `train_dataset`: says how many steps an epoch has.
    - `override`: as of `Schedule.build`.

    Raises `ScheduleError` for a schedule that is called once an epoch, and for everything in which the arguments, the
    data set and the optimizer contradict the file.
    """
    schedule = given_schedule(schedule)
    trained = _trained(args, _batches(args, train_dataset))
    problems = [*_refused(schedule, args, trained), *trained.contradictions(schedule._schedule)]
    if problems:
        raise ScheduleError(problems)
    scheduler = schedule.build(optimizer, override=override)
    return optimizer, scheduler if schedule.takes_metric else paced(scheduler, schedule.every)


def guard(schedule: Schedule, *, on: Literal["raise", "warn", "record"] = "raise", log: str | None = None) -> Any:
    """A callback that compares the learning rate with the plan at every optimizer step, as `lrviz.guard` does:

        trainer = Trainer(model, args, callbacks=[lrviz.huggingface.guard(schedule)], ...)

    It guards the Trainer's own schedulers too. When the training begins, it raises `ScheduleError` where its length,
    which the Trainer then knows, contradicts the file.
    """
    return _callback(given_schedule(schedule), on, log)


# --- what the arguments say --------------------------------------------------------------------------------------

_NAMES = Names(
    "TrainingArguments",
    "gradient_accumulation_steps",
    "per_device_train_batch_size",
    "train_dataset",
    "num_train_epochs",
)


def _trained(args: Any, batches: int | None) -> Trained:
    return Trained(
        _NAMES,
        accumulate=args.gradient_accumulation_steps,
        devices=args.world_size * max(1, args.n_gpu),
        batch_size=args.per_device_train_batch_size,
        batches=batches,
        epochs=args.num_train_epochs if args.max_steps <= 0 else None,
        max_steps=args.max_steps if args.max_steps > 0 else None,
    )


def _batches(args: Any, train_dataset: Any) -> int | None:
    """The batches of a process in an epoch, as the Trainer's loader makes them; None for data without a length."""
    samples = _length(train_dataset)
    if samples is None:
        return None
    whole, rest = divmod(samples, int(args.train_batch_size * args.world_size))
    return whole if args.dataloader_drop_last else whole + (rest > 0)


def _length(data: Any) -> int | None:
    try:
        length: int = len(data)
        return length
    except TypeError:
        return None


# --- what the Trainer cannot do ----------------------------------------------------------------------------------


def _refused(schedule: Schedule, args: Any, trained: Trained) -> Iterator[Problem]:
    per_epoch = schedule._schedule.run.steps_per_epoch or trained.steps_per_epoch
    if schedule.takes_metric:
        yield from _refused_plateau(schedule, args, per_epoch)
    elif schedule.interval == "epoch":
        yield Problem(
            Position("schedule"),
            f"the Trainer calls scheduler.step() after every optimizer step; {_named(schedule)} is called after every "
            f"{_interval(schedule)}",
            _in_steps(schedule, per_epoch),
        )


def _in_steps(schedule: Schedule, per_epoch: int | None) -> str:
    """The lines of the file with which the scheduler counts steps, and the curve stays the same."""
    if per_epoch is None:
        return "write `interval: 500 steps` and `steps_per_epoch: 500`, with the optimizer steps of an epoch"
    lines = f"write `interval: {schedule.every * per_epoch} steps`"
    return lines if schedule._schedule.run.steps_per_epoch else f"{lines} and `steps_per_epoch: {per_epoch}`"


def _refused_plateau(schedule: Schedule, args: Any, per_epoch: int | None) -> Iterator[Problem]:
    if getattr(schedule._schedule.scheduler, "type", None) != "ReduceLROnPlateau":
        yield Problem(
            Position("schedule"),
            f"the Trainer passes a metric to a ReduceLROnPlateau only; {_named(schedule)} has one inside of another",
            "train with a loop of your own",
        )
        return
    if args.metric_for_best_model is None:
        yield Problem(
            Position("metric_for_best_model"),
            f"it is None, and the Trainer steps {_named(schedule)} with the metric that it names",
            'TrainingArguments(metric_for_best_model="eval_loss")',
        )
    if schedule.interval == "epoch" and schedule.every == 1:
        fits, want = args.eval_strategy == "epoch", 'eval_strategy="epoch"'
    else:
        steps = schedule.every * (1 if schedule.interval == "step" else per_epoch or 0)
        fits = args.eval_strategy == "steps" and args.eval_steps == steps
        want = f'eval_strategy="steps", eval_steps={steps or "..."}'
    if not fits:
        yield Problem(
            Position("eval_strategy"),
            f"the Trainer steps a ReduceLROnPlateau after every evaluation; {_named(schedule)} is called after every "
            f"{_interval(schedule)}",
            f"TrainingArguments({want})",
        )


def _interval(schedule: Schedule) -> str:
    return schedule.interval if schedule.every == 1 else f"{schedule.every:,} {schedule.interval}s"


def _named(schedule: Schedule) -> str:
    return f"schedule {schedule.name!r} of {schedule._schedule.file}"


# --- the callback ------------------------------------------------------------------------------------------------


def _callback(schedule: Schedule, on: Literal["raise", "warn", "record"], log: str | None) -> Any:
    """A callback of a class of its own: the Trainer may make another one, without arguments, and give it the state."""
    from transformers.trainer_callback import ExportableState, TrainerCallback

    own = {"schedule": schedule, "on": on, "log": log, "__module__": __name__}
    return type("LrvizGuard", (_Guard, TrainerCallback, ExportableState), own)()


class _Guard:
    """Guards the optimizer while the Trainer trains it; its state is in `trainer_state.json`."""

    schedule: Schedule
    on: Literal["raise", "warn", "record"]
    log: str | None
    place: Mapping[str, Any] | None = None
    _guard: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begins when the optimizer and the scheduler have the state of a checkpoint."""
        self._end()
        trained = _trained(args, _length(kwargs["train_dataloader"]))
        problems = list(trained.contradictions(self.schedule._schedule))
        if problems:
            raise ScheduleError(problems)
        # the Trainer stops at its next checkpoint if the one it resumed from had no such callback
        kept = state.stateful_callbacks.setdefault(type(self).__name__, self.state())
        place = kept.get("attributes", {}).get("place") if isinstance(kept, dict) and state.global_step else None
        optimizer = kwargs["optimizer"]
        self._guard = guarded(
            optimizer,
            self.schedule,
            on=self.on,
            steps_per_epoch=trained.steps_per_epoch,
            scaler=getattr(optimizer, "scaler", None),
            log=self.log if state.is_world_process_zero else None,
            at=state.global_step if place is None else None,
        )
        if place is not None:
            self._guard.load_state_dict(place)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._end()

    def state(self) -> dict[str, Any]:
        """What the Trainer writes into a checkpoint."""
        return {"args": {}, "attributes": {} if self._guard is None else {"place": self._guard.state_dict()}}

    def _end(self) -> None:
        if self._guard is not None:
            self._guard.remove()
        self._guard = None
