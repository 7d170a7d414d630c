"""The JSON Schema: what lrviz takes it takes, and what a schema can see to be wrong it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers.pages import PAGES, blocks
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

import lrviz
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.catalogue import DATA, FILE, OPTIMIZERS, SCHEDULERS
from lrviz.schedule.schema.build import json_schema
from lrviz.schedule.text.document import parse
from lrviz.schedule.text.expression import ExpressionError
from lrviz.schedule.text.expression import parse as parse_expression

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGE = Path(lrviz.__file__).parent
TEMPLATE = (PACKAGE / "gallery" / "template.yaml").read_text(encoding="utf-8")

POSITIVE = [
    *sorted((ROOT / "schedules").rglob("*.yaml")),
    *sorted((HERE / "positive").glob("*.yaml")),
    PACKAGE / "gallery" / "starter.yaml",
    PACKAGE / "gallery" / "template.yaml",
]
NEGATIVE = {
    file.stem: file
    for file in sorted((HERE / "negative").glob("*.yaml"))
    if not re.search("to come|this version of lrviz", file.with_suffix(".txt").read_text(encoding="utf-8"))
}

BEYOND_A_SCHEMA = {
    # one number against another
    "data_smaller_than_a_batch",
    "metric_too_short",
    "sequential_too_few_milestones",
    "sequential_too_many_milestones",
    "expect_between_turned_around",
    "expect_contradictions",
    "expect_contradictions_at_the_end",
    "expect_contradictions_of_lengths",
    # one schedule against another
    "expect_one_snapshot_for_two",
    # a length against the run
    "expect_at_the_same_place_twice",
    "expect_number_without_unit",
    "expect_number_without_unit_in_steps",
    "expect_length_unknown",
    "phases_in_the_other_unit",
    "expect_outside",
    "duration_in_a_run_without_steps",
    "duration_rounds_to_0",
    # the names and the number of the param groups
    "groups_and_their_values",
    "groups_of_one_name",
    "groups_with_too_few_values",
    # what one schedule inherits and another overrides
    "optimizer_argument_left_behind",
    # the length may come from the command line
    "run_without_length",
    # the class is fine once it is trusted
    "scheduler_of_the_user",
    # JSON has no NaN
    "number_nan",
    # YAML itself: no document ever reaches a schema
    "comma_in_a_value",
    "comma_in_a_value_of_a_list",
    "yaml_alias_unknown",
    "yaml_bracket",
    "yaml_comments_only",
    "yaml_duplicate_key",
    "yaml_tab",
    "yaml_tag",
    "yaml_two_documents",
}
"""The negative examples that a schema takes, or never sees."""

SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
HEAD = "epochs: 9\noptimizer: {lr: 1}\n"


def as_json(value: Any) -> Any:
    """What an editor hands to a schema: JSON has text for keys."""
    if isinstance(value, dict):
        return {str(key): as_json(member) for key, member in value.items()}
    return [as_json(member) for member in value] if isinstance(value, list) else value


def found(text: str | bytes) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(as_json(parse(text, "x").plain()))]


def takes(text: str) -> bool:
    return not found(text)


# --- the schema and the example files ------------------------------------------------------------------------


def test_the_schema_is_draft_7_and_nothing_in_it_points_nowhere() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(SCHEMA)
    pointers = re.findall(r'"\$ref": "#/([^"]*)"', json.dumps(SCHEMA))
    for pointer in set(pointers):
        target = SCHEMA
        for part in pointer.split("/"):
            target = target[part]
    assert {pointer.split("/")[1] for pointer in pointers} == set(SCHEMA["definitions"])


def test_a_schema_is_made_anew_and_always_the_same() -> None:
    code = "import json; from lrviz.schedule.schema.build import json_schema; print(json.dumps(json_schema()))"
    done = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert done[0].stdout == done[1].stdout == f"{json.dumps(SCHEMA)}\n".encode()


@pytest.mark.parametrize("file", POSITIVE, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_what_lrviz_takes_the_schema_takes(file: Path) -> None:
    assert found(file.read_bytes()) == []


@pytest.mark.parametrize("name", [name for name in NEGATIVE if name not in BEYOND_A_SCHEMA])
def test_what_a_schema_can_see_it_refuses(name: str) -> None:
    assert found(NEGATIVE[name].read_bytes()) != []


@pytest.mark.parametrize("name", sorted(BEYOND_A_SCHEMA & set(NEGATIVE)))
def test_what_is_called_beyond_a_schema_is(name: str) -> None:
    try:
        errors = found(NEGATIVE[name].read_bytes())
    except ScheduleError:
        errors = []  # no document
    assert errors == []


def test_every_name_that_is_called_beyond_a_schema_is_an_example() -> None:
    assert {file.stem for file in (HERE / "negative").glob("*.yaml")} >= BEYOND_A_SCHEMA


# --- files nobody wrote ---------------------------------------------------------------------------------------

VALUES = [
    *(0, 1, -1, 2, 0.5, 100.0, 1e9, True, False, None, [], [1], [1, 2], {}, {"a": 0.5, "b": 1}, {"0": 1}),
    *("5 epochs", "10%", "1 EP", "5epochs", "1e1 steps", "0.9 ** t", "0.9 ** i", "2 * 3", "1,000", "max(1, 2)", "  7 "),
    *("1.", "0x10", "none", "base", "StepLR", "AdamW", "SGD", "step", "epoch", "cos", "triangular", "1 / (epoch + 1)"),
    *({"type": "StepLR", "step_size": 3}, {"samples": 100, "batch_size": 3}, ["5 epochs", "50%"]),
    [{"type": "LinearLR", "for": "1 epochs"}, {"type": "ExponentialLR", "gamma": 0.9}],
    [{"type": "none", "for": 1}, {"type": "CosineAnnealingLR", "from": "base"}],
]
PASSED_OVER = {"expect", "train"}
"""`expect` is not read yet, and `train` is read only by the command of that name."""

ENTRIES = (FILE, DATA, *SCHEDULERS.values(), *OPTIMIZERS.values())
KEYS = sorted({argument.name for entry in ENTRIES for argument in entry.arguments} - PASSED_OVER)
KEYS += ["for", "from", "type", "name", "repeat", "groups"]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) inside of a value, but not in what is passed over."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    here = [(value, key) for key, _ in members if key not in PASSED_OVER]
    return here + [place for container, key in here for place in places(container[key])]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.data())
def test_what_lrviz_takes_the_schema_takes_of_any_file(data: st.DataObject) -> None:
    document = as_json(parse(data.draw(st.sampled_from(POSITIVE)).read_bytes(), "x").plain())
    for _ in range(data.draw(st.integers(1, 2))):
        container, key = data.draw(st.sampled_from(places(document)))
        if isinstance(container, dict) and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(KEYS))
        container[key] = deepcopy(data.draw(st.sampled_from(VALUES)))
    try:
        load_text(json.dumps(document), "x")
    except ScheduleError:
        return
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


# --- the template of `lrviz init` ----------------------------------------------------------------------------


def alternatives(text: str) -> list[str]:
    """The blocks of a file that a `#` without a space keeps out, each without it."""
    blocks = re.findall(r"^#\w+:.*\n(?:^#  .*\n)*", text, re.MULTILINE)
    return [re.sub("^#", "", block, flags=re.MULTILINE) for block in blocks]


def put_in(text: str, block: str) -> str:
    """The text with a block in the place of what it replaces."""
    key = block.partition(":")[0]
    instead = {"steps": "epochs", "schedules": "scheduler"}.get(key, key)
    text = re.sub(rf"^{instead}:.*\n(?:^ .*\n)*", "", text, flags=re.MULTILINE)
    if key == "interval":
        block += "steps_per_epoch: 391\n"
    return re.sub(r"^expect:\n(?:^ .*\n)*", "", text, flags=re.MULTILINE) + block


def test_the_template_begins_with_the_line_for_editors_and_loads() -> None:
    assert TEMPLATE.startswith("# yaml-language-server: $schema=./lrviz.schema.json\n")
    (schedule,) = load_text(TEMPLATE, "schedule.yaml")
    curve = schedule_curve(TEMPLATE)
    assert schedule.name == "schedule"
    for epoch, rate in {0: 0.1, 45: 0.05}.items():  # as its `expect` says
        assert curve[epoch] == pytest.approx(rate)
    assert all(later <= earlier for earlier, later in pairwise(curve))


def schedule_curve(text: str) -> list[float]:
    return list(simulate(load_text(text, "schedule.yaml")[0]).columns[0])


@pytest.mark.parametrize("block", alternatives(TEMPLATE), ids=lambda block: block.strip().splitlines()[0][:40])
def test_every_alternative_of_the_template_works(block: str) -> None:
    text = put_in(TEMPLATE, block)
    assert block.partition(":")[0] in parse(text, "x").plain()
    assert found(text) == []
    assert load_text(text, "schedule.yaml")


def test_the_template_has_alternatives_for_what_people_change() -> None:
    keys = [block.partition(":")[0] for block in alternatives(TEMPLATE)]
    assert keys.count("scheduler") >= 5
    assert {"steps", "interval", "data", "optimizer", "scheduler", "metric", "schedules"} <= set(keys)


# --- what the format says ------------------------------------------------------------------------------------

TAKEN = {
    "durations": [
        "scheduler: {type: StepLR, step_size: 5 epochs}",
        "scheduler: {type: StepLR, step_size: 2.5ep}",
        "scheduler: {type: MultiStepLR, milestones: [30, 500 steps, 1 epoch, 80%]}",
        "scheduler: {type: OneCycleLR, max_lr: 1, total_steps: 100 %}",
        "scheduler: {type: MultiStepLR, milestones: [99.9%, .5%, 1e1%, 100.0%]}",
        "scheduler: {type: StepLR, step_size: 90 * 5005}",
    ],
    "expressions": [
        "scheduler: {type: ExponentialLR, gamma: 0.05 ** (1 / 160000)}",
        'scheduler: {type: LambdaLR, lr_lambda: "min((t + 1) ** -0.5, (t + 1) * 10 ** -1.5)"}',
        "scheduler: {type: LambdaLR, lr_lambda: 1 if t < 5 and not t == 3 else (0.1 if n / N < .5 else 0.5 ** epoch)}",
        "scheduler: {type: LambdaLR, lr_lambda: [0.5, 0.9 ** t]}",
        "scheduler: {type: MultiplicativeLR, lr_lambda: {head: 0.95, body: cos(pi * t / T)}}",
        "scheduler: {type: CyclicLR, base_lr: 0, max_lr: 1, scale_fn: 0.5 ** (x - 1)}",
    ],
    "phases": [
        "scheduler: [{type: LinearLR, start_factor: 0.03, for: 5 epochs}, {type: CosineAnnealingLR, eta_min: 1e-5}]",
        "scheduler: [{type: none, for: 3}, {type: StepLR, step_size: 1, from: base}]",
        "scheduler: [{type: StepLR, step_size: 1, from: 1e-4, interval: epoch, for: 10%}, {type: ConstantLR}]",
        "scheduler: [{type: StepLR, step_size: 1, from: {a: 1e-4, b: 2 / 3}, for: 1}, {type: OneCycleLR, max_lr: 1}]",
        "scheduler: [{type: SequentialLR, schedulers: [{type: LinearLR}, {type: ConstantLR}], milestones: [1]}]",
        "scheduler: [{type: torch.optim.lr_scheduler.LinearLR, for: 1}, {type: my.Own, for: 1, warmth: high}]",
    ],
    "own classes": ["scheduler: {type: transformers.get_cosine_schedule_with_warmup, num_warmup_steps: 3, x: [y]}"],
    "metric": [
        "scheduler: {type: ReduceLROnPlateau}\nmetric: [1, 2]",
        "scheduler: {type: ReduceLROnPlateau}\nmetric: 1 / (epoch + 1) + step",
        "scheduler: [{type: ReduceLROnPlateau}]\nmetric: {file: runs/log.csv, column: val_loss}",
    ],
    "expect": [
        "scheduler: none\nexpect: {at: {0: 1, 5 epochs: {a: 1}, 10%: 1, 500 steps: 2 / 3, last: 0, end: 0}}",
        "scheduler: none\nexpect: {peak: 5 epochs, between: [1e-5, 3e-3], increasing: [0, 5 epochs]}",
        "scheduler: none\nexpect: {peak: {a: 5}, between: {a: [0, 1]}, constant: [[0, 1], [2, 50%]], decreasing: true}",
        "scheduler: none\nexpect: {max: {a: 1, b: 2}, max_jump: 1.5, tolerance: 1e-9, snapshot: x.csv}",
    ],
    "inside of a SequentialLR": [
        "scheduler: {type: SequentialLR, milestones: [1], schedulers: "
        "[{type: OneCycleLR, max_lr: 1, epochs: 3, steps_per_epoch: 3}, {type: CosineAnnealingLR, T_max: 3}]}",
    ],
    "ignore": ["scheduler: none\nignore: [lr-zero]"],
}

REFUSED = {
    "durations": [
        "scheduler: {type: StepLR, step_size: 5 days}",
        "scheduler: {type: StepLR, step_size: -5 epochs}",
        "scheduler: {type: ExponentialLR, gamma: 5 epochs}",
        "scheduler: {type: StepLR, step_size: five epochs}",
        "scheduler: {type: StepLR, step_size: 100.5%}",
        "scheduler: {type: StepLR, step_size: 101 %}",
    ],
    "expressions": [
        "scheduler: {type: ExponentialLR, gamma: 0.9 ** t}",
        "scheduler: {type: LambdaLR, lr_lambda: 0.9 ** tt}",
        "scheduler: {type: LambdaLR, lr_lambda: 'lambda t: 0.9'}",
        "scheduler: {type: LambdaLR, lr_lambda: t.real}",
        "scheduler: {type: LambdaLR, lr_lambda: 'open(1)'}",
        "scheduler: {type: CyclicLR, base_lr: 0, max_lr: 1, scale_fn: 0.5 ** t}",
    ],
    "phases": [
        "scheduler: []",
        "scheduler: [none]",
        "scheduler: [{type: LinearLR, for: 0}, {type: StepLR, step_size: 1}]",
        "scheduler: [{type: LinearLR, for: long}]",
        "scheduler: [{type: LinearLR, from: start}]",
        "scheduler: [{type: LinearLR, from: -1}]",
        "scheduler: [{type: OneCycleLR, max_lr: 1, from: base}]",
        "scheduler: [{type: CyclicLR, base_lr: 0, max_lr: 1, from: 0.1}]",
        "scheduler: [{type: LinearLR, interval: batch}]",
        "scheduler: [{type: StepLR}]",
        "scheduler: {type: none, for: 5}",
        "scheduler: {type: LinearLR, from: base}",
        "scheduler: {type: ChainedScheduler, schedulers: [{type: LinearLR, for: 5}]}",
        "scheduler: [{type: SequentialLR, schedulers: [{type: CosineAnnealingLR}], milestones: []}]",
    ],
    "metric": [
        "scheduler: [{type: LinearLR, for: 5}, {type: ReduceLROnPlateau}]",
        "scheduler: {type: ReduceLROnPlateau}\nmetric: {file: runs/log.csv}",
        "scheduler: {type: ReduceLROnPlateau}\nmetric: [fast]",
        "scheduler: {type: ReduceLROnPlateau}\nmetric: 1 / t",
    ],
    "expect": [
        "scheduler: none\nexpect: {at: {soon: 1}}",
        "scheduler: none\nexpect: {peak: first}",
        "scheduler: none\nexpect: {between: [0]}",
        "scheduler: none\nexpect: {increasing: [0, 1, 2]}",
        "scheduler: none\nexpect: {increasing: false}",
        "scheduler: none\nexpect: {max_jump: 0.5}",
        "scheduler: none\nexpect: {max: -1}",
    ],
    "own classes": ["scheduler: {type: torch.optim.lr_scheduler.Own}"],
}


@pytest.mark.parametrize("lines", [pytest.param(lines, id=lines[:70]) for each in TAKEN.values() for lines in each])
def test_the_schema_takes_what_the_format_has(lines: str) -> None:
    assert found(f"{HEAD}{lines}\n") == []


@pytest.mark.parametrize("lines", [pytest.param(lines, id=lines[:70]) for each in REFUSED.values() for lines in each])
def test_the_schema_refuses_what_the_format_does_not_have(lines: str) -> None:
    assert takes(f"{HEAD}scheduler: none\n")
    assert found(f"{HEAD}{lines}\n") != []


def test_the_schedules_of_the_documentation() -> None:
    texts = [block.text for page in PAGES for block in blocks(page) if block.language == "yaml" and not block.name]
    assert texts
    assert [found(text) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize("optimizer", [
    "{type: SGD, lr: 1, momentum: 0.9, nesterov: true}",
    "{type: torch.optim.AdamW, betas: [0.9, 1 - 0.05], groups: [{name: l, repeat: 12, lr: 1e-3 * 0.75 ** (11 - i)}]}",
    "{type: Adafactor, lr: 1, eps: [~, 1e-3]}",
])  # fmt: skip
def test_optimizers_that_it_takes(optimizer: str) -> None:
    assert found(f"epochs: 1\nscheduler: none\noptimizer: {optimizer}\n") == []


@pytest.mark.parametrize("optimizer", [
    "{type: SGD, lr: 1, betas: [0.9, 0.99]}",
    "{lr: 1, betas: [0.9, 0.99]}",
    "{type: AdamW, lr: 0.1 * i}",
    "{type: AdamW, lr: 1, betas: [0.9]}",
    "{type: AdamW, groups: [{repeat: 0, lr: 1}]}",
    "{type: AdamW, groups: [{name: a, lr: 1}, {name: b}]}",
    "{type: SGD, lr: 1, nesterov: true, momentum: 0}",
])  # fmt: skip
def test_optimizers_that_it_refuses(optimizer: str) -> None:
    assert found(f"epochs: 1\nscheduler: none\noptimizer: {optimizer}\n") != []


def test_a_schedule_may_name_only_what_it_overrides() -> None:
    several = "epochs: 9\noptimizer: {type: AdamW, lr: 1}\nschedules:\n  a:\n    scheduler: none\n    "
    assert takes(several + "optimizer: {weight_decay: 0.1, groups: [{name: head}]}\n")
    assert takes(several + "steps: 9\n")
    assert not takes(several + "optimizer: {weight_decay: 0.1, wd: 1}\n")
    assert not takes(several + "schedules: {}\n")
    assert not takes("epochs: 9\nschedules: {a: {scheduler: none}}\n")
    assert takes("epochs: 9\nschedules: {a: {scheduler: none, optimizer: {lr: 1}}}\n")


# --- what editors show ---------------------------------------------------------------------------------------


def test_everything_in_the_catalogue_is_there_and_is_explained() -> None:
    definitions = SCHEMA["definitions"]
    entries = [(f"scheduler {name}", entry) for name, entry in SCHEDULERS.items()]
    entries += [(f"optimizer {name}", entry) for name, entry in OPTIMIZERS.items()]
    for name, entry in entries:
        properties = definitions[name]["properties"]
        assert {argument.name for argument in entry.arguments} == set(properties) - {"type", "groups"}
        assert entry.summary in definitions[name]["description"]
        assert entry.formula in definitions[name]["description"]
        for argument in entry.arguments:
            assert argument.meaning[1:] in properties[argument.name]["description"]
            if not argument.required and argument.default is not None:
                default = json.loads(json.dumps(argument.default))
                assert properties[argument.name]["default"] == default
    assert set(SCHEMA["properties"]) == {argument.name for argument in FILE.arguments}
    assert set(definitions["schedule"]["properties"]) == set(SCHEMA["properties"]) - {"schedules"}


def test_a_description_tells_meaning_unit_range_and_default() -> None:
    step = SCHEMA["definitions"]["scheduler StepLR"]["properties"]
    assert step["step_size"]["description"] == (
        "Calls between two decays. Calls of scheduler.step(), or a duration such as 5 epochs, 500 steps, 10%. "
        "At least 1."
    )
    assert step["gamma"]["description"] == "Factor of each decay. Unit: factor. At least 0. Default: 0.1."


# --- patterns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "1", "-1", "+.5", "5.", "1e-3", "1E+3", "2 ** -1", "--1", "-(1)", "((1 + t))", "t//2", "t % 3", "not t or t",
    "1 if t <= 3 else 2", "1 if 0 < t < 3 else 2", "max(1, 2, t)", "min (t, cos(pi))", "sqrt(t)*exp(-t)", "pi", "t",
    "(1 if not (t != 3) else 2) + 1",
    "fast", "1_000", "0b1", "1,000", "(1, 2)", "t t", "1 2", "t +", "** 2", "min", "cos t", "t.real", "t[0]",
    "'t'", "x", "pi()", "lambda: 1", "t = 3", "t ^ 2", "1e", "e5", "1j", "t and", "", "  ",
])  # fmt: skip
def test_the_pattern_and_the_language_agree(text: str) -> None:
    pattern = SCHEMA["definitions"]["lr_lambda"]["pattern"]
    try:
        parse_expression(text if text != "not t or t" else "1 if not t or t else 2", ("t",))
        right = True
    except ExpressionError:
        right = False
    assert bool(re.search(pattern, text)) is right


@pytest.mark.parametrize("text", ["1+" * 5_000 + "!", "(" * 10_000, "1 " * 5_000, "-" * 10_000, "9" * 10_000 + "!"])
def test_no_text_keeps_a_pattern_busy(text: str) -> None:
    began = time.perf_counter()
    for definition in SCHEMA["definitions"].values():
        if "pattern" in definition:
            assert not re.search(definition["pattern"], text)
    assert time.perf_counter() - began < 2


def test_patterns_are_regular_expressions_of_javascript_too() -> None:
    """With the `u` flag, as editors compile them, only what needs a backslash may have one."""
    patterns = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(SCHEMA)))
    assert len(patterns) > 5
    for pattern in map(json.loads, patterns):
        assert set(re.findall(r"\\(.)", pattern)) <= set(r"s.*()+S")
        assert re.findall(r"\(\?[^:=!]", pattern) == []
