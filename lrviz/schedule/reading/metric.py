"""The key `metric` -> one number for each call: a list, an expression of `epoch` and `step`, or a column of a file.

An expression is computed call by call, when the run gets there: reading a file costs nothing that grows with its run.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from lrviz.duration import clock
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.files import UnreadableError, read_bytes
from lrviz.number import MAX_NUMBER, real
from lrviz.reach import Reach
from lrviz.run import Run
from lrviz.schedule.model import ComputedMetric, Function, Phases, Scheduler
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import ExpressionError, ExpressionValueError, parse
from lrviz.schedule.text.quoting import HEAD, is_table_of_numbers
from lrviz.schedule.text.records import UNREADABLE, Record, records
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import listed, several, show

EXAMPLE = "metric: [0.9, 0.7, 0.6], an expression like `1 / (epoch + 1)`, or {file: log.csv, column: val_loss}"

CALLS_TRIED = 100
"""An expression is computed at its first calls while the file is read, so that its error comes with the others."""


def calls_with_metric(scheduler: Scheduler | Phases | None, run: Run) -> list[range]:
    """The calls that read a metric, from 0, stretch by stretch."""
    if isinstance(scheduler, Phases):
        inside = [phase.calls_inside for phase in scheduler.phases if _reads(phase.scheduler)]
        return [
            range(ticks.start // run.every, ticks[-1] // run.every + 1, max(1, ticks.step // run.every))
            for ticks in inside
            if ticks
        ]
    return [range(run.calls)] if _reads(scheduler) else []


def _reads(scheduler: Scheduler | None) -> bool:
    return scheduler is not None and (scheduler.own or scheduler.type == "ReduceLROnPlateau")


def read_metric(
    node: Node | None, run: Run | None, reads: Sequence[range], reach: Reach, problems: Problems, remarks: Problems
) -> Sequence[float] | None:
    """The values of a metric, one per call; None if there is no metric, or it is wrong.

    `reads` are the calls that read one, and `reach` says which files the schedule file may name. Fewer values than the
    calls need are a problem. More values than calls, NaN, and a metric that no scheduler reads are remarks.
    """
    if node is None or run is None:
        return None
    values: Sequence[float] | None
    if isinstance(node.value, str):
        return _of_expression(node, run, reads, problems, remarks)
    if node.is_list:
        values = tuple(_number(each, problems) for each in node.value)
    elif node.is_mapping:
        values = _of_file(node, reach, problems)
    else:
        problems.at(node, f"metric must be a list of numbers (got {show(node.value)})", EXAMPLE)
        return None
    if values is None:
        return None
    if reads:
        _remark(values, node, run, reads, problems, remarks)
    else:
        _unread(node, remarks)
    return values


def _unread(node: Node, remarks: Problems) -> None:
    remarks.at(
        node,
        "no scheduler reads this metric: there is no ReduceLROnPlateau",
        severity="warning",
        code="metric-unread",
    )


def _remark(
    values: Sequence[float], node: Node, run: Run, reads: Sequence[range], problems: Problems, remarks: Problems
) -> None:
    needed = max((each[-1] + 1 for each in reads if each), default=0)
    if len(values) < needed:
        problems.at(
            node,
            f"metric has {several(len(values), 'value')}, but the run has {several(needed, 'call')} that need one each",
        )
    elif len(values) > run.calls:
        remarks.at(
            node,
            f"metric has {several(len(values), 'value')}; the run uses only the first {run.calls}",
            severity="note",
            code="metric-too-long",
        )
    nan = next((index for index, value in enumerate(values[: run.calls]) if math.isnan(value)), None)
    if nan is not None:
        remarks.at(
            node,
            f"metric is NaN at call {nan}; torch counts that as a call without improvement",
            severity="warning",
            code="metric-nan",
        )


def _number(node: Node, problems: Problems) -> float:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) > MAX_NUMBER:
        return float(value)
    if isinstance(value, str):
        try:
            return float(parse(value).value())
        except (ExpressionError, ExpressionValueError):
            pass
    problems.at(node, f"metric must be a list of numbers (got {show(value)})")
    return 0.0


def _of_expression(
    node: Node, run: Run, reads: Sequence[range], problems: Problems, remarks: Problems
) -> ComputedMetric | None:
    known = clock(run, run.interval, run.every)
    try:
        expression = parse(node.value, known)
    except ExpressionError as error:
        offset = error.offset + node.text_at if node.text_at is not None else 0
        where = node.where._replace(column=node.where.column + offset)
        problems.at(where, f"metric: {error.message} (in {show(node.value)})", error.hint or EXAMPLE)
        return None
    unknown = sorted(name for name in expression.names if known[name] is None)
    if unknown:
        problems.at(
            node, f"metric uses {unknown[0]}, which is not known here", "give the run `steps_per_epoch` or `data`"
        )
        return None
    values = {name: value for name, value in known.items() if value is not None}
    metric = ComputedMetric(Function(expression, "t", values, node.where), run.calls)
    if not reads:
        _unread(node, remarks)
    try:
        for call in islice((call for stretch in reads for call in stretch), CALLS_TRIED):
            metric[call]
    except ScheduleError as error:
        problems += error.problems
        return None
    return metric


# --- files -------------------------------------------------------------------------------------------------


def _of_file(node: Node, reach: Reach, problems: Problems) -> tuple[float, ...] | None:
    known = len(problems)
    for key, _ in node.items():
        if key.value not in ("file", "column"):
            problems.at(key, f"unknown key {key.value!r}", did_you_mean(str(key.value), ("file", "column")))
    texts = {}
    for name in ("file", "column"):
        value = node.get(name)
        if value is None and name == "column" and "file" in texts:
            continue  # the file is read, for its columns
        if value is None or not isinstance(value.value, str) or not value.value:
            got = "" if value is None else f" (got {show(value.value)})"
            problems.at(value or node, f"metric: {name} must be text{got}", EXAMPLE)
        else:
            texts[name] = value.value
    if len(problems) > known:
        return None
    where = node.value["file"].value.where
    path = reach.path(texts["file"]) if node.where.file == reach.file else Path(texts["file"])
    try:
        # only a name that stands in the file is bound to its project: one of the command line may lie anywhere
        data = reach.read(texts["file"]) if where.file == reach.file else read_bytes(path)
        return _column(records(data, path), texts.get("column"), path, where, problems)
    except UnreadableError as error:
        problems.at(where, f"metric: {error.of(path)}", error.hint)
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        problems.at(where, f"metric: {path} cannot be read: {reason}")
    return None


def _column(
    rows: Iterable[Record], name: str | None, path: Path, where: Position, problems: Problems
) -> tuple[float, ...] | None:
    """The numbers of a column; records without it are skipped, and little else of the file is kept.

    A `name` that is None or is no column is a problem.
    """
    column = None if name is None else name.strip()
    values = array("d")
    columns: dict[str, None] = {}
    head: list[Mapping[str, object]] = []
    seen: object = None
    for number, row in enumerate(rows, 1):
        if row.names is not seen:  # all rows of a CSV share theirs
            seen = row.names
            columns.update(dict.fromkeys(row.names))
        if number <= HEAD:
            head.append(row.values)
        value = None if column is None else row.values.get(column)
        if value is None or value == "":
            continue
        try:
            if isinstance(value, bool):
                raise ValueError
            values.append(real(value) if isinstance(value, str) else float(value))
        except (TypeError, ValueError, OverflowError):
            place = f"line {row.line}" if row.line else f"record {number}"
            problems.at(where, f"metric: {place} of {path} has no number in column {column!r}")
            return None
    if column not in columns:
        hint = "it does not read as a table of numbers" if columns else "it is empty"
        if is_table_of_numbers(head):
            hint = f"its columns are {listed(columns)}"
        what = "column is missing" if column is None else f"{path} has no column {column!r}"
        problems.at(where, f"metric: {what}", hint)
        return None
    return tuple(values)
