"""`lrviz check --checkpoint`, as it is typed: what is printed, in every format, and the exit status."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import indent

import pytest
import torch
from helpers.golden import Golden
from process import lrviz
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR

from lrviz.checks.report import FORMATS

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"

FILE = """\
epochs: 12
steps_per_epoch: 100
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
scheduler: {type: StepLR, step_size: 3}
expect: {at: {0: 0.1, end: 1e-5}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A schedule, checkpoints of it and of others, and what is none."""
    folder = tmp_path_factory.mktemp("checkpoint")
    (folder / "train.yaml").write_text(FILE)
    (folder / "two.yaml").write_text(f"schedules:\n  a: &a\n{indent(FILE, '    ')}  b: *a\n")
    (folder / "groups.yaml").write_text(
        FILE.replace("lr: 0.1, momentum: 0.9", "groups: [{name: body, lr: 0.1}, {name: head, lr: 0.3}]")
    )
    (folder / "adam.yaml").write_text(FILE.replace("SGD, lr: 0.1, momentum: 0.9", "AdamW, lr: 0.1"))
    for name, step_size in (("planned", 3), ("changed", 5)):
        optimizer = SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)
        scheduler = StepLR(optimizer, step_size)
        for _ in range(4):
            optimizer.step()
            scheduler.step()
        state = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
        torch.save(state, folder / f"{name}.pt")
    (folder / "cut.pt").write_bytes((folder / "planned.pt").read_bytes()[:900])
    (folder / "empty.pt").write_bytes(b"")
    (folder / "picture.pt").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "sharded").mkdir()
    for name in (".metadata", "__0_0.distcp"):
        (folder / "sharded" / name).write_bytes(b"")
    shutil.copytree(HERE / "samples" / "accelerate", folder / "accelerate")
    return folder


CASES = {
    "planned": ("train.yaml", "--checkpoint", "planned.pt"),
    "changed": ("train.yaml", "--checkpoint", "changed.pt"),
    "quiet": ("train.yaml", "--checkpoint", "planned.pt", "-q"),
    "several-checkpoints": ("train.yaml", "--checkpoint", "planned.pt", "--checkpoint", "changed.pt"),
    "one-schedule": ("two.yaml", "--checkpoint", "planned.pt"),
    "only": ("two.yaml", "--checkpoint", "planned.pt", "--only", "b"),
    "accelerate": ("train.yaml", "--checkpoint", "accelerate"),
    "cut": ("train.yaml", "--checkpoint", "cut.pt"),
    "empty": ("train.yaml", "--checkpoint", "empty.pt"),
    "picture": ("train.yaml", "--checkpoint", "picture.pt"),
    "sharded": ("train.yaml", "--checkpoint", "sharded"),
    "missing": ("train.yaml", "--checkpoint", "none.pt"),
    "groups": ("groups.yaml", "--checkpoint", "planned.pt"),
    "optimizer": ("adam.yaml", "--checkpoint", "planned.pt"),
}
STATUS = {"planned": 0, "quiet": 0, "only": 0, "changed": 1, "several-checkpoints": 1, "accelerate": 1}


@pytest.mark.parametrize("name", CASES)
def test_what_a_check_says_of_a_checkpoint(folder: Path, name: str, golden: Golden) -> None:
    done = lrviz("check", *CASES[name], cwd=folder)
    assert done.status == STATUS.get(name, 2)
    golden.same_text(GOLDEN / f"{name}.txt", f"$ lrviz check {' '.join(CASES[name])}\n{done.out}{done.err}")


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"text"}))
def test_every_format_of_reports_knows_checkpoints(folder: Path, format: str, golden: Golden) -> None:
    done = lrviz("check", *CASES["several-checkpoints"], "--format", format, cwd=folder)
    assert (done.status, done.err) == (1, "")
    golden.same_text(GOLDEN / f"report.{format}", done.out)


def test_no_golden_is_left_over(golden: Golden) -> None:
    names = ["resume.txt", *(f"{name}.txt" for name in CASES)] + [
        f"report.{format}" for format in FORMATS if format != "text"
    ]
    golden.no_orphans(GOLDEN, [GOLDEN / name for name in names])


def test_a_code_is_explained() -> None:
    done = lrviz("check", "--explain", "checkpoint-order")
    assert done.out == (
        "checkpoint-order: an optimizer and a scheduler in a checkpoint that were saved at different calls. (Found by "
        "--checkpoint.)\n"
    )
