"""Warnings while a model is trained.

Those of a problem's own code matter, and those of torch about it: that a loss broadcasts, say. They are kept, each
once. What is said of schedulers and optimizers is not about the file of the user, since lrviz calls them.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from lrviz.errors import Position, Problem

Warned: TypeAlias = dict[Problem, None]
"""Warnings in the order in which they came, each once."""

MOST = 10
"""Warnings that are kept: one whose text has a number in it may come at every step."""

NOT_OURS_TO_SAY = r"(lrviz|torch\.optim)\."


@contextmanager
def collected() -> Iterator[Warned]:
    """Collects what is warned of inside, `UserWarning` and `RuntimeWarning`; nothing is printed."""
    found: Warned = {}

    def keep(
        message: Any, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        if len(found) < MOST:
            inside = os.path.relpath(filename)
            where = Position(filename if inside.startswith(os.pardir) else inside, lineno)
            found[Problem(where, " ".join(f"{category.__name__}: {message}".split()), severity="warning")] = None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for category in (RuntimeWarning, UserWarning):
            warnings.filterwarnings("default", category=category)
        warnings.filterwarnings("ignore", module=NOT_OURS_TO_SAY)
        warnings.showwarning = keep
        yield found
