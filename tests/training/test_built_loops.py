"""What `build` returns does, on a real optimizer, what a training script's own scheduler does: bit for bit.

Every case of the engine's plain loops, the gallery, and the configs of other programs.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS, Case
from loops import parameter, run
from test_cases import CURVES
from test_cases import Case as ConfigCase

import lrviz
from lrviz.engine.simulate import simulate
from lrviz.schedule.model import Schedule

ROOT = Path(__file__).parents[2]
CASES = [
    *itertools.product(FOR_ANY_GROUPS.items(), OPTIMIZERS),
    *itertools.product(FOR_THREE_GROUPS.items(), [name for name in OPTIMIZERS if "three" in name]),
]


@pytest.mark.parametrize(("case", "optimizer"), CASES, ids=[f"{case[0]}-{optimizer}" for case, optimizer in CASES])
def test_a_built_scheduler_does_what_a_plain_loop_does(case: tuple[str, Case], optimizer: str) -> None:
    _, spec = case
    text, make = OPTIMIZERS[optimizer]
    metric = f"metric: {list(spec.metric)}\n" if spec.metric else ""
    planned = lrviz.loads(f"epochs: {CALLS}\noptimizer: {text}\nscheduler: {spec.text}\n{metric}").only
    plain = run(spec.make, make(), CALLS, spec.metric)
    if plain.refusal is not None and plain.call == 0:
        with pytest.raises(lrviz.ScheduleError):
            planned.build(make())
        return
    built = run(planned.build, make(), CALLS, spec.metric)
    assert (built.lr, built.momentum, built.call) == (plain.lr, plain.momentum, plain.call)


FILES = sorted((ROOT / "schedules").rglob("*.yaml"))
TICKS = 200


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_recipe_trains_as_it_is_drawn(file: Path) -> None:
    for planned in lrviz.load(file).values():
        hold(planned._schedule, planned)


@pytest.mark.parametrize("case", CURVES, ids=[f"{case.file.parent.name}-{case.file.stem}" for case in CURVES])
def test_a_config_of_another_program_trains_as_it_is_drawn(case: ConfigCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: {})
    schedule = case.load()
    hold(schedule, lrviz.Schedule(schedule, b""))


def hold(schedule: Schedule, planned: lrviz.Schedule) -> None:
    """Compares the beginning of a training with the curve."""
    curve = simulate(schedule, calls=TICKS)
    optimizer = optimizer_of(schedule)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = planned.build(optimizer)
        metric = iter(schedule.metric or ())
        for tick, row in enumerate(zip(*curve.columns, strict=True)):
            assert tuple(group["lr"] for group in optimizer.param_groups) == row, f"{planned.name}, tick {tick}"
            optimizer.step()
            if (tick + 1) % planned.every == 0:
                scheduler.step(*itertools.islice(metric, 1))


def optimizer_of(schedule: Schedule) -> torch.optim.Optimizer:
    """The optimizer of a file, as a script makes it."""
    options, groups = schedule.optimizer.options, schedule.optimizer.groups
    named: list[dict[str, Any]] = [{"params": [parameter()], **_as_torch(group.options)} for group in groups]
    more = {} if "lr" in options else {"lr": named[0]["lr"]}
    made: torch.optim.Optimizer = getattr(torch.optim, schedule.optimizer.type)(named, **_as_torch(options), **more)
    return made


def _as_torch(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
