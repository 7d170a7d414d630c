"""The whole text of `lrviz code`: one function for each scheduler, with what it needs and what is to be known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.engine.backend import Engine
from lrviz.schedule.model import Optimizer, Phases, Schedule, Scheduler
from lrviz.training.code.equal import equal, holding
from lrviz.training.code.layout import WIDTH, lines
from lrviz.training.code.module import Module, function
from lrviz.training.code.optimizers import common_rate, write_optimizer
from lrviz.training.code.phases import parts_of, phased, sequential
from lrviz.training.code.proof import said_of
from lrviz.training.code.schedulers import Writer
from lrviz.training.code.texts import docstring, identifier, number, ordinal
from lrviz.words import counted, listed


@dataclass(frozen=True, slots=True)
class Subject:
    """A schedule with its curve; `name` is what the command calls it."""

    name: str
    schedule: Schedule
    curve: Curve


def code_of(subjects: Sequence[Subject], engine: Engine = "auto") -> str:
    """The text of a module with a function `make_scheduler` for a schedule, or one for each, named after it.

    Beside it stand the functions that make its optimizer and factors. Raises `ScheduleError` for a class of the user's
    that no line of Python can import.
    """
    module = Module()
    alone = len(subjects) == 1
    optimizers: list[tuple[Optimizer, str]] = []
    schedulers: list[Scheduler | Phases] = []
    for index, each in enumerate(subjects):
        part = "" if alone else identifier(each.name) or f"schedule_{index + 1}"
        optimizer = each.schedule.optimizer
        if not any(_same(known, optimizer) for known, _ in optimizers):
            name = module.names.new("_".join(filter(None, ["make", part if optimizers else "", "optimizer"])))
            write_optimizer(module, name, optimizer)
            optimizers.append((optimizer, name))
        made_by = next(name for known, name in optimizers if _same(known, optimizer))
        schedulers.append(_write_scheduler(module, each, part, _said(each, made_by, alone), engine))
    return module.text(_head([each.schedule for each in subjects], schedulers))


def _same(one: Optimizer, other: Optimizer) -> bool:
    return (one.type, one.options, one.groups) == (other.type, other.options, other.groups)


def _head(schedules: Sequence[Schedule], schedulers: Sequence[Scheduler | Phases]) -> list[str]:
    files = list(dict.fromkeys(each.file for each in schedules))
    what = "A learning-rate schedule" if len(schedules) == 1 else f"{len(schedules)} learning-rate schedules"
    proof = f"Proven with {said_of(schedulers)}: the code gives the learning rates that lrviz shows, to the last bit."
    return docstring([f"{what} for PyTorch, printed by `lrviz code`.", f"From {listed(files)}. {proof}"])


def _write_scheduler(
    module: Module, subject: Subject, part: str, said: Sequence[str], engine: Engine
) -> Scheduler | Phases:
    """Adds the function of a scheduler; returns what it makes."""
    schedule = subject.schedule
    writer = Writer(module, schedule.run, tuple(each.name for each in schedule.optimizer.groups), part)
    name = module.names.new("_".join(filter(None, ["make", part, "scheduler"])))
    spec, why = schedule.scheduler or holding(schedule.where), ""
    phases = spec if isinstance(spec, Phases) else None
    if phases is not None:
        same, why = equal(schedule, subject.curve, engine)
        spec = same or phases
    if isinstance(spec, Phases):
        doc, result = phased(writer, spec, parts_of(spec, subject.curve), name), module.use("lrviz", "PhasedLR")
    else:
        if phases is not None:
            doc = sequential(writer, phases, spec, parts_of(phases, subject.curve))
        else:
            doc = writer.scheduler(spec, schedule.run.every)
        plateau = spec.type == "ReduceLROnPlateau"
        result = writer.class_of(spec) if plateau else module.use("torch.optim.lr_scheduler", "LRScheduler")
    body = docstring(said, 4)
    body += [f"    # {line}" for line in textwrap.wrap(why, WIDTH - 6)]
    body += lines("return ", doc, indent=4)
    optimizer = module.use("torch.optim", "Optimizer")
    module.add(function(name, [f"optimizer: {optimizer}"], result, body))
    return spec


def _said(subject: Subject, optimizer: str, alone: bool) -> list[str]:
    """The docstring of a scheduler: its title and source, and when to call it."""
    schedule = subject.schedule
    place = "" if alone else f"The schedule {subject.name} of {schedule.file}."
    imported = "" if schedule.imported is None else str(schedule.imported)
    source = "" if schedule.source is None else f"Source: {schedule.source}"
    title = (schedule.title or "").strip() or imported or place or "The scheduler of the file"
    rest = [each for each in (source, imported, place) if each != title]
    end = "" if title.endswith((".", "?", "!")) else "."
    return [f"{title}{end}", *rest, f"{_when(schedule)} {_fits(schedule, optimizer)}"]


def _when(schedule: Schedule) -> str:
    run = schedule.run
    length = counted(run.epochs or run.steps or 0, "epoch" if run.epochs is not None else "step")
    if run.epochs is not None and run.steps_per_epoch:
        length += f" of {counted(run.steps_per_epoch, 'step')}"
    step = "scheduler.step(metric)" if _takes_metric(schedule) else "scheduler.step()"
    tick = "epoch" if run.interval == "epoch" else "optimizer step"
    often = f"after every {tick}" if run.every == 1 else f"after every {ordinal(run.every)} {tick}"
    if schedule.scheduler is None:
        return f"{length}. The learning rate never changes, whether or not `{step}` is called."
    times = "" if run.calls in (run.epochs, run.steps) else f", {counted(run.calls, 'time')} in all"
    return f"{length}. Call `{step}` {often}{times}."


def _takes_metric(schedule: Schedule) -> bool:
    """True if the scheduler is stepped with a metric; a class of the user's is if the file has one."""
    spec = schedule.scheduler
    if schedule.metric is None or spec is None:
        return False
    phases = [each.scheduler for each in spec.phases] if isinstance(spec, Phases) else [spec]
    return any(each is not None and (each.own or each.type == "ReduceLROnPlateau") for each in phases)


def _fits(schedule: Schedule, optimizer: str) -> str:
    """Which optimizer of the user's fits."""
    lr = common_rate(schedule.optimizer)
    if lr is None:
        return f"It is for an optimizer with the param groups of `{optimizer}`."
    return f"It is for an optimizer with lr {number(lr)}, as `{optimizer}` makes it."
