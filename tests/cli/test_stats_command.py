"""`lrviz stats`, as it is typed: a row a schedule, and the same numbers for programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

FILE = """\
epochs: 6
steps_per_epoch: 10
schedules:
  step: {optimizer: {lr: 0.1}, scheduler: {type: StepLR, step_size: 2, gamma: 0.5}}
  warmup: {optimizer: {lr: 1e-4}, scheduler: {type: LinearLR, start_factor: 0.25, total_iters: 3}}
  groups: {optimizer: {groups: [{name: body, lr: 0.1}, {name: head, lr: 1}]}, scheduler: none}
"""
STEPS = "steps: 2000\noptimizer: {lr: 0.006}\nscheduler: none\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f.yaml").write_text(FILE)
    (tmp_path / "s.yaml").write_text(STEPS)
    return tmp_path


def test_a_row_a_schedule_and_a_group(folder: Path) -> None:
    status, out, err = lrviz("stats", "f.yaml", cwd=folder)
    assert (status, err) == (0, "")
    assert out == (
        "                      at                                      above\n"
        "schedule     peak  epoch      end       mean    area  warmup   half  changes\n"
        "────────────────────────────────────────────────────────────────────────────\n"
        "step         1e-1      0  1.25e-2  5.8333e-2  3.5e-1    none      2        2\n"
        "warmup       1e-4      3     1e-4     7.5e-5  4.5e-4       3      4        3\n"
        "groups/body  1e-1      0     1e-1       1e-1    6e-1    none      6        0\n"
        "groups/head     1      0        1          1     6e0    none      6        0\n"
        "\n"
        "end is after the last call; area and times are in epochs\n"
    )


def test_a_run_that_knows_no_epochs_is_counted_in_steps_and_says_so(folder: Path) -> None:
    status, out, _ = lrviz("stats", "s.yaml", cwd=folder)
    assert (status, out.splitlines()[-1]) == (0, "end is after the last call; area and times are in steps")
    status, out, _ = lrviz("stats", "f.yaml", "s.yaml", "--only", "s*", cwd=folder)
    assert out.splitlines()[-1] == "end is after the last call; area and times are in each row's unit"
    assert [line.split()[:2] for line in out.splitlines()[3:5]] == [["step", "epoch"], ["s", "step"]]


def test_csv_json_and_markdown_hold_the_same(folder: Path) -> None:
    from_csv = list(csv.DictReader(io.StringIO(lrviz("stats", ".", "--format", "csv", cwd=folder).out)))
    assert list(from_csv[0].values()) == [
        "step", "", "epoch", "0.1", "0", "0", "0.0125", repr(3.5 * 0.1 / 6), repr(3.5 * 0.1), "", "2", "2",
    ]  # fmt: skip
    page = json.loads(lrviz("stats", ".", "--format", "json", cwd=folder).out)
    assert page["version"] == 1
    assert [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in page["stats"]
    ] == from_csv
    markdown = lrviz("stats", "f.yaml", "--format", "markdown", cwd=folder).out.splitlines()
    assert markdown[0].startswith("| schedule | peak | at epoch | end | mean | area | warmup | above half | changes |")
    assert markdown[2] == "| step | 1e-1 | 0 | 1.25e-2 | 5.8333e-2 | 3.5e-1 | none | 2 | 2 |"


def test_it_agrees_with_the_table(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(lrviz("table", "f.yaml", "--format", "csv", "--end", cwd=folder).out)))
    found = json.loads(lrviz("stats", "f.yaml", "--format", "json", cwd=folder).out)["stats"]
    for each in found:
        title = each["schedule"] + (f"/{each['group']}" if each["group"] else "")
        *rates, end = [float(row[title]) for row in rows]
        assert (each["peak"], each["peak_epoch"], each["end"]) == (max(rates), rates.index(max(rates)), end)
        assert each["area"] == pytest.approx(sum(rates))


def test_a_sweep_is_a_row_a_value(folder: Path) -> None:
    status, out, _ = lrviz("stats", "f.yaml", "--only", "step", "--set", "gamma=0.1,0.5", "--format", "csv", cwd=folder)
    assert status == 0
    assert [row["schedule"] for row in csv.DictReader(io.StringIO(out))] == ["step gamma=0.1", "step gamma=0.5"]


def test_colour_and_ascii(folder: Path) -> None:
    plain = lrviz("stats", "f.yaml", cwd=folder).out
    coloured = lrviz("stats", "f.yaml", "--color", "always", cwd=folder).out
    assert "\x1b[1m" in coloured
    assert coloured.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") == plain
    assert lrviz("stats", "f.yaml", cwd=folder, PYTHONIOENCODING="ascii").out == plain.replace("─", "-")


def test_what_is_wrong_is_said_as_everywhere(folder: Path) -> None:
    assert lrviz("stats", "none.yaml", cwd=folder) == (2, "", "none.yaml: error: there is no such file\n")
