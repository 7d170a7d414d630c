"""The codes of findings that `ignore` may name, each with what it finds. Data only.

Those of reading are remarks of the file; the others are rules under `check/lint/`, where each is explained.
"""

from __future__ import annotations

from typing import Final

READING: Final = {
    "metric-nan": "a metric that is NaN, which torch counts as a call without improvement",
    "metric-too-long": "a metric with more values than the run has calls",
    "metric-unread": "a metric that no scheduler reads",
    "other-length": "phases that the length from the command line cuts or prolongs",
    "rounded-duration": "a duration that rounding to whole calls moves by more than 1 %",
}
"""What is remarked on while a file is read."""

LINT: Final = {
    "absolute-in-chained": "a scheduler inside a ChainedScheduler that erases what the others do",
    "composite-in-sequential": "a SequentialLR or ChainedScheduler inside a SequentialLR",
    "cosine-climbs": "a cosine that climbs again after T_max",
    "cosine-in-chained": "a cosine inside a ChainedScheduler whose eta_min or T_max undoes the others",
    "cut-short": "a scheduler whose own length is longer than the time it is in charge",
    "cyclic-inverted": "a CyclicLR whose base_lr is above its max_lr",
    "default-length": "a length that was left at torch's default, which counts a few calls",
    "eta-min-above": "a cosine whose eta_min is above the learning rate it begins from",
    "gamma-above-one": "a gamma above 1, with which the learning rate grows",
    "lambda-is-lr": "an lr_lambda that looks like a learning rate, where torch takes a factor",
    "lr-ignored": "an optimizer's lr that the scheduler replaces",
    "lr-negative": "a learning rate below 0",
    "lr-not-finite": "a learning rate that is NaN or infinite",
    "lr-tiny": "a learning rate below 1e-4 of its peak for half of the run or longer",
    "lr-zero": "steps with a learning rate of 0, which train nothing",
    "milestone-beyond": "a milestone that the run never reaches",
    "milestone-order": "milestones at 0, twice, or in the wrong order",
    "momentum-ignored": "an optimizer's momentum or beta1 that the scheduler replaces",
    "momentum-on": "momentum turned on by a scheduler, in an optimizer that has none",
    "multiplicative-compounds": "a MultiplicativeLR whose factor is meant for the base, and piles up",
    "never-fires": "a scheduler that never changes the learning rate",
    "nothing-expected": "a schedule without expectations",
    "one-cycle-end": "a OneCycleLR run past its end",
    "one-cycle-shape": "a OneCycleLR whose proportions leave out its peak or its end",
    "plateau-mode": "a ReduceLROnPlateau whose mode goes against its metric",
    "plateau-negative": "a ReduceLROnPlateau with a negative metric and a relative threshold",
    "restart-cut": "a last cycle of warm restarts that the run's end cuts off",
    "rewrites-optimizer": "a OneCycleLR or CyclicLR that changes the optimizer under its neighbours",
    "sequential-continues": "a scheduler inside a SequentialLR that does not begin anew at its milestone",
    "sequential-jump": "a jump of the learning rate at a milestone of a SequentialLR",
    "unused-argument": "an argument that torch does not look at",
    "unused-ignore": "a code under `ignore` that ignores nothing",
    "warmup-too-long": "a warmup as long as the run, or cut off before it is over",
    "wrong-unit": "a length in epochs where calls are steps, or the reverse",
}
"""What the rules under `check/lint/` find."""

CODES: Final = {**READING, **LINT}
