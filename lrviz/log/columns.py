"""Recognizes the columns of a log by name: learning rates, steps, epochs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, Literal

from lrviz.schedule.text.suggest import plain

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
LR: Final = {"lr", "lrs", "lrate", "learningrate", "learningrates"}
# fmt: off
OTHER: Final = frozenset((
    "base", "decay", "end", "epoch", "epochs", "factor", "final", "init", "initial", "iter", "iteration", "loss", "max",
    "min", "momentum", "mult", "multiplier", "peak", "ratio", "scale", "sched", "schedule", "scheduler", "start",
    "step", "steps", "target", "type", "warmup", "wd", "weight",
))
"""A name with one of these words does not mean the logged learning rate: `min_lr`, `lr_decay`."""

OF_GROUPS: Final = frozenset(("decay", "weight"))
"""Words of these that names of param groups have: `lr/no_decay` is a learning rate."""

STEPS: Final = (
    "globalstep", "globalsteps", "optimizerstep", "optimizersteps", "numupdates", "updates", "update", "trainstep",
    "step", "steps", "iteration", "iterations", "iter", "iters", "niter",
)
# fmt: on
"""Names of a column of steps, letters and digits only; those most certain to count optimizer steps come first."""

EPOCHS: Final = ("epoch", "epochs")


def says_lr(name: str) -> bool:
    """True if a column's name means a learning rate.

    It is read from the last part of a path (`train/lr`, `Learning Rate`, `lr-AdamW`, `optim/lr_0`), or from the part
    before it if the last one names a param group (`lr-SGD/pg1`).
    """
    *before, last = re.split(r"[/.]", name)
    words = _words(last)
    if OTHER & set(words):
        return before == ["lr"] and OTHER & set(words) <= OF_GROUPS
    return _is_lr(words) or (bool(before) and _is_lr(_words(before[-1])[:2]))


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORDS.findall(text)]


def _is_lr(words: list[str]) -> bool:
    pairs = [first + second for first, second in pairwise(words)]
    return not OTHER & set(words) and not LR.isdisjoint([*words, *pairs])


def clock_of(name: str) -> tuple[Literal["step", "epoch"], int] | None:
    """The unit that a column's name means, and the rank of the name among those of the unit (lower is better).

    None for other names.
    """
    last = plain(name.rpartition("/")[2])
    if last in EPOCHS:
        return "epoch", len(name)
    if last in STEPS:
        # W&B's own `_step` counts calls of its logger
        return "step", len(STEPS) if name == "_step" else STEPS.index(last)
    return None
