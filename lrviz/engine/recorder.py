"""Records the learning rates of an optimizer's param groups, call by call, and makes them a curve."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrviz.curve import Curve
from lrviz.run import Run


def momentum(group: Mapping[str, Any]) -> float | None:
    """The value that schedulers change as the momentum of a param group: beta1 if the group has betas."""
    return group["betas"][0] if "betas" in group else group.get("momentum")


def names_of(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of an optimizer's param groups; the index of one that has none, or shares it with another."""
    given = [group.get("name") for group in groups]
    count = Counter(name for name in given if isinstance(name, str))
    return [name if isinstance(name, str) and count[name] == 1 else str(index) for index, name in enumerate(given)]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records the values of every group before each call, in one buffer of doubles a group."""

    groups: Sequence[dict[str, Any]]
    lr: list[array[float]]
    momentum: list[array[float]]

    @classmethod
    def of(cls, groups: Sequence[dict[str, Any]], *, momentum: bool) -> Recorder:
        """A recorder of these groups; of their momentum too if it may move."""
        return cls(groups, [array("d") for _ in groups], [array("d") for _ in groups] if momentum else [])

    def record(self, step: Callable[[], object], calls: int) -> None:
        """Records, then calls `step`, `calls` times. A long run spends its time here."""
        if len(self.groups) == 1 and not self.momentum and not isinstance(self.groups[0]["lr"], int):
            append, group = self.lr[0].append, self.groups[0]
            for _ in range(calls):
                append(group["lr"])
                step()
            return
        lr = [(column.append, group) for column, group in zip(self.lr, self.groups, strict=True)]
        moving = list(zip((column.append for column in self.momentum), self.groups, strict=False))
        for _ in range(calls):
            for append, group in lr:
                append(double_of(group))
            for append, group in moving:
                append(momentum(group) or 0.0)
            step()

    def curve(
        self,
        name: str,
        names: Sequence[str],
        run: Run,
        own_momentum: Sequence[float | None],
        *,
        title: str | None = None,
        source: str | None = None,
    ) -> Curve:
        """What was recorded, with the values after the last call.

        `names` are those of the groups. `own_momentum` is theirs before a scheduler changed it; where it never moves,
        the curve has none.
        """
        end_momentum = tuple(map(momentum, self.groups)) if self.momentum else ()
        moved = any(
            own != end or any(own != value for value in column)
            for own, end, column in zip(own_momentum, end_momentum, self.momentum, strict=False)
        )
        return Curve(
            name=name,
            groups=tuple(names),
            run=run,
            columns=tuple(memoryview(column).toreadonly() for column in self.lr),
            end_lr=tuple(map(double_of, self.groups)),
            momentum_columns=tuple(memoryview(column).toreadonly() for column in self.momentum) if moved else None,
            end_momentum=tuple(float(end or 0.0) for end in end_momentum) if moved else None,
            title=title,
            source=source,
        )


_BEYOND = 2**1024
"""The least whole number beyond all doubles."""


def double_of(group: dict[str, Any]) -> float:
    """The learning rate of a group as a double.

    Torch keeps whole numbers whole, however large they grow. One beyond the doubles is replaced by `_BEYOND`, from
    which the same follows, in less and less time: times a whole number it is beyond them or 0, and times a float torch
    refuses it.
    """
    value = group["lr"]
    try:
        return float(value)
    except OverflowError:
        group["lr"] = _BEYOND if value > 0 else -_BEYOND
        return math.inf if value > 0 else -math.inf
