"""With which releases of torch code is said to be proven; `releases.py` is what proves it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import releases
import torch

from lrviz.schedule.model import Schedule
from lrviz.training.code import proof
from lrviz.training.code.proof import RELEASES, said_of

ALL = "torch 2.4, 2.13 and 2.14"
NEWER = "torch 2.13 and 2.14"
LINEAR, STEP = "{type: LinearLR, total_iters: 5}", "{type: StepLR, step_size: 3}"
FACTOR = "{type: MultiplicativeLR, lr_lambda: 1}"


def test_the_release_that_runs_these_tests_is_proven() -> None:
    release = torch.__version__.partition("+")[0].rpartition(".")[0]
    assert release in RELEASES, "run tests/training/code/releases.py with it, then name it"


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [
        (STEP, ALL),
        (f"{{type: SequentialLR, milestones: [5], schedulers: [{LINEAR}, {STEP}]}}", ALL),
        (f"[{{type: LinearLR, for: 5}}, {STEP}]", ALL),
        (f"{{type: SequentialLR, milestones: [0], schedulers: [{LINEAR}, {STEP}]}}", NEWER),
        (f"{{type: SequentialLR, milestones: [5, 3], schedulers: [{LINEAR}, {STEP}, {STEP}]}}", NEWER),
        (f"{{type: SequentialLR, milestones: [5], schedulers: [{LINEAR}, {FACTOR}]}}", NEWER),
        (
            f"{{type: ChainedScheduler, schedulers: [{STEP}, {{type: SequentialLR, milestones: [3],"
            f" schedulers: [{LINEAR}, {{type: SWALR, swa_lr: 0.1}}]}}]}}",
            NEWER,
        ),
        (
            f"[{{type: none, for: 3}}, {{type: SequentialLR, milestones: [3],"
            f" schedulers: [{{type: ChainedScheduler, schedulers: [{STEP}]}}, {LINEAR}]}}]",
            NEWER,
        ),
    ],
)
def test_an_old_sequential_lr_is_no_proof_where_it_differs(
    scheduler: str, said: str, schedule: Callable[[str], Schedule]
) -> None:
    read = schedule(f"{{epochs: 9, optimizer: {{lr: 1}}, scheduler: {scheduler}}}")
    assert read.scheduler is not None
    assert said_of([read.scheduler]) == said


def test_another_release_is_said_to_be_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "torch_version", lambda: "2.99.1+cpu")
    assert said_of([]) == f"{ALL} (not yet with 2.99.1, which is installed here)"


def test_the_tool_that_tries_a_release_finds_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {
        "name": "one",
        "text": '"""Code."""\nfrom torch.optim import SGD\nfrom torch.optim.lr_scheduler import ExponentialLR\n'
        "def make_optimizer(params: list) -> SGD:\n    return SGD(params, lr=1.0)\n"
        "def make_scheduler(optimizer):\n    return ExponentialLR(optimizer, gamma=0.5)\n",
        "groups": ["0"],
        "every": 1,
        "ticks": 2,
        "metric": None,
        "lr": [[float(lr).hex()] for lr in (1, 0.5, 0.25)],
        "momentum": [],
    }
    wrong = {**case, "name": "two", "lr": [[float(lr).hex()] for lr in (1, 0.5, 0.3)]}
    (tmp_path / "code.json").write_text(
        json.dumps([case, wrong, {**case, "name": "three", "text": '"""Code."""\n1 / 0'}])
    )
    assert releases.run(str(tmp_path / "code.json")) == 1
    out = capsys.readouterr().out
    assert "lr differs at 1 ticks, first at 2\n  two\nZeroDivisionError: division by zero\n  three\n" in out
    assert out.endswith("1 of 3 schedules are the same\n")
