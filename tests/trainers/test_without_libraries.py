"""What holds without the libraries of the trainers: their tests are skipped, and say how to install them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from helpers.golden import Golden
from helpers.installed import needs
from trainer_page import DOCS, Page

import lrviz

HERE = Path(__file__).parent
LIBRARIES = {
    "test_trainer_lightning.py": "lightning",
    "test_huggingface.py": "transformers",
    "test_accelerate.py": "accelerate",
}


def test_the_reason_is_the_line_to_install_them() -> None:
    (missing,) = needs("no_such_library").args
    assert missing
    assert needs("no_such_library").kwargs == {
        "reason": "no_such_library is not installed: pip install 'lrviz[trainers]'"
    }
    assert needs("pytest").args == (False,)


@pytest.mark.parametrize("file", LIBRARIES)
def test_a_library_is_needed_by_all_tests_of_its_file_and_is_of_the_extra(file: str) -> None:
    assert re.search(rf'^pytestmark = (\[\s*)?needs\("{LIBRARIES[file]}"\)', (HERE / file).read_text(), re.MULTILINE)
    project = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["project"]
    extra = {re.split(r"[\[>]", each)[0] for each in project["optional-dependencies"]["trainers"]}
    assert LIBRARIES[file] in extra


def test_the_modules_load_no_library_before_a_callback_is_made() -> None:
    loaded = {"torch", "lightning", "pytorch_lightning", "transformers", "accelerate"}
    code = (
        f"import sys, lrviz; lrviz.lightning.configure, lrviz.huggingface.guard; print({loaded!r} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_both_modules_are_public() -> None:
    assert {"lightning", "huggingface"} <= set(lrviz.__all__)


@pytest.mark.parametrize(
    "call",
    [
        lambda given: lrviz.lightning.configure(None, given, None),
        lambda given: lrviz.huggingface.optimizers(None, given, None),
        lambda given: lrviz.guard(None, given),
    ],
)
def test_a_file_of_schedules_is_no_schedule(call: Callable[[Any], object]) -> None:
    with pytest.raises(lrviz.ScheduleError) as caught:
        call(lrviz.load(DOCS.parent / "schedules/basics/side-by-side.yaml"))
    assert str(caught.value) == (
        "schedule: error: expected a schedule (got Schedules)\n  hint: choose one by its name: step, cosine, hot"
    )


def test_the_gpus_that_one_process_of_the_trainer_shares_count_as_devices() -> None:
    args = SimpleNamespace(
        world_size=1,
        n_gpu=2,
        train_batch_size=8,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=1,
        dataloader_drop_last=False,
        num_train_epochs=3,
        max_steps=-1,
    )
    schedule = lrviz.load(
        {
            "epochs": 3,
            "data": {"samples": 50, "batch_size": 4, "devices": 2},
            "interval": "step",
            "optimizer": {"lr": 0.1},
            "scheduler": {"type": "CosineAnnealingLR"},
        }
    ).only
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    _, scheduler = lrviz.huggingface.optimizers(optimizer, schedule, args, train_dataset=range(50))
    assert scheduler.T_max == 3 * 7


def test_a_prepared_scheduler_of_two_processes_in_a_plain_loop_is_what_the_page_of_accelerate_shows(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its words are renewed without Accelerate; `test_accelerate.py` has the same ones from the real thing."""
    Page("accelerate.md").write(tmp_path)
    monkeypatch.chdir(tmp_path)
    schedule = lrviz.load("schedule.yaml").only
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = schedule.build(optimizer)
    with lrviz.guard(optimizer, schedule):
        optimizer.step()
        scheduler.step()
        scheduler.step()
        with pytest.raises(lrviz.DeviationError) as caught:
            optimizer.step()
    golden.same_part(DOCS / "accelerate.md", f"{caught.value}\n", "```text\n", "```\n")
