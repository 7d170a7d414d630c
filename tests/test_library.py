"""lrviz in Python: what the verbs do, as functions of schedules and curves."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from process import lrviz as command

import lrviz
from lrviz.checked import results_of
from lrviz.engine.side_by_side import simulate_all
from lrviz.loading import load_text

ONE = """\
epochs: 10
optimizer: {lr: 1.0}
scheduler: {type: StepLR, step_size: 4, gamma: 0.5}
expect: {at: {4: 0.5}, max: 1.0}
"""
FAILS = ONE.replace("4: 0.5", "4: 0.25")
GROUPS = """\
epochs: 4
steps_per_epoch: 10
optimizer: {type: SGD, groups: [{name: body, lr: 0.01}, {name: head, lr: 0.1}]}
scheduler: {type: ExponentialLR, gamma: 0.5}
"""
SEVERAL = """\
epochs: 10
optimizer: {lr: 1.0}
schedules:
  step: {scheduler: {type: StepLR, step_size: 4, gamma: 0.5}}
  cosine: {scheduler: {type: CosineAnnealingLR}}
"""
REFUSED = "epochs: 10\noptimizer: {lr: 1.0}\nscheduler: {type: ConstantLR, factor: 0}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    texts = {"one": ONE, "fails": FAILS, "groups": GROUPS, "several": SEVERAL, "refused": REFUSED}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- files ---------------------------------------------------------------------------------------------------


def test_the_only_schedule_of_a_file() -> None:
    schedules = lrviz.load("one.yaml")
    assert schedules.only is schedules["one"]
    assert len(schedules.only.simulate()) == 10


def test_a_file_of_several_has_no_only_one_and_the_error_lists_them() -> None:
    with pytest.raises(lrviz.ScheduleError) as caught:
        _ = lrviz.load("several.yaml").only
    assert str(caught.value) == (
        "several.yaml: error: the file holds 2 schedules\n  hint: choose one by its name: step, cosine"
    )


@pytest.mark.parametrize("file", ["one.yaml", "several.yaml"])
def test_schedules_have_the_same_attributes_however_many_they_are(file: str) -> None:
    assert not hasattr(lrviz.load(file), "simulate")
    assert not hasattr(lrviz.load(file), "name")


# --- checking a schedule -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one", "fails", "groups", "refused"])
def test_a_schedule_is_checked_as_the_command_line_does(name: str, folder: Path) -> None:
    report = lrviz.load(f"{name}.yaml").only.check()
    outcome = command("check", f"{name}.yaml", cwd=folder)
    assert f"{report}\n" == outcome.out
    assert report.ok == (outcome.status == 0) == (name in ("one", "groups"))


def test_the_report_of_one_of_several_is_about_that_one_alone() -> None:
    report = lrviz.load("several.yaml")["step"].check()
    assert report.schedules == (("several.yaml", "step"),)
    assert {finding.code for finding in report.findings} == {"nothing-expected"}


def test_strict_is_that_of_the_command_line() -> None:
    schedule = lrviz.load("groups.yaml").only
    assert schedule.check(strict=True).ok
    assert not schedule.check(require_expect=True).ok
    assert lrviz.load("one.yaml").only.check(require_expect=True).ok


def test_a_report_shows_the_text_that_was_read(folder: Path) -> None:
    schedule = lrviz.load("fails.yaml").only
    (folder / "fails.yaml").unlink()
    assert "4 | expect: {at: {4: 0.25}, max: 1.0}" in str(schedule.check())


def test_a_failed_check_fails_a_test_with_the_report() -> None:
    lrviz.load("one.yaml").only.check().raise_if_failed()
    report = lrviz.load("fails.yaml").only.check()
    with pytest.raises(AssertionError) as caught:
        report.raise_if_failed()
    assert isinstance(caught.value, lrviz.CheckError)
    assert str(caught.value) == str(report)
    assert caught.value.report is report
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(report)


def test_a_report_is_short_where_it_is_only_named() -> None:
    report = lrviz.load("fails.yaml").only.check()
    assert repr(report) == "<Report: 1 schedule in 1 file: 1 expectation failed, 1 holds.>"


def test_what_torch_refuses_is_a_finding_and_the_lint_looks_all_the_same() -> None:
    (schedule,) = load_text(REFUSED.replace("scheduler", "momentum: 1\nscheduler", 0), "r.yaml")
    (simulated,) = simulate_all([("r", schedule)])
    codes = [each.code for each in results_of(simulated)]
    assert codes == ["input", "nothing-expected"]


# --- checking a curve ----------------------------------------------------------------------------------------


def curve(file: str = "one.yaml") -> lrviz.Curve:
    return lrviz.load(file).only.simulate()


def test_a_curve_is_compared_with_a_mapping() -> None:
    report = lrviz.check(curve(), expect={"at": {0: 1, "4 epochs": 0.5, "end": "0.25"}, "decreasing": [0, "last"]})
    assert (report.ok, len(report.held)) == (True, 4)
    assert str(report) == "All 4 expectations of 1 schedule hold."


def test_what_does_not_hold_is_at_the_argument() -> None:
    report = lrviz.check(curve(), expect={"at": {4: 0.25}, "max": 1})
    assert not report.ok
    assert str(report).splitlines()[0] == ("expect: error: the learning rate at epoch 4 is 0.5, not 0.25 [expect.at]")
    assert str(report).splitlines()[-1] == "1 schedule: 1 expectation failed, 1 holds."


def test_param_groups_go_by_their_names_and_places_by_the_run() -> None:
    report = lrviz.check(curve("groups.yaml"), expect={"at": {"10 steps": {"body": 0.005, "head": 0.05}}})
    assert (report.ok, len(report.held)) == (True, 2)


def test_numbers_of_numpy_are_numbers() -> None:
    expect = {"at": {np.int64(4): np.float64(0.5)}, "between": np.array([0.25, 1.0])}
    assert lrviz.check(curve(), expect=expect).ok


def test_the_tolerance_is_relative() -> None:
    assert not lrviz.check(curve(), expect={"at": {4: 0.501}}).ok
    assert lrviz.check(curve(), expect={"at": {4: 0.501}, "tolerance": 0.01}).ok


def test_a_curve_of_which_nothing_is_expected_holds() -> None:
    assert str(lrviz.check(curve(), expect={})) == "1 schedule has no expectations."


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"att": {4: 0.5}}, "expect: error: unknown key 'att'"),
        ({"at": {40: 0.5}}, "expect: error: "),
        ({"at": {"4 epoks": 0.5}}, "expect: error: "),
        ({"at": {4: None}}, "expect: error: at must be a number (got nothing)"),
        ({"max": {"head": 1.0}}, "expect: error: there is no param group 'head'"),
        ({"snapshot": "s.csv"}, "expect: error: a snapshot is of a schedule in a file"),
        ([1, 2], "expect: error: expect must be a mapping (got a list)"),
    ],
)
def test_what_would_be_wrong_in_a_file_is_an_error_of_the_argument(expect: dict[str, object], message: str) -> None:
    with pytest.raises(lrviz.ScheduleError) as caught:
        lrviz.check(curve(), expect=expect)
    assert str(caught.value).startswith(message)
    assert {problem.where.file for problem in caught.value.problems} == {"expect"}


# --- asking curves -------------------------------------------------------------------------------------------


def test_stats_are_those_of_the_command_line(folder: Path) -> None:
    (record,) = json.loads(command("stats", "one.yaml", "--format", "json", cwd=folder).out)["stats"]
    (found,) = lrviz.stats(curve())
    assert (found.peak, found.end, found.mean, found.area) == tuple(
        record[name] for name in ("peak", "end", "mean", "area")
    )
    assert [each.curve.name for each in lrviz.stats([curve(), curve("groups.yaml")])] == ["one", "groups", "groups"]


def test_a_difference_is_that_of_the_command_line(folder: Path) -> None:
    schedules = lrviz.load("several.yaml")
    step, cosine = schedules["step"].simulate(), schedules["cosine"].simulate()
    assert lrviz.diff(step, step).same
    difference = lrviz.diff(step, cosine)
    (group,) = difference.groups
    assert not difference.same
    assert group.first is not None
    assert (group.first.tick, group.first.lr) == (1, (1.0, cosine.lr[1, 0]))
    assert lrviz.diff(step, cosine, tolerance=1.0).same


def test_when_a_condition_holds(folder: Path) -> None:
    (found,) = lrviz.when("lr < 1", curve())
    (stretch,) = found.stretches
    assert (stretch.first, stretch.last, stretch.lr, stretch.epochs) == (4, 9, (0.5, 0.25), 6)
    assert command("when", "lr < 1", "one.yaml", cwd=folder).out.split() == ["epoch", "4", "0.5"]
    assert [each.group for each in lrviz.when("lr < 0.04", curve("groups.yaml"))] == ["body", "head"]
    with pytest.raises(lrviz.ScheduleError):
        lrviz.when("lr <", curve())
