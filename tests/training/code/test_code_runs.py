"""What `lrviz code` prints gives the same learning rates as its schedule, to the last bit, in a plain loop of torch."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS, Case
from printed import code, names_of, same_as

from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Phases, Schedule

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("schedules/*/*.yaml"))

MOST = 3_000
"""Ticks of a run that are compared one by one; of a longer one, as many at its beginning."""

SHORT = 150
"""Ticks of a phase of the same schedule made short, in which every boundary is passed."""

CASES = [
    *((case, optimizer) for case in FOR_ANY_GROUPS for optimizer in OPTIMIZERS),
    *((f"{case} of three", optimizer) for case in FOR_THREE_GROUPS for optimizer in OPTIMIZERS if "three" in optimizer),
]


def case_of(name: str) -> Case:
    return FOR_THREE_GROUPS[name.removesuffix(" of three")] if name.endswith(" of three") else FOR_ANY_GROUPS[name]


@pytest.mark.parametrize(("name", "optimizer"), CASES)
def test_every_scheduler_of_torch(name: str, optimizer: str) -> None:
    case = case_of(name)
    lines = [f"epochs: {CALLS}", f"optimizer: {OPTIMIZERS[optimizer][0]}", f"scheduler: {case.text}"]
    lines += [f"metric: {list(case.metric)}"] * (case.metric is not None)
    (schedule,) = load_text("\n".join(lines), "case.yaml")
    same_as(schedule, names_of(code(schedule)))


def shortened(schedule: Schedule) -> Schedule:
    """A schedule whose phases are all short, with the same arguments."""
    phases = schedule.scheduler
    assert isinstance(phases, Phases)
    every = schedule.run.every
    lengths = [min(each.calls, SHORT * every) // every * every for each in phases.phases]
    starts = [0, *accumulate(lengths)]
    short = [
        replace(each, start=start, calls=calls)
        for each, start, calls in zip(phases.phases, starts[:-1], lengths, strict=True)
    ]
    in_epochs = schedule.run.interval == "epoch"
    run = replace(
        schedule.run, epochs=starts[-1] if in_epochs else None, steps=None if in_epochs else starts[-1], data=None
    )
    return replace(schedule, run=run, scheduler=replace(phases, phases=tuple(short)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_and_recipe(file: Path) -> None:
    for schedule in load_file(file):
        short = isinstance(schedule.scheduler, Phases) and schedule.run.ticks > MOST
        names = names_of(code(schedule)) if not short else {}
        if not short:
            same_as(schedule, names, ticks=min(MOST, schedule.run.ticks))
        else:
            same_as(shortened(schedule), names_of(code(shortened(schedule))))
