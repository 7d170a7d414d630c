"""`load` and `loads` take what Python has of a schedule, and change it as the command line can."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lrviz

TEXT = """\
epochs: 10
optimizer: {lr: 1.0}
scheduler: {type: StepLR, step_size: 4, gamma: 0.5}
"""
DICT: dict[str, Any] = {
    "epochs": 10,
    "optimizer": {"lr": 1.0},
    "scheduler": {"type": "StepLR", "step_size": 4, "gamma": 0.5},
}
PLATEAU = {
    **DICT,
    "scheduler": {"type": "ReduceLROnPlateau", "patience": 1},
    "metric": {"file": "m.csv", "column": "v"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "s.yaml").write_text(TEXT)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "m.csv").write_text("v\n" + "1\n" * 10)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rates(schedules: lrviz.Schedules) -> list[float]:
    return [float(rate) for rate in schedules.only.simulate().lr[:, 0]]


def fails(message: str, *given: Any, load: Any = lrviz.load, **more: Any) -> None:
    with pytest.raises(lrviz.ScheduleError) as caught:
        load(*given, **more)
    assert str(caught.value).startswith(message)


def test_a_schedule_is_the_same_wherever_it_comes_from() -> None:
    with open("s.yaml") as text, open("s.yaml", "rb") as data:
        sources: list[Any] = ["s.yaml", Path("s.yaml"), text, data, io.StringIO(TEXT), io.BytesIO(TEXT.encode()), DICT]
        found = [lrviz.load(source) for source in sources]
    found += [lrviz.loads(TEXT), lrviz.loads(TEXT.encode())]
    assert [rates(each) for each in found] == [[1.0] * 4 + [0.5] * 4 + [0.25] * 2] * len(found)
    assert [each.only.name for each in found] == ["s"] * 4 + ["schedule"] * 5


def test_errors_have_the_positions_of_the_text_and_the_name_of_the_file() -> None:
    wrong = TEXT.replace("gamma", "gama")
    Path("s.yaml").write_text(wrong)
    with open("s.yaml") as file:
        fails("s.yaml:3:41: error: StepLR has no argument 'gama'", file)
    fails("<schedule>:3:41: error: StepLR has no argument 'gama'", wrong, load=lrviz.loads)
    fails(
        "<schedule>: error: StepLR has no argument 'gama'",
        {**DICT, "scheduler": {"type": "StepLR", "step_size": 4, "gama": 1}},
    )
    report = lrviz.loads(f"{TEXT}expect: {{at: {{4: 0.1}}}}\n").only.check()
    assert "4 | expect: {at: {4: 0.1}}" in str(report)


def test_values_and_lengths_are_replaced() -> None:
    assert rates(lrviz.load("s.yaml", set={"gamma": 0.1, "optimizer.lr": np.float64(2)}))[4] == 2.0 * 0.1
    assert len(rates(lrviz.loads(TEXT, epochs=6))) == 6
    seven: Any = np.int64(7)
    assert len(rates(lrviz.load(DICT, steps=seven, set={"interval": "step"}))) == 7
    milestones = {"scheduler": {"type": "MultiStepLR", "milestones": [2, 4]}}
    changed = lrviz.load("s.yaml", set=milestones)
    assert rates(changed)[:5] == [1.0, 1.0, 0.1, 0.1, pytest.approx(0.01)]
    assert list(changed) == ["s"]
    assert DICT["scheduler"]["gamma"] == 0.5


def test_a_wrong_argument_is_named() -> None:
    fails("set['gama']: error: 'gama' matches no key of s.yaml\n  hint: did you mean gamma?", "s.yaml", set={"gama": 1})
    fails("set['gamma']: error: StepLR: gamma must be a number", "s.yaml", set={"gamma": "half"})
    fails("epochs: error: epochs and steps both set the length of the run", "s.yaml", epochs=1, steps=1)
    fails("steps: error: expected a whole number of at least 1 (got 0)", "s.yaml", steps=0)
    fails("epochs: error: expected a whole number of at least 1 (got '5')", "s.yaml", epochs="5")
    fails("<schedule>: error: expected mappings, lists, text and numbers, as in a file (got object)", {"a": object()})
    endless: dict[str, Any] = {}
    endless["epochs"] = endless
    fails("<schedule>: error: lists and mappings are nested more than 50 deep", endless)
    with pytest.raises(TypeError, match="a path, an open file or a dict"):
        lrviz.load(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="load takes files and dicts"):
        lrviz.loads(DICT)  # type: ignore[arg-type]


def test_a_schedule_inside_of_a_larger_one() -> None:
    larger = {"jobs": [{"name": "a", "schedule": DICT}]}
    assert rates(lrviz.load(larger, key="jobs[0].schedule")) == rates(lrviz.load(DICT))
    Path("train.yaml").write_text("trainer:\n  schedule: {epochs: 3, optimizer: {lr: 1}, scheduler: none}\n")
    schedule = lrviz.load("train.yaml", key="trainer.schedule", set={"optimizer.lr": 2}).only
    assert (schedule.name, schedule.simulate().at("end")) == ("train", 2.0)
    fails("train.yaml:2:3: error: there is no schedul in trainer", "train.yaml", key="trainer.schedul")


@pytest.mark.parametrize("base", ["inside", Path("inside")])
def test_what_a_text_or_dict_names_lies_in_the_base(base: Any, folder: Path) -> None:
    schedule = lrviz.load(PLATEAU, base=base)
    assert rates(schedule)[0] == 1.0
    fails("<schedule>: error: ", PLATEAU)
    (folder / "inside" / ".git").mkdir()
    (folder / "secret.csv").write_text("v\n1\n")
    outside = {**PLATEAU, "metric": {"file": "../secret.csv", "column": "v"}}
    with pytest.raises(lrviz.ScheduleError, match="lies outside of the project"):
        lrviz.load(outside, base=base)
    assert lrviz.load({**DICT, "expect": {"snapshot": "s.csv"}}, base=base).only.check().findings[0].code


# --- in a notebook, and as text ------------------------------------------------------------------------------


def test_one_line_of_facts() -> None:
    schedules = lrviz.load("s.yaml")
    assert repr(schedules) == "<Schedules of s.yaml: s>"
    assert repr(schedules.only) == "<Schedule 's' of s.yaml: StepLR, 10 epochs, 1 group>"
    assert repr(schedules.only.simulate()) == "<Curve 's': 10 ticks x 1 group, peak 1 at epoch 0, end 0.25>"
    groups = [{"name": "a", "lr": 1e-3}, {"name": "b", "lr": 0.1}]
    two = lrviz.load({"epochs": 1, "optimizer": {"groups": groups}, "scheduler": "none"}).only
    assert repr(two) == "<Schedule 'schedule' of <schedule>: constant, 1 epoch, 2 groups>"
    assert repr(two.simulate()) == "<Curve 'schedule': 1 tick x 2 groups, peak 0.1 at epoch 0, end 0.001 to 0.1>"


def test_a_notebook_shows_a_chart_above_the_line() -> None:
    schedules = lrviz.load("s.yaml")
    curve = schedules.only.simulate()
    shown = curve._repr_html_()
    assert shown == schedules.only._repr_html_()
    assert curve._repr_svg_() in shown
    assert "&lt;Curve &#x27;s&#x27;: 10 ticks x 1 group" in shown
    assert shown in schedules._repr_html_()
    assert "&lt;Schedules of s.yaml: s&gt;" in schedules._repr_html_()


def test_a_notebook_waits_for_no_long_run_and_shows_what_torch_refuses() -> None:
    long = lrviz.load(DICT, set={"epochs": 2_000_000}).only
    assert "<svg" not in long._repr_html_()
    assert "2,000,000 epochs" in long._repr_html_()
    refused = lrviz.load({**DICT, "scheduler": {"type": "ConstantLR", "factor": 0}}).only
    assert "ConstantLR fails at call 5 of 10" in refused._repr_html_()
    many = {"schedules": {f"s{at}": DICT for at in range(20)}}
    assert lrviz.load(many)._repr_html_().count("<svg") == 12
    half = lrviz.load({"schedules": {at: {**DICT, "epochs": 600_000} for at in "ab"}})
    assert half._repr_html_().count("<svg") == 1


# --- errors of arguments -------------------------------------------------------------------------------------


def test_errors_speak_of_the_argument() -> None:
    curve = lrviz.load("s.yaml").only.simulate()
    steps = lrviz.load(DICT, steps=5, set={"interval": "step"}).only.simulate()

    def error(call: Any) -> str:
        with pytest.raises(lrviz.ScheduleError) as caught:
            call()
        return str(caught.value)

    assert error(lambda: curve.at(10)).startswith("place: error: the run ends at 10 epochs")
    assert error(lambda: curve.at("5 epoks")).startswith("place: error: unknown unit 'epoks'")
    assert error(lambda: lrviz.when("lr <", curve)).startswith("condition: error: ")
    assert error(lambda: lrviz.when("step > 1", curve)).startswith("condition: error: ")
    assert error(lambda: lrviz.diff(curve, steps)).startswith("b: error: ")
    assert error(lambda: lrviz.plot(curve, x="step")).startswith("x: error: a picture over steps needs")
    assert error(lambda: lrviz.plot(curve, x="step")).endswith('or use x="percent"')
    assert error(lambda: lrviz.plot(curve, y="momentum")).startswith('y: error: y="momentum" needs a schedule')
