"""Every usual mistake of a training loop: where it is seen, what fits so far, and what a few more steps tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from torch.optim import lr_scheduler as torch_lr
from trained import Calls, deviation_of, per_epoch, schedule, sgd, told, train

import lrviz

lr: Any = torch_lr

COSINE = {"type": "CosineAnnealingLR", "T_max": 40}
WARMUP = {
    "type": "SequentialLR",
    "schedulers": [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 5}, {"type": "StepLR", "step_size": 5}],
    "milestones": [5],
}
STEPS = {"type": "StepLR", "step_size": 5}

PLANS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "cosine": (COSINE, lambda opt: lr.CosineAnnealingLR(opt, 40)),
    "warmup": (
        WARMUP,
        lambda opt: lr.SequentialLR(opt, [lr.LinearLR(opt, 0.1, total_iters=5), lr.StepLR(opt, 5)], milestones=[5]),
    ),
    "steps": (STEPS, lambda opt: lr.StepLR(opt, 5)),
}

A_STEP = {"steps": 40}
AN_EPOCH = {"epochs": 40, "steps_per_epoch": 10}
EVERY_4 = {"steps": 160, "interval": "4 steps"}

NEVER = "scheduler.step() is never called"
RARELY = "scheduler.step() is called less often than after every step: only after every epoch?"
LATE = "scheduler.step() is called one call late: is the first one left out?"
STEP_LATE = LATE.replace("?", ", or did a GradScaler skip a step (pass scaler=)?")
LONGER = "scheduler.step() comes a step or more late: an epoch may have more than 10 steps"
TWICE = "in two places, or for each of 2 processes (Accelerate)"
TEN = "scheduler.step() is called 10 to 14 times an epoch: steps_per_epoch is 10"
OFTEN = "for each process (Accelerate), or in an inner loop"


@dataclass(frozen=True)
class Mistake:
    """A loop, and what its guard finds: the step, what fits there, and words of what is told after a few more steps."""

    plan: str
    run: dict[str, Any]
    calls: Calls
    step: int
    causes: tuple[str, ...]
    later: str

    def made(self, **options: Any) -> tuple[lrviz.Schedule, Any, Any]:
        spec, make = PLANS[self.plan]
        optimizer = sgd(**options)
        return schedule(**self.run, scheduler=spec), optimizer, make(optimizer)


MISTAKES = {
    # per batch instead of per epoch
    "per batch, cosine": Mistake(
        "cosine", AN_EPOCH, lambda step: 1, 1,
        ("scheduler.step() is called after every step, not after every epoch",),
        "as if scheduler.step() were called after every step, not after every epoch",
    ),
    "per batch, steps": Mistake(
        "steps", AN_EPOCH, lambda step: 1, 5,
        ("scheduler.step() is called after every step, not after every epoch",),
        "as if scheduler.step() were called after every step, not after every epoch",
    ),
    "per step instead of every 4": Mistake(
        "cosine", EVERY_4, lambda step: 1, 1,
        ("scheduler.step() is called after every step, not after every 4 steps",),
        "as if scheduler.step() were called after every step, not after every 4 steps",
    ),
    # more than once
    "twice a step": Mistake(
        "cosine", A_STEP, lambda step: 2, 1,
        (f"scheduler.step() is called 2 times a step: {TWICE}",),
        "as if scheduler.step() were called 2 times a step",
    ),
    "twice an epoch": Mistake(
        "steps", AN_EPOCH, per_epoch(10, times=2), 30,
        (f"scheduler.step() is called 2 times an epoch: {TWICE}", "an epoch has 6 steps, not 10, as the plan was told"),
        "as if scheduler.step() were called 2 times an epoch",
    ),
    "4 processes": Mistake(
        "warmup", A_STEP, lambda step: 4, 1,
        (f"scheduler.step() is called 4 times a step: {OFTEN}",),
        "as if scheduler.step() were called 4 times a step",
    ),
    "8 processes": Mistake(
        "cosine", A_STEP, lambda step: 8, 1,
        (f"scheduler.step() is called 8 times a step: {OFTEN}",),
        "as if scheduler.step() were called 8 times a step",
    ),
    "8 devices, as the file says": Mistake(
        "cosine",
        {"steps": 40, "data": {"samples": 640, "batch_size": 2, "devices": 8}}, lambda step: 8, 1,
        ("scheduler.step() is called 8 times a step: devices is 8",),
        "devices is 8",
    ),
    # less often
    "never": Mistake(
        "cosine", A_STEP, lambda step: 0, 1, (NEVER, RARELY, STEP_LATE), "the learning rate never changes"
    ),
    "never, steps": Mistake(
        "steps", AN_EPOCH, lambda step: 0, 50, (NEVER, LONGER, LATE), "the learning rate never changes"
    ),
    "per epoch instead of per step": Mistake(
        "cosine", A_STEP | {"steps_per_epoch": 5}, per_epoch(5), 1,
        (
            NEVER,
            "scheduler.step() is called less often than after every step: only after every epoch (an epoch has 5 "
            "steps)?",
            STEP_LATE,
        ),
        "as if scheduler.step() were called after every epoch, not after every step",
    ),
    "every 4 micro steps": Mistake(
        "cosine", A_STEP, per_epoch(4), 1, (NEVER, RARELY, STEP_LATE),
        "as if scheduler.step() were called once every 4 steps",
    ),
    # late and early
    "one late": Mistake(
        "cosine", A_STEP, lambda step: int(step > 0), 1, (NEVER, RARELY, STEP_LATE),
        "every step equals the plan 1 call earlier: scheduler.step() is one call late",
    ),
    "one late, steps": Mistake(
        "steps", A_STEP, lambda step: int(step > 0), 5, (NEVER, RARELY, STEP_LATE), "scheduler.step() is one call late"
    ),
    "one epoch late": Mistake(
        "steps", AN_EPOCH, lambda step: int((step + 1) % 10 == 0 and step > 9), 50, (NEVER, LONGER, LATE),
        "scheduler.step() is one call late",
    ),
    "one step late": Mistake(
        "warmup", AN_EPOCH, lambda step: int(step % 10 == 0 and step > 0), 10,
        (NEVER, LONGER, LATE, TEN),
        "every step equals the plan one step earlier: scheduler.step() is one step late",
    ),
    "before the last step of an epoch": Mistake(
        "warmup", AN_EPOCH, lambda step: int(step % 10 == 8), 9,
        (
            "scheduler.step() is called one step early: before optimizer.step(), not after it?",
            "an epoch has 9 steps, not 10, as the plan was told",
        ),
        "every step equals the plan one step later: is scheduler.step() called before optimizer.step()?",
    ),
    # another length of an epoch
    "epochs of 7 steps": Mistake(
        "warmup", AN_EPOCH, per_epoch(7), 7, ("an epoch has 7 steps, not 10, as the plan was told",),
        "as if an epoch had 7 steps, not 10",
    ),
    "epochs of 7 steps, in steps": Mistake(
        "steps", AN_EPOCH, per_epoch(7), 35, ("an epoch has 7 steps, not 10, as the plan was told",),
        "as if an epoch had 7 steps, not 10",
    ),
    "epochs of 13 steps": Mistake(
        "warmup", AN_EPOCH, per_epoch(13), 10, (NEVER, LONGER, LATE, TEN), "as if an epoch had 13 steps, not 10"
    ),
    # once
    "left out once": Mistake(
        "cosine", A_STEP, lambda step: int(step != 20), 21,
        ("scheduler.step() is no longer called, or was left out once; or a GradScaler skipped a step: pass scaler=",),
        "from step 21 on, every step equals the plan 1 call earlier",
    ),
    "no longer": Mistake(
        "cosine", A_STEP, lambda step: int(step < 20), 21,
        ("scheduler.step() is no longer called, or was left out once; or a GradScaler skipped a step: pass scaler=",),
        "from step 21 on, the learning rate stays at 0.05: is scheduler.step() still called?",
    ),
    "once too often": Mistake(
        "cosine", A_STEP, lambda step: 1 + (step == 20), 21,
        ("scheduler.step() was called once too often before this step; or a GradScaler skipped a step: pass scaler=",),
        "from step 21 on, every step equals the plan 1 call later",
    ),
    "in the middle of an epoch": Mistake(
        "cosine", AN_EPOCH, lambda step: int((step + 1) % 10 == 0 or step == 123), 124,
        ("scheduler.step() was called once too often before this step (after 4 steps of the epoch); or a GradScaler "
         "skipped a step: pass scaler=",),
        "every step equals the plan 1 call later",
    ),
    "ten too many": Mistake(
        "cosine", A_STEP, lambda step: 1 + 10 * (step == 9), 10,
        ("the plan has this learning rate at step 20, 10 calls further on: was a state loaded?",),
        "from step 10 on, every step equals the plan 10 calls later",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_fits_at_the_first_deviation(name: str) -> None:
    mistake = MISTAKES[name]
    plan, optimizer, scheduler = mistake.made()
    steps = plan.simulate().run.total_steps or 0
    found = deviation_of(plan, optimizer, scheduler, steps, mistake.calls)
    assert (found.step, found.causes) == (mistake.step, mistake.causes)


@cache
def told_of(name: str) -> list[str]:
    """All warnings of a loop."""
    mistake = MISTAKES[name]
    plan, optimizer, scheduler = mistake.made()
    steps = plan.simulate().run.total_steps or 0
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        train(optimizer, scheduler, steps, mistake.calls)
    assert texts[0] == str(guard.first)
    return texts


@pytest.mark.parametrize("name", MISTAKES)
def test_what_a_few_more_steps_tell(name: str) -> None:
    _, *later = told_of(name)
    assert any(MISTAKES[name].later in text for text in later), later
    assert len(later) < 5, later


@pytest.mark.parametrize("name", ["cosine", "warmup"])
@pytest.mark.parametrize("batches", [2, 4])
@pytest.mark.parametrize("says", [True, False])
def test_a_call_after_every_batch_of_a_loop_that_accumulates(name: str, batches: int, says: bool) -> None:
    """`scheduler.step()` outside of the `if` around `optimizer.step()`: it is called before the first step too."""
    spec, make = PLANS[name]
    data = {"data": {"samples": 40 * batches, "batch_size": 1, "accumulate": batches}} if says else {}
    plan, optimizer = schedule(steps=40, scheduler=spec, **data), sgd()
    scheduler = make(optimizer)
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        for batch in range(40 * batches):
            if (batch + 1) % batches == 0:
                optimizer.step()
            scheduler.step()
    first = guard.first
    assert first is not None
    why = f"accumulate is {batches}" if says else f"does a step take {batches} of them?"
    cause = f"called after every batch, not after every step: {why}"
    assert first.step == 0
    assert f"scheduler.step() is {cause}" in first.causes
    assert any(f"as if scheduler.step() were {cause}" in text for text in texts[1:]), texts


def test_every_message(golden: Golden) -> None:
    """`messages.txt` is to be read as the one who sees it at night."""
    text = "\n".join("\n".join([f"=== {name}", *told_of(name), ""]) for name in MISTAKES)
    golden.same_text(Path(__file__).parent / "messages.txt", text)
