"""The catalogue against the installed torch: names, defaults and ranges are torch's, and nothing is left out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

from lrviz.errors import Problems, ScheduleError
from lrviz.schedule.catalogue import DATA, FILE, OPTIMIZERS, REQUIRED, SCHEDULE, SCHEDULERS, Argument, Entry
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import parse

SCHEDULER_CLASSES: dict[str, type] = {
    name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__ if name != "LRScheduler"
} | {"SWALR": SWALR}
OPTIMIZER_CLASSES: dict[str, type] = {
    name: value
    for name, value in vars(torch.optim).items()
    if isinstance(value, type) and issubclass(value, torch.optim.Optimizer) and value is not torch.optim.Optimizer
}
ENTRIES = {**SCHEDULERS, **OPTIMIZERS}
EVERY_ENTRY = [*ENTRIES.values(), FILE, SCHEDULE, DATA, EXPECT]


def signature(cls: type, *without: str) -> list[tuple[str, Any]]:
    parameters = inspect.signature(cls).parameters.values()
    return [
        (parameter.name, REQUIRED if parameter.default is parameter.empty else parameter.default)
        for parameter in parameters
        if parameter.name not in without
    ]


def said(entry: Entry) -> list[tuple[str, Any]]:
    return [(argument.name, argument.default) for argument in entry.arguments]


# --- names and defaults ------------------------------------------------------------------------------------


def test_every_scheduler_of_torch_is_in_the_catalogue_and_no_other() -> None:
    assert set(SCHEDULERS) == set(SCHEDULER_CLASSES)


def test_every_optimizer_of_torch_is_in_the_catalogue_and_no_other() -> None:
    assert set(OPTIMIZERS) == set(OPTIMIZER_CLASSES)


@pytest.mark.parametrize("table", [SCHEDULERS, OPTIMIZERS], ids=["schedulers", "optimizers"])
def test_an_entry_stands_under_its_own_name(table: dict[str, Entry]) -> None:
    assert [entry.name for entry in table.values()] == list(table)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_takes_what_torch_takes_with_torchs_defaults(name: str) -> None:
    assert said(SCHEDULERS[name]) == signature(SCHEDULER_CLASSES[name], "optimizer", "last_epoch")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_takes_what_torch_takes_with_torchs_defaults_and_demands_lr(name: str) -> None:
    of_torch = signature(OPTIMIZER_CLASSES[name], "params")
    assert of_torch[0][0] == "lr"
    assert said(OPTIMIZERS[name]) == [("lr", REQUIRED), *of_torch[1:]]


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_names_the_module_that_it_lives_in(name: str) -> None:
    assert SCHEDULERS[name].module == SCHEDULER_CLASSES[name].__module__


# --- what people read --------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", EVERY_ENTRY, ids=lambda entry: entry.name)
def test_an_entry_and_each_of_its_arguments_say_what_they_are(entry: Entry) -> None:
    assert entry.summary.endswith(".")
    assert all(argument.meaning for argument in entry.arguments)


@pytest.mark.parametrize("entry", SCHEDULERS.values(), ids=SCHEDULERS)
def test_a_scheduler_has_a_formula_and_its_class_as_source(entry: Entry) -> None:
    assert entry.formula
    assert entry.source.split(";")[0] == f"{entry.module}.{entry.name}"


def test_no_name_that_people_use_leads_to_two_schedulers() -> None:
    aliases = [alias for entry in SCHEDULERS.values() for alias in entry.aliases]
    assert sorted(set(aliases)) == sorted(aliases)


# --- ranges ------------------------------------------------------------------------------------------------


def arguments_with_defaults() -> Iterator[Any]:
    for entry in EVERY_ENTRY:
        for argument in entry.arguments:
            if not argument.required and not (entry in (FILE, SCHEDULE, DATA, EXPECT) and argument.default is None):
                yield pytest.param(entry, argument, id=f"{entry.name}-{argument.name}")


@pytest.mark.parametrize(("entry", "argument"), list(arguments_with_defaults()))
def test_a_default_lies_in_its_own_range(entry: Entry, argument: Argument) -> None:
    value = list(argument.default) if isinstance(argument.default, tuple) else argument.default
    lone = Entry(name=entry.name, summary="", arguments=(argument,))
    assert check(parse(json.dumps({argument.name: value}), ""), lone, Problems()) == {argument.name: value}


# A value for every argument that torch demands; each test then changes one argument
DEMANDED: dict[str, dict[str, Any]] = {
    "StepLR": {"step_size": 3},
    "MultiStepLR": {"milestones": [3]},
    "ExponentialLR": {"gamma": 0.5},
    "CosineAnnealingLR": {"T_max": 5},
    "CosineAnnealingWarmRestarts": {"T_0": 3},
    "CyclicLR": {"base_lr": 0.1, "max_lr": 1},
    "OneCycleLR": {"max_lr": 1, "total_steps": 40},
    "SWALR": {"swa_lr": 0.1},
    **{name: {"lr": 0.1} for name in OPTIMIZERS},
}
ASKED_OF_TORCH = {("Rprop", "etas")}  # one must be below 1 and the other above it, which no range says
NUMBERS = (-10, -1, -0.5, -1e-9, 0, 1e-9, 0.25, 0.5, 0.999, 1, 1.0, 1.001, 1.5, 2, 2.5, 10, 50, 1000)


def probes() -> Iterator[Any]:
    for name, entry in ENTRIES.items():
        if entry.argument("schedulers"):
            continue
        for argument in entry.arguments:
            if argument.kind in ("flag", "function") or (name, argument.name) in ASKED_OF_TORCH:
                continue
            tried: list[Any] = [*argument.choices, "x", ""] if argument.kind == "choice" else list(NUMBERS)
            if argument.many == "list":
                tried = [[value] for value in tried]
            if isinstance(argument.many, int):
                usual = list(argument.default)
                tried = [
                    [*usual[:at], float(value), *usual[at + 1 :]] for value in tried for at in range(argument.many)
                ]
            yield pytest.param(name, argument.name, tried, id=f"{name}-{argument.name}")


def construct(name: str, arguments: dict[str, Any]) -> object:
    parameter = torch.zeros(2, 2, requires_grad=True)
    if name in OPTIMIZER_CLASSES:
        return OPTIMIZER_CLASSES[name]([parameter], **arguments)
    return SCHEDULER_CLASSES[name](torch.optim.SGD([parameter], lr=0.1, momentum=0.9), **arguments)


@pytest.mark.parametrize(("name", "argument", "tried"), list(probes()))
def test_torch_makes_what_the_catalogue_lets_pass(name: str, argument: str, tried: list[Any]) -> None:
    texts = [json.dumps(DEMANDED.get(name, {}) | {argument: value}) for value in tried]
    read = [arguments for text in texts if (arguments := check(parse(text, ""), ENTRIES[name], Problems()))]
    assert read
    for arguments in read:
        assert construct(name, arguments)


WELL = "epochs: 30\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler: "


@pytest.mark.parametrize(
    "scheduler",
    [
        "{type: StepLR, step_size: 1, gamma: 0}",
        "{type: StepLR, step_size: 1000000, gamma: 1.5}",
        "{type: MultiStepLR, milestones: []}",
        "{type: MultiStepLR, milestones: [30, 10, 10, 0]}",
        "{type: ConstantLR, factor: 0}",
        "{type: ConstantLR, factor: 1, total_iters: 1}",
        "{type: LinearLR, start_factor: 1, end_factor: 0}",
        "{type: LinearLR, start_factor: 1e-6, end_factor: 1}",
        "{type: ExponentialLR, gamma: 0}",
        "{type: ExponentialLR, gamma: 1.01}",
        "{type: PolynomialLR, power: 0.9}",
        "{type: PolynomialLR, power: 0}",
        "{type: CosineAnnealingLR, T_max: 1, eta_min: 0.5}",
        "{type: CosineAnnealingWarmRestarts, T_0: 1, T_mult: 3}",
        "{type: CyclicLR, base_lr: 0.2, max_lr: 0.1, mode: exp_range, gamma: 0.99994}",
        "{type: CyclicLR, base_lr: 0, max_lr: 1, step_size_down: ~, scale_fn: ~, scale_mode: iterations}",
        "{type: OneCycleLR, max_lr: 0.1, epochs: 10, steps_per_epoch: 100}",
        "{type: OneCycleLR, max_lr: 0.1, pct_start: 1, final_div_factor: 0.5, three_phase: true}",
        "{type: ReduceLROnPlateau, factor: 0, patience: 0, cooldown: 5, min_lr: [0.01], threshold: 0, eps: 0}",
        "{type: SWALR, swa_lr: [0.05], anneal_epochs: 0, anneal_strategy: linear}",
        "{type: LambdaLR, lr_lambda: -1}",
        "{type: SequentialLR, schedulers: [{type: LinearLR}], milestones: []}",
        "{type: SequentialLR, schedulers: [{type: LinearLR}, {type: LinearLR}], milestones: [0]}",
    ],
)
def test_no_range_refuses_what_torch_documents(schedule: Callable[[str], Any], scheduler: str) -> None:
    metric = f"\nmetric: {[1] * 30}" if "Plateau" in scheduler else ""
    assert schedule(WELL + scheduler + metric).scheduler is not None


@pytest.mark.parametrize(
    "optimizer",
    [
        "{type: SGD, lr: 0, momentum: 1.5, dampening: -1, weight_decay: 2}",
        "{type: Adadelta, lr: 1, rho: 1}",
        "{type: RMSprop, lr: 1, alpha: 1.5, centered: true}",
        "{type: Adafactor, lr: 1, eps: [~, 1e-3], beta2_decay: 0, d: 1}",
        "{type: LBFGS, lr: 1, max_eval: ~, line_search_fn: strong_wolfe}",
        "{type: Muon, lr: 1, ns_coefficients: [-1, 0, 1], adjust_lr_fn: match_rms_adamw}",
        "{type: AdamW, lr: 1, betas: [0.0, 0.0], eps: 0, fused: ~, foreach: true, amsgrad: true}",
    ],
)
def test_no_range_of_an_optimizer_refuses_what_torch_takes(schedule: Callable[[str], Any], optimizer: str) -> None:
    read = schedule(f"epochs: 3\nscheduler: none\noptimizer: {optimizer}").optimizer
    assert construct(read.type, dict(read.options))


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("StepLR, step_size: 0", "step_size must be at least 1 (got 0)"),
        ("LinearLR, start_factor: 0", "start_factor must be above 0 and at most 1 (got 0)"),
        ("LinearLR, end_factor: 1.1", "end_factor must be at least 0 and at most 1 (got 1.1)"),
        ("ReduceLROnPlateau, factor: 1.0", "factor must be at least 0 and below 1 (got 1.0)"),
        ("OneCycleLR, max_lr: 0", "max_lr must be above 0 (got 0)"),
        ("CosineAnnealingLR, eta_min: -1e-9", "eta_min must be at least 0 (got -1e-09)"),
    ],
)
def test_a_range_is_said_in_words(schedule: Callable[[str], Any], scheduler: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule(WELL + f"{{type: {scheduler}}}")
    assert message in str(caught.value)
