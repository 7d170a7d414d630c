"""A deviation from the plan, and how it is told: as an error, or as a warning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lrviz.foreign import escaped
from lrviz.words import counted, rate

What: TypeAlias = Literal["lr", "momentum"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """The first step of a training that left its plan.

    - `step`: the optimizer step, from 0, as the plan counts; `epoch`: the same in epochs, None if the plan has none.
    - `group`: the name of the param group, its index where it has none; `others`: how many other groups deviate too.
    - `what`: "lr" or "momentum" (beta1 of Adam); `used`, `planned`: its values; `planned` is None after the end of the
      plan, and where the param groups are no longer those of the plan.
    - `followed`: the steps that followed the plan before this one.
    - `causes`: those that fit what was seen so far, the usual ones first.
    - `plan`: the schedule and its file; `trusted`: what the guard had to believe.
    """

    step: int
    epoch: float | None
    group: str
    others: int
    what: What
    used: float
    planned: float | None
    followed: int
    causes: tuple[str, ...]
    plan: str
    trusted: tuple[str, ...] = ()
    where: str = ""

    def __str__(self) -> str:
        what = "learning rate" if self.what == "lr" else "momentum"
        groups = f"param group {self.group!r}"
        if self.others:
            groups += f" and {counted(self.others, 'other')}"
        used = rate(self.used, self.planned)
        planned = "nothing" if self.planned is None else rate(self.planned, self.used)
        followed = f"the {counted(self.followed, 'step')} before it followed" if self.followed else "no step before it"
        lines = [
            f"the {what} left its plan at {self.where}, counted from 0",
            f"  used:    {used}, in {groups}",
            f"  planned: {planned}, by {self.plan}",
            f"  before:  {followed}",
        ]
        if self.causes:
            lines += ["  what fits so far:", *(f"  - {cause}" for cause in self.causes)]
        else:
            lines.append("  none of the usual causes fits: is this the schedule of another run?")
        lines += [f"  note: {note}" for note in self.trusted]
        return "\n".join(map(escaped, lines))


class DeviationError(RuntimeError):
    """A training left its plan: raised by `optimizer.step()` before anything moved. `deviation` holds the facts."""

    __module__ = "lrviz"

    def __init__(self, deviation: Deviation) -> None:
        text = str(deviation)
        if len(deviation.causes) > 1:
            text += '\n  on="warn" trains on, and names the cause after a few more steps'
        super().__init__(text)
        self.deviation = deviation

    def __reduce__(self) -> tuple[type[DeviationError], tuple[Deviation]]:
        return type(self), (self.deviation,)


class DeviationWarning(UserWarning):
    """A training left its plan, and goes on."""

    __module__ = "lrviz"
