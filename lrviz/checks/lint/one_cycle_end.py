"""A OneCycleLR run past its end.

A cycle of `total_steps` reaches its last learning rate after `total_steps - 1` calls. torch allows one more call, which
a training loop makes after its last step, but no step should use the result: the cosine has begun to climb, and
`anneal_strategy: linear` is below 0. The next call raises ValueError, in the last minutes of a run (pytorch #38170). A
phase stops at the end of its cycle by itself.

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

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import last_call, takes_over
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import moment, rate, several


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("OneCycleLR"):
        total, calls = placed.length, last_call(subject, placed)
        if total is None or calls < total or placed.calls <= total:
            continue
        name = "total_steps" if placed.argument("total_steps") is not None else "epochs"
        hint = f"total_steps: {placed.calls}"
        if name == "epochs":
            hint += " instead of epochs and steps_per_epoch"
        where = placed.scheduler.where_of(name)
        length = f"OneCycleLR: a cycle of {several(total, 'call')}"
        if calls > total:
            yield Oddity(
                where,
                f"{length} is stepped {several(calls, 'time')}, and torch raises ValueError at call "
                f"{takes_over(subject, placed) + total + 1:,} of the run",
                hint,
                schedulers=(placed.scheduler,),
                argument=name,
            )
        elif subject.curve is not None:
            tick = placed.tick_of(total)
            value = subject.curve.lr_at(0, tick)
            yield Oddity(
                where,
                f"{length} is active for {placed.calls:,}, the last of which is past its end: the learning "
                f"rate{subject.whose(0)} is {rate(value)} at {moment(subject.curve.run, tick)}, after "
                f"{rate(subject.curve.lr_at(0, tick - 1))}",
                hint,
                "error" if value < 0 else "warning",
                schedulers=(placed.scheduler,),
                argument=name,
            )
