"""`lrviz solve`, as it is typed: the value, how close it comes, and what is said where there is none."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from process import lrviz

DECAY = """\
epochs: 100
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: ExponentialLR, gamma: 0.9}
"""
STEPS = """\
epochs: 100
optimizer: {lr: 0.1}
schedules:
  halves: {scheduler: {type: StepLR, step_size: 30, gamma: 0.5}}
  warm: {scheduler: [{type: LinearLR, start_factor: 0.5, for: 5 epochs}, {type: none}]}
"""
GROUPS = "epochs: 5\noptimizer: {groups: [{name: body, lr: 0.5}, {name: head, lr: 2}]}\nscheduler: none\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, text in (("decay", DECAY), ("steps", STEPS), ("groups", GROUPS)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_the_value_what_the_curve_then_is_and_the_option_that_sets_it(here: Path) -> None:
    assert lrviz("solve", "gamma", "--target", "end = 1e-6", "decay.yaml", cwd=here) == (
        0,
        "scheduler.gamma = 0.8912509381337456\n"
        "  lr at end is 1.0000000000000031e-06, 3.2e-21 above 1e-06\n"
        "  --set scheduler.gamma=0.8912509381337456\n",
        "lrviz: searched scheduler.gamma from 0 to 10 (it is 0.9 now); --between LOW HIGH sets another range\n",
    )
    assert lrviz("solve", "lr", "--target", "max = 0.25", "--between", "0", "1", "-", text=DECAY, cwd=here) == (
        0,
        "optimizer.lr = 0.25\n  max lr is 0.25, exactly the target\n  --set optimizer.lr=0.25\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("gamma", "--target", "end = 1e-6"), "decay.yaml"),
        (("gamma", "--target", "30 = 0.07", "--only", "halves"), "steps.yaml"),
        (("lr", "--target", "end = 0.002", "--set", "gamma=0.95"), "decay.yaml"),
        (("for", "--target", "2 epochs = 0.075", "--only", "warm"), "steps.yaml"),
    ],
)
def test_at_with_the_solution_is_what_solve_says(here: Path, arguments: tuple[str, ...], file: str) -> None:
    status, out, _ = lrviz("solve", *arguments, file, cwd=here)
    first, second, third = out.splitlines()
    place, _, reached = second.removeprefix("  lr at ").partition(" is ")
    shared = shlex.split(" ".join(map(shlex.quote, arguments[3:]))) + shlex.split(third)
    assert (status, first.partition(" = ")[2]) == (0, shlex.split(third)[1].partition("=")[2])
    assert lrviz("at", place, file, *shared, cwd=here).out == reached.partition(",")[0] + "\n"


def test_whole_numbers_come_as_stretches(here: Path) -> None:
    arguments = ("solve", "step_size", "--target", "last <= 0.0125", "--only", "halves", "steps.yaml", "-q")
    assert lrviz(*arguments, cwd=here) == (
        0,
        "schedules.halves.scheduler.step_size = 1 to 33, and all between\n"
        f"  lr at last is {0.1 * 0.5**99!r} to 0.0125\n",
        "",
    )


def test_jumps_and_nothing_are_said_plainly(here: Path) -> None:
    assert lrviz("solve", "step_size", "--target", "end = 0.03", "--only", "halves", "steps.yaml", cwd=here) == (
        0,
        "no schedules.halves.scheduler.step_size from 1 to 100 gives end = 0.03\n"
        "  lr at end is 7.888609052210118e-32 at 1 and 0.05 at 100\n"
        "lr at end jumps past 0.03 between schedules.halves.scheduler.step_size = 50 and 51\n"
        "  lr at end is 0.025 at the first and 0.05 at the second\n",
        "lrviz: searched schedules.halves.scheduler.step_size from 1 to 100 (it is 30 now); "
        "--between LOW HIGH sets another range\n",
    )
    out = lrviz("solve", "gamma", "--target", "end = 5", "--between", "0", "1", "decay.yaml", cwd=here).out
    assert out == "no scheduler.gamma from 0 to 1 gives end = 5.0\n  lr at end is 0.0 at 0 and 0.1 at 1\n"


def test_a_length_keeps_its_unit(here: Path) -> None:
    arguments = ("solve", "for", "--target", "2 = 0.075", "--only", "warm", "steps.yaml")
    status, out, err = lrviz(*arguments, cwd=here)
    assert (status, out.splitlines()[::2]) == (
        0,
        [
            "schedules.warm.scheduler[0].for = 4 epochs",
            "  --set 'schedules.warm.scheduler[0].for=4 epochs'",
        ],
    )
    assert "from 1 epoch to 100 epochs (it is 5 epochs now)" in err


def test_json_has_every_number(here: Path) -> None:
    status, out, err = lrviz(
        "solve", "gamma", "--target", "end = 1e-6", "decay.yaml", "--format", "json", "--between", "0", "1", cwd=here
    )
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "version": 1,
        "schedule": "decay",
        "group": None,
        "argument": "scheduler.gamma",
        "target": {"measure": "end", "operator": "=", "value": 1e-6},
        "between": [0, 1],
        "at_ends": [0, 0.1],
        "solutions": [
            {
                "low": 0.8912509381337456,
                "high": 0.8912509381337456,
                "at_low": 1.0000000000000031e-06,
                "at_high": 1.0000000000000031e-06,
                "set": ["scheduler.gamma=0.8912509381337456"],
            }
        ],
        "jumps": [],
    }


def test_one_schedule_and_one_group(here: Path) -> None:
    assert lrviz("solve", "lr", "--target", "end = 1", "steps.yaml", cwd=here) == (
        2,
        "",
        "lrviz: error: solve works on one schedule, but these are several\n  hint: choose with --only: halves, warm\n",
    )
    assert lrviz("solve", "head.lr", "--target", "end = 1", "groups.yaml", cwd=here) == (
        2,
        "",
        "lrviz: error: the learning rates of the param groups differ\n  hint: name one with --group: body, head\n",
    )
    found = lrviz("solve", "head.lr", "--target", "end = 1", "--group", "head", "groups.yaml", "-q", cwd=here)
    assert found.out.splitlines()[0] == "optimizer.groups.head.lr = 1.0"
    assert lrviz("solve", "head.lr", "--target", "end = 1", "--group", "tail", "groups.yaml", cwd=here) == (
        2,
        "",
        "lrviz: error: there is no param group 'tail'\n  hint: valid names are body, head\n",
    )


@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        (("type", "--target", "end = 1"), "lrviz solve type: error: type matches 2 keys\n"
         "  hint: one of optimizer.type, scheduler.type\n"),
        (("gamma", "--target", "100 = 1"), "lrviz: error: the run ends at 100: its last place is epoch 99\n"
         "  hint: write `last` for the last step, or `end` (under `at` or as the end of a range) for the value after "
         "the last call\n"),
        (("gamma", "--target", "peak = 1"), "--target peak = 1: error: "
         "'peak' is not a place or a measure of the learning rate\n  hint: did you mean max?\n"),
        (("gamma", "--target", "end = 1", "--between", "1", "0"), "--between: error: 1.0 is above 0.0\n"
         "  hint: --between 0.0 1.0\n"),
        (("epochs", "--target", "end = 1", "--between", "1", "2.5"),
         "--between: error: each end of the range must be a whole number (got '2.5')\n"),
        (("epochs", "--target", "end = 1", "--between", "1", "1e9"),
         "lrviz solve epochs: error: there are too many values from 1 to 1,000,000,000 to try each in a run of "
         "100 calls\n  hint: --between LOW HIGH, with at most 100,000 values; or write the length in another unit\n"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_an_error_with_a_hint(here: Path, arguments: tuple[str, ...], err: str) -> None:
    assert lrviz("solve", *arguments, "decay.yaml", cwd=here) == (2, "", err)


def test_it_does_not_matter_what_the_file_expects(here: Path) -> None:
    (here / "decay.yaml").write_text(DECAY + "expect: {at: {99: 3}, peak: 0}\n")
    out = lrviz("solve", "epochs", "--target", "end <= 0.073", "--between", "2", "4", "decay.yaml", cwd=here).out
    assert out.splitlines()[0] == "epochs = 3 to 4, and all between"
