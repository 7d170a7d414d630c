"""The catalogue: every scheduler, optimizer and key that a file may name, and what each takes."""

from __future__ import annotations

from lrviz.schedule.catalogue.entry import REQUIRED, Argument, Entry, Kind
from lrviz.schedule.catalogue.keys import DATA, EXPECT, FILE, GROUP_KEYS, OPTIMIZER_KEYS, SCHEDULE
from lrviz.schedule.catalogue.optimizers import OPTIMIZERS
from lrviz.schedule.catalogue.schedulers import SCHEDULERS

__all__ = [
    "DATA",
    "EXPECT",
    "FILE",
    "GROUP_KEYS",
    "OPTIMIZERS",
    "OPTIMIZER_KEYS",
    "REQUIRED",
    "SCHEDULE",
    "SCHEDULERS",
    "Argument",
    "Entry",
    "Kind",
]
