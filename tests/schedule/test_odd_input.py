"""Input that once broke the reader or misled its writer: each is an error that helps, or read as it is meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lrviz.errors import ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import parse

NONE = "epochs: 3\nscheduler: none\n"
COSINE = "{type: CosineAnnealingLR}]}"
RUN = "epochs: 30\noptimizer: {lr: 0.1}\n"


def refusal(text: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        load_text(text, "f.yaml")
    return str(caught.value)


@pytest.mark.parametrize("written", ["3", "~", "LinearLR", "{type: LinearLR}", "[]", "1.5", "true"])
def test_schedulers_that_are_no_list_are_one_problem(written: str) -> None:
    words = {"~": "nothing", "LinearLR": "'LinearLR'", "{type: LinearLR}": "a mapping", "[]": "an empty list"}
    got = words.get(written, written)
    assert refusal(RUN + f"scheduler: {{type: SequentialLR, milestones: [3], schedulers: {written}}}") == (
        f"f.yaml:3:62: error: SequentialLR: schedulers must be a list of schedulers (got {got})\n"
        "  hint: schedulers: [{type: LinearLR}, {type: ExponentialLR, gamma: 0.9}]"
    )


@pytest.mark.parametrize("written", ["[[{type: LinearLR}]]", "[[]]"])
def test_a_list_in_place_of_a_scheduler_is_a_problem(written: str) -> None:
    assert "a scheduler must be a mapping (got a list)" in refusal(
        RUN + f"scheduler: {{type: ChainedScheduler, schedulers: {written}}}"
    )


@pytest.mark.parametrize("digits", [300, 5_000])
@pytest.mark.parametrize("text", ["epochs: {}\noptimizer: {{lr: 1}}", "epochs: 3\noptimizer: {{lr: {}}}",
                                  "epochs: 3\noptimizer: {{lr: 1}}\ntitle: {}"])  # fmt: skip
def test_a_hexadecimal_number_of_any_size_is_refused_or_read(text: str, digits: int) -> None:
    assert "must be" in refusal(text.format("0x" + "f" * digits) + "\nscheduler: none")


def test_a_binary_number_of_any_size_is_refused_as_one() -> None:
    message = refusal(f"epochs: 0b{'1' * 20_000}\noptimizer: {{lr: 1}}\nscheduler: none")
    assert "epochs must be a whole number (got '0b111" in message


@pytest.mark.parametrize("escape", ["\\UFFFFFFFF", "\\U00110000"])
def test_an_escape_of_no_character_is_not_yaml(escape: str) -> None:
    assert refusal(f'title: "{escape}"').startswith("f.yaml:1:")


def test_of_several_merged_mappings_the_first_wins() -> None:
    read = parse("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nd: {<<: [*a, *b]}\ne: {<<: [*b, *a], w: 0}", "").plain()
    assert (read["d"], read["e"]) == ({"x": 1, "z": 2}, {"x": 2, "z": 2, "w": 0})


def test_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError) as caught:
        load_file(tmp_path)
    assert str(caught.value) == f"{tmp_path}: error: this is a folder, not a file\n  hint: name a file in it"


def test_betas_that_are_written_as_whole_numbers_suit_torch(schedule: Callable[[str], Schedule]) -> None:
    optimizer = schedule("epochs: 3\noptimizer: {type: AdamW, lr: 0.1, betas: [0, 0.999]}\nscheduler: none").optimizer
    assert torch.optim.AdamW([torch.zeros(1)], **optimizer.options)


@pytest.mark.parametrize("scheduler", ["{type: StepLR, step_size: 3}", "none"])
def test_a_metric_that_nothing_reads_may_be_short(schedule: Callable[[str], Schedule], scheduler: str) -> None:
    assert schedule(RUN + f"metric: [1, 2]\nscheduler: {scheduler}").metric == (1, 2)


def test_two_groups_of_one_name_are_a_problem_though_a_member_changes_them() -> None:
    text = """epochs: 3
optimizer: {lr: 1, groups: [{name: a}, {name: a}]}
schedules: {one: {scheduler: none, optimizer: {groups: [{name: a, lr: 5}]}}}
"""
    assert "two param groups are called 'a'" in refusal(text)


def test_an_unknown_key_of_the_file_is_one_problem() -> None:
    text = refusal("epochs: 3\nflavour: 1\noptimizer: {lr: 1}\nschedules: {a: {scheduler: none}, b: {scheduler: none}}")
    assert text.count("unknown key 'flavour'") == 1


def test_json_beyond_the_basic_plane_reads_back_equal() -> None:
    assert parse(json.dumps({"title": "🔥"}), "").plain() == {"title": "🔥"}


def test_a_lone_surrogate_is_no_text() -> None:
    assert refusal(RUN + 'scheduler: none\ntitle: "\\ud800"')


@pytest.mark.parametrize("character", ["\u2028", "\u2029"])
def test_what_yaml_1_2_takes_for_no_line_end_is_none(character: str) -> None:
    root = parse(f'a: "x{character}y"\nb: 1', "")
    value = root.get("b")
    assert value is not None
    assert root.plain()["a"] == f"x{character}y"
    assert value.where.line == 2


def test_quoted_the_merge_key_is_a_name() -> None:
    assert parse('{"<<": 1}', "").plain() == {"<<": 1}


def test_what_schedules_inherit_is_bounded() -> None:
    groups = ",".join(["{}"] * 1_000)
    text = f"epochs: 3\noptimizer: {{lr: 1, groups: [{groups}]}}\nschedules:\n"
    text += "".join(f"  a{i}: {{scheduler: none}}\n" for i in range(1_000))
    assert refusal(text) == "f.yaml:3:1: error: the schedules of this file inherit more than 200,000 values"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (RUN + "scheduler: {type: SequentialLR, milestones: [], schedulers: []}", "!-1 milestones"),
        (RUN + "scheduler: {type: SequentialLR, milestones: [1, 2], schedulers: [{type: LinearLR}, {type: LinearLR}]}",
         "2 schedulers need 1 milestone (got 2)"),
        (RUN + "scheduler: {type: SequentialLR, milestones: [40], schedulers: [{type: LinearLR}, " + COSINE,
         "!T_max: 90"),
        (RUN + "scheduler: {type: SequentialLR, milestones: [5.0], schedulers: [{type: LinearLR}, " + COSINE,
         "T_max: 25, as this scheduler is active for 25 calls"),
        (RUN + "scheduler: {type:StepLR, step_size:10}", "a space is missing after the colon"),
        (RUN + "scheduler: {type: SGD}", "!CosineAnnealingWarmRestarts?"),
        (RUN + "scheduler: {type: linear_decay}", "!CosineAnnealingLR?"),
        (RUN + "scheduler: {type: lr_scheduler.StepLR, step_size: 3}", "did you mean StepLR?"),
        (RUN + "scheduler: {type: optim.lr_scheduler.StepLR, step_size: 3}", "did you mean StepLR?"),
        (RUN + "scheduler: None", "none"),
        (RUN + "scheduler: {type: StepLR, step_size: 1,000}", "1000"),
        (RUN + "scheduler: {type: StepLR}", "!in calls"),
        (RUN + "scheduler: {type: ExponentialLR}", "!in factor"),
        (RUN + "scheduler: {type: OneCycleLR}", "!in learning rate"),
        (RUN + "scheduler: {type: CyclicLR, base_lr: 0, max_lr: 1, step_size_up: 0}", "!leave the scheduler out"),
        (RUN + "scheduler: none\nexpect: {maximum: 1}", "did you mean max?"),
        (RUN + "scheduler: none\ntitle: true", 'write "true"'),
        (RUN + "schedule: {type: StepLR, step_size: 3}", "did you mean scheduler?"),
        (RUN + "schedules: {a: {scheduler: none, schedules: {}}}", "!did you mean scheduler?"),
        (NONE + "optimizer: {lr: 1, momentum: 0.9, nesterov: true, dampening: 0.1}", "!momentum: 0.9"),
        (NONE + "optimizer: {lr: 5 epochs}", "!units are to come"),
        ("epochs: 3\n optimizer: {lr: 1}", "indented"),
    ],
)  # fmt: skip
def test_a_message_helps(text: str, wanted: str) -> None:
    message = refusal(text)
    assert (wanted[1:] not in message) if wanted.startswith("!") else (wanted in message)
