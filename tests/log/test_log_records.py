"""The records of a log on the plan, as pictures take them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.log.logged import LoggedRun, Records

EPOCHS = "epochs: 4\nsteps_per_epoch: 10\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 1, gamma: 0.5}\n"
BY_STEP = EPOCHS.replace("optimizer:", "interval: step\noptimizer:").replace("step_size: 1", "step_size: 10")


def records(tmp_path: Path, plan: str, log: str, shift: int = 0) -> Records:
    path = tmp_path / "run.csv"
    path.write_text(log)
    (schedule,) = load_text(plan, "plan.yaml")
    return LoggedRun(str(path), shift=shift).records(schedule, simulate(schedule))


@pytest.mark.parametrize(
    ("plan", "log", "ticks"),
    [
        (EPOCHS, "step,lr\n0,0.1\n15,0.05\n39,0.0125\n", [0, 1.5, 3.9]),
        (BY_STEP, "step,lr\n0,0.1\n15,0.05\n39,0.0125\n", [0, 15, 39]),
        (EPOCHS, "epoch,lr\n0,0.1\n1.5,0.05\n", [0, 1.5]),
        (BY_STEP, "epoch,lr\n0,0.1\n1.5,0.05\n", [0, 15]),
        (EPOCHS, "lr\n0.1\n0.05\n", [0, 1]),
    ],
)
def test_where_records_lie_on_the_plan(tmp_path: Path, plan: str, log: str, ticks: list[float]) -> None:
    found = records(tmp_path, plan, log)
    assert found.ticks.tolist() == ticks
    assert (found.away.tolist(), found.first, found.words, found.outside) == ([0] * len(ticks), None, "", 0)


def test_the_first_record_that_deviates_and_how_far(tmp_path: Path) -> None:
    found = records(tmp_path, EPOCHS, "step,lr\n-5,0.1\n0,0.1\n15,0.15\n39,0.0125\n")
    assert (found.lr.tolist(), found.first, found.outside) == ([0.1, 0.15, 0.0125], None, 1)
    found = records(tmp_path, EPOCHS, "step,lr\n0,0.1\n15,0.15\n39,0.0\n50,1.0\n")
    assert (found.first, found.outside) == (1, 1)
    assert found.away.tolist() == pytest.approx([0, 0.1, 0.0125])
    assert found.words == "step 15 (epoch 1.5): logged 0.15, planned 0.05, ratio 3"


def test_a_shift_moves_the_records(tmp_path: Path) -> None:
    assert records(tmp_path, EPOCHS, "step,lr\n1,0.1\n16,0.05\n", shift=-1).ticks.tolist() == [0, 1.5]
