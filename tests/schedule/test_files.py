"""Whole files: `positive/` must load as what its `.txt` says, `negative/` must be refused in the words of its `.txt`.

Adding a case is adding a file; `pytest --renew` writes its `.txt`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.expect import Expectation
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler

HERE = Path(__file__).parent
POSITIVE = sorted((HERE / "positive").glob("*.yaml"))
NEGATIVE = sorted((HERE / "negative").glob("*.yaml"))


def shown(options: Mapping[str, Any], filled: frozenset[str] = frozenset()) -> str:
    return "".join(f" {name}={value(each)}{' (filled in)' * (name in filled)}" for name, each in options.items())


def value(each: Any) -> str:
    """An expression by its text and what its names stand for."""
    if isinstance(each, list):
        return f"[{', '.join(map(value, each))}]"
    if not isinstance(each, Function):
        return repr(each)
    used = {name: known for name, known in each.values.items() if name in each.expression.names}
    return f"`{each}`" + (f" with {used}" if used else "")


def tree(scheduler: Scheduler | Phases, indent: str = "  ") -> Iterator[str]:
    if isinstance(scheduler, Phases):
        for phase in scheduler.phases:
            every = f", called every {phase.every}" if phase.every > 1 else ""
            yield f"{indent}phase of {phase.calls} calls from {phase.start}, beginning at {phase.base}{every}"
            yield from tree(phase.scheduler, indent + "  ") if phase.scheduler else [f"{indent}  none"]
        return
    yield f"{indent}{scheduler.type}{shown(scheduler.arguments, scheduler.filled)}"
    for child in scheduler.children:
        yield from tree(child, indent + "  ")


def understood(schedule: Schedule) -> Iterator[str]:
    run, optimizer = schedule.run, schedule.optimizer
    length = f"{run.epochs} epochs" if run.epochs is not None else f"{run.steps} steps"
    steps = f", {run.steps_per_epoch} steps in each epoch" if run.steps_per_epoch else ""
    often = run.interval if run.every == 1 else f"{run.every} {run.interval}s"
    yield f"{schedule.name}: {length}{steps}, {run.calls} calls, one after every {often}"
    yield f"  {optimizer.type}{shown(optimizer.options)}"
    yield from (f"    group {group.name!r}{shown(group.options)}" for group in optimizer.groups)
    yield from tree(schedule.scheduler) if schedule.scheduler else ["  none"]
    if schedule.metric:
        yield f"  metric: {tuple(schedule.metric)}"
    for key in ("title", "source"):
        if value := getattr(schedule, key):
            yield f"  {key}: {value!r}"
    if schedule.ignore:
        yield f"  ignore: {[each.code for each in schedule.ignore]}"
    if schedule.expect:
        yield f"  expect, tolerance {schedule.expect.tolerance}"
        yield from map(expectation, schedule.expect.expected)
    if schedule.expect.snapshot:
        yield f"    snapshot {schedule.expect.snapshot.path}"


def expectation(each: Expectation) -> str:
    """What is expected: its group where it is of one, its places in calls of the run, its numbers."""
    group = "" if each.group is None else f" of group {each.group}"
    where = " to ".join(f"{place.moment} calls{' (the end)' * place.end}" for place in each.places)
    names = ("value", "low", "high", "factor")
    numbers = " ".join(f"{name} {getattr(each, name)!r}" for name in names if hasattr(each, name))
    return "    " + " ".join(filter(None, [f"{each.key}{group}", where, numbers]))


@pytest.mark.parametrize("file", POSITIVE, ids=lambda file: file.stem)
def test_a_file_is_understood(file: Path, golden: Golden) -> None:
    lines = [line for schedule in load_text(file.read_bytes(), file.name) for line in understood(schedule)]
    golden.same_text(file.with_suffix(".txt"), "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("file", NEGATIVE, ids=lambda file: file.stem)
def test_a_file_is_refused_with_all_that_is_wrong_in_it(file: Path, golden: Golden) -> None:
    with pytest.raises(ScheduleError) as caught:
        load_text(file.read_bytes(), file.name)
    golden.same_text(file.with_suffix(".txt"), f"{caught.value}\n")


@pytest.mark.parametrize("files", [POSITIVE, NEGATIVE], ids=["positive", "negative"])
def test_every_text_has_its_example(files: list[Path], golden: Golden) -> None:
    golden.no_orphans(files[0].parent, (file.with_suffix(".txt") for file in files), "*.txt")


LOADS = """
import json, sys
from lrviz.errors import ScheduleError
from lrviz.loading import load_file
refused = 0
for file in sys.argv[1:]:
    try:
        load_file(file)
    except ScheduleError:
        refused += 1
print(json.dumps([refused, sorted({"torch", "numpy", "matplotlib", "rich", "typer"} & set(sys.modules))]))
"""


def test_a_file_is_read_and_refused_without_torch_numpy_or_matplotlib() -> None:
    files = [str(file) for file in POSITIVE + NEGATIVE]
    done = subprocess.run([sys.executable, "-c", LOADS, *files], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [len(NEGATIVE), []]
