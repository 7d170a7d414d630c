"""What nothing-expected proposes holds of the schedule that it is proposed for, and is pasted as it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

import pytest
import yaml
from helpers.gallery import Gallery

from lrviz.checks.examine import examine
from lrviz.checks.expect import expectations
from lrviz.checks.finding import Held
from lrviz.checks.lint import lint, nothing_expected
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.expect import Expectations
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.expect import expectations_of

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


def proposed(said: str) -> str | None:
    """The line in a hint that is to be pasted."""
    found = re.search(r"as it is now: `(expect: \{.*?)`", said)
    return found[1] if found is not None else None


@pytest.mark.parametrize(
    "optimizer",
    [
        "{lr: 0.1}",
        "{groups: [{lr: 0.1}, {lr: 0.1}, {lr: 0.1}, {lr: 0.1}]}",
        "{groups: [{lr: 0.1}, {lr: 0.2}]}",
        "{groups: [{name: 'my body: all', lr: 0.1}, {name: neck, lr: 0.2}, {name: head-1, lr: 0.3}]}",
    ],
)
def test_the_line_that_it_proposes_holds(optimizer: str) -> None:
    text = f"{COSINE}optimizer: {optimizer}\n"
    schedule, curve = run(f"{text}{proposed(hint(text))}\n")
    found = list(examine(schedule, curve, "s", "2.13"))
    assert found
    assert all(isinstance(each, Held) for each in found)
    assert {each.code for each in found} == {f"expect.{key}" for key in ("epochs", "at", "peak", "area")}


def test_the_line_is_short() -> None:
    text = "steps: 3000\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 1000, gamma: 0.9}\n"
    assert proposed(hint(text)) == "expect: {steps: 3000, at: {0: 0.1, end: 0.0729}, peak: 0, area: 271}"
    per_step = f"{COSINE}steps_per_epoch: 3\ninterval: step\noptimizer: {{lr: 0.1}}\n"
    assert proposed(hint(per_step)) == (
        "expect: {epochs: 30, steps: 90, at: {0: 0.1, end: 1e-5}, peak: 0, area: 1.516815}"
    )


def halved(schedule: Schedule) -> str:
    """The text of a schedule, without expectations, in a run of half the length."""
    assert schedule.written is not None
    keys = {key: value for key, value in schedule.written.plain().items() if key not in ("expect", "metric")}
    length = "epochs" if schedule.run.epochs is not None else "steps"
    return yaml.safe_dump({**keys, length: (schedule.run.epochs or schedule.run.steps or 0) // 2})


def test_over_the_gallery_the_line_holds_and_fails_in_a_run_of_half_the_length(gallery: Gallery) -> None:
    pasted, failed = 0, 0
    for schedule, curve in chain.from_iterable(gallery.values()):
        (found,) = nothing_expected.check(Subject(replace(schedule, expect=Expectations()), curve))
        line = proposed(found.hint)
        if line is None:
            assert len(curve.groups) > nothing_expected.MAX_GROUPS_NAMED
            continue
        expect = yaml.safe_load(line)["expect"]
        report = list(expectations(expectations_of(expect, curve.run, curve.groups), curve, "s"))
        assert [each for each in report if not isinstance(each, Held)] == []
        pasted += 1
        if len(curve) <= 1_000 and schedule.metric is None:
            failed += fails(f"{halved(schedule)}\n{line}\n")
    assert pasted >= 75
    assert failed >= 15


def fails(text: str) -> bool:
    """True if the file is read and its expectations are not all held; what does not fit the half is no file at all."""
    try:
        schedule, curve = run(text)
    except ScheduleError:
        return False
    if curve is None:
        return False
    found = [each.code for each in examine(schedule, curve, "s", "2.13") if not isinstance(each, Held)]
    assert {"expect.epochs", "expect.steps"} & set(found)
    return True


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
