"""Causes: each mistake is really made in a loop of real torch, and the right one must be named, with its numbers."""

from __future__ import annotations

import math
import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR
from training_runs import PLANS, STEPS, Rows, Run, hint, outcome, text_of

from lrviz.checks.finding import Finding

RESUME = "To resume, create optimizer and scheduler, then load the optimizer's state, then the scheduler's"
NONE = "none of the usual causes explains it: not late or early, too fast or too slow, scaled, or resumed without state"
TOO_FEW = "the records are too few or too similar to tell why"

LATER = (
    "every record equals the plan 1 call later: is scheduler.step() called before optimizer.step()? If it is only "
    "called before the logging, --shift 1"
)
EARLIER = (
    "every record equals the plan 1 call earlier: does the log count from 1? Then --shift -1; otherwise "
    "scheduler.step() is one call late"
)
OVER = "every record follows a plan that started over at"
WITHOUT_STATE = f"was the run resumed without state? {RESUME}"
AT = 37
"""Where runs are resumed: no boundary of any plan."""

ALIKE = ("exponential",)
"""Plans in which to be late is to be scaled: both are told."""

DISTINCT = [plan for plan in PLANS if plan not in ALIKE]
STEPPED = ("step", "multi-step")
SMOOTH = [plan for plan in DISTINCT if plan not in STEPPED]
"""Plans in which every record has its own learning rate, or nearly."""


def train(plan: str, steps: int = STEPS, lr: float = 0.1, **mistake: Any) -> Rows:
    return Run(PLANS[plan][1], lr).train(steps, **mistake).rows


def resumed(plan: str, recipe: str, at: int = AT, last_epoch: int | None = None) -> Rows:
    end = STEPS if plan != "one-cycle" or last_epoch is None else STEPS - 1
    return Run(PLANS[plan][1]).train(at).resume(recipe, last_epoch).train(end).rows


# --- no mistake ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS)
def test_a_run_without_a_mistake_held(tmp_path: Path, plan: str) -> None:
    rows = train(plan)
    assert hint(tmp_path, text_of(plan), rows) is None
    assert hint(tmp_path, text_of(plan), rows[::7]) is None
    assert hint(tmp_path, text_of(plan), rows, write="%.4g".__mod__) is None
    assert hint(tmp_path, text_of(plan), rows, write="%.8f".__mod__) is None


@pytest.mark.parametrize("plan", PLANS)
def test_a_right_resume_held(tmp_path: Path, plan: str) -> None:
    assert hint(tmp_path, text_of(plan), resumed(plan, "nOS")) is None


# --- from the first record on --------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS)
def test_scheduler_before_optimizer(tmp_path: Path, plan: str) -> None:
    rows = train(plan, scheduler_first=True)
    told = hint(tmp_path, text_of(plan), rows)
    scaled = "every record is 0.95 times the plan: an lr of 0.095 instead of 0.1 would explain it"
    assert told == (f"{LATER}; or {scaled}" if plan in ALIKE else LATER)
    if plan in SMOOTH:
        assert hint(tmp_path, text_of(plan), rows[::7]) == LATER


def test_records_that_are_apart_may_be_late_by_more_than_one_call(tmp_path: Path) -> None:
    told = hint(tmp_path, text_of("multi-step"), train("multi-step", scheduler_first=True)[::7])
    assert told == LATER.replace("1 call", "1 or 2 calls")


@pytest.mark.parametrize("plan", PLANS)
def test_counted_from_1(tmp_path: Path, plan: str) -> None:
    rows = [(step + 1, lr) for step, lr in train(plan)]
    told = hint(tmp_path, text_of(plan), rows)
    assert told is not None
    assert told.startswith(EARLIER)
    assert (told == EARLIER) == (plan in DISTINCT)
    assert hint(tmp_path, text_of(plan), rows, shift=-1) is None
    told = hint(tmp_path, text_of(plan), [(step - 1, lr) for step, lr in rows], shift=1)
    assert told is not None
    assert told.startswith(EARLIER.replace("--shift -1", "--shift 0"))


@pytest.mark.parametrize("plan", PLANS)
def test_called_for_each_of_four_devices(tmp_path: Path, plan: str) -> None:
    rows = train(plan, calls=4)
    assert hint(tmp_path, text_of(plan), rows) == "as if scheduler.step() were called 4 times a step"


def test_the_numbers_of_the_run_are_named(tmp_path: Path) -> None:
    run = "epochs: 4\ninterval: step\ndata: {samples: 1000, batch_size: 5, devices: 4, accumulate: 2}"
    for calls, name in ((4, "devices is 4"), (2, "accumulate is 2"), (8, "devices x accumulate is 8"), (3, None)):
        told = hint(tmp_path, text_of("cosine", run), train("cosine", calls=calls))
        fact = f"as if scheduler.step() were called {calls} times a step"
        assert told == (f"{fact}: {name}" if name else fact)
    told = hint(tmp_path, text_of("cosine", run), train("cosine", every=2))
    assert told == "as if scheduler.step() were called once every 2 steps: accumulate is 2"
    told = hint(tmp_path, text_of("cosine", run), [(20 * step, lr) for step, lr in train("cosine")])
    assert told == "as if scheduler.step() were called once every 20 steps: batch_size x devices is 20"
    told = hint(tmp_path, text_of("cosine", run), train("cosine", every=25))
    assert told == "as if scheduler.step() were called after every epoch, not after every step"


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan != "multi-step"])
def test_called_once_in_four_steps(tmp_path: Path, plan: str) -> None:
    rows = train(plan, every=4)
    assert hint(tmp_path, text_of(plan), rows) == "as if scheduler.step() were called once every 4 steps"


def test_called_after_every_batch_of_a_loop_that_accumulates(tmp_path: Path) -> None:
    """Of a step of 4 batches, 3 calls come before it; the log counts optimizer steps."""
    rows = [(step // 4, lr) for step, lr in train("cosine") if step % 4 == 3]
    fact = "as if scheduler.step() were called after every batch, not after every step: "
    assert hint(tmp_path, text_of("cosine"), rows) == f"{fact}does a step take 4 of them?"
    run = "epochs: 4\ninterval: step\ndata: {samples: 1000, batch_size: 10, accumulate: 4}"
    assert hint(tmp_path, text_of("cosine", run), rows) == f"{fact}accumulate is 4"


def test_called_four_times_before_the_optimizer(tmp_path: Path) -> None:
    told = hint(tmp_path, text_of("cosine"), train("cosine", calls=4, scheduler_first=True))
    assert told == "as if scheduler.step() were called 4 times a step, and before optimizer.step()"


def test_called_once_in_four_steps_and_counted_from_1(tmp_path: Path) -> None:
    rows = [(step + 1, lr) for step, lr in train("cosine", every=4)]
    told = hint(tmp_path, text_of("cosine"), rows)
    assert told == "as if scheduler.step() were called once every 4 steps, and the log counts from 1"


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan != "one-cycle"])
def test_another_lr(tmp_path: Path, plan: str) -> None:
    told = hint(tmp_path, text_of(plan), train(plan, lr=0.02))
    if plan == "cosine-floor":
        fact = "every record is 0.191919 times the plan above its eta_min of 0.001"
    else:
        fact = "every record is 0.2 times the plan"
    assert told == f"{fact}: an lr of 0.02 instead of 0.1 would explain it"


def test_a_scale_of_the_run_is_named(tmp_path: Path) -> None:
    run = "epochs: 4\ninterval: step\ndata: {samples: 1000, batch_size: 5, devices: 4, accumulate: 2}"
    for factor, name in (
        (4.0, "devices is 4"), (0.25, "1 / 4, devices is 4"), (8.0, "devices x accumulate is 8"),
        (math.sqrt(8), "the square root of 8, devices x accumulate is 8"),
        (0.5, "1 / 2, accumulate is 2, or 1 / the square root of 4, devices is 4"),
    ):  # fmt: skip
        told = hint(tmp_path, text_of("polynomial", run), train("polynomial", lr=0.1 * factor))
        assert told is not None
        assert f" times the plan ({name}): an lr of " in told


def test_epochs(tmp_path: Path) -> None:
    """A run that is stepped once an epoch, of 8 epochs of 25 steps."""
    run = "epochs: 8\nsteps_per_epoch: 25"
    plan = f"{run}\noptimizer: {{lr: 0.1}}\nscheduler: {{type: CosineAnnealingLR}}\n"

    def rows(**mistake: Any) -> Rows:
        return Run(lambda opt: CosineAnnealingLR(opt, 8)).train(200, **mistake).rows

    assert hint(tmp_path, plan, rows(every=25)) is None
    assert hint(tmp_path, plan, [(step // 25, lr) for step, lr in rows(every=25)][::25], clock="epoch") is None
    told = hint(tmp_path, plan, [(step + 1, lr) for step, lr in rows(every=25)])
    assert told == "every record equals the plan one step earlier: if the log counts that way, --shift -1"
    told = hint(tmp_path, plan, [(step // 25 + 1, lr) for step, lr in rows(every=25)][::25], clock="epoch")
    assert told == EARLIER
    told = hint(tmp_path, plan, rows(every=25, calls=2))
    assert told == "as if scheduler.step() were called 2 times an epoch"
    told = hint(tmp_path, plan, rows())
    assert told == "as if scheduler.step() were called after every step, not after every epoch"
    told = hint(tmp_path, plan, rows(every=50))
    assert told == "as if scheduler.step() were called once every 2 epochs"
    told = hint(tmp_path, plan, [(step + 50, lr) for step, lr in rows(every=25)])
    assert told == (
        "every record equals the plan 2 calls earlier: the plan starts over with the log, as after a resume "
        f"without state. {RESUME}"
    )
    told = hint(tmp_path, plan, [(step - 50, lr) for step, lr in rows(every=25)][50:])
    assert told == "every record equals the plan 2 calls later: does the log count from another number? Then --shift 50"


@pytest.mark.parametrize("length", [7, 9, 13, 25])
@pytest.mark.parametrize("every", [1, 4])
def test_epochs_of_another_length(tmp_path: Path, length: int, every: int) -> None:
    """The scheduler is called after every epoch, which has more or fewer steps than the plan says."""
    text = "epochs: 20\nsteps_per_epoch: 10\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, 20)).train(200, every=length).rows
    told = hint(tmp_path, text, rows[::every])
    assert told == f"as if an epoch had {length} steps, not 10: is steps_per_epoch right?"


# --- from some record on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("every", [1, 3])
def test_no_longer_stepped(tmp_path: Path, plan: str, every: int) -> None:
    run = Run(PLANS[plan][1]).train(40).train(STEPS, stepped=False)
    told = hint(tmp_path, text_of(plan), run.rows[::every])
    assert told is not None
    assert told.startswith("from step ")
    assert told.endswith(f" on, the learning rate stays at {run.rows[-1][1]:.6g}: is scheduler.step() still called?")


@pytest.mark.parametrize("plan", PLANS)
def test_never_stepped(tmp_path: Path, plan: str) -> None:
    told = hint(tmp_path, text_of(plan), train(plan, stepped=False))
    assert told == "the learning rate never changes: is scheduler.step() called?"


def test_never_stepped_within_the_first_epoch_may_be_stepped_after_it(tmp_path: Path) -> None:
    text = text_of("cosine", "epochs: 2\nsteps_per_epoch: 50\ninterval: step")
    told = hint(tmp_path, text, train("cosine", every=50)[:50])
    assert told == (
        "the learning rate never changes: is scheduler.step() called, or only after an epoch (steps_per_epoch is 50)?"
    )


def test_set_by_hand(tmp_path: Path) -> None:
    run = Run(PLANS["cosine"][1]).train(40)
    run.optimizer.param_groups[0]["lr"] = 0.5
    told = hint(tmp_path, text_of("cosine"), run.train(STEPS, stepped=False).rows)
    assert told == (
        "from step 40 on, the learning rate stays at 0.5, not at the one it had before: is it set by hand, and the "
        "scheduler not called?"
    )


@pytest.mark.parametrize("plan", DISTINCT)
def test_resumed_without_state(tmp_path: Path, plan: str) -> None:
    rows = resumed(plan, "n")
    anew = f"{OVER} step 37: {WITHOUT_STATE}"
    assert hint(tmp_path, text_of(plan), rows) == f"from step 37 on, {anew}"
    if plan in SMOOTH:
        assert hint(tmp_path, text_of(plan), rows[::3]) == f"from step 39 on, {anew}"


@pytest.mark.parametrize("plan", SMOOTH)
def test_resumed_without_state_where_the_next_learning_rate_is_logged(tmp_path: Path, plan: str) -> None:
    """As Megatron does: what the step of the restart was to be trained with, only the run before it has logged."""
    rows = [*resumed(plan, "n")]
    rows[AT] = train(plan)[AT]
    assert hint(tmp_path, text_of(plan), rows) == f"from step 38 on, {OVER} step 37: {WITHOUT_STATE}"


def test_records_that_are_apart_may_be_resumed_at_more_than_one_step(tmp_path: Path) -> None:
    told = hint(tmp_path, text_of("step"), resumed("step", "n")[::3])
    assert told == (f"from step 39 on, {OVER} step 37 to step 39: {WITHOUT_STATE}")


ABSOLUTE = ("one-cycle", "restarts", "lambda")
"""Schedulers that go by no learning rate but their own, so that a new one does not begin from what is held."""

BEGUN = ("sequential", "phases")
"""Those that put the learning rate back when they are made."""


@pytest.mark.parametrize("plan", PLANS)
def test_resumed_with_the_optimizers_state_alone(tmp_path: Path, plan: str) -> None:
    told = hint(tmp_path, text_of(plan), resumed(plan, "On"))
    if plan == "exponential":
        assert told is None  # it goes on from what is held, whenever it began
    elif plan in (*ABSOLUTE, *BEGUN):
        assert told == f"from step 37 on, {OVER} step 37: {WITHOUT_STATE}"
    else:
        assert told is not None
        assert told.endswith(
            f"{OVER} step 37, from the learning rate held there: was only the optimizer's state loaded? {RESUME}"
        )
        assert (" Or " in told) == (plan == "step")  # whose drops are as late


@pytest.mark.parametrize("plan", DISTINCT)
@pytest.mark.parametrize("recipe", ["nS", "OnS"])
def test_resumed_with_the_schedulers_state_but_another_lr(tmp_path: Path, plan: str, recipe: str) -> None:
    """Without the optimizer's state; and with it, but loaded before the scheduler is made, which changes the lr."""
    rows = resumed(plan, recipe)
    right = train(plan)
    told = hint(tmp_path, text_of(plan), rows)
    if all(
        math.isclose(lr, planned, rel_tol=1e-9, abs_tol=1e-12)
        for (_, lr), (_, planned) in zip(rows, right, strict=True)
    ):
        assert recipe == "OnS"
        assert told is None
    elif plan in ABSOLUTE:
        assert told == (
            "only step 37 has the learning rate that a new scheduler begins with: was the scheduler created after the "
            f"optimizer's state was loaded? {RESUME}"
        )
    else:
        floor = 0.001 if plan == "cosine-floor" else 0.0
        factor = (rows[50][1] - floor) / (right[50][1] - floor)
        above = " above its eta_min of 0.001" if floor else ""
        assert told is not None
        assert (
            f"from step 37 on, every record is {factor:.6g} times the plan{above}: was the optimizer's state not "
            f"loaded, or loaded before the scheduler was created? {RESUME}"
        ) in told
        assert (" Or " in told) == (plan == "step")


@pytest.mark.parametrize("plan", ["cosine", "cosine-floor", "polynomial", "linear"])
@pytest.mark.parametrize("every", [1, 5])
def test_resumed_with_last_epoch_one_too_many(tmp_path: Path, plan: str, every: int) -> None:
    told = hint(tmp_path, text_of(plan), resumed(plan, "On", last_epoch=AT)[::every])
    first = 38 if every == 1 else 40
    assert told == (
        f"from step {first} on, every call does to the learning rate held there what the plan's next call does: was "
        f"last_epoch one too large? Pass the old scheduler's last_epoch - 1. {RESUME}"
    )


@pytest.mark.parametrize("plan", ["step", "lambda", "one-cycle"])
def test_resumed_one_call_ahead(tmp_path: Path, plan: str) -> None:
    told = hint(tmp_path, text_of(plan), resumed(plan, "On", last_epoch=AT))
    first = {"step": 47}.get(plan, AT)
    fact = f"from step {first} on, every record equals the plan 1 call later"
    assert told == f"{fact}: was scheduler.step() called more often there, or the run resumed from a later state?"


@pytest.mark.parametrize("plan", ["cosine", "cosine-floor", "exponential", "polynomial", "linear"])
def test_resumed_with_the_right_last_epoch(tmp_path: Path, plan: str) -> None:
    assert hint(tmp_path, text_of(plan), resumed(plan, "On", last_epoch=AT - 1)) is None


@pytest.mark.parametrize("plan", DISTINCT)
def test_calls_made_twice_or_left_out(tmp_path: Path, plan: str) -> None:
    ahead = Run(PLANS[plan][1]).train(40)
    for _ in range(5):
        ahead._call()
    told = hint(tmp_path, text_of(plan), ahead.train(STEPS - 5).rows)
    assert told is not None
    assert "on, every record equals the plan 5 calls later: was scheduler.step() called more often there" in told
    behind = Run(PLANS[plan][1]).train(40).train(45, stepped=False).train(STEPS)
    told = hint(tmp_path, text_of(plan), [row for row in behind.rows if not 40 < row[0] < 45])
    assert told is not None
    assert "on, every record equals the plan 5 calls earlier: was the run resumed from an older state" in told


@pytest.mark.parametrize("plan", ["cosine", "step", "phases"])
@pytest.mark.parametrize("every", [1, 5])
def test_a_log_that_a_resumed_run_goes_on_with(tmp_path: Path, plan: str, every: int) -> None:
    """The checkpoint is of step 30, and the log had come to step 50: these steps are in it twice."""
    before = train(plan)[:50:every]
    assert hint(tmp_path, text_of(plan), [*before, *resumed(plan, "nOS", 30)[30::every]]) is None
    told = hint(tmp_path, text_of(plan), [*before, *resumed(plan, "n", 30)[30::every]])
    assert told == f"from step 30 on, {OVER} step 30: {WITHOUT_STATE}"


def test_a_log_of_the_resumed_run_alone(tmp_path: Path) -> None:
    told = hint(tmp_path, text_of("cosine"), resumed("cosine", "n")[AT:])
    assert told == (
        "every record equals the plan 37 calls earlier: the plan starts over with the log, as after a resume "
        f"without state. {RESUME}"
    )


@pytest.mark.parametrize(("after", "found"), [(2, True), (1, False)])
def test_a_record_in_passing_is_one_only_where_the_plan_holds_again(tmp_path: Path, after: int, found: bool) -> None:
    rows = resumed("restarts", "OnS")[: AT + 1 + after]
    told = hint(tmp_path, text_of("restarts"), rows)
    assert (told != NONE) == found
    rows[AT] = (AT, 0.077)
    assert hint(tmp_path, text_of("restarts"), rows) == NONE  # nothing that a scheduler begins with


def test_a_long_run_with_long_plateaus(tmp_path: Path) -> None:
    """Where nearly every record is like its neighbours, and a hundred thousand places are like each other."""
    text = "steps: 200000\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 20000, gamma: 0.5}\n"

    def planned(step: int) -> float:
        return 0.1 * 0.5 ** (step // 20_000)

    steps = range(0, 200_000, 10)
    rows = [(step, planned(step if step < 95_000 else step - 95_000)) for step in steps]
    begun = "step 94,991 to step 95,000"
    told = hint(tmp_path, text, rows)
    assert told == f"from step 95,000 on, {OVER} {begun}: {WITHOUT_STATE}"
    held = planned(95_000) / 0.1
    rows = [(step, planned(step) if step < 95_000 else held * planned(step - 95_000)) for step in steps]
    told = hint(tmp_path, text, rows)
    assert told is not None
    assert f"from step 100,000 on, {OVER} {begun}, from the learning rate held there" in told


# --- other certain causes ------------------------------------------------------------------------------------


def test_another_group(tmp_path: Path) -> None:
    text = (
        "steps: 100\noptimizer:\n  groups: [{name: body, lr: 0.1}, {name: head, lr: 0.03}]\n"
        "scheduler: {type: CosineAnnealingLR}\n"
    )
    told = hint(tmp_path, text, train("cosine", lr=0.03))
    assert told == "every record follows the plan of param group 'head': --group head"
    assert hint(tmp_path, text, train("cosine", lr=0.03), group="head") is None


def test_a_run_that_goes_on(tmp_path: Path) -> None:
    rows = train("cosine", steps=130)
    (found, *_) = outcome(tmp_path, text_of("cosine"), rows)
    assert isinstance(found, Finding)
    assert found.hint == "the run went on after the plan ended: give the plan the length of the run with --steps"
    assert (
        found.message == "step 101: logged 2.4672e-05, after the run has ended; 29 of 130 records deviate from the plan"
    )


def test_few_digits(tmp_path: Path) -> None:
    text = "steps: 50\noptimizer: {lr: 0.0123}\nscheduler: none\n"
    rows = [(step, 0.0123) for step in range(50)]
    told = hint(tmp_path, text, rows, write="%.2g".__mod__)
    assert told == "every record is the planned learning rate, rounded to the log's digits: log more digits"
    assert hint(tmp_path, text, rows, write="%.3g".__mod__) is None


# --- never a wrong cause -------------------------------------------------------------------------------------


def test_a_constant_schedule(tmp_path: Path) -> None:
    text = "steps: 50\noptimizer: {lr: 0.1}\nscheduler: none\n"
    told = hint(tmp_path, text, [(step, 0.2) for step in range(50)])
    assert told == "every record is 2 times the plan: an lr of 0.2 instead of 0.1 would explain it"
    assert hint(tmp_path, text, [(step, 0.2) for step in range(50)][:1]) == TOO_FEW
    assert hint(tmp_path, text, [(step, 0.1 if step < 25 else 0.2) for step in range(50)]) == TOO_FEW
    assert hint(tmp_path, text, [(step, 0.1 * 0.9**step) for step in range(50)]) == NONE


def test_a_plateau_tells_nothing(tmp_path: Path) -> None:
    rows = [(step, 0.3) for step in range(21, 45)]
    assert hint(tmp_path, text_of("multi-step"), rows) == TOO_FEW
    assert hint(tmp_path, text_of("multi-step"), [(step, 0.1) for step in range(30)]) == TOO_FEW
    # one change, five steps late: this may be any other plan
    assert hint(tmp_path, text_of("multi-step"), [(step, 0.1 if step < 25 else 0.02) for step in range(45)]) == TOO_FEW


@pytest.mark.parametrize("records", [1, 2])
def test_so_few_records_tell_nothing(tmp_path: Path, records: int) -> None:
    for plan in PLANS:
        rows = [(step, lr * 1.5) for step, lr in train(plan)[10:][:records]]
        assert hint(tmp_path, text_of(plan), rows) == TOO_FEW


ALL_PAIRS = [(plan, other) for plan, other in product(PLANS, PLANS) if {plan, other} != {"sequential", "phases"}]


@pytest.mark.parametrize("plan", PLANS)
def test_the_run_of_another_plan_has_no_usual_cause(tmp_path: Path, plan: str) -> None:
    """That a constant log is constant is said, since it is so."""
    chance = random.Random(plan)
    for other in (each for each in PLANS if (plan, each) in ALL_PAIRS and each != plan):
        rows = train(other)
        for some in (rows, rows[::10], rows[:30], rows[-30:], rows[::40], sorted(chance.sample(rows, 6))):
            told = hint(tmp_path, text_of(plan), some)
            constant = len({lr for _, lr in some}) == 1
            assert told in (NONE, TOO_FEW) or (
                constant and (told is None or told.startswith("the learning rate never"))
            )


def test_noise_has_no_usual_cause(tmp_path: Path) -> None:
    chance = random.Random(0)
    for plan in PLANS:
        rows = [(step, lr * chance.uniform(0.9, 1.1)) for step, lr in train(plan)]
        assert hint(tmp_path, text_of(plan), rows) == NONE


ODD_PLANS = [
    "steps: 30\noptimizer: {lr: 0.1}\nscheduler: {type: LambdaLR, lr_lambda: t / 10}\n",
    "steps: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, eta_min: 0.1}\n",
    "steps: 30\noptimizer: {lr: 0.1}\nscheduler: {type: LambdaLR, lr_lambda: 1 - t / 10}\n",
    "steps: 30\noptimizer: {lr: 1e+300}\nscheduler: {type: ExponentialLR, gamma: 1e+10}\n",
    "steps: 30\noptimizer: {lr: 0.0}\nscheduler: {type: StepLR, step_size: 3}\n",
    "steps: 1\noptimizer: {lr: 0.1}\nscheduler: none\n",
    "epochs: 3\nsteps_per_epoch: 10\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 1}\n",
    "steps: 25\nsteps_per_epoch: 10\ninterval: epoch\noptimizer: {lr: 0.1}\nscheduler: {type: PolynomialLR}\n",
    "epochs: 3\nsteps_per_epoch: 10\ninterval: step\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n",
]
LRS = st.sampled_from([0.0, 0.1, 0.01, 0.05, -0.1, 1e-300, 1e300, math.inf]) | st.floats(0, 1)


@pytest.mark.parametrize("text", ODD_PLANS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(st.integers(-5, 60) | st.just(10**12), LRS), min_size=1, max_size=30))
def test_no_log_is_a_fault(tmp_path: Path, text: str, rows: Rows) -> None:
    """Warnings are errors here, those of numpy too."""
    told = hint(tmp_path, text, rows)
    assert told is None or told


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    plan=st.sampled_from([plan for plan in SMOOTH if plan != "restarts"]),
    at=st.integers(5, 80), every=st.integers(1, 6), recipe=st.sampled_from(["n", "nOS"]),
)  # fmt: skip
def test_a_resume_anywhere_is_found(tmp_path: Path, plan: str, at: int, every: int, recipe: str) -> None:
    told = hint(tmp_path, text_of(plan), resumed(plan, recipe, at)[::every])
    if recipe == "nOS":
        assert told is None
    else:
        assert told is not None
        assert f"{OVER} step {at}: was the run resumed without state?" in told


# --- the length of a plateau -----------------------------------------------------------------------------------


def held_for(steps: int, every: int) -> Rows:
    """A warmup of 30 calls and a decay, stepped once every so many steps, logged at every few of them."""
    return [(at, 0.1 * min(1.0, (1 + at // steps) / 30) * 0.999 ** (at // steps)) for at in range(0, 50 * steps, every)]


@pytest.mark.parametrize(("steps", "every"), [(97, 1), (391, 10), (391, 100), (1251, 50)])
def test_the_length_of_plateaus_is_found_in_the_log(tmp_path: Path, steps: int, every: int) -> None:
    plan = (
        f"steps: {50 * steps}\noptimizer: {{lr: 0.1}}\n"
        "scheduler: {type: LambdaLR, lr_lambda: 'min(1, (1 + t) / 30) * 0.999 ** t'}\n"
    )
    epoch = f"if an epoch has {steps:,} steps, it is called after every epoch, not after every step"
    told = hint(tmp_path, plan, held_for(steps, every))
    assert told == f"as if scheduler.step() were called once every {steps:,} steps: {epoch}"
