"""At which call of the scheduler a checkpoint was made, and whether everything in it is of that call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lrviz.errors import Problem
from lrviz.run import Run
from lrviz.training.checkpoint.case import Case
from lrviz.words import counted, several

FEW_SKIPPED: Final = 16
"""AMP skips at most so many steps, or 5 % of them: it begins with a factor of 2 ** 16, and halves it at each."""


@dataclass(frozen=True, slots=True)
class CallMade:
    """The number of calls of the scheduler that a checkpoint has behind it, as the plan counts them.

    `counted` is what the scheduler itself counts, where that is another number: Accelerate calls it once for each of
    several `processes`.
    """

    calls: int
    counted: int
    processes: int = 1

    def tick(self, case: Case) -> int:
        """The tick of the plan that comes next; that of its end if the run is over."""
        return min(self.calls * case.every, case.schedule.run.ticks)

    def words(self, case: Case) -> str:
        """`call 12,300 of 100,000 (epoch 2.4)`."""
        where = _clock(case.schedule.run, self.calls * case.every, case.every)
        text = f"call {self.calls:,} of {case.calls:,}{f' ({where})' if where else ''}"
        if self.processes > 1:
            text += f"; its last_epoch, {self.counted:,}, counts the calls of {self.processes} processes"
        return text


def _clock(run: Run, tick: int, every: int) -> str:
    """Epoch and step of a tick, of which the one is left out that says the same as the number of calls."""
    epoch, step = run.epoch(tick), run.step(tick)
    same = run.interval if every == 1 else None
    words = []
    if step is not None and same != "step":
        words.append(f"step {step:,}")
    if epoch is not None and same != "epoch":
        words.append(f"epoch {epoch:,}" if isinstance(epoch, int) else f"epoch {epoch:,.4g}")
    return ", ".join(words)


def call_made(case: Case) -> CallMade | None:
    """By what the scheduler counts; without one, by the optimizer's steps. None where the checkpoint says neither."""
    if case.scheduler is not None and (counted := case.scheduler.calls) is not None:
        processes = _processes(case, counted)
        return CallMade(counted // processes, counted, processes)
    steps = steps_made(case)
    if steps is None or (calls := _calls_after(case, steps)) is None:
        return None
    return CallMade(calls, calls)


def _processes(case: Case, counted: int) -> int:
    """How often Accelerate calls the scheduler in a step: once for each process, unless a batch is split among them.

    The folder has a file of each process; where that is missing, the schedule may say how many devices there are.
    """
    if case.checkpoint.kind != "Accelerate":
        return 1
    data = case.schedule.run.data
    processes = case.checkpoint.processes or (data.devices if data is not None else 1)
    split = case.optimizer is not None and case.optimizer.steps == counted
    return 1 if split or counted % processes else processes


def steps_made(case: Case) -> int | None:
    """The optimizer steps behind a checkpoint, as the program or the optimizer counts them."""
    if case.checkpoint.kind in ("Lightning", "Hugging Face") and len(case.checkpoint.optimizers) <= 1:
        step = case.checkpoint.global_step
        if step is not None:
            return step
    return _counted_by_optimizer(case)


def _calls_after(case: Case, steps: int) -> int | None:
    """The calls that the plan has made after so many optimizer steps; None for a plan that knows no steps."""
    run = case.schedule.run
    return run.tick_of_step(steps) // case.every if run.total_steps is not None else None


def disagreements(case: Case, made: CallMade) -> Iterator[Problem]:
    """That the run is over before this call, and that optimizer and scheduler were not stepped as planned."""
    if case.checkpoint.kind == "Accelerate" and case.checkpoint.processes is None and case.schedule.run.data is None:
        yield Problem(
            case.where,
            "Accelerate calls the scheduler once for each process, and the folder does not say how many there were",
            "keep its random_states_*.pkl, or write `data: {devices: N}` in the file",
            severity="note",
            code="checkpoint-call",
        )
    if made.calls > case.calls:
        yield Problem(
            case.where,
            f"the checkpoint is at call {made.calls:,}, and the file plans {counted(case.calls, 'call')}",
            "is the file that of another run, or its scheduler called more often than planned?",
            code="checkpoint-call",
        )
        return
    steps = steps_made(case)
    planned = None if steps is None else _calls_after(case, steps)
    if case.scheduler is None or steps is None or planned is None or planned == made.calls:
        return
    if planned == made.calls + 1:
        yield Problem(
            case.where,
            f"saved between optimizer.step() and scheduler.step(): {counted(steps, 'step')} of the optimizer, but "
            f"{several(made.calls, 'call')} of the scheduler",
            "save after scheduler.step(); resumed from here, every later learning rate comes one call late",
            code="checkpoint-order",
        )
    elif _amp_skipped(case, made.calls - planned, steps):
        yield Problem(
            case.where,
            f"the optimizer made {counted(steps, 'step')}, and the scheduler {counted(made.calls, 'call')}, where the "
            f"file plans {planned:,}",
            "AMP skips steps so; else the scheduler was called too often",
            severity="warning",
            code="checkpoint-interval",
        )
    else:
        yield Problem(
            case.where,
            f"the scheduler was called {counted(made.calls, 'time')} in {counted(steps, 'step')}, and the file plans "
            f"{counted(planned, 'call')}",
            _why(case, made.calls, steps),
            code="checkpoint-interval",
        )


def _amp_skipped(case: Case, more: int, steps: int) -> bool:
    """True if AMP may have skipped so many steps of the optimizer, after each of which the scheduler was called."""
    by_step = case.schedule.run.interval == "step" and case.every == 1
    return by_step and 0 < more <= max(FEW_SKIPPED, steps // 20) and steps == _counted_by_optimizer(case)


def _counted_by_optimizer(case: Case) -> int | None:
    """The steps of an optimizer, which counts none that AMP skipped."""
    return case.optimizer.steps if case.optimizer is not None else None


def _why(case: Case, calls: int, steps: int) -> str:
    run = case.schedule.run
    if run.interval == "step" and run.steps_per_epoch and calls == steps // run.steps_per_epoch:
        return "it was called once an epoch; the file plans a call after every step"
    if calls == steps and (run.interval == "epoch" or case.every > 1):
        return "it was called after every step; the file plans fewer calls"
    if calls > steps:
        return "it was called more than once a step, or the optimizer began anew in between"
    return "is it called where the file's `interval` says?"
