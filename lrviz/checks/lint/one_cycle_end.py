"""A OneCycleLR run past its end.

A cycle of `total_steps` has its last learning rate after `total_steps - 1` calls. torch allows one call more, which a
training loop makes after its last step, and no step should use what comes of it: the cosine has begun to climb, and
`anneal_strategy: linear` is below 0. The call after that raises ValueError, in the last minutes of a run (pytorch
#38170). A phase stops at the end of its cycle by itself.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 30}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 29}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint import wrong_unit
from lrviz.checks.lint.composite_in_sequential import calls_ahead, takes_over
from lrviz.checks.lint.subject import Placed, Subject
from lrviz.checks.moment import lr_at, moment, rate
from lrviz.errors import Problem, several
from lrviz.schedule.model import Phases


def check(subject: Subject) -> Iterator[Problem]:
    mistaken = wrong_unit.mistaken(subject)
    for placed in subject.of_type("OneCycleLR"):
        total, calls = placed.length, last_call(subject, placed)
        if total is None or calls < total or placed.calls <= total or mistaken(placed, "total_steps"):
            continue
        name = "total_steps" if placed.argument("total_steps") is not None else "epochs"
        hint = f"total_steps: {placed.calls}"
        if name == "epochs":
            hint += " in place of epochs and steps_per_epoch"
        where = placed.scheduler.where_of(name)
        length = f"OneCycleLR: a cycle of {several(total, 'call')}"
        if calls > total:
            yield Problem(
                where,
                f"{length} is called {several(calls, 'time')}, and torch raises at call "
                f"{takes_over(subject, placed) + total + 1:,} of the run",
                hint,
            )
        elif subject.curve is not None:
            tick = placed.tick_of(total)
            value = lr_at(subject.curve, 0, tick)
            yield Problem(
                where,
                f"{length} is in charge for {placed.calls:,}, and the last of them is past its end: the learning "
                f"rate{subject.whose(0)} is {rate(value)} at {moment(subject.curve, tick)}, after "
                f"{rate(lr_at(subject.curve, 0, tick - 1))}",
                hint,
                "error" if value < 0 else "warning",
            )


def last_call(subject: Subject, placed: Placed) -> int:
    """How often `step()` is called on a scheduler: not where the next one begins anew, at a milestone or in a phase."""
    parent = next((each for each in subject.placed if each.scheduler is placed.parent), None)
    if parent is None:
        return _last_of_phase(subject, placed)
    if placed.start - parent.start + placed.calls in (parent.argument("milestones") or []):
        return placed.calls - 1 - (calls_ahead(subject, placed) if placed.start == parent.start else 0)
    return placed.calls - (parent.calls - last_call(subject, parent))


def _last_of_phase(subject: Subject, placed: Placed) -> int:
    spec = subject.schedule.scheduler
    if not isinstance(spec, Phases):
        return placed.calls
    if placed.type == "OneCycleLR":
        return min(placed.calls, (placed.length or 1) - 1)
    after = spec.phases[placed.index + 1 :]
    return placed.calls if not after or after[0].base == "reached" else placed.calls - 1
