"""What a report for people needs to know of where it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class ReportOptions(NamedTuple):
    """`lines` gives the lines of a file by its name, none where it cannot be shown; `verbose` shows what held too,
    `quiet` findings only, without a summary; `ascii` keeps to what every encoding has."""

    lines: Callable[[str], Sequence[str]] = lambda file: ()
    color: bool = False
    verbose: bool = False
    quiet: bool = False
    ascii: bool = False
