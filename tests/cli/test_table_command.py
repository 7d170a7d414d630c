"""`lrviz table`, as it is typed: where schedules come from, what is printed where, and the exit status."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from process import lrviz

FIRST = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: StepLR, step_size: 10, gamma: 0.9}
expect:
  at: {0: 0.1, 10: 0.09, 20: 0.081, end: 0.0729}
"""
STARTER_NOTE = "lrviz: no schedule.yaml here, so these are the schedules of lrviz's own starter file\n"


def rates(out: str) -> dict[str, float]:
    """The first column of numbers of a table, by epoch."""
    cells = [line.replace("•", " ").split() for line in out.splitlines()]
    return {row[0]: float(row[1]) for row in cells if row and (row[0].isdigit() or row[0] == "end")}


def test_the_first_file_of_the_format(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(FIRST)
    status, out, err = lrviz("table", "first.yaml", "--end", cwd=tmp_path)
    assert (status, err) == (0, "")
    expected = {str(epoch): 0.1 if epoch < 10 else 0.09 if epoch < 20 else 0.081 for epoch in range(30)}
    assert rates(out) == {**expected, "end": 0.0729}
    assert [line.split()[0] for line in out.splitlines() if "•" in line][:2] == ["10", "20"]


def test_an_empty_folder_shows_the_starter_and_says_so(tmp_path: Path) -> None:
    status, out, err = lrviz("table", "--epochs", "30", cwd=tmp_path)
    assert (status, err) == (0, STARTER_NOTE)
    assert out.splitlines()[0].split() == ["epoch", "step-decay", "cosine", "warmup-cosine"]
    assert len(rates(out)) == 30
    assert lrviz("table", "--epochs", "30", "-q", cwd=tmp_path) == (0, out, "")


@pytest.mark.parametrize("name", ["schedule.yaml", "schedule.yml", "lrviz.yaml"])
def test_the_usual_files_are_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FIRST)
    status, out, err = lrviz("table", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.split()[1] == name.partition(".")[0]


def test_standard_input(tmp_path: Path) -> None:
    status, out, err = lrviz("table", "-", text=FIRST, cwd=tmp_path)
    assert (status, out.split()[:2], err) == (0, ["epoch", "stdin"], "")
    status, out, err = lrviz("table", "-", text="epochs: 0\n", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("<stdin>:1:1: error: optimizer is missing")


def test_a_folder_means_its_files_sorted_and_those_below(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "deep/c.yaml", ".hidden.yaml", ".git/d.yaml", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(FIRST)
    status, out, _ = lrviz("table", tmp_path, "--format", "csv", "--every", "30")
    assert (status, out.splitlines()[0]) == (0, "epoch,step,a,b,c")
    (tmp_path / "empty").mkdir()
    status, out, err = lrviz("table", "empty", cwd=tmp_path)
    assert (status, out, err) == (2, "", "empty: error: there is no *.yaml or *.yml in this folder\n")


def test_names_that_several_files_share_get_their_file(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.yaml").write_text(FIRST)
    status, out, _ = lrviz("table", "x/same.yaml", "y/same.yaml", "--format", "csv", cwd=tmp_path)
    assert (status, out.splitlines()[0]) == (0, "epoch,step,x/same.yaml:same,y/same.yaml:same")
    status, out, _ = lrviz("table", "x/same.yaml", "x/same.yaml", "--format", "csv", cwd=tmp_path)
    assert (status, out.splitlines()[0]) == (0, "epoch,step,same")


def test_only_chooses_by_name(tmp_path: Path) -> None:
    status, out, _ = lrviz("table", "--only", "*cosine", "--format", "csv", "--every", "100", cwd=tmp_path)
    assert (status, out.splitlines()[0]) == (0, "epoch,step,cosine,warmup-cosine")
    status, out, err = lrviz("table", "--only", "nothing", "-q", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err == (
        "lrviz: error: no schedule matches --only nothing\n  hint: valid names are step-decay, cosine, warmup-cosine\n"
    )


def test_csv_json_and_markdown_hold_the_same(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(FIRST.replace("epochs: 30", "epochs: 30\nsteps_per_epoch: 7"))
    arguments = ("table", tmp_path / "first.yaml", "--every", "10", "--end", "--format")
    from_csv = list(csv.DictReader(io.StringIO(lrviz(*arguments, "csv").out)))
    assert [row["epoch"] for row in from_csv] == ["0", "10", "20", "end"]
    assert [row["step"] for row in from_csv] == ["0", "70", "140", ""]
    assert [float(row["first"]) for row in from_csv] == [0.1, 0.1 * 0.9, 0.1 * 0.9 * 0.9, 0.1 * 0.9 * 0.9 * 0.9]
    from_json = json.loads(lrviz(*arguments, "json").out)
    assert from_json["version"] == 1
    assert [record["lr"]["first"] for record in from_json["records"]] == [float(row["first"]) for row in from_csv]
    assert lrviz(*arguments, "markdown").out.splitlines()[2:] == [
        "| 0 | 0 | 0.1 |",
        "| 10 | 70 | 0.09 |",
        "| 20 | 140 | 0.081 |",
        "| end |  | 0.0729 |",
    ]


def test_lengths_may_be_written_as_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(FIRST)
    assert len(rates(lrviz("table", "f.yaml", "--epochs", "1e1", cwd=tmp_path).out)) == 10
    status, out, err = lrviz("table", "f.yaml", "--epochs", "2.5", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert "--epochs: error: epochs must be a whole number (got 2.5)" in err
    status, _, err = lrviz("table", "f.yaml", "--epochs", "3", "--steps", "3", cwd=tmp_path)
    assert (status, err.splitlines()[0]) == (2, "lrviz: error: --epochs and --steps both set the length of the run")


def test_every_file_is_read_and_all_errors_are_reported(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(FIRST)
    (tmp_path / "one.yaml").write_text(FIRST.replace("StepLR", "steplr"))
    (tmp_path / "two.yaml").write_text(FIRST.replace("0.9}", "true}").replace("30", "0"))
    alone = lrviz("table", "good.yaml", cwd=tmp_path).out
    status, out, err = lrviz("table", "one.yaml", "good.yaml", "two.yaml", "three.yaml", cwd=tmp_path)
    assert (status, out) == (2, alone)
    assert err == (
        "one.yaml:3:19: error: torch has no scheduler 'steplr'\n"
        "  hint: did you mean StepLR?\n"
        "two.yaml:1:9: error: epochs must be at least 1 (got 0)\n"
        "two.yaml:3:49: error: StepLR: gamma must be a number (got true)\n"
        "three.yaml: error: there is no such file\n"
    )


def test_what_torch_refuses_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 10}\n"
    )
    status, out, err = lrviz("table", "f.yaml", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err == (
        "f.yaml:3:12: error: schedule 'f': OneCycleLR fails at call 11 of 12 of scheduler.step(): "
        "ValueError: Tried to step 11 times. The specified number of total steps is 10\n"
        "  hint: total_steps: 12, the number of calls in this run\n"
    )


def test_both_engines_print_the_same_bytes(tmp_path: Path) -> None:
    fast = lrviz("table", "--format", "csv", "--end", "-q", cwd=tmp_path)
    full = lrviz("table", "--format", "csv", "--end", "-q", "--engine", "torch", cwd=tmp_path)
    assert fast == full
    assert fast.status == 0


def test_colour_only_where_it_is_wanted(tmp_path: Path) -> None:
    plain = lrviz("table", "-q", cwd=tmp_path).out
    assert "\x1b" not in plain
    assert "\x1b" in lrviz("table", "-q", "--color", "always", cwd=tmp_path, NO_COLOR="1").out
    assert "\x1b" in lrviz("table", "-q", cwd=tmp_path, FORCE_COLOR="1").out
    assert lrviz("table", "-q", cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="1").out == plain
    assert lrviz("table", "-q", "--color", "never", cwd=tmp_path, FORCE_COLOR="1").out == plain


def test_a_pipe_with_another_encoding_gets_ascii(tmp_path: Path) -> None:
    status, out, err = lrviz("table", "-q", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (status, err) == (0, "")
    assert out.isascii()


def test_verbose_says_what_was_read_and_run(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(FIRST)
    _, _, err = lrviz("table", "first.yaml", "-v", cwd=tmp_path)
    assert err.splitlines() == [
        "lrviz: read first.yaml: first",
        "lrviz: first: 30 calls of scheduler.step(), by the scheduler source of torch 2.13.0+cpu",
    ]


def test_a_file_is_read_once_however_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "s.yaml").write_text(FIRST)
    _, out, _ = lrviz("table", "d", "d/s.yaml", "./d/s.yaml", "--format", "csv", cwd=tmp_path)
    assert out.splitlines()[0] == "epoch,step,s"


def test_a_file_called_like_the_starter_is_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "starter.yaml").write_text(FIRST)
    assert lrviz("table", "starter.yaml", "--format", "csv", cwd=tmp_path).out.splitlines()[1] == "0,,0.1"


def test_an_empty_folder_does_not_hide_the_other_errors(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _, _, err = lrviz("table", "empty", "nosuch.yaml", cwd=tmp_path)
    assert err.splitlines() == [
        "empty: error: there is no *.yaml or *.yml in this folder",
        "nosuch.yaml: error: there is no such file",
    ]


def test_schedules_without_a_clock_in_common_are_a_table_of_percent(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(FIRST)
    (tmp_path / "steps.yaml").write_text(FIRST.replace("epochs: 30", "steps: 20").partition("expect")[0])
    note = "lrviz: these schedules have no clock in common, so a row is a percent of each run\n"
    status, out, err = lrviz("table", ".", "--every", "50", "--end", "--format", "csv", cwd=tmp_path)
    assert (status, err) == (0, note)
    assert out.splitlines() == [
        "percent,first,steps",
        "0,0.1,0.1",
        "50,0.09000000000000001,0.09000000000000001",
        "end,0.07290000000000002,0.08100000000000002",
    ]
    asked = lrviz("table", ".", "--every", "50", "--by", "percent", "--format", "json", cwd=tmp_path)
    assert (asked.status, asked.err) == (0, "")
    assert json.loads(asked.out)["records"][1] == {
        "percent": 50,
        "lr": {"first": 0.09000000000000001, "steps": 0.09000000000000001},
    }
    assert lrviz("table", ".", "--every", "50", cwd=tmp_path).out.splitlines()[2].split() == ["0", "0.1", "0.1"]


def test_a_table_of_one_row_says_how_to_see_more(tmp_path: Path) -> None:
    run = "epochs: 2\nsteps_per_epoch: 50\ninterval: step\noptimizer: {lr: 1}\nscheduler: {type: CosineAnnealingLR}\n"
    (tmp_path / "schedule.yaml").write_text(run)
    says = "lrviz: by epoch, this table has one row; --by step and --by percent have more\n"
    assert lrviz("table", "--every", "20", cwd=tmp_path).err == says
    assert lrviz("table", "--epochs", "1", cwd=tmp_path).err == says
    assert lrviz("table", cwd=tmp_path).err == ""
    assert lrviz("table", "--every", "20", "--by", "epoch", cwd=tmp_path).err == ""
    once_an_epoch = ("--set", "interval=epoch", "--set", "steps_per_epoch=1")
    assert lrviz("table", "--every", "20", *once_an_epoch, cwd=tmp_path).err == ""
