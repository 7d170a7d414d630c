"""What stands in a config in place of a value that only running it, or its program, would show."""

from __future__ import annotations

from dataclasses import dataclass

from lrviz.errors import Position


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The value of a node that cannot be known without running something; an error only where it is read.

    `where` is the first place that would have to run, and `what` says what stands there: `a call of int`. `hint` says
    what to do where the value is needed.
    """

    where: Position
    what: str
    hint: str = "write the value itself"


class ImportedName(str):
    """A name that a Python config imports, as the text of its path. It is a value only where a name is meant
    (`type=SGD`)."""

    __slots__ = ()
