"""Goes one way, and records what follows: the curve, or what torch refuses."""

from __future__ import annotations

from lrviz.alike import ROUNDING
from lrviz.curve import Curve
from lrviz.engine.recorder import Recorder
from lrviz.engine.refusal import words
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.expression import ExpressionValueError
from lrviz.training.resume.curves import curve_of
from lrviz.training.resume.departure import departure, identical
from lrviz.training.resume.restart import Restart
from lrviz.training.resume.results import Followed
from lrviz.training.resume.ways import Way

PHASED = "PhasedLR"
"""What the refusals of our own scheduler begin with."""


def follow(way: Way, restart: Restart, before: Curve, plan: Curve) -> Followed:
    """What follows a restart in one way: `before` is the curve up to it, `plan` what should follow."""
    schedule, first, stop = restart.schedule, restart.tick, restart.schedule.run.ticks
    name, lines = way.called(restart), way.lines(restart)
    try:
        way.go(restart)
    except Exception as error:
        return Followed(way.key, name, lines, None, refusal=_refusal(schedule, error), keeps_state=way.keeps_state)
    recorder = Recorder.of(restart.optimizer.param_groups, momentum=True)
    refusal = ""
    try:
        recorder.record(restart.going_on(), stop - first)
    except (Exception, SystemExit) as error:
        refusal, stop = _refusal(schedule, error), first + len(recorder.lr[0])
    curve = curve_of(schedule, recorder, name, before, first)
    left = departure(curve, plan, first, stop, restart.saved.rounding if restart.saved is not None else ROUNDING)
    same = not refusal and identical(curve, plan, first, stop)
    refused_at = stop - 1 if refusal else None
    return Followed(way.key, name, lines, curve, left, refusal, refused_at, same, way.keeps_state)


def _refusal(schedule: Schedule, error: BaseException) -> str:
    """What is refused, in one line: torch's words, or those of the class that is not torch's."""
    cause = error.__cause__ if isinstance(error, ScheduleError) and error.__cause__ is not None else error
    text = str(cause)
    if isinstance(cause, ExpressionValueError) or text.startswith(PHASED):
        return text
    own = schedule.scheduler is not None and any(each.own for each in schedule.scheduler.walk())
    return f"{'refused' if own else 'torch refuses'}: {_first_line(cause)}"


def _first_line(error: BaseException) -> str:
    """The class of an exception and the first line of what it says; what torch goes on to say is advice."""
    said = str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()
    return f"{type(error).__name__}: {said.splitlines()[0].strip()}" if said else words(error)
