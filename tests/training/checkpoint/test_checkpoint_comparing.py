"""A checkpoint beside its schedule: what plain torch loops save is as planned, and each change of it is named."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS, Case
from torch.optim import SGD, Adam, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, OneCycleLR, SequentialLR, StepLR

import lrviz
from lrviz.checks.finding import Finding
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_document, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of
from lrviz.training.checkpoint.compare import NamedCheckpoint

Read = Callable[[str], Schedule]
SAMPLES = Path(__file__).parent / "samples"
STEP = {"type": "StepLR", "step_size": 3}


def schedule_of(**keys: Any) -> Schedule:
    base = {"epochs": 12, "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}, "scheduler": STEP}
    whole = {**base, **keys}
    if "steps" in keys:
        del whole["epochs"]
    (one,) = load_document(node_of(whole, Position("file.yaml")))
    return one


def found(schedule: Schedule, path: Path | str) -> list[str]:
    """Every finding on a line, with its hint; what holds first."""
    results = NamedCheckpoint.of(str(path)).compare(schedule, simulate(schedule), "file")
    return [
        f"{each.severity} {each.code}: {each.message}" + (f" ({each.hint})" if each.hint else "")
        if isinstance(each, Finding)
        else f"holds: {each.message}"
        for each in results
    ]


def weights(count: int = 1) -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.ones(1)) for _ in range(count)]


def sgd(**options: Any) -> Any:
    return SGD(weights(), **{"lr": 0.1, "momentum": 0.9, **options})


def stepped(optimizer: Any, scheduler: Any, calls: int, metric: Any = None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in range(calls):
            for group in optimizer.param_groups:
                for each in group["params"]:
                    each.grad = torch.zeros_like(each)
            optimizer.step()
            scheduler.step() if metric is None else scheduler.step(metric[call])


def save(path: Path, optimizer: Any, scheduler: Any, **more: Any) -> Path:
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), **more}, path)
    return path


# --- as planned ----------------------------------------------------------------------------------------------


def every_case() -> Iterator[object]:
    for cases, optimizers in (
        (FOR_ANY_GROUPS, ("SGD", "AdamW-three-groups")),
        (FOR_THREE_GROUPS, ("SGD-three-groups",)),
    ):
        for name, case in cases.items():
            for optimizer in optimizers:
                yield pytest.param(case, optimizer, id=f"{name}-{optimizer}")


@pytest.mark.parametrize(("case", "optimizer"), list(every_case()))
def test_what_a_plain_loop_saves_is_as_planned(schedule: Read, tmp_path: Path, case: Case, optimizer: str) -> None:
    text, make_optimizer = OPTIMIZERS[optimizer]
    metric = f"metric: {list(case.metric)}" if case.metric else ""
    read = schedule(f"epochs: {CALLS}\noptimizer: {text}\nscheduler: {case.text}\n{metric}")
    curve = simulate(read)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        live = make_optimizer()
        scheduler = case.make(live)
    done = 0
    for calls in (0, 1, 9, CALLS):
        stepped(live, scheduler, calls - done, case.metric and case.metric[done:])
        done = calls
        path = save(tmp_path / f"{calls}.pt", live, scheduler)
        first, *others = NamedCheckpoint(str(path)).compare(read, curve, "test")
        planned = "" if case.metric else ", as planned"
        assert first.message == f"the checkpoint is at call {calls} of {CALLS}{planned}"
        assert [each.code for each in others] == (["checkpoint-metric"] if case.metric else [])


PHASES: list[dict[str, Any]] = [
    {"type": "LinearLR", "start_factor": 0.1, "for": "4 epochs"},
    {"type": "CosineAnnealingLR", "for": "5 epochs"},
    {"type": "none"},
]


@pytest.mark.parametrize("calls", [0, 3, 4, 7, 9, 12])
def test_phases_that_lrviz_built_are_as_planned(tmp_path: Path, calls: int) -> None:
    keys: dict[str, Any] = {"epochs": 12, "optimizer": {"lr": 0.1}, "scheduler": PHASES}
    optimizer = SGD(weights(), lr=0.1)
    scheduler = lrviz.load(keys).only.build(optimizer)
    stepped(optimizer, scheduler, calls)
    path = save(tmp_path / "a.pt", optimizer, scheduler)
    (read,) = load_document(node_of(keys, Position("file.yaml")))
    assert found(read, path) == [f"holds: the checkpoint is at call {calls} of 12, as planned"]
    keys["scheduler"] = [PHASES[0], {**PHASES[1], "eta_min": 0.01}, PHASES[2]]
    (read,) = load_document(node_of(keys, Position("file.yaml")))
    if 4 <= calls < 9:
        assert any("scheduler.eta_min is 0.0 in the checkpoint, 0.01 in the file" in line for line in found(read, path))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64], ids=str)
def test_tensor_learning_rates_are_as_planned_in_their_own_precision(tmp_path: Path, kind: torch.dtype) -> None:
    optimizer = SGD(weights(), lr=torch.tensor(0.1, dtype=kind))
    scheduler = CosineAnnealingLR(optimizer, 3000)
    stepped(optimizer, scheduler, 2000)
    path = save(tmp_path / "a.pt", optimizer, scheduler)
    read = schedule_of(steps=3000, optimizer={"lr": 0.1}, scheduler={"type": "CosineAnnealingLR", "T_max": 3000})
    assert found(read, path) == ["holds: the checkpoint is at call 2,000 of 3,000, as planned"]


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16], ids=str)
def test_learning_rates_of_few_bits(tmp_path: Path, kind: torch.dtype) -> None:
    optimizer = SGD(weights(), lr=torch.tensor(0.1, dtype=kind), momentum=0.9)
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    path = save(tmp_path / "a.pt", optimizer, scheduler)
    assert found(schedule_of(), path) == ["holds: the checkpoint is at call 4 of 12, as planned"]
    read = schedule_of(optimizer={"type": "SGD", "lr": 0.12, "momentum": 0.9})
    codes = ["note checkpoint-call", "error checkpoint-argument", "error checkpoint-lr"]
    assert [line.partition(":")[0] for line in found(read, path)] == codes


@pytest.mark.parametrize("calls", [0, 4, 7, 12])
def test_phases_with_tensor_learning_rates_are_as_planned(tmp_path: Path, calls: int) -> None:
    keys: dict[str, Any] = {"epochs": 12, "optimizer": {"lr": 0.1}, "scheduler": PHASES}
    optimizer = SGD(weights(), lr=torch.tensor(0.1))
    scheduler = lrviz.load(keys).only.build(optimizer)
    stepped(optimizer, scheduler, calls)
    path = save(tmp_path / "a.pt", optimizer, scheduler)
    assert found(schedule_of(**keys), path) == [f"holds: the checkpoint is at call {calls} of 12, as planned"]


@pytest.mark.parametrize("groups", [1, 2, 5])
def test_a_file_without_groups_fits_any_number_of_them(tmp_path: Path, groups: int) -> None:
    optimizer = SGD([{"params": weights()} for _ in range(groups)], lr=0.1, momentum=0.9)
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    assert found(schedule_of(), save(tmp_path / "a.pt", optimizer, scheduler)) == [
        "holds: the checkpoint is at call 4 of 12, as planned"
    ]
    optimizer.param_groups[-1]["lr"] = 0.02
    (_, order) = found(schedule_of(), save(tmp_path / "a.pt", optimizer, scheduler))
    of_group = f" of group {groups - 1}" if groups > 1 else ""
    assert order.startswith(f"error checkpoint-order: optimizer and scheduler disagree: lr{of_group} is 0.02, ")


def test_groups_with_names_go_by_name(tmp_path: Path) -> None:
    optimizer = SGD(
        [{"params": weights(), "lr": 0.3, "name": "head"}, {"params": weights(), "lr": 0.1, "name": "body"}]
    )
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    groups = [{"name": "body", "lr": 0.1}, {"name": "head", "lr": 0.3}]
    read = schedule_of(optimizer={"type": "SGD", "groups": groups})
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler)) == [
        "holds: the checkpoint is at call 4 of 12, as planned"
    ]


@pytest.mark.parametrize(
    ("keys", "calls", "words"),
    [
        ({}, 4, "call 4 of 12"),
        ({"steps_per_epoch": 100}, 4, "call 4 of 12 (step 400)"),
        ({"steps_per_epoch": 4, "interval": "step", "epochs": 3}, 4, "call 4 of 12 (epoch 1)"),
        ({"steps_per_epoch": 500, "interval": "step", "epochs": 24}, 1200, "call 1,200 of 12,000 (epoch 2.4)"),
        ({"steps_per_epoch": 500, "interval": "500 steps"}, 4, "call 4 of 12 (step 2,000, epoch 4)"),
        ({"steps": 12}, 12, "call 12 of 12"),
    ],
)
def test_a_line_says_at_which_call_it_is(tmp_path: Path, keys: Mapping[str, Any], calls: int, words: str) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3000)
    stepped(optimizer, scheduler, calls)
    read = schedule_of(scheduler={"type": "StepLR", "step_size": 3000}, **keys)
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler)) == [
        f"holds: the checkpoint is at {words}, as planned"
    ]


# --- what is not the file's ----------------------------------------------------------------------------------

WINS = "load_state_dict puts the checkpoint's in place of the file's, without a word"


def differing(tmp_path: Path, schedule: Schedule, make: Callable[[Any], Any], calls: int = 4) -> list[str]:
    """What is found in the checkpoint of another scheduler, without the line on its call."""
    optimizer = sgd()
    scheduler = make(optimizer)
    stepped(optimizer, scheduler, calls)
    call, *lines = found(schedule, save(tmp_path / "a.pt", optimizer, scheduler))
    assert call == f"note checkpoint-call: the checkpoint is at call {calls} of 12"
    return lines


def test_an_argument_of_the_checkpoint_wins_over_the_file(tmp_path: Path) -> None:
    assert differing(tmp_path, schedule_of(), lambda opt: StepLR(opt, 5)) == [
        f"error checkpoint-argument: step_size is 5 in the checkpoint, 3 in the file (resuming goes on with 5: {WINS})",
        "error checkpoint-lr: lr is 0.1 in the checkpoint, planned 0.01",
    ]


def test_an_argument_that_shows_only_later_is_named_too(tmp_path: Path) -> None:
    assert differing(tmp_path, schedule_of(), lambda opt: StepLR(opt, 5), calls=1) == [
        f"error checkpoint-argument: step_size is 5 in the checkpoint, 3 in the file (resuming goes on with 5: {WINS})"
    ]


def test_arguments_inside_of_a_sequential_lr_are_named_by_their_place(tmp_path: Path) -> None:
    def make(optimizer: Any) -> Any:
        return SequentialLR(optimizer, [LinearLR(optimizer, 0.1, total_iters=2), CosineAnnealingLR(optimizer, 7)], [2])

    inside = [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 2}, {"type": "CosineAnnealingLR", "T_max": 10}]
    read = schedule_of(scheduler={"type": "SequentialLR", "schedulers": inside, "milestones": [2]})
    assert differing(tmp_path, read, make) == [
        "error checkpoint-argument: _schedulers[1].T_max is 7 in the checkpoint, 10 in the file (resuming goes on with "
        f"7: {WINS})",
        "error checkpoint-lr: lr is 0.0811745 in the checkpoint, planned 0.0904508",
    ]


def test_another_class_is_named(tmp_path: Path) -> None:
    assert differing(tmp_path, schedule_of(), lambda opt: CosineAnnealingLR(opt, 12)) == [
        "error checkpoint-class: the scheduler in the checkpoint is a CosineAnnealingLR, the file's is a StepLR (torch "
        "loads the state of another class without a word, and mixes the arguments of both)",
        "error checkpoint-lr: lr is 0.075 in the checkpoint, planned 0.01",
    ]


def test_the_rates_of_a_one_cycle_are_in_the_param_groups(tmp_path: Path) -> None:
    read = schedule_of(scheduler={"type": "OneCycleLR", "max_lr": 0.3})
    lines = differing(tmp_path, read, lambda opt: OneCycleLR(opt, 0.2, 12))
    assert [line.partition(" (")[0] for line in lines] == [
        "error checkpoint-argument: base_lrs is [0.008] in the checkpoint, [0.012] in the file",
        "error checkpoint-argument: max_lr is 0.2 in the checkpoint, 0.3 in the file",
        "error checkpoint-argument: min_lr is 8e-07 in the checkpoint, 1.2e-06 in the file",
        "error checkpoint-lr: lr is 0.186603 in the checkpoint, planned 0.279904",
    ]


def test_another_learning_rate_of_the_optimizer_wins_too(tmp_path: Path) -> None:
    read = schedule_of(optimizer={"type": "SGD", "lr": 0.3, "momentum": 0.9})
    assert differing(tmp_path, read, lambda opt: StepLR(opt, 3)) == [
        "error checkpoint-argument: base_lrs is [0.1] in the checkpoint, [0.3] in the file (resuming goes on with "
        f"[0.1]: {WINS})",
        "error checkpoint-lr: lr is 0.01 in the checkpoint, planned 0.03",
    ]


def test_a_run_that_was_made_longer_is_seen_in_the_arguments(tmp_path: Path) -> None:
    """vortex #70, insightface #2143: the old horizon goes on."""
    read = schedule_of(scheduler={"type": "CosineAnnealingLR"})
    lines = differing(tmp_path, read, lambda opt: CosineAnnealingLR(opt, 10))
    assert lines[0].startswith("error checkpoint-argument: T_max is 10 in the checkpoint, 12 in the file (resuming")


def test_learning_rates_that_the_plan_has_elsewhere(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    state = {**scheduler.state_dict(), "last_epoch": 1}  # a counter that was set by hand
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": state}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt") == [
        "note checkpoint-call: the checkpoint is at call 1 of 12",
        "error checkpoint-lr: lr is 0.01 in the checkpoint, planned 0.1 (the plan has them at epoch 3)",
    ]


def test_learning_rates_that_are_scaled(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    state = scheduler.state_dict()
    optimizer.param_groups[0]["lr"] = 0.04
    state["_last_lr"] = [0.04]
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": state}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt")[1:] == [
        "error checkpoint-lr: lr is 0.04 in the checkpoint, planned 0.01 (they are 4 times the planned ones)"
    ]


def test_options_of_the_optimizer(tmp_path: Path) -> None:
    optimizer = sgd(momentum=0.8, weight_decay=0.1)
    scheduler = StepLR(optimizer, 3)
    read = schedule_of(optimizer={"type": "SGD", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.1})
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[1:] == [
        "warning checkpoint-option: momentum is 0.8 in the checkpoint, 0.9 in the file (resuming goes on with 0.8: "
        f"{WINS})"
    ]


def test_an_option_is_told_once_for_all_groups(tmp_path: Path) -> None:
    groups = [{"params": weights(), "weight_decay": decay} for decay in (0.2, 0.0, 0.1, 0.2)]
    optimizer = SGD(groups, lr=0.1)
    scheduler = StepLR(optimizer, 3)
    read = schedule_of(optimizer={"type": "SGD", "lr": 0.1, "weight_decay": 0.1})
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[1:] == [
        "warning checkpoint-option: weight_decay of group 0 is 0.2 in the checkpoint, 0.1 in the file; 2 of 4 groups "
        f"differ (resuming goes on with 0.2: {WINS})"
    ]


def test_momentum_that_the_scheduler_moves_is_that_of_the_call(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = OneCycleLR(optimizer, 0.3, 12)
    stepped(optimizer, scheduler, 4)
    read = schedule_of(scheduler={"type": "OneCycleLR", "max_lr": 0.3})
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[0].endswith("as planned")
    optimizer.param_groups[0]["momentum"] = 0.5
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[1].startswith(
        "error checkpoint-argument: momentum is 0.5 in the checkpoint, 0.85669"
    )


# --- optimizer and scheduler of different calls ----------------------------------------------------------------


def test_an_optimizer_that_was_saved_one_call_earlier(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 2)
    early = optimizer.state_dict()
    stepped(optimizer, scheduler, 1)
    torch.save({"optimizer": early, "scheduler": scheduler.state_dict()}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt") == [
        "note checkpoint-call: the checkpoint is at call 3 of 12",
        "error checkpoint-order: optimizer and scheduler disagree: lr is 0.1, the scheduler's _last_lr 0.01 (the "
        "optimizer's are the plan's at epoch 2: save both after scheduler.step())",
    ]


def adam() -> tuple[Any, Any]:
    optimizer = Adam(weights(), lr=0.1)
    return optimizer, StepLR(optimizer, 3)


ADAM = {"type": "Adam", "lr": 0.1}


def test_a_checkpoint_between_optimizer_step_and_scheduler_step(tmp_path: Path) -> None:
    optimizer, scheduler = adam()
    stepped(optimizer, scheduler, 4)
    optimizer.step()
    read = schedule_of(steps=12, optimizer=ADAM)
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler)) == [
        "note checkpoint-call: the checkpoint is at call 4 of 12",
        "error checkpoint-order: saved between optimizer.step() and scheduler.step(): 5 steps of the optimizer, but 4 "
        "calls of the scheduler (save after scheduler.step(); resumed from here, every later learning rate comes one "
        "call late)",
    ]


def test_a_scheduler_that_was_called_once_an_epoch(tmp_path: Path) -> None:
    optimizer, scheduler = adam()
    for _ in range(2):
        for _ in range(3):
            stepped(optimizer, scheduler, 0)
            optimizer.param_groups[0]["params"][0].grad = torch.zeros(1)
            optimizer.step()
        scheduler.step()
    read = schedule_of(epochs=4, steps_per_epoch=3, interval="step", optimizer=ADAM)
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[1] == (
        "error checkpoint-interval: the scheduler was called 2 times in 6 steps, and the file plans 6 calls (it was "
        "called once an epoch; the file plans a call after every step)"
    )


def test_a_scheduler_that_was_called_after_every_step(tmp_path: Path) -> None:
    optimizer, scheduler = adam()
    stepped(optimizer, scheduler, 6)
    read = schedule_of(steps_per_epoch=3, optimizer=ADAM)
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler))[1] == (
        "error checkpoint-interval: the scheduler was called 6 times in 6 steps, and the file plans 2 calls (it was "
        "called after every step; the file plans fewer calls)"
    )


def test_steps_that_amp_skipped(tmp_path: Path) -> None:
    optimizer, scheduler = adam()
    stepped(optimizer, scheduler, 4)
    scheduler.step()
    read = schedule_of(steps=12, optimizer=ADAM)
    assert found(read, save(tmp_path / "a.pt", optimizer, scheduler)) == [
        "note checkpoint-call: the checkpoint is at call 5 of 12",
        "warning checkpoint-interval: the optimizer made 4 steps, and the scheduler 5 calls, where the file plans 4 "
        "(AMP skips steps so; else the scheduler was called too often)",
    ]


def test_a_call_behind_the_end(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 14)
    assert found(schedule_of(), save(tmp_path / "a.pt", optimizer, scheduler))[1] == (
        "error checkpoint-call: the checkpoint is at call 14, and the file plans 12 calls (is the file that of another "
        "run, or its scheduler called more often than planned?)"
    )


# --- parts of a checkpoint -----------------------------------------------------------------------------------


def test_a_scheduler_alone_has_its_last_learning_rates(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    torch.save(scheduler.state_dict(), tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt") == ["holds: the checkpoint is at call 4 of 12, as planned"]
    torch.save({**scheduler.state_dict(), "_last_lr": [0.2]}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt")[1].startswith("error checkpoint-lr: lr is 0.2 in the checkpoint")


def test_an_optimizer_alone_is_placed_by_its_steps(tmp_path: Path) -> None:
    optimizer, scheduler = adam()
    stepped(optimizer, scheduler, 4)
    torch.save(optimizer.state_dict(), tmp_path / "a.pt")
    read = schedule_of(steps=12, optimizer=ADAM)
    assert found(read, tmp_path / "a.pt") == ["holds: the checkpoint is at call 4 of 12, as planned"]


def test_an_optimizer_alone_that_counts_no_steps_is_looked_for_in_the_plan(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    torch.save({"optimizer": optimizer.state_dict(), "epoch": 4}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt") == [
        "note checkpoint-call: without the state of a scheduler, the checkpoint does not say at which call it was made "
        "(it says epoch 4); the plan has its learning rates at epoch 3 first"
    ]
    optimizer.param_groups[0]["lr"] = 0.7
    torch.save({"optimizer": optimizer.state_dict()}, tmp_path / "a.pt")
    assert found(schedule_of(), tmp_path / "a.pt") == [
        "error checkpoint-lr: lr 0.7 is nowhere in the plan (is it the checkpoint of another schedule?)"
    ]


@pytest.mark.parametrize("damaged", [-5, "a", 1.5])
def test_a_last_epoch_that_is_no_number_of_calls(tmp_path: Path, damaged: Any) -> None:
    """It is not as if the checkpoint had no scheduler: a training that is resumed from it goes on with that."""
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    stepped(optimizer, scheduler, 4)
    scheduler.last_epoch = damaged
    assert found(schedule_of(), save(tmp_path / "a.pt", optimizer, scheduler)) == [
        f"error checkpoint-call: last_epoch of the scheduler is {damaged!r}, which is no number of calls (is the "
        "checkpoint damaged?)"
    ]


def test_one_of_several_optimizers_is_named(tmp_path: Path) -> None:
    optimizers = [sgd(), sgd()]
    schedulers = [StepLR(optimizers[0], 3), StepLR(optimizers[1], 5)]
    for optimizer, scheduler in zip(optimizers, schedulers, strict=True):
        stepped(optimizer, scheduler, 4)
    states = {
        "optimizers": [each.state_dict() for each in optimizers],
        "lr": [each.state_dict() for each in schedulers],
    }
    path = tmp_path / "gan.pt"
    torch.save(states, path)
    with pytest.raises(ScheduleError) as caught:
        found(schedule_of(), path)
    assert str(caught.value) == (
        f"{path}: error: the checkpoint has several optimizers or schedulers: optimizers[0], optimizers[1], lr[0], "
        "lr[1]\n"
        f"  hint: name one of them: --checkpoint '{path}#lr[1]'"
    )
    as_planned = ["holds: the checkpoint is at call 4 of 12, as planned"]
    assert found(schedule_of(), f"{path}#lr[0]") == found(schedule_of(), f"{path}#optimizers[0]") == as_planned
    assert "step_size is 5 in the checkpoint" in found(schedule_of(), f"{path}#optimizers[1]")[1]
    with pytest.raises(ScheduleError, match=r"the checkpoint has no part 'lr\[2\]'"):
        found(schedule_of(), f"{path}#lr[2]")


# --- another optimizer, other groups -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Adam, r"\(betas, eps, lr, weight_decay\) it is Adam or Adamax or RAdam"),
        (AdamW, r"\(betas, eps, lr, weight_decay\) it is AdamW or Adamax or RAdam"),
        (NAdam, r"\(betas, eps, lr, momentum_decay, weight_decay\) it is NAdam"),
        (RMSprop, r"\(alpha, eps, lr, momentum, weight_decay\) it is RMSprop"),
    ],
)
def test_another_optimizer_is_an_error(tmp_path: Path, kind: Any, words: str) -> None:
    optimizer = kind(weights(), lr=0.1)
    path = save(tmp_path / "a.pt", optimizer, StepLR(optimizer, 3))
    with pytest.raises(
        ScheduleError, match=f"the checkpoint is of another optimizer: by its options {words}; the file "
    ):
        found(schedule_of(), path)
    assert found(schedule_of(optimizer={"type": kind.__name__, "lr": 0.1}), path)[0].startswith("holds")


def test_adam_is_not_adamw(tmp_path: Path) -> None:
    optimizer = Adam(weights(), lr=0.1)
    path = save(tmp_path / "a.pt", optimizer, StepLR(optimizer, 3))
    with pytest.raises(ScheduleError, match="it is Adam or Adamax or RAdam; the file says AdamW"):
        found(schedule_of(optimizer={"type": "AdamW", "lr": 0.1}), path)


def test_a_file_that_leaves_the_optimizer_out_takes_any(tmp_path: Path) -> None:
    optimizer = Adam(weights(), lr=0.1)
    path = save(tmp_path / "a.pt", optimizer, StepLR(optimizer, 3))
    assert found(schedule_of(optimizer={"lr": 0.1}), path)[0].startswith("holds")


def test_other_param_groups_are_an_error_that_lists_both_sides(tmp_path: Path) -> None:
    optimizer = SGD([{"params": weights()}, {"params": weights()}, {"params": weights()}], lr=0.1)
    path = save(tmp_path / "a.pt", optimizer, StepLR(optimizer, 3))
    groups = [{"name": "body", "lr": 0.1}, {"name": "head", "lr": 0.3}]
    with pytest.raises(ScheduleError) as caught:
        found(schedule_of(optimizer={"type": "SGD", "groups": groups}), path)
    assert str(caught.value) == (
        f"{path}: error: the param groups of the checkpoint are not those of schedule 'file': it has 3 groups, 0 (no "
        "name), 1 (no name), 2 (no name); the file has 2 groups, 'body', 'head' [checkpoint-groups]\n"
        "  hint: is it the checkpoint of another model? A file without `groups` fits any number of param groups"
    )


# --- the functions of a LambdaLR ---------------------------------------------------------------------------------


def test_a_function_is_compared_where_its_state_is_stored(tmp_path: Path) -> None:
    keys = {"epochs": 12, "optimizer": {"lr": 0.1}, "scheduler": {"type": "LambdaLR", "lr_lambda": "0.9 ** t"}}
    optimizer = SGD(weights(), lr=0.1)
    scheduler = lrviz.load(keys).only.build(optimizer)
    path = save(tmp_path / "a.pt", optimizer, scheduler)
    read = schedule_of(**{**keys, "scheduler": {"type": "LambdaLR", "lr_lambda": "0.8 ** t"}})
    assert found(schedule_of(**keys), path) == ["holds: the checkpoint is at call 0 of 12, as planned"]
    assert found(read, path)[1] == (
        "error checkpoint-argument: lr_lambdas[0].expression is '0.9 ** t' in the checkpoint, '0.8 ** t' in the file "
        "(resuming goes on with the file's: load_state_dict leaves functions as they are)"
    )


def test_a_plain_function_shows_only_in_its_learning_rates(tmp_path: Path) -> None:
    read = schedule_of(scheduler={"type": "LambdaLR", "lr_lambda": "0.8 ** t"})
    assert differing(tmp_path, read, lambda opt: LambdaLR(opt, lambda call: 0.9**call)) == [
        "error checkpoint-lr: lr is 0.06561 in the checkpoint, planned 0.04096 (they are 1.60181 times the planned "
        "ones)"
    ]


# --- files of the libraries --------------------------------------------------------------------------------------


def test_lightning() -> None:
    keys = {"epochs": 3, "steps_per_epoch": 4, "optimizer": {"type": "AdamW", "lr": 0.01}}
    read = schedule_of(**keys, scheduler={"type": "StepLR", "step_size": 2, "gamma": 0.5})
    assert found(read, SAMPLES / "lightning.ckpt") == ["holds: the checkpoint is at call 2 of 3 (step 8), as planned"]


COSINE = {"type": "LambdaLR", "lr_lambda": "t / 2 if t < 2 else 0.5 * (1 + cos(pi * (t - 2) / 6))"}


def test_hugging_face() -> None:
    read = schedule_of(steps=8, optimizer={"type": "AdamW", "lr": 1e-3, "weight_decay": 0.1}, scheduler=COSINE)
    assert found(read, SAMPLES / "checkpoint-4") == ["holds: the checkpoint is at call 4 of 8, as planned"]


@pytest.mark.parametrize("part", ["", "scheduler.pt"])
def test_hugging_face_by_its_config(tmp_path: Path, part: str) -> None:
    """A config of the Trainer itself, whose own cosine is a LambdaLR."""
    config = tmp_path / "train.yaml"
    config.write_text(
        "learning_rate: 0.001\nlr_scheduler_type: cosine\nwarmup_steps: 2\nmax_steps: 8\nweight_decay: 0.1\n"
        "per_device_train_batch_size: 2\noutput_dir: out\n"
    )
    (read,) = load_text(config.read_text(), str(config))
    assert read.imported is not None
    (first, *_) = found(read, SAMPLES / "checkpoint-4" / part)
    assert first == "holds: the checkpoint is at call 4 of 8, as planned"


def test_accelerate_calls_the_scheduler_once_for_each_process() -> None:
    read = schedule_of(steps=40, scheduler={"type": "CosineAnnealingLR", "T_max": 40})
    assert found(read, SAMPLES / "accelerate") == [
        "note checkpoint-call: the checkpoint is at call 5 of 40; its last_epoch, 10, counts the calls of 2 processes",
        "error checkpoint-lr: lr is 0.0853553 in the checkpoint, planned 0.096194 (they are the plan's at call 10: "
        "Accelerate calls the scheduler once for each of 2 processes, unless split_batches or "
        "step_scheduler_with_optimizer=False says otherwise)",
    ]


def test_accelerate_as_its_own_plan_has_it() -> None:
    """The learning rates of each step of a process: those of every second call."""
    factor = "0.5 * (1 + cos(pi * 2 * t / 40))"
    read = schedule_of(steps=20, scheduler={"type": "LambdaLR", "lr_lambda": factor})
    lines = found(read, SAMPLES / "accelerate")
    assert [line for line in lines if "checkpoint-lr" in line] == []
    assert lines[0] == (
        "note checkpoint-call: the checkpoint is at call 5 of 20; its last_epoch, 10, counts the calls of 2 processes"
    )


def test_accelerate_without_its_folder_asks_for_the_processes(tmp_path: Path) -> None:
    for name in ("optimizer.bin", "scheduler.bin"):
        (tmp_path / name).write_bytes((SAMPLES / "accelerate" / name).read_bytes())
    keys = {"steps": 40, "scheduler": {"type": "CosineAnnealingLR", "T_max": 40}}
    assert found(schedule_of(**keys), tmp_path) == [
        "holds: the checkpoint is at call 10 of 40, as planned",
        "note checkpoint-call: Accelerate calls the scheduler once for each process, and the folder does not say how "
        "many there were (keep its random_states_*.pkl, or write `data: {devices: N}` in the file)",
    ]
    data = {"samples": 80, "batch_size": 1, "devices": 2}
    assert found(schedule_of(**keys, data=data), tmp_path)[0] == (
        "note checkpoint-call: the checkpoint is at call 5 of 40 (epoch 0.125); its last_epoch, 10, counts the calls "
        "of 2 processes"
    )
