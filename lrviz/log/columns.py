"""Which columns of a log hold the learning rate and the time, by their names."""

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
"""With one of these words a name that speaks of a learning rate means something else: `min_lr`, `lr_decay`."""

STEPS: Final = (
    "globalstep", "globalsteps", "optimizerstep", "optimizersteps", "numupdates", "updates", "update", "trainstep",
    "step", "steps", "iteration", "iterations", "iter", "iters", "niter",
)
# fmt: on
"""Names of a column of steps, letters and digits only, the one that is surest to count optimizer steps first."""

EPOCHS: Final = ("epoch", "epochs")


def says_lr(name: str) -> bool:
    """Whether a column's name means a learning rate.

    The last part of a path says it (`train/lr`, `Learning Rate`, `lr-AdamW`, `optim/lr_0`), or the one before where
    the last names a param group (`lr-SGD/pg1`).
    """
    *before, last = re.split(r"[/.]", name)
    words = _words(last)
    if OTHER & set(words):
        return False
    return _is_lr(words) or (bool(before) and _is_lr(_words(before[-1])[:2]))


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORDS.findall(text)]


def _is_lr(words: list[str]) -> bool:
    pairs = [first + second for first, second in pairwise(words)]
    return not OTHER & set(words) and not LR.isdisjoint([*words, *pairs])


def clock_of(name: str) -> tuple[Literal["step", "epoch"], int] | None:
    """Whether a column's name means steps or epochs, and how far down it stands among such names; None for others."""
    last = plain(name.rpartition("/")[2])
    if last in EPOCHS:
        return "epoch", len(name)
    if last in STEPS:
        # W&B's own `_step` counts calls of its logger
        return "step", len(STEPS) if name == "_step" else STEPS.index(last)
    return None
