"""Whatever a right training loop does, its guard is silent, and changes nothing."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import SGD, Adam, AdamW, RMSprop
from torch.optim import lr_scheduler as torch_lr
from trained import per_epoch, schedule, sgd, train

import lrviz

lr: Any = torch_lr
"""Torch takes more than its annotations say."""

SCHEDULERS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "step": ({"type": "StepLR", "step_size": 3}, lambda opt: lr.StepLR(opt, 3)),
    "multistep": ({"type": "MultiStepLR", "milestones": [2, 5, 9]}, lambda opt: lr.MultiStepLR(opt, [2, 5, 9])),
    "cosine": ({"type": "CosineAnnealingLR", "T_max": 30}, lambda opt: lr.CosineAnnealingLR(opt, 30)),
    "to a floor": (
        {"type": "CosineAnnealingLR", "T_max": 8, "eta_min": 1e-4},
        lambda opt: lr.CosineAnnealingLR(opt, 8, eta_min=1e-4),
    ),
    "restarts": ({"type": "CosineAnnealingWarmRestarts", "T_0": 4}, lambda opt: lr.CosineAnnealingWarmRestarts(opt, 4)),
    "exponential": ({"type": "ExponentialLR", "gamma": 0.95}, lambda opt: lr.ExponentialLR(opt, 0.95)),
    "linear": (
        {"type": "LinearLR", "start_factor": 0.01, "total_iters": 7},
        lambda opt: lr.LinearLR(opt, 0.01, total_iters=7),
    ),
    "polynomial": (
        {"type": "PolynomialLR", "total_iters": 20, "power": 2.0},
        lambda opt: lr.PolynomialLR(opt, 20, 2.0),
    ),
    "lambda": ({"type": "LambdaLR", "lr_lambda": "0.9 ** t"}, lambda opt: lr.LambdaLR(opt, lambda t: 0.9**t)),
    "cyclic": (
        {"type": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4},
        lambda opt: lr.CyclicLR(opt, 0.01, 0.1, 4),
    ),
    "one cycle": (
        {"type": "OneCycleLR", "max_lr": 0.3, "total_steps": 200},
        lambda opt: lr.OneCycleLR(opt, 0.3, 200),
    ),
    "warmup": (
        {
            "type": "SequentialLR",
            "schedulers": [
                {"type": "LinearLR", "start_factor": 0.1, "total_iters": 4},
                {"type": "CosineAnnealingLR", "T_max": 20},
            ],
            "milestones": [4],
        },
        lambda opt: lr.SequentialLR(
            opt, [lr.LinearLR(opt, 0.1, total_iters=4), lr.CosineAnnealingLR(opt, 20)], milestones=[4]
        ),
    ),
    "chained": (
        {
            "type": "ChainedScheduler",
            "schedulers": [{"type": "ConstantLR", "total_iters": 3}, {"type": "ExponentialLR", "gamma": 0.9}],
        },
        lambda opt: lr.ChainedScheduler([lr.ConstantLR(opt, total_iters=3), lr.ExponentialLR(opt, 0.9)]),
    ),
}
"""A scheduler as a file says it, and the torch code of a training script."""

OPTIMIZERS: dict[str, Any] = {"SGD": SGD, "Adam": Adam, "AdamW": AdamW, "RMSprop": RMSprop}

INTERVALS: dict[str, tuple[dict[str, Any], int]] = {
    "per step": ({"steps": 24}, 1),
    "per epoch": ({"epochs": 12, "steps_per_epoch": 3}, 3),
    "per epoch, cut short": ({"steps": 32, "steps_per_epoch": 3, "interval": "epoch"}, 3),
    "every 5 steps": ({"steps": 43, "interval": "5 steps"}, 5),
    "every 2 epochs": ({"epochs": 15, "steps_per_epoch": 3, "interval": "2 epochs"}, 6),
}
"""When the scheduler is called: what the file says, and the steps to one call."""


@given(
    name=st.sampled_from(sorted(SCHEDULERS)),
    interval=st.sampled_from(sorted(INTERVALS)),
    kind=st.sampled_from(sorted(OPTIMIZERS)),
    lrs=st.lists(st.sampled_from([0.1, 0.03, 3e-4, 1.0]), min_size=1, max_size=3),
    one_for_all=st.booleans(),
    dtype=st.sampled_from([None, None, torch.float64, torch.float32]),
)
@settings(max_examples=80, deadline=None)
def test_a_right_loop_is_silent(
    name: str, interval: str, kind: str, lrs: list[float], one_for_all: bool, dtype: torch.dtype | None
) -> None:
    spec, make = SCHEDULERS[name]
    length, every = INTERVALS[interval]
    options: dict[str, Any] = {"momentum": 0.9} if kind in ("SGD", "RMSprop") else {}
    lrs = [lrs[0]] * len(lrs) if one_for_all else lrs
    said = {"lr": lrs[0]} if one_for_all else {"groups": [{"lr": each} for each in lrs]}
    plan = lrviz.load({**length, "optimizer": {"type": kind, **said, **options}, "scheduler": spec}).only
    groups: list[dict[str, Any]] = [
        {
            "params": [torch.nn.Parameter(torch.ones(1))],
            "lr": each if dtype is None else torch.tensor(each, dtype=dtype),
        }
        for each in lrs
    ]
    made = OPTIMIZERS[kind](groups, lr=groups[0]["lr"], **options, **({} if dtype is None else {"foreach": False}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, on what people hardly do
        scheduler = make(made)
    steps = plan.simulate().run.total_steps
    assert steps is not None
    with lrviz.guard(made, plan) as guard:
        train(made, scheduler, steps, per_epoch(every))
    assert (guard.step, guard.first, guard.off_plan) == (steps, None, 0)


def test_a_formula_of_ones_own_may_differ_by_rounding() -> None:
    """A cosine in closed form over 3,000 steps, beside torch's, which computes each value from the last."""
    plan = schedule(steps=3000, scheduler={"type": "CosineAnnealingLR"})
    optimizer, planned = sgd(), plan.simulate().lr[:, 0].tolist()
    different = 0
    with lrviz.guard(optimizer, plan):
        for step in range(3000):
            lr = 0.1 * 0.5 * (1 + math.cos(math.pi * step / 3000))
            optimizer.param_groups[0]["lr"] = lr
            different += lr != planned[step]
            optimizer.step()
    assert different > 1000


def test_no_bit_of_the_training_changes() -> None:
    plan = schedule(optimizer={"lr": 0.1, "momentum": 0.9})
    model = torch.nn.Linear(3, 2)
    twin = copy.deepcopy(model)
    rng = torch.get_rng_state()
    results = []
    for each, guarded in ((model, True), (twin, False)):
        torch.set_rng_state(rng)
        optimizer = SGD(each.parameters(), lr=0.1, momentum=0.9)
        scheduler = lr.StepLR(optimizer, 5)
        guard = lrviz.guard(optimizer, plan) if guarded else None
        for _ in range(20):
            optimizer.zero_grad()
            each(torch.randn(4, 3)).sum().backward()
            optimizer.step()
            scheduler.step()
        if guard is not None:
            guard.remove()
        results.append((each.weight.tolist(), torch.get_rng_state().tolist(), repr(optimizer.state_dict())))
    assert results[0] == results[1]


def test_a_removed_guard_leaves_nothing_behind() -> None:
    optimizer = sgd()
    before = {key: copy.copy(value) for key, value in vars(optimizer).items()}
    rng = torch.get_rng_state()
    guard = lrviz.guard(optimizer, schedule())
    assert len(optimizer._optimizer_step_pre_hooks) == 1
    guard.remove()
    guard.remove()
    assert {key: copy.copy(value) for key, value in vars(optimizer).items()} == before
    assert torch.equal(rng, torch.get_rng_state())


def test_accumulation_is_right_by_construction() -> None:
    """Four batches to a step: the hook fires once for them."""
    data = {"samples": 64, "batch_size": 2, "accumulate": 4}
    plan = schedule(epochs=4, data=data, scheduler={"type": "StepLR", "step_size": 1})
    model = torch.nn.Linear(2, 1)
    optimizer = SGD(model.parameters(), lr=0.1)
    scheduler = lr.StepLR(optimizer, 1)
    batches = [torch.ones(2, 2)] * 32
    with lrviz.guard(optimizer, plan, loader=batches) as guard:
        for _ in range(4):
            for index, batch in enumerate(batches):
                model(batch).sum().backward()
                if (index + 1) % 4 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
            scheduler.step()
    assert guard.step == 32


def test_a_closure_counts_once() -> None:
    """LBFGS calls its closure several times in a step."""
    plan = schedule(steps=6, scheduler={"type": "StepLR", "step_size": 2})
    model = torch.nn.Linear(2, 1)
    optimizer: Any = torch.optim.LBFGS(model.parameters(), lr=0.1)
    scheduler = lr.StepLR(optimizer, 2)
    evaluations = 0

    def closure() -> Any:
        nonlocal evaluations
        evaluations += 1
        optimizer.zero_grad()
        loss = (model(torch.ones(4, 2)) ** 2).mean()
        loss.backward()
        return loss

    with lrviz.guard(optimizer, plan) as guard:
        for _ in range(6):
            optimizer.step(closure)
            scheduler.step()
    assert guard.step == 6 < evaluations


def test_two_optimizers_have_a_guard_each() -> None:
    first, second = schedule(scheduler={"type": "StepLR", "step_size": 2}), schedule(optimizer={"lr": 0.3})
    generator, critic = sgd(0.1), sgd(0.3)
    halves = lr.StepLR(generator, 2), lr.StepLR(critic, 5)
    with lrviz.guard(generator, first) as one, lrviz.guard(critic, second) as other:
        for step in range(20):
            critic.step()
            halves[1].step()
            if step % 2:  # a step of the generator to two of the critic
                generator.step()
                halves[0].step()
    assert (one.step, other.step) == (10, 20)


def test_loading_the_optimizers_state_keeps_the_guard() -> None:
    """It replaces the param groups of the optimizer by others."""
    optimizer = sgd()
    scheduler = lr.StepLR(optimizer, 5)
    with lrviz.guard(optimizer, schedule()) as guard:
        train(optimizer, scheduler, 7)
        optimizer.load_state_dict(optimizer.state_dict())
        train(optimizer, scheduler, 7)
        assert guard.step == 14
        optimizer.param_groups[0]["lr"] = 0.5
        with pytest.raises(lrviz.DeviationError):
            optimizer.step()


def test_a_compiled_model_and_a_compiled_step() -> None:
    """The hook of a step that is compiled is not compiled with it: it would be again at every step."""
    model = torch.nn.Linear(2, 1)
    optimizer = AdamW(model.parameters(), lr=torch.tensor(0.1))
    scheduler = lr.StepLR(optimizer, 5)
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="eager")
    step = torch.compile(optimizer.step, backend="eager")
    frames = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with lrviz.guard(optimizer, schedule()) as guard:
            for _ in range(20):
                optimizer.zero_grad()
                compiled(torch.ones(3, 2)).sum().backward()
                step()
                scheduler.step()
                frames.append(torch._dynamo.utils.counters["frames"]["total"])
    assert guard.step == 20
    assert frames[5] == frames[-1]


@pytest.mark.parametrize("options", [{"fused": True}, {"foreach": True}, {"capturable": False}], ids=str)
def test_every_implementation_of_an_optimizer(options: dict[str, Any]) -> None:
    optimizer = torch.optim.AdamW(torch.nn.Linear(2, 1).parameters(), lr=0.1, **options)
    with lrviz.guard(optimizer, schedule()) as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 20)
    assert guard.step == 20


def test_momentum_is_compared_where_the_plan_moves_it() -> None:
    spec = {"type": "OneCycleLR", "max_lr": 0.3, "total_steps": 20}
    plan = schedule(scheduler=spec, optimizer={"lr": 0.1, "momentum": 0.9})
    optimizer = sgd(0.1, momentum=0.9)
    scheduler = lr.OneCycleLR(optimizer, 0.3, 20)
    with lrviz.guard(optimizer, plan):
        train(optimizer, scheduler, 20, lambda step: int(step < 19))

    optimizer = sgd(0.1, momentum=0.9)
    scheduler = lr.OneCycleLR(optimizer, 0.3, 20, cycle_momentum=False)
    with lrviz.guard(optimizer, plan), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, scheduler, 20)
    found = raised.value.deviation
    assert (found.what, found.step, found.used, found.planned) == ("momentum", 0, 0.9, 0.95)


def test_a_group_that_is_added_follows_a_file_without_groups() -> None:
    optimizer = sgd()
    scheduler = lr.StepLR(optimizer, 5)
    with lrviz.guard(optimizer, schedule()) as guard:
        train(optimizer, scheduler, 2)
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.1})
        scheduler.base_lrs.append(0.1)
        train(optimizer, scheduler, 8)
        assert guard.step == 10
        optimizer.param_groups[1]["lr"] = 0.5
        with pytest.raises(lrviz.DeviationError) as raised:
            optimizer.step()
    assert raised.value.deviation.group == "1"
