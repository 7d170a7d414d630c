"""What a scheduler of a file can know of its surroundings: the run, the param groups, and its own share of the run."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.errors import Problems
from lrviz.run import Interval, Run


class Context(NamedTuple):
    """Where a scheduler stands.

    `run` is None where the file has that wrong, `groups` (the names of the param groups) too. `interval` says
    when the scheduler is called, `calls` how often while it is in charge (None where that is not known), and
    `start` after how many such calls of the run that begins. `owns` says whether `calls` is a length that is its
    own, so that an argument left out may be filled in with it (not inside of a SequentialLR); `phase` whether it
    is a phase. `remarks` takes warnings; `trust` allows classes that are not torch's own.
    """

    run: Run | None
    groups: tuple[str, ...] | None
    has_metric: bool
    interval: Interval
    calls: int | None
    remarks: Problems
    start: int = 0
    owns: bool = True
    phase: bool = False
    trust: bool = False
