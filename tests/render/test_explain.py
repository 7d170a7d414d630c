"""`explain`: the pages, exactly, and that every published schedule has one that fits 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.loading import load_file, load_text
from lrviz.render.tables.explain import explained, page

GOLDEN = Path(__file__).parent / "golden" / "explain"
ROOT = Path(__file__).parent.parent.parent

PHASES = """
epochs: 90
data: {samples: 1281167, batch_size: 256, devices: 8, accumulate: 1, drop_last: false}
title: A recipe
interval: step
optimizer:
  type: AdamW
  weight_decay: 0.3
  groups: [{name: body, lr: 1e-3}, {name: head, lr: 3e-3}]
scheduler:
  - {type: LinearLR, start_factor: 0.033, for: 5 epochs}
  - {type: none, for: 10%}
  - {type: ExponentialLR, gamma: 0.9, interval: epoch, from: {body: 1e-4, head: 2e-4}, for: 2.4 epochs}
  - {type: LambdaLR, from: base, lr_lambda: 1 - t / T}
"""
CHILDREN = """
steps: 1000
optimizer: {type: SGD, lr: 0.1}
metric: [1, 2]
scheduler:
  type: SequentialLR
  milestones: [10%]
  schedulers:
    - {type: LinearLR, total_iters: 100 steps}
    - {type: CosineAnnealingLR, T_max: 900}
"""
PER_STEP = "steps: 250\nsteps_per_epoch: 100\noptimizer: {lr: 0.1}\nscheduler: none\n"


CASES = {"phases": PHASES, "children": CHILDREN, "none": PER_STEP}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, golden: Golden) -> None:
    (schedule,) = load_text(CASES[name], f"{name}.yaml")
    golden.same_text(GOLDEN / f"{name}.txt", page(explained(schedule, name, schedule.remarks)))


def test_there_is_no_golden_file_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / f"{name}.txt" for name in CASES))


@pytest.mark.parametrize("file", sorted(ROOT.glob("schedules/**/*.yaml")), ids=lambda file: file.stem)
def test_every_example_has_a_page_of_80_columns_and_json(file: Path) -> None:
    for schedule in load_file(file):
        data = explained(schedule, schedule.name)
        long = [line for line in page(data).splitlines()[1:] if len(line) > 80 and "lr_lambda" not in line]
        assert not long
        assert json.loads(json.dumps(data)) == data


def test_every_argument_says_where_it_comes_from() -> None:
    (schedule,) = load_text("epochs: 7\noptimizer: {lr: 1}\nscheduler: {type: CosineAnnealingLR}\n", "f.yaml")
    assert explained(schedule, "f")["scheduler"] == {
        "type": "CosineAnnealingLR",
        "arguments": [
            {"name": "T_max", "value": 7, "origin": "run"},
            {"name": "eta_min", "value": 0.0, "origin": "torch"},
        ],
    }
