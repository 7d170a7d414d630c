"""A ReduceLROnPlateau with a negative metric and a relative threshold.

With `threshold_mode: rel`, torch's default, a metric counts as better when it is below `best * (1 - threshold)` (above
`best * (1 + threshold)` in mode max). Where the best value is negative both move the wrong way: the limit lies on the
worse side of it, so that a metric that stands still counts as an improvement and the learning rate is never cut
(pytorch #38622). A difference (`threshold_mode: abs`) has no such trouble.

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
        readings = np.array(subject.readings(placed))
        readings = readings[np.isfinite(readings)]
        lower = placed.argument("mode") == "min"
        # what is surely the best value so far: the first, and in mode min the first below 0
        below = np.flatnonzero(readings < 0 if lower else readings[:1] < 0)
        if not len(below):
            continue
        best = float(readings[below[0]])
        limit = best * (1 - threshold if lower else 1 + threshold)
        yield Oddity(
            placed.scheduler.where_of("threshold_mode"),
            f"ReduceLROnPlateau: the metric is negative, and threshold_mode: rel then takes what does not improve for "
            f"better: after {rate(best, limit)} anything {'below' if lower else 'above'} {rate(limit, best)}",
            f"threshold_mode: abs, with threshold: {threshold:g} as a difference",
            "warning",
            schedulers=(placed.scheduler,),
            argument="threshold_mode",
        )
