"""Learning-rate range tests as a table: a row for each optimizer. (CSV and JSON hold the curves, too.)"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from typing import IO, Any

from lrviz.ansi import Terminal
from lrviz.foreign import escaped, json_text
from lrviz.lessons.find import RangeTest
from lrviz.render.tables.columns import TextColumn, continued, write_caption, write_columns
from lrviz.render.tables.numbers import csv_cell, json_number
from lrviz.words import counted, short_rate

COLUMNS = ("schedules", "lr", "loss", "smoothed")


def write_csv(tests: Sequence[RangeTest], stream: IO[str]) -> None:
    """A row for each step of each test; numbers read back to the same bits."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for test in tests:
        names = csv_cell(", ".join(test.names))
        for point in zip(test.lr, test.losses, test.smoothed, strict=True):
            writer.writerow([names, *(csv_cell(float(each)) for each in point)])


def write_json(tests: Sequence[RangeTest], stream: IO[str]) -> None:
    """`{"version": 1, "problem": ..., "tests": [...]}`; what could not be chosen is null."""
    lines = ",\n".join(json_text(_record(test), allow_nan=False) for test in tests)
    head = json_text({"version": 1, "problem": tests[0].problem.name})
    stream.write(f'{head[:-1]}, "tests": [\n{lines}\n]}}\n')


def _record(test: RangeTest) -> dict[str, Any]:
    return {
        "schedules": list(test.names),
        "optimizer": test.schedule.optimizer.type,
        "suggested": test.suggested,
        "steepest": test.steepest,
        "minimum": test.minimum,
        "peaks": [json_number(peak) for peak in test.peaks],
        "lr": test.lr.tolist(),
        "loss": test.losses.tolist(),
        "smoothed": test.smoothed.tolist(),
    }


def write_table(tests: Sequence[RangeTest], stream: IO[str], terminal: Terminal) -> None:
    """The table for people. If it is wider than `terminal.width`, it is turned, or goes on below; no cell
    is cut."""
    columns = [
        TextColumn(["\n".join(map(escaped, test.names)) for test in tests], "schedule", left=True),
        TextColumn([_first(test, test.schedule.optimizer.type) for test in tests], "optimizer", left=True),
        TextColumn([_first(test, _rate(test.suggested)) for test in tests], "suggested"),
        TextColumn([_first(test, _rate(test.minimum)) for test in tests], "at the\nminimum"),
        TextColumn([_first(test, _rate(test.steepest)) for test in tests], "steepest\ndescent"),
        TextColumn(["\n".join(map(_rate, test.peaks)) for test in tests], "file's\npeak"),
    ]
    said = ["\n".join(_said(test, peak) for peak in test.peaks) for test in tests]
    if any(map(str.strip, said)):
        columns.append(TextColumn(said, left=True))
    split = write_columns(columns, stream, terminal, gap=2, bold_line=True, turn=True)
    words = [_caption(tests), *([continued(len(tests) > 1)] if split else [])]
    write_caption("\n".join(words), stream, terminal)


def _first(test: RangeTest, cell: str) -> str:
    """A cell that stands beside the first schedule of a test, and holds for those below it, too."""
    return cell + "\n" * (len(test.names) - 1)


def _rate(lr: float | None) -> str:
    return "-" if lr is None or not math.isfinite(lr) else short_rate(lr, 2)


def _said(test: RangeTest, peak: float) -> str:
    """What the test says of the largest learning rate of the file."""
    if test.minimum is None or test.suggested is None or not math.isfinite(peak):
        return ""
    if test.falling:
        return "the loss still falls at the end: try a higher one (--between)"
    if peak >= test.minimum:
        return "the peak is too high: the loss rises again there"
    return "the peak is far below: it may be slow" if peak < test.suggested / 10 else ""


def _caption(tests: Sequence[RangeTest]) -> str:
    first = tests[0]
    seeds = f", mean of {counted(first.seeds, 'seed')}" if first.seeds > 1 else ""
    words = f"range test on {first.problem.name}{seeds}; suggested is the minimum over ten"
    if any(test.suggested is None for test in tests):
        words += "\n-: the loss did not fall; try other bounds (--between) or more steps (--find-steps)"
    return words
