"""Causes that another interval explains: runs of real torch that call their scheduler more or less often than planned.

Runs have 600 steps; plans call the scheduler after every 60 of them, or after every step.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from test_log_causes import NONE
from torch.optim import lr_scheduler as torch_lr
from training_runs import Make, Rows, Run, hint, text_of

from lrviz.engine import called
from lrviz.engine.called import called_at
from lrviz.loading import load_text
from lrviz.schedule.reading.run import Length

EVERY = "steps: 600\ninterval: 60 steps"
AFTER_STEP = "as if scheduler.step() were called after every step, not after every 60 steps"
AS_WRITTEN = (
    "every record follows this schedule with `interval: step`: is scheduler.step() called after every step, not after "
    "every 60 steps?"
)
IN_FULL = {
    "T_max left out": ("{type: CosineAnnealingLR}", lambda opt: torch_lr.CosineAnnealingLR(opt, 10)),
    "in calls": ("{type: StepLR, step_size: 3, gamma: 0.9}", lambda opt: torch_lr.StepLR(opt, 3, 0.9)),
    "no length": ("{type: ExponentialLR, gamma: 0.98}", lambda opt: torch_lr.ExponentialLR(opt, 0.98)),
}
IN_STEPS = {
    "T_max left out": ("{type: CosineAnnealingLR}", lambda opt: torch_lr.CosineAnnealingLR(opt, 600)),
    "with a unit": (
        "{type: LinearLR, start_factor: 0.1, total_iters: 300 steps}",
        lambda opt: torch_lr.LinearLR(opt, 0.1, total_iters=300),
    ),
}


def train(make: Make, every: int = 1) -> Rows:
    return Run(make).train(600, every=every).rows


def plan(scheduler: str, run: str = EVERY) -> str:
    return f"{run}\noptimizer: {{lr: 0.1}}\nscheduler: {scheduler}\n"


@pytest.mark.parametrize("of", [1, 7])
@pytest.mark.parametrize("case", IN_FULL)
def test_the_same_scheduler_called_after_every_step(tmp_path: Path, case: str, of: int) -> None:
    """Also in records that lie beyond the plan's last call, where a cosine turns around."""
    scheduler, make = IN_FULL[case]
    assert hint(tmp_path, plan(scheduler), train(make)[::of]) == AFTER_STEP
    assert hint(tmp_path, plan(scheduler), train(make, every=60)[::of]) is None


@pytest.mark.parametrize("of", [1, 7])
@pytest.mark.parametrize("case", IN_STEPS)
def test_the_schedule_as_it_would_be_with_another_interval(tmp_path: Path, case: str, of: int) -> None:
    scheduler, make = IN_STEPS[case]
    assert hint(tmp_path, plan(scheduler), train(make)[::of]) == AS_WRITTEN


def test_an_interval_that_the_log_shows(tmp_path: Path) -> None:
    """A plan for every step, or every 60, of a run whose T_max is as many calls as it makes."""

    def rows(every: int) -> Rows:
        return train(lambda opt: torch_lr.CosineAnnealingLR(opt, 600 // every), every)

    told = "every record follows this schedule with `interval: {0} steps`: is scheduler.step() called after every {0} "
    told += "steps, not after every {1}?"
    assert hint(tmp_path, plan("{type: CosineAnnealingLR}", "steps: 600"), rows(60)) == told.format(60, "step")
    assert hint(tmp_path, plan("{type: CosineAnnealingLR}", "steps: 600"), rows(60)[::9]) == told.format(60, "step")
    assert hint(tmp_path, plan("{type: CosineAnnealingLR}"), rows(20)) == told.format(20, "60 steps")


@pytest.mark.parametrize(("planned", "run"), [("epoch", "step"), ("step", "epoch")])
def test_epochs(tmp_path: Path, planned: str, run: str) -> None:
    """A T_max that is as many calls as the run makes, in a run that is stepped after the other unit than planned."""
    every = 60 if run == "epoch" else 1
    rows = train(lambda opt: torch_lr.CosineAnnealingLR(opt, 600 // every), every)[::7]
    text = plan("{type: CosineAnnealingLR}", f"epochs: 10\nsteps_per_epoch: 60\ninterval: {planned}")
    assert hint(tmp_path, text, rows) == (
        f"every record follows this schedule with `interval: {run}`: is scheduler.step() called after every {run}, "
        f"not after every {planned}?"
    )


def test_one_schedule_of_several_whose_length_is_the_command_lines(tmp_path: Path) -> None:
    """What it inherits is as in the file, and the length is as given."""
    text = f"{EVERY}\noptimizer: {{lr: 0.1}}\nschedules: {{cosine: {{scheduler: {{type: CosineAnnealingLR}}}}}}\n"
    assert hint(tmp_path, text, train(IN_STEPS["T_max left out"][1])) == AS_WRITTEN
    (schedule,) = load_text(text, "plan.yaml", length=Length(steps=300))
    other = called_at(schedule, "step", reread=True)
    assert other is not None
    assert other[0].run.calls == 300
    assert other[0].name == "cosine"


def test_what_cannot_be_called_so_explains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs of unknown length; a scheduler that torch refuses to call so often; a curve that is too long."""
    (epochs,) = load_text(plan("{type: CosineAnnealingLR}", "epochs: 10"), "plan.yaml")
    assert called_at(epochs, "step", reread=True) is None
    assert called_at(epochs, "step", reread=False) is None
    (cycle,) = load_text(plan("{type: OneCycleLR, max_lr: 0.1}"), "plan.yaml")
    assert called_at(cycle, "step", reread=False) is None
    assert called_at(cycle, "step", reread=True) is not None
    monkeypatch.setattr(called, "MAX_VALUES", 599)
    assert called_at(cycle, "step", reread=True) is None
    scheduler, make = IN_STEPS["with a unit"]
    assert hint(tmp_path, plan(scheduler), train(make)[::7]) == NONE


# --- changes below the tolerance -------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 10, 100])
def test_a_cosine_that_hardly_changes_is_compared_with_every_digit(tmp_path: Path, every: int) -> None:
    """T_max counts steps and the loop calls once an epoch: within the run, the plan's tolerance hides every change."""
    steps = 50 * 391
    rows = [(at, 0.1 * (1 + math.cos(math.pi * (at // 391) / steps)) / 2) for at in range(0, steps, every)]
    text = text_of("cosine", f"steps: {steps}")
    epoch = "if an epoch has 391 steps, it is called after every epoch, not after every step"
    assert hint(tmp_path, text, rows) == f"as if scheduler.step() were called once every 391 steps: {epoch}"
    told = hint(tmp_path, text, rows, write="%.6g".__mod__)  # which shows no change
    assert told == "the records are too few or too similar to tell why"


@pytest.mark.parametrize("of", [1, 7])
def test_a_plan_that_holds_is_slower_by_its_calls(tmp_path: Path, of: int) -> None:
    """A StepLR holds for three calls, so the log holds three times as long as there are steps to a call."""
    scheduler, make = IN_FULL["in calls"]
    told = hint(tmp_path, plan(scheduler, "steps: 600"), train(make, every=67)[::of])
    assert told is not None
    assert told.startswith("as if scheduler.step() were called once every 6")
    assert "67 steps" in told


def test_a_plan_of_residues_is_no_fault(tmp_path: Path) -> None:
    """From a tick on, the plan is so near to 0 that no factor can be measured."""
    rows = [(at, 0.1 if at < 40 else 0.001) for at in range(100)]
    text = plan("{type: StepLR, step_size: 2, gamma: 0.01}", "steps: 100")
    assert hint(tmp_path, text, rows)
