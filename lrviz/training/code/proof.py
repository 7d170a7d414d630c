"""The releases of torch with which printed code is proven to give the learning rates of its schedule, to the last bit.

`tests/training/code/releases.py` writes printed code, for hundreds of schedules, with the torch of lrviz's tests and
runs it with another torch. A release is named here if no bit differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from lrviz.engine.torch_source import torch_version
from lrviz.schedule.model import Phases, Scheduler

RELEASES = ("2.4", "2.13", "2.14")

OLD = ("2.4",)
"""Those of `RELEASES` in which SequentialLR undoes less of what its schedulers do when they are made."""

UNDONE_SINCE = ("SequentialLR", "ChainedScheduler", "MultiplicativeLR", "SWALR")
"""The schedulers that an old SequentialLR begins elsewhere, or refuses."""


def said_of(schedulers: Iterable[Scheduler | Phases]) -> str:
    """The releases with which the code of these schedulers is proven, in words."""
    inside = [each for scheduler in schedulers for each in scheduler.walk()]
    installed, _, _ = (torch_version() or "").partition("+")
    release = installed.rpartition(".")[0]
    if any(each.own for each in inside):
        return f"torch {release}, which is installed here, as far as schedulers that are not torch's own stay the same"
    old = any(each.type == "SequentialLR" and _began_elsewhere(each) for each in inside)
    proven = [each for each in RELEASES if not (old and each in OLD)]
    untried = "" if release in RELEASES else f" (not yet with {installed}, which is installed here)"
    return f"torch {', '.join(proven[:-1])} and {proven[-1]}{untried}"


def _began_elsewhere(sequential: Scheduler) -> bool:
    """True if an old release of torch runs this SequentialLR in another way."""
    ascending = all(one < other for one, other in pairwise([0, *sequential.arguments["milestones"]]))
    return not ascending or any(child.type in UNDONE_SINCE for child in sequential.children)
