"""Causes, and the words and numbers in which the hint of a finding gives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.words import several

RESUME: Final = "To resume, create optimizer and scheduler, then load the optimizer's state, then the scheduler's"
"""The one order that resumes every scheduler of torch correctly."""

MAX_PACE: Final = 10**9

BATCHES: Final = (*range(2, 17), 32, 64)
"""The batches that an optimizer step may take, besides those of the file."""


class Cause(NamedTuple):
    """What explains the records.

    `fact` says what they are, `advice` where that may come from or what to do. `resumed` is True for a wrong resume,
    `held` for a learning rate that stays the same, `beyond` for records after the end of the plan, of which it says
    nothing, `paced` for a plan that is read faster or slower, as one of another length may be.
    """

    fact: str
    advice: str = ""
    resumed: bool = False
    held: bool = False
    beyond: bool = False
    paced: bool = False

    def __str__(self) -> str:
        return f"{self.fact}: {self.advice}" if self.advice else self.fact


def hint_of(causes: Sequence[Cause]) -> str:
    """Causes that explain the records equally well, as one hint."""
    text = told(causes)
    if not any(cause.resumed for cause in causes):
        return text
    return f"{text}{'' if text.endswith('?') else '.'} {RESUME}"


def told(causes: Sequence[Cause]) -> str:
    """Causes that explain the records equally well, without how to resume a run."""
    return "; or ".join(map(str, causes)).replace("?; or ", "? Or ")


def count_of(numbers: Sequence[int]) -> str:
    """The values that a number may have: `3`, `3 to 9`, `3, 5 or 6`."""
    ordered = sorted(numbers)
    least, most = ordered[0], ordered[-1]
    if len(ordered) == 1:
        return f"{least:,}"
    if most - least == len(ordered) - 1:
        return f"{least:,} to {most:,}" if len(ordered) > 2 else f"{least:,} or {most:,}"
    if len(ordered) > 5:
        return f"{least:,} or more"
    return f"{', '.join(f'{number:,}' for number in ordered[:-1])} or {most:,}"


def calls(numbers: Sequence[int]) -> str:
    """`1 call`, `3 to 9 calls`."""
    return several(1, "call") if list(numbers) == [1] else f"{count_of(numbers)} calls"


def instead(run: Run, interval: str) -> str:
    """`after every step, not after every 500 steps`: another interval than that of the run."""
    planned = run.interval if run.every == 1 else f"{run.every:,} {run.interval}s"
    return f"after every {interval}, not after every {planned}"


def batches_of_step(schedule: Schedule) -> dict[int, str]:
    """The batches of an optimizer step, with the name that the file gives them; empty where it says nothing of them."""
    data = schedule.run.data
    return {data.accumulate: f"accumulate is {data.accumulate:,}"} if data is not None and data.accumulate > 1 else {}


def every_batch(run: Run, takes: Sequence[int], known: dict[int, str]) -> str:
    """`after every batch, not after every step: accumulate is 4`, of a loop that accumulates."""
    name = next((known[number] for number in takes if number in known), "")
    return f"{instead(run, 'batch')}: {name or f'does a step take {count_of(takes)} of them?'}"


def paces(schedule: Schedule) -> dict[int, str]:
    """The numbers of a run by which a log may count steps other than optimizer steps, with their names."""
    run, data = schedule.run, schedule.run.data
    named: list[tuple[int, str]] = [(run.steps_per_epoch or 1, "steps_per_epoch"), (run.every, "interval")]
    if data is not None:
        named += [(data.devices, "devices"), (data.accumulate, "accumulate"), (data.batch_size or 1, "batch_size")]
        if data.devices > 1 < data.accumulate:
            named.append((data.devices * data.accumulate, "devices x accumulate"))
        if data.devices > 1:
            named.append(((data.batch_size or 1) * data.devices, "batch_size x devices"))
    return _together((number, f"{name} is {number:,}") for number, name in named if 1 < number <= MAX_PACE)


def factors(schedule: Schedule) -> dict[float, str]:
    """The numbers of a run by which people scale learning rates, with their names."""
    data = schedule.run.data
    if data is None:
        return {}
    named = [(data.devices, f"devices is {data.devices}"), (data.accumulate, f"accumulate is {data.accumulate}")]
    if data.devices > 1 < data.accumulate:
        both = data.devices * data.accumulate
        named.append((both, f"devices x accumulate is {both}"))
    named = [each for each in named if each[0] > 1]
    return _together(
        [
            *((1.0 * number, name) for number, name in named),
            *((1 / number, f"1 / {number}, {name}") for number, name in named),
            *((number**0.5, f"the square root of {number}, {name}") for number, name in named),
            *((number**-0.5, f"1 / the square root of {number}, {name}") for number, name in named),
        ]
    )


Number = TypeVar("Number", int, float)


def _together(named: Iterable[tuple[Number, str]]) -> dict[Number, str]:
    """Each number once, with all its names."""
    found: dict[Number, str] = {}
    for number, name in named:
        found[number] = f"{found[number]}, or {name}" if number in found else name
    return found
