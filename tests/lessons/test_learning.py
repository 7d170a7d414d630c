"""The lessons of `schedules/learning/`: what each expects of real trainings holds, and `docs/why-schedules.md` says so.

Every lesson is trained once, as its file says, for all tests of this file. `--renew` writes the tables and pictures of
the page. Training is chaotic where a rate is high: other machines and releases of torch get other numbers, so a number
of the page is held to two digits, or as far as the seeds lie apart, and a picture is only renewed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from helpers.gallery import LESSONS
from helpers.golden import Golden
from helpers.pages import DOCS

from lrviz.checks.finding import Finding, Held
from lrviz.lessons.judge import better, judged
from lrviz.lessons.results import Spread, TrainedSchedule
from lrviz.lessons.settings import Arrangement
from lrviz.loading import load_file
from lrviz.render.picture.train import render
from lrviz.render.style import Look
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Phases
from lrviz.schedule.train.expected import Better

PAGE = DOCS / "why-schedules.md"

SUBJECTS = {
    "a constant rate too high, too low, right": "constant_rate",
    "Adam with a rate too high": "adam_rate",
    "step decay, exponential and cosine against constant": "decay_settles",
    "warmup that saves a run at a high rate": "warmup_saves",
    "cosine with and without restarts": "cosine_restarts",
    "cyclic": "rate_cycles",
    "one cycle": "one_cycle_peak",
    "plateau": "plateau_waits",
    "two phases": "two_phases",
    "batch size and rate together": "batch_and_rate",
    "resuming rightly and wrongly in the middle": "resumed_run",
    "a scheduler called every step in place of every epoch": "every_step",
}
"""What there is to see, and the lesson that shows it."""

each_lesson = pytest.mark.parametrize("file", LESSONS, ids=[file.stem for file in LESSONS])


@cache
def trained(file: Path) -> tuple[tuple[TrainedSchedule, ...], tuple[Finding | Held, ...]]:
    """The trainings of a lesson, as its file says, and what came of its expectations."""
    arrangement, schedules = Arrangement(), load_file(file)
    settings = arrangement.settings_of(schedules[0])
    found = tuple(arrangement.sessions_of(each, settings).train(each.name_in_file, each) for each in schedules)
    return found, tuple(result for each in settings.expected for result in judged(each, found))


def by_name(file: Path) -> dict[str, TrainedSchedule]:
    return {each.name: each for each in trained(file)[0]}


# --- the lessons -----------------------------------------------------------------------------------------------


def test_every_subject_has_its_lesson() -> None:
    assert set(SUBJECTS.values()) <= {file.stem for file in LESSONS}


@each_lesson
def test_what_a_lesson_expects_holds(file: Path) -> None:
    """What `lrviz train --check` of that file does."""
    results = trained(file)[1]
    assert [result.message for result in results if isinstance(result, Finding)] == []
    assert results


@each_lesson
def test_the_opposite_does_not_hold(file: Path) -> None:
    expected = Arrangement().settings_of(load_file(file)[0]).expected
    pairs = [(each.schedule, each.than) for each in expected if isinstance(each, Better)]
    schedules = by_name(file)
    assert [pair for pair in pairs if better(schedules[pair[1]], schedules[pair[0]]).holds] == []


@each_lesson
def test_a_lesson_is_as_long_as_its_problem_and_has_three_seeds(file: Path) -> None:
    """The learning rates are those of the file: nothing is stretched. The page says that each has three seeds."""
    arrangement = Arrangement()
    for schedule in load_file(file):
        sessions = arrangement.sessions_of(schedule, arrangement.settings_of(schedule))
        assert not sessions.tempo(schedule).stretched
        assert len(sessions.seeds) == 3


@each_lesson
def test_a_lesson_says_what_one_will_see(file: Path) -> None:
    assert all(schedule.title for schedule in load_file(file))
    comment = re.match(r"(# .*\n)+", file.read_text(encoding="utf-8"))
    assert comment is not None
    assert "Look" in comment[0]


# --- the page --------------------------------------------------------------------------------------------------


HEAD = "| schedule | what it is | final loss | accuracy | |\n| --- | --- | ---: | ---: | --- |\n"


def table(file: Path) -> str:
    """The table of a lesson: the mean of the seeds, to two digits."""
    return HEAD + "".join(row(name, each) for name, each in by_name(file).items())


def row(name: str, each: TrainedSchedule) -> str:
    ended = [training for training in each.trainings if training.stopped is None]
    lost = f"diverged with {len(each.diverged)} of {len(each.trainings)} seeds" if each.diverged else ""
    loss = f"{each.final_loss.mean:.2g}" if len(ended) == len(each.trainings) else ""
    accuracy = f"{100 * each.accuracy.mean:.0f} %" if loss and each.accuracy is not None else ""
    return f"| `{name}` | {kind(each)} | {loss} | {accuracy} | {lost} |\n"


def kind(each: TrainedSchedule) -> str:
    """The optimizer, the highest learning rate of the first seed, and the schedulers."""
    scheduler = each.schedule.scheduler
    parts = [phase.scheduler for phase in scheduler.phases] if isinstance(scheduler, Phases) else [scheduler]
    words = ", then ".join("constant" if part is None else part.type for part in parts)
    return f"{each.schedule.optimizer.type}, {each.trainings[0].lr.max():.3g}, {words}"


def near(shown: str, now: Spread | None) -> bool:
    """Whether a number of the page is that of a training now."""
    if not shown:
        return now is None or not math.isfinite(now.mean)
    number = float(shown.removesuffix(" %")) / (100 if "%" in shown else 1)
    return now is not None and abs(number - now.mean) <= 0.05 * now.mean + (now.deviation or 0)


def rows_of(part: str) -> Iterator[tuple[str, str, str, str]]:
    for line in part.strip().splitlines()[2:]:
        name, _, loss, accuracy, lost = (cell.strip() for cell in line.strip("|").split("|"))
        yield name.strip("`"), loss, accuracy, lost


def stored(file: Path) -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page.partition(f"<!-- begin: {file.stem} -->\n")[2].partition(f"<!-- end: {file.stem} -->\n")[0]


@pytest.mark.parametrize("name", SUBJECTS.values())
def test_the_page_has_the_numbers_and_the_picture_of_a_lesson(name: str, golden: Golden) -> None:
    (file,) = (file for file in LESSONS if file.stem == name)
    picture = DOCS / "pictures" / f"why-{name}.png"
    if golden.renew:
        golden.same_part(PAGE, f"\n{table(file)}\n", f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->\n")
        golden.same_picture(picture, render(trained(file)[0], "png", Look(dpi=100)))
    schedules = by_name(file)
    shown = list(rows_of(stored(file)))
    assert [name for name, *_ in shown] == list(schedules)
    for schedule, loss, accuracy, lost in shown:
        now = schedules[schedule]
        assert near(loss, now.final_loss), (schedule, loss, now.final_loss)
        assert near(accuracy, now.accuracy), (schedule, accuracy, now.accuracy)
        assert bool(lost) == bool(now.diverged), (schedule, lost)
    assert picture.is_file()
    assert f"](pictures/{picture.name})" in PAGE.read_text(encoding="utf-8")
    assert f"](../schedules/learning/{file.name})" in PAGE.read_text(encoding="utf-8")


def test_every_picture_of_a_lesson_is_that_of_one(golden: Golden) -> None:
    kept = [DOCS / "pictures" / f"why-{name}.png" for name in SUBJECTS.values()]
    golden.no_orphans(DOCS / "pictures", kept, "why-*.png")


def test_the_page_says_which_scheduler_when(golden: Golden) -> None:
    rows = "".join(f"| `{name}` | {entry.summary} | {entry.use} |\n" for name, entry in SCHEDULERS.items())
    head = "| scheduler | what it does | when to choose it |\n| --- | --- | --- |\n"
    golden.same_part(PAGE, f"\n{head}{rows}\n", "<!-- begin: which scheduler -->\n", "<!-- end: which scheduler -->\n")


def test_the_page_about_scikit_learn_has_the_losses_of_its_lesson() -> None:
    (file,) = (file for file in LESSONS if file.stem == "scikit_learn")
    shown = re.findall(r"(\d\.\d+) for `(\w+)`", (DOCS / "scikit-learn.md").read_text(encoding="utf-8"))
    assert [name for _, name in shown] == ["invscaling", "constant", "cosine", "one_cycle"]
    assert [name for loss, name in shown if not near(loss, by_name(file)[name].final_loss)] == []
