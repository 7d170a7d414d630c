"""The printed code is as `ruff format` writes it, has its imports in order, and passes `mypy --strict`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS
from printed import code, shortened
from test_code_expressions import RANDOM
from test_code_expressions import printed as printed_functions
from test_code_runs import FILES, PHASES

from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Phases

MYPY = """\
[mypy]
strict = True
[mypy-torch.*]
follow_imports = skip
[mypy-torch.optim.*]
follow_imports = silent
[mypy-printed_random]
strict_equality = False
"""
"""What the rest of torch holds is not what is tested, and takes long to read. Random expressions compare 7 with 90."""

ONE = "{type: AdamW, lr: 3e-3, betas: [0.87, 0.98]}"
THREE = "{momentum: 0.8, groups: [{lr: 0.1}, {name: b, lr: 0.01, momentum: 0}, {lr: 7e-5}]}"

LONG = f"""
title: {"A title that is much too long for a line " * 4}
source: https://example.org/{"a-very-long-path-" * 8}
epochs: 30
steps_per_epoch: 7
interval: step
optimizer: {{type: Adafactor, lr: 1e-2, eps: [null, 1e-3], groups: [{{name: {"n" * 90}, weight_decay: 0.05}}, {{}}]}}
schedules:
  {"a-long-name-" * 9}:
    scheduler:
    - {{type: LambdaLR, lr_lambda: [{" + ".join(["t / T"] * 30)}, "1 if t < 5 else {" * ".join(["cos(t)"] * 12)}"],
       for: 2.5 epochs, name: {"long " * 30}}}
    - {{type: MultiStepLR, milestones: [{", ".join(f"{each} steps" for each in range(20, 60))}], from: 0.5}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is printed for the gallery, for every class of torch, for phases, and for random expressions."""
    texts = [
        code(*(shortened(each, 50) if isinstance(each.scheduler, Phases) else each for each in load_file(file)))
        for file in FILES
    ]
    cases = [*product(FOR_ANY_GROUPS.values(), [ONE]), *product(FOR_THREE_GROUPS.values(), [THREE])]
    for case, optimizer in cases:
        metric = f"metric: {list(case.metric)}\n" if case.metric else ""
        head = f"epochs: {CALLS}\noptimizer: {optimizer}\n"
        texts.append(code(*load_text(f"{head}scheduler: {case.text}\n{metric}", "case.yaml")))
    for phases in PHASES.values():
        texts.append(code(*load_text(f"epochs: 30\noptimizer: {ONE}\nscheduler: {phases}\n", "phases.yaml")))
    texts.append(code(*load_text(LONG, "long.yaml")))

    folder = tmp_path_factory.mktemp("printed")
    for index, text in enumerate(texts):
        (folder / f"printed_{index}.py").write_text(text, encoding="utf-8")
    (folder / "printed_random.py").write_text(printed_functions(*RANDOM)[0])
    (folder / "mypy.ini").write_text(MYPY)
    return folder


def said(folder: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}".strip()


def test_it_is_formatted(folder: Path) -> None:
    if shutil.which("ruff") is None:
        pytest.importorskip("ruff")
    assert said(folder, "ruff", "format", "--isolated", "--diff", ".").endswith("files already formatted")


def test_its_imports_are_in_order_and_all_are_used(folder: Path) -> None:
    if shutil.which("ruff") is None:
        pytest.importorskip("ruff")
    rules = "E4,E7,E9,F,I,UP,B,ANN,N,D2,D3"
    ignored = "B002,D203,D205,D213"  # `--t` is what the file says; a summary may take two lines
    found = said(folder, "ruff", "check", "--isolated", "--select", rules, "--ignore", ignored, ".")
    assert found == "All checks passed!"


def test_it_is_well_typed(folder: Path) -> None:
    pytest.importorskip("mypy")
    files = [file.name for file in folder.glob("*.py")]
    assert said(folder, "mypy", "--no-incremental", *files) == f"Success: no issues found in {len(files)} source files"


@pytest.mark.parametrize(
    ("run", "written", "comment"),
    [
        ("epochs: 30", "1 epoch", "1 epoch"),
        ("epochs: 30", "5 epochs", "5 epochs"),
        ("epochs: 30", "20%", "20% = 6 epochs"),
        ("epochs: 30\nsteps_per_epoch: 5\ninterval: step", "1 epoch", "1 epoch = 5 steps"),
        ("steps: 9000", "1000 steps", "1,000 steps"),
    ],
)
def test_the_length_of_a_phase_is_said_once(run: str, written: str, comment: str) -> None:
    phases = f"[{{type: LinearLR, for: '{written}'}}, {{type: CosineAnnealingLR}}]"
    text = code(*load_text(f"{run}\noptimizer: {{lr: 0.1}}\nscheduler: {phases}\n", "phases.yaml"))
    assert f"# phase 1: {comment}\n" in text
