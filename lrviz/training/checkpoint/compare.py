"""Compares a checkpoint with a schedule: findings, or that it is as planned, and at which call it was made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.engine.backend import IMPLEMENTATION
from lrviz.engine.simulate import reached
from lrviz.errors import Problem, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.training.checkpoint.case import Case
from lrviz.training.checkpoint.checkpoint import Checkpoint
from lrviz.training.checkpoint.classes import is_of, optimizer_classes_of
from lrviz.training.checkpoint.place import CallMade, call_made, disagreements
from lrviz.training.checkpoint.rates import nearest, numbers, unlike, wrong_rates
from lrviz.training.checkpoint.read import read_checkpoint
from lrviz.training.checkpoint.states import GROUP_KEYS, Difference, OtherClass, differences, same, shown
from lrviz.training.optimizer import is_left_alone, says_class
from lrviz.words import counted, listed, moment

RESUMED = "load_state_dict puts the checkpoint's in place of the file's, without a word"


class NamedCheckpoint(NamedTuple):
    """What a command names: a checkpoint, and the part of it that is meant, "" where it has one of each."""

    path: str
    part: str = ""

    @classmethod
    def of(cls, text: str) -> NamedCheckpoint:
        """`FILE` or `FILE#PART`; a file of that very name wins."""
        path, mark, part = text.rpartition("#")
        return cls(path, part) if mark and path and not os.path.lexists(text) else cls(text)

    def compare(self, schedule: Schedule, curve: Curve, name: str) -> list[Finding | Held]:
        """How the checkpoint differs from the schedule, as `compare` finds it. Raises `ScheduleError`."""
        return compare(read_checkpoint(self.path), schedule, curve, name, self.part)


def compare(
    checkpoint: Checkpoint, schedule: Schedule, curve: Curve, name: str, part: str = ""
) -> list[Finding | Held]:
    """Compares a checkpoint with a schedule and its curve: at which call it was made, and all that is not the file's.

    Without a difference it holds. `name` is that of the schedule in findings, `part` the optimizer or scheduler that is
    meant, where the checkpoint has several. Raises `ScheduleError` where they cannot be compared: of another
    optimizer, or with other param groups.
    """
    case = Case.of(checkpoint, schedule, curve, part)
    notes = [Problem(case.where, note, severity="note", code="checkpoint-part") for note in checkpoint.notes]
    same_optimizer(case)
    made = call_made(case)
    found = [*_options(case), *_at_call(case, made)] if made is not None else [*_options(case), *_unplaced(case)]
    wrong = any(problem.severity != "note" for problem in found)
    findings: list[Finding | Held] = [Finding.of(each, name, "checkpoint") for each in (*found, *notes)]
    if made is None:
        return findings
    words = f"the checkpoint is at {made.words(case)}"
    if wrong:
        here = Problem(case.where, words, severity="note", code="checkpoint-call")
        return [Finding.of(here, name, "checkpoint"), *findings]
    return [Held(case.where, name, "checkpoint", f"{words}{'' if case.follows_metric else ', as planned'}"), *findings]


# --- the optimizer -------------------------------------------------------------------------------------------


def same_optimizer(case: Case) -> None:
    """Raises `ScheduleError` for the state of another optimizer. What a config calls its optimizer may be another's."""
    kind = case.schedule.optimizer.type
    if case.optimizer is None or not says_class(case.schedule) or case.schedule.imported is not None:
        return
    for group in case.optimizer.groups:
        if is_of(kind, group):
            continue
        classes = optimizer_classes_of(group)
        options = sorted(key for key in group if key not in GROUP_KEYS and not isinstance(group[key], bool | None))
        have = " or ".join(classes) if classes else "none of torch's"
        problem = Problem(
            case.where,
            f"the checkpoint is of another optimizer: by its options ({listed(options)}) it is {have}; the file says "
            f"{kind}",
            "name the checkpoint of this run, or correct `optimizer: type` in the file",
            code="checkpoint-optimizer",
        )
        raise ScheduleError([problem])


def _options(case: Case) -> Iterator[Problem]:
    """Options of the optimizer that the file gives, and that are others in the checkpoint: each once for all groups."""
    if case.optimizer is None:
        return
    optimizer, groups = case.schedule.optimizer, case.optimizer.groups
    left_out = {"lr", *IMPLEMENTATION, *_moved(case)}
    wanted = [{**optimizer.options, **own.options} for own in optimizer.groups]
    for option in dict.fromkeys(option for own in wanted for option in own if option not in left_out):
        pairs = [(group.get(option), own.get(option)) for group, own in zip(groups, wanted, strict=True)]
        differ = [
            index
            for index, (have, file) in enumerate(pairs)
            if have is not None and file is not None and not same(have, file)
            if not is_left_alone(option, have, groups)
        ]
        if differ:
            have, file = pairs[differ[0]]
            others = f"; {len(differ)} of {counted(len(groups), 'group')} differ" if len(groups) > 1 else ""
            values = f"{shown(have)} in the checkpoint, {shown(file)} in the file"
            yield Problem(
                case.where,
                f"{option}{case.group(differ[0])} is {values}{others}",
                f"resuming goes on with {shown(have)}: {RESUMED}",
                severity="warning",
                code="checkpoint-option",
            )


def _moved(case: Case) -> Sequence[str]:
    """Options that the scheduler moves."""
    return ("momentum", "betas") if case.curve.momentum_columns is not None else ()


# --- the scheduler -------------------------------------------------------------------------------------------


def _at_call(case: Case, made: CallMade) -> Iterator[Problem]:
    """What differs at a call: the class and the arguments of the scheduler, the order of saving, learning rates."""
    yield from disagreements(case, made)
    plan = reached(case.schedule, made.tick(case))
    arguments = list(_arguments(case, plan.scheduler, plan.optimizer.param_groups))
    yield from arguments
    rates = numbers(case, case.rates)
    last = case.scheduler.last_lr if case.scheduler is not None else None
    apart = []
    if case.optimizer is not None and last is not None:
        apart = list(unlike(case, rates, numbers(case, last), made))
        yield from apart
    if case.follows_metric:
        yield _unplanned(case)
    elif rates and not apart:
        explained = any(problem.severity == "error" for problem in arguments)
        yield from wrong_rates(case, made, rates, explained=explained)


def _unplanned(case: Case) -> Problem:
    now = ", ".join(dict.fromkeys(map(shown, case.rates)))
    return Problem(
        case.where,
        f"the schedule follows a metric, so that no plan says its learning rates: lr is {now}",
        severity="note",
        code="checkpoint-metric",
    )


def _arguments(case: Case, scheduler: Any, groups: list[dict[str, Any]]) -> Iterator[Problem]:
    found: list[Difference | OtherClass] = []
    if case.scheduler is not None and scheduler is not None:
        found += differences(case.scheduler.state, scheduler, reached=not case.follows_metric)
    other = next((each for each in found if isinstance(each, OtherClass)), None)
    if other is not None and case.schedule.imported is not None:
        program = case.schedule.imported.program
        words = f"{other.words}, which has the learning rates that {program} computes: only these are compared"
        yield Problem(case.where, words, severity="note", code="checkpoint-class")
        return
    bases = any(isinstance(each, Difference) and each.key == "base_lrs" for each in found)
    if case.optimizer is not None and not case.follows_metric:
        found += _of_groups(case, groups, leave="initial_lr" if bases else "")
    for each in sorted(found, key=lambda each: each.key):
        if isinstance(each, OtherClass):
            hint = "torch loads the state of another class without a word, and mixes the arguments of both"
            yield Problem(case.where, each.words, hint, code="checkpoint-class")
        else:
            hint = f"resuming goes on with {shown(each.have)}: {RESUMED}"
            if each.key.endswith((".expression", ".values")):
                hint = "resuming goes on with the file's: load_state_dict leaves functions as they are"
            yield Problem(case.where, each.words, hint, code="checkpoint-argument")


def _of_groups(case: Case, groups: list[dict[str, Any]], leave: str) -> Iterator[Difference]:
    """What schedulers keep in param groups; once for all groups in which it is the same."""
    assert case.optimizer is not None
    for key in (*GROUP_KEYS, *_moved(case)):
        if key == leave:
            continue
        told = set()
        for index, (have, file) in enumerate(zip(case.optimizer.groups, groups, strict=True)):
            if key in have and key in file and not same(have[key], file[key]):
                words = (shown(have[key]), shown(file[key]))
                if words not in told:
                    told.add(words)
                    yield Difference(f"{key}{case.group(index)}", have[key], file[key])


# --- without a call ------------------------------------------------------------------------------------------


def _unplaced(case: Case) -> Iterator[Problem]:
    """A checkpoint of an optimizer that counts no steps: where the plan has its learning rates."""
    if case.scheduler is not None and "last_epoch" in case.scheduler.state:
        yield Problem(
            case.where,
            f"last_epoch of the scheduler is {shown(case.scheduler.state['last_epoch'])}, which is no number of calls",
            "is the checkpoint damaged?",
            code="checkpoint-call",
        )
        return
    rates = numbers(case, case.rates)
    tick = None if case.follows_metric or not rates else nearest(case, rates, 0)
    counters = ", ".join(f"{name} {value:,g}" for name, value in case.checkpoint.counters.items())
    said = f" (it says {counters})" if counters else ""
    if tick is None and rates and not case.follows_metric:
        yield Problem(
            case.where,
            f"lr {', '.join(dict.fromkeys(map(shown, rates)))} is nowhere in the plan{said}",
            "is it the checkpoint of another schedule?",
            code="checkpoint-lr",
        )
        return
    where = f"; the plan has its learning rates at {moment(case.schedule.run, tick)} first" if tick is not None else ""
    yield Problem(
        case.where,
        f"without the state of a scheduler, the checkpoint does not say at which call it was made{said}{where}",
        severity="note",
        code="checkpoint-call",
    )
