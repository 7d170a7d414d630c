"""`lrviz when`, as it is typed: the first moment, every stretch, never and always."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

STEP = """\
epochs: 90
optimizer: {lr: 0.1}
scheduler: {type: StepLR, step_size: 30, gamma: 0.5}
"""
WAVES = """\
epochs: 4
steps_per_epoch: 1000
interval: step
optimizer: {lr: 1}
scheduler: {type: LambdaLR, lr_lambda: "min(t % 2000, 2000 - t % 2000) / 1000"}
"""
GROUPS = """\
epochs: 90
optimizer: {groups: [{name: backbone, lr: 0.001}, {name: head, lr: 0.1}]}
scheduler: {type: StepLR, step_size: 30, gamma: 0.5}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "step.yaml").write_text(STEP)
    (tmp_path / "waves.yaml").write_text(WAVES)
    (tmp_path / "groups.yaml").write_text(GROUPS)
    return tmp_path


def test_the_first_moment_and_the_rate_there(here: Path) -> None:
    assert lrviz("when", "lr < 0.06", "step.yaml", cwd=here) == (0, "epoch 30   0.05\n", "")
    assert lrviz("when", "lr < 0.06", "-", text=STEP, cwd=here) == (0, "epoch 30   0.05\n", "")
    assert lrviz("when", "lr >= 0.75", "waves.yaml", cwd=here) == (0, "step 750 (epoch 0.75)   0.75\n", "")


def test_never_and_always_are_said(here: Path) -> None:
    assert lrviz("when", "lr > 1", "step.yaml", cwd=here) == (0, "never\n", "")
    assert lrviz("when", "0 < lr <= 0.1", "step.yaml", "--all", cwd=here) == (0, "always\n", "")
    out = "backbone   never\nhead       epoch 0   0.1\n"
    assert lrviz("when", "lr >= 0.06", "groups.yaml", cwd=here) == (0, out, "")
    assert lrviz("when", "lr >= 0.06", "groups.yaml", "step.yaml", "waves.yaml", cwd=here) == (
        0,
        "groups   backbone   never\n"
        "groups   head       epoch 0                0.1\n"
        "step                epoch 0                0.1\n"
        "waves               step 60 (epoch 0.06)   0.06\n",
        "",
    )


def test_every_stretch_with_its_length(here: Path) -> None:
    assert lrviz("when", "lr > 0.9995 or lr < 0.5 and step > 3500", "waves.yaml", "--all", cwd=here) == (
        0,
        "step 1,000 (epoch 1)                       1 step (0.001 epochs)\n"
        "step 3,000 (epoch 3)                       1 step (0.001 epochs)\n"
        "step 3,501 (epoch 3.501)   to step 3,999   499 steps (0.499 epochs)\n",
        "",
    )
    assert lrviz("when", "lr < 0.06", "step.yaml", "groups.yaml", "--all", cwd=here) == (
        0,
        "step                epoch 30   to epoch 89   60 epochs\n"
        "groups   backbone   always\n"
        "groups   head       epoch 30   to epoch 89   60 epochs\n",
        "",
    )


def test_json(here: Path) -> None:
    status, out, err = lrviz("when", "lr > 0.999", "waves.yaml", "step.yaml", "--format", "json", "--all", cwd=here)
    assert (status, err) == (0, "")
    peak = {"lr": 1.0}
    assert json.loads(out) == {
        "version": 1,
        "condition": "lr > 0.999",
        "records": [
            {
                "schedule": "waves",
                "group": None,
                "holds": "sometimes",
                "stretches": [
                    {
                        "first": {"epoch": epoch, "step": step, **peak},
                        "last": {"epoch": epoch, "step": step, **peak},
                        "epochs": 0.001,
                        "steps": 1,
                    }
                    for epoch, step in ((1, 1000), (3, 3000))
                ],
            },
            {"schedule": "step", "group": None, "holds": "never", "stretches": []},
        ],
    }
    out = lrviz("when", "lr > 0", "step.yaml", "--format", "json", cwd=here).out
    assert '"epochs": 90,' in out, "a whole number of epochs is written as one"
    (record,) = json.loads(out)["records"]
    assert (record["holds"], record["stretches"][0]["epochs"]) == ("always", 90)
    assert record["stretches"][0]["last"] == {"epoch": 89, "step": None, "lr": 0.025}
    arguments = ("step.yaml", "--set", "steps_per_epoch=1000", "--format", "json")
    (record,) = json.loads(lrviz("when", "lr < 0.06", *arguments, cwd=here).out)["records"]
    assert record["stretches"][0]["first"] == {"epoch": 30, "step": 30_000, "lr": 0.05}
    assert record["stretches"][0]["steps"] == 60_000
    (first,) = json.loads(lrviz("when", "lr > 0.999", "waves.yaml", "--format", "json", cwd=here).out)["records"]
    assert len(first["stretches"]) == 1, "all of them only with --all"


def test_the_moment_is_the_first_row_of_the_table_that_holds(here: Path) -> None:
    for bound in ("0.04", "0.05", "0.1"):
        arguments = ("--set", "gamma=0.93", "--set", "step_size=3", "step.yaml")
        table = list(csv.DictReader(io.StringIO(lrviz("table", *arguments, "--format", "csv", cwd=here).out)))
        first = next(row for row in table if float(row["step"]) < float(bound))
        assert lrviz("when", f"lr < {bound}", *arguments, cwd=here).out == f"epoch {first['epoch']}   {first['step']}\n"


def test_what_is_wrong_is_said(here: Path) -> None:
    assert lrviz("when", "lr = 0.1", "step.yaml", cwd=here) == (
        2,
        "",
        "lrviz: error: this is not arithmetic (column 4 of 'lr = 0.1')\n  hint: write == for equality\n",
    )
    assert lrviz("when", "step.yaml", "lr < 1", cwd=here) == (
        2,
        "",
        "lrviz: error: 'step.yaml' is a file, not a condition\n  hint: lrviz when \"lr < 1e-5\" FILE\n",
    )
    assert lrviz("when", "none.yaml", "lr < 1", cwd=here).err.startswith(
        "lrviz: error: 'none.yaml' is a file, not a condition"
    )
    assert lrviz("when", "step > 5 and momentum > 0", "step.yaml", "groups.yaml", cwd=here) == (
        2,
        "",
        "step: error: step is not known in this run\n"
        "  hint: give the run `steps_per_epoch` or `data`\n"
        "step: error: this schedule does not change the momentum\n"
        "  hint: OneCycleLR and CyclicLR do\n"
        "groups: error: step is not known in this run\n"
        "  hint: give the run `steps_per_epoch` or `data`\n"
        "groups: error: this schedule does not change the momentum\n"
        "  hint: OneCycleLR and CyclicLR do\n",
    )
    assert lrviz("when", "log(lr - 0.05) < 0", "step.yaml", cwd=here) == (
        2,
        "",
        "step: error: `log(lr - 0.05) < 0` is not a real number at epoch 30\n",
    )
