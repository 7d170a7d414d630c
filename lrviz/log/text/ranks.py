"""Whether the ranks of a run logged the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from lrviz.errors import Position, Problem
from lrviz.log.text.kept import Kept

MAX_COMPARED = 500_000
"""Of a rank, at most so many records are compared with those of another."""

Said = tuple[str, Kept]
"""A rank and its records."""


def disagreement(path: str, ours: Said, theirs: Said, texts: Sequence[str], others: Sequence[str]) -> Iterator[Problem]:
    """The first record of a rank with another learning rate than a rank before had at that step, as an error.

    `texts` and `others` are the learning rates of both.
    """
    known = dict(islice(zip(zip(*ours[1].clocks, strict=True), texts, strict=False), MAX_COMPARED))
    first: tuple[int, str, str, str] | None = None
    count = 0
    for line, at, text in islice(
        zip(theirs[1].lines, zip(*theirs[1].clocks, strict=True), others, strict=False), MAX_COMPARED
    ):
        own = known.get(at, text)
        if own != text and float(own) != float(text):
            count += 1
            if first is None:
                words = zip(theirs[1].format.clocks, at, strict=True)
                place = ", ".join(f"{name} {value:,.8g}" for name, value in words if name not in ("of", "total"))
                first = line, place, text, own
    if first is not None:
        line, place, text, own = first
        more = f"; {count:,} records differ" if count > 1 else ""
        message = f"rank {theirs[0]} logged {text} at {place}, rank {ours[0]} {own}{more}"
        hint = "do all ranks call scheduler.step() equally often, and load the same state?"
        yield Problem(Position(path, line, 1), message, hint, "error", "log-ranks")
