"""The causes that fit a first deviation: every step before it followed the plan, and this one does not.

A cause is a way to call `scheduler.step()`. It fits if its calls give every param group the learning rates that were
seen: those of the plan up to here, and the one that was used now. One deviating step rarely tells causes apart, so all
that fit are told; what the next steps show is explained by `lrviz.log`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from lrviz.log.whole import OWN_LR
from lrviz.log.words import BATCHES, RESUME, batches_of_step, count_of, every_batch, factors, instead, paces
from lrviz.training.guard.plan import is_near
from lrviz.training.guard.seen import Seen, Steps
from lrviz.training.guard.tolerance import MOST, epsilon, slack
from lrviz.words import counted, rate

LEAST: Final = 1e-9
"""Nobody scales a learning rate by less, or by more than its inverse."""

TIMES: Final = range(2, 65)
"""How often a scheduler may be stepped where it should be once, besides the numbers of the run."""


def causes_of(seen: Seen) -> tuple[str, ...]:
    """The causes that fit so far, the usual ones first, each in a sentence; none where no usual cause fits."""
    with np.errstate(all="ignore"):
        found = list(_other_group(seen))
        if not found:
            found = [cause for fit in (_resumed, _called, _length) for cause in fit(seen)]
            batches = list(_every_batch(seen))
            if not found:
                found += [cause for fit in (_once, _elsewhere) for cause in fit(seen)]
                found += _scaled(seen) if not (found or batches) or seen.step == seen.begun else ()
            found += batches
        return (*found, *_type(seen))


# --- what explains the step by itself ------------------------------------------------------------------------


def _other_group(seen: Seen) -> Iterator[str]:
    """The param groups have one another's learning rates."""
    plan, tick = seen.plan, seen.plan.run.tick_of_step(seen.step)
    own = list(range(len(plan.match)))
    planned = [plan.columns[group][tick] for group in own]
    used = [float(each) for each in seen.used]
    if len(set(planned)) < 2 or sorted(planned) != sorted(used):
        return
    swapped = [index for index in own if used[index] != planned[index]]
    names = ", ".join(repr(plan.names[index]) for index in swapped)
    yield f"param groups {names} have one another's learning rates: is their order that of the file?"


def _type(seen: Seen) -> Iterator[str]:
    """A learning rate that is a tensor of few digits: every call rounds it, and it is off by a little."""
    plan, tick = seen.plan, seen.plan.run.tick_of_step(seen.step)
    for own in seen.groups.values():
        planned, lr = plan.columns[own][tick], seen.used[own]
        if epsilon(lr) and is_near(float(lr), planned, 3 * MOST * abs(planned)) and not plan.near(own, tick, lr):
            kind = str(lr.dtype).rpartition(".")[2]
            yield f"the learning rate is a {kind}, and every call of scheduler.step() rounds it, which adds up"
            return


# --- how the scheduler is called -----------------------------------------------------------------------------


def _often(seen: Seen) -> str:
    run = seen.plan.run
    if seen.plan.every > 1:
        return f"every {counted(seen.plan.every, run.interval)}"
    return f"{'an' if run.interval == 'epoch' else 'a'} {run.interval}"


def _called(seen: Seen) -> Iterator[str]:
    """The same mistake at every call since the guard began."""
    plan, run, begun, first = seen.plan, seen.plan.run, seen.begun, seen.first_call
    per_tick = run.steps_per_tick

    if per_tick * plan.every > 1 and seen.fits(lambda steps: first + steps - begun):
        yield f"scheduler.step() is called {instead(run, 'step')}"
    if per_tick > 1 < plan.every and seen.fits(lambda steps: first + steps // per_tick - begun // per_tick):
        yield f"scheduler.step() is called {instead(run, 'epoch')}"
    known, never = paces(plan.schedule), seen.fits(lambda steps: np.full_like(steps, first))
    times = [n for n in sorted({*TIMES, *known}) if seen.fits(_times(seen, n))]
    too_often = [_too_often(seen, times, known)] if times else []
    if not never:
        yield from too_often
    if never:
        yield "scheduler.step() is never called"
        yield from _less_often(seen)
    by_step = run.interval == "step" and not seen.knows_skips
    skipped = ", or did a GradScaler skip a step (pass scaler=)" if by_step else ""
    if seen.fits(lambda steps: np.maximum(seen.calls(steps) - 1, 0)):
        yield f"scheduler.step() is called one call late: is the first one left out{skipped}?"
    if seen.fits(lambda steps: seen.calls(steps) + 1):
        yield f"scheduler.step() is called one call early: before the first optimizer.step(), not after it{skipped}?"
    elif per_tick * plan.every > 1 and seen.fits(lambda steps: seen.calls(steps + 1)):
        yield "scheduler.step() is called one step early: before optimizer.step(), not after it?"
    if never:  # the plan comes back to its first value there
        yield from too_often


def _times(seen: Seen, times: int) -> Callable[[Steps], Steps]:
    """The calls of a loop that makes so many where it should make one."""
    return lambda steps: seen.first_call + times * (seen.calls(steps) - seen.first_call)


def _too_often(seen: Seen, times: list[int], known: dict[int, str]) -> str:
    why = "; ".join(known[n] for n in times if n in known)
    if not why and times == [2]:
        why = "in two places, or for each of 2 processes (Accelerate)"
    why = why or "for each process (Accelerate), or in an inner loop"
    return f"scheduler.step() is called {count_of(times)} times {_often(seen)}: {why}"


def _every_batch(seen: Seen) -> Iterator[str]:
    """A loop that accumulates, and calls the scheduler after the batches between two steps too."""
    first, known = seen.first_call, batches_of_step(seen.plan.schedule)
    takes = [
        n
        for n in sorted({*BATCHES, *known})
        if seen.fits(lambda steps, n=n: first + n * (steps - seen.begun + 1) - 1)  # type: ignore[misc]
    ]
    if takes:
        yield f"scheduler.step() is called {every_batch(seen.plan.run, takes, known)}"


def _less_often(seen: Seen) -> Iterator[str]:
    run, plan = seen.plan.run, seen.plan
    if plan.every > 1:
        yield f"scheduler.step() is called less often than {_often(seen)}"
    elif run.interval == "step":
        per_epoch = run.steps_per_epoch
        in_first = per_epoch is not None and seen.step < seen.begun - seen.begun % per_epoch + per_epoch
        epoch = f" (an epoch has {counted(per_epoch, 'step')})" if per_epoch is not None and in_first else ""
        yield f"scheduler.step() is called less often than after every step: only after every epoch{epoch}?"
    else:
        length = counted(run.steps_per_epoch or 1, "step")
        yield f"scheduler.step() comes a step or more late: an epoch may have more than {length}"


def _length(seen: Seen) -> Iterator[str]:
    """An epoch has fewer steps than the plan says."""
    plan, run = seen.plan, seen.plan.run
    per_tick, done = run.steps_per_tick, seen.step - seen.begun
    if run.interval != "epoch" or seen.begun % per_tick or plan.every > 1:
        return
    first = seen.first_call
    for call in range(1, min(done, len(plan.curve) - first) + 1):
        length, rest = divmod(done, call)
        if length < 2:
            return
        if rest or length >= per_tick or not seen.is_call(first + call):
            continue
        if seen.fits(_epochs_of(seen, length)):
            yield f"an epoch has {counted(length, 'step')}, not {per_tick:,}, as the plan was told"
            return


def _epochs_of(seen: Seen, length: int) -> Callable[[Steps], Steps]:
    """The calls of a loop whose epochs have so many steps."""
    return lambda steps: seen.first_call + (steps - seen.begun) // length


# --- how the training was resumed ----------------------------------------------------------------------------


def _resumed(seen: Seen) -> Iterator[str]:
    """The plan from its start again, here or where the guard began."""
    if not seen.now:
        return
    first = seen.first_call
    if seen.step == seen.begun:
        if seen.is_call(0):
            yield f"the plan starts over: was the training resumed without the scheduler's state? {RESUME}"
        elif (own := _own_lrs(seen)) is not None and seen.is_rate(own):
            yield f"it is the optimizer's own lr: was the training resumed without state? {RESUME}"
    elif first and seen.fits(lambda steps: seen.calls(steps) - first):
        yield f"the plan started over at {seen.plan.place(seen.begun)}: was the scheduler's state not loaded? {RESUME}"


def _own_lrs(seen: Seen) -> list[float] | None:
    """The lr of each param group in the file; None where the scheduler has learning rates of its own."""
    schedule = seen.plan.schedule
    spec = schedule.scheduler
    if spec is not None and any(each.own or each.type in OWN_LR for each in spec.walk()):
        return None
    groups = schedule.optimizer.groups
    lrs = [groups[index].options.get("lr", schedule.optimizer.options.get("lr")) for index in seen.plan.match]
    return [float(lr) for lr in lrs] if all(isinstance(lr, int | float) for lr in lrs) else None


# --- what happened once --------------------------------------------------------------------------------------


def _once(seen: Seen) -> Iterator[str]:
    """One call too few or too many, after calls that were right."""
    plan, amp = seen.plan, "" if seen.knows_skips else "; or a GradScaler skipped a step: pass scaler="
    if seen.now and seen.is_call(seen.now - 1):
        was = "is no longer called, or was left out once" if seen.now - 1 > seen.first_call else "was not called"
        yield f"scheduler.step() {was}{amp}"
    elif seen.is_call(seen.now + 1):
        inside = seen.step % plan.run.steps_per_tick
        where = f" (after {counted(inside, 'step')} of the epoch)" if inside else ""
        yield f"scheduler.step() was called once too often before this step{where}{amp}"


def _elsewhere(seen: Seen) -> Iterator[str]:
    """The learning rates that the plan has somewhere else."""
    plan = seen.plan
    own = _own_lrs(seen)
    if seen.now and own is not None and seen.is_rate(own) and not seen.is_call(0):
        yield f"it is the optimizer's own lr: was the optimizer or its scheduler made anew? {RESUME}"
        return
    if abs(seen.now - (near := (seen.equal_calls() or [seen.now])[0])) < 2:
        if seen.now and seen.step > seen.begun and seen.is_call(0):
            yield f"the plan starts over here: was a new scheduler made, without the old one's state? {RESUME}"
        return
    if seen.is_call(0) and seen.step > seen.begun:
        yield f"the plan starts over here: was a new scheduler made, without the old one's state? {RESUME}"
        return
    by = near - seen.now
    place = plan.place(near * plan.every * plan.run.steps_per_tick)
    way = "further on" if by > 0 else "further back"
    advice = "is the training resumed there? Then at= says where" if seen.step == seen.begun else "was a state loaded?"
    yield f"the plan has this learning rate at {place}, {counted(abs(by), 'call')} {way}: {advice}"


def _scaled(seen: Seen) -> Iterator[str]:
    """A multiple of the plan: at the first step any, later only what people multiply by."""
    plan, tick = seen.plan, seen.plan.run.tick_of_step(seen.step)
    ratios = []
    for own in seen.groups.values():
        planned, used = plan.columns[own][tick], float(seen.used[own])
        if not planned or not np.isfinite(planned) or not np.isfinite(used) or used <= 0:
            return
        ratios.append((used / planned, slack(planned, plan.peaks[own], epsilon(seen.used[own]), seen.now) / planned))
    least, most = max(ratio - room for ratio, room in ratios), min(ratio + room for ratio, room in ratios)
    if least > most:
        return
    ratio = (least + most) / 2
    if not LEAST < ratio < 1 / LEAST:
        return
    named = next((name for value, name in factors(plan.schedule).items() if least <= value <= most), "")
    plain = named or any(is_near(each, round(each), 1e-9) and round(each) > 1 for each in (ratio, 1 / ratio))
    if seen.step == seen.begun and not seen.now:
        own_lr = _own_lrs(seen)
        would = f": the optimizer has an lr of {rate(own_lr[0] * ratio)} instead of {rate(own_lr[0])}" if own_lr else ""
        yield f"it is {rate(ratio)} times the plan{f' ({named})' if named else ''}{would}"
    elif plain or len(ratios) > 1:
        yield f"it is {rate(ratio)} times the plan{f' ({named})' if named else ''}: is it scaled, or set by hand?"
