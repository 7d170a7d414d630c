"""`--set`: which place a key names, that a value there is as good as one in the file, and what a sweep holds."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Phases, Schedule
from lrviz.schedule.reading.override import MAX_SWEEP, argument_at, find_path, parse_override
from lrviz.schedule.text.document import parse

ALONE = """\
epochs: 10
optimizer: {type: AdamW, betas: [0.9, 0.99], groups: [{name: body, lr: 0.1}, {name: head, lr: 1}, {lr: 2}]}
scheduler:
  type: SequentialLR
  milestones: [4]
  schedulers: [{type: LinearLR, total_iters: 4}, {type: ExponentialLR, gamma: 0.9}]
expect: {at: {0: 0.1, 50%: 1}, tolerance: 1e-3}
"""

SEVERAL = """\
epochs: 10
optimizer: {lr: 0.1}
schedules:
  v1.0: {scheduler: {type: StepLR, step_size: 3}}
  v1.1: {optimizer: {lr: 0.5}, scheduler: {type: ExponentialLR, gamma: 0.9}}
  gamma: {epochs: 5, scheduler: none}
"""


def read(text: str, *sets: str, only: str | None = None) -> list[Schedule]:
    return load_text(
        text, "test.yaml", None, [parse_override(each) for each in sets], lambda name: only in (None, name)
    )


def said(schedule: Schedule) -> tuple[Any, ...]:
    """All that a schedule says, but for its name, the places that it came from, and that it was changed."""
    spec = schedule.scheduler
    spans = [(phase.start, phase.calls, phase.base) for phase in spec.phases] if isinstance(spec, Phases) else []
    schedulers = [(each.type, str(each.arguments), each.filled) for each in spec.walk()] if spec else []
    optimizer = schedule.optimizer
    groups = [(group.name, dict(group.options)) for group in optimizer.groups]
    run = replace(schedule.run, overridden=False, changed=False)
    return run, optimizer.type, dict(optimizer.options), groups, spans, schedulers, schedule.metric, schedule.title


def problems(*sets: str, text: str = ALONE, only: str | None = None) -> str:
    with pytest.raises(ScheduleError) as raised:
        read(text, *sets, only=only)
    return str(raised.value)


def path(key: str, text: str = ALONE) -> tuple[Any, ...]:
    return find_path(parse(text, "test.yaml"), key, Position("test")).keys


# --- a value is as good as one in the file -----------------------------------------------------------------------

FILE: dict[str, Any] = {
    "epochs": 12,
    "steps_per_epoch": 7,
    "optimizer": {"type": "SGD", "lr": 0.1, "groups": [{"name": "a"}, {"name": "b.c", "lr": 3}]},
    "title": "as it is",
    "schedules": {
        "x.y": {"scheduler": {"type": "StepLR", "step_size": 3}},
        "z": {
            "optimizer": {"lr": 0.7},
            "scheduler": [
                {"type": "LinearLR", "for": "2 epochs"},
                {"type": "MultiStepLR", "milestones": [3, "6 epochs"]},
            ],
        },
    },
}
"""A document, and below the values that may be set in it: how it is typed, the way there, and the values."""

WAYS: dict[str, tuple[tuple[Any, ...], st.SearchStrategy[Any]]] = {
    "epochs": (("epochs",), st.integers(5, 30)),
    "steps_per_epoch": (("steps_per_epoch",), st.integers(1, 9)),
    "interval": (("interval",), st.sampled_from(["epoch", "step"])),
    "title": (("title",), st.sampled_from(["a, b", "it's", 'say "hi"', "[x", "", "1", "null", "a: b", "# c"])),
    "optimizer.lr": (("optimizer", "lr"), st.floats(0, 10)),
    "momentum": (("optimizer", "momentum"), st.floats(0, 0.99)),
    "groups.a.lr": (("optimizer", "groups", 0, "lr"), st.floats(0, 10)),
    "optimizer.groups[1].lr": (("optimizer", "groups", 1, "lr"), st.floats(0, 10)),
    "optimizer.groups.b.c.weight_decay": (("optimizer", "groups", 1, "weight_decay"), st.floats(0, 1)),
    "x.y.scheduler.gamma": (("schedules", "x.y", "scheduler", "gamma"), st.floats(0, 1)),
    "step_size": (("schedules", "x.y", "scheduler", "step_size"), st.sampled_from([1, 4, "3 epochs", "50%"])),
    "schedules.z.optimizer.lr": (("schedules", "z", "optimizer", "lr"), st.floats(0, 10)),
    "scheduler[0].for": (("schedules", "z", "scheduler", 0, "for"), st.sampled_from(["1 epoch", 3, "25%"])),
    "scheduler[1].from": (("schedules", "z", "scheduler", 1, "from"), st.sampled_from(["base", 0.25])),
    "milestones[0]": (("schedules", "z", "scheduler", 1, "milestones", 0), st.integers(1, 5)),
    "milestones": (("schedules", "z", "scheduler", 1, "milestones"), st.lists(st.integers(1, 9), min_size=1)),
}


@st.composite
def changes(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Some keys of `WAYS` with a few values each; none inside of another."""
    keys = draw(st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=3, unique=True))
    if "milestones" in keys and "milestones[0]" in keys:
        keys.remove("milestones")
    return {key: draw(st.lists(WAYS[key][1], min_size=1, max_size=2)) for key in keys}


def edited(values: dict[str, Any]) -> str:
    """The document with these values in it, as an editor would have changed it."""
    document = copy.deepcopy(FILE)
    for key, value in values.items():
        *way, last = WAYS[key][0]
        inside: Any = document
        for part in way:
            inside = inside[part]
        inside[last] = value
    return json.dumps(document)


@given(changed=changes())
@settings(max_examples=150, deadline=None)
def test_a_file_with_set_is_the_file_edited_by_hand(changed: dict[str, list[Any]]) -> None:
    sets = [f"{key}={','.join(map(json.dumps, values))}" for key, values in changed.items()]
    made = [said(each) for each in read(json.dumps(FILE), *sets)]
    by_hand = [
        said(each)
        for values in product(*changed.values())
        for each in load_text(edited(dict(zip(changed, values, strict=True))), "test.yaml")
    ]
    assert all(each in by_hand for each in made)
    assert all(each in made for each in by_hand)


def test_an_edited_file_is_no_other_because_of_what_was_set_before() -> None:
    before = [said(each) for each in read(SEVERAL)]
    read(SEVERAL, "optimizer.lr=3")
    assert [said(each) for each in read(SEVERAL)] == before


# --- sweeps ------------------------------------------------------------------------------------------------------


def test_a_sweep_is_the_product_of_its_values() -> None:
    found = read(SEVERAL, "optimizer.lr=0.1,0.2,0.3", "step_size=3,5", only="v1.0")
    of_first = [each for each in found if each.swept.endswith(("step_size=3", "step_size=5"))]
    assert [each.name for each in of_first] == [
        f"v1.0 optimizer.lr={lr} step_size={size}" for lr in ("0.1", "0.2", "0.3") for size in (3, 5)
    ]
    assert [(each.optimizer.options["lr"], each.scheduler.arguments["step_size"]) for each in of_first] == [  # type: ignore[union-attr]
        (lr, size) for lr in (0.1, 0.2, 0.3) for size in (3, 5)
    ]


def test_a_schedule_comes_once_for_each_value_that_reaches_it() -> None:
    names = [each.name for each in read(SEVERAL, "v1.0.scheduler.gamma=0.1,0.2", "schedules.v1.1.scheduler.gamma=3,4")]
    assert names == [
        "v1.0 v1.0.scheduler.gamma=0.1",
        "v1.0 v1.0.scheduler.gamma=0.2",
        "v1.1 scheduler.gamma=3",
        "v1.1 scheduler.gamma=4",
        "gamma",
    ]
    assert [each.name for each in read(SEVERAL, "step_size=3,3,3")] == ["v1.0 step_size=3", "v1.1", "gamma"]
    assert [each.name for each in read(SEVERAL, "step_size=3")] == ["v1.0", "v1.1", "gamma"]


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("1,2", ["1", "2"]),
        (" 1 , 2 ", ["1", "2"]),
        ("[1, 2],[3]", ["[1, 2]", "[3]"]),
        ("{a: 1, b: 2},none", ["{a: 1, b: 2}", "none"]),
        ("min(t, 3),max(1, (t, 2))", ["min(t, 3)", "max(1, (t, 2))"]),
        ("'a, b',\"c, d\"", ["'a, b'", '"c, d"']),
        ("it's,that's", ["it's", "that's"]),
        ("['a, ]', b],c", ["['a, ]', b]", "c"]),
        ("a),b", ["a)", "b"]),
    ],
)
def test_commas_part_values_outside_of_brackets_and_quotes(typed: str, parts: list[str]) -> None:
    assert [text for text, _ in parse_override(f"key={typed}").values] == parts


def test_a_sweep_has_a_limit() -> None:
    values = ",".join(map(str, range(1, 33)))
    assert problems(f"total_iters={values}", f"scheduler.milestones[0]={values}") == (
        "--set scheduler.milestones[0]: error: a sweep may have at most 1,000 variants of each schedule"
    )
    assert MAX_SWEEP < 32 * 32


# --- the place of a key ------------------------------------------------------------------------------------------


def test_a_path_leads_through_lists_and_by_the_names_of_groups() -> None:
    assert path("optimizer.groups.head.lr") == ("optimizer", "groups", 1, "lr")
    assert path("optimizer.groups[1].lr") == ("optimizer", "groups", 1, "lr")
    assert path("optimizer.groups[2].lr") == ("optimizer", "groups", 2, "lr")
    assert path("head.lr") == ("optimizer", "groups", 1, "lr")
    assert path("betas[1]") == ("optimizer", "betas", 1)
    assert path("scheduler.schedulers[1].gamma") == path("gamma") == ("scheduler", "schedulers", 1, "gamma")
    assert path("expect.at.0") == ("expect", "at", 0)
    assert path("at.50%") == ("expect", "at", "50%")


def test_a_name_with_dots_is_a_name() -> None:
    assert path("schedules.v1.0.scheduler.step_size", SEVERAL) == ("schedules", "v1.0", "scheduler", "step_size")
    assert path("v1.1.optimizer.lr", SEVERAL) == ("schedules", "v1.1", "optimizer", "lr")


def test_a_whole_path_comes_before_the_end_of_one_and_what_is_there_before_what_is_not() -> None:
    assert path("epochs", SEVERAL) == ("epochs",)
    assert path("optimizer.lr", SEVERAL) == ("optimizer", "lr")
    assert path("step_size", SEVERAL) == ("schedules", "v1.0", "scheduler", "step_size")
    assert path("momentum", SEVERAL) == ("optimizer", "momentum")
    assert path("weight_decay") == ("optimizer", "weight_decay")
    assert path("gamma", SEVERAL) == ("schedules", "v1.1", "scheduler", "gamma"), "the schedule of that name is none"


def test_the_bare_name_of_a_length_is_that_of_the_run_and_not_of_what_is_expected() -> None:
    root = parse("schedules:\n  a: {epochs: 9, scheduler: none, expect: {epochs: 9, steps: 90}}\n", "s.yaml")
    assert str(find_path(root, "epochs", Position("x"))) == "schedules.a.epochs"
    assert str(find_path(root, "steps", Position("x"))) == "steps"
    assert str(find_path(root, "expect.steps", Position("x"))) == "schedules.a.expect.steps"


def test_what_the_catalogue_does_not_know_is_added_by_its_whole_path() -> None:
    text = "epochs: 3\noptimizer: {lr: 1}\nscheduler: {type: mine.Own, a: 1}"
    assert path("scheduler.b", text) == ("scheduler", "b")
    assert path("optimizer.groups.head.momentum") == ("optimizer", "groups", 1, "momentum")
    assert path("head.momentum") == ("optimizer", "groups", 1, "momentum")
    assert problems("scheduler.foo=1", text=SEVERAL).startswith(
        "--set scheduler.foo: error: 'scheduler.foo' matches no key of test.yaml"
    )
    assert problems("scheduler.gamme=1") == (
        "--set scheduler.gamme: error: SequentialLR has no argument 'gamme'\n"
        "  hint: valid names are schedulers, milestones"
    )


def test_a_key_that_fits_more_than_one_place_lists_them() -> None:
    assert problems("lr=1", text=SEVERAL) == (
        "--set lr: error: lr matches 2 keys\n  hint: one of optimizer.lr, schedules.v1.1.optimizer.lr"
    )
    assert problems("lr=1") == (
        "--set lr: error: lr matches 3 keys\n"
        "  hint: one of optimizer.groups.body.lr, optimizer.groups.head.lr, optimizer.groups[2].lr"
    )
    many = "".join(f"  s{i}: {{scheduler: {{type: ExponentialLR, gamma: 1}}}}\n" for i in range(20))
    assert problems("gamma=1", text=f"epochs: 3\noptimizer: {{lr: 1}}\nschedules:\n{many}").endswith(
        "schedules.s10.scheduler.gamma, schedules.s11.scheduler.gamma, ..."
    )


def test_places_of_schedules_that_nobody_asked_for_do_not_count() -> None:
    assert problems("lr=1", text=SEVERAL, only="v1.1").startswith("--set lr: error: lr matches 2 keys")
    found = {each.name: each.optimizer.options["lr"] for each in read(SEVERAL, "lr=1", only="v1.0")}
    assert found == {"v1.0": 1, "v1.1": 0.5, "gamma": 1}


def test_a_key_that_fits_nothing_says_what_there_is() -> None:
    assert problems("gamme=1") == (
        "--set gamme: error: 'gamme' matches no key of test.yaml\n  hint: did you mean gamma?"
    )
    assert problems("min_lr=1", text="epochs: 3\noptimizer: {lr: 1}\nscheduler: {type: CosineAnnealingLR}") == (
        "--set min_lr: error: 'min_lr' matches no key of test.yaml\n  hint: did you mean eta_min?"
    )
    assert problems("zzz=1", text=SEVERAL).endswith(
        "hint: the file sets epochs, optimizer.lr, schedules.v1.0.scheduler.type, schedules.v1.0.scheduler.step_size, "
        "schedules.v1.1.optimizer.lr, schedules.v1.1.scheduler.type, schedules.v1.1.scheduler.gamma, "
        "schedules.gamma.epochs, schedules.gamma.scheduler"
    )
    assert problems("scheduler.milestones[7]=1").startswith(
        "--set scheduler.milestones[7]: error: 'scheduler.milestones[7]' matches no key of test.yaml"
    )


def test_settings_do_not_stand_in_each_others_way() -> None:
    assert problems("gamma=1", "schedulers[1].gamma=2") == (
        "--set schedulers[1].gamma: error: gamma is set twice\n  hint: write all values in one --set"
    )
    for sets in (("scheduler=none", "gamma=1"), ("gamma=1", "scheduler=none")):
        first, second = (each.partition("=")[0] for each in sets)
        assert problems(*sets) == (
            f"--set {second}: error: {first} is set too, and one contains the other\n  hint: set only the outer one"
        )


def test_everything_wrong_is_said_at_once() -> None:
    assert problems("gamme=1", "lr=1", text=SEVERAL).count("error:") == 2
    assert problems("gamma=a,b", "epochs=0").count("error:") == 3
    assert (
        problems("gamme=1", text="epochs: 1\nepochs: 2")
        .splitlines()[0]
        .startswith("test.yaml:2:1: error: duplicate key")
    )


@pytest.mark.parametrize("text", ["gamma", "=3", "gamma=", " = ", ""])
def test_what_sets_nothing(text: str) -> None:
    with pytest.raises(ScheduleError, match="--set needs KEY=VALUE"):
        parse_override(text)
    with pytest.raises(ScheduleError, match="a value is missing between two commas"):
        parse_override("gamma=1,,2")


@pytest.mark.parametrize(
    ("way", "meaning"),
    [
        (("epochs",), "length of the run"),
        (("data", "samples"), "size of the data set"),
        (("optimizer", "betas", 1), None),
        (("optimizer", "momentum"), "momentum"),
        (("optimizer", "groups", 0, "momentum"), "momentum"),
        (("schedules", "optimizer", "epochs"), "length of the run"),
        (("schedules", "optimizer", "optimizer", "alpha"), "decay of the running mean"),
        (("schedules", "optimizer", "scheduler", "milestones", 0), "the calls at which the learning rate decays"),
        (("schedules", "other", "optimizer", "betas", 1), "decay"),
        (("schedules", "other", "scheduler", "gamma"), None),
        (("schedules", "nobody", "scheduler", "gamma"), None),
    ],
)
def test_what_the_catalogue_says_of_a_place(way: tuple[Any, ...], meaning: str | None) -> None:
    text = dedent("""
        epochs: 3
        data: {samples: 8}
        optimizer: {type: RMSprop, lr: 1, groups: [{name: a}]}
        schedules:
          optimizer: {optimizer: {lr: 2}, scheduler: {type: torch.optim.lr_scheduler.MultiStepLR, milestones: [1]}}
          other: {optimizer: {type: torch.optim.AdamW, betas: [0, 0]}, scheduler: {type: mine.StepLR}}
    """)
    argument = argument_at(parse(text, "test.yaml"), way)
    assert (argument is None) == (meaning is None)
    if argument is not None and meaning is not None:
        assert argument.name in way
        assert meaning in argument.meaning


# --- values are data ---------------------------------------------------------------------------------------------


def test_a_value_runs_no_code(tmp_path: Path) -> None:
    text = "epochs: 3\noptimizer: {lr: 1}\nscheduler: {type: LambdaLR, lr_lambda: 1}"
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    for each in (
        f"lr_lambda=open({str(tmp_path / 'ran')!r})",
        "lr_lambda=__import__('evil')",
        "lr_lambda=!!python/object/apply:os.system [touch ran]",
        "optimizer.type=evil.Own",
        "scheduler={type: evil.Own}",
        "scheduler.type=evil.Own",
    ):
        assert "error" in problems(each, text=text)
    assert not (tmp_path / "ran").exists()


def test_a_file_that_a_value_names_is_looked_for_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "log.csv").write_text("loss\n3\n2\n1\n")
    monkeypatch.chdir(tmp_path)
    text = "epochs: 3\noptimizer: {lr: 1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: [1, 1, 1]\n"
    (tmp_path / "a.yaml").write_text(text)
    override = parse_override("metric={file: runs/log.csv, column: loss}")
    (schedule,) = load_file("a.yaml", overrides=[override])
    assert schedule.metric == (3, 2, 1)


@given(
    key=st.sampled_from(
        ["gamma", "scheduler", "optimizer.groups", "expect.at.0", "epochs", "x", "scheduler.x", ".", "["]
    )
    | st.text(max_size=8),
    value=st.text(max_size=12) | st.sampled_from(["&a [*a]", "{a: {b: 1}}", "[[1]]", "null", "1e999", "-.inf"]),
    text=st.sampled_from([ALONE, SEVERAL, "[1]", "schedules: 3", "epochs: &e [1, 2]\nschedules: {a: *e}"]),
)
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_typed_is_worse_than_an_error(key: str, value: str, text: str) -> None:
    with suppress(ScheduleError):
        assert read(text, f"{key}={value}")


def test_indentation_does_not_matter_to_places() -> None:
    text = dedent("""
        epochs: 4
        optimizer:
          lr: &lr 0.1
          momentum: *lr
        scheduler: none
    """)
    (schedule,) = read(text, "optimizer.lr=0.5")
    assert dict(schedule.optimizer.options) == {"lr": 0.5, "momentum": 0.1}, "an alias is a value of its own"
