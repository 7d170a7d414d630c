"""Accelerate for real, in two processes on the CPU: what its prepared scheduler does, and that the guard sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.installed import needs
from plain_loop import rates
from torch.optim.lr_scheduler import CosineAnnealingLR
from trainer_page import Page, checked

pytestmark = needs("accelerate")

PAGE = Page("accelerate.md")
PLAN = rates(lambda opt: CosineAnnealingLR(opt, 21), 3, 7)
"""13 batches of each process, 2 to a step and one alone at the end of an epoch."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs leave what they save."""
    return tmp_path_factory.mktemp("accelerate")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, dict[str, Any]]:
    """What the first of the two processes used in each run, and its error."""
    PAGE.write(folder)
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here.parents[1]), *filter(None, sys.path)])  # what this process can import, too
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    command = [sys.executable, str(here / "accelerate_runs.py"), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["run"]: line for line in lines}


def test_the_program_of_the_page_trains_as_planned(runs: dict[str, dict[str, Any]]) -> None:
    assert runs["as it stands"] == {"run": "as it stands", "used": PLAN, "error": None}


def test_a_scheduler_that_is_not_prepared_does_too(runs: dict[str, dict[str, Any]]) -> None:
    assert runs["not prepared"]["used"] == PLAN


def test_a_prepared_scheduler_is_called_once_for_each_process_and_the_guard_says_so(
    runs: dict[str, dict[str, Any]],
) -> None:
    run = runs["without the flag"]
    assert run["used"] == [PLAN[0], PLAN[2]]
    assert "scheduler.step() is called 2 times a step" in run["error"]
    assert f"```text\n{run['error'].removeprefix('DeviationError: ')}\n```\n" in PAGE.text


def test_a_scheduler_that_is_called_for_every_batch_of_an_accumulation_is_seen(
    runs: dict[str, dict[str, Any]],
) -> None:
    run = runs["without sync_gradients"]
    assert run["used"] == [PLAN[1]]
    assert run["error"].startswith("DeviationError: the learning rate left its plan at step 0 ")


def test_a_loader_that_is_not_prepared_has_the_batches_of_all_processes(runs: dict[str, dict[str, Any]]) -> None:
    run = runs["loader not prepared"]
    assert run["used"] == []
    assert run["error"].startswith("ScheduleError: loader: error: 25 batches are 13 steps an epoch (accumulate 2), but")


def test_a_saved_state_goes_on_as_planned(runs: dict[str, dict[str, Any]]) -> None:
    assert runs["saved"]["used"] == PLAN
    assert runs["loaded"] == {"run": "loaded", "used": PLAN[7:], "error": None}


@pytest.mark.usefixtures("runs")
def test_lrviz_reads_the_folders_that_were_saved(folder: Path) -> None:
    planned = checked("schedule.yaml", folder / "saved", cwd=folder)
    assert planned.stdout.startswith(
        f"{folder / 'saved'}: holds: the checkpoint is at call 7 of 21 (epoch 1), as planned"
    )
    assert planned.returncode == 0
    usual = checked("schedule.yaml", folder / "usual", cwd=folder)
    assert "its last_epoch, 14, counts the calls of 2 processes" in usual.stdout
    assert "lr is 0.025 in the checkpoint, planned 0.075" in usual.stdout
    assert usual.returncode == 1
