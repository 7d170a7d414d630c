"""Snapshot files: the whole curve of a schedule as CSV, written and read.

The file is what `lrviz table --by step --end --format csv` prints, but with one row for each call of the scheduler,
since nothing changes between two calls, and after a header of `#` lines:

    # lrviz snapshot 1
    # torch: 2.13.0
    # run: 30 calls, one an epoch
    # checksum: sha256 over every bit of the curve
    # schedule:
    #   the keys of the schedule, including inherited ones, as YAML
    epoch,step,name
    0,,0.1

Of a run with more than `MAX_ROWS` calls, that many are stored: evenly spread, with both sides of every boundary between
two phases. The checksum covers all calls.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve, checksum
from lrviz.files import UnreadableError, open_regular, undecodable
from lrviz.number import integer, real
from lrviz.run import MAX_CALLS, Interval
from lrviz.words import several

MAX_ROWS = 10_000

FIRST_LINE = "# lrviz snapshot 1"
_HEADER = FIRST_LINE + "\n# torch: {torch}\n# run: {run}\n# checksum: {checksum}\n# schedule:\n{schedule}"
_INDENT = "#   "
_HEADER_PATTERN = re.compile(
    _HEADER.format(
        torch="(?P<torch>.*)",
        run="(?P<ticks>[0-9]+) (?:calls?, one (?P<unit>an epoch|a step)"
        "|(?P<units>epochs|steps), one call every (?P<every>[0-9]+))",
        checksum=r"(?P<checksum>\S+)",
        schedule=r"(?P<schedule>(?:#.*\n)*)",
    )
)
_UNITS: dict[Interval, str] = {"epoch": "an epoch", "step": "a step"}


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A snapshot that was read: `ticks` is rows long, `rates` rows x columns, `end` columns long.

    The run has `total` ticks, and a call after every `every` of them.
    `groups` are the titles of the columns: the schedule's name, or `name/group`. `steps_per_epoch` is None if the rows
    do not show it. `text` is the schedule as YAML.
    """

    torch: str
    total: int
    every: int
    interval: Interval
    steps_per_epoch: int | None
    checksum: str
    text: str
    groups: tuple[str, ...]
    ticks: NDArray[np.int64]
    rates: NDArray[np.float64]
    end: NDArray[np.float64]


# --- writing -------------------------------------------------------------------------------------------------


def write(curve: Curve, torch: str, schedule: str, boundaries: Iterable[int] = ()) -> str:
    """The text of a snapshot; its numbers read back to the same bits.

    `torch` is the version of torch that computed the curve, `schedule` the schedule as YAML, and `boundaries` are the
    ticks at which its phases begin.
    """
    out = io.StringIO()
    out.write(
        _HEADER.format(
            torch=torch,
            run=run_words(len(curve), curve.run.interval, curve.run.every),
            checksum=checksum(curve),
            schedule="".join(f"{_INDENT}{line}\n" for line in schedule.splitlines()),
        )
    )
    writer = csv.writer(out, lineterminator="\n")
    columns = range(1 if curve.uniform else len(curve.groups))
    writer.writerow(["epoch", "step", *column_titles(curve)])
    for tick in ticks_to_store(len(curve), boundaries):
        writer.writerow([*_clock(curve, tick), *(repr(curve.columns[group][tick]) for group in columns)])
    writer.writerow(["end", "", *(repr(curve.end_lr[group]) for group in columns)])
    return out.getvalue()


def run_words(ticks: int, interval: Interval, every: int) -> str:
    """A run in words: `30 calls, one an epoch`, or `5000 steps, one call every 500`."""
    if every > 1:
        return f"{ticks} {interval}s, one call every {every}"
    return f"{several(ticks, 'call')}, one {_UNITS[interval]}"


def column_titles(curve: Curve) -> list[str]:
    """The titles of the columns of learning rates: one for each group, or one for all if they never differ."""
    return [curve.name] if curve.uniform else [f"{curve.name}/{group}" for group in curve.groups]


def ticks_to_store(calls: int, boundaries: Iterable[int]) -> list[int]:
    """Every tick of a short run; `MAX_ROWS` of a long one, with the first, the last and both sides of boundaries.

    Boundaries beyond the first `MAX_ROWS // 4` get no rows of their own.
    """
    if calls <= MAX_ROWS:
        return list(range(calls))
    edges = [edge for edge in boundaries if 0 < edge < calls][: MAX_ROWS // 4]
    kept = {0, calls - 1, *edges, *(edge - 1 for edge in edges)}
    count = MAX_ROWS - len(kept)
    kept.update(index * (calls - 1) // (count - 1) for index in range(count))
    return sorted(kept)


def _clock(curve: Curve, tick: int) -> tuple[int | float | str, int | float | str]:
    """The columns `epoch` and `step` of a row; empty if the run does not know the unit."""
    epoch, step = curve.run.epoch(tick), curve.run.step(tick)
    return "" if epoch is None else epoch, "" if step is None else step


# --- reading -------------------------------------------------------------------------------------------------


def parse(data: bytes) -> Stored:
    """The snapshot in the bytes of a file. Raises `ValueError` if it is not one."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"it {undecodable(error)}") from None
    header = _HEADER_PATTERN.match(text)
    if header is None:
        raise ValueError(f"it is not a snapshot: it does not begin with `{FIRST_LINE}`, torch, run, checksum, schedule")
    clock = 0 if (header["unit"] or header["units"]) in (_UNITS["epoch"], "epochs") else 1
    try:
        titles, *rows = csv.reader(io.StringIO(text[header.end() :], newline=""))
        *inside, end = rows
        ticks = np.array([integer(row[clock]) for row in inside], dtype=np.int64)
        rates = np.array([[real(value) for value in row[2:]] for row in inside], dtype=np.float64)
        last = np.array([real(value) for value in end[2:]])
        total, every, columns = integer(header["ticks"]), integer(header["every"] or "1"), len(titles) - 2
        in_order = len(ticks) > 0 and ticks[0] == 0 and ticks[-1] == total - 1 and bool((np.diff(ticks) > 0).all())
        whole = len(ticks) == total or (len(ticks) < total > MAX_ROWS)
        if titles[:2] != ["epoch", "step"] or end[0] != "end" or not (in_order and whole and columns):
            raise ValueError
        if rates.shape != (len(ticks), columns) or len(last) != columns or total > MAX_CALLS or not 1 <= every <= total:
            raise ValueError
        per_epoch = _steps_per_epoch(inside[-1])
    except (ValueError, IndexError, OverflowError, csv.Error):
        raise ValueError(
            "its rows are not those of a snapshot: one for each call, or evenly spread, then `end`"
        ) from None
    return Stored(
        torch=header["torch"],
        total=total,
        every=every,
        interval="epoch" if clock == 0 else "step",
        steps_per_epoch=per_epoch,
        checksum=header["checksum"],
        text="".join(f"{line[len(_INDENT) :]}\n" for line in header["schedule"].splitlines()),
        groups=tuple(titles[2:]),
        ticks=ticks,
        rates=rates,
        end=last,
    )


def _steps_per_epoch(last: Sequence[str]) -> int | None:
    """Steps per epoch by the last row; None if it has only one of epoch and step, or the epoch is 0."""
    epoch, step = last[:2]
    if not epoch or not step or not real(epoch):
        return None
    return round(integer(step) / real(epoch)) or None


def may_replace(path: Path) -> bool:
    """True if there is no file at a path, or a snapshot: no other file is ever overwritten."""
    try:
        with open_regular(path) as file:
            return file.read(len(FIRST_LINE)) == FIRST_LINE.encode()
    except FileNotFoundError:
        return True
    except (OSError, UnreadableError):
        return False
