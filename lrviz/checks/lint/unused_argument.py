"""An argument that torch ignores.

OneCycleLR uses `epochs` and `steps_per_epoch` only without `total_steps`. CyclicLR uses `gamma` only in `mode:
exp_range`, which with torch's default of 1 is `triangular`, and only one of `mode` and `scale_fn`: with a `scale_fn`
the mode has no effect, without one `scale_mode` has none. `base_momentum` and `max_momentum` are for
`cycle_momentum: true`. torch accepts all of them silently.

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
                f"{placed.type}: with cycle_momentum: false momentum stays as it is, and {' and '.join(ends)} "
                f"{'is' if len(ends) == 1 else 'are'} not used",
                f"leave out {' and '.join(ends)}, or cycle_momentum",
                "note",
            )


def _says_something(placed: Placed, name: str) -> bool:
    """True if the file gives an argument a value other than torch's default."""
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
        f"OneCycleLR: with total_steps: {total}, torch ignores {names}{more}",
        f"leave {names} out" + (f", or total_steps if {product} is intended" if more else ""),
        "note" if product == total else "warning",
    )


def _of_cyclic(placed: Placed) -> Iterator[Oddity]:
    mode, has_function = placed.argument("mode"), placed.argument("scale_fn") is not None
    if has_function and _says_something(placed, "mode"):
        yield Oddity(
            placed.scheduler.where_of("mode"),
            f"CyclicLR: with a scale_fn, torch ignores mode: {mode}",
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
    if mode == "exp_range" and not has_function and placed.argument("gamma") == 1:
        left = "is left at torch's default of 1" if not placed.given("gamma") else "is 1"
        yield Oddity(
            placed.scheduler.where_of("gamma" if placed.given("gamma") else "mode"),
            f"CyclicLR: gamma {left}, with which mode: exp_range is mode: triangular: no cycle is lower than the first",
            f"gamma: 0.1 ** (1 / {placed.calls}), with which the last is a tenth; or mode: triangular",
            "warning",
        )
    if _says_something(placed, "gamma") and (has_function or mode != "exp_range"):
        gamma = placed.argument("gamma")
        beside = "a scale_fn" if has_function else f"mode: {mode}"
        yield Oddity(
            placed.scheduler.where_of("gamma"),
            f"CyclicLR: gamma: {gamma} is for mode: exp_range; with {beside}, torch ignores it",
            "leave gamma out" if has_function else "mode: exp_range; or leave gamma out",
            "warning",
        )


def _of_swa(placed: Placed) -> Iterator[Oddity]:
    if placed.argument("anneal_epochs") == 0 and _says_something(placed, "anneal_strategy"):
        yield Oddity(
            placed.scheduler.where_of("anneal_strategy"),
            "SWALR: with anneal_epochs: 0 nothing is annealed, so anneal_strategy is not used",
            "leave anneal_strategy out",
            "note",
        )
