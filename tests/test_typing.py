"""The package is typed: `mypy --strict` passes on a user's file that uses every public name, and finds its mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lrviz

# what torch and matplotlib hold is not what is tested, and takes a minute to read
CONFIG = """\
[mypy]
strict = True
[mypy-torch.*,matplotlib.*]
follow_imports = skip
"""

FILE = """\
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR

import lrviz

schedules: lrviz.Schedules = lrviz.load("s.yaml")
schedule: lrviz.Schedule = schedules.only
schedule = lrviz.load({"epochs": 3}, key="a.b", set={"gamma": 0.5}, epochs=5)["a"]
schedule = lrviz.loads("epochs: 3", base="schedules", steps=5).only
names: list[str] = [each.name for each in schedules.values()]
curve: lrviz.Curve = schedule.simulate(engine="torch")
shape: tuple[int, ...] = curve.lr.shape
report: lrviz.Report = schedule.check(strict=True, require_expect=True)
errors: list[str] = [each.message for each in report.errors]
try:
    lrviz.check(curve, expect={"at": {10: 0.1}, "max": 0.1}).raise_if_failed()
except lrviz.CheckError as failed:
    print(failed.report.ok, str(failed))
except lrviz.ScheduleError as error:
    print(error.problems[0].where.line)
found: list[lrviz.Stats] = lrviz.stats([curve])
peaks: list[float] = [each.peak for each in found]
difference: lrviz.Difference = lrviz.diff(curve, curve, tolerance=1e-9)
same: bool = difference.same
held: list[lrviz.Occurrences] = lrviz.when("lr < 0.1", curve)
firsts: list[int] = [stretch.first for each in held for stretch in each.stretches]
axes = lrviz.plot([curve], theme="paper")
optimizer = SGD([], lr=0.1)
scheduler = lrviz.PhasedLR(optimizer, [lrviz.Phase(None, calls=5), lrviz.Phase(lambda opt: StepLR(opt, 30))])
live: lrviz.Curve = lrviz.record(optimizer, scheduler, calls=90, metric=lambda call: 1.0, interval="epoch")
scheduler.step()
state: dict[str, object] = scheduler.state_dict()
with lrviz.guard(optimizer, schedule, on="warn", loader=[1, 2], log="run.csv", at="5 epochs") as guard:
    guard.load_state_dict(guard.state_dict())
guard = lrviz.guard(optimizer, schedule, scheduler=scheduler)
seen: tuple[int, lrviz.Guard] = (guard.step, guard)
try:
    optimizer.step()
except (lrviz.DeviationError, lrviz.DeviationWarning) as left:
    print(left)
configured: dict[str, object] = lrviz.lightning.configure(optimizer, schedule, object(), monitor="val_loss")
callbacks: list[object] = [lrviz.lightning.guard(schedule, on="record"), lrviz.huggingface.guard(schedule, log="a.csv")]
pair: tuple[object, object] = lrviz.huggingface.optimizers(optimizer, schedule, object(), train_dataset=[1, 2])


def problem(seed: int) -> lrviz.Setup:
    batches = [(torch.ones(4, 1), torch.ones(4, 1))]
    return lrviz.Setup(torch.nn.Linear(1, 1), batches, lambda model, batch: model(batch[0]).mean(), validate)


def validate(model: torch.nn.Module) -> tuple[float, float]:
    return 0.5, 0.9


epoch: int = len(problem(seed=0).batches)
version: str = lrviz.__version__
setup = lrviz.Setup(object(), [1, 2], lambda model, batch: batch, lambda model: (0.5, 0.9))
length: int = len(setup.batches)
"""


def mypy(folder: Path, text: str) -> str:
    (folder / "mypy.ini").write_text(CONFIG)
    (folder / "user.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--no-incremental", "user.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_a_file_that_uses_every_public_name_is_well_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    assert [name for name in lrviz.__all__ if f"lrviz.{name}" not in FILE] == []
    wrong = 'lrviz.PhasedLR(optimizer, phases="two")\nschedules.simulate()\nlrviz.Setup(None, 3, None, validate)\n'
    found = mypy(tmp_path, FILE + wrong)
    first = len(FILE.splitlines()) + 1
    assert [line.split(" error: ")[0] for line in found.splitlines() if " error: " in line] == [
        f"user.py:{first}:",
        f"user.py:{first + 1}:",
        *[f"user.py:{first + 2}:"] * 2,  # its batches and its loss; what torch holds is not read
    ], found
