"""`lrviz diff FILE --torch PATH`: the same file under another torch, whose scheduler source stands in a folder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from process import lrviz

SPEC = find_spec("torch")
assert SPEC is not None
assert SPEC.origin is not None
TORCH = Path(SPEC.origin).parent
SOURCE = (TORCH / "optim/lr_scheduler.py").read_text(encoding="utf-8")
DECAY = 'group["lr"] * self.gamma for group in self.optimizer.param_groups'
OWN = next(line for line in (TORCH / "version.py").read_text().splitlines() if line.startswith("__version__"))
VERSION = OWN.partition("=")[2].strip(" '\"")

STEP = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10, gamma: 0.5}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "step.yaml").write_text(STEP)
    return tmp_path


def torch_in(folder: Path, source: str = SOURCE, version: str = "2.99.0") -> None:
    """A torch in its folder, of which lrviz reads two files."""
    (folder / "optim").mkdir(parents=True)
    (folder / "optim/lr_scheduler.py").write_text(source, encoding="utf-8")
    (folder / "version.py").write_text(f"__version__ = '{version}'\n")
    (folder / "__init__.py").write_text("raise RuntimeError('this torch is imported')\n")


PLACES = {
    "venv": "lib/python3.99/site-packages/torch",
    "a venv of Windows": "Lib/site-packages/torch",
    "packages": "torch",
    "torch itself": ".",
}


@pytest.mark.parametrize("place", PLACES)
def test_the_same_source_gives_the_same_curve_wherever_it_stands(place: str, folder: Path) -> None:
    torch_in(folder / "other" / PLACES[place])
    done = lrviz("diff", "step.yaml", "--torch", "other", cwd=folder)
    said = f"step.yaml (torch {VERSION}) and step.yaml (torch 2.99.0) are the same at all 30 epochs and the end"
    assert done == (0, f"{said}, bit for bit\n", "")
    assert not list((folder / "other").rglob("*.pyc"))


def test_another_source_gives_another_curve(folder: Path) -> None:
    torch_in(folder / "other", SOURCE.replace(DECAY, DECAY.replace("self.gamma", "0.4")))
    done = lrviz("diff", "step.yaml", "--torch", "other", cwd=folder)
    assert done.status == 1
    assert done.err == ""
    assert "they differ at 20 of 30 epochs, and at the end" in done.out
    first = next(line for line in done.out.splitlines() if line.startswith("first"))
    assert first.split() == ["first,", "epoch", "10", "0.05", "0.04", "0.8"]  # 0.1 times 0.5, and times 0.4


def test_phases_run_on_the_other_source_too(folder: Path) -> None:
    torch_in(folder / "other", SOURCE.replace(DECAY, DECAY.replace("self.gamma", "0.4")))
    phases = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: [{type: none, for: 9}, {type: StepLR, step_size: 7}]\n"
    (folder / "phases.yaml").write_text(phases)
    done = lrviz("diff", "phases.yaml", "--torch", "other", cwd=folder)
    assert (done.status, "first, epoch 16" in done.out) == (1, True)


def test_a_file_from_standard_input_is_read_once(folder: Path) -> None:
    torch_in(folder / "other")
    done = lrviz("diff", "-", "--torch", "other", cwd=folder, text=STEP)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"<stdin> (torch {VERSION}) and <stdin> (torch 2.99.0) are the same")


REFUSED = {
    "SWALR": (
        "scheduler: {type: SWALR, swa_lr: 0.05}",
        "step.yaml:3:12: error: schedule 'step': SWALR does not live in the scheduler source of torch 2.99.0, which is "
        "all that is read of another torch\n",
    ),
    "an optimizer's switch": (
        "scheduler: none",
        "step.yaml:2:12: error: schedule 'step': the option fused does not live in the scheduler source of torch 2.99.0"
        ", which is all that is read of another torch\n",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_live_in_the_source_is_refused_by_name(what: str, folder: Path) -> None:
    torch_in(folder / "other")
    scheduler, error = REFUSED[what]
    fused = ", fused: true" if "switch" in what else ""
    (folder / "step.yaml").write_text(f"epochs: 30\noptimizer: {{lr: 0.1{fused}}}\n{scheduler}\n")
    assert lrviz("diff", "step.yaml", "--torch", "other", cwd=folder) == (2, "", error)


HINT = "  hint: name a virtual environment that has torch, its site-packages, or the folder of torch itself\n"
WRONG = {
    "no folder": (["step.yaml", "--torch", "gone"], f"gone: error: there is no such folder\n{HINT}"),
    "no torch": (["step.yaml", "--torch", "."], f".: error: there is no torch in this folder\n{HINT}"),
    "two files": (
        ["step.yaml", "step.yaml", "--torch", "."],
        "lrviz: error: --torch compares a file with itself under another torch, but two are named\n"
        "  hint: name one\n",
    ),
    "one file": (
        ["step.yaml"],
        "lrviz: error: diff compares two files, but only one is named\n  hint: name another, or --torch PATH\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_command_says_what_to_write(what: str, folder: Path) -> None:
    arguments, error = WRONG[what]
    assert lrviz("diff", *arguments, cwd=folder) == (2, "", error)


@pytest.mark.parametrize("source", ["import torch\n", "def f(:\n", "from torch import nn\n", "raise SystemError\n"])
def test_a_source_that_needs_more_of_torch_is_refused(source: str, folder: Path) -> None:
    torch_in(folder / "other", source)
    done = lrviz("diff", "step.yaml", "--torch", "other", cwd=folder)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("other/optim/lr_scheduler.py: error: this source of torch's schedulers needs more of")


def test_a_stored_curve_has_no_torch(folder: Path) -> None:
    torch_in(folder / "other")
    (folder / "step.yaml").write_text(f"{STEP}expect: {{snapshot: step.csv}}\n")
    lrviz("check", "step.yaml", "--update", cwd=folder)
    done = lrviz("diff", "step.csv", "--torch", "other", cwd=folder)
    assert done == (
        2,
        "",
        "step.csv: error: this is a stored curve, which no torch runs\n  hint: name a schedule file\n",
    )
