"""`lrviz resume --checkpoint`: what follows from a real checkpoint is what plain torch does that loads it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.golden import Golden
from process import lrviz as in_a_process
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR, StepLR

import lrviz
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_document
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of
from lrviz.training.checkpoint.compare import NamedCheckpoint
from lrviz.training.checkpoint.restore import restorable
from lrviz.training.resume.results import Followed
from lrviz.training.resume.resume import resume

HERE = Path(__file__).parent
CALLS = 12


def schedule_of(**keys: Any) -> Schedule:
    base: dict[str, Any] = {"epochs": CALLS, "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}}
    whole = {**base, "scheduler": {"type": "StepLR", "step_size": 3}, **keys}
    if "steps" in keys:
        del whole["epochs"]
    (one,) = load_document(node_of(whole, Position("file.yaml")))
    return one


def ways(schedule: Schedule, path: Path | str, tick: int | None = None) -> tuple[int, dict[str, Followed]]:
    """The tick of the restart, and what follows in each way."""
    fitted, at, saved = restorable(NamedCheckpoint.of(str(path)), schedule, tick)
    (found,) = resume(fitted, at, checkpoint=saved)
    return at, {way.way: way for way in found.ways}


def rates(followed: Followed, tick: int) -> list[list[float]]:
    """The learning rates from a tick on, ticks x groups."""
    assert followed.curve is not None
    return [list(row) for row in zip(*(column[tick:].tolist() for column in followed.curve.columns), strict=True)]


def weights() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.ones(1))]


def sgd(lr: float = 0.1, groups: int = 1, *, tensor: bool = False) -> Any:
    each = [{"params": weights(), "lr": torch.tensor(lr) if tensor else lr} for _ in range(groups)]
    return SGD(each, momentum=0.9)


def going_on(optimizer: Any, scheduler: Any, calls: int, times: int = 1) -> list[list[float]]:
    used = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(calls):
            used.append([float(group["lr"]) for group in optimizer.param_groups])
            for _ in range(times):
                scheduler.step()
    return used


def saved_at(path: Path, optimizer: Any, scheduler: Any, calls: int) -> Path:
    going_on(optimizer, scheduler, calls)
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, path)
    return path


def sequential(optimizer: Any) -> Any:
    return SequentialLR(optimizer, [LinearLR(optimizer, 0.1, total_iters=2), CosineAnnealingLR(optimizer, 8)], [2])


CASES: dict[str, tuple[Callable[[Any], Any], float]] = {
    "planned": (lambda opt: StepLR(opt, 3), 0.1),
    "another argument": (lambda opt: StepLR(opt, 5, gamma=0.5), 0.1),
    "another lr": (lambda opt: StepLR(opt, 3), 0.3),
    "another class": (lambda opt: CosineAnnealingLR(opt, 5), 0.1),
    "float32": (lambda opt: StepLR(opt, 3), 0.1),
}
RESTARTS: dict[str, tuple[bool, bool, bool]] = {  # is the optimizer loaded before, after, is the scheduler loaded?
    "full": (False, True, True),
    "full-late": (True, False, True),
    "optimizer": (False, True, False),
    "optimizer-late": (True, False, False),
    "scheduler": (False, False, True),
}


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("name", CASES)
def test_what_follows_is_what_torch_does_that_loads_the_checkpoint(tmp_path: Path, name: str, groups: int) -> None:
    make, lr = CASES[name]
    optimizer = sgd(lr, groups, tensor=name == "float32")
    path = saved_at(tmp_path / "a.pt", optimizer, make(optimizer), 4)
    tick, found = ways(schedule_of(), path)
    assert tick == 4
    state = torch.load(path, weights_only=True)
    for way, (before, after, scheduled) in RESTARTS.items():
        fresh = sgd(0.1, groups)
        if before:
            fresh.load_state_dict(state["optimizer"])
        scheduler = StepLR(fresh, 3)
        if after:
            fresh.load_state_dict(state["optimizer"])
        if scheduled:
            scheduler.load_state_dict(state["scheduler"])
        assert rates(found[way], 4) == going_on(fresh, scheduler, CALLS - 4)
    assert found["full"].follows == (name in ("planned", "float32"))
    assert found["optimizer-replayed"].follows


def test_schedulers_inside_of_others(tmp_path: Path) -> None:
    optimizer = sgd()
    path = saved_at(tmp_path / "a.pt", optimizer, sequential(optimizer), 5)
    inside = [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 2}, {"type": "CosineAnnealingLR", "T_max": 10}]
    read = schedule_of(scheduler={"type": "SequentialLR", "schedulers": inside, "milestones": [2]})
    _, found = ways(read, path)
    fresh = sgd()
    scheduler = sequential(fresh)
    going_on(fresh, scheduler, 5)
    assert rates(found["full"], 5) == going_on(fresh, scheduler, CALLS - 5)  # the old T_max goes on
    assert not found["full"].follows


@pytest.mark.parametrize("built", [False, True], ids=["a function", "built by lrviz"])
def test_functions_are_those_of_the_file(tmp_path: Path, built: bool) -> None:
    optimizer = sgd()
    if built:
        text = "{epochs: 12, optimizer: {lr: 0.1}, scheduler: {type: LambdaLR, lr_lambda: 0.9 ** t}}"
        scheduler = lrviz.loads(text).only.build(optimizer)
    else:
        scheduler = LambdaLR(optimizer, lambda call: 0.9**call)
    path = saved_at(tmp_path / "a.pt", optimizer, scheduler, 4)
    read = schedule_of(scheduler={"type": "LambdaLR", "lr_lambda": "0.8 ** t"})
    _, found = ways(read, path)
    fresh = sgd()
    scheduler = LambdaLR(fresh, lambda call: 0.8**call)
    state = torch.load(path, weights_only=True)
    fresh.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    assert rates(found["full"], 4) == going_on(fresh, scheduler, CALLS - 4)


# --- files of the libraries --------------------------------------------------------------------------------------


def test_accelerate_goes_on_to_call_the_scheduler_for_each_process() -> None:
    read = schedule_of(steps=40, scheduler={"type": "CosineAnnealingLR", "T_max": 40})
    tick, found = ways(read, HERE / "samples" / "accelerate")
    assert tick == 5
    optimizer = sgd()
    scheduler = CosineAnnealingLR(optimizer, 40)
    going_on(optimizer, scheduler, 10)
    assert rates(found["full"], 5) == going_on(optimizer, scheduler, 35, times=2)


def test_lightning() -> None:
    keys = {"epochs": 3, "steps_per_epoch": 4, "optimizer": {"type": "AdamW", "lr": 0.01}}
    read = schedule_of(**keys, scheduler={"type": "StepLR", "step_size": 2, "gamma": 0.5})
    tick, found = ways(read, HERE / "samples" / "lightning.ckpt")
    assert (tick, found["full"].follows, rates(found["full"], 2)) == (2, True, [[0.005]])
    optimizer = AdamW(weights(), lr=0.01)
    state = torch.load(HERE / "samples" / "lightning.ckpt", weights_only=False)["optimizer_states"][0]
    assert optimizer.param_groups[0].keys() <= state["param_groups"][0].keys()


def test_hugging_face() -> None:
    factor = "t / 2 if t < 2 else 0.5 * (1 + cos(pi * (t - 2) / 6))"
    read = schedule_of(
        steps=8,
        optimizer={"type": "AdamW", "lr": 1e-3, "weight_decay": 0.1},
        scheduler={"type": "LambdaLR", "lr_lambda": factor},
    )
    tick, found = ways(read, HERE / "samples" / "checkpoint-4")
    assert (tick, found["full"].follows) == (4, True)


# --- what a checkpoint does not have -----------------------------------------------------------------------------


def test_without_a_state_there_is_no_way_that_loads_it(tmp_path: Path) -> None:
    optimizer = sgd()
    scheduler = StepLR(optimizer, 3)
    saved_at(tmp_path / "a.pt", optimizer, scheduler, 4)
    torch.save(scheduler.state_dict(), tmp_path / "scheduler.pt")
    torch.save(optimizer.state_dict(), tmp_path / "only.pt")
    _, found = ways(schedule_of(), tmp_path / "scheduler.pt")
    assert not {"full", "optimizer"} & found.keys()
    assert rates(found["scheduler"], 4)[0] == [0.1]
    tick, found = ways(schedule_of(), tmp_path / "only.pt", tick=4)
    assert tick == 4
    assert "full" not in found
    assert rates(found["optimizer"], 4)[0] == [0.010000000000000002]


@pytest.mark.parametrize(
    ("keys", "name", "tick", "words"),
    [
        ({}, "a.pt", 3, "this checkpoint says that it is at call 4 of 12\n  hint: leave --at out"),
        ({}, "only.pt", None, "this checkpoint does not say at which call of the scheduler it was made"),
        ({"epochs": 3}, "a.pt", None, "this checkpoint is at call 4, and the run has 3"),
        ({"optimizer": {"type": "Adam", "lr": 0.1}}, "a.pt", None, "the checkpoint is of another optimizer"),
    ],
)
def test_what_cannot_be_restarted(
    tmp_path: Path, keys: dict[str, Any], name: str, tick: int | None, words: str
) -> None:
    optimizer = sgd()
    saved_at(tmp_path / "a.pt", optimizer, StepLR(optimizer, 3), 4)
    torch.save(optimizer.state_dict(), tmp_path / "only.pt")
    with pytest.raises(ScheduleError, match=f": error: {words}"):
        restorable(NamedCheckpoint(str(tmp_path / name)), schedule_of(**keys), tick)


def test_the_verb(tmp_path: Path, golden: Golden) -> None:
    optimizer = sgd()
    saved_at(tmp_path / "last.pt", optimizer, StepLR(optimizer, 5), 4)
    (tmp_path / "train.yaml").write_text(
        "epochs: 12\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler: {type: StepLR, step_size: 3}\n"
    )
    done = in_a_process("resume", "train.yaml", "--checkpoint", "last.pt", "-o", "a.png", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    golden.same_text(HERE / "golden" / "resume.txt", done.out)
