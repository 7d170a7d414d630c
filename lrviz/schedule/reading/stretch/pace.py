"""Where the moments of a run are in the longer one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lrviz.errors import Problems
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.reading.stretch.lengths import number_text
from lrviz.schedule.reading.stretch.warmup import warmup_of
from lrviz.words import counted


@dataclass(frozen=True, slots=True)
class Pace:
    """The run before and after. The first `kept` ticks stay as they are, and all that follows is `factor` as long."""

    old: Run
    new: Run
    factor: Fraction
    kept: Fraction = Fraction(0)


def pace_of(before: Schedule, new: Run, stretch: Stretch, problems: Problems) -> Pace | None:
    """The pace of a stretched schedule; None, with a problem, if its warmup cannot be kept."""
    old = before.run
    if not stretch.keep_warmup:
        return Pace(old, new, stretch.factor)
    kept = warmup_of(before)
    if kept is None:
        where = before.scheduler.where if before.scheduler is not None else before.where
        problems.at(
            where,
            f"{before.name}: --keep-warmup: there is no warmup that can be told from the rest",
            "it is a first phase that rises, a first part of a SequentialLR that does, or the rise of a OneCycleLR; "
            "write the warmup as a phase, or leave --keep-warmup out",
        )
        return None
    rest = old.ticks - kept
    if rest <= 0 or new.ticks <= kept:
        unit = f"{new.interval}s"
        problems.at(
            before.where,
            f"{before.name}: --keep-warmup: the warmup is {number_text(kept)} {unit}, and the stretched run only "
            f"{counted(new.ticks, new.interval)}",
            "stretch by more, or leave --keep-warmup out",
        )
        return None
    return Pace(old, new, (new.ticks - kept) / rest, kept)
