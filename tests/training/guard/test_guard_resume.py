"""A training that is resumed: where the guard begins, what it has to believe, and what it finds of wrong resumes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as torch_lr
from trained import deviation_of, per_epoch, schedule, sgd, told, train

import lrviz

lr: Any = torch_lr

COSINE = {"type": "CosineAnnealingLR", "T_max": 40}
A_STEP = {"steps": 40, "scheduler": COSINE}
AN_EPOCH = {"epochs": 40, "steps_per_epoch": 10, "scheduler": COSINE}
RESUME = "To resume, create optimizer and scheduler, then load the optimizer's state, then the scheduler's"


def cosine(optimizer: Any) -> Any:
    return lr.CosineAnnealingLR(optimizer, 40)


def states_at(step: int, every: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of optimizer and scheduler after so many steps, as a file gives them back."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    train(optimizer, scheduler, step, per_epoch(every))
    file = io.BytesIO()
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    return saved["optimizer"], saved["scheduler"]


def resumed(step: int, every: int = 1) -> tuple[Any, Any]:
    """Optimizer and scheduler of a right resume."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    of_optimizer, of_scheduler = states_at(step, every)
    optimizer.load_state_dict(of_optimizer)
    scheduler.load_state_dict(of_scheduler)
    return optimizer, scheduler


# --- right resumes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [12, np.int64(12), 12.0, "12 steps", "30%"])
def test_at_a_place(at: Any) -> None:
    optimizer, scheduler = resumed(12)
    with lrviz.guard(optimizer, schedule(**A_STEP), at=at) as guard:
        assert (guard.step, guard.notes) == (12, ())
        train(optimizer, scheduler, 28)
    assert guard.step == 40


def test_at_an_epoch_and_in_the_middle_of_one() -> None:
    for at, step in (("3 epochs", 30), (34, 34), ("3.4 epochs", 34)):
        optimizer, scheduler = resumed(step, 10)
        with lrviz.guard(optimizer, schedule(**AN_EPOCH), at=at) as guard:
            train(optimizer, scheduler, 400 - step, lambda made, step=step: int((step + made + 1) % 10 == 0))  # type: ignore[misc]
        assert (guard.step, guard.first) == (400, None)


@pytest.mark.parametrize("every", [1, 10])
def test_where_the_scheduler_says(every: int) -> None:
    optimizer, scheduler = resumed(30, every)
    plan = schedule(**(A_STEP if every == 1 else AN_EPOCH))
    with lrviz.guard(optimizer, plan, scheduler=scheduler) as guard:
        assert guard.step == 30
        (note,) = guard.notes
        assert note.startswith(
            f"that the training is at step 30{' (epoch 3)' if every == 10 else ''} is what the scheduler"
        )
        train(optimizer, scheduler, 10, per_epoch(every))
    assert (guard.step, guard.first) == (40, None)


@pytest.mark.parametrize("interval", ["3 steps", "3 epochs"])
def test_where_a_scheduler_says_that_is_called_now_and_then(interval: str) -> None:
    """Its last_epoch counts calls; between two of them it cannot tell, and the note says so."""
    per_call = 3 if interval == "3 steps" else 6
    length: dict[str, Any] = {"steps": 40} if per_call == 3 else {"epochs": 20, "steps_per_epoch": 2}
    plan = schedule(**length, interval=interval, scheduler=COSINE)
    optimizer = sgd()
    scheduler = cosine(optimizer)
    train(optimizer, scheduler, 2 * per_call, per_epoch(per_call))
    with lrviz.guard(optimizer, plan, scheduler=scheduler) as guard:
        assert guard.step == 2 * per_call
        assert guard.notes[0].endswith("a place between two calls only at= can name")
        train(optimizer, scheduler, 40 - 2 * per_call, per_epoch(per_call))
    assert guard.step == 40


def test_a_new_scheduler_says_nothing_that_must_be_believed() -> None:
    optimizer = sgd()
    assert lrviz.guard(optimizer, schedule(**A_STEP), scheduler=cosine(optimizer)).notes == ()


def test_the_state_of_the_guard(tmp_path: Any) -> None:
    """It is plain values, which torch loads with `weights_only=True`."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    with lrviz.guard(optimizer, schedule(**A_STEP)) as guard:
        train(optimizer, scheduler, 17)
        torch.save(guard.state_dict(), tmp_path / "guard.pt")
    state = torch.load(tmp_path / "guard.pt", weights_only=True)
    optimizer, scheduler = resumed(17)
    with lrviz.guard(optimizer, schedule(**A_STEP)) as guard:
        guard.load_state_dict(state)
        assert (guard.step, guard.notes) == (17, ())
        train(optimizer, scheduler, 23)
    assert guard.step == 40


def test_what_was_before_the_state_is_not_known() -> None:
    """The scheduler's state was not loaded: every step of this guard deviates, from the first."""
    state = lrviz.guard(sgd(), schedule(**A_STEP), at=17).state_dict()
    optimizer = sgd()
    with lrviz.guard(optimizer, schedule(**A_STEP)) as guard:
        guard.load_state_dict(state)
        with pytest.raises(lrviz.DeviationError) as raised:
            optimizer.step()
    assert (raised.value.deviation.step, raised.value.deviation.followed) == (17, 0)
    assert raised.value.deviation.causes[0].startswith("the plan starts over")


def test_the_state_of_another_plan_is_noted() -> None:
    state = lrviz.guard(sgd(), schedule(**A_STEP)).state_dict()
    guard = lrviz.guard(sgd(), schedule(steps=80, scheduler=COSINE))
    guard.load_state_dict(state)
    assert guard.notes == ("the plan is another one than when the state was saved",)


def test_a_state_ends_the_story_of_another_run() -> None:
    optimizer = sgd()
    with told() as texts, lrviz.guard(optimizer, schedule(**A_STEP), on="warn") as guard:
        state = guard.state_dict()
        train(optimizer, cosine(sgd()), 5)
        guard.load_state_dict(state)
        train(optimizer, cosine(optimizer), 40)
    assert (guard.step, guard.off_plan) == (40, 4)
    assert not any("follows its plan again" in text for text in texts)


NO_STATES: list[Any] = [
    {},
    None,
    5,
    {"step": 1},
    {"step": -1, "skipped": 0, "counting": "all"},
    {"step": 1, "skipped": 2, "counting": "all"},
    {"step": "1", "skipped": 0, "counting": "all"},
    {"step": 1, "skipped": 0, "counting": "some"},
    {"step": 1, "skipped": 0, "counting": []},
]


@pytest.mark.parametrize("state", NO_STATES, ids=str)
def test_what_is_no_state(state: Any) -> None:
    guard = lrviz.guard(sgd(), schedule(**A_STEP))
    with pytest.raises(lrviz.ScheduleError) as raised:
        guard.load_state_dict(state)
    assert str(raised.value) == (
        "state_dict: error: this is not what guard.state_dict() returns\n"
        "  hint: save guard.state_dict() beside the optimizer's state"
    )
    assert guard.step == 0


def test_accelerate_counts_the_calls_of_all_processes() -> None:
    class AcceleratorState:
        num_processes = 4

    class AcceleratedScheduler:
        """What Accelerate's class looks like, for which lrviz asks by its attributes."""

        def __init__(self, scheduler: Any) -> None:
            self.scheduler, self.split_batches, self.step_with_optimizer = scheduler, False, True
            self.optimizers: list[Any] = []

        def step(self) -> None:
            for _ in range(AcceleratorState().num_processes):
                self.scheduler.step()

    AcceleratedScheduler.step.__globals__["AcceleratorState"] = AcceleratorState
    optimizer = sgd()
    accelerated = AcceleratedScheduler(lr.CosineAnnealingLR(optimizer, 160))
    plan = schedule(steps=40, scheduler={"type": "LambdaLR", "lr_lambda": "(1 + cos(pi * 4 * t / 160)) / 2"})
    train(optimizer, accelerated, 10)
    with lrviz.guard(optimizer, plan, scheduler=accelerated) as guard:
        assert guard.step == 10
        train(optimizer, accelerated, 30)
    assert guard.first is None


# --- wrong resumes -------------------------------------------------------------------------------------------


def test_without_any_state() -> None:
    optimizer = sgd()
    found = deviation_of(schedule(**A_STEP), optimizer, cosine(optimizer), 10, at=12)
    assert (found.step, found.used, found.followed) == (12, 0.1, 0)
    assert found.causes == (f"the plan starts over: was the training resumed without the scheduler's state? {RESUME}",)


def test_with_the_optimizers_state_only() -> None:
    """The scheduler is made first: the optimizer holds the right learning rate for one step."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    optimizer.load_state_dict(states_at(12)[0])
    found = deviation_of(schedule(**A_STEP), optimizer, scheduler, 10, at=12)
    assert found.step == 13

    optimizer = sgd()
    scheduler = cosine(optimizer)
    optimizer.load_state_dict(states_at(12)[0])
    with told() as texts, lrviz.guard(optimizer, schedule(**A_STEP), at=12, on="warn"):
        train(optimizer, scheduler, 28)
    assert "started over at step 12" in texts[1] or "was only the optimizer's state loaded?" in texts[1], texts


def test_with_the_schedulers_state_only() -> None:
    """The optimizer holds its own lr until the next call."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    scheduler.load_state_dict(states_at(12)[1])
    found = deviation_of(schedule(**A_STEP), optimizer, scheduler, 10, at=12)
    assert (found.step, found.used) == (12, 0.1)
    assert found.causes[0].startswith("the plan starts over: was the training resumed without the scheduler's state?")


def test_a_scheduler_that_is_made_after_the_state_was_loaded() -> None:
    """It puts the optimizer's own lr back, for one step."""
    optimizer = sgd()
    of_optimizer, of_scheduler = states_at(12)
    optimizer.load_state_dict(of_optimizer)
    scheduler = lr.LambdaLR(optimizer, lambda t: 1.0)
    scheduler = cosine(optimizer)
    scheduler.load_state_dict(of_scheduler)
    found = deviation_of(schedule(**A_STEP), optimizer, scheduler, 10, at=12)
    assert (found.step, found.used) == (12, 0.1)


def test_a_warmup_that_is_made_anew() -> None:
    """The lr is back at the optimizer's own, at the seam and in the middle of a training."""
    warmup = {"type": "LambdaLR", "lr_lambda": "min(1.0, (t + 1) / 10) * 0.9 ** t"}
    plan = schedule(steps=40, scheduler=warmup)
    optimizer = sgd()
    stepped = lr.LambdaLR(optimizer, lambda t: min(1.0, (t + 1) / 10) * 0.9**t)
    with lrviz.guard(optimizer, plan):
        train(optimizer, stepped, 5)
        optimizer.param_groups[0]["lr"] = 0.1
        with pytest.raises(lrviz.DeviationError) as raised:
            optimizer.step()
    assert raised.value.deviation.causes == (
        f"it is the optimizer's own lr: was the optimizer or its scheduler made anew? {RESUME}",
    )
    optimizer = sgd()
    found = deviation_of(plan, optimizer, stepped, 5, at=12)
    assert found.causes == (f"it is the optimizer's own lr: was the training resumed without state? {RESUME}",)


def test_at_another_place_than_the_training_is() -> None:
    optimizer, scheduler = resumed(12)
    found = deviation_of(schedule(**A_STEP), optimizer, scheduler, 10)
    assert found.step == 0
    assert found.causes == (
        "the plan has this learning rate at step 12, 12 calls further on: is the training resumed there? Then at= says "
        "where",
        "it is 0.793893 times the plan: the optimizer has an lr of 0.0793893 instead of 0.1",
        "scheduler.step() is called after every batch, not after every step: does a step take 13 of them?",
    )


def test_a_scheduler_that_is_believed_is_named_in_the_error() -> None:
    """Its last_epoch is right, but the optimizer's state was not loaded."""
    optimizer = sgd()
    scheduler = cosine(optimizer)
    scheduler.load_state_dict(states_at(12)[1])
    found = deviation_of(schedule(**A_STEP), optimizer, scheduler, 10, scheduler=scheduler)
    assert found.trusted == (
        "that the training is at step 12 is what the scheduler says (last_epoch 12); where that is wrong, the plan is "
        "compared at the wrong place",
    )
    assert str(found).endswith(f"note: {found.trusted[0]}")


# --- places that cannot be -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (40, "at: error: 40 is outside of the run, which has 40 steps\n  hint: the run starts at 0"),
        (-1, "at: error: a place cannot be before the start of the run (got -1)\n  hint: the run starts at 0"),
        (
            "soon",
            "at: error: expected a step, or a place in the run (got 'soon')\n"
            "  hint: such as 5 epochs, 500 steps, 50%, last, end",
        ),
        ("0.51 steps", "at: error: '0.51 steps' is not a whole number of steps: 0.51\n  hint: at=1 counts steps"),
        (
            "2 epochs",
            "at: error: epochs cannot be counted in a run without a known number of steps per epoch (got '2 epochs')\n"
            "  hint: give the run `steps_per_epoch` or `data`",
        ),
        (
            True,
            "at: error: expected a place in the run (got true)\n  hint: such as 5 epochs, 500 steps, 50%, last, end",
        ),
        ("end", "at: error: at the end of the plan there is nothing to guard"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be(at: Any, message: str) -> None:
    optimizer = sgd()
    with pytest.raises(lrviz.ScheduleError) as raised:
        lrviz.guard(optimizer, schedule(**A_STEP), at=at)
    assert str(raised.value) == message
    assert not optimizer._optimizer_step_pre_hooks


def test_a_scheduler_that_does_not_say_where_it_is() -> None:
    class Own:
        def step(self) -> None: ...

    for scheduler, words in (
        (Own(), "scheduler: error: Own does not say how often it was called\n  hint: name the place: at='5 epochs'"),
        (5, "scheduler: error: expected a scheduler, with a step() (got int)"),
    ):
        with pytest.raises(lrviz.ScheduleError) as raised:
            lrviz.guard(sgd(), schedule(**A_STEP), scheduler=scheduler)
        assert str(raised.value).startswith(words)


def test_a_scheduler_beyond_the_plan() -> None:
    optimizer, scheduler = resumed(30)
    with pytest.raises(lrviz.ScheduleError) as raised:
        lrviz.guard(optimizer, schedule(steps=20, scheduler=COSINE), scheduler=scheduler)
    assert str(raised.value) == (
        "scheduler: error: its last_epoch is 30, but the run has 20 calls\n"
        "  hint: is it the scheduler of this schedule?"
    )


def test_place_and_scheduler_say_the_same_thing() -> None:
    optimizer, scheduler = resumed(3)
    with pytest.raises(lrviz.ScheduleError, match="say the same thing"):
        lrviz.guard(optimizer, schedule(**A_STEP), at=3, scheduler=scheduler)
