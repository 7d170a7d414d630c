"""The hints for what other libraries have are schedules that load."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.catalogue.elsewhere import OPTIMIZERS_ELSEWHERE, SCHEDULES_ELSEWHERE, WARMUPS
from lrviz.schedule.model import Schedule

RUN = "epochs: 10\nsteps_per_epoch: 1000\ninterval: step\noptimizer: {lr: 0.1}\n"


def loaded(scheduler: str) -> Schedule:
    text = scheduler.replace(", with a `metric` beside it", "\nmetric: 1 / (epoch + 1)")
    (schedule,) = load_text(f"{RUN}scheduler: {text}\n", "s.yaml")
    return schedule


def hint_of(text: str) -> str:
    with pytest.raises(ScheduleError) as error:
        load_text(text, "s.yaml")
    (problem,) = error.value.problems
    return problem.hint


@pytest.mark.parametrize("name", SCHEDULES_ELSEWHERE)
def test_a_schedule_of_hugging_face_is_written_with_torch(name: str) -> None:
    curve = simulate(loaded(SCHEDULES_ELSEWHERE[name]))
    if "warmup" in name or name == "inverse_sqrt":
        assert curve.columns[0][0] == 0.0
        assert curve.columns[0][500] == pytest.approx(0.1)
    assert hint_of(f"{RUN}scheduler: {{type: {name}}}\n").endswith(f"scheduler: {SCHEDULES_ELSEWHERE[name]}")


def test_the_shapes_are_those_of_the_library() -> None:
    linear = simulate(loaded(SCHEDULES_ELSEWHERE["get_linear_schedule_with_warmup"])).columns[0]
    assert linear[5250] == pytest.approx(0.05)
    inverse = simulate(loaded(SCHEDULES_ELSEWHERE["inverse_sqrt"])).columns[0]
    assert inverse[2000] == pytest.approx(0.1 * (500 / 2000) ** 0.5)
    cosine = simulate(loaded(SCHEDULES_ELSEWHERE["get_cosine_schedule_with_warmup"])).columns[0]
    assert cosine[5250] == pytest.approx(0.05)


@pytest.mark.parametrize("key", WARMUPS)
def test_a_warmup_is_a_phase_with_the_length_that_was_given(key: str) -> None:
    value = "0.1" if WARMUPS[key] == "%" else "3"
    hint = hint_of(f"{RUN}{key}: {value}\nscheduler: {{type: CosineAnnealingLR}}\n")
    length = {"": "3 epochs", "epochs": "3 epochs", "steps": "3 steps", "%": "10%"}[WARMUPS[key]]
    assert f"for: {length}}}" in hint
    assert loaded(hint.partition("scheduler: ")[2]).scheduler is not None


@pytest.mark.parametrize("name", OPTIMIZERS_ELSEWHERE)
def test_for_another_optimizer_any_will_do(name: str) -> None:
    assert name not in OPTIMIZERS
    text = f"epochs: 3\noptimizer: {{type: {name}, lr: 0.1, foo: 3}}\nscheduler: {{type: CosineAnnealingLR}}\n"
    assert hint_of(text) == "for a schedule any with the same groups will do, such as AdamW"


def test_a_metric_without_a_column_is_told_those_there_are(tmp_path: Path) -> None:
    plan = tmp_path / "s.yaml"
    plan.write_text("epochs: 2\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: {file: m.csv}\n")
    for text, hint in (
        ("epoch,val_loss\n0,1\n1,2\n", "its columns are epoch, val_loss"),
        ("secret word\nanother\n", "it does not read as a table of numbers"),
    ):
        (tmp_path / "m.csv").write_text(text)
        with pytest.raises(ScheduleError) as error:
            load_file(plan)
        (problem,) = error.value.problems
        assert (problem.message, problem.hint) == ("metric: column is missing", hint)
