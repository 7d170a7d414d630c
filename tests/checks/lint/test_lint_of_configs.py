"""Findings on another program's config say what its user can do: nothing of our own file's words."""

from __future__ import annotations

from typing import Any

from helpers.configs import read

from lrviz.checks.lint import lint
from lrviz.engine.simulate import simulate


def findings(text: str, dialect: str, **data: Any) -> dict[str, str]:
    schedule = read(text, "config.yaml", dialect=dialect, **data)
    return {each.code: each.hint for each in lint(schedule, simulate(schedule), schedule.name)}


def test_a_first_step_of_0_that_a_program_makes_is_no_finding() -> None:
    text = "learning_rate: 1.0e-5\nlr_scheduler_type: cosine\nmax_steps: 300\nwarmup_steps: 30\n"
    assert [*findings(text, "hf")] == ["nothing-expected"]


def test_expectations_are_proposed_for_a_schedule_file_that_follows_the_config() -> None:
    text = "learning_rate: 1.0e-5\nlr_scheduler_type: constant\nnum_train_epochs: 2\nper_device_train_batch_size: 4\n"
    hint = findings(text, "hf", samples=400, devices=1)["nothing-expected"]
    follows, _, line = hint.partition("; ")
    assert follows == (
        "write them in a schedule file beside `config: {file: config.yaml, data: {samples: 400, devices: 1}}`"
    )
    assert line.startswith("as it is now: `expect: {steps: 200, ")


COSINE = """
trainer: {max_epochs: 50}
model: {class_path: flowers.Net}
optimizer: {class_path: torch.optim.SGD, init_args: {lr: 0.1}}
lr_scheduler: {class_path: torch.optim.lr_scheduler.CosineAnnealingLR, init_args: {T_max: 40}}
"""


def test_a_hint_leaves_out_what_only_a_schedule_file_can_hold() -> None:
    """Of ours it goes on: `; or, to stay at the floor, use phases`."""
    assert findings(COSINE, "lightning")["cosine-climbs"] == "T_max: 50"
