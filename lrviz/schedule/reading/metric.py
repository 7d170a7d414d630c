"""The key `metric` -> one number for each call: a list, an expression of `epoch` and `step`, or a column of a file."""

from __future__ import annotations

import math
from pathlib import Path

from lrviz.duration import clock
from lrviz.errors import Position, Problems
from lrviz.files import UnreadableError, read_bytes
from lrviz.reach import Reach
from lrviz.run import Run
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import MAX_NUMBER, ExpressionError, ExpressionValueError, parse
from lrviz.schedule.text.records import UNREADABLE, Record, records
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import several, show

EXAMPLE = "metric: [0.9, 0.7, 0.6], an expression like `1 / (epoch + 1)`, or {file: log.csv, column: val_loss}"


def read_metric(
    node: Node | None, run: Run | None, needed: int, reach: Reach, problems: Problems, remarks: Problems
) -> tuple[float, ...] | None:
    """The values of a metric, one per call; None if there is no metric, or it is wrong.

    `reach` says which files the schedule file may name.
    Fewer than `needed` values are a problem. More values than calls, NaN, and a metric that no scheduler reads are
    remarks.
    """
    if node is None or run is None:
        return None
    if isinstance(node.value, str):
        values = _of_expression(node, run, problems)
    elif node.is_list:
        values = [_number(each, problems) for each in node.value]
    elif node.is_mapping:
        values = _of_file(node, reach, problems)
    else:
        problems.at(node, f"metric must be a list of numbers (got {show(node.value)})", EXAMPLE)
        return None
    if values is None:
        return None
    _remark(values, node, run, needed, problems, remarks)
    return tuple(values)


def _remark(values: list[float], node: Node, run: Run, needed: int, problems: Problems, remarks: Problems) -> None:
    if needed == 0:
        remarks.at(
            node,
            "no scheduler reads this metric: there is no ReduceLROnPlateau",
            severity="warning",
            code="metric-unread",
        )
        return
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
    nans = [index for index, value in enumerate(values[: run.calls]) if math.isnan(value)]
    if nans:
        remarks.at(
            node,
            f"metric is NaN at call {nans[0]}; torch counts that as a call without improvement",
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


def _of_expression(node: Node, run: Run, problems: Problems) -> list[float] | None:
    known = clock(run.steps_per_epoch, run.interval)
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
    function = expression.function("t", {name: value for name, value in known.items() if value is not None})
    try:
        return [float(function(call)) for call in range(run.calls)]
    except ExpressionValueError as error:
        problems.at(node, f"metric: {str(error).replace(' at t = ', ' at call ')}")
        return None


# --- files -------------------------------------------------------------------------------------------------


def _of_file(node: Node, reach: Reach, problems: Problems) -> list[float] | None:
    known = len(problems)
    for key, _ in node.items():
        if key.value not in ("file", "column"):
            problems.at(key, f"unknown key {key.value!r}", did_you_mean(str(key.value), ("file", "column")))
    texts = {}
    for name in ("file", "column"):
        value = node.get(name)
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
        rows = list(records(data, path))
    except UnreadableError as error:
        problems.at(where, f"metric: {error.of(path)}", error.hint)
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        problems.at(where, f"metric: {path} cannot be read: {reason}")
    else:
        return _column(rows, texts["column"].strip(), path, where, problems)
    return None


def _column(rows: list[Record], column: str, path: Path, where: Position, problems: Problems) -> list[float] | None:
    """The numbers of a column; records without it are skipped."""
    columns = list(dict.fromkeys(name for row in rows for name in row.values))
    if column not in columns:
        hint = f"its columns are {', '.join(columns)}" if columns else "it is empty"
        problems.at(where, f"metric: {path} has no column {column!r}", hint)
        return None
    values = []
    for number, row in enumerate(rows, 1):
        value = row.values.get(column)
        if value is None or value == "":
            continue
        try:
            if isinstance(value, bool):
                raise ValueError
            values.append(float(value))
        except (TypeError, ValueError, OverflowError):
            problems.at(
                where, f"metric: record {number} of {path} has {show(value)} in {column}, which is not a number"
            )
            return None
    return values
