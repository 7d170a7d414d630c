"""Whole logs of programs: those in `text/positive/` beside their plan, those in `text/negative/` with what is wrong.

Adding a case is adding a file, with its plan (`NAME.yaml`) in `positive/`; `pytest --renew` writes what was found. Most
logs there come from `text/make_samples.py`, which trains in plain torch loops in the order of each program.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.checks.finding import Held
from lrviz.engine.called import called_at
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file
from lrviz.log.logged import LoggedRun
from lrviz.log.read import read_log

HERE = Path(__file__).parent / "text"

DEVIATE = {"build_nanogpt_late", "deepspeed_one_lr", "hf_trainer_5_late", "megatron_frozen"}
"""The logs whose training did not follow the plan."""

DISAGREE = {"ranks_of_srun_disagree"}
"""The logs whose ranks do not say the same."""


def cases(folder: str) -> list[Path]:
    return sorted(each for each in (HERE / folder).iterdir() if each.suffix not in (".txt", ".yaml"))


def found(file: Path) -> str:
    (schedule,) = load_file(file.with_suffix(".yaml"))
    results = LoggedRun(file.name).follow(schedule, simulate(schedule), "plan", called_at)
    lines = (f"held: {each.message}" if isinstance(each, Held) else str(each.problem) for each in results)
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("file", cases("positive"), ids=lambda file: file.stem)
def test_a_log_is_compared_with_its_plan(file: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    monkeypatch.chdir(file.parent)
    text = found(file)
    assert ("deviate" in text) == (file.stem in DEVIATE)
    assert ("the log followed the plan" in text) == (file.stem not in DEVIATE - {"deepspeed_one_lr"})
    assert ("error: rank" in text) == (file.stem in DISAGREE)
    golden.same_text(file.with_suffix(".txt"), text)


@pytest.mark.parametrize("file", cases("negative"), ids=lambda file: file.stem)
def test_a_text_without_records_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(ScheduleError) as caught:
        read_log(file.name)
    golden.same_text(file.with_suffix(".txt"), f"{caught.value}\n")


@pytest.mark.parametrize("folder", ["positive", "negative"])
def test_every_text_has_its_file(folder: str, golden: Golden) -> None:
    golden.no_orphans(HERE / folder, [file.with_suffix(".txt") for file in cases(folder)], "*.txt")
