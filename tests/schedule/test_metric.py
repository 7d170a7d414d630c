"""Metrics: a list, an expression, a column of each kind of file, and what is wrong with one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lrviz.errors import ScheduleError
from lrviz.schedule.load import load_file
from lrviz.schedule.model import Schedule

HEAD = "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, patience: 0}\n"


def schedule(folder: Path, metric: str, head: str = HEAD) -> Schedule:
    (folder / "s.yaml").write_text(f"{head}metric: {metric}\n")
    (read,) = load_file(folder / "s.yaml")
    return read


def refusal(folder: Path, metric: str, head: str = HEAD) -> str:
    with pytest.raises(ScheduleError) as caught:
        schedule(folder, metric, head)
    return str(caught.value).replace(f"{folder}/", "")


FILES = {
    "log.csv": "epoch,val_loss,note\n0,4,a\n1,3.5,\n2,,b\n3,3e0,\n4,2,\n",
    "bom.csv": "\ufeffval_loss\r\n4\r\n3.5\r\n3\r\n2\r\n",
    "log.jsonl": "\n".join(json.dumps({"val_loss": value}) for value in (4, 3.5, 3.0, 2)) + '\n\n{"other": 1}\n',
    "trainer_state.json": json.dumps(
        {"log_history": [{"val_loss": 4}, {"loss": 9}, {"val_loss": 3.5}, {"val_loss": 3}, {"val_loss": 2}]}
    ),
    "list.json": json.dumps([{"val_loss": value} for value in (4, 3.5, 3, 2)]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_column_of_a_file_beside_the_schedule(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    assert schedule(tmp_path, f"{{file: {name}, column: val_loss}}").metric == (4.0, 3.5, 3.0, 2.0)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("[1, 2.5, 1e-3, 4]", (1.0, 2.5, 1e-3, 4.0)),
        ("[1, 1 / 4, '2', 4]", (1.0, 0.25, 2.0, 4.0)),
        ("1 / (epoch + 1)", (1.0, 1 / 2, 1 / 3, 1 / 4)),
        ("epoch if epoch < 2 else 7", (0.0, 1.0, 7.0, 7.0)),
    ],
)
def test_lists_and_expressions(tmp_path: Path, written: str, values: tuple[float, ...]) -> None:
    assert schedule(tmp_path, written).metric == values


def test_epoch_and_step_of_a_run_that_is_called_once_a_step(tmp_path: Path) -> None:
    head = HEAD.replace("epochs: 4", "epochs: 2\nsteps_per_epoch: 2\ninterval: step")
    assert schedule(tmp_path, "epoch + 10 * step", head).metric == (0.0, 10.5, 21.0, 31.5)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("[1, 2]", "metric has 2 values, but the run has 4 calls that need one each"),
        ("[1, x, 2, 3]", "metric must be a list of numbers (got 'x')"),
        ("[1, true, 2, 3]", "metric must be a list of numbers (got true)"),
        ("7", "metric must be a list of numbers (got 7)"),
        ("step", "metric uses step, which is not known here"),
        ("1 / (epoch - 2)", "metric: `1 / (epoch - 2)` divides by zero at call 2"),
        (
            "{file: log.csv, column: loss}",
            "log.csv has no column 'loss'\n  hint: its columns are epoch, val_loss, note",
        ),
        ("{file: log.csv, column: note}", "record 1 of log.csv has 'a' in note, which is not a number"),
        ("{file: none.csv, column: loss}", "none.csv cannot be read: No such file or directory"),
        ("{file: bad.jsonl, column: loss}", "bad.jsonl:2:1: this is not JSON: Expecting value"),
        ("{file: ., column: loss}", "cannot be read: Is a directory"),
        ("{file: log.csv}", "metric: column must be text"),
    ],
)
def test_what_is_wrong(tmp_path: Path, metric: str, message: str) -> None:
    (tmp_path / "log.csv").write_text(FILES["log.csv"])
    (tmp_path / "bad.jsonl").write_text('{"loss": 1}\nloss\n')
    assert message in refusal(tmp_path, metric)


def test_nan_is_passed_on_with_a_warning_and_too_many_values_are_noted(tmp_path: Path) -> None:
    read = schedule(tmp_path, "[1, .nan, 1, 1, 5]")
    assert read.metric is not None
    assert math.isnan(read.metric[1])
    assert [(remark.severity, remark.message) for remark in read.remarks] == [
        ("note", "metric has 5 values; the run uses only the first 4"),
        ("warning", "metric is NaN at call 1; torch counts that as a call without improvement"),
    ]


def test_a_metric_that_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    read = schedule(tmp_path, "[1]", HEAD.replace("ReduceLROnPlateau, patience: 0", "ExponentialLR, gamma: 0.9"))
    assert [str(remark) for remark in read.remarks] == [
        f"{tmp_path}/s.yaml:4:9: warning: no scheduler reads this metric: there is no ReduceLROnPlateau [metric-unread]"
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wide.csv", 'a\n"' + "x" * 200_000 + '"\n'),
        ("huge.jsonl", '{"a": 1' + "0" * 400 + "}\n"),
        ("deep.json", "[" * 100_000),
    ],
)
def test_a_file_that_no_reader_takes_is_an_error_and_no_fault(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert refusal(tmp_path, f"{{file: {name}, column: a}}").startswith("s.yaml:4:16: error: metric: ")


def test_only_the_calls_up_to_the_last_that_reads_one_need_values(tmp_path: Path) -> None:
    head = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: [{type: ReduceLROnPlateau, for: 5}, {type: LinearLR}]\n"
    assert schedule(tmp_path, "[1, 1, 1, 1, 1]", head).remarks == ()
    assert "metric has 4 values, but the run has 5 calls that need one each" in refusal(tmp_path, "[1, 1, 1, 1]", head)
