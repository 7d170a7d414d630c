"""Trainings x what they must show -> findings, and what holds.

An expectation is about all seeds of the schedules that it names. Where a sweep made several of one schedule, it must
hold for each of them; two schedules are compared where no value of the sweep tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from lrviz.checks.finding import Finding, Held, Kind
from lrviz.lessons.results import Spread, TrainedSchedule, Training, spread_of
from lrviz.schedule.train.expected import Better, Bounded, Bounds, Fate, TrainingExpectation
from lrviz.words import BY_SIZE, digits_apart


class Verdict(NamedTuple):
    """Whether an expectation holds, and the numbers that say so. What cannot be judged at all is `wrong`."""

    holds: bool
    message: str
    hint: str = ""
    wrong: bool = False


def judged(expected: TrainingExpectation, trained: Sequence[TrainedSchedule]) -> Iterator[Finding | Held]:
    """The results of an expectation about schedules that were trained to the end: one for each schedule, or pair of
    them, that it is about; none if they are not among the trained ones of its file."""
    for name, verdict in _verdicts(expected, trained):
        code = f"train.{expected.key}"
        if verdict.holds:
            yield Held(expected.where, name, code, verdict.message)
        else:
            kind: Kind = "input" if verdict.wrong else "expectation"
            yield Finding(expected.where, name, code, "error", verdict.message, verdict.hint, kind)


def _verdicts(expected: TrainingExpectation, trained: Sequence[TrainedSchedule]) -> Iterator[tuple[str, Verdict]]:
    subjects = [each for each in trained if each.schedule.name_in_file == expected.schedule]
    if isinstance(expected, Better):
        for one in subjects:
            for other in trained:
                if other.schedule.name_in_file == expected.than and _alike(one, other):
                    yield one.name, better(one, other)
    for one in subjects:
        if isinstance(expected, Fate):
            yield one.name, fate(expected, one)
        elif isinstance(expected, Bounds):
            yield one.name, bounds(expected, one)


def _alike(one: TrainedSchedule, other: TrainedSchedule) -> bool:
    """True if two schedules of a sweep have the same values of what reaches both."""
    values = [dict(part.partition("=")[::2] for part in each.schedule.swept.split()) for each in (one, other)]
    return all(values[1].get(key, value) == value for key, value in values[0].items())


# --- each kind of expectation ----------------------------------------------------------------------------------


def fate(expected: Fate, trained: TrainedSchedule) -> Verdict:
    """Whether all trainings of a schedule diverge, or none."""
    message = f"{trained.name} {_how_many(trained)}"
    if expected.key == "converges":
        return Verdict(not trained.diverged, message, _where(trained))
    others = [each.final.loss for each in trained.trainings if not each.diverged]
    who = "the others end" if trained.diverged else "they end" if len(others) > 1 else "it ends"
    hint = f"{who} with a loss of {_number(spread_of(others))}" if others else ""
    return Verdict(not others, message, hint)


def better(one: TrainedSchedule, other: TrainedSchedule) -> Verdict:
    """Whether the final loss of one schedule is smaller: in the mean over the seeds, and with most of them."""
    mine, theirs = (spread_of(list(_losses(each).values())) for each in (one, other))
    pairs = [(loss, _losses(other)[seed]) for seed, loss in _losses(one).items() if seed in _losses(other)]
    wins = sum(loss < of_other for loss, of_other in pairs)
    message = f"{_end(one, mine, theirs.mean)}, {_end(other, theirs, mine.mean)}"
    if len(pairs) > 1:
        message += f"; that of {one.name} is lower with {_share(wins, len(pairs))}"
    if not mine.mean < theirs.mean:
        hint = _where(one) if math.isinf(mine.mean) else f"{one.name} must be lower"
        return Verdict(False, message, hint)
    return Verdict(2 * wins > len(pairs), message, "it must be lower with most of the seeds, not only in the mean")


def bounds(expected: Bounds, trained: TrainedSchedule) -> Verdict:
    """Whether a mean over the seeds is in a range."""
    words, of = NUMBERS[expected.key]
    number, low, high = of(trained), expected.low, expected.high
    if number is None and trained.diverged:
        return Verdict(False, f"{trained.name} {_how_many(trained)}, and then has no accuracy", _where(trained))
    if number is None:
        return Verdict(False, f"the problem {trained.problem.name} has no accuracy", "expect a final_loss", wrong=True)
    limit = low if number.mean < low or math.isinf(high) else high
    message = f"the {words} of {trained.name} is {_number(number, limit)}"
    if low <= number.mean <= high:
        return Verdict(True, message)
    side = "below" if number.mean < low else "above"
    return Verdict(False, f"{message}, {side} {_number(Spread(limit, None), number.mean)}", _where(trained))


NUMBERS: Final[dict[Bounded, tuple[str, Callable[[TrainedSchedule], Spread | None]]]] = {
    "final_loss": ("final loss", lambda trained: trained.final_loss),
    "best_loss": ("best loss", lambda trained: trained.best_loss),
    "accuracy": ("accuracy", lambda trained: trained.accuracy),
}
"""The numbers that can have bounds, in words."""


def _losses(trained: TrainedSchedule) -> dict[int, float]:
    """The final loss by seed; infinite where the training diverged."""
    return {each.seed: math.inf if each.diverged else each.final.loss for each in trained.trainings}


# --- words -----------------------------------------------------------------------------------------------------

MAX_LISTED = 5


def _how_many(trained: TrainedSchedule) -> str:
    diverged, total = len(trained.diverged), len(trained.trainings)
    if total == 1:
        return "diverges" if diverged else "does not diverge"
    return f"diverges with {_share(diverged, total)}"


def _share(some: int, total: int) -> str:
    return f"all {total} seeds" if some == total else f"{some or 'none'} of {total} seeds"


def _end(trained: TrainedSchedule, loss: Spread, apart: float) -> str:
    """How the trainings of a schedule end, if one that diverged counts as infinite."""
    if math.isinf(loss.mean):
        return f"{trained.name} {_how_many(trained)}"
    return f"{trained.name} ends with a loss of {_number(loss, apart)}"


def _where(trained: TrainedSchedule) -> str:
    """Where trainings diverged; empty if none did."""
    several = len(trained.trainings) > 1
    said = [
        f"seed {each.seed} {_how(each)}" if several else f"it {_how(each)}" for each in trained.diverged[:MAX_LISTED]
    ]
    return ", ".join(said) + (", ..." if len(trained.diverged) > MAX_LISTED else "")


def _how(training: Training) -> str:
    if training.stopped is not None:
        return f"diverged at step {training.stopped:,}"
    began, ended = training.validations[0].loss, training.final.loss
    return f"began with a loss of {_number(Spread(began, None))} and ended with {_number(Spread(ended, None), began)}"


def _number(number: Spread, apart: float = math.nan) -> str:
    """A mean with its deviation: four digits, or as many more as it takes to differ from `apart`."""
    if math.isinf(number.mean):
        return "infinite"
    mean = BY_SIZE(number.mean, digits_apart(number.mean, apart, 4))
    return mean if number.deviation is None else f"{mean} ± {BY_SIZE(number.deviation, 2)}"
