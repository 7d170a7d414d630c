"""The catalogue: every scheduler, optimizer and key that a file may name, and the arguments of each."""

from __future__ import annotations

from lrviz.schedule.catalogue.codes import CHECKPOINT, CODES, CONFIG_REMARKS, LINT, READING
from lrviz.schedule.catalogue.entry import REQUIRED, Argument, Entry, Kind
from lrviz.schedule.catalogue.keys import (
    CONFIG,
    DATA,
    FILE,
    GROUP_KEYS,
    OF_ONE_SCHEDULE,
    OPTIMIZER_KEYS,
    SCHEDULE,
    TRAIN,
    TRAIN_EXPECT,
)
from lrviz.schedule.catalogue.optimizers import OPTIMIZERS
from lrviz.schedule.catalogue.problems import DEFAULT_PROBLEM, OWN_PROBLEM, PROBLEMS
from lrviz.schedule.catalogue.schedulers import BRING_THEIR_OWN, SCHEDULER_ALIASES, SCHEDULERS

__all__ = [
    "BRING_THEIR_OWN",
    "CHECKPOINT",
    "CODES",
    "CONFIG",
    "CONFIG_REMARKS",
    "DATA",
    "DEFAULT_PROBLEM",
    "FILE",
    "GROUP_KEYS",
    "LINT",
    "OF_ONE_SCHEDULE",
    "OPTIMIZERS",
    "OPTIMIZER_KEYS",
    "OWN_PROBLEM",
    "PROBLEMS",
    "READING",
    "REQUIRED",
    "SCHEDULE",
    "SCHEDULERS",
    "SCHEDULER_ALIASES",
    "TRAIN",
    "TRAIN_EXPECT",
    "Argument",
    "Entry",
    "Kind",
]
