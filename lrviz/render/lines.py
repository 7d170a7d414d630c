"""Short answers as lines of cells, for people and for a shell: no head, no colour, nothing cut."""

from __future__ import annotations

from collections.abc import Sequence

GAP = "   "


def lines_of(rows: Sequence[Sequence[str]]) -> str:
    """One line a row, its cells one below the other from the left; a column that is blank everywhere is left out."""
    from rich.cells import cell_len  # a letter may be two columns wide

    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(cell_len, column)) for column in columns]
    lines = []
    for row in zip(*columns, strict=True):
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append(GAP.join(cells).rstrip() + "\n")
    return "".join(lines)
