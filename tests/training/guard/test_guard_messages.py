"""How a guard tells of what it saw: raised, warned with, recorded; when it is silent."""

from __future__ import annotations

import dataclasses
import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from test_guard_mistakes import MISTAKES
from torch.optim import lr_scheduler as torch_lr
from trained import schedule, sgd, told, train

import lrviz
from lrviz.training.guard import story
from lrviz.training.guard.warner import MAX_WARNINGS

lr: Any = torch_lr
EXPONENTIAL = {"type": "ExponentialLR", "gamma": 0.9}


def test_the_same_words_are_raised_and_warned() -> None:
    plan, optimizer, scheduler = MISTAKES["twice a step"].made()
    with lrviz.guard(optimizer, plan), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, scheduler, 40, lambda step: 2)
    plan, optimizer, scheduler = MISTAKES["twice a step"].made()
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        train(optimizer, scheduler, 40, lambda step: 2)
    assert texts[0] == str(raised.value) == str(guard.first)
    assert guard.first == raised.value.deviation


def test_an_error_says_how_to_know_more_where_several_causes_fit() -> None:
    plan, optimizer, scheduler = MISTAKES["never"].made()
    with lrviz.guard(optimizer, plan), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, scheduler, 40, lambda step: 0)
    more = 'on="warn" trains on, and names the cause after a few more steps'
    assert str(raised.value) == f"{raised.value.deviation}\n  {more}"


def test_a_warning_points_at_the_line_of_the_training() -> None:
    optimizer = sgd(0.5)
    with warnings.catch_warnings(record=True) as caught, lrviz.guard(optimizer, schedule(), on="warn"):
        warnings.simplefilter("always")
        optimizer.step()
    assert [Path(each.filename).name for each in caught] == [Path(__file__).name]


def test_a_guard_that_saw_no_step_says_so() -> None:
    """Another optimizer trains: silence would be taken for a training on its plan."""
    with told() as texts, lrviz.guard(sgd(), schedule()):
        pass
    assert texts == ["the guard saw no optimizer.step(): is it another optimizer that trains?"]
    with told() as texts, pytest.raises(KeyError), lrviz.guard(sgd(), schedule()):
        raise KeyError
    assert texts == []


def test_an_error_can_be_pickled() -> None:
    """From a worker process it comes back as itself."""
    plan, optimizer, scheduler = MISTAKES["twice a step"].made()
    with lrviz.guard(optimizer, plan), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, scheduler, 40, lambda step: 2)
    back = pickle.loads(pickle.dumps(raised.value))
    assert (type(back), str(back), back.deviation) == (lrviz.DeviationError, str(raised.value), raised.value.deviation)


def test_names_of_others_are_made_safe() -> None:
    optimizer = sgd(0.1, 0.1)
    for group, name in zip(optimizer.param_groups, ("\x1b[31mred", "two\nlines"), strict=True):
        group["name"] = name
    with lrviz.guard(optimizer, schedule()), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, lr.StepLR(optimizer, 5), 20, lambda step: 2)
    text = str(raised.value)
    assert "\x1b" not in text
    assert "in param group '\\x1b[31mred' and 1 other" in text


# --- on="warn" -----------------------------------------------------------------------------------------------


def test_a_training_that_returns_says_so() -> None:
    """Three steps by hand, then the plan again."""
    optimizer = sgd()
    scheduler = lr.LambdaLR(optimizer, lambda t: 0.9**t * (0.123 if t in (6, 7, 8) else 1))
    plan = schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.9 ** t"})
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        train(optimizer, scheduler, 20)
    assert guard.off_plan == 3
    assert texts[-1] == "the training follows its plan again from step 9 on; 3 steps did not"


def test_two_deviations_are_two_stories() -> None:
    optimizer = sgd()
    scheduler = lr.LambdaLR(optimizer, lambda t: 0.9**t * (0.123 if t in (6, 13) else 1))
    plan = schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.9 ** t"})
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        train(optimizer, scheduler, 20)
    assert guard.off_plan == 2
    assert guard.first is not None
    assert guard.first.step == 6
    begun = [text.splitlines()[0] for text in texts if "\n" in text]
    assert begun == [f"the learning rate left its plan at step {step}, counted from 0" for step in (6, 13)]
    (second,) = [text for text in texts if text.startswith(begun[1])]
    assert "the 6 steps before it followed" in second


def test_a_plan_that_never_changes() -> None:
    """There are no changes by which to tell that the training is back."""
    optimizer = sgd()
    plan = schedule(scheduler={"type": "ConstantLR", "factor": 1.0})
    with told() as texts, lrviz.guard(optimizer, plan, on="warn"):
        for step in range(20):
            optimizer.param_groups[0]["lr"] = 0.2 if step in (5, 6) else 0.1
            optimizer.step()
    assert texts[0].startswith("the learning rate left its plan at step 5")
    assert texts[-1] == "the training follows its plan again from step 7 on; 2 steps did not"


def test_a_guard_does_not_warn_without_end() -> None:
    optimizer = sgd()
    plan = schedule(steps=400, scheduler={"type": "ConstantLR", "factor": 1.0})
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        for step in range(400):
            optimizer.param_groups[0]["lr"] = 0.2 if step % 2 else 0.1
            optimizer.step()
    assert len(texts) == MAX_WARNINGS
    assert texts[-1].endswith(f"this is warning {MAX_WARNINGS}: the guard counts on in silence")
    assert guard.off_plan == 200


def test_a_long_deviation_is_told_of_in_few_words() -> None:
    """Never explained: noise. That is said once, and nothing more."""
    generator = torch.Generator().manual_seed(0)
    noise = (torch.rand(3000, generator=generator) + 0.5).tolist()
    optimizer = sgd()
    plan = schedule(steps=3000, scheduler={"type": "CosineAnnealingLR"})
    with told() as texts, lrviz.guard(optimizer, plan, on="warn") as guard:
        for step in range(3000):
            optimizer.param_groups[0]["lr"] = 0.1 * noise[step]
            optimizer.step()
    assert guard.off_plan == 3000
    assert len(texts) == 2
    assert texts[1].endswith("scaled, or resumed without state")


def test_a_cause_that_becomes_another_is_told_of() -> None:
    """Twice a step; later never."""
    optimizer = sgd()
    plan = schedule(steps=400, scheduler={"type": "CosineAnnealingLR"})
    scheduler = lr.CosineAnnealingLR(optimizer, 400)
    with told() as texts, lrviz.guard(optimizer, plan, on="warn"):
        train(optimizer, scheduler, 400, lambda step: 2 if step < 50 else 0)
    assert "called 2 times a step" in texts[1]
    assert len(texts) <= 4


def test_a_long_deviation_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch with one learning rate is its first and its last step; of very many, some are let go."""
    optimizer = sgd()
    plan = schedule(epochs=5, steps_per_epoch=400, scheduler={"type": "ExponentialLR", "gamma": 0.5})
    with told(), lrviz.guard(optimizer, plan, on="warn") as guard:
        optimizer.param_groups[0]["lr"] = 0.07
        for _ in range(2_000):
            optimizer.step()
        assert guard._story is not None
        assert guard._story.records is not None
        assert len(guard._story.records._steps) == 10

    monkeypatch.setattr(story, "KEPT", 100)
    plan = schedule(steps=1_000, scheduler={"type": "CosineAnnealingLR"})
    with told(), lrviz.guard(optimizer, plan, on="warn") as guard:
        for step in range(1_000):
            optimizer.param_groups[0]["lr"] = 0.2 + step * 1e-6
            optimizer.step()
        assert guard._story is not None
        assert guard._story.records is not None
        assert len(guard._story.records._steps) <= 200


# --- on="record" ---------------------------------------------------------------------------------------------


def test_a_record_says_nothing() -> None:
    optimizer = sgd()
    with told() as texts, lrviz.guard(optimizer, schedule(), on="record") as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 20, lambda step: 2)
    assert texts == []
    assert guard.first is not None
    assert (guard.first.step, guard.off_plan) == (3, 17)
    assert repr(guard) == "<Guard of 'schedule': 20 steps seen, left it at step 3, now at step 20 of 20>"
    assert dataclasses.asdict(guard.first)["planned"] == 0.1


def test_a_guard_says_what_it_saw() -> None:
    optimizer = sgd()
    with lrviz.guard(optimizer, schedule()) as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 7)
    assert repr(guard) == "<Guard of 'schedule': 7 steps seen, followed it, now at step 7 of 20>"


def test_an_error_is_raised_again_at_the_same_step() -> None:
    """A loop that catches it trains no step that is off the plan."""
    optimizer = sgd()
    caught = []
    with lrviz.guard(optimizer, schedule()) as guard:
        for _ in range(5):
            optimizer.param_groups[0]["lr"] = 0.5
            try:
                optimizer.step()
            except lrviz.DeviationError as error:
                caught.append(error.deviation.step)
    assert (caught, guard.step) == ([0] * 5, 0)
