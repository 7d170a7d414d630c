"""The surroundings of a scheduler in a file: the run, the param groups, and its own share of the run."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.errors import Problems
from lrviz.run import Interval, Run


class Context(NamedTuple):
    """Where a scheduler stands.

    `run` and `groups` (the names of the param groups) are None if they are wrong in the file. The scheduler is
    called after `every` epochs or steps, as `interval` says, `calls` times while it is active (None if unknown); it
    becomes active after `start` such calls of the run. `owns` is true if `calls` is the scheduler's own length, with
    which an argument left out may be filled in (not inside a SequentialLR); `phase` is true for a phase. `remarks`
    collects warnings; `trust` allows classes that are not torch's own.
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
    every: int = 1
