"""What trainings ended with, as a table: a row for each schedule. (CSV and JSON: a record for each seed, too.)

Every writer takes `TrainedSchedule`s and a text stream.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from typing import IO, Any

from lrviz.ansi import Terminal
from lrviz.foreign import escaped, json_text
from lrviz.lessons.results import Spread, TrainedSchedule, Training
from lrviz.render.tables.columns import TextColumn, write_caption, write_columns
from lrviz.render.tables.numbers import csv_cell, json_number
from lrviz.words import BY_SIZE, counted

Row = tuple[TrainedSchedule, Training]

FIELDS: dict[str, Callable[[TrainedSchedule, Training], Any]] = {
    "schedule": lambda each, training: each.name,
    "seed": lambda each, training: training.seed,
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
    `validations`: step, loss and accuracy of each. A missing value is null."""
    first = trained[0]
    head = {"version": 1, "problem": first.problem.name, "epochs": first.length.epochs, "steps": first.length.steps}
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


def write_table(trained: Sequence[TrainedSchedule], stream: IO[str], terminal: Terminal) -> None:
    """The table for people. If it is wider than `terminal.width`, it is turned, or goes on below; no cell is cut."""
    write_columns(_columns(trained), stream, terminal, gap=GAP, bold_line=True, turn=True)
    write_caption(_caption(trained), stream, terminal)


def _columns(trained: Sequence[TrainedSchedule]) -> list[TextColumn]:
    columns = [
        TextColumn([escaped(each.name) for each in trained], "schedule", left=True),
        TextColumn([_loss(each.final_loss) for each in trained], "final loss"),
        TextColumn([_loss(each.best_loss) for each in trained], "best loss"),
        TextColumn([_epoch(each.best_epoch) for each in trained], "at epoch"),
    ]
    if any(each.trainings[0].validations[0].accuracy is not None for each in trained):
        columns.append(TextColumn([_percent(each.accuracy) for each in trained], "accuracy"))
    said = [_said(each) for each in trained]
    if any(said):
        columns.append(TextColumn(said, left=True))
    return columns


def _loss(loss: Spread) -> str:
    if not math.isfinite(loss.mean):
        return "-"
    more = f" ± {BY_SIZE(loss.deviation, 2)}" if loss.deviation is not None else ""
    return f"{BY_SIZE(loss.mean, 4)}{more}"


def _epoch(epoch: Spread) -> str:
    return f"{epoch.mean:.3g}"


def _percent(accuracy: Spread | None) -> str:
    return "-" if accuracy is None else f"{100 * accuracy.mean:.1f} %"


def _said(each: TrainedSchedule) -> str:
    """What went wrong: that trainings diverged, and where; that one was interrupted."""
    words = []
    if each.diverged:
        stops = [training.stopped for training in each.diverged if training.stopped is not None]
        where = f" at step {min(stops):,}" if stops else ""
        if len(stops) < len(each.diverged):
            ends = next(training for training in each.diverged if training.stopped is None)
            start = BY_SIZE(ends.validations[0].loss, 3)
            where = (
                f": ends no lower than it began ({start})" if not stops else f"{where} or ends no lower than it began"
            )
        share = f" with {len(each.diverged)} of {len(each.trainings)} seeds" if len(each.trainings) > 1 else ""
        words.append(f"diverged{share}{where}")
    partial = next((training for training in each.trainings if not training.complete), None)
    if partial is not None:
        words.append(f"interrupted at step {len(partial.losses):,}")
    return "; ".join(words)


def _caption(trained: Sequence[TrainedSchedule]) -> str:
    first = trained[0]
    seeds = max(len(each.trainings) for each in trained)
    spread = f", mean ± standard deviation of {counted(seeds, 'seed')}" if seeds > 1 else ""
    return f"validation loss on {first.problem.name} after {first.length}{spread}"
