"""Warns of a training, at the line of the training, and not without end."""

from __future__ import annotations

import sys
import warnings
from typing import Final

from lrviz.training.guard.deviation import DeviationWarning

MAX_WARNINGS: Final = 20
"""A guard warns no more often than this: a training that leaves its plan and returns at every step is one story."""


class Warner:
    """Issues the warnings of one guard; none if it is `silent`."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._count = 0

    def __call__(self, text: str) -> None:
        """Issues a warning at the line of the training; none after `MAX_WARNINGS` of them."""
        if self._silent or self._count >= MAX_WARNINGS:
            return
        self._count += 1
        if self._count == MAX_WARNINGS:
            text += f"\n  this is warning {MAX_WARNINGS}: the guard counts on in silence"
        warnings.warn(text, DeviationWarning, stacklevel=_level_of_training())


def _level_of_training() -> int:
    """The `stacklevel` at which a warning shows the line of the training: beyond our own modules, and torch's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("lrviz", "torch"):
        level, frame = level + 1, frame.f_back
    return level
