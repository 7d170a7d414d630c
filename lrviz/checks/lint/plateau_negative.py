"""A ReduceLROnPlateau with a negative metric and a relative threshold.

With `threshold_mode: rel`, torch's default, a metric counts as better when it is below `best * (1 - threshold)` (above
`best * (1 + threshold)` in mode max). If the best value is negative, these limits lie on its worse side, so a metric
that stands still counts as an improvement, and the learning rate is never cut (pytorch #38622). An absolute difference
(`threshold_mode: abs`) does not have this problem.

PASS:

    epochs: 8
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ReduceLROnPlateau, patience: 2, threshold_mode: abs}
    metric: [-0.5, -0.9, -1, -1, -1, -1, -1, -1]

FAIL:

    epochs: 8
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ReduceLROnPlateau, patience: 2}
    metric: [-0.5, -0.9, -1, -1, -1, -1, -1, -1]
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import rate


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("ReduceLROnPlateau"):
        threshold = placed.argument("threshold")
        if placed.argument("threshold_mode") != "rel" or threshold == 0:
            continue
        readings = subject.readings(placed)
        readings = readings[np.isfinite(readings)]
        lower = placed.argument("mode") == "min"
        # a value that is certainly the best so far: the first, and in mode min the first below 0
        below = np.flatnonzero(readings < 0 if lower else readings[:1] < 0)
        if not len(below):
            continue
        best = float(readings[below[0]])
        limit = best * (1 - threshold if lower else 1 + threshold)
        yield Oddity(
            placed.scheduler.where_of("threshold_mode"),
            f"ReduceLROnPlateau: the metric is negative, so threshold_mode: rel counts values as better that do not "
            f"improve: after {rate(best, limit)} anything {'below' if lower else 'above'} {rate(limit, best)}",
            f"threshold_mode: abs, with threshold: {threshold:g} as a difference",
            "warning",
            schedulers=(placed.scheduler,),
            argument="threshold_mode",
        )
