"""Sentences under a chart about values that its lines cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lrviz.render.curves import Column
from lrviz.render.drawing.said import gaps_of, listed
from lrviz.words import moment, several, short_rate


def gaps(columns: Sequence[Column]) -> Iterator[str]:
    """A sentence for each column with learning rates that cannot be drawn, with the place of the first."""
    for gap in gaps_of(columns):
        at = moment(gap.column.curve.run, gap.tick)
        yield f"The line of {gap.column.title} has a gap at {at}, where it is {short_rate(gap.value)}."


def log_gaps(columns: Sequence[Column], values: Sequence[NDArray[np.float64]]) -> Iterator[str]:
    """A sentence for each column with values that are not above 0, which a logarithmic axis cannot show."""
    for column, each in zip(columns, values, strict=True):
        (missing,) = np.nonzero(each <= 0)
        if missing.size:
            what = "0 or less" if (each < 0).any() else "0"
            at = moment(column.curve.run, int(missing[0]))
            many = several(missing.size, column.curve.run.interval)
            where = f"at {at}" if missing.size == 1 else f"in {many}, the first at {at}"
            yield f"A logarithmic axis has no 0: {column.title} is {what} {where}, and its line has a gap there."


def below(columns: Sequence[Column], values: Sequence[NDArray[np.float64]], limit: float) -> Iterator[str]:
    """A sentence that names the columns with values below the lower end of a logarithmic axis."""
    names = [column.title for column, each in zip(columns, values, strict=True) if ((each > 0) & (each < limit)).any()]
    if names:
        line, leave = ("line", "leaves") if len(names) == 1 else ("lines", "leave")
        yield f"Below {short_rate(limit, 2)} the {line} of {listed(names, ', ')} {leave} the chart."
