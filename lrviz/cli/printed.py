"""Results on standard output, in the format that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from lrviz.cli.options import Color
from lrviz.cli.output import standard_output
from lrviz.cli.streams import ascii_only, use_color, width


def print_as(format: str, found: Sequence[Any], write: ModuleType, color: Color) -> None:
    """Prints results with the writer of a format (`write_csv`) of their module in `render/tables/`; a table is as wide
    as the terminal."""
    from lrviz.ansi import Terminal

    out = sys.stdout
    with standard_output():
        if format == "table":
            write.write_table(found, out, Terminal(use_color(out, color), width(out), ascii_only(out)))
        else:
            getattr(write, f"write_{format}")(found, out)
