"""Which columns are taken for the learning rate and the time, and what is said where none or several may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrviz import files
from lrviz.errors import ScheduleError
from lrviz.log import read_log
from lrviz.log.columns import clock_of, says_lr


@pytest.mark.parametrize(
    "name",
    ["lr", "LR", "lrs", "train/lr", "learning_rate", "Learning Rate", "learningRate", "lr-AdamW", "lr-SGD/pg1",
     "lr-SGD/head", "optim/lr_0", "lr_backbone", "group0_lr", "train.lr", "charts/learning_rate", "lr/0",
     "lr/decay", "lr/no_weight_decay"],
)  # fmt: skip
def test_names_of_a_learning_rate(name: str) -> None:
    assert says_lr(name)


@pytest.mark.parametrize(
    "name",
    ["loss", "base_lr", "min_lr", "initial_lr", "lr_scheduler", "lr_decay", "lr-SGD-momentum", "lr-SGD/pg1-momentum",
     "lr-SGD-weight_decay", "lr/epoch", "lr/decay_steps", "color", "learning", "rate", "ulr", "step", "", "a/b/c"],
)  # fmt: skip
def test_names_of_something_else(name: str) -> None:
    assert not says_lr(name)


def test_names_of_a_clock() -> None:
    steps = ["trainer/global_step", "num_updates", "step", "Iteration", "iter", "_step"]
    ranks = [clock_of(name) for name in steps]
    assert ranks == sorted(ranks, key=lambda rank: rank or ("", 0))
    assert {rank and rank[0] for rank in ranks} == {"step"}
    assert [rank and rank[0] for rank in map(clock_of, ["epoch", "train/epoch", "Epochs"])] == ["epoch"] * 3
    assert [clock_of(name) for name in ("loss", "lr", "steps_per_second", "samples", "time")] == [None] * 5


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        read_log(str(path), **options)
    return str(caught.value).replace(f"{path}", "log")


def test_columns_by_their_names_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("tick,epoch, rate\n1,0,0.1\n2,0,0.09\n")
    log = read_log(str(path), column="rate", step_column="tick")
    assert (list(log.lr), [(clock.unit, list(clock.at)) for clock in log.clocks]) == ([0.1, 0.09], [("count", [1, 2])])
    log = read_log(str(path), column="rate", step_column="epoch")
    assert [(clock.unit, list(clock.at)) for clock in log.clocks] == [("epoch", [0, 0])]


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,lr,empty\n1,0.1,\n")
    assert refusal(path, column="lrr") == "log: error: there is no column 'lrr'\n  hint: did you mean lr?"
    assert refusal(path, step_column="steps") == "log: error: there is no column 'steps'\n  hint: did you mean step?"
    assert "no record with a learning rate has a number in column 'empty'" in refusal(path, step_column="empty")


def test_groups_logged_as_a_mapping_or_a_list_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 0, "lr": {"body": 0.1, "head": 1}}\n{"step": 1, "lr": {"body": 0.2, "head": 2}}\n')
    assert "--column: lr/body, lr/head" in refusal(path)
    assert list(read_log(str(path), column="lr/head").lr) == [1.0, 2.0]
    path.write_text('{"step": 0, "lr": [0.1, 1]}\n')
    assert list(read_log(str(path), column="lr/1").lr) == [1.0]


def test_the_column_of_a_param_group(tmp_path: Path) -> None:
    """As the guard of a training writes them. Any other name of a column is as good as without a group."""
    path = tmp_path / "log.csv"
    path.write_text("step,lr/decay,lr/min,lr\n0,0.1,0.2,0.3\n")
    assert list(read_log(str(path), group="decay").lr) == [0.1]
    assert list(read_log(str(path), group="min").lr) == [0.2]
    assert list(read_log(str(path), column="lr", group="min").lr) == [0.3]
    assert "--column: lr/decay, lr" in refusal(path, group="head")
    assert read_log(str(path), step_column="step", group="min").clocks[0].unit == "count"


def test_many_columns_are_not_all_listed(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(",".join(f"c{index}" for index in range(100)) + "\n" + ",".join("1" * 100) + "\n")
    assert refusal(path).endswith("c18, c19, ...")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("none.csv", None, "this file cannot be read: No such file or directory"),
        ("wide.csv", 'lr\n"' + "x" * 200_000 + '"\n', "this file cannot be read: field larger than field limit"),
        ("deep.json", "[" * 100_000, "this file cannot be read: "),
        ("huge.jsonl", '{"step": 1, "lr": 1' + "0" * 5000 + "}\n", "this file cannot be read: "),
        ("far.csv", f"step,lr\n{10**16},0.1\n", "log:2:1: error: there is no whole number of steps in column 'step'"),
        ("true.jsonl", '{"step": 1, "lr": true}', "log:1:1: error: there is no number in the column of learning rates"),
        (
            "list.json",
            '[{"step": 1, "lr": "0.1"}, {"step": 2, "lr": "x"}]',
            "record 2: there is no number in the column of learning rates",
        ),
    ],
)
def test_what_no_reader_takes_is_an_error_and_no_fault(tmp_path: Path, name: str, text: str, words: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert words in refusal(tmp_path / name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no column is named like a learning rate\n  hint: choose one with --column"),
        ({"column": "lr"}, "there is no column 'lr'"),
        ({"column": "uid", "step_column": "step"}, "there is no column 'step'"),
        ({"column": "user"}, "log:2:1: error: there is no number in column 'user'"),
    ],
)
def test_nothing_of_a_file_that_is_no_table_of_numbers_is_quoted(
    tmp_path: Path, options: dict[str, str], words: str
) -> None:
    (tmp_path / "users.csv").write_text("user,hunter2,uid\nbob,hunter2,1000\n")
    said = refusal(tmp_path / "users.csv", **options)
    assert said.removeprefix("log: error: ") == words
    assert "hunter2" not in said


def test_a_file_may_be_large_but_not_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    path = tmp_path / "log.csv"
    path.write_text("step,lr\n0,0.1\n1,0.1\n")
    assert len(read_log(str(path)).lr) == 2
    path.write_text("step,lr\n0,0.1\n1,0.10\n")
    assert refusal(path) == "log: error: this file is larger than 100 MB"
