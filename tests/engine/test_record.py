"""A recorded curve is that of the training's own loop to the last bit, and the training does not notice."""

from __future__ import annotations

import copy
import random
import weakref
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from torch.optim.swa_utils import SWALR

import lrviz

pytestmark = pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler:UserWarning")  # torch's nested sequences

CALLS = 40


class OwnLR(LRScheduler):
    """A scheduler of a code base: random, with a model in its hands and another scheduler inside."""

    def __init__(self, optimizer: Optimizer, model: torch.nn.Module) -> None:
        self.model = model
        self.inside = ExponentialLR(optimizer, 0.9)
        self.settings = {"groups": optimizer.param_groups}
        super().__init__(optimizer)

    def get_lr(self) -> list[Any]:
        noise = random.random() + np.random.random() + float(torch.rand(()))
        return [group["lr"] * (1 + noise / 100) for group in self.settings["groups"]]

    def step(self, epoch: int | None = None) -> None:
        super().step(epoch)
        if self.last_epoch:
            self.inside.step()


class Factor:
    """A factor with a state of its own."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, call: int) -> float:
        self.calls += 1
        return 0.9**self.calls


MODEL = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
WIDTH = 7
SCHEDULERS: dict[str, Callable[[Optimizer], Any]] = {
    "step": lambda opt: StepLR(opt, 7, 0.5),
    "multi step": lambda opt: MultiStepLR(opt, [3, 11]),
    "exponential": lambda opt: ExponentialLR(opt, 0.93),
    "constant": lambda opt: ConstantLR(opt, 0.1, 5),
    "linear": lambda opt: LinearLR(opt, 0.1, total_iters=9),
    "polynomial": lambda opt: PolynomialLR(opt, 30, 0.9),
    "cosine": lambda opt: CosineAnnealingLR(opt, 25, 1e-4),
    "restarts": lambda opt: CosineAnnealingWarmRestarts(opt, 5, 2),
    "cyclic": lambda opt: CyclicLR(opt, 1e-3, 0.1, 6, cycle_momentum=True),
    "one cycle": lambda opt: OneCycleLR(opt, 0.3, 60),
    "closure": lambda opt: LambdaLR(opt, lambda call: min(1.0, (call + 1) / WIDTH)),
    "partial": lambda opt: LambdaLR(opt, partial(lambda call, warmup: min(1.0, call / warmup), warmup=10)),
    "stateful": lambda opt: LambdaLR(opt, Factor()),
    "multiplicative": lambda opt: MultiplicativeLR(opt, lambda call: 0.97),
    "swa": lambda opt: SWALR(opt, 0.02, 8),
    "sequential": lambda opt: SequentialLR(
        opt,
        [SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=5), StepLR(opt, 3)], [5]), ExponentialLR(opt, 0.9)],
        [17],
    ),
    "chained": lambda opt: ChainedScheduler([ConstantLR(opt, 0.1, 4), ExponentialLR(opt, 0.9)], opt),
    "phases": lambda opt: lrviz.PhasedLR(
        opt, [lrviz.Phase(lambda opt: LinearLR(opt, 0.1, total_iters=5), 5), lrviz.Phase(lambda opt: StepLR(opt, 9))]
    ),
    "own": lambda opt: OwnLR(opt, MODEL),
}


def adamw(lr: Any = 0.1) -> Optimizer:
    """An optimizer of two groups that has been stepped, so that it has a state."""
    groups = [{"params": MODEL[0].parameters(), "name": "body"}, {"params": MODEL[2].parameters(), "name": "head"}]
    groups[1]["lr"] = lr / 10
    optimizer = AdamW(groups, lr=lr, foreach=False)
    MODEL(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    return optimizer


def seen(optimizer: Any, scheduler: Any) -> list[Any]:
    """All that a training could notice: values, and which object holds them."""
    groups = optimizer.param_groups
    return [
        copy.deepcopy(optimizer.state_dict()),
        repr({name: value for name, value in vars(scheduler).items() if name != "optimizer"}),
        repr(scheduler.state_dict()),
        [id(group) for group in groups],
        [(key, id(value)) for group in groups for key, value in group.items()],
        [float(group["lr"]) for group in groups],
        [id(vars(optimizer).get("step")), optimizer.step],
        [parameter.detach().clone() for parameter in MODEL.parameters()],
        torch.get_rng_state(),
        random.getstate(),
        np.random.get_state(),
    ]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor | np.ndarray):
        return bool((one == other).all())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def looped(optimizer: Any, scheduler: Any, calls: int = CALLS, metric: Any = None) -> list[list[float]]:
    """What the training's own loop sees, the value after the last call too."""
    rates = [[float(group["lr"]) for group in optimizer.param_groups]]
    for call in range(calls):
        optimizer.step()
        scheduler.step(*([] if metric is None else [metric(call)]))
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
    return rates


def recorded(curve: lrviz.Curve) -> list[list[float]]:
    return [*curve.lr.tolist(), list(curve.end_lr)]


# --- the curve -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "before"), [*((name, 6) for name in SCHEDULERS), ("sequential", 0)])
def test_a_curve_is_that_of_the_loop_and_the_training_does_not_move(name: str, before: int) -> None:
    optimizer = adamw()
    scheduler = SCHEDULERS[name](optimizer)
    looped(optimizer, scheduler, before)
    state = seen(optimizer, scheduler)
    curve = lrviz.record(optimizer, scheduler, calls=CALLS)
    assert same(seen(optimizer, scheduler), state)
    assert recorded(curve) == looped(optimizer, scheduler)
    assert (curve.groups, len(curve), curve.run.total_steps) == (("body", "head"), CALLS, CALLS)


@pytest.mark.parametrize("name", ["step", "cosine", "sequential", "chained", "restarts"])
def test_a_learning_rate_that_is_a_tensor_stays_the_trainings(name: str) -> None:
    optimizer = adamw(torch.tensor(0.1))
    scheduler = SCHEDULERS[name](optimizer)
    tensors = [group["lr"] for group in optimizer.param_groups]
    state = seen(optimizer, scheduler)
    curve = lrviz.record(optimizer, scheduler, calls=CALLS)
    assert same(seen(optimizer, scheduler), state)
    assert all(group["lr"] is tensor for group, tensor in zip(optimizer.param_groups, tensors, strict=True))
    assert recorded(curve) == looped(optimizer, scheduler)


def test_neither_parameters_nor_state_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = adamw()
    scheduler = SequentialLR(optimizer, [OwnLR(optimizer, MODEL), LambdaLR(optimizer, Bound().factor)], [5])
    large: list[Any] = []

    def spied(self: torch.Tensor, memo: dict[int, Any]) -> torch.Tensor:
        large.append(tuple(self.shape))
        return self.clone()

    monkeypatch.setattr(torch.Tensor, "__deepcopy__", spied)
    monkeypatch.setattr(torch.nn.Parameter, "__deepcopy__", spied)
    lrviz.record(optimizer, scheduler, calls=10)
    assert large == []


class Bound:
    def __init__(self) -> None:
        self.model = MODEL

    def factor(self, call: int) -> float:
        return float(1 / (1 + call))


def test_the_metric_is_a_sequence_or_a_function_of_the_call() -> None:
    values = [1 / (1 + call) if call < 5 else 0.2 for call in range(CALLS)]
    optimizer = adamw()
    scheduler = ReduceLROnPlateau(optimizer, patience=3)
    state = seen(optimizer, scheduler)
    curves = [
        lrviz.record(optimizer, scheduler, calls=CALLS, metric=metric)
        for metric in (values, np.array(values), values.__getitem__)
    ]
    assert same(seen(optimizer, scheduler), state)
    rates = looped(optimizer, scheduler, metric=values.__getitem__)
    assert [recorded(curve) for curve in curves] == [rates] * 3
    assert rates[0] != rates[-1]


def test_momentum_is_recorded_where_it_moves() -> None:
    optimizer = SGD(MODEL.parameters(), lr=0.1, momentum=0.9)
    moving = CyclicLR(optimizer, 0.01, 0.1, 5, cycle_momentum=True)
    curve = lrviz.record(optimizer, moving, calls=12)
    seen = []
    for _ in range(12):
        seen.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        moving.step()
    assert curve.momentum is not None
    assert curve.momentum[:, 0].tolist() == seen
    assert lrviz.record(optimizer, StepLR(optimizer, 3), calls=12).momentum is None


def test_groups_without_names_of_their_own_have_their_index() -> None:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], **more} for more in ({}, {"name": "a"}, {"name": "a"})]
    optimizer = SGD(groups, lr=0.1)
    curve = lrviz.record(optimizer, StepLR(optimizer, 3), calls=2)
    assert curve.groups == ("0", "1", "2")
    optimizer.param_groups[2]["name"] = "b"
    assert lrviz.record(optimizer, StepLR(optimizer, 3), calls=2).groups == ("0", "a", "b")


def test_the_run_is_in_steps_or_epochs_and_may_know_both() -> None:
    optimizer = adamw()
    scheduler = StepLR(optimizer, 4, 0.5)
    steps = lrviz.record(optimizer, scheduler, calls=20, steps_per_epoch=5)
    assert (steps.run.total_epochs, steps.run.total_steps) == (4, 20)
    assert list(steps.at("1 epochs")) == list(steps.at("5 steps"))  # type: ignore[arg-type]
    epochs = lrviz.record(optimizer, scheduler, calls=np.int64(20), interval="epoch", name="mine")  # type: ignore[arg-type]
    assert (epochs.run.total_epochs, epochs.run.total_steps, epochs.name) == (20, None, "mine")
    assert lrviz.check(epochs, expect={"at": {4: {"body": 0.05, "head": 0.005}}, "decreasing": True}).ok
    assert lrviz.plot(epochs).get_xlabel() == "epoch"


# --- wrappers ------------------------------------------------------------------------------------------------


class Accelerated:
    """Accelerate's wrappers, as far as their attributes and calls go."""

    class AcceleratorState:
        num_processes = 2

    def __init__(self, scheduler: Any, optimizer: Any, split_batches: bool = False) -> None:
        self.scheduler, self.optimizers = scheduler, [optimizer]
        self.split_batches, self.step_with_optimizer = split_batches, True

    def step(self) -> None:
        times = 1 if self.split_batches else AcceleratorState().num_processes
        for _ in range(times):
            if not hasattr(self.scheduler, "total_steps") or self.scheduler._step_count <= self.scheduler.total_steps:
                self.scheduler.step()

    def state_dict(self) -> Any:
        return self.scheduler.state_dict()


AcceleratorState = Accelerated.AcceleratorState


class AcceleratedOptimizer(Optimizer):
    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer

    @property
    def param_groups(self) -> Any:  # type: ignore[override]
        return self.optimizer.param_groups

    def step(self, closure: Any = None) -> Any:
        return self.optimizer.step()


@pytest.mark.parametrize("name", ["cosine", "one cycle", "sequential"])
@pytest.mark.parametrize("split", [True, False])
def test_the_wrappers_of_accelerate_are_taken_off(name: str, split: bool) -> None:
    optimizer = adamw()
    wrapped = AcceleratedOptimizer(optimizer)
    scheduler = Accelerated(SCHEDULERS[name](optimizer), wrapped, split)
    state = seen(optimizer, scheduler)
    curve = lrviz.record(wrapped, scheduler, calls=CALLS)
    assert recorded(lrviz.record(optimizer, scheduler, calls=CALLS)) == recorded(curve)
    assert same(seen(optimizer, scheduler), state)
    assert recorded(curve) == looped(optimizer, scheduler)


def test_a_scheduler_made_with_a_wrapped_optimizer_drives_it() -> None:
    optimizer = adamw()
    wrapped = AcceleratedOptimizer(optimizer)
    scheduler = StepLR(optimizer, 5)
    plain = lrviz.record(optimizer, scheduler, calls=CALLS)
    scheduler.optimizer = wrapped
    assert recorded(lrviz.record(optimizer, scheduler, calls=CALLS)) == recorded(plain)
    assert scheduler.last_epoch == 0


@pytest.mark.parametrize("kind", ["config", "mapping", "all of it"])
def test_a_config_of_lightning_says_when_the_scheduler_is_called(kind: str) -> None:
    optimizer = adamw()
    scheduler = ExponentialLR(optimizer, 0.5)
    config = {"scheduler": scheduler, "interval": "step", "frequency": 3, "monitor": None}
    given = {"config": SimpleNamespace(**config), "mapping": config, "all of it": {"lr_scheduler": config}}[kind]
    curve = lrviz.record({"optimizer": optimizer} if kind == "all of it" else optimizer, given, calls=8)
    assert curve.run.interval == "step"
    assert curve.lr[:, 0].tolist() == [0.1] * 3 + [0.05] * 3 + [0.025] * 2
    assert lrviz.record(optimizer, {"scheduler": scheduler}, calls=8).run.interval == "epoch"
    assert lrviz.record(optimizer, given, calls=8, interval="epoch").run.interval == "epoch"


def test_a_class_that_only_looks_like_a_wrapper_is_stepped_itself() -> None:
    class Warmed:
        def __init__(self, optimizer: Optimizer, scheduler: Any) -> None:
            self.optimizer, self.scheduler, self.calls = optimizer, scheduler, 0

        def step(self) -> None:
            self.calls += 1
            self.scheduler.step()
            for group in self.optimizer.param_groups:
                group["lr"] *= min(1, self.calls / 10)

        def state_dict(self) -> dict[str, int]:
            return {"calls": self.calls}

    optimizer = adamw()
    scheduler = Warmed(optimizer, StepLR(optimizer, 5))
    curve = lrviz.record(optimizer, scheduler, calls=CALLS)
    assert scheduler.calls == 0
    assert recorded(curve) == looped(optimizer, scheduler)


# --- what cannot be recorded ---------------------------------------------------------------------------------


def fails(optimizer: Any, scheduler: Any, **more: Any) -> str:
    with pytest.raises(lrviz.ScheduleError) as caught:
        lrviz.record(optimizer, scheduler, **{"calls": 20, **more})
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"calls": 0}, "calls: error: expected a whole number of at least 1 (got 0)"),
        ({"calls": 1.5}, "calls: error: expected a whole number of at least 1 (got 1.5)"),
        ({"calls": True}, "calls: error: expected a whole number of at least 1 (got True)"),
        ({"calls": 10**9}, "calls: error: a run may have at most 100,000,000 calls"),
        ({"interval": "batch"}, "interval: error: expected 'epoch' or 'step' (got 'batch')"),
        ({"steps_per_epoch": 0}, "steps_per_epoch: error: expected a whole number"),
        ({"metric": [1.0] * 20}, "metric: error: StepLR is stepped without a metric\n  hint: leave it out"),
        ({"scheduler": "cosine"}, "scheduler: error: expected a scheduler, with a step() (got str)"),
        ({"scheduler": {"interval": "step"}}, "scheduler: error: the mapping has no 'scheduler'"),
        ({"optimizer": MODEL}, "optimizer: error: expected an optimizer, with param_groups (got Sequential)"),
        ({"optimizer": SGD(MODEL.parameters(), lr=1)}, "scheduler: error: it does not drive this optimizer"),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, Any], message: str) -> None:
    optimizer = adamw()
    arguments = {"optimizer": optimizer, "scheduler": StepLR(optimizer, 3), **given}
    assert fails(arguments.pop("optimizer"), arguments.pop("scheduler"), **arguments).startswith(message)


def test_a_plateau_needs_a_metric_for_every_call() -> None:
    optimizer = adamw()
    scheduler = ReduceLROnPlateau(optimizer)
    assert fails(optimizer, scheduler).startswith(
        "metric: error: ReduceLROnPlateau.step() needs 'metrics'\n  hint: metr"
    )
    assert fails(optimizer, scheduler, metric=[1.0]).startswith("metric: error: 1 value for 20 calls\n  hint: calls=1")
    assert fails(optimizer, scheduler, metric="loss").startswith("metric: error: expected numbers, or a function")


def test_what_torch_refuses_names_the_call_and_nothing_moves() -> None:
    optimizer = adamw()
    scheduler = OneCycleLR(optimizer, 0.3, 10)
    state = seen(optimizer, scheduler)
    assert fails(optimizer, scheduler).startswith(
        "scheduler: error: OneCycleLR fails at call 11 of 20 of scheduler.step()"
    )
    assert same(seen(optimizer, scheduler), state)


def around_the_copy(optimizer: Optimizer) -> Any:
    def factor(call: int) -> float:
        for group in optimizer.param_groups:
            group["weight_decay"] = call
        return 1.0

    return LambdaLR(optimizer, factor)


def by_reference(optimizer: Optimizer) -> Any:
    class Weak:
        def __init__(self) -> None:
            self.optimizer, self.reached = optimizer, weakref.ref(optimizer)

        def step(self) -> None:
            for group in self.reached().param_groups:  # type: ignore[union-attr]
                group["lr"] /= 2

    return Weak()


@pytest.mark.parametrize("make", [around_the_copy, by_reference])
@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)])
def test_code_that_reaches_the_training_itself_is_refused_and_undone(make: Callable[..., Any], lr: Any) -> None:
    optimizer = adamw(lr)
    scheduler = make(optimizer)
    values = [dict(group) for group in optimizer.param_groups]
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    assert fails(optimizer, scheduler).startswith("scheduler: error: its code changes the training's own optimizer")
    assert [float(group["lr"]) for group in optimizer.param_groups] == rates
    assert all(
        group.keys() == before.keys() and all(group[key] is value for key, value in before.items())
        for group, before in zip(optimizer.param_groups, values, strict=True)
    )


def test_a_scheduler_that_cannot_be_copied_is_refused() -> None:
    optimizer = adamw()
    scheduler: Any = StepLR(optimizer, 3)
    scheduler.numbers = (number for number in range(3))
    assert fails(optimizer, scheduler).startswith("scheduler: error: StepLR cannot be copied: TypeError: cannot pickle")
    del scheduler.numbers
    scheduler.step = lambda epoch=None: None
    assert fails(optimizer, scheduler).startswith("scheduler: error: the step() of StepLR was replaced by a function")
