"""The key `train`: what the verb reads in it, and that nothing else does."""

from __future__ import annotations

import pytest

from lrviz.checks.snapshot import text_of
from lrviz.errors import Problems, ScheduleError
from lrviz.loading import load_text
from lrviz.review.compare import is_one_curve
from lrviz.schedule.train.reading import read_training
from lrviz.schedule.train.settings import TrainingSettings

HEAD = "epochs: 4\noptimizer: {type: SGD, lr: 0.1}\n"


def settings(text: str) -> TrainingSettings:
    problems = Problems()
    found = read_training(load_text(HEAD + text, "a.yaml")[0].train, problems)
    if problems:
        raise ScheduleError(problems)
    return found


def problems(text: str) -> list[str]:
    with pytest.raises(ScheduleError) as raised:
        settings(text)
    return [str(each).replace("\n  hint: ", " | ") for each in raised.value.problems]


def test_a_file_without_it_leaves_everything_to_the_problem() -> None:
    assert settings("scheduler: none\n") == TrainingSettings()


def test_every_key_of_the_file() -> None:
    found = settings(
        "train: {problem: quadratic, seeds: 1e1, seed: 3, epochs: 2, batch_size: 32}\n"
        "schedules: {one: {scheduler: none}, two: {scheduler: none, train: {batch_size: 256}}}\n"
    )
    assert found.problem is not None
    assert (found.problem.name, found.problem.where[1:]) == ("quadratic", (3, 18))
    assert (found.seeds, found.seed, found.epochs) == (10, 3, 2)
    assert found.batch_sizes == {"one": 32, "two": 256}


def test_a_lone_schedule_has_the_batch_size_of_its_file() -> None:
    assert settings("train: {batch_size: 8}\nscheduler: none\n").batch_sizes == {"a": 8}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert problems(
        "train: {seds: 2, epochs: 0, batch_size: x}\n"
        "schedules:\n"
        "  one: {scheduler: none, train: 3}\n"
        "  two: {scheduler: none, train: {seeds: 2, btch_size: 3}}\n"
    ) == [
        "a.yaml:3:9: error: unknown key 'seds' | did you mean seeds?",
        "a.yaml:3:26: error: epochs must be at least 1 (got 0)",
        "a.yaml:3:41: error: batch_size must be a whole number (got 'x')",
        "a.yaml:5:33: error: train must be a mapping (got 3) | "
        "train: {problem: digits, seeds: 5, expect: {diverges: [hot]}}",
        "a.yaml:6:34: error: `seeds` is for all schedules of a file; two cannot have its own | "
        "write it under `train` at the top of the file; a schedule may have its own batch_size",
        "a.yaml:6:44: error: unknown key 'btch_size' | did you mean batch_size?",
    ]


def test_no_curve_depends_on_it() -> None:
    """Another training of the same schedule leaves a stored curve as it is, and a review has nothing to compare."""
    one, other = (load_text(f"{HEAD}{more}scheduler: none\n", "a.yaml")[0] for more in ("", "train: {seeds: 3}\n"))
    assert text_of(one) == text_of(other)
    assert is_one_curve(one, other)
