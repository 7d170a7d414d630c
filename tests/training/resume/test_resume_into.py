"""A restart with another file: what was saved wins, the clock may be another, and what does not fit is refused."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from restarts import CASES, Rows, file_of, new_optimizer, quiet, row, stopped, train

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.training.resume.results import Followed, Resumed
from lrviz.training.resume.resume import resume, tick_there


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


def schedule_of(text: str) -> Schedule:
    (schedule,) = load_text(text, "test.yaml")
    return schedule


def into(old: str, new: str, tick: int) -> Resumed:
    *_, found = resume(schedule_of(old), tick, ("new.yaml", schedule_of(new)))
    assert found.into == "new.yaml"
    return found


def way(resumed: Resumed, key: str) -> Followed:
    (found,) = (each for each in resumed.ways if each.way == key)
    return found


def rows_of(found: Resumed, key: str) -> Rows:
    curve = way(found, key).curve
    assert curve is not None
    assert curve.momentum_columns is not None
    ticks = range(found.tick, len(curve))
    return [[column[tick] for column in (*curve.columns, *curve.momentum_columns)] for tick in ticks]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("StepLR", "CosineAnnealingLR"),
        ("CosineAnnealingLR", "LinearLR"),
        ("OneCycleLR", "StepLR"),
        ("LambdaLR", "ExponentialLR"),
        ("SequentialLR", "SequentialLR"),
        ("CosineAnnealingWarmRestarts", "CosineAnnealingWarmRestarts"),
    ],
)
def test_the_full_state_of_one_scheduler_in_another(old: str, new: str, tmp_path: Path) -> None:
    """Torch takes the state of any class; plain torch shows what comes of it."""
    saved = stopped(CASES[old], 7, tmp_path)
    checkpoint = saved.load()
    optimizer = new_optimizer()
    scheduler = CASES[new].make(optimizer)
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    rows, refused = train(optimizer, scheduler, CASES[new], range(7, 24))
    found = into(file_of(CASES[old]), file_of(CASES[new]), 7)
    assert refused is None
    assert rows_of(found, "full") == rows


@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "OneCycleLR", "LinearLR", "SequentialLR", "PhasedLR"])
def test_calls_that_are_replayed_follow_the_new_plan(name: str) -> None:
    old = file_of(CASES[name], optimizer="{type: SGD, momentum: 0.9, groups: [{lr: 0.3}, {lr: 0.2}]}")
    found = into(old, file_of(CASES[name]), 7)
    assert way(found, "optimizer-replayed").identical
    assert found.right is not None


def test_a_learning_rate_that_was_saved_wins_over_the_new_one() -> None:
    text = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: none\n"
    found = into(text, text.replace("0.1", "0.01"), 4)
    assert [each.way for each in found.ways] == ["full", "rates"]
    left = way(found, "full").departure
    assert left is not None
    assert (left.first.value, left.first.plan, left.until, left.apart) == (0.1, 0.01, None, 6)
    assert found.as_old(way(found, "full"))
    assert way(found, "rates").identical


def test_a_scheduler_where_there_was_none() -> None:
    old = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: none\n"
    found = into(old, old.replace("none", "{type: StepLR, step_size: 3}"), 4)
    assert [each.way for each in found.ways] == ["last-epoch", "optimizer-replayed"]
    assert way(found, "last-epoch").refusal.startswith("torch refuses: KeyError: param 'initial_lr'")
    assert way(found, "optimizer-replayed").identical
    back = into(old.replace("none", "{type: StepLR, step_size: 3}"), old, 4)
    left = way(back, "full").departure
    assert left is not None
    assert left.first.value == pytest.approx(0.01)


def test_other_param_groups_are_refused_in_torchs_words() -> None:
    old = "epochs: 10\noptimizer: {groups: [{lr: 0.1}, {lr: 0.2}]}\nscheduler: {type: StepLR, step_size: 3}\n"
    new = old.replace("groups: [{lr: 0.1}, {lr: 0.2}]", "lr: 0.1")
    found = into(old, new, 4)
    with pytest.raises(ValueError, match="loaded state dict has a different number of parameter groups") as refused:
        torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1).load_state_dict(new_optimizer().state_dict())
    assert {each.refusal for each in found.ways} == {f"torch refuses: ValueError: {refused.value}"}
    assert found.right is None
    assert not any(found.as_old(each) for each in found.ways)


def test_a_batch_twice_as_large_halves_the_steps_but_not_the_counter() -> None:
    """The restart is in the same epoch, where the new run has made half as many calls as the state says."""
    text = (
        "epochs: 10\nsteps_per_epoch: 10\ninterval: step\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    )
    found = into(text, text.replace("epoch: 10", "epoch: 5"), 40)
    assert (found.tick, found.start, found.old_tick) == (20, 20, 40)
    old = resume(schedule_of(text), 40)[0].plan.columns[0]
    curve = way(found, "full").curve
    assert curve is not None
    assert list(curve.columns[0][:20]) == list(old[:40:2])
    assert list(curve.columns[0][20:]) == list(old[40:70])
    assert found.as_old(way(found, "full"))  # call by call
    assert way(found, "optimizer-replayed").identical


RUNS = [
    (Run(10, None, None, "epoch"), Run(20, None, None, "epoch"), 7, 7),
    (Run(10, None, 8, "epoch"), Run(10, None, 8, "step"), 7, 56),
    (Run(10, None, 8, "step"), Run(10, None, 8, "epoch"), 57, 7),
    (Run(10, None, 8, "step"), Run(10, None, 3, "step"), 57, int(Fraction(57, 8) * 3)),
    (Run(None, 100, None, "step"), Run(None, 300, None, "step"), 57, 57),
    (Run(None, 100, None, "step"), Run(10, None, 8, "epoch"), 57, 7),
]


@pytest.mark.parametrize(("old", "new", "tick", "there"), RUNS)
def test_the_training_goes_on_in_the_same_epoch_or_at_the_same_step(old: Run, new: Run, tick: int, there: int) -> None:
    assert tick_there(old, tick, new) == there


def test_runs_without_a_common_clock_and_runs_that_are_over_are_errors() -> None:
    with pytest.raises(ScheduleError, match="no clock in common"):
        tick_there(Run(10, None, None, "epoch"), 3, Run(None, 100, None, "step"))
    text = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 3}\n"
    with pytest.raises(ScheduleError, match="ends before the restart: it has 5 epochs"):
        into(text, text.replace("10", "5"), 6)


def test_at_the_end_only_another_file_has_something_to_tell() -> None:
    text = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 3}\n"
    assert resume(schedule_of(text), 10) == []
    (found,) = resume(schedule_of(text), 10, ("epochs=20", schedule_of(text.replace("10", "20"))))
    assert (found.tick, found.old_tick, found.into) == (10, 10, "epochs=20")
    assert way(found, "full").identical


def test_row_reads_what_the_optimizer_has() -> None:
    """The helper of this folder, on which all else stands."""
    assert row(new_optimizer()) == [0.1, 0.5, 0.9, 0.9]
