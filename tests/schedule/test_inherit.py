"""Members of `schedules`: what they inherit from their file, and what a problem in the file's part looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule, Scheduler

Schedules = Callable[[str], list[Schedule]]


def groups_of(schedule: Schedule) -> list[tuple[str, dict[str, Any]]]:
    return [(group.name, dict(group.options)) for group in schedule.optimizer.groups]


def content(schedule: Schedule) -> tuple[Any, ...]:
    """All that a schedule says, without its name and the places it came from."""
    schedulers = None
    if schedule.scheduler:
        schedulers = [(each.type, dict(each.arguments), each.filled) for each in schedule.scheduler.walk()]
    optimizer = schedule.optimizer.type, dict(schedule.optimizer.options), groups_of(schedule)
    expected = [re.sub(r"Position\([^)]*\)", "", repr(each)) for each in schedule.expect.expected]
    expect = sorted(expected), schedule.expect.tolerance
    ignore = [each.code for each in schedule.ignore]
    rest = schedule.metric, schedule.title, schedule.source, expect, ignore
    return schedule.run, optimizer, schedulers, rest


def test_a_member_has_every_key_of_the_file(schedules: Schedules) -> None:
    (one,) = schedules("""
        epochs: 3
        data: {samples: 10, batch_size: 5}
        interval: step
        optimizer: {type: AdamW, lr: 1, groups: [{name: a}]}
        metric: [1, 2, 3, 4, 5, 6]
        expect: {max: 1}
        ignore: [lr-zero]
        title: T
        source: S
        schedules:
          one: {scheduler: {type: CosineAnnealingLR}}
    """)
    (alone,) = schedules("""
        epochs: 3
        data: {samples: 10, batch_size: 5}
        interval: step
        optimizer: {type: AdamW, lr: 1, groups: [{name: a}]}
        metric: [1, 2, 3, 4, 5, 6]
        expect: {max: 1}
        ignore: [lr-zero]
        title: T
        source: S
        scheduler: {type: CosineAnnealingLR}
    """)
    assert content(one) == content(alone)
    assert (one.name, alone.name) == ("one", "test")


def test_schedules_come_in_the_order_of_the_file(schedules: Schedules) -> None:
    names = ["z", "a", "m", "10", "B"]
    members = ", ".join(f"'{name}': {{scheduler: none}}" for name in names)
    assert [each.name for each in schedules(f"epochs: 3\noptimizer: {{lr: 1}}\nschedules: {{{members}}}")] == names


# Two values for each key, of the file and of a member: (file's, member's); a key may stand in either, both, or none
POOL: dict[str, tuple[Any, Any]] = {
    "steps_per_epoch": (4, 9),
    "interval": ("step", "epoch"),
    "scheduler": ({"type": "StepLR", "step_size": 2}, {"type": "LinearLR", "end_factor": 0.5}),
    "ignore": (["lr-zero"], []),
    "title": ("of the file", "of the member"),
    "source": ("a paper", "another"),
    "expect": ({"max": 3, "at": {"0": 1}}, {"min": 0, "at": {"last": 2}}),
    "metric": ([1] * 200, [2] * 200),
}
LENGTHS = st.tuples(st.sampled_from(["epochs", "steps"]), st.integers(1, 20))
OPTIONS = {"lr": (0.1, 0.5), "momentum": (0.9, 0.8), "weight_decay": (0.1, 0.2), "type": ("SGD", "RMSprop")}


def keyed(pool: dict[str, tuple[Any, Any]], own: int, always: set[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sets(st.sampled_from(sorted(pool))).map(
        lambda keys: {key: pool[key][own] for key in sorted(keys | always)}
    )


@given(
    file=keyed(POOL, 0, {"steps_per_epoch"}),
    member=keyed(POOL, 1, {"scheduler"}),
    length=LENGTHS,
    other_length=st.none() | LENGTHS,
    options=keyed(OPTIONS, 0, {"lr"}),
    own_options=st.none() | keyed(OPTIONS, 1, set()),
)
@settings(max_examples=150, deadline=None)
def test_a_member_is_the_file_with_the_members_keys_over_it(
    file: dict[str, Any],
    member: dict[str, Any],
    length: tuple[str, int],
    other_length: tuple[str, int] | None,
    options: dict[str, Any],
    own_options: dict[str, Any] | None,
) -> None:
    file.pop("scheduler", None)
    file |= {length[0]: length[1], "optimizer": options}
    alone = file | member
    if own_options is not None:
        member = member | {"optimizer": own_options}
        alone["optimizer"] = options | own_options
    if other_length is not None:
        member = member | {other_length[0]: other_length[1]}
        del alone[length[0]]
        alone[other_length[0]] = other_length[1]
    alone["expect"] = file.get("expect", {}) | member.get("expect", {})
    (of_file,) = load_text(json.dumps(file | {"schedules": {"one": member}}), "f.yaml")
    (written_out,) = load_text(json.dumps(alone), "f.yaml")
    assert content(of_file) == content(written_out)


# --- keys that stand for each other ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "member", "length"),
    [
        ("epochs: 3", "steps: 9", (None, 9, "step")),
        ("steps: 9", "epochs: 3", (3, None, "epoch")),
        ("epochs: 3", "epochs: 4", (4, None, "epoch")),
    ],
)
def test_a_length_takes_the_place_of_the_files_in_either_unit(
    schedules: Schedules, file: str, member: str, length: tuple[int | None, int | None, str]
) -> None:
    (one,) = schedules(f"{file}\noptimizer: {{lr: 1}}\nschedules: {{one: {{scheduler: none, {member}}}}}")
    assert (one.run.epochs, one.run.steps, one.run.interval) == length


@pytest.mark.parametrize(
    ("file", "member", "steps"),
    [
        ("data: {samples: 10, batch_size: 1}", "steps_per_epoch: 7", 7),
        ("steps_per_epoch: 7", "data: {samples: 10, batch_size: 1}", 10),
        ("data: {samples: 10, batch_size: 1, accumulate: 5}", "data: {samples: 20, batch_size: 1}", 20),
    ],
)
def test_the_steps_of_an_epoch_take_the_place_of_the_files_in_either_form(
    schedules: Schedules, file: str, member: str, steps: int
) -> None:
    (one,) = schedules(f"epochs: 1\n{file}\noptimizer: {{lr: 1}}\nschedules: {{one: {{scheduler: none, {member}}}}}")
    assert one.run.steps_per_epoch == steps


# --- groups ------------------------------------------------------------------------------------------------

FILE_GROUPS = "[{name: a, lr: 1, momentum: 0.5}, {name: b, lr: 2}]"


@pytest.mark.parametrize(
    ("file", "member", "groups"),
    [
        (FILE_GROUPS, "[{name: b, lr: 5}]", {"a": {"lr": 1, "momentum": 0.5}, "b": {"lr": 5}}),
        (FILE_GROUPS, "[{name: b, lr: 5}, {name: a, lr: 6}]", {"a": {"lr": 6, "momentum": 0.5}, "b": {"lr": 5}}),
        (FILE_GROUPS, "[{name: c, lr: 7}]", {"a": {"lr": 1, "momentum": 0.5}, "b": {"lr": 2}, "c": {"lr": 7}}),
        (FILE_GROUPS, "[{name: b, momentum: 0}]", {"a": {"lr": 1, "momentum": 0.5}, "b": {"lr": 2, "momentum": 0}}),
        ("[{lr: 1}, {lr: 2}]", "[{lr: 5}]", {"0": {"lr": 5}, "1": {"lr": 2}}),
        ("[{lr: 1}, {lr: 2}]", "[{name: '1', lr: 5}]", {"0": {"lr": 1}, "1": {"lr": 5}}),
        ("[{lr: 1}, {lr: 2}]", "[{lr: 5}, {lr: 6}, {lr: 7}]", {"0": {"lr": 5}, "1": {"lr": 6}, "2": {"lr": 7}}),
    ],
)
def test_groups_merge_by_name(schedules: Schedules, file: str, member: str, groups: dict[str, dict[str, Any]]) -> None:
    (one,) = schedules(f"""
        epochs: 1
        optimizer: {{groups: {file}}}
        schedules:
          one: {{scheduler: none, optimizer: {{groups: {member}}}}}
    """)
    assert groups_of(one) == list(groups.items())


def test_a_member_without_groups_keeps_those_of_the_file(schedules: Schedules) -> None:
    one, two = schedules(f"""
        epochs: 1
        optimizer: {{groups: {FILE_GROUPS}}}
        schedules:
          one: {{scheduler: none, optimizer: {{groups: [{{name: a, lr: 9}}]}}}}
          two: {{scheduler: none, optimizer: {{momentum: 0.1}}}}
    """)
    assert groups_of(one)[0] == ("a", {"lr": 9, "momentum": 0.5})
    assert groups_of(two)[0] == ("a", {"lr": 1, "momentum": 0.5})


# --- problems ----------------------------------------------------------------------------------------------


def errors(schedules: Schedules, text: str) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        schedules(text)
    return str(caught.value).splitlines()


def test_a_problem_of_the_file_is_said_once_where_it_stands(schedules: Schedules) -> None:
    text = (
        "epochs: 0\noptimizer: {lr: -1}\nschedules: {a: {scheduler: none}, b: {scheduler: none}, c: {scheduler: none}}"
    )
    assert errors(schedules, text) == [
        "test.yaml:1:9: error: epochs must be at least 1 (got 0)",
        "test.yaml:2:17: error: SGD: lr must be at least 0 (got -1)",
    ]


def test_a_wrong_value_of_the_file_is_a_problem_even_where_every_member_replaces_it(schedules: Schedules) -> None:
    text = "epochs: 0\noptimizer: {lr: 1}\nschedules: {a: {scheduler: none, epochs: 2}, b: {scheduler: none, steps: 2}}"
    with pytest.raises(ScheduleError, match="epochs must be at least 1"):
        schedules(text)


def test_problems_of_all_members_are_said_in_the_order_of_the_file(schedules: Schedules) -> None:
    text = """
        schedules:
          a: {scheduler: {type: steplr}}
          b: {scheduler: {type: StepLR, step_size: -1}, epochs: 0}
        epochs: x
        optimizer: {lr: 0.1}
    """
    assert [line for line in errors(schedules, text) if "error" in line] == [
        "test.yaml:3:25: error: torch has no scheduler 'steplr'",
        "test.yaml:4:44: error: StepLR: step_size must be at least 1 (got -1)",
        "test.yaml:4:57: error: epochs must be at least 1 (got 0)",
        "test.yaml:5:9: error: epochs must be a whole number (got 'x')",
    ]


def test_an_argument_that_another_type_of_optimizer_left_behind_is_said_to_be_inherited(schedules: Schedules) -> None:
    text = """\
        epochs: 3
        optimizer: {type: AdamW, lr: 0.1, amsgrad: true}
        schedules:
          adam: {scheduler: none}
          sgd: {scheduler: none, optimizer: {type: SGD}}
    """
    assert errors(schedules, text) == [
        "test.yaml:2:35: error: SGD has no argument 'amsgrad', which the schedule 'sgd' inherits from the file",
        "  hint: name the optimizer's own arguments in each schedule where their types differ",
    ]


def test_a_missing_key_is_missing_where_the_member_begins(schedules: Schedules) -> None:
    text = "optimizer: {lr: 1}\nschedules:\n  a: {scheduler: none, epochs: 3}\n  b: {scheduler: none}"
    assert errors(schedules, text)[0] == "test.yaml:4:6: error: the length of the run is missing"


def test_an_anchor_serves_as_well_as_inheritance(schedules: Schedules) -> None:
    one, two, three = schedules("""
        schedules:
          one: &one {epochs: 3, optimizer: {lr: 0.1}, scheduler: {type: CosineAnnealingLR}}
          two: {<<: *one, epochs: 4}
          three: *one
    """)
    assert content(one) == content(three)
    assert isinstance(two.scheduler, Scheduler)
    assert (two.run.calls, two.scheduler.arguments["T_max"]) == (4, 4)


def test_one_of_a_repeated_group_may_be_overridden_by_its_own_name(schedules: Callable[[str], list[Schedule]]) -> None:
    plain, changed = schedules(
        """
        epochs: 3
        optimizer: {type: SGD, groups: [{name: l, repeat: 3, lr: 0.1 * (i + 1)}, {name: head, lr: 1}]}
        schedules:
          plain: {scheduler: none}
          changed: {scheduler: none, optimizer: {groups: [{name: l1, lr: 5, weight_decay: 0.1}]}}
        """
    )
    assert [(group.name, group.options["lr"]) for group in plain.optimizer.groups] == [
        ("l0", 0.1),
        ("l1", 0.2),
        ("l2", pytest.approx(0.3)),
        ("head", 1),
    ]
    assert [group.options["lr"] for group in changed.optimizer.groups] == [0.1, 5, pytest.approx(0.3), 1]
    assert changed.optimizer.groups[1].options == {"lr": 5, "weight_decay": 0.1}
