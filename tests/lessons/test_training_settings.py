"""How the key `train` and the command line together say what is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.lessons.settings import Arrangement
from lrviz.loading import load_file, load_text
from lrviz.schedule.catalogue import TRAIN, TRAIN_EXPECT
from lrviz.schedule.text.document import node_of
from lrviz.schedule.train.reading import read_training
from lrviz.schedule.train.written import WrittenTraining

HEAD = "epochs: 4\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\n"


@pytest.mark.parametrize(
    ("options", "keys", "seeds", "epochs"),
    [
        ({}, "{}", [0], None),
        ({}, "{seeds: 3}", [0, 1, 2], None),
        ({}, "{seeds: 2, seed: 7, epochs: 5}", [7, 8], 5),
        ({"seeds": 1}, "{seeds: 2, seed: 7, epochs: 5}", [7], 5),
        ({"seed": 0, "epochs": 3}, "{seeds: 2, seed: 7, epochs: 5}", [0, 1], 3),
        ({"steps": 9}, "{epochs: 5}", [0], None),
    ],
)
def test_options_go_before_the_file_and_the_file_before_the_problem(
    options: dict[str, int], keys: str, seeds: list[int], epochs: int | None
) -> None:
    (schedule,) = load_text(f"{HEAD}train: {keys}\n", "a.yaml")
    arrangement = Arrangement(problem="quadratic", **options)  # type: ignore[arg-type]
    sessions = arrangement.sessions_of(schedule, arrangement.settings_of(schedule))
    assert list(sessions.seeds) == seeds
    assert sessions.epochs == epochs
    assert sessions.steps == options.get("steps")


def test_a_batch_size_of_the_option_of_the_schedule_of_the_file() -> None:
    found = load_text(
        f"{HEAD.replace('scheduler: none', 'train: {batch_size: 8}')}"
        "schedules: {a: {scheduler: none}, b: {scheduler: none, train: {batch_size: 9}}}\n",
        "a.yaml",
    )
    for option, sizes in ((None, [8, 9]), (10, [10, 10])):
        arrangement = Arrangement(problem="quadratic", batch_size=option)
        made = [arrangement.sessions_of(each, arrangement.settings_of(each)) for each in found]
        assert [each.batch_size for each in made] == sizes


def test_a_file_names_data_beside_it_and_in_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / "lessons").mkdir(parents=True)
    (project / "pyproject.toml").touch()
    file = project / "lessons" / "a.yaml"
    monkeypatch.chdir(tmp_path)

    def refused(problem: str, option: str | None = None) -> str:
        file.write_text(f"{HEAD}train: {{problem: '{problem}'}}\n")
        (schedule,) = load_file("project/lessons/a.yaml")
        with pytest.raises(ScheduleError) as raised:
            Arrangement(option).settings_of(schedule)
        return str(raised.value)

    place = "project/lessons/a.yaml:4:18: error:"
    assert refused("mnist:../../elsewhere").startswith(f"{place} ../../elsewhere lies outside of the project")
    assert "project/lessons/data" in refused("mnist:data"), "it is looked for beside the file"
    assert "lies outside" not in refused("digits", "mnist:elsewhere"), "an option may name what it likes"


# --- anything at all -------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", *(each.name for each in (*TRAIN.arguments, *TRAIN_EXPECT.arguments))])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | NAMES
VALUES = st.recursive(SCALARS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=4))


@given(VALUES, VALUES)
def test_whatever_stands_there_is_read_or_refused_with_a_place(of_file: object, of_schedule: object) -> None:
    here = Position("a.yaml", 3, 8)
    own = {"b": node_of(of_schedule, here)}
    problems = Problems()
    settings = read_training(WrittenTraining(node_of(of_file, here), own, ("a", "b")), problems)
    assert all(problem.where == here for problem in problems)
    if not problems:
        assert set(settings.batch_sizes) <= {"a", "b"}
        assert all({*each.schedules} <= {"a", "b"} for each in settings.expected)


@given(st.dictionaries(st.sampled_from([each.name for each in TRAIN_EXPECT.arguments]), VALUES, min_size=1))
def test_whatever_is_expected_is_read_or_refused_with_a_place(expect: dict[str, object]) -> None:
    here = Position("a.yaml", 3, 8)
    problems = Problems()
    settings = read_training(WrittenTraining(node_of({"expect": expect}, here), {}, ("a", "b")), problems)
    assert all(problem.where == here for problem in problems)
    assert problems or {each.key for each in settings.expected} == set(expect)
