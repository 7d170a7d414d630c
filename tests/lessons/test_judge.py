"""What trainings show of what is expected, on trainings made by hand; every number is worked out beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trainings import blown_up, trained, training

from lrviz.checks.finding import Finding, Held
from lrviz.errors import Position
from lrviz.lessons.judge import judged
from lrviz.lessons.results import TrainedSchedule, Training
from lrviz.schedule.train.expected import Better, Bounded, Bounds, Fate, TrainingExpectation

HERE = Position("lesson.yaml", 7, 12)


def ending(*losses: float, accuracy: float | None = None) -> list[Training]:
    """Trainings that begin at 2.3 and end with these losses, one for each seed from 0."""
    pair = None if accuracy is None else (0.1, accuracy)
    return [training([2.3, loss], seed=seed, accuracy=pair) for seed, loss in enumerate(losses)]


def named(name: str, trainings: list[Training], swept: str = "") -> TrainedSchedule:
    made = trained(f"{name} {swept}".strip(), *trainings)
    return replace(made, schedule=replace(made.schedule, name=made.name, swept=swept))


def verdict(expected: TrainingExpectation, *made: TrainedSchedule) -> tuple[str, str, str]:
    """How it is judged: `holds` or the kind of the finding, the message, and the hint."""
    (found,) = judged(expected, made)
    assert found.where == HERE
    assert found.code == f"train.{expected.key}"
    if isinstance(found, Held):
        return "holds", found.message, ""
    assert found.severity == "error"
    return found.kind, found.message, found.hint


# --- diverges and converges ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trainings", "key", "kind", "message", "hint"),
    [
        ([blown_up()], "diverges", "holds", "a diverges", ""),
        ([blown_up()], "converges", "expectation", "a diverges", "it diverged at step 14"),
        (ending(0.5), "diverges", "expectation", "a does not diverge", "it ends with a loss of 0.5"),
        (ending(0.5), "converges", "holds", "a does not diverge", ""),
        # an end that is no lower than the beginning: the same loss, and a larger one
        (ending(2.3, 9.0), "diverges", "holds", "a diverges with all 2 seeds", ""),
        (
            ending(2.3, 9.0),
            "converges",
            "expectation",
            "a diverges with all 2 seeds",
            "seed 0 began with a loss of 2.3 and ended with 2.3, seed 1 began with a loss of 2.3 and ended with 9",
        ),
        (ending(0.5, 0.7), "diverges", "expectation", "a diverges with none of 2 seeds",
         "they end with a loss of 0.6 ± 0.14"),  # sqrt(2 * 0.1 ** 2 / 1) = 0.141
        ([*ending(0.5, 0.7), blown_up(2)], "diverges", "expectation", "a diverges with 1 of 3 seeds",
         "the others end with a loss of 0.6 ± 0.14"),
        ([*ending(0.5, 0.7), blown_up(2)], "converges", "expectation", "a diverges with 1 of 3 seeds",
         "seed 2 diverged at step 14"),
    ],
)  # fmt: skip
def test_fate(trainings: list[Training], key: str, kind: str, message: str, hint: str) -> None:
    expected = Fate(HERE, "diverges" if key == "diverges" else "converges", "a")
    assert verdict(expected, named("a", trainings)) == (kind, message, hint)


def test_a_hint_lists_few_seeds() -> None:
    _, _, hint = verdict(Fate(HERE, "converges", "a"), named("a", [blown_up(seed) for seed in range(7)]))
    assert hint == ", ".join(f"seed {seed} diverged at step 14" for seed in range(5)) + ", ..."


# --- better ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "kind", "message", "hint"),
    [
        (ending(0.1), ending(0.2), "holds", "a ends with a loss of 0.1, b ends with a loss of 0.2", ""),
        (ending(0.2), ending(0.1), "expectation", "a ends with a loss of 0.2, b ends with a loss of 0.1",
         "a must be lower"),
        (ending(0.1), ending(0.1), "expectation", "a ends with a loss of 0.1, b ends with a loss of 0.1",
         "a must be lower"),
        # means 0.2 and 0.3, lower with the seeds 0 and 2; deviation of 0.1, 0.4, 0.1: sqrt((0.01 + 0.04 + 0.01) / 2)
        (ending(0.1, 0.4, 0.1), ending(0.3, 0.3, 0.3), "holds",
         "a ends with a loss of 0.2 ± 0.17, b ends with a loss of 0.3 ± 0; that of a is lower with 2 of 3 seeds", ""),
        # means 0.3 and 0.4, but lower with the seed 2 alone
        (ending(0.4, 0.4, 0.1), ending(0.3, 0.3, 0.6), "expectation",
         "a ends with a loss of 0.3 ± 0.17, b ends with a loss of 0.4 ± 0.17; that of a is lower with 1 of 3 seeds",
         "it must be lower with most of the seeds, not only in the mean"),
        # one of two is not most
        (ending(0.1, 0.4), ending(0.3, 0.3), "expectation",
         "a ends with a loss of 0.25 ± 0.21, b ends with a loss of 0.3 ± 0; that of a is lower with 1 of 2 seeds",
         "it must be lower with most of the seeds, not only in the mean"),
        # lower with two of three, but not in the mean: 0.5 and 0.3
        (ending(0.1, 0.1, 1.3), ending(0.3, 0.3, 0.3), "expectation",
         "a ends with a loss of 0.5 ± 0.69, b ends with a loss of 0.3 ± 0; that of a is lower with 2 of 3 seeds",
         "a must be lower"),
        # a training that diverged has an infinite loss, also one that ends at 2.3 as it began
        (ending(2.29, 2.29), ending(2.3, 0.1), "expectation",
         "a ends with a loss of 2.29 ± 0, b diverges with 1 of 2 seeds; that of a is lower with 1 of 2 seeds",
         "it must be lower with most of the seeds, not only in the mean"),
        (ending(0.1, 0.1), [*ending(0.05), blown_up(1)], "expectation",
         "a ends with a loss of 0.1 ± 0, b diverges with 1 of 2 seeds; that of a is lower with 1 of 2 seeds",
         "it must be lower with most of the seeds, not only in the mean"),
        (ending(0.1, 0.1), [blown_up(0), blown_up(1)], "holds",
         "a ends with a loss of 0.1 ± 0, b diverges with all 2 seeds; that of a is lower with all 2 seeds", ""),
        ([blown_up(0)], [blown_up(0)], "expectation", "a diverges, b diverges", "it diverged at step 14"),
        ([blown_up(0)], ending(0.1), "expectation", "a diverges, b ends with a loss of 0.1", "it diverged at step 14"),
        # numbers that differ look different
        (ending(0.1), ending(0.10001), "holds", "a ends with a loss of 0.1, b ends with a loss of 0.10001", ""),
    ],
)  # fmt: skip
def test_better(one: list[Training], other: list[Training], kind: str, message: str, hint: str) -> None:
    assert verdict(Better(HERE, "a", "b"), named("a", one), named("b", other)) == (kind, message, hint)


# --- bounds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "low", "high", "trainings", "kind", "message", "hint"),
    [
        ("final_loss", 0.0, 0.2, ending(0.1, 0.3), "holds", "the final loss of a is 0.2 ± 0.14", ""),
        ("final_loss", 0.3, 0.9, ending(0.1, 0.3), "expectation", "the final loss of a is 0.2 ± 0.14, below 0.3", ""),
        ("final_loss", 0.0, 0.1, ending(0.1, 0.3), "expectation", "the final loss of a is 0.2 ± 0.14, above 0.1", ""),
        ("final_loss", -float("inf"), 0.1, ending(0.10001), "expectation",
         "the final loss of a is 0.10001, above 0.1", ""),
        ("final_loss", 0.0, 9.0, [*ending(0.1), blown_up(1)], "expectation",
         "the final loss of a is infinite, above 9", "seed 1 diverged at step 14"),
        # of a training that is finite, the loss is what it is
        ("final_loss", 2.0, 3.0, ending(2.3), "holds", "the final loss of a is 2.3", ""),
        ("best_loss", 0.0, 0.2, [training([2.3, 0.1, 0.9]), training([2.3, 0.3, 0.9], seed=1)], "holds",
         "the best loss of a is 0.2 ± 0.14", ""),
        ("accuracy", 0.9, float("inf"), ending(0.1, 0.1, accuracy=0.95), "holds",
         "the accuracy of a is 0.95 ± 0", ""),
        ("accuracy", 0.96, float("inf"), ending(0.1, accuracy=0.95), "expectation",
         "the accuracy of a is 0.95, below 0.96", ""),
        ("accuracy", 0.0, 0.5, [blown_up()], "expectation",
         "a diverges, and then has no accuracy", "it diverged at step 14"),
        ("accuracy", 0.5, 1.0, ending(0.1), "input", "the problem digits has no accuracy", "expect a final_loss"),
    ],
)  # fmt: skip
def test_bounds(
    key: Bounded, low: float, high: float, trainings: list[Training], kind: str, message: str, hint: str
) -> None:
    assert verdict(Bounds(HERE, key, "a", low, high), named("a", trainings)) == (kind, message, hint)


# --- which schedules are judged --------------------------------------------------------------------------------


def test_each_schedule_of_a_sweep_is_judged() -> None:
    made = [named("a", ending(0.1), "lr=1"), named("a", [blown_up()], "lr=9"), named("b", [blown_up()])]
    found = list(judged(Fate(HERE, "diverges", "a"), made))
    assert [(type(each), each.schedule) for each in found] == [(Finding, "a lr=1"), (Held, "a lr=9")]


def test_two_schedules_of_a_sweep_are_compared_where_the_sweep_does_not_tell_them_apart() -> None:
    """`lr` reaches both, `gamma` only one of them."""
    made = [named("a", ending(loss), f"lr={lr} gamma={gamma}") for lr, gamma, loss in ((1, 5, 0.1), (2, 5, 0.3))]
    made += [named("b", ending(loss), f"lr={lr}") for lr, loss in ((1, 0.2), (2, 0.2))]
    found = list(judged(Better(HERE, "a", "b"), made))
    assert [(type(each), each.message) for each in found] == [
        (Held, "a lr=1 gamma=5 ends with a loss of 0.1, b lr=1 ends with a loss of 0.2"),
        (Finding, "a lr=2 gamma=5 ends with a loss of 0.3, b lr=2 ends with a loss of 0.2"),
    ]


def test_what_was_not_trained_is_not_judged() -> None:
    assert not list(judged(Better(HERE, "a", "b"), [named("a", ending(0.1))]))
    assert not list(judged(Fate(HERE, "diverges", "b"), [named("a", ending(0.1))]))
