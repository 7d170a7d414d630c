"""What trainings ended with, as a table: a row for each schedule. (CSV and JSON: a record for each seed, too.)

Every writer takes `TrainedSchedule`s and a text stream.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import IO, Any

from lrviz.ansi import BOLD, RED, Terminal, paint
from lrviz.foreign import escaped, json_text
from lrviz.lessons.results import Spread, TrainedSchedule, Training
from lrviz.render.outcome import outcome
from lrviz.render.tables.columns import TextColumn, continued, fold, write_caption, write_columns
from lrviz.render.tables.numbers import csv_cell, json_number
from lrviz.words import PLAIN_BELOW, counted, power_of_ten

FIELDS: dict[str, Callable[[TrainedSchedule, Training], Any]] = {
    "schedule": lambda each, training: each.name,
    "seed": lambda each, training: training.seed,
    "batch_size": lambda each, training: each.batch_size,
    "start_loss": lambda each, training: training.validations[0].loss,
    "final_loss": lambda each, training: training.final.loss,
    "best_loss": lambda each, training: training.best.loss,
    "best_epoch": lambda each, training: training.best.step / each.length.steps_per_epoch,
    "accuracy": lambda each, training: training.final.accuracy,
    "steps": lambda each, training: len(training.losses),
    "diverged": lambda each, training: training.diverged,
    "stopped": lambda each, training: training.stopped,
}
"""The fields of the CSV and JSON output; a row is a training."""


def write_csv(trained: Sequence[TrainedSchedule], stream: IO[str]) -> None:
    """A column for each of `FIELDS`; numbers read back to the same bits, a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in trained:
        for training in each.trainings:
            writer.writerow([_cell(value(each, training)) for value in FIELDS.values()])


def _cell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else csv_cell(value)


def write_json(trained: Sequence[TrainedSchedule], stream: IO[str]) -> None:
    """`{"version": 1, "problem": ..., "epochs": ..., "steps": ..., "trainings": [...]}` with the keys of `FIELDS`, and
    `validations`: step, loss and accuracy of each. A missing value is null, and so are the steps of schedules whose
    batches differ in size."""
    first, several = trained[0], len({each.length.steps for each in trained}) > 1
    steps = None if several else first.length.steps
    head = {"version": 1, "problem": first.problem.name, "epochs": first.length.epochs, "steps": steps}
    lines = ",\n".join(
        json_text(_record(each, training), allow_nan=False) for each in trained for training in each.trainings
    )
    stream.write(f'{json_text(head)[:-1]}, "trainings": [\n{lines}\n]}}\n')


def _record(each: TrainedSchedule, training: Training) -> dict[str, Any]:
    record = {name: _as_json(value(each, training)) for name, value in FIELDS.items()}
    record["validations"] = [
        {"step": one.step, "loss": json_number(one.loss), "accuracy": one.accuracy} for one in training.validations
    ]
    return record


def _as_json(value: Any) -> Any:
    return json_number(value) if isinstance(value, float) else value


# --- for people --------------------------------------------------------------------------------------------

GAP = 2

DECIMALS, DIGITS, PLAIN_FROM = 4, 3, 1e-3
"""The decimals of losses: so many, or as many more as the smallest needs for so many digits. Losses below the last of
these, and from `PLAIN_BELOW` on, have a power of ten."""

LONGEST_NAME = 32
"""Columns of the terminal; a longer name is folded where the terminal is narrow."""


def write_table(trained: Sequence[TrainedSchedule], stream: IO[str], terminal: Terminal) -> None:
    """The table for people. If it is wider than `terminal.width`, it is turned, or goes on below; no cell is cut.

    Of several schedules, the smallest final loss is marked.
    """
    best = _best(trained)
    columns = _columns(trained, best, terminal)
    if terminal.width is not None:
        columns[0] = replace(columns[0], cells=["\n".join(fold(name, LONGEST_NAME)) for name in columns[0].cells])
    split = write_columns(columns, stream, terminal, gap=GAP, bold_line=True, turn=True)
    words = [_caption(trained, best, terminal), *([continued(len(trained) > 1)] if split else [])]
    write_caption("\n".join(words), stream, terminal)


def _columns(trained: Sequence[TrainedSchedule], best: int | None, terminal: Terminal) -> list[TextColumn]:
    def strong(row: int, line: str) -> str:
        words = line.rstrip()
        return paint(words, BOLD, terminal.color and row == best) + line[len(words) :]

    def loud(row: int, line: str) -> str:
        return paint(line, RED, terminal.color and bool(trained[row].diverged))

    sign = "+/-" if terminal.ascii else "±"
    final = _spreads([each.final_loss for each in trained], sign)
    if best is not None:
        final = [f"{terminal.mark if row == best else ' '} {cell}" for row, cell in enumerate(final)]
    columns = [
        TextColumn([escaped(each.name) for each in trained], "schedule", left=True, paint=strong),
        TextColumn(final, "final loss", paint=strong),
        TextColumn(_spreads([each.best_loss for each in trained], sign), "best loss", paint=strong),
        TextColumn(_decimals([each.best_epoch.mean for each in trained]), "at epoch", paint=strong),
    ]
    if any(each.trainings[0].validations[0].accuracy is not None for each in trained):
        columns.append(TextColumn(_accuracies(trained, sign), "accuracy, %", paint=strong))
    said = [outcome(each, whole=True) for each in trained]
    if any(said):
        columns.append(TextColumn(said, "outcome", left=True, paint=loud))
    return columns


def _best(trained: Sequence[TrainedSchedule]) -> int | None:
    """The row with the smallest final loss, if there are several; None if all diverged."""
    losses = {row: each.final_loss.mean for row, each in enumerate(trained) if not each.diverged}
    known = {row: loss for row, loss in losses.items() if math.isfinite(loss)}
    return min(known, key=lambda row: known[row]) if known and len(trained) > 1 else None


def _spreads(losses: Sequence[Spread], sign: str) -> list[str]:
    """Losses aligned at the decimal point, with their deviations; a loss that is not finite is a dash."""
    finite = [loss for loss in losses if math.isfinite(loss.mean)]
    plain = [PLAIN_FROM <= abs(loss.mean) < PLAIN_BELOW or loss.mean == 0 for loss in finite]
    smallest = min(
        (abs(loss.mean) for loss, fixed in zip(finite, plain, strict=True) if fixed and loss.mean), default=1.0
    )
    decimals = max(DECIMALS, DIGITS - 1 - math.floor(math.log10(smallest)))

    def write(value: float, fixed: bool, digits: int = DIGITS) -> str:
        return f"{value:.{decimals}f}" if fixed else power_of_ten(f"{value:.{digits - 1}e}")

    means = [write(loss.mean, fixed) for loss, fixed in zip(finite, plain, strict=True)]
    deviations = [
        write(loss.deviation, fixed, DIGITS - 1)
        for loss, fixed in zip(finite, plain, strict=True)
        if loss.deviation is not None
    ]
    return _joined(losses, _at_point(means), _at_point(deviations), sign)


def _at_point(cells: Sequence[str]) -> list[str]:
    """Cells of the same width, aligned at the decimal point."""
    wholes = [re.split(r"[.e]", cell)[0] for cell in cells]
    before = max(map(len, wholes), default=0)
    shifted = [" " * (before - len(whole)) + cell for cell, whole in zip(cells, wholes, strict=True)]
    width = max(map(len, shifted), default=0)
    return [cell.ljust(width) for cell in shifted]


def _joined(spreads: Sequence[Spread], means: Sequence[str], deviations: Sequence[str], sign: str) -> list[str]:
    """The cells of some spreads: means and deviations in the order of those that have one."""
    mean, deviation = iter(means), iter(deviations)
    room = len(f" {sign} ") + len(deviations[0]) if deviations else 0
    cells = []
    for each in spreads:
        if not math.isfinite(each.mean):
            cells.append("-".rjust(len(means[0]) if means else 1) + " " * room)
        elif each.deviation is None:
            cells.append(next(mean) + " " * room)
        else:
            cells.append(f"{next(mean)} {sign} {next(deviation)}")
    return cells


def _decimals(numbers: Sequence[float]) -> list[str]:
    """Numbers with one decimal, or none if all are whole."""
    whole = all(number == round(number) for number in numbers)
    return [f"{number:,.{0 if whole else 1}f}" for number in numbers]


def _accuracies(trained: Sequence[TrainedSchedule], sign: str) -> list[str]:
    """Accuracies in percent, with their deviations."""
    known = [each.accuracy or Spread(math.nan, None) for each in trained]
    percents = [Spread(100 * each.mean, None if each.deviation is None else 100 * each.deviation) for each in known]
    means = _right([f"{each.mean:.1f}" for each in percents if math.isfinite(each.mean)])
    deviations = _right([f"{each.deviation:.1f}" for each in percents if each.deviation is not None])
    return _joined(percents, means, deviations, sign)


def _right(cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells), default=0)
    return [cell.rjust(width) for cell in cells]


def _caption(trained: Sequence[TrainedSchedule], best: int | None, terminal: Terminal) -> str:
    first = trained[0]
    seeds = max(len(each.ended) for each in trained)
    sign = "+/-" if terminal.ascii else "±"
    spread = f", mean {sign} standard deviation of {counted(seeds, 'seed')}" if seeds > 1 else ""
    steps = {each.length.steps for each in trained}
    length = str(first.length) if len(steps) == 1 else f"{first.length.epochs:g} epochs"
    mark = f"\n{terminal.mark} smallest final loss" if best is not None else ""
    return f"validation loss on {escaped(first.problem.name)} after {length}{spread}{mark}"
