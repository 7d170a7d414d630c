"""A length in epochs where the scheduler is called once a step, or the reverse.

torch's schedulers count calls and know nothing of epochs: in a loop that steps the scheduler after every batch,
`T_max=90` is over in a minute; in one that steps it after every epoch, 450,000 is never reached. It is an error where a
plain number is exactly the length of the run, or of the scheduler's part of it, in the other unit, or where the parts
of a SequentialLR or of phases add up to it; and so is a length in batches, several of which make one optimizer step
(`accumulate`, `devices`). It is a warning for milestones and cycles that make sense as epochs and hardly any as steps,
and for a `step_size` that would leave nothing of the learning rate. A length with a unit is never reported.

PASS:

    epochs: 90
    steps_per_epoch: 5005
    interval: step
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR, T_max: 90 epochs}

FAIL:

    epochs: 90
    steps_per_epoch: 5005
    interval: step
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR, T_max: 90}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from lrviz.checks.lint.helpers.batches import counted_otherwise
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import siblings
from lrviz.checks.lint.helpers.subject import OWN_LENGTH, Placed, Subject
from lrviz.run import Data, Interval, Run
from lrviz.words import moment, several

FEWEST_STEPS: Final = 5
"""With fewer steps in an epoch, a length that fits the other unit may be chance and is not reported."""

MIN_MISFIT: Final = 10
"""A length that does not fit the other unit exactly is reported if it is this many times too short or too long."""

SANE: Final = 1e-6
"""A decay below this fraction of the base is never intended."""


class Mistake(NamedTuple):
    """A length that is not in calls: what it looks like, the numbers in it, and what to write instead.

    It is `certain` where a number is exactly the length of the run, or of the scheduler's part of it, in another unit.
    """

    placed: Placed
    argument: str
    looks_like: str
    numbers: list[int]
    instead: str
    certain: bool = False


def check(subject: Subject) -> Iterator[Oddity]:
    for mistake in _mistakes(subject):
        placed, name, looks_like, numbers, instead, certain = mistake
        is_list = isinstance(placed.argument(name), list)
        shown = ", ".join(f"{number:,}" for number in numbers)
        yield Oddity(
            placed.scheduler.where_of(name),
            f"{placed.type}: {name} = {f'[{shown}]' if is_list else shown} {looks_like}{_outcome(subject, mistake)}",
            f"{name}: {instead}",
            "error" if certain else "warning",
            schedulers=(placed.scheduler,),
            argument=name,
        )


def _mistakes(subject: Subject) -> list[Mistake]:
    """Every length of a schedule that is in another unit than the scheduler is called in."""
    run = subject.schedule.run
    per_epoch = run.steps_per_epoch
    if per_epoch is None:
        return []
    sums = list(_sums(subject, run, per_epoch)) if per_epoch >= FEWEST_STEPS else []
    known = {(id(each.placed.scheduler), each.argument) for each in sums}
    found: list[Mistake] = []
    for placed in subject.placed:
        if placed.scheduler.own:
            continue
        if placed.unit == "step" and run.data is not None:
            found += _in_batches(placed, run, run.data)
        if per_epoch >= FEWEST_STEPS:
            if placed.unit == "step":
                found += _in_epochs(placed, run, per_epoch)
            elif placed.unit == "epoch":
                found += _in_steps(placed, run, per_epoch)
    if per_epoch >= FEWEST_STEPS:
        found += _beside(found, subject, run)
    found = [*sums, *(each for each in found if (id(each.placed.scheduler), each.argument) not in known)]
    return sorted(found, key=lambda each: each.placed.scheduler.where_of(each.argument))


def _looks(placed: Placed, name: str) -> str:
    return "look" if isinstance(placed.argument(name), list) else "looks"


# --- once a step ---------------------------------------------------------------------------------------------


def _in_epochs(placed: Placed, run: Run, per_epoch: int) -> Iterator[Mistake]:
    """Lengths in epochs, of a scheduler that is called once a step."""
    epochs = run.total_epochs or 0
    name = OWN_LENGTH.get(placed.type, "")
    length = placed.bare(name)
    if length is not None and _fits_epochs(placed, length[0], run, per_epoch):
        meant = _left(placed, length[0], run, per_epoch)
        yield _epochs(placed, name, [length[0]], meant)._replace(certain=placed.type != "SWALR")
    if placed.type == "StepLR":
        size = placed.bare("step_size")
        if size and size[0] <= epochs and _is_gone(placed, size[0]) and not _is_gone(placed, size[0] * per_epoch):
            yield _epochs(placed, "step_size", size)
    elif placed.type == "MultiStepLR":
        milestones = placed.bare("milestones")
        if milestones and 0 < max(milestones) <= epochs and max(milestones) * MIN_MISFIT <= placed.calls:
            yield _epochs(placed, "milestones", milestones)
    elif placed.type in ("CosineAnnealingWarmRestarts", "CyclicLR"):
        for name in ("T_0", "step_size_up", "step_size_down"):
            length = placed.bare(name)
            if length and length[0] <= epochs and length[0] * MIN_MISFIT <= per_epoch:
                yield _epochs(placed, name, length)


def _fits_epochs(placed: Placed, length: int, run: Run, per_epoch: int) -> bool:
    """True if a length is a number of epochs that makes sense where the scheduler stands."""
    epochs = run.total_epochs or 0
    if placed.type == "SWALR":
        return length < per_epoch and length <= epochs
    part = placed.calls < run.calls
    if length >= placed.calls:
        return False
    if placed.is_warmup or placed.type == "ConstantLR":  # a length equal to the epochs of the run may be chance
        return part and length * per_epoch == placed.calls
    in_sequence = placed.within("SequentialLR") and placed.start > 0
    return length * per_epoch == placed.calls or length == epochs or (in_sequence and length == epochs - placed.start)


def _is_gone(placed: Placed, step_size: int) -> bool:
    """True if this step_size leaves nothing of the learning rate in the end."""
    gamma = placed.argument("gamma")
    return bool(0 < gamma < 1 and gamma ** (placed.calls // step_size) < SANE)


def _left(placed: Placed, length: int, run: Run, per_epoch: int) -> int:
    """The length in epochs that is meant: the rest of the run, if it is the whole run and begins later."""
    epochs = run.total_epochs or 0
    if length != epochs or not placed.start:
        return length
    left = epochs - placed.start if placed.start <= epochs and placed.parents else placed.calls // per_epoch
    return left or length


def _epochs(placed: Placed, name: str, numbers: list[int], meant: int | None = None) -> Mistake:
    instead = ", ".join(several(number, "epoch") for number in ([meant] if meant else numbers))
    return Mistake(
        placed,
        name,
        f"{_looks(placed, name)} like epochs, but the scheduler is called once a step",
        numbers,
        f"[{instead}]" if isinstance(placed.argument(name), list) else instead,
    )


def _beside(found: list[Mistake], subject: Subject, run: Run) -> Iterator[Mistake]:
    """The milestones of a SequentialLR around a length in epochs, and the short lengths next to it."""
    epochs = run.total_epochs or 0
    known = {(id(each.placed.scheduler), each.argument) for each in found}
    wrong = {scheduler for scheduler, _ in known}
    inside: dict[int, list[Placed]] = {}
    for placed in subject.placed:
        inside.setdefault(id(placed.parent), []).append(placed)
    for parent in subject.placed:
        children = inside.get(id(parent.scheduler), [])
        if parent.unit != "step" or wrong.isdisjoint(id(child.scheduler) for child in children):
            continue
        milestones = parent.bare("milestones") or []
        if parent.type == "SequentialLR":
            if not milestones or max(milestones) > epochs or max(milestones) * MIN_MISFIT > parent.calls:
                continue
            yield _epochs(parent, "milestones", milestones)
        for child in children:
            name = OWN_LENGTH.get(child.type, "")
            length = child.bare(name)
            if length and length[0] <= epochs and (id(child.scheduler), name) not in known:
                yield _epochs(child, name, length)


# --- once an epoch -------------------------------------------------------------------------------------------


def _in_steps(placed: Placed, run: Run, per_epoch: int) -> Iterator[Mistake]:
    """Lengths in steps, of a scheduler that is called once an epoch."""
    epochs = run.total_epochs or 0
    whole = {placed.calls * per_epoch, run.total_steps}
    if run.data is not None and run.data.batches is not None:
        whole.add(epochs * run.data.batches)
    names = ("step_size", "T_0", "step_size_up", "step_size_down", "milestones", OWN_LENGTH.get(placed.type, ""))
    for name in names:
        numbers = placed.bare(name)
        if not numbers:
            continue
        longest, even = max(numbers), all(number % per_epoch == 0 for number in numbers)
        certain = longest in whole and longest > placed.calls and name == OWN_LENGTH.get(placed.type)
        if certain:
            instead = str(placed.calls or longest // per_epoch)
        elif MIN_MISFIT * epochs <= longest <= epochs * per_epoch and (even or _all_long(placed, name, per_epoch)):
            texts = [str(number // per_epoch) if even else several(number, "step") for number in numbers]
            instead = f"[{', '.join(texts)}]" if isinstance(placed.argument(name), list) else texts[0]
        else:
            continue
        called = f"the scheduler is called once an epoch, {placed.calls:,} times"
        if not placed.calls:
            called = "the scheduler is called once an epoch and is never active"
        yield Mistake(placed, name, f"{_looks(placed, name)} like steps, but {called}", numbers, instead, certain)


def _all_long(placed: Placed, name: str, per_epoch: int) -> bool:
    """True if these are milestones, none of which falls in the first epoch."""
    numbers = placed.argument(name)
    return isinstance(numbers, list) and min(numbers) >= per_epoch


# --- the run as a sum ----------------------------------------------------------------------------------------


def _sums(subject: Subject, run: Run, per_epoch: int) -> Iterator[Mistake]:
    """The lengths of the parts of a SequentialLR, or of phases, that together are exactly the run in the other unit."""
    for parent, parts in siblings(subject):
        lengths, unit = [placed.bare(OWN_LENGTH.get(placed.type, "")) for placed in parts], parts[0].unit
        if unit == "call":
            continue
        total = sum(length[0] for length in lengths if length is not None)
        if len(parts) < 2 or None in lengths or total != run.total("step" if unit == "epoch" else "epoch"):
            continue
        if parent is not None and parent.bare("milestones"):
            yield _part(parent, "milestones", total, unit, per_epoch)
        for placed in parts:
            yield _part(placed, OWN_LENGTH[placed.type], total, unit, per_epoch)


def _part(placed: Placed, name: str, total: int, unit: Interval, per_epoch: int) -> Mistake:
    other, numbers = "steps" if unit == "epoch" else "epochs", placed.bare(name) or []
    whole = unit == "epoch" and all(number % per_epoch == 0 for number in numbers)
    instead = ", ".join(str(number // per_epoch) if whole else f"{number} {other}" for number in numbers)
    instead = f"[{instead}]" if isinstance(placed.argument(name), list) else instead
    what = f"part of a sum of {total:,}, which is the run in {other}, but the scheduler is called once "
    what += f"{'an epoch' if unit == 'epoch' else 'a step'}"
    if unit == "epoch":
        instead = f"{instead}; or `interval: step`, for which all parts of the sum are right"
    return Mistake(placed, name, f"{'are' if name == 'milestones' else 'is'} {what}", numbers, instead, certain=True)


# --- batches and devices -------------------------------------------------------------------------------------


def _in_batches(placed: Placed, run: Run, data: Data) -> Iterator[Mistake]:
    """Lengths of the whole run, or of the rest of it, times or divided by `accumulate` and `devices`."""
    name = OWN_LENGTH.get(placed.type, "")
    numbers = placed.bare(name)
    if not numbers or placed.is_warmup or numbers[0] == placed.calls:
        return
    found = counted_otherwise(placed, numbers[0], run, data)
    if found is not None:
        yield Mistake(placed, name, found.text, numbers, str(placed.calls), found.certain)


# --- the outcome --------------------------------------------------------------------------------------------


def _outcome(subject: Subject, mistake: Mistake) -> str:
    """The effect on the learning rate, as the end of the sentence."""
    placed, name, curve = mistake.placed, mistake.argument, subject.curve
    if curve is None:
        return f": torch refuses call {mistake.numbers[0] + 1:,}" if placed.type == "OneCycleLR" else ""
    if not placed.calls:
        return ""
    whose = subject.whose()
    last = placed.tick_of(0) + placed.ticks - 1
    tick = placed.tick_of(mistake.numbers[-1])
    if name == "step_size" and placed.unit == "step":
        tick = placed.tick_of(curve.run.steps_per_epoch or 1)
    if tick > last:
        return f": the learning rate{whose} is {subject.rate_at(last)} at {moment(curve.run, last)}"
    what = {
        "milestones": "the last scheduler takes over" if placed.type == "SequentialLR" else None,
        "T_0": "the first restart comes",
        "step_size_up": "the first peak comes",
        "step_size_down": "the first cycle ends",
    }.get(name) or f"the learning rate{whose} is {subject.rate_at(tick)}"
    return f": {what} at {moment(curve.run, tick)}"
