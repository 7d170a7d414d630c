"""`lrviz at`, as it is typed: what is a place and what is a file, what is printed, and the exit status."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

STEPS = """\
epochs: 90
steps_per_epoch: 1000
optimizer: {lr: 0.1}
scheduler: {type: StepLR, step_size: 30, gamma: 0.5}
"""
GROUPS = """\
epochs: 90
optimizer: {groups: [{name: backbone, lr: 0.001}, {name: head, lr: 0.1}]}
scheduler: {type: StepLR, step_size: 30, gamma: 0.5}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "steps.yaml").write_text(STEPS)
    (tmp_path / "groups.yaml").write_text(GROUPS)
    return tmp_path


def test_one_place_of_one_schedule_is_a_number_alone(here: Path) -> None:
    assert lrviz("at", "37.5", "steps.yaml", cwd=here) == (0, "0.05\n", "")
    assert lrviz("at", "steps.yaml", "end", cwd=here) == (0, "0.0125\n", "")
    assert lrviz("at", "33%", "-", text=STEPS, cwd=here) == (0, "0.1\n", "")
    assert lrviz("at", "31500 steps", "steps.yaml", "--set", "gamma=0.25", cwd=here) == (0, "0.025\n", "")


def test_a_line_for_each_place_group_and_schedule_with_no_more_than_tells_them_apart(here: Path) -> None:
    assert lrviz("at", "0", "37.5", "50%", "last", "end", "steps.yaml", cwd=here).out == (
        "0      0.1\n37.5   0.05\n50%    0.05\nlast   0.025\nend    0.0125\n"
    )
    assert lrviz("at", "0", "groups.yaml", cwd=here).out == "backbone   0.001\nhead       0.1\n"
    assert lrviz("at", "0", "30", "groups.yaml", "steps.yaml", cwd=here) == (
        0,
        "groups   backbone   0    0.001\n"
        "groups   backbone   30   0.0005\n"
        "groups   head       0    0.1\n"
        "groups   head       30   0.05\n"
        "steps               0    0.1\n"
        "steps               30   0.05\n",
        "",
    )
    assert lrviz("at", "30", "steps.yaml", "--set", "gamma=0.1,0.5", cwd=here).out == (
        "steps gamma=0.1   0.010000000000000002\nsteps gamma=0.5   0.05\n"
    )


def test_what_is_printed_reads_back_to_what_the_table_holds(here: Path) -> None:
    arguments = ("--set", "gamma=0.3", "steps.yaml")
    table = list(csv.DictReader(io.StringIO(lrviz("table", *arguments, "--format", "csv", cwd=here).out)))
    printed = lrviz("at", *map(str, range(90)), *arguments, cwd=here).out
    assert [line.split() for line in printed.splitlines()] == [[row["epoch"], row["steps"]] for row in table]


def test_csv_and_json_hold_every_column(here: Path) -> None:
    arguments = ("at", "1.5", "end", "steps.yaml", "groups.yaml", "--only", "*")
    assert lrviz(*arguments, "--format", "csv", cwd=here) == (
        0,
        "schedule,group,place,epoch,step,lr\n"
        "steps,,1.5,1.5,1500,0.1\n"
        "steps,,end,end,,0.0125\n"
        "groups,backbone,1.5,1.5,,0.001\n"
        "groups,backbone,end,end,,0.000125\n"
        "groups,head,1.5,1.5,,0.1\n"
        "groups,head,end,end,,0.0125\n",
        "",
    )
    read = json.loads(lrviz(*arguments, "--format", "json", cwd=here).out)
    assert read["version"] == 1
    assert read["records"][0] == {
        "schedule": "steps",
        "group": None,
        "place": "1.5",
        "epoch": 1.5,
        "step": 1500,
        "lr": 0.1,
    }
    assert [record["lr"] for record in read["records"]] == [0.1, 0.0125, 0.001, 0.000125, 0.1, 0.0125]


def test_a_rate_that_is_no_number_is_written_too(here: Path) -> None:
    (here / "huge.yaml").write_text("epochs: 900\noptimizer: {lr: 1}\nscheduler: {type: ExponentialLR, gamma: 10}\n")
    assert lrviz("at", "800", "huge.yaml", cwd=here).out == "inf\n"
    read = json.loads(lrviz("at", "800", "huge.yaml", "--format", "json", cwd=here).out)
    assert read["records"][0]["lr"] == "inf"


def test_a_file_that_is_called_like_a_place(here: Path) -> None:
    (here / "10").write_text(STEPS)
    assert lrviz("at", "10", "./10", cwd=here) == (0, "0.1\n", "")
    (here / "37,5").write_text(STEPS)
    assert lrviz("at", "10", "37,5", cwd=here) == (0, "0.1\n", "")
    (here / "schedule.yaml").write_text(STEPS)
    assert lrviz("at", "10", "40", cwd=here) == (0, "10   0.1\n40   0.05\n", "")


def test_what_is_neither_a_place_nor_a_file_gets_a_hint(here: Path) -> None:
    status, out, err = lrviz("at", "lst", "epoch 1,005", "5 parsecs", "37,5", "epochs", "what", "steps.yaml", cwd=here)
    assert (status, out) == (2, "")
    assert err == (
        "lrviz: error: 'lst' is neither a place nor a file\n"
        "  hint: did you mean last?\n"
        "lrviz: error: 'epoch 1,005' is neither a place nor a file\n"
        "  hint: write '1005 epochs'\n"
        "lrviz: error: '5 parsecs' is neither a place nor a file\n"
        "  hint: unknown unit 'parsecs'; the units are epochs, steps, tokens, samples and %\n"
        "lrviz: error: '37,5' is neither a place nor a file\n"
        "  hint: write a decimal point as `.`, and thousands without commas\n"
        "lrviz: error: 'epochs' is neither a place nor a file\n"
        '  hint: quote a number with its unit: "5 epochs"\n'
        "lrviz: error: 'what' is neither a place nor a file\n"
        "  hint: a place is such as 5 epochs, 500 steps, 50%, last, end\n"
    )


def test_every_file_and_every_place_that_is_wrong_is_said_at_once(here: Path) -> None:
    assert lrviz("at", "5 steps", "90", "-q", "none.yaml", "groups.yaml", "steps.yaml", cwd=here) == (
        2,
        "",
        "none.yaml: error: there is no such file\n"
        "lrviz: error: groups: steps cannot be counted in a run without a known number of steps per "
        "epoch (got '5 steps')\n"
        "  hint: give the run `steps_per_epoch` or `data`\n"
        "lrviz: error: groups: the run ends at 90: its last place is epoch 89\n"
        "  hint: write `last` for the last step, or `end` (under `at` or as the end of a range) for the value after "
        "the last call\n"
        "lrviz: error: steps: the run ends at 90: its last place is epoch 89\n"
        "  hint: write `last` for the last step, or `end` (under `at` or as the end of a range) for the value after "
        "the last call\n",
    )


def test_without_a_place_there_is_no_answer(here: Path) -> None:
    assert lrviz("at", "steps.yaml", cwd=here) == (
        2,
        "",
        "lrviz: error: no place is given\n  hint: lrviz at 30 FILE, or 50%, 500 steps, last, end\n",
    )
