"""A ReduceLROnPlateau whose mode goes against its metric.

`mode: min`, torch's default, treats a lower metric as a better one. Stepped with an accuracy, it cuts the learning rate
while the model improves; `mode: max` does the same with a loss. The name of the metric's column says which of the two
it is, if it is a common one; otherwise its shape does: worst at first, best late, with most of the change early.

PASS:

    epochs: 10
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ReduceLROnPlateau, mode: max, patience: 2}
    metric: [0.3, 0.5, 0.62, 0.7, 0.74, 0.77, 0.79, 0.8, 0.81, 0.815]

FAIL:

    epochs: 10
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ReduceLROnPlateau, patience: 2}
    metric: [0.3, 0.5, 0.62, 0.7, 0.74, 0.77, 0.79, 0.8, 0.81, 0.815]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, several

RISING: Final = re.compile(
    r"\b(acc|accuracy|ap|auc|auroc|bleu|dice|f1|iou|map|miou|precision|psnr|r2|recall|reward|rouge|ssim|top1|top5)\b"
)
FALLING: Final = re.compile(r"\b(bpc|cer|err|error|fid|loss|mae|mse|nll|perplexity|ppl|rmse|wer)\b")
"""Words in the names of metrics that rise, or fall, as a model improves."""

FEWEST: Final = 6
"""The fewest values whose shape is judged."""


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("ReduceLROnPlateau"):
        if not _goes_against(subject, placed):
            continue
        readings = _readings(subject, placed)
        lower = placed.argument("mode") == "min"
        mode, other, goes = ("min", "max", "rises") if lower else ("max", "min", "falls")
        yield Oddity(
            placed.scheduler.where_of("mode"),
            f"ReduceLROnPlateau: mode is {mode}, but the metric {goes} from {readings[0]:.6g} to {readings[-1]:.6g}, "
            f"which counts as getting worse{_cuts(subject, placed)}",
            f"mode: {other}",
            "warning",
            schedulers=(placed.scheduler,),
            argument="mode",
        )


def _goes_against(subject: Subject, placed: Placed) -> bool:
    """True if the mode of a plateau counts an improvement of its metric as getting worse."""
    lower, readings, named = placed.argument("mode") == "min", _readings(subject, placed), _direction(subject)
    worse = readings if lower else -readings
    if len(readings) < FEWEST or worse[-1] <= worse[0]:
        return False
    return _gets_worse(worse) if named is None else (named == "rises") == lower


def _readings(subject: Subject, placed: Placed) -> NDArray[np.float64]:
    """The finite values of the metric."""
    readings = subject.readings(placed)
    finite: NDArray[np.float64] = readings[np.isfinite(readings)]
    return finite


def _direction(subject: Subject) -> str | None:
    """`rises` or `falls`, as a metric does while a model improves, by the name of its column; None if unknown."""
    written = subject.schedule.written
    metric = written.get("metric") if written is not None else None
    column = metric.get("column") if metric is not None else None
    name = re.sub(r"[\W_]+", " ", str(column.value).lower()) if column is not None else ""
    rises, falls = RISING.search(name) is not None, FALLING.search(name) is not None
    return None if rises == falls else "rises" if rises else "falls"


def _gets_worse(values: NDArray[np.float64]) -> bool:
    """True if values rise as an accuracy does: lowest first, highest late, and faster at the beginning."""
    fifth = len(values) // 5
    if values[fifth:].min() <= values[0] or values.argmax() < len(values) // 2:
        return False
    middle, last = float(np.median(values[2 * fifth : 3 * fifth])), float(np.median(values[-fifth:]))
    return bool(middle - values[0] > 1.5 * (last - middle) >= 0)


def _cuts(subject: Subject, placed: Placed) -> str:
    curve = subject.curve
    if curve is None:
        return ""
    first = placed.tick_of(0)
    cuts = np.flatnonzero(np.diff(subject.rates(0)[first : first + placed.ticks]) < 0)
    if not len(cuts):
        return ""
    at = moment(curve.run, first + int(cuts[0]) + 1)
    return f": the learning rate{subject.whose(0)} is cut {several(len(cuts), 'time')}, first at {at}"
