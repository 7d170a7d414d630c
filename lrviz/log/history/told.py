"""What is told of a run that deviates: the cause, or the stretches of its history, each with its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lrviz.errors import Problem
from lrviz.log.case import LogCase
from lrviz.log.causes import causes_of, unexplained
from lrviz.log.fit import Fit
from lrviz.log.history.another import another_run
from lrviz.log.history.stretches import CHANGES_AGAIN, MAX_STRETCHES, Stretch, stretches_of
from lrviz.log.intervals import CalledAt
from lrviz.log.lengths import OfLength
from lrviz.log.table import note
from lrviz.log.words import RESUME, hint_of, told

STRETCH = "log-stretch"
"""The code of the notes that tell a history."""

MANY_HELD = 3
"""So many stretches of one learning rate each are the steps of another plan, not a scheduler that is not called."""

LEAST_KNOWN = 0.5
"""The stretches that follow the plan or have a cause hold this share of the records, else this is no history."""


class Told(NamedTuple):
    """The `hint` of a finding, what its message adds (`another`: that the log is one of another run), and `notes`."""

    hint: str
    another: str = ""
    notes: tuple[Problem, ...] = ()


def told_of(case: LogCase, called_at: CalledAt | None = None, of_length: OfLength | None = None) -> Told:
    """What explains a case in which a record deviates."""
    causes = causes_of(case, called_at, of_length)
    if causes:
        return Told(hint_of(causes))
    stretches = stretches_of(case, of_length)
    deviating = [each for each in stretches if not each.follows]
    only = len(deviating) == 1 and stretches[-1].stop == len(case)
    again = only and stretches[0].follows and stretches[-1].follows
    if not (again or any(each.causes for each in deviating)) or not _is_history(case, stretches):
        return Told(unexplained(case), another_run(case))
    first = deviating[0]
    says = _says(case, first)
    resume = f" {RESUME}" if any(cause.resumed for each in deviating for cause in each.causes) else ""
    if only and stretches[-1] is first:
        return Told(f"from {case.place(first.first)} on, {says}{resume}")
    if only and not first.causes:
        by_hand = "before and after, the run follows the plan; was the learning rate set by hand there?"
        return Told(f"only {_places(case, first)}: {by_hand}")
    return Told(f"{_places(case, first)}: {says}{resume}", notes=tuple(_notes(case, stretches)))


def _is_history(case: LogCase, stretches: list[Stretch]) -> bool:
    """True if most records follow the plan or have a cause, and not all of these are held at some learning rate.

    Those after the plan's end do not count: that it had ended explains the records of any longer run.
    """
    beyond = [each for each in stretches if any(cause.beyond for cause in each.causes)]
    with np.errstate(all="ignore"):
        changed = Fit(case).changed
    held = [each for each in stretches if any(cause.held for cause in each.causes)]
    told = [each for each in stretches if each.causes and each not in (*held, *beyond)]
    told += [each for each in stretches if each.follows and changed[each.first + 1 : each.stop].sum() >= CHANGES_AGAIN]
    known = sum(each.stop - each.first for each in (*held, *told))
    within = len(case) - sum(each.stop - each.first for each in beyond)
    return bool(told) and len(held) < MANY_HELD and known >= LEAST_KNOWN * within


def _notes(case: LogCase, stretches: list[Stretch]) -> Iterator[Problem]:
    for index, each in enumerate(stretches):
        if index == MAX_STRETCHES:
            says = f"and so on from {case.place(each.first)}: only the first {MAX_STRETCHES} stretches are told"
        else:
            says = f"{_places(case, each)}: {_says(case, each)}"
        yield note(case.log.path, STRETCH, says, case.log.lines[int(case.rows[each.first])])


def _places(case: LogCase, stretch: Stretch) -> str:
    first, last = case.place(stretch.first), case.place(stretch.stop - 1)
    return first if first == last else f"{first} to {last}"


def _says(case: LogCase, stretch: Stretch) -> str:
    if stretch.follows:
        return "follows the plan"
    if not stretch.causes:
        return "no usual cause explains it"
    return told(stretch.causes).replace(f"from {case.place(stretch.first)} on, ", "")
