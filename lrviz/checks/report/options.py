"""The options of a report: how and where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class ReportOptions(NamedTuple):
    """`lines` returns the lines of a file by its name, none if it cannot be shown; `verbose` also shows expectations
    that hold, `quiet` shows only findings, without a summary; `ascii` writes ASCII characters only."""

    lines: Callable[[str], Sequence[str]] = lambda file: ()
    color: bool = False
    verbose: bool = False
    quiet: bool = False
    ascii: bool = False
