"""Schedulers of the user's own: run only where that was allowed, and then as a plain loop runs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from process import lrviz

import lrviz as package
from lrviz.errors import ScheduleError

MODULE = """
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

open("imported", "w").close()

def warmup(optimizer, steps, power=1.0):
    return LambdaLR(optimizer, lambda call: min(1, (call + 1) / steps) ** power)

class Half(LRScheduler):
    def get_lr(self):
        return [base * 0.5 ** self.last_epoch for base in self.base_lrs]

def nothing(optimizer):
    return 3
"""
FILE = """
epochs: 4
optimizer: {lr: 1.0}
schedules:
  function: {scheduler: {type: my_schedulers.warmup, steps: 4}}
  subclass: {scheduler: {type: my_schedulers.Half}}
  phases: {scheduler: [{type: my_schedulers.Half, for: 2}, {type: my_schedulers.warmup, steps: 2}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_schedulers.py").write_text(MODULE)
    (tmp_path / "s.yaml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_schedulers", None)


def test_with_trust_they_run_as_torch_runs_them(folder: Path) -> None:
    path = list(sys.path)
    schedules = package.load("s.yaml", trust=True)
    rates = {name: schedule.simulate().lr[:, 0].tolist() for name, schedule in schedules.items()}
    assert rates == {
        "function": [0.25, 0.5, 0.75, 1.0],
        "subclass": [1.0, 0.5, 0.25, 0.125],
        "phases": [1.0, 0.5, 0.125, 0.25],
    }
    assert sys.path == path


def test_without_trust_nothing_is_imported_and_the_error_says_what_would_run(folder: Path) -> None:
    with pytest.raises(ScheduleError) as caught:
        package.load("s.yaml")
    assert str(caught.value).splitlines()[0] == (
        "s.yaml:5:32: error: my_schedulers.warmup is not torch's own; to run it, lrviz would import my_schedulers, "
        "which runs its code"
    )
    assert not (folder / "imported").exists()


def test_on_the_command_line(folder: Path) -> None:
    assert lrviz("table", "s.yaml", cwd=folder).status == 2
    assert not (folder / "imported").exists()
    status, out, err = lrviz("table", "s.yaml", "--trust", "--format", "csv", cwd=folder)
    assert (status, err) == (0, "")
    assert out.splitlines()[1:3] == ["0,,0.25,1.0,1.0", "1,,0.5,0.5,0.5"]


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("{type: my_schedulers.warmup}", "TypeError: my_schedulers.warmup: missing a required argument: 'steps'"),
        ("{type: my_schedulers.warmup, stepps: 4}", "missing a required argument: 'steps'"),
        ("{type: my_schedulers.Half, gamma: 1}", "got an unexpected keyword argument 'gamma'"),
        ("{type: my_schedulers.nothing}", "returns int, which is not a learning-rate scheduler"),
        ("{type: my_schedulers.Third}", "AttributeError: module 'my_schedulers' has no attribute 'Third'"),
        ("{type: not_there.Third}", "ModuleNotFoundError: No module named 'not_there'"),
    ],
)
def test_what_is_wrong_with_one_is_an_error_of_the_file(folder: Path, scheduler: str, message: str) -> None:
    (folder / "bad.yaml").write_text(f"epochs: 2\noptimizer: {{lr: 1.0}}\nscheduler: {scheduler}\n")
    with pytest.raises(ScheduleError) as caught:
        package.load("bad.yaml", trust=True).only.simulate()
    assert str(caught.value).startswith("bad.yaml:3:12: error: schedule 'bad': its own code fails to construct ")
    assert message in str(caught.value)
