"""`lrviz train --find`, as it is typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

pytest.importorskip("sklearn", reason="pip install 'lrviz[train]'")

FILE = """\
epochs: 20
schedules:
  momentum: {optimizer: {lr: 0.1, momentum: 0.9}, scheduler: none}
  hot: {optimizer: {lr: 3.0, momentum: 0.9}, scheduler: {type: CosineAnnealingLR}}
  adam: {optimizer: {type: Adam, lr: 1e-3}, scheduler: none}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "f.yaml"
    path.write_text(FILE)
    return path


def test_json_holds_the_curves_and_what_was_chosen(file: Path) -> None:
    status, out, err = lrviz("train", "--find", file, "--format", "json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert (said["version"], said["problem"]) == (1, "digits")
    momentum, adam = said["tests"]
    assert momentum["schedules"] == ["momentum", "hot"]
    assert momentum["peaks"] == [0.1, 3.0]
    assert momentum["suggested"] == momentum["minimum"] / 10
    assert len(momentum["lr"]) == len(momentum["loss"]) == len(momentum["smoothed"]) <= 200
    assert momentum["lr"][0] == 1e-6
    assert adam["suggested"] < momentum["suggested"]  # Adam takes smaller rates


def test_the_table_says_which_peak_is_too_high(file: Path) -> None:
    status, out, err = lrviz("train", "--find", file, "--only", "hot")
    assert (status, err) == (0, "")
    (row,) = [line for line in out.splitlines() if line.startswith("hot")]
    assert row.endswith("the peak is too high: the loss rises again there")
    assert "suggested is the minimum over ten" in out


def test_csv_has_a_row_a_step(file: Path) -> None:
    between = ("--between", "1e-4", "1e-2", "--find-steps", "25")
    _, out, _ = lrviz("train", "--find", file, "--only", "adam", "--format", "csv", *between)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["schedules"] for row in rows] == ["adam"] * 25
    assert (float(rows[0]["lr"]), float(rows[-1]["lr"])) == (1e-4, 1e-2)


def test_the_same_command_writes_the_same_picture(file: Path, tmp_path: Path) -> None:
    pictures = []
    for name in ("a.png", "b.png"):
        assert lrviz("train", "--find", file, "--only", "adam", "-o", tmp_path / name).status == 0
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--between", "1", "0.1"),
            "--between: error: the first must be above 0, and the second larger (got 1 and 0.1)\n  hint: "
            "--between 1e-5 1",
        ),
        (("--between", "0", "1"), "--between: error: the first must be above 0, and the second larger (got 0 and 1)"),
        (("--between", "hot", "1"), "--between: error: a learning rate must be a number (got 'hot')"),
        (("--find-steps", "3"), "--find-steps: error: at least 20 steps (got 3)"),
    ],
)
def test_wrong_bounds_are_errors(file: Path, options: tuple[str, str], said: str) -> None:
    status, out, err = lrviz("train", "--find", file, *options)
    assert (status, out) == (2, "")
    assert err.startswith(said)


def test_its_options_need_it(file: Path) -> None:
    status, out, err = lrviz("train", file, "--between", "1e-5", "1")
    assert (status, out) == (2, "")
    assert err == "--between: error: --between is an option of the range test\n  hint: --find --between ...\n"


@pytest.mark.parametrize("options", [("--check",), ("--length", "5")])
def test_options_of_a_training_are_none_of_its(file: Path, options: tuple[str, ...]) -> None:
    status, out, err = lrviz("train", "--find", file, *options)
    assert (status, out) == (2, "")
    what = f"{options[0]} is about a training, and --find runs the range test in its place"
    assert err == f"{options[0]}: error: {what}\n  hint: give one of them\n"
