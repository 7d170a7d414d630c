"""Files whose key `train` is wrong: `negative_train/` must be refused in the words of its `.txt`, by `train` alone.

Adding a case is adding a file; `pytest --renew` writes its `.txt`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.errors import Problems, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.train.reading import read_training

FOLDER = Path(__file__).parent / "negative_train"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_only_what_reads_the_key_refuses_it(file: Path, golden: Golden) -> None:
    (schedule, *_) = load_text(file.read_bytes(), file.name)
    problems = Problems()
    read_training(schedule.train, problems)
    assert problems
    golden.same_text(file.with_suffix(".txt"), f"{ScheduleError(problems)}\n")


def test_every_golden_has_its_file(golden: Golden) -> None:
    golden.no_orphans(FOLDER, [file.with_suffix(".txt") for file in FILES], "*.txt")
