"""Stretches of a curve, and the schedulers that cause them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ZERO
from lrviz.checks.lint.helpers.closed_form import lambdas
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.errors import Position
from lrviz.schedule.model import Function, Phases
from lrviz.words import several

SUDDEN: Final = 1e-6
"""A call with a factor below this does not decay the learning rate but sets it to 0."""


def zero(subject: Subject, group: int) -> NDArray[np.bool_]:
    """The ticks, as a mask, at which the learning rate of a group is 0, but not by a decay or before a gradual rise."""
    rates = subject.rates(group)
    peak = rates.max()
    is_zero: NDArray[np.bool_] = np.abs(rates) <= ZERO * peak if np.isfinite(peak) else rates == 0
    begins, ends = runs(is_zero)
    decayed = (begins > 0) & (rates[begins] >= SUDDEN * rates[begins - 1])
    grew = (ends < len(rates)) & (rates[ends - 1] >= SUDDEN * rates[ends % len(rates)])
    for begin, end in zip(begins[decayed | grew], ends[decayed | grew], strict=True):
        is_zero[begin:end] = False
    return is_zero


def runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where a mask holds: the first tick of each stretch, and the one after its last."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]


def where_at(subject: Subject, tick: int, group: int = 0) -> Position:
    """The position to report for the learning rate of a group at a tick: a function, else the scheduler or phase."""
    placed, spec = subject.active_at(tick), subject.schedule.scheduler
    if placed is not None:
        if placed.type == "LambdaLR":
            functions = lambdas(placed)
            function = functions[group % len(functions)]
            return function.where if isinstance(function, Function) else placed.scheduler.where_of("lr_lambda", group)
        return placed.scheduler.where
    if isinstance(spec, Phases):
        return next(phase.where for phase in spec.phases if phase.start <= tick < phase.start + phase.calls)
    return spec.where if spec is not None else subject.schedule.where


def others(count: int) -> str:
    """` (and that of 2 more groups)`, or nothing."""
    return f" (and that of {several(count, 'more group')})" if count else ""
