"""The codes of findings that `ignore` may name. Data only.

`READING` are remarks on the file itself, `CONFIG_REMARKS` those on the config of another program. `LINT` are rules,
each of which describes its findings in its docstring.
"""

from __future__ import annotations

from typing import Final

READING: Final = {
    "metric-nan": "a metric that is NaN, which torch counts as a call without improvement",
    "metric-too-long": "a metric with more values than the run has calls",
    "metric-unread": "a metric that no scheduler reads",
    "other-length": "phases that the length from the command line cuts or extends",
    "rounded-duration": "a duration that rounding to whole calls changes by more than 1 %",
    "stretch-kept": "what --stretch leaves as it is: a metric, numbers of a class of your own",
    "stretch-rounded": "a length that is not whole after --stretch, and is rounded",
}
"""Remarks made while a file is read."""

LINT: Final = (
    "absolute-in-chained",
    "composite-in-sequential",
    "cosine-climbs",
    "cosine-in-chained",
    "cut-short",
    "cyclic-inverted",
    "default-length",
    "eta-min-above",
    "gamma-above-one",
    "lambda-is-lr",
    "lr-ignored",
    "lr-negative",
    "lr-not-finite",
    "lr-tiny",
    "lr-zero",
    "milestone-beyond",
    "milestone-order",
    "momentum-ignored",
    "momentum-on",
    "multiplicative-compounds",
    "never-fires",
    "nothing-expected",
    "one-cycle-end",
    "one-cycle-shape",
    "plateau-mode",
    "plateau-negative",
    "restart-cut",
    "rewrites-optimizer",
    "sequential-continues",
    "sequential-jump",
    "unused-argument",
    "unused-ignore",
    "warmup-too-long",
    "warmup-too-short",
    "wrong-unit",
)
"""The rules of the lint: each is the module of that name, with `_` for `-`."""

CONFIG_REMARKS: Final = {
    "argument-ignored": "a key of a config that has no effect, since the scheduler of its program does not read it",
    "called-each-epoch": "a scheduler sized in steps that the program calls once an epoch",
    "config-file": "a file that a config names and that cannot be read",
    "copies-differ": "a config that copies of a project read differently",
    "decay-ends-early": "a decay that its program ends before the run does",
    "default-epochs": "a run without a length, which its program gives one",
    "default-warmup": "a warmup that a config does not give, and its program makes",
    "key-twice": "a key in two sections that a program reads as one",
    "left-out": "something that changes learning rates, and that the curve of a config leaves out",
    "members-built": "a scheduler of schedulers that the program itself cannot build from its config",
    "milestone-dropped": "a milestone beyond the run, which its program leaves out",
    "never-called": "a scheduler that a run never calls",
    "no-scheduler": "a scheduler of a config that the program does not make",
    "not-in-card": "what a model card does not list, so that a default is assumed",
    "optimizer-own-rate": "an optimizer whose steps the learning rate alone does not describe",
    "overridden": "a learning rate, length or scheduler of a config that another of its values replaces",
    "ppo-steps": "a run whose steps are rounds of PPO",
    "refused": "a config that the release of its program refuses, and other releases take",
    "releases-differ": "a config that releases of its program read differently, none of which is installed",
    "rises-again": "a decay of a program that goes on after its end, and rises",
    "share-of-run": "a number with a point that a program takes as a share of the run",
    "shorter-epochs": "a sampler that can end an epoch early, so that the run is shorter",
    "text-number": "text where a program needs a number, such as 5e-5 to PyYAML",
    "two-warmups": "a warmup that a config gives in two ways, of which releases of its program use different ones",
    "unknown-key": "a key that a program does not know, and that is nearly one of its own or another program's",
    "value-replaced": "a value that a program does not know, and silently replaces",
}
"""Remarks made while the config of another program is read, which also uses `warmup-too-long` of the lint."""

CODES: Final = (*READING, *CONFIG_REMARKS, *LINT)

CHECKPOINT: Final = {
    "checkpoint": "a checkpoint that was compared with its schedule",
    "checkpoint-argument": "an argument of a scheduler in a checkpoint that is not the file's, and wins over it",
    "checkpoint-call": "at which call of the scheduler a checkpoint was made",
    "checkpoint-class": "a scheduler in a checkpoint that is of another class than the file's",
    "checkpoint-groups": "a checkpoint whose param groups are not those of the file",
    "checkpoint-interval": "a scheduler in a checkpoint that was called more or less often than the file plans",
    "checkpoint-lr": "a learning rate in a checkpoint that is not the planned one",
    "checkpoint-metric": "a checkpoint whose learning rates follow a metric, so that no plan says them",
    "checkpoint-optimizer": "a checkpoint of another optimizer",
    "checkpoint-option": "an option of the optimizer in a checkpoint that is not the file's, and wins over it",
    "checkpoint-order": "an optimizer and a scheduler in a checkpoint that were saved at different calls",
    "checkpoint-part": "a part of a checkpoint that is not compared",
}
"""What the comparison with a checkpoint finds. `ignore` may not name these."""
