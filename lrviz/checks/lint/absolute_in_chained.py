"""A scheduler in a ChainedScheduler that overwrites the effect of the others.

A ChainedScheduler multiplies the factors of its schedulers only if each of them updates the current learning rate.
LambdaLR, CyclicLR, OneCycleLR and CosineAnnealingWarmRestarts do not: at every call they set the learning rate from
their own base. That discards everything that a scheduler before them did, and of one after them keeps only the factor
of one call. A factor that is undone at one call without having been applied makes the learning rate several times too
high. SWALR anneals the learning rate to `swa_lr` and holds it there.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: ChainedScheduler
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: ExponentialLR, gamma: 0.9}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: ChainedScheduler
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - {type: LambdaLR, lr_lambda: 0.9 ** t}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.alike import peak_tick
from lrviz.checks.lint.helpers.closed_form import ABSOLUTE, formula, lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.model import Scheduler
from lrviz.words import moment, rate


def check(subject: Subject) -> Iterator[Oddity]:
    for chain in subject.of_type("ChainedScheduler"):
        part, culprit, others = _culprit_in(subject, chain)
        if part is not None and culprit is not None and others:
            yield _problem(subject, chain, part, culprit, others)


def _culprit_in(subject: Subject, chain: Placed) -> tuple[Placed | None, Scheduler | None, list[Placed]]:
    """The child of a chain that overwrites the learning rate, the scheduler in it that does, and its siblings."""
    parts = [each for each in subject.children_of(chain) if not each.scheduler.own]
    for part in reversed(parts):
        culprit = _absolute(part.scheduler)
        if culprit is not None:
            return part, culprit, [each for each in parts if each is not part]
    return None, None, []


def _absolute(scheduler: Scheduler) -> Scheduler | None:
    """The scheduler in a child of a chain that overwrites the learning rate, at least for a while."""
    return next((each for each in scheduler.walk() if each.type in (*ABSOLUTE, "SWALR") and not each.own), None)


def _problem(subject: Subject, chain: Placed, part: Placed, culprit: Scheduler, others: list[Placed]) -> Oddity:
    before = _names([each for each in others if each.index < part.index])
    after = _names([each for each in others if each.index > part.index])
    if culprit.type == "SWALR":
        message = f"SWALR anneals the learning rate to swa_lr, regardless of {_names(others)}"
    else:
        effects = [
            f"the effect of {before} before it is lost" if before else "",
            f"the effect of {after} after it lasts for one call" if after else "",
        ]
        message = (
            f"{culprit.type} overwrites the learning rate at every call of the ChainedScheduler, so "
            f"{', and '.join(filter(None, effects))}"
        )
    return Oddity(
        culprit.where,
        f"{message}{_outcome(subject, chain, others)}",
        _hint(subject, part, others),
        schedulers=tuple(erased for other in others for erased in other.scheduler.walk()),
    )


def _outcome(subject: Subject, chain: Placed, others: list[Placed]) -> str:
    """The learning rate where the effect shows: at a peak that is too high, a warmup's start, or the end."""
    curve = subject.curve
    if curve is None:
        return ""
    first = chain.tick_of(0)
    rates = subject.rates(0)[first : first + chain.ticks]
    tick = first + len(rates) - 1
    if rates.max() > 1.01 * max(subject.base_of(chain)[0], rates[0]):
        tick = first + peak_tick(rates)
    elif any(each.is_warmup for each in others):
        tick = first
    return f": the learning rate{subject.whose(0)} is {rate(curve.lr_at(0, tick))} at {moment(curve.run, tick)}"


def _hint(subject: Subject, part: Placed, others: list[Placed]) -> str:
    names = _names(others)
    gamma = next((each.argument("gamma") for each in others if each.type == "ExponentialLR"), None)
    if part.type == "SWALR":
        phases = f"[{{type: {others[0].type}, ..., for: 75%}}, {{type: SWALR, ...}}]"
        return f"SWALR is for the end of a run: scheduler: {phases}"
    if part.type == "OneCycleLR":
        return f"OneCycleLR rises and falls by itself (pct_start, final_div_factor); leave {names} out"
    if part.type == "CyclicLR" and gamma is not None and len(others) == 1:
        return f"mode: exp_range with gamma: {gamma:g} shrinks the cycles of the CyclicLR; leave ExponentialLR out"
    if part.type == "LambdaLR":
        value = lambdas(part)
        factors = [formula(each) for each in others]
        if len(value) == 1 and None not in factors:
            product = " * ".join([f"({value[0]})", *map(str, factors)])
            return f'use one LambdaLR with the product: lr_lambda: "{product}"'
    if all(each.is_warmup for each in others):
        first = f"{{type: {others[0].type}, ..., for: {others[0].length}}}"
        return f"make the warmup a phase of its own: scheduler: [{first}, {{type: {part.type}, ...}}]"
    return "to multiply factors, use one lr_lambda of a LambdaLR; to run schedulers one after another, use phases"


def _names(placed: list[Placed]) -> str:
    return " and ".join(each.type for each in placed)
