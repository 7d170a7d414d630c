"""`Schedule.build` on the user's optimizer; the oracle is a plain loop over the same class of torch."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adagrad, Adam, AdamW
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LambdaLR, LinearLR, OneCycleLR, StepLR

import lrviz
from lrviz.errors import ScheduleError


def parameters(count: int = 1) -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.ones(1)) for _ in range(count)]


def group_of(**keys: Any) -> dict[str, Any]:
    return {"params": parameters(), **keys}


def schedule(**keys: Any) -> lrviz.Schedule:
    base = {"epochs": 12, "optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 3}}
    return lrviz.load({**base, **keys}).only


def train(optimizer: Any, scheduler: Any, calls: int, *metric: float) -> list[list[float]]:
    """The learning rates that a training loop uses, groups x calls."""
    used: list[list[float]] = [[] for _ in optimizer.param_groups]
    for _ in range(calls):
        for column, group in zip(used, optimizer.param_groups, strict=True):
            column.append(float(group["lr"]))
        for group in optimizer.param_groups:
            for each in group["params"]:
                each.grad = torch.ones_like(each)
        optimizer.step()
        scheduler.step(*metric)
    return used


def state_of(optimizer: Any) -> Any:
    """Everything of an optimizer that a failed `build` must leave alone."""
    groups = [{key: copy.deepcopy(value) for key, value in group.items() if key != "params"} for group in
              optimizer.param_groups]  # fmt: skip
    return groups, {key: id(value) for key, value in vars(optimizer).items()}


# --- the scheduler itself ------------------------------------------------------------------------------------

PLAIN: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "StepLR": ({"type": "StepLR", "step_size": 3}, lambda opt: StepLR(opt, 3)),
    "CosineAnnealingLR": ({"type": "CosineAnnealingLR"}, lambda opt: CosineAnnealingLR(opt, 12)),
    "OneCycleLR": ({"type": "OneCycleLR", "max_lr": 0.3}, lambda opt: OneCycleLR(opt, 0.3, 12)),
    "LambdaLR": (
        {"type": "LambdaLR", "lr_lambda": "(1 - t / T) ** 0.9"},
        lambda opt: LambdaLR(opt, lambda t: (1 - t / 12) ** 0.9),
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_it_is_torchs_own_class_with_the_curve_of_a_plain_loop(name: str) -> None:
    keys, make = PLAIN[name]
    ours = SGD(parameters(), lr=0.1, momentum=0.9)
    built = schedule(scheduler=keys).build(ours)
    theirs = SGD(parameters(), lr=0.1, momentum=0.9)
    plain = make(theirs)
    assert type(built) is type(plain)
    assert built.optimizer is ours
    assert train(ours, built, 12) == train(theirs, plain, 12)
    assert set(vars(built)) == set(vars(plain))  # nothing of ours lands in its state


def test_a_constant_schedule_gives_a_scheduler_that_changes_nothing() -> None:
    optimizer = SGD(parameters(), lr=0.123)
    built = schedule(optimizer={"lr": 0.123}, scheduler="none").build(optimizer)
    assert type(built) is ConstantLR
    assert train(optimizer, built, 12) == [[0.123] * 12]


def test_phases_give_the_phased_lr_of_the_library() -> None:
    phases = [{"type": "LinearLR", "start_factor": 0.1, "for": 4}, {"type": "CosineAnnealingLR"}]
    optimizer = SGD(parameters(), lr=0.1)
    planned = schedule(scheduler=phases)
    built = planned.build(optimizer)
    assert type(built) is lrviz.PhasedLR

    plain = SGD(parameters(), lr=0.1)
    sequence = torch.optim.lr_scheduler.SequentialLR(
        plain, [LinearLR(plain, 0.1, total_iters=4), CosineAnnealingLR(plain, 8)], [4]
    )
    assert train(optimizer, built, 12) == train(plain, sequence, 12)


def test_a_metric_driven_schedule_says_so_and_takes_the_metric() -> None:
    planned = schedule(scheduler={"type": "ReduceLROnPlateau", "patience": 1}, metric="1")
    assert planned.takes_metric
    assert not schedule().takes_metric
    optimizer = SGD(parameters(), lr=0.1)
    built = planned.build(optimizer)
    # the first value is the best; the third is the second bad one in a row, more than a patience of 1
    assert train(optimizer, built, 4, 1.0) == [[0.1, 0.1, 0.1, 0.1 * 0.1]]


def test_when_to_step_is_said_by_the_schedule() -> None:
    every = schedule(epochs=2, steps_per_epoch=100, interval="50 steps")
    assert (every.interval, every.every) == ("step", 50)
    assert (schedule().interval, schedule().every) == ("epoch", 1)
    phased = schedule(
        epochs=2, steps_per_epoch=100, interval="50 steps",
        scheduler=[{"type": "LinearLR", "for": "1 epoch"}, {"type": "ConstantLR"}],
    )  # fmt: skip
    assert (phased.interval, phased.every) == ("step", 1)


# --- param groups --------------------------------------------------------------------------------------------


def test_a_file_without_groups_fits_any_number_of_them() -> None:
    decayed, not_decayed = parameters(2)
    groups: list[dict[str, Any]] = [{"params": [decayed]}, {"params": [not_decayed], "weight_decay": 0.0}]
    optimizer = AdamW(groups, lr=0.1, weight_decay=0.5)
    file = {"type": "AdamW", "lr": 0.1, "weight_decay": 0.5}
    for scheduler in (
        {"type": "StepLR", "step_size": 3},
        {"type": "LambdaLR", "lr_lambda": ["0.5 ** t"]},
        {"type": "OneCycleLR", "max_lr": [0.3]},
        [{"type": "LinearLR", "for": 3}, {"type": "CosineAnnealingLR", "from": 0.05}],
    ):
        planned = schedule(optimizer=file, scheduler=scheduler)
        curve = planned.simulate().lr[:, 0].tolist()
        assert train(optimizer, planned.build(optimizer, override=True), 12) == [curve, curve]
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.5, 0.0]


GROUPS = {"groups": [{"name": "backbone", "lr": 0.01}, {"name": "head", "lr": 0.1}]}


def test_groups_go_by_name_whatever_their_order() -> None:
    head, stem, body = parameters(3)
    optimizer = SGD(
        [
            {"params": [head], "lr": 0.1, "name": "head"},
            {"params": [stem], "lr": 0.01, "name": "backbone"},
            {"params": [body], "lr": 0.01, "name": "backbone"},
        ],
        lr=1.0,
    )
    planned = schedule(
        optimizer=GROUPS, scheduler={"type": "LambdaLR", "lr_lambda": {"backbone": "1", "head": "0.5 ** t"}}
    )
    backbone = [0.01] * 12
    assert train(optimizer, planned.build(optimizer), 12) == [[0.1 * 0.5**t for t in range(12)], backbone, backbone]


def test_groups_without_names_go_by_order() -> None:
    optimizer = SGD([{"params": parameters(), "lr": 0.01}, {"params": parameters(), "lr": 0.1}], lr=1.0)
    schedule(optimizer=GROUPS).build(optimizer)
    with pytest.raises(ScheduleError) as error:
        schedule(optimizer=GROUPS).build(SGD(parameters(), lr=0.1))
    assert str(error.value) == (
        "optimizer: error: its param groups are not those of schedule 'schedule': it has 1 group, 0 (no name); "
        "the file has 2 groups, 'backbone', 'head'\n"
        "  hint: give the optimizer as many param groups as the file, in its order"
    )


def test_other_names_are_an_error_that_lists_both_sides() -> None:
    groups = [{"params": parameters(), "lr": 0.01, "name": "trunk"}, {"params": parameters(), "lr": 0.1}]
    with pytest.raises(ScheduleError) as error:
        schedule(optimizer=GROUPS).build(SGD(groups, lr=1.0))
    assert str(error.value) == (
        "optimizer: error: its param groups are not those of schedule 'schedule': it has 2 groups, 'trunk', "
        "1 (no name); the file has 2 groups, 'backbone', 'head'\n"
        "  hint: give each param group the name of one in the file: {'params': ..., 'name': ...}"
    )


def test_a_name_that_is_no_text_is_none() -> None:
    """Torch lets any value be the `name` of a group."""
    wrong: list[Any] = [["trunk"], 1]
    groups = [{"params": parameters(), "lr": lr, "name": name} for lr, name in zip((0.01, 0.1), wrong, strict=True)]
    built = schedule(optimizer=GROUPS).build(SGD(groups, lr=1.0))
    assert built.get_last_lr() == [0.01, 0.1]


# --- contradictions ------------------------------------------------------------------------------------------

CONTRADICTIONS: dict[str, tuple[dict[str, Any], Callable[[], Any], list[str]]] = {
    "class": (
        {"type": "Adam", "lr": 0.1},
        lambda: AdamW(parameters(), lr=0.1),
        ["it is AdamW; the file says Adam"],
    ),
    "lr": ({"lr": 0.1}, lambda: SGD(parameters(), lr=0.2), ["lr of param group 0 is 0.2; the file says 0.1"]),
    "betas": (
        {"type": "AdamW", "lr": 0.1, "betas": [0.9, 0.95]},
        lambda: AdamW(parameters(), lr=0.1),
        ["betas of param group 0 is [0.9, 0.999]; the file says [0.9, 0.95]"],
    ),
    "everything at once": (
        {"type": "SGD", "lr": 0.1, "momentum": 0.9},
        lambda: SGD([group_of(name="a"), group_of(lr=0.5)], lr=0.1),
        [
            "momentum of param group 0 ('a') is 0; the file says 0.9",
            "lr of param group 1 is 0.5; the file says 0.1",
            "momentum of param group 1 is 0; the file says 0.9",
        ],
    ),
    "a file that leaves the class out": (
        {"lr": 0.1, "momentum": 0.9},
        lambda: Adam(parameters(), lr=0.1),
        ["param group 0 has no momentum; the file says 0.9"],
    ),
    "a tensor": (
        {"lr": 0.1},
        lambda: SGD(parameters(), lr=torch.tensor(0.11)),
        ["lr of param group 0 is 0.11 (a tensor); the file says 0.1"],
    ),
    "no weight decay at all": (
        {"type": "AdamW", "lr": 0.1, "weight_decay": 0.5},
        lambda: AdamW(parameters(), lr=0.1, weight_decay=0.0),
        ["weight_decay of param group 0 is 0.0; the file says 0.5"],
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_says_which_and_changes_nothing(name: str) -> None:
    file, make, messages = CONTRADICTIONS[name]
    optimizer = make()
    before = state_of(optimizer)
    with pytest.raises(ScheduleError) as error:
        schedule(optimizer=file).build(optimizer)
    assert [problem.message for problem in error.value.problems] == messages
    assert state_of(optimizer) == before


def test_groups_in_another_order_are_not_to_be_overridden() -> None:
    """`override` would train the backbone at the lr of the head."""
    file = {"groups": [{"lr": 0.01}, {"lr": 0.1}]}
    optimizer = SGD([{"params": parameters(), "lr": 0.1}, {"params": parameters(), "lr": 0.01}])
    with pytest.raises(ScheduleError) as raised:
        schedule(optimizer=file).build(optimizer)
    hints = {problem.hint for problem in raised.value.problems}
    assert hints == {"the param groups have one another's lr: give them in the order of the file, or under its names"}


def test_a_tensor_that_groups_share_cannot_follow_a_curve_for_each() -> None:
    file = {"type": "AdamW", "lr": 0.1, "groups": [{"name": "body"}, {"name": "head"}]}
    for scheduler, argument in (
        ({"type": "OneCycleLR", "max_lr": [0.1, 0.2]}, "max_lr"),
        ({"type": "LambdaLR", "lr_lambda": {"body": "1", "head": "0.5 ** t"}}, "lr_lambda"),
        ([{"type": "none", "for": 3}, {"type": "none", "from": {"body": 0.1, "head": 0.2}}], "from"),
    ):
        optimizer = AdamW([{"params": parameters(), "name": name} for name in ("body", "head")], lr=torch.tensor(0.1))
        with pytest.raises(ScheduleError, match=f"share one tensor as lr; the file says {argument} for each"):
            schedule(optimizer=file, scheduler=scheduler).build(optimizer)
    optimizer = AdamW([{"params": parameters(), "name": name} for name in ("body", "head")], lr=torch.tensor(0.1))
    schedule(optimizer=file, scheduler={"type": "OneCycleLR", "max_lr": [0.2, 0.2]}).build(optimizer)


@pytest.mark.parametrize("override", [False, True])
def test_a_tensor_that_groups_share_cannot_hold_the_lr_of_each(override: bool) -> None:
    file = {"type": "AdamW", "groups": [{"name": "body", "lr": 0.01}, {"name": "head", "lr": 0.1}]}
    groups = [{"params": parameters(), "name": name} for name in ("head", "body")]
    optimizer = AdamW(groups, lr=torch.tensor(0.1))
    before = state_of(optimizer)
    with pytest.raises(ScheduleError) as raised:
        schedule(optimizer=file).build(optimizer, override=override)
    assert str(raised.value) == (
        "optimizer: error: param groups 0 ('head') and 1 ('body') share one tensor as lr; the file says 0.1 and 0.01\n"
        "  hint: give each group a tensor of its own: {'params': ..., 'lr': torch.tensor(...)}"
    )
    assert state_of(optimizer) == before
    one = torch.tensor(0.1)
    used = train(optimizer, schedule(optimizer={"type": "AdamW", "lr": 0.1}).build(optimizer), 4)
    assert used == [[*[one.item()] * 3, (one * 0.1).item()]] * 2


def test_override_sets_what_the_file_says() -> None:
    optimizer = AdamW(parameters(), lr=0.5, betas=(0.8, 0.9), eps=1e-7)
    file = {"type": "AdamW", "lr": 0.1, "betas": [0.9, 0.95]}
    built = schedule(optimizer=file).build(optimizer, override=True)
    (group,) = optimizer.param_groups
    assert (group["lr"], group["betas"], group["eps"], built.base_lrs) == (0.1, (0.9, 0.95), 1e-7, [0.1])


def test_override_takes_an_optimizer_that_was_scheduled_before() -> None:
    optimizer = SGD(parameters(), lr=0.1)
    train(optimizer, StepLR(optimizer, 1), 3)
    with pytest.raises(ScheduleError, match="build first, then load the state of the optimizer"):
        schedule().build(optimizer)
    assert train(optimizer, schedule().build(optimizer, override=True), 12) == [schedule().simulate().lr[:, 0].tolist()]


def test_a_stale_initial_lr_is_a_contradiction() -> None:
    """torch starts a scheduler from `initial_lr` where the optimizer has one, not from `lr`."""
    optimizer = SGD(parameters(), lr=0.5)
    StepLR(optimizer, 3)
    optimizer.param_groups[0]["lr"] = 0.1
    with pytest.raises(ScheduleError, match=r"initial_lr of param group 0, from which a scheduler starts, is 0.5"):
        schedule().build(optimizer)


@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)], ids=["a number", "a tensor"])
@pytest.mark.parametrize("place", ["alone", "a phase", "behind one that was made"])
def test_what_torch_refuses_leaves_the_optimizer_as_it_was(lr: Any, place: str) -> None:
    optimizer = Adagrad(parameters(), lr=lr)
    before = state_of(optimizer)
    one_cycle = {"type": "OneCycleLR", "max_lr": 1.0}  # needs a momentum, which Adagrad has not
    made = {"type": "StepLR", "step_size": 3}  # which has replaced optimizer.step by then
    sequence = {"type": "SequentialLR", "schedulers": [made, {**one_cycle, "total_steps": 9}], "milestones": [3]}
    scheduler = {"alone": one_cycle, "a phase": [one_cycle], "behind one that was made": sequence}[place]
    planned = schedule(optimizer={"type": "Adagrad", "lr": 0.1}, scheduler=scheduler)
    with pytest.raises(ScheduleError, match="torch refuses to construct OneCycleLR"):
        planned.build(optimizer)
    assert state_of(optimizer) == before
    assert optimizer.param_groups[0]["lr"] is lr


@pytest.mark.parametrize("wrong", [None, 0.1, torch.nn.Linear(1, 1), [torch.zeros(1)]])
def test_what_is_no_optimizer_is_refused(wrong: Any) -> None:
    with pytest.raises(ScheduleError, match=r"^optimizer: error: expected an optimizer"):
        schedule().build(wrong)


# --- the length of an epoch ----------------------------------------------------------------------------------


def test_the_length_of_a_loader_is_batches_which_accumulate_divides() -> None:
    data = {"samples": 1000, "batch_size": 10, "accumulate": 8}  # 100 batches, ceil(100 / 8) = 13 steps
    planned = schedule(data=data, interval="step", scheduler={"type": "CosineAnnealingLR"})
    planned.build(SGD(parameters(), lr=0.1), loader=range(100))
    planned.build(SGD(parameters(), lr=0.1), steps_per_epoch=13)
    with pytest.raises(ScheduleError) as error:
        planned.build(SGD(parameters(), lr=0.1), loader=range(13))
    assert str(error.value) == (
        "loader: error: 13 batches are 2 steps an epoch (accumulate 8), but schedule "
        "'schedule' of <schedule> has 13 an epoch\n"
        "  hint: correct `data` in the file: samples, batch_size, devices, accumulate, drop_last"
    )


def test_a_loader_of_another_length_is_an_error() -> None:
    planned = schedule(steps_per_epoch=50, interval="step", scheduler={"type": "CosineAnnealingLR"})
    with pytest.raises(ScheduleError) as error:
        planned.build(SGD(parameters(), lr=0.1), loader=range(40))
    assert str(error.value) == (
        "loader: error: 40 batches are 40 steps an epoch, but schedule 'schedule' of <schedule> has 50 an epoch\n"
        "  hint: correct the file, or load it with set={'steps_per_epoch': 40}"
    )


def test_a_loader_whose_batches_are_accumulated_gives_the_line_to_write() -> None:
    keys = {"steps_per_epoch": 50, "interval": "step", "scheduler": {"type": "CosineAnnealingLR"}}
    with pytest.raises(
        ScheduleError, match=r"hint: does a step take 4 batches\? .*: data: {batch_size: ..., accumulate: 4}"
    ):
        schedule(**keys).build(SGD(parameters(), lr=0.1), loader=range(200))
    schedule(**keys, data={"batch_size": 8, "accumulate": 4}).build(SGD(parameters(), lr=0.1), loader=range(200))


def test_a_loader_without_a_length_is_an_error() -> None:
    with pytest.raises(ScheduleError, match=r"its length is not known .got list_iterator."):
        schedule().build(SGD(parameters(), lr=0.1), loader=iter([1, 2]))
    with pytest.raises(ScheduleError, match="say the same thing"):
        schedule().build(SGD(parameters(), lr=0.1), loader=[1], steps_per_epoch=1)
    with pytest.raises(ScheduleError, match="it has no batches"):
        schedule().build(SGD(parameters(), lr=0.1), loader=[])


# --- pickling and resuming -----------------------------------------------------------------------------------

EXPRESSIONS = {
    "LambdaLR": {"type": "LambdaLR", "lr_lambda": "min((t + 1) / 4, 1) * (1 - n / N) ** 0.9"},
    "a constant": {"type": "LambdaLR", "lr_lambda": 0.5},
    "CyclicLR": {
        "type": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3, "scale_fn": "0.9 ** x",
        "scale_mode": "iterations", "cycle_momentum": False,
    },
    "phases": [
        {"type": "LinearLR", "start_factor": 0.1, "for": 3},
        {"type": "LambdaLR", "lr_lambda": "1 / (1 + t)", "for": 4},
        {"type": "CosineAnnealingLR"},
    ],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Seems like", "ignore:Detected call")  # torch forgets in a pickle that it steps
@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("at", [0, 3, 5, 9])
def test_it_pickles_and_resumes(name: str, at: int) -> None:
    planned = schedule(scheduler=EXPRESSIONS[name])
    curve = planned.simulate().lr[:, 0].tolist()
    optimizer = SGD(parameters(), lr=0.1)
    built = planned.build(optimizer)
    assert train(optimizer, built, at) == [curve[:at]]

    twin = pickle.loads(pickle.dumps(built))
    file = io.BytesIO()
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": built.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    new = SGD(parameters(), lr=0.1)
    resumed = planned.build(new)
    new.load_state_dict(saved["optimizer"])
    resumed.load_state_dict(saved["scheduler"])

    assert train(new, resumed, 12 - at) == [curve[at:]]
    assert train(twin.optimizer, twin, 12 - at) == [curve[at:]]
    assert train(optimizer, built, 12 - at) == [curve[at:]]


def test_an_expression_is_resumed_as_a_function_is() -> None:
    """The saved one is on record, and the scheduler goes on with the one that it was made with."""
    old = schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.5 ** t"})
    new = schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.9 ** t * T / 12"})
    state = old.build(SGD(parameters(), lr=0.1)).state_dict()
    assert state["lr_lambdas"] == [{"expression": "0.5 ** t", "values": {}}]  # only names that it uses
    optimizer = SGD(parameters(), lr=0.1)
    built = new.build(optimizer)
    built.load_state_dict(state)
    optimizer.step()
    built.step()
    assert optimizer.param_groups[0]["lr"] == 0.1 * 0.9
    assert built.state_dict()["lr_lambdas"][0]["expression"] == "0.9 ** t * T / 12"


# --- other optimizers ----------------------------------------------------------------------------------------

SHAPES: dict[str, Any] = {
    "LambdaLR": {"type": "LambdaLR", "lr_lambda": "(1 - t / T) ** 0.9"},
    "CosineAnnealingLR": {"type": "CosineAnnealingLR"},
    "phases": [{"type": "LinearLR", "start_factor": 0.1, "for": 4}, {"type": "CosineAnnealingLR"}],
    "phases that hold": [
        {"type": "LinearLR", "for": 4},
        {"type": "none", "for": 3},
        {"type": "ExponentialLR", "gamma": 0.5},
    ],
    "phases from a number": [{"type": "none", "for": 4}, {"type": "StepLR", "step_size": 2, "from": 0.01}],
}  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"fused": True}, {"maximize": True}], ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_a_tensor_learning_rate_follows_the_plan_and_stays_the_same_tensor(name: str, options: dict[str, Any]) -> None:
    lr = torch.tensor(0.1)
    optimizer = AdamW(parameters(), lr=lr, **options)
    planned = schedule(optimizer={"type": "AdamW", "lr": 0.1}, scheduler=SHAPES[name])
    (used,) = train(optimizer, planned.build(optimizer), 12)
    assert optimizer.param_groups[0]["lr"] is lr
    assert used == pytest.approx(planned.simulate().lr[:, 0].tolist(), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("at", [0, 2, 4, 6])
def test_a_tensor_learning_rate_resumes_in_phases(at: int) -> None:
    planned = schedule(optimizer={"type": "AdamW", "lr": 0.1}, scheduler=SHAPES["phases"])
    whole = AdamW(parameters(), lr=torch.tensor(0.1))
    (curve,) = train(whole, planned.build(whole), 12)
    optimizer = AdamW(parameters(), lr=torch.tensor(0.1))
    built = planned.build(optimizer)
    train(optimizer, built, at)
    state = copy.deepcopy((optimizer.state_dict(), built.state_dict()))
    new = AdamW(parameters(), lr=torch.tensor(0.1))
    resumed = planned.build(new)
    new.load_state_dict(state[0])
    resumed.load_state_dict(state[1])
    assert train(new, resumed, 12 - at) == [curve[at:]]
