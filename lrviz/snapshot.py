"""A snapshot file -> the curve that is stored in it. `lrviz check --update` writes them (lrviz/check/snapshot.py)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lrviz.run import MAX_CALLS, Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS = 10_000
"""A run of more calls stores so many of them."""

MOST_BYTES = 100_000_000
FIRST_LINE = "# lrviz snapshot 1"


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A snapshot as it was read: `rates` is rows x columns, `end` columns long.

    `groups` are the titles of the columns: the schedule's name, or `name/group`. `steps_per_epoch` is None where the
    rows do not tell it.
    """

    torch: str
    calls: int
    interval: Interval
    steps_per_epoch: int | None
    checksum: str
    text: str
    groups: tuple[str, ...]
    ticks: NDArray[np.int64]
    rates: NDArray[np.float64]
    end: NDArray[np.float64]


_HEADER = re.compile(
    rf"{FIRST_LINE}\n# torch: (?P<torch>.*)\n# run: (?P<calls>[0-9]+) calls, one (?P<unit>an epoch|a step)\n"
    r"# checksum: (?P<checksum>\S+)\n# schedule:\n(?P<text>(?:#.*\n)*)"
)


def read(path: Path) -> Stored:
    """The snapshot in a file. Raises `OSError` where it cannot be read, `ValueError` where it is none."""
    with open(path, "rb") as file:
        return parse(file.read(MOST_BYTES + 1))


def parse(data: bytes) -> Stored:
    """The snapshot in a text. Raises `ValueError` where it is none."""
    import numpy as np

    if len(data) > MOST_BYTES:
        raise ValueError("it is larger than 100 MB")
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"it is no snapshot: it does not begin with `{FIRST_LINE}`, torch, run, checksum, schedule")
    titles, *rows = csv.reader(io.StringIO(text[header.end() :], newline=""))
    clock = 0 if header["unit"] == "an epoch" else 1
    try:
        *inside, end = rows
        ticks = np.array([int(row[clock]) for row in inside], dtype=np.int64)
        rates = np.array([[float(value) for value in row[2:]] for row in inside], dtype=np.float64)
        last = np.array([float(value) for value in end[2:]])
        calls, columns = int(header["calls"]), len(titles) - 2
        in_order = len(ticks) > 0 and ticks[0] == 0 and ticks[-1] == calls - 1 and bool((np.diff(ticks) > 0).all())
        whole = len(ticks) == calls or (len(ticks) < calls > MOST_ROWS)
        if titles[:2] != ["epoch", "step"] or end[0] != "end" or not (in_order and whole and columns):
            raise ValueError
        if rates.shape != (len(ticks), columns) or len(last) != columns or calls > MAX_CALLS:
            raise ValueError
        per_epoch = _steps_per_epoch(inside[-1])
    except (ValueError, IndexError, OverflowError):
        raise ValueError(
            "its rows are not those of a snapshot: one for each call, or evenly spread, then `end`"
        ) from None
    return Stored(
        torch=header["torch"],
        calls=calls,
        interval="epoch" if clock == 0 else "step",
        steps_per_epoch=per_epoch,
        checksum=header["checksum"],
        text="".join(f"{line[4:]}\n" for line in header["text"].splitlines()),
        groups=tuple(titles[2:]),
        ticks=ticks,
        rates=rates,
        end=last,
    )


def _steps_per_epoch(last: Sequence[str]) -> int | None:
    """What the last row tells of it: nothing where it has one clock, or where both are still at 0."""
    epoch, step = last[:2]
    if not epoch or not step or not float(epoch):
        return None
    return round(int(step) / float(epoch)) or None
