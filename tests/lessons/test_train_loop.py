"""`lrviz train` trains as a plain loop of torch does: the same losses and learning rates, bit for bit."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.gallery import FILES
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_problem import DEEP, LINE, PER_EPOCH, TINY, make

from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.lessons.pace import TrainingLength
from lrviz.lessons.results import TrainedSchedule, Training
from lrviz.lessons.sessions import InterruptedTrainingError, Sessions
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Schedule

SEED = 5
optim: Any = torch.optim
scheduler: Any = torch.optim.lr_scheduler
EPOCH_END = [step % PER_EPOCH == PER_EPOCH - 1 for step in range(40 * PER_EPOCH)]
EVERY_STEP = [True] * len(EPOCH_END)


@dataclass(frozen=True)
class Case:
    """A file, and what a script has in its place: optimizer, scheduler, after which steps it is called, and with what
    (0 the validation loss, 1 the accuracy)."""

    text: str
    optimizer: Callable[[Any], Any]
    scheduler: Callable[[Any], Any] | None
    called: list[bool]
    steps: int = 4 * PER_EPOCH
    metric: int | None = None


def sgd(model: Any) -> Any:
    return optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


SGD = "optimizer: {type: SGD, lr: 0.1, momentum: 0.9}\n"
PLATEAU = """\
optimizer: {lr: 1.5}
scheduler: {type: ReduceLROnPlateau, patience: 0, factor: 0.5}
metric: 1 / (epoch + 1)  # made up; training has a loss of its own
"""
IN_STEPS = f"epochs: 4\nsteps_per_epoch: {PER_EPOCH}\ninterval: step\n"
IN_5_STEPS = IN_STEPS.replace("interval: step", "interval: 5 steps")

CASES = {
    "constant": Case(f"epochs: 4\n{SGD}scheduler: none\n", sgd, None, []),
    "epoch": Case(
        f"epochs: 4\n{SGD}scheduler: {{type: StepLR, step_size: 2}}\n",
        sgd,
        lambda opt: scheduler.StepLR(opt, 2),
        EPOCH_END,
    ),
    "step": Case(
        f"{IN_STEPS}optimizer: {{type: AdamW, lr: 0.02, betas: [0.8, 0.99]}}\nscheduler: {{type: CosineAnnealingLR}}\n",
        lambda model: optim.AdamW(model.parameters(), lr=0.02, betas=(0.8, 0.99)),
        lambda opt: scheduler.CosineAnnealingLR(opt, 12),
        EVERY_STEP,
    ),
    "5-steps": Case(
        f"{IN_5_STEPS}{SGD}scheduler: {{type: ExponentialLR, gamma: 0.5}}\n",
        sgd,
        lambda opt: scheduler.ExponentialLR(opt, 0.5),
        [step % 5 == 4 for step in range(12)],
    ),
    "cut-short": Case(
        f"steps: 11\nsteps_per_epoch: {PER_EPOCH}\ninterval: epoch\n{SGD}"
        "scheduler: {type: ExponentialLR, gamma: 0.5}\n",
        sgd,
        lambda opt: scheduler.ExponentialLR(opt, 0.5),
        EPOCH_END,
        steps=11,
    ),
    "phases": Case(
        f"{IN_STEPS}{SGD}scheduler:\n- {{type: LinearLR, start_factor: 0.1, total_iters: 4, for: 4 steps}}\n"
        "- {type: CosineAnnealingLR}\n",
        sgd,
        lambda opt: scheduler.SequentialLR(
            opt,
            [scheduler.LinearLR(opt, 0.1, total_iters=4), scheduler.CosineAnnealingLR(opt, 8)],
            milestones=[4],
        ),
        EVERY_STEP,
    ),
    "plateau": Case(
        f"epochs: 8\n{PLATEAU}",
        lambda model: optim.SGD(model.parameters(), lr=1.5),
        lambda opt: scheduler.ReduceLROnPlateau(opt, patience=0, factor=0.5),
        EPOCH_END,
        steps=8 * PER_EPOCH,
        metric=0,
    ),
    "plateau-accuracy": Case(
        f"epochs: 8\n{PLATEAU.replace('patience', 'mode: max, patience')}",
        lambda model: optim.SGD(model.parameters(), lr=1.5),
        lambda opt: scheduler.ReduceLROnPlateau(opt, mode="max", patience=0, factor=0.5),
        EPOCH_END,
        steps=8 * PER_EPOCH,
        metric=1,
    ),
    "plateau-within-epochs": Case(
        f"{IN_STEPS}{PLATEAU}",
        lambda model: optim.SGD(model.parameters(), lr=1.5),
        lambda opt: scheduler.ReduceLROnPlateau(opt, patience=0, factor=0.5),
        EVERY_STEP,
        metric=0,
    ),
    "groups": Case(
        "epochs: 4\noptimizer: {type: SGD, momentum: 0.5, groups: [{name: body, lr: 0.01}, {name: head, lr: 0.3}]}\n"
        "scheduler: {type: LambdaLR, lr_lambda: [1 / (1 + epoch), 0.5 ** epoch]}\n",
        # three layers have weights: the first two are the body
        lambda model: optim.SGD(
            [
                {"params": [*model[0].parameters(), *model[3].parameters()], "lr": 0.01},
                {"params": model[5].parameters(), "lr": 0.3},
            ],
            momentum=0.5,
        ),
        lambda opt: scheduler.LambdaLR(opt, [lambda epoch: 1 / (1 + epoch), lambda epoch: 0.5**epoch]),
        EPOCH_END,
    ),
    "one-cycle": Case(
        f"{IN_STEPS}{SGD}scheduler: {{type: OneCycleLR, max_lr: 0.5}}\n",
        sgd,
        lambda opt: scheduler.OneCycleLR(opt, 0.5, total_steps=12),
        EVERY_STEP[:11],  # a call more than torch allows changes nothing that is used
    ),
    "own": Case(
        f"epochs: 4\n{SGD}scheduler: {{type: halving_by_hand.Halving, floor: 0.02}}\n",
        sgd,
        lambda opt: scheduler.LambdaLR(opt, lambda epoch: 1.0),  # see `plain`
        EPOCH_END,
    ),
}

OWN = """
from torch.optim.lr_scheduler import LRScheduler
class Halving(LRScheduler):
    def __init__(self, optimizer, floor):
        self.floor = floor
        super().__init__(optimizer)
    def get_lr(self):
        return [max(base * 0.5 ** self.last_epoch, self.floor) for base in self.base_lrs]
"""


@dataclass
class Plain:
    losses: list[float]
    lr: list[list[float]]
    momentum: list[float]
    validations: list[tuple[float, float]]


def plain(case: Case, seed: int, own: Callable[[Any], Any] | None = None) -> Plain:
    """The training as a script has it."""
    torch.manual_seed(seed)
    model, batches, loss_of, validate = make(seed, None)
    opt = case.optimizer(model)
    sched = (own or case.scheduler)(opt) if case.scheduler is not None else None

    def validated() -> tuple[float, float]:
        state = torch.get_rng_state()
        model.eval()
        with torch.no_grad():
            found = validate(model)
        model.train()
        torch.set_rng_state(state)
        assert isinstance(found, tuple)
        return found

    seen = Plain([], [], [], [validated()])
    step = 0
    while step < case.steps:
        for batch in batches:
            loss = loss_of(model, batch)
            seen.losses.append(loss.item())
            seen.lr.append([group["lr"] for group in opt.param_groups])
            group = opt.param_groups[0]
            seen.momentum.append(group["betas"][0] if "betas" in group else group["momentum"])
            opt.zero_grad()
            torch.autograd.backward(loss)
            opt.step()
            step += 1
            if EPOCH_END[step - 1] or step == case.steps:
                seen.validations.append(validated())
            if sched is not None and case.called[step - 1 : step] == [True]:
                if case.metric is None:
                    sched.step()
                else:
                    sched.step(validated()[case.metric])
            if step == case.steps:
                break
    return seen


def trained(schedule: Schedule, problem: TrainingProblem = TINY, **more: Any) -> Training:
    (one,) = Sessions(problem, (SEED,), **more).train(schedule.name, schedule).trainings
    return one


def same(found: Training, plain: Plain) -> None:
    assert found.losses.tolist() == plain.losses
    assert found.lr.tolist() == plain.lr
    assert found.momentum[:, 0].tolist() == plain.momentum
    assert [(each.loss, each.accuracy) for each in found.validations] == plain.validations


@pytest.mark.parametrize("name", CASES)
def test_a_training_is_that_of_a_plain_loop(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, own = CASES[name], None
    if name == "own":
        (tmp_path / "halving_by_hand.py").write_text(OWN)
        monkeypatch.syspath_prepend(str(tmp_path))
        from halving_by_hand import Halving  # type: ignore[import-not-found]

        own = lambda opt: Halving(opt, floor=0.02)  # noqa: E731
    (schedule,) = load_text(case.text, f"{name}.yaml", trust=name == "own")
    length = {"steps": case.steps} if case.steps % PER_EPOCH else {"epochs": case.steps // PER_EPOCH}
    sessions = Sessions(TINY, (SEED,), **length)
    assert not sessions.tempo(schedule).stretched
    found = sessions.train(name, schedule)
    reference = plain(case, SEED, own)
    same(found.trainings[0], reference)
    if name != "constant":
        assert len({tuple(lr) for lr in reference.lr}) > 1, "nothing is scheduled"
    if name == "one-cycle":
        assert len(set(reference.momentum)) > 5


def test_other_seeds_are_other_trainings_and_a_seed_is_the_same_one_again() -> None:
    (schedule,) = load_text(CASES["epoch"].text, "x.yaml")
    sessions = Sessions(TINY, (0, 1, 0))
    first, other, again = sessions.train("x", schedule).trainings
    assert first.losses.tolist() == again.losses.tolist()
    assert first.losses.tolist() != other.losses.tolist()
    same(other, plain(CASES["epoch"], 1))


def test_the_generators_of_the_caller_are_left_alone() -> None:
    (schedule,) = load_text(CASES["epoch"].text, "x.yaml")
    before = torch.get_rng_state(), random.getstate(), str(np.random.get_state())
    trained(schedule)
    assert torch.equal(before[0], torch.get_rng_state())
    assert (random.getstate(), str(np.random.get_state())) == before[1:]


def test_all_schedules_begin_alike_and_see_the_same_batches() -> None:
    """Whatever the scheduler does: a plateau validates in the middle of an epoch, with a loader that draws, too."""
    seen: list[list[Any]] = []

    def watched(seed: int, batch_size: int | None) -> Setup:
        setup = make(seed, batch_size)
        log: list[Any] = [each.detach().clone() for each in setup.model.parameters()]
        seen.append(log)

        def loss(model: Any, batch: Any) -> Any:
            log.append(batch[0].clone())
            return setup.loss(model, batch)

        return setup._replace(loss=loss)

    sessions = Sessions(replace(TINY, make=watched), (SEED,))
    assert sessions.length == TrainingLength(12, PER_EPOCH)
    seen.clear()  # the length was asked of a setup
    names = ("constant", "epoch", "plateau-within-epochs", "groups", "one-cycle")
    for name in names:
        sessions.train(name, load_text(CASES[name].text, f"{name}.yaml")[0])
    assert len(seen) == len(names)
    for log in seen[1:]:
        assert len(log) == len(seen[0])
        assert all(map(torch.equal, log, seen[0]))


# --- plans of another length -------------------------------------------------------------------------------------

PLANS = {
    "epoch": "epochs: {n}\n" + SGD + "scheduler: {type: ExponentialLR, gamma: 0.9}\n",
    "step": "steps: {n}\n" + SGD + "scheduler: {type: CosineAnnealingLR}\n",
    "every": "steps: {n}\ninterval: 3 steps\n" + SGD + "scheduler: {type: ExponentialLR, gamma: 0.9}\n",
    "one-cycle": "steps: {n}\n" + SGD + "scheduler: {type: OneCycleLR, max_lr: 1}\n",
    "phases": (
        "steps: {n}\n" + SGD + "scheduler:\n- {type: LinearLR, start_factor: 0.1, total_iters: 3, for: 3 steps}\n"
        "- {type: CosineAnnealingLR}\n"
    ),
}


def follows(found: Training, schedule: Schedule, steps: int, *, shortcut: bool | None = None) -> None:
    """Holds that every step has the learning rate and momentum of the plan at that fraction of it."""
    curve = simulate(schedule, shortcut=shortcut)
    ticks = [step * schedule.run.ticks // steps for step in range(steps)]
    assert found.lr.tolist() == curve.lr[ticks].tolist()
    momentum = np.full_like(found.lr, 0.9) if curve.momentum is None else curve.momentum[ticks]
    assert found.momentum.tolist() == momentum.tolist()


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(PLANS)), ticks=st.integers(5, 60), epochs=st.integers(1, 8))
def test_a_plan_of_any_length_keeps_its_shape(name: str, ticks: int, epochs: int) -> None:
    (schedule,) = load_text(PLANS[name].replace("{n}", str(ticks)), "plan.yaml")
    sessions = Sessions(LINE, epochs=epochs)
    found = sessions.train("plan", schedule).trainings[0]
    assert len(found.losses) == 2 * epochs
    follows(found, schedule, 2 * epochs)
    assert sessions.tempo(schedule).stretched == (ticks != (epochs if name == "epoch" else 2 * epochs))


MANY = {
    **{name: text for name, text in PLANS.items() if name in ("step", "every", "phases", "one-cycle")},
    "sequence": (
        "steps: {n}\n" + SGD + "scheduler: {type: SequentialLR, milestones: [5000], schedulers: "
        "[{type: LinearLR, total_iters: 5000}, {type: ExponentialLR, gamma: 0.9999}]}\n"
    ),
    "expression": "steps: {n}\n" + SGD + "scheduler: {type: LambdaLR, lr_lambda: 1 / (1 + step / 100)}\n",
}


@pytest.mark.parametrize("name", MANY)
def test_a_plan_of_very_many_calls_has_the_same_bits(name: str) -> None:
    """The shortcut is used for them; here it is held against `scheduler.step()` itself."""
    ticks = 70_000 if name == "every" else 23_456
    (schedule,) = load_text(MANY[name].replace("{n}", str(ticks)), "plan.yaml")
    follows(trained(schedule, LINE, epochs=10), schedule, 20, shortcut=False)


def test_a_long_plan_of_a_plateau_validates_once_a_step() -> None:
    (schedule,) = load_text(
        "steps: 600\n" + PLATEAU.replace("epoch", "step"),
        "plan.yaml",
    )
    count = 0

    def counted(seed: int, batch_size: int | None) -> Setup:
        setup = make(seed, batch_size)

        def validate(model: Any) -> Any:
            nonlocal count
            count += 1
            return setup.validate(model)

        return setup._replace(validate=validate)

    trained(schedule, replace(TINY, make=counted))
    assert count == 1 + 12


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_of_the_gallery_trains(file: Path) -> None:
    """Of a plan of very many calls only the beginning, for the time that it takes."""
    for schedule in load_file(str(file)):
        few = schedule.run.calls < 10_000
        sessions = Sessions(DEEP, epochs=2 if few else schedule.run.calls // 4_000)

        def enough(done: int, total: int, few: bool = few) -> None:
            if not few and done >= 4:
                raise KeyboardInterrupt

        try:
            trained = sessions.train(schedule.name, schedule, enough)
        except InterruptedTrainingError as stop:
            trained = stop.kept  # type: ignore[assignment]
        (found,) = trained.trainings
        assert found.complete == (few or found.stopped is not None)
        assert len(found.losses) >= 4 or found.stopped is not None
        assert found.lr.shape[1] == len(schedule.optimizer.groups)
        assert np.isfinite(found.lr).all()


# --- what ends early ---------------------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_ends_that_training_and_no_other() -> None:
    hot, good = load_text(
        "epochs: 200\nschedules:\n  hot: {optimizer: {lr: 30}, scheduler: none}\n"
        "  good: {optimizer: {lr: 0.1}, scheduler: none}\n",
        "two.yaml",
    )
    sessions = Sessions(LINE, (0, 1), epochs=200)
    diverged, other = (sessions.train(each.name, each) for each in (hot, good))
    for training in diverged.trainings:
        stopped = training.stopped
        assert stopped is not None
        assert 3 < stopped < 399
        # the loss is the last thing that is known, and the only one that is not finite
        assert len(training.losses) == stopped + 1
        assert np.isfinite(training.losses[:-1]).all()
        assert not math.isfinite(training.losses[-1])
        assert training.diverged
        assert math.isinf(training.final.loss)
        assert math.isfinite(training.best.loss)
    assert len(diverged.diverged) == 2
    assert not other.diverged
    assert [len(each.losses) for each in other.trainings] == [400, 400]
    assert [each.losses.tolist() for each in other.trainings] == [
        each.losses.tolist() for each in Sessions(LINE, (0, 1), epochs=200).train("good", good).trainings
    ]


@pytest.mark.parametrize("ends", ["raise ValueError('no more')", "exit(0)"])
def test_a_class_of_ones_own_that_fails_is_refused_at_its_call(
    ends: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"ends_by_{ends[:4]}"
    (tmp_path / f"{module}.py").write_text(
        "from torch.optim.lr_scheduler import StepLR\nclass Ends(StepLR):\n    def get_lr(self):\n"
        f"        if self.last_epoch == 3:\n            {ends}\n        return [0.1]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    (schedule,) = load_text(
        f"epochs: 4\n{SGD}scheduler: {{type: {module}.Ends, step_size: 2}}\n", "own.yaml", trust=True
    )
    error = "ValueError: no more" if "raise" in ends else "SystemExit: 0"
    what = f"own.yaml:3:12: error: schedule 'own': {module}.Ends fails at call 3 of 4 of scheduler.step(): {error}"
    with pytest.raises(ScheduleError) as refused:
        trained(schedule)
    assert str(refused.value).startswith(what)


def test_a_model_that_is_broken_from_the_start_is_refused() -> None:
    def broken(seed: int, batch_size: int | None) -> Setup:
        return make(seed, batch_size)._replace(validate=lambda model: math.nan)

    (schedule,) = load_text(CASES["epoch"].text, "x.yaml")
    with pytest.raises(ScheduleError, match="tiny: the validation loss is not finite before the first step"):
        trained(schedule, replace(TINY, make=broken))


@pytest.mark.parametrize("seeds", [1, 3])
def test_an_interrupted_training_keeps_the_epochs_that_were_done(seeds: int) -> None:
    (schedule,) = load_text(CASES["epoch"].text, "x.yaml")
    whole = Sessions(TINY, range(seeds)).train("x", schedule)

    def stop_at(steps: int) -> TrainedSchedule | None:
        def tell(done: int, total: int) -> None:
            assert total == 12 * seeds
            if done == steps:
                raise KeyboardInterrupt

        with pytest.raises(InterruptedTrainingError) as stop:
            Sessions(TINY, range(seeds)).train("x", schedule, tell)
        return stop.value.kept

    assert stop_at(1) is None
    kept = stop_at(12 * seeds - 5)
    assert kept is not None
    assert [each.complete for each in kept.trainings] == [True] * (seeds - 1) + [False]
    *done, partial = kept.trainings
    assert [each.losses.tolist() for each in done] == [each.losses.tolist() for each in whole.trainings[:-1]]
    assert partial.losses.tolist() == whole.trainings[-1].losses[:7].tolist()
    assert partial.validations == whole.trainings[-1].validations[:3]
    assert not partial.diverged
    up = replace(partial, validations=tuple(reversed(partial.validations)))
    assert not up.diverged, "its end is not known"
    assert replace(up, complete=True).diverged
    # numbers over seeds are those of trainings that ended, if any did
    assert kept.final_loss.mean == pytest.approx(np.mean([each.final.loss for each in done or [partial]]))
