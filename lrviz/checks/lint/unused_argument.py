"""An argument that torch does not look at.

OneCycleLR takes `epochs` and `steps_per_epoch` only where `total_steps` is left out. CyclicLR takes `gamma` only in
`mode: exp_range`, and has one of `mode` and `scale_fn`: beside a `scale_fn` the mode counts for nothing, without one
`scale_mode` does. The ends of the momentum are for `cycle_momentum: true`. torch accepts all of them without a word.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.01, momentum: 0.9}
    scheduler: {type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 5, mode: exp_range, gamma: 0.9}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.01, momentum: 0.9}
    scheduler: {type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 5, gamma: 0.9}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import SCHEDULERS


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("OneCycleLR", "CyclicLR", "SWALR"):
        if placed.type == "OneCycleLR":
            yield from _lengths(placed)
        else:
            yield from _of_cyclic(placed) if placed.type == "CyclicLR" else _of_swa(placed)
        ends = [name for name in ("base_momentum", "max_momentum") if _says_something(placed, name)]
        if ends and not placed.argument("cycle_momentum"):
            yield Oddity(
                placed.scheduler.where_of(ends[0]),
                f"{placed.type}: with cycle_momentum: false nothing moves momentum, and {' and '.join(ends)} "
                f"{'is' if len(ends) == 1 else 'are'} not used",
                "leave out what is not used, or cycle_momentum",
                "note",
            )


def _says_something(placed: Placed, name: str) -> bool:
    """Whether the file gives an argument another value than torch's default."""
    argument = SCHEDULERS[placed.type].argument(name)
    return argument is not None and placed.given(name) and placed.argument(name) != argument.default


def _lengths(placed: Placed) -> Iterator[Oddity]:
    total, epochs, each = (placed.argument(name) for name in ("total_steps", "epochs", "steps_per_epoch"))
    beside = [name for name in ("epochs", "steps_per_epoch") if placed.argument(name) is not None]
    if total is None or not beside:
        return
    product = epochs * each if len(beside) == 2 else None
    names = " and ".join(beside)
    more = f", which make {product:,}" if product not in (None, total) else ""
    yield Oddity(
        placed.scheduler.where_of(beside[0]),
        f"OneCycleLR: beside total_steps: {total} torch does not look at {names}{more}",
        f"leave {names} out" + (f", or total_steps if {product} is meant" if more else ""),
        "note" if product == total else "warning",
    )


def _of_cyclic(placed: Placed) -> Iterator[Oddity]:
    mode, has_function = placed.argument("mode"), placed.argument("scale_fn") is not None
    if has_function and _says_something(placed, "mode"):
        yield Oddity(
            placed.scheduler.where_of("mode"),
            f"CyclicLR: beside a scale_fn torch does not look at mode: {mode}",
            "leave out one of the two",
            "warning",
        )
    if not has_function and _says_something(placed, "scale_mode"):
        given = "iterations" if mode == "exp_range" else "cycle"
        yield Oddity(
            placed.scheduler.where_of("scale_mode"),
            f"CyclicLR: scale_mode is for a scale_fn; mode: {mode} sets it to {given}",
            "leave scale_mode out",
            "note" if given == placed.argument("scale_mode") else "warning",
        )
    if _says_something(placed, "gamma") and (has_function or mode != "exp_range"):
        gamma = placed.argument("gamma")
        beside = "a scale_fn" if has_function else f"mode: {mode}"
        yield Oddity(
            placed.scheduler.where_of("gamma"),
            f"CyclicLR: gamma: {gamma} is for mode: exp_range, and with {beside} torch does not look at it",
            "leave gamma out" if has_function else "mode: exp_range; or leave gamma out",
            "warning",
        )


def _of_swa(placed: Placed) -> Iterator[Oddity]:
    if placed.argument("anneal_epochs") == 0 and _says_something(placed, "anneal_strategy"):
        yield Oddity(
            placed.scheduler.where_of("anneal_strategy"),
            "SWALR: with anneal_epochs: 0 nothing is annealed, and anneal_strategy is not used",
            "leave anneal_strategy out",
            "note",
        )
