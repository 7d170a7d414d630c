"""The format in which a program prints a learning rate: how a line reads, what it counts, how it rounds.

Adding one is adding a module to `formats/`; CONTRIBUTING.md says how.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

NUMBER: Final = r"[-+]?(?:(?:[0-9]{1,30}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})(?:[eE][-+]?[0-9]{1,4})?|nan|inf)"
"""A number in a regular expression. It has an end, so that no line takes long."""

COUNT: Final = r"[0-9]{1,18}"
"""A whole number in a regular expression."""

ANY: Final = ".{0,2000}"
"""What `.*` stands for in a regular expression."""

BLANKS: Final = r"[^\S\n]*"
"""Any blanks of a line, or none, in a regular expression."""

CLOCKS: Final = ("step", "epoch", "iteration", "part", "of", "total")
"""The groups of a format that count; see `Format`."""


@dataclass(frozen=True, eq=False)
class Format:
    """How the lines of one program are read.

    - `program`: completes "as ... writes them".
    - `words`: each line with a record holds all of these.
    - `line`: finds a record. Its groups are `lr`, or `lrs` for learning rates with commas between them, and of these
      that count: `step`, all steps of the run; `epoch`; `iteration` and `of`, the step within an epoch of so many, or
      `part` and `of` where these are no steps; `total`, of how many epochs. `step` with `of` may mean either, the steps
      of the run or those within an epoch, if they start over.
    - `first_epoch`: the number of the run's first epoch; None where the lines must tell, also from what steps count.
    - `behind`: how many steps a learning rate is behind the clock. It is 0 where the plan's learning rate of step k is
      logged with k, and 1 where the clock says how many steps are made, and the learning rate is that of the last of
      them. Where releases of a program differ there are several, and the first that fits best counts.
    - `digits`: the significant digits to which learning rates are rounded; "written" for those that are there; None
      where the column must tell (`lrviz/log/digits.py`).
    - `epoch_digits`: those of epochs; None for epochs that are whole, or rounded to decimals.
    - `redrawn`: True for a progress bar, whose last state at a step counts; `old` says which count is drawn with the
      learning rate of some step before, and does not count: 0 ("first") or that of all steps ("last").
    - `heading`: finds the epoch, in a line above of those that hold the learning rate.
    - `names`: the names of the groups `lr`, `lr_1`, `lr_2`, ..., by which `--column` chooses.
    - `sure`: False if other programs that print such lines count from 1.
    - `derived`: True if the names on a line gave it.
    - `guessed`: True if nothing names `iteration` and `of`: they count only where they read like a place in the epoch.
    """

    program: str
    words: tuple[str, ...]
    line: re.Pattern[str]
    first_epoch: int | None = 0
    behind: tuple[int, ...] = (0,)
    digits: int | Literal["written"] | None = None
    epoch_digits: int | None = None
    redrawn: bool = False
    old: Literal["", "first", "last"] = ""
    heading: re.Pattern[str] | None = None
    names: tuple[str, ...] = ("lr",)
    sure: bool = True
    derived: bool = False
    guessed: bool = False

    @cached_property
    def clocks(self) -> tuple[str, ...]:
        """The groups that count, in the order of `CLOCKS`."""
        own = tuple(name for name in CLOCKS if name in self.line.groupindex)
        return own if self.heading is None else ("epoch", *own)

    @cached_property
    def indices(self) -> tuple[int, ...]:
        """The numbers of `groups` in `line`."""
        return tuple(self.line.groupindex[name] for name in self.groups)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """All groups of `line`: those that count, then the learning rates."""
        own = tuple(name for name in self.clocks if name in self.line.groupindex)
        return (*own, *(name for name in self.line.groupindex if name.startswith("lr")))


def line(text: str) -> re.Pattern[str]:
    """The regular expression of a format, in which `NUMBER`, `COUNT` and `.*` stand for the constants above.

    It is searched for in single lines and in whole texts: it must not match a line break. It is fast where it begins
    with a word.
    """
    text = text.replace(".*", ANY).replace("NUMBER", NUMBER).replace("COUNT", COUNT)
    return re.compile(text, re.ASCII | re.MULTILINE)
