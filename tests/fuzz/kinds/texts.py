"""schedule files: the gallery and the files of tests, with bytes, numbers and lines changed"""

from __future__ import annotations

from random import Random

from fuzz import command, verbs
from fuzz.case import Data
from fuzz.mutate import YAML, latin, mutated, nasty, schedule_files
from lrviz.errors import ScheduleError
from lrviz.loading import load_text

COST = 60_000
"""No more learning rates than these are simulated; reading a file must end in any case."""


def draw(rng: Random) -> Data:
    files = schedule_files()
    if rng.random() < 0.1:
        text = "".join(rng.choice([*YAML, "\n", "\n  ", nasty(rng)]) for _ in range(rng.choice([5, 20, 200])))
        data = text.encode(errors="replace")
    else:
        data = mutated(rng, rng.choice(files), files)
    return {"files": {"s.yaml": latin(data)}, "argv": verbs.reading(rng, "s.yaml")}


def run(data: Data) -> None:
    try:
        schedules = load_text(data["files"]["s.yaml"].encode("latin-1"), "s.yaml")
    except ScheduleError:
        schedules = []
    if sum(each.run.calls * len(each.optimizer.groups) for each in schedules) <= COST:
        command.run(data)
