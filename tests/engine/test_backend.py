"""The optimizer that stands in for torch's: to a scheduler, its groups and defaults are those of the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from loops import parameter, source

from lrviz.engine.backend import Backend, imported_backend
from lrviz.engine.torch_source import StandInOptimizer, load
from lrviz.schedule import catalogue
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

STAND_INS = [name for name, entry in catalogue.OPTIMIZERS.items() if entry.stand_in]
BACKENDS = {"source": source, "import": imported_backend}


def made(read: Schedule, backend: Backend) -> Any:
    return backend.make_optimizer(read.optimizer)


def file(optimizer: str) -> str:
    return f"epochs: 1\noptimizer: {optimizer}\nscheduler: none"


def shared(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What the real one has under the keys of ours, but for the parameters."""
    return {key: theirs[key] for key in ours if key != "params"}


def without_params(group: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "params"}


@pytest.mark.parametrize("name", STAND_INS)
def test_groups_and_defaults_are_those_of_the_real_class(schedule: Read, name: str) -> None:
    ours = made(schedule(file(f"{{type: {name}, lr: 0.25, groups: [{{}}, {{lr: 0.5}}]}}")), source())
    real = getattr(torch.optim, name)([{"params": [parameter()]}, {"params": [parameter()], "lr": 0.5}], lr=0.25)

    assert isinstance(ours, StandInOptimizer)
    assert [without_params(group) for group in ours.param_groups] == [
        shared(mine, theirs) for mine, theirs in zip(ours.param_groups, real.param_groups, strict=True)
    ]
    assert ours.defaults == shared(ours.defaults, real.defaults)
    for key in ("momentum", "betas"):
        assert (key in ours.defaults) == (key in real.defaults)


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
def test_a_group_keeps_its_own_options(schedule: Read, backend: Callable[[], Backend]) -> None:
    text = "{type: AdamW, lr: 1, betas: [0.5, 0.75], groups: [{betas: [0.25, 0.5]}, {eps: 0.125}]}"
    groups = made(schedule(file(text)), backend()).param_groups
    assert [(group["betas"], group["eps"], group["lr"]) for group in groups] == [
        ((0.25, 0.5), 1e-8, 1),
        ((0.5, 0.75), 0.125, 1),
    ]


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
def test_groups_may_all_bring_their_own_lr(schedule: Read, backend: Callable[[], Backend]) -> None:
    groups = made(schedule(file("{groups: [{lr: 0.5}, {lr: 0.25}]}")), backend()).param_groups
    assert [group["lr"] for group in groups] == [0.5, 0.25]


def test_torchs_file_takes_the_stand_in_for_its_optimizer() -> None:
    module = load()
    assert module is not None
    assert module.Optimizer is StandInOptimizer
