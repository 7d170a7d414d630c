"""Where phases are a SequentialLR of torch, and what is said where they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lrviz.engine.simulate import simulate
from lrviz.schedule.model import Schedule
from lrviz.training.code import equal as module
from lrviz.training.code.equal import equal

WARMUP = "{type: LinearLR, for: 5}"
COSINE = "{type: CosineAnnealingLR, eta_min: 0.01, for: 10}"
BEGINS = "torch's SequentialLR begins every scheduler at the optimizer's own lr, but phase"


@pytest.fixture
def said(schedule: Callable[[str], Schedule]) -> Callable[[str], tuple[str, str]]:
    """The class of torch that says the same as phases, and why none does."""

    def said(phases: str) -> tuple[str, str]:
        read = schedule(f"""
            epochs: 30
            steps_per_epoch: 4
            interval: step
            optimizer: {{lr: 0.1, momentum: 0.9}}
            metric: "1"
            scheduler: [{phases}]
            """)
        scheduler, why = equal(read, simulate(read))
        return scheduler.type if scheduler is not None else "", why

    return said


@pytest.mark.parametrize(
    ("phases", "scheduler"),
    [
        (f"{WARMUP}, {{type: CosineAnnealingLR}}", "SequentialLR"),
        (f"{WARMUP}, {{type: none}}", "SequentialLR"),
        (f"{WARMUP}, {COSINE}, {{type: none}}", "SequentialLR"),
        (f"{COSINE}, {{type: StepLR, step_size: 3, from: base}}", "SequentialLR"),
        ("{type: StepLR, step_size: 3}", "StepLR"),
        ("{type: none}", "ConstantLR"),
        ("{type: ReduceLROnPlateau}", "ReduceLROnPlateau"),
        ("{type: ChainedScheduler, schedulers: [{type: LinearLR}], for: 5}, {type: none}", "SequentialLR"),
    ],
)
def test_what_torch_says_too(phases: str, scheduler: str, said: Callable[[str], tuple[str, str]]) -> None:
    assert said(phases) == (scheduler, "")


@pytest.mark.parametrize(
    ("phases", "why"),
    [
        (
            f"{WARMUP}, {COSINE}, {{type: ExponentialLR, gamma: 0.9}}",
            f"{BEGINS} 3 begins where phase 2 ends, at lr 0.01.",
        ),
        (f"{WARMUP}, {{type: StepLR, step_size: 3, from: 0.5}}", f"{BEGINS} 2 begins from a learning rate of its own."),
        (
            f"{WARMUP}, {{type: none, from: 3e-5}}",
            f"{BEGINS} 2 holds lr 3e-5, which no factor on it gives to the last bit.",
        ),
        ("{type: StepLR, step_size: 3, from: 0.5}", f"{BEGINS} 1 begins from a learning rate of its own."),
        (
            f"{WARMUP}, {{type: ReduceLROnPlateau}}",
            "torch's SequentialLR takes no ReduceLROnPlateau, which is phase 2.",
        ),
        (
            f"{WARMUP}, {{type: ChainedScheduler, schedulers: [{{type: LinearLR}}]}}",
            "torch's SequentialLR takes a ChainedScheduler only as its first scheduler, but here it is phase 2.",
        ),
        (
            f"{WARMUP}, {{type: StepLR, step_size: 3, interval: epoch}}",
            "torch's SequentialLR steps all its schedulers equally often, but phase 2 is stepped at every 4th step.",
        ),
        (
            f"{WARMUP}, {{type: OneCycleLR, max_lr: 1}}",
            "OneCycleLR and CyclicLR set learning rate and momentum as soon as they are made. torch's SequentialLR "
            "makes all of its schedulers at once; here each is made when its phase begins.",
        ),
    ],
)
def test_what_only_phases_say(phases: str, why: str, said: Callable[[str], tuple[str, str]]) -> None:
    assert said(phases) == ("", why)


def test_a_difference_after_the_last_call_is_one(
    schedule: Callable[[str], Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = schedule("""
        epochs: 8
        optimizer: {lr: 0.1}
        scheduler: [{type: LinearLR, for: 5}, {type: StepLR, step_size: 2}]
        """)
    curve = simulate(read)
    assert equal(read, curve)[0] is not None
    assert equal(read, replace(curve, end_lr=(0.1,))) == (None, f"{BEGINS} 2 begins where phase 1 ends, at lr 0.1.")
    monkeypatch.setattr(module, "simulate", lambda schedule, engine: replace(curve, momentum_columns=curve.columns))
    assert equal(read, curve)[0] is None


def test_groups_that_are_held_each_at_another_part_of_their_own(schedule: Callable[[str], Schedule]) -> None:
    read = schedule("""
        epochs: 8
        optimizer: {groups: [{lr: 0.1}, {lr: 0.2}]}
        scheduler: [{type: LinearLR, for: 5}, {type: none, from: 0.01}]
        """)
    curve = simulate(read)
    scheduler, _ = equal(read, curve)
    assert scheduler is not None
    assert scheduler.children[1].arguments == {"lr_lambda": [0.01 / 0.1, 0.01 / 0.2]}
    why = f"{BEGINS} 2 holds lr 0.01, which no factor on it gives to the last bit."
    assert equal(read, replace(curve, end_lr=(0.1, 0.2))) == (None, why)


def test_the_first_difference_is_found() -> None:
    for at in range(9):
        one, two = bytearray(9 * 8), bytearray(9 * 8)
        two[at * 8] = 1
        two[8 * 8] = 1
        assert module._parts_at(memoryview(one).cast("d"), memoryview(two).cast("d")) == at
    assert module._parts_at(memoryview(one).cast("d"), memoryview(bytes(72)).cast("d")) is None
