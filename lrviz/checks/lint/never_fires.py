"""A scheduler that never changes the learning rate.

A `step_size` longer than the run, milestones that all come after it, a `gamma` of 1, a plateau whose `min_lr` is above
the learning rate: torch constructs the scheduler, and the run is the same as without it. If the metric of a plateau
simply keeps improving, or a learning rate is held by a factor of 1, it is a note.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 30}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 100}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import counted, rate


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    found = False
    for placed in subject.of_type(*_RULES):
        each = _RULES[placed.type](subject, placed) if placed.calls > 1 else None
        if each is not None:
            found = True
            yield each._replace(schedulers=(placed.scheduler,))
    if not found and _is_flat(subject):
        assert subject.schedule.scheduler is not None
        yield Oddity(
            subject.schedule.scheduler.where,
            f"the learning rate{subject.whose()} is {subject.rate_at(0)} from the first step to the last",
            "`scheduler: none` says so, if that is intended",
            "note",
        )


def _of_gamma(subject: Subject, placed: Placed) -> Oddity | None:
    if placed.argument("gamma") != 1:
        return None
    return Oddity(
        placed.scheduler.where_of("gamma"),
        f"{placed.type}: gamma = 1 multiplies by 1: {_outcome(subject, placed)}",
        f"gamma: {'0.9' if placed.type == 'ExponentialLR' else '0.1'}, or leave the {placed.type} out",
        "warning",
        argument="gamma",
    )


def _outcome(subject: Subject, placed: Placed) -> str:
    if subject.is_still(placed):
        return f"the learning rate{subject.whose()} stays at {subject.rate_at(placed.tick_of(0))}"
    return "it has no effect"


def _of_steps(subject: Subject, placed: Placed) -> Oddity | None:
    if placed.argument("gamma") == 1:
        return _of_gamma(subject, placed)
    if placed.type == "StepLR":
        name, first = "step_size", int(placed.argument("step_size"))
        what = f"StepLR: step_size = {first:,}"
    else:
        name, first = "milestones", min(placed.argument("milestones"), default=placed.calls + 1)
        what = "MultiStepLR: the list of milestones is empty"
        if placed.argument("milestones"):
            what = f"MultiStepLR: the first milestone is {first:,}"
    if first < placed.calls:
        return None
    third = max(1, placed.calls // 3)
    fits = str(third) if name == "step_size" else f"[{third}, {2 * third}]"
    late = f", but it is active for only {counted(placed.calls, 'call')}" if placed.argument(name) else ""
    end = "; the last call decays it, but no step uses the result" if first == placed.calls else ""
    return Oddity(
        placed.scheduler.where_of(name),
        f"{what}{late}: {_outcome(subject, placed)}{end}",
        f"{name}: {fits}, or leave the {placed.type} out",
        "warning",
        argument=name,
    )


def _first(subject: Subject, placed: Placed, group: int) -> float:
    assert subject.curve is not None
    return subject.curve.lr_at(group, placed.tick_of(0))


# --- plateaus ------------------------------------------------------------------------------------------------


def _of_plateau(subject: Subject, placed: Placed) -> Oddity | None:
    curve = subject.curve
    assert curve is not None
    bases = [_first(subject, placed, group) for group in range(len(curve.groups))]
    factor, eps, patience = (placed.argument(name) for name in ("factor", "eps", "patience"))
    floors = subject.by_group(placed.argument("min_lr"))
    trained = [group for group, base in enumerate(bases) if base]
    barred = [group for group in trained if floors[group] >= bases[group]]
    if barred:
        group = barred[0]
        of = f" of group {curve.groups[group]!r}" if len(barred) < len(bases) else subject.whose(group)
        return Oddity(
            placed.scheduler.where_of("min_lr", group),
            f"ReduceLROnPlateau: min_lr = {rate(floors[group])} is not below the learning rate{of}, "
            f"{rate(bases[group])}: it is never reduced",
            f"min_lr: {rate(min(bases[each] for each in trained) / 100)}",
            "warning",
            argument="min_lr",
        )
    if not trained or not all(subject.is_still(placed, group) for group in trained):
        return None
    cut = max(bases[group] - max(bases[group] * factor, floors[group]) for group in trained)
    if cut <= eps:
        return Oddity(
            placed.scheduler.where_of("eps"),
            f"ReduceLROnPlateau: a reduction would lower the learning rate by {rate(cut)}, and torch skips reductions "
            f"that are not larger than eps = {rate(eps)}",
            f"eps: {rate(cut / 100)}",
            "warning",
            argument="eps",
        )
    if placed.calls < patience + 2:
        return Oddity(
            placed.scheduler.where_of("patience"),
            f"ReduceLROnPlateau: with patience = {patience:,} the first reduction can come at call {patience + 2:,}, "
            f"but it is active for only {placed.calls:,}",
            f"patience: {max(0, placed.calls // 10)}",
            "warning",
            argument="patience",
        )
    last = placed.tick_of(0) + placed.ticks
    if last == len(curve) and any(curve.lr_at(group, last) < bases[group] for group in trained):
        return Oddity(
            placed.scheduler.where_of("patience"),
            f"ReduceLROnPlateau: with patience = {patience:,} the first reduction comes at the last of its "
            f"{counted(placed.calls, 'call')}, and no step uses the result",
            f"patience: {max(0, placed.calls // 10)}",
            "warning",
            argument="patience",
        )
    return Oddity(
        placed.scheduler.where,
        f"ReduceLROnPlateau: this metric never goes {patience + 1:,} calls without improvement: the learning rate"
        f"{subject.whose()} stays at {rate(bases[subject.example])}",
        severity="note",
        argument="threshold_mode",
    )


_RULES: Final = {
    "StepLR": _of_steps,
    "MultiStepLR": _of_steps,
    "ExponentialLR": _of_gamma,
    "ReduceLROnPlateau": _of_plateau,
}
"""Why a scheduler of a class does nothing, by class."""


def _is_flat(subject: Subject) -> bool:
    """True if schedulers leave every learning rate unchanged, above 0, in a run of more than one call.

    Plateaus are left out: why one does not fire is a finding of its own.
    """
    assert subject.curve is not None
    if len(subject.curve) < 2 or not subject.placed or any(subject.of_type("ReduceLROnPlateau")):
        return False
    rates = [subject.rates(group) for group in range(len(subject.curve.groups))]
    return any(each[0] > 0 for each in rates) and all(bool((each == each[0]).all()) for each in rates)
