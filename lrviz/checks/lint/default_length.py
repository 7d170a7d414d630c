"""A length left at torch's default, which rarely fits the run.

`total_iters` of LinearLR, ConstantLR and PolynomialLR defaults to 5 calls, which fits hardly any run: a PolynomialLR
without it has a learning rate of 0 from call 5 on. `step_size_up` of CyclicLR defaults to 2,000 calls, `anneal_epochs`
of SWALR to 10 calls, be they steps or epochs, and a ReduceLROnPlateau that is stepped once a step has a patience of 10
noisy batches. In a list of phases, a scheduler's own length defaults to that of its phase.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: PolynomialLR, total_iters: 90, power: 0.9}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: PolynomialLR, power: 0.9}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.errors import Severity
from lrviz.words import moment, rate


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.curve is None:
        return
    for placed in subject.placed:
        if placed.scheduler.own or placed.calls < 2:
            continue
        if placed.type in ("LinearLR", "ConstantLR", "PolynomialLR"):
            yield from _few_calls(subject, placed)
        elif placed.type == "CyclicLR":
            yield from _no_peak(subject, placed)
        elif placed.type == "SWALR":
            yield from _anneal(subject, placed)
        elif placed.type == "ReduceLROnPlateau":
            yield from _patience(subject, placed)


def _few_calls(subject: Subject, placed: Placed) -> Iterator[Oddity]:
    length, in_sequence = placed.length or 0, placed.within("SequentialLR")
    if "total_iters" in placed.scheduler.arguments or placed.calls == length or _keeps_still(placed):
        return
    if placed.calls < length:
        if placed.type != "ConstantLR":
            last = placed.tick_of(0) + placed.ticks - 1
            what = f"but it is active for only {placed.calls}: it does not finish, and {subject.lr_is(last)}"
            yield _problem(placed, "total_iters", what, str(placed.calls), "warning")
        return
    over = subject.lr_is(placed.tick_of(length))
    if not subject.rates(subject.example)[placed.tick_of(length) : placed.tick_of(0) + placed.ticks].any():
        what = f"but it is active for {placed.calls:,}: {over} and stays there"
        yield _problem(placed, "total_iters", what, str(placed.calls), "error")
        return
    severity: Severity = "note" if placed.unit == "epoch" and placed.is_warmup else "warning"
    if in_sequence or not placed.is_warmup:
        fits = str(placed.calls)
    elif placed.unit != "step":
        fits = f"{length}, if that is intended"
    else:
        fits = _epochs_or_a_tenth(subject, placed, length)
    here = f"{placed.unit}s"
    if placed.unit == "call":
        here = f"{length * placed.every:,} {subject.schedule.run.interval}s"
    yield _problem(placed, "total_iters", f"which are {here} here: {over}", fits, severity)


def _keeps_still(placed: Placed) -> bool:
    """True if its length has no effect, because its factor is 1 or the same at both ends."""
    if placed.type == "ConstantLR":
        return bool(placed.argument("factor") == 1)
    return placed.type == "LinearLR" and bool(placed.argument("start_factor") == placed.argument("end_factor"))


def _no_peak(subject: Subject, placed: Placed) -> Iterator[Oddity]:
    if placed.given("step_size_up") or subject.is_still(placed):
        return
    if placed.calls < placed.argument("step_size_up"):
        last = placed.tick_of(0) + placed.ticks - 1
        top = rate(max(subject.by_group(placed.argument("max_lr"))))
        what = f"but it is active for only {placed.calls:,}: {subject.lr_is(last)}, on its way to max_lr = {top}"
        yield _problem(placed, "step_size_up", what, f"{max(1, placed.calls // 2)}, which makes one cycle", "warning")


def _anneal(subject: Subject, placed: Placed) -> Iterator[Oddity]:
    length = placed.length or 0
    if placed.given("anneal_epochs"):
        return
    if placed.calls + 1 < length:
        last = placed.tick_of(0) + placed.ticks - 1
        what = f"but it is active for only {placed.calls}: it does not finish, and {subject.lr_is(last)}"
        yield _problem(placed, "anneal_epochs", what, str(placed.calls), "warning")
    elif placed.unit == "step" and placed.calls > length:
        what = f"which are steps here, despite its name: {subject.lr_is(placed.tick_of(length))}"
        yield _problem(placed, "anneal_epochs", what, _epochs_or_a_tenth(subject, placed, length), "warning")


def _patience(subject: Subject, placed: Placed) -> Iterator[Oddity]:
    if placed.given("patience") or placed.unit != "step" or subject.curve is None:
        return
    begin, patience = placed.tick_of(0), int(placed.argument("patience"))
    rates = subject.rates(subject.example)[begin : begin + placed.ticks]
    fallen = (rates < rates[0]).nonzero()[0]
    if len(fallen):
        first, last = begin + int(fallen[0]), begin + placed.ticks - 1
        what = f"which are steps here: {subject.lr_is(first)}, and {subject.rate_at(last)} at "
        what += moment(subject.curve.run, last)
        yield _problem(placed, "patience", what, _epochs_or_a_tenth(subject, placed, patience), "warning")


def _epochs_or_a_tenth(subject: Subject, placed: Placed, epochs: int) -> str:
    """A length in epochs, or a tenth of the calls where the epochs are unknown or do not fit."""
    per_epoch = subject.schedule.run.steps_per_epoch
    fits = per_epoch is not None and epochs * per_epoch <= placed.calls
    return f"{epochs} epochs" if fits else str(max(1, placed.calls // 10))


def _problem(placed: Placed, name: str, what: str, fits: str, severity: Severity) -> Oddity:
    return Oddity(
        placed.scheduler.where,
        f"{placed.type}: {name} is left at torch's default of {placed.argument(name):,} calls, {what}",
        f"{name}: {fits}",
        severity,
        schedulers=(placed.scheduler,),
        argument=name,
    )
