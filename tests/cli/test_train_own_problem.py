"""`lrviz train` with a problem of the user's own, as a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

PROBLEM = """
import torch

open("imported", "w").close()
print("reads data")
x = torch.linspace(-1, 1, 8).reshape(-1, 1)
calls = 0

def setup(seed):
    def loss(model, batch):
        global calls
        calls += 1
        if calls == {fails_at}:
            raise ValueError("the data is gone")
        return (model(batch) - 2 * batch).square().mean()
    return torch.nn.Linear(1, 1), [x] * 4, loss, lambda model: float((model(x) - 2 * x).square().mean())
"""

SCHEDULES = """
epochs: 10
optimizer: {type: SGD, lr: 0.1}
schedules:
  first: {scheduler: none}
  second: {scheduler: {type: StepLR, step_size: 5}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCHEDULES)
    (tmp_path / "mine.py").write_text(PROBLEM.format(fails_at=0))
    return tmp_path


def test_it_runs_with_trust_only(folder: Path) -> None:
    refused = lrviz("train", "s.yaml", "--problem", "mine:setup", cwd=folder)
    assert refused.status == 2
    assert refused.out == ""
    assert refused.err == (
        "--problem: error: mine:setup is not one of lrviz's own; to run it, lrviz would import mine, which runs its "
        "code\n  hint: pass --trust if you trust it\n"
    )
    assert not (folder / "imported").exists()
    done = lrviz("train", "s.yaml", "--problem", "mine:setup", "--trust", "--format", "csv", cwd=folder)
    assert (done.status, done.err) == (0, "reads data\n")
    assert [line.split(",")[0] for line in done.out.splitlines()] == ["schedule", "first", "second"]


def test_a_failure_in_the_middle_is_told_and_what_was_trained_before_is_kept(folder: Path) -> None:
    (folder / "mine.py").write_text(PROBLEM.format(fails_at=65))
    done = lrviz("train", "s.yaml", "--problem", "mine:setup", "--trust", "--format", "csv", cwd=folder)
    assert done.status == 2
    assert [line.split(",")[0] for line in done.out.splitlines()] == ["schedule", "first"]
    assert done.err == (
        "reads data\n--problem: error: mine:setup: its own code fails in its loss at mine.py:14: ValueError: "
        "the data is gone\n"
    )


def test_a_file_may_name_it_but_does_not_run_it_by_itself(folder: Path) -> None:
    (folder / "s.yaml").write_text(f"train: {{problem: mine:setup}}\n{SCHEDULES}")
    refused = lrviz("train", "s.yaml", cwd=folder)
    assert refused.status == 2
    assert refused.err.startswith("s.yaml:1:18: error: mine:setup is not one of lrviz's own")
    assert not (folder / "imported").exists()
    assert lrviz("train", "s.yaml", "--trust", cwd=folder).status == 0
