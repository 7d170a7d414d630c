"""What nothing-expected proposes holds of the schedule that it is proposed for, and is pasted as it stands."""

from __future__ import annotations

import re

import pytest

from lrviz.checks.examine import examine
from lrviz.checks.finding import Held
from lrviz.checks.lint import lint
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.load import load_text
from lrviz.schedule.model import Schedule

COSINE = "epochs: 30\nscheduler: {type: CosineAnnealingLR, eta_min: 1e-5}\n"


def run(text: str) -> tuple[Schedule, Curve | None]:
    (schedule,) = load_text(text, "s.yaml")
    try:
        return schedule, simulate(schedule)
    except ScheduleError:
        return schedule, None


def hint(text: str) -> str:
    schedule, curve = run(text)
    (found,) = (each for each in lint(schedule, curve, "s") if each.code == "nothing-expected")
    return found.hint


@pytest.mark.parametrize(
    "optimizer",
    [
        "{lr: 0.1}",
        "{groups: [{lr: 0.1}, {lr: 0.1}, {lr: 0.1}, {lr: 0.1}]}",
        "{groups: [{lr: 0.1}, {lr: 0.2}]}",
        "{groups: [{name: 'my body: all', lr: 0.1}, {name: neck, lr: 0.2}, {name: head-1, lr: 0.3}]}",
    ],
)
def test_the_values_that_it_proposes_hold(optimizer: str) -> None:
    text = f"{COSINE}optimizer: {optimizer}\n"
    proposed = re.search(r"`(expect: \{at: .*?)`", hint(text))
    assert proposed is not None
    schedule, curve = run(f"{text}{proposed[1]}\n")
    found = list(examine(schedule, curve, "s", "2.13"))
    assert found
    assert all(isinstance(each, Held) and each.code == "expect.at" for each in found)


@pytest.mark.parametrize(
    "text",
    [
        f"{COSINE}optimizer: {{groups: [{{lr: 0.1}}, {{lr: 0.2}}, {{lr: 0.3}}, {{lr: 0.4}}]}}\n",
        "steps: 9000\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 10}\n",
    ],
    ids=["more-groups-than-fit", "not-finite"],
)
def test_where_values_do_not_fit_it_proposes_a_snapshot(text: str) -> None:
    assert hint(text) == "`expect: {snapshot: curve.csv}` stores the whole curve as it is now"


def test_of_a_run_that_torch_refuses_it_proposes_no_values() -> None:
    refused = (
        "epochs: 30\noptimizer: {lr: 0.1, momentum: 0.9}\nscheduler: {type: OneCycleLR, max_lr: 1, total_steps: 9}\n"
    )
    assert run(refused)[1] is None
    assert hint(refused) == "say under `expect` what it should do, once torch runs it"
