"""Metrics: a list, an expression, a column of each kind of file, and what is wrong with one."""

from __future__ import annotations

import json
import math
import pickle
import tracemalloc
from pathlib import Path

import pytest
from helpers.growth import grows_slowly
from helpers.wide import wide_csv

from lrviz import files
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file
from lrviz.schedule.model import ComputedMetric, Schedule
from lrviz.schedule.reading.metric import CALLS_TRIED

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
        ("{file: log.csv, column: note}", "line 2 of log.csv has no number in column 'note'"),
        ("{file: list.json, column: note}", "record 2 of list.json has no number in column 'note'"),
        ("{file: names.csv, column: loss}", "names.csv has no column 'loss'"),
        ("{file: bytes.csv, column: loss}", "bytes.csv is not UTF-8 in line 2\n  hint: save it as UTF-8"),
        ("{file: wide.csv, column: loss}", "wide.csv is not UTF-16 in line 3"),
        ("{file: none.csv, column: loss}", "none.csv cannot be read: No such file or directory"),
        ("{file: bad.jsonl, column: loss}", "bad.jsonl:2:1: this is not JSON: Expecting value"),
        ("{file: ., column: loss}", "cannot be read: Is a directory"),
        ("{file: log.csv}", "metric: column is missing"),
    ],
)
def test_what_is_wrong(tmp_path: Path, metric: str, message: str) -> None:
    (tmp_path / "log.csv").write_text(FILES["log.csv"])
    (tmp_path / "list.json").write_text('[{"note": 1}, {"note": "hunter2"}]')
    (tmp_path / "names.csv").write_text("user,hunter2,hunter2 again\nhunter2,1,hunter2\n")
    (tmp_path / "bytes.csv").write_bytes(b"\xef\xbb\xbfloss\n\xff\n")
    (tmp_path / "wide.csv").write_bytes("loss\n\u0a0a\n".encode("utf-16") + b"\x00\xdc\x00\x00")
    (tmp_path / "bad.jsonl").write_text('{"loss": 1}\nloss\n')
    said = refusal(tmp_path, metric)
    assert message in said
    assert "hunter2" not in said


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


# --- what is computed, and when ----------------------------------------------------------------------------------

PHASES = """\
epochs: 60
optimizer: {lr: 0.1}
scheduler:
  - {type: ExponentialLR, gamma: 0.99, for: 40}
  - {type: ReduceLROnPlateau, patience: 2, for: 15}
  - {type: LinearLR}
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The calls whose value is computed, as they are asked for."""
    calls: list[int] = []
    value = ComputedMetric._value

    def count(self: ComputedMetric, call: int) -> float:
        calls.append(call)
        return value(self, call)

    monkeypatch.setattr(ComputedMetric, "_value", count)
    return calls


@pytest.mark.parametrize("scheduler", ["none", "{type: ReduceLROnPlateau}", "{type: StepLR, step_size: 9}"])
def test_reading_a_long_run_computes_next_to_nothing(tmp_path: Path, asked: list[int], scheduler: str) -> None:
    head = f"epochs: 100000000\noptimizer: {{lr: 0.1}}\nscheduler: {scheduler}\n"
    read = schedule(tmp_path, "1 / (epoch + 1)", head)
    assert read.metric is not None
    assert len(read.metric) == 100_000_000
    assert len(asked) == (CALLS_TRIED if "Plateau" in scheduler else 0)
    assert read.metric[99_999_999] == 1e-8


@pytest.mark.parametrize("shortcut", [False, True])
def test_a_run_computes_what_its_phases_read_and_nothing_else(tmp_path: Path, asked: list[int], shortcut: bool) -> None:
    read = schedule(tmp_path, "1 / (epoch + 1) if epoch < 45 else 1 / (epoch - 20)", PHASES)
    listed = schedule(tmp_path, str(list(read.metric or ())), PHASES)
    asked.clear()
    curve = simulate(read, shortcut=shortcut)
    assert asked == list(range(40, 55))
    assert curve.lr.tolist() == simulate(listed, shortcut=False).lr.tolist()


def test_a_value_that_does_not_exist_is_an_error_where_it_is_read(tmp_path: Path) -> None:
    head = HEAD.replace("epochs: 4", "epochs: 300")
    read = schedule(tmp_path, "1 / (epoch - 200)", head)
    with pytest.raises(ScheduleError) as caught:
        simulate(read)
    assert str(caught.value) == f"{tmp_path}/s.yaml:4:9: error: metric: `1 / (epoch - 200)` divides by zero at call 200"
    read = schedule(tmp_path, "1 / (epoch - 39)", PHASES)  # nothing reads call 39
    assert len(simulate(read)) == 60
    assert "divides by zero at call 40" in refusal(tmp_path, "1 / (epoch - 40)", PHASES)


def test_the_values_count_in_the_limit_of_a_run(tmp_path: Path) -> None:
    groups = "{groups: [{name: g, repeat: 5, lr: 0.1}]}"
    head = f"epochs: 100000000\noptimizer: {groups}\nscheduler: {{type: ReduceLROnPlateau}}\n"
    message = (
        "100,000,000 calls of 5 param groups and 100,000,000 values of the metric are more than 500,000,000 values"
    )
    assert message in refusal(tmp_path, "1 / (epoch + 1)", head)
    schedule(tmp_path, "1 / (epoch + 1)", head.replace("repeat: 5", "repeat: 4"))
    schedule(tmp_path, "1 / (epoch + 1)", head.replace("ReduceLROnPlateau", "LinearLR"))


def test_a_computed_metric_can_be_sent_to_another_process(tmp_path: Path) -> None:
    metric = schedule(tmp_path, "1 / (epoch + 1)").metric
    assert metric is not None
    assert metric[1:3] == (1 / 2, 1 / 3)
    assert pickle.loads(pickle.dumps(metric)) == metric != (1.0, 1 / 2, 1 / 3, 1 / 5)


def test_a_column_costs_what_its_file_holds(tmp_path: Path) -> None:
    def read(path: Path) -> None:
        schedule(tmp_path, f"{{file: {path.name}, column: c0}}", HEAD.replace("epochs: 4", "epochs: 400"))

    def wide(size: int) -> Path:
        return wide_csv(tmp_path / f"{size}.csv", size)

    grows_slowly(wide, read, 600)


def test_of_a_long_file_only_the_column_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1_200_000)  # as much memory is set aside at once
    (tmp_path / "log.csv").write_text("loss," + "x," * 50 + "\n" + ("1," + "some text," * 50 + "\n") * 2_000)
    tracemalloc.start()
    try:
        schedule(tmp_path, "{file: log.csv, column: loss}")
        assert tracemalloc.get_traced_memory()[1] < 10e6  # the texts take 6 MB, their cells would take 11
    finally:
        tracemalloc.stop()
