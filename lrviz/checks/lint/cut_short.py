"""A scheduler whose own length is longer than the time it is active.

After a warmup, a CosineAnnealingLR with the `T_max` of the whole run ends above its floor, and in a run shorter than
`step_size_up` a CyclicLR never peaks: the number was meant for another run, or for the whole of this one. Warmups and
warm restarts have rules of their own. A scheduler with at most 1 % of its way left is a note if another comes before it
(a `T_max` that forgets a short warmup), and else not reported; nor is a decay that SWALR cuts off, as weight averaging
intends.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: CosineAnnealingLR, T_max: 85}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: CosineAnnealingLR, T_max: 30}
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import OWN_LENGTH, Placed, Subject
from lrviz.errors import Severity
from lrviz.words import counted, rate

NEGLIGIBLE: Final = 0.01
"""The fraction of its way that a scheduler may have left without a finding."""


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.curve is None:
        return
    for placed in subject.placed:
        name = _name(placed)
        severity = _severity(placed) if name is not None else None
        if name is None or severity is None or _is_for_averaging(subject, placed):
            continue
        if subject.is_still(placed) and not _has_a_way(subject, placed):
            continue
        last = placed.tick_of(0) + placed.ticks - 1
        shown = "epochs * steps_per_epoch" if name == "epochs" else name
        yield Oddity(
            placed.scheduler.where_of(name),
            f"{placed.type}: {shown} = {_length(placed):,}, but it is active for only {counted(placed.calls, 'call')}: "
            f"{subject.lr_is(last)}, still on its way{_goal(subject, placed)}",
            _instead(placed, name),
            severity,
            schedulers=(placed.scheduler,),
            argument=name,
        )


def _name(placed: Placed) -> str | None:
    """The argument in which the file gives the length; None if the file does not give it."""
    names = ("step_size_up",) if placed.type == "CyclicLR" else (OWN_LENGTH.get(placed.type, ""), "epochs")
    return next((name for name in names if placed.given(name) and not placed.scheduler.own), None)


def _length(placed: Placed) -> int:
    return int(placed.argument("step_size_up")) if placed.length is None else placed.length


def _severity(placed: Placed) -> Severity | None:
    """How bad it is that a scheduler is cut off; None if it is not, or hardly."""
    length = _length(placed)
    if placed.calls < 2 or length <= placed.calls or placed.is_warmup:
        return None
    left = 1.0 if placed.type == "CyclicLR" else _left(placed, placed.calls / length)
    if placed.type == "CyclicLR" or (length > placed.calls + 1 and left > NEGLIGIBLE):
        return "warning"
    follows = placed.start > 0 and (placed.within("SequentialLR") or placed.phase is not None)
    return "note" if follows and left > 0 else None


def _has_a_way(subject: Subject, placed: Placed) -> bool:
    """True if it would reach another learning rate than the one it begins with, had it the time."""
    goal = _goal_of(subject, placed)
    return goal is not None and goal != subject.rates(subject.example)[placed.tick_of(0)]


def _is_for_averaging(subject: Subject, placed: Placed) -> bool:
    """True if it is a decay that an SWALR takes over from."""
    rates, end = subject.rates(subject.example), placed.tick_of(0) + placed.ticks
    after = subject.active_at(end)
    return after is not None and after.type == "SWALR" and bool(rates[end - 1] < rates[end - 2])


def _left(placed: Placed, done: float) -> float:
    """The fraction of its way that is left when a fraction `done` of its length is over."""
    if placed.type == "LinearLR":
        return 0.0 if placed.argument("start_factor") == placed.argument("end_factor") else 1 - done
    if placed.type == "ConstantLR":
        return 0.0  # a factor of 1
    if placed.type == "PolynomialLR":
        return float((1 - done) ** placed.argument("power"))
    if placed.type == "OneCycleLR" and not placed.argument("three_phase"):
        rises = placed.argument("pct_start")
        done = max(0.0, done - rises) / (1 - rises) if rises < 1 else 0.0
    return 1 - done if placed.argument("anneal_strategy") == "linear" else (1 + math.cos(math.pi * done)) / 2


def _goal(subject: Subject, placed: Placed) -> str:
    """The value that it approaches in words, where that is known."""
    value = _goal_of(subject, placed)
    return f" to {rate(value)}" if value is not None else ""


def _goal_of(subject: Subject, placed: Placed) -> float | None:
    if placed.within("ChainedScheduler"):
        return None
    values = {
        "CosineAnnealingLR": placed.argument("eta_min"),
        "CyclicLR": placed.argument("max_lr"),
        "LinearLR": subject.base_of(placed)[subject.example] * (placed.argument("end_factor") or 0),
        "PolynomialLR": 0.0,
        "SWALR": placed.argument("swa_lr"),
    }
    value = values.get(placed.type)
    return value[subject.example] if isinstance(value, list) else value


def _instead(placed: Placed, name: str) -> str:
    if name == "step_size_up":
        return f"step_size_up: {max(1, placed.calls // 2)}, which makes it one cycle"
    if name == "epochs":
        return f"total_steps: {placed.calls}, instead of epochs and steps_per_epoch"
    return f"{name}: {placed.calls}"
