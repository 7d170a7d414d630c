"""TensorBoard: event files that real torch writes, in the old way and the new one, whole, cut off and damaged."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from torch.utils.tensorboard import SummaryWriter

from lrviz.checks.finding import Held
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.log import follow, read_log

PLAN = "steps: 100\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, eta_min: 1e-7}\n"


def planned(plan: str = PLAN) -> list[float]:
    return list(simulate(load_text(plan, "plan.yaml")[0]).columns[0])


def event_file(folder: Path) -> Path:
    (file,) = [each for each in folder.iterdir() if "tfevents" in each.name]
    return file


def write(
    folder: Path, values: Sequence[float], tag: str = "train/lr", start: int = 0, suffix: str = "", **how: Any
) -> Path:
    """Writes as training code does, with another scalar and a text beside."""
    writer = SummaryWriter(str(folder), filename_suffix=suffix)
    writer.add_text("about", "a run")
    for step, value in enumerate(values, start):
        writer.add_scalar("train/loss", 1.0, step)
        writer.add_scalar(tag, value, step, **how)
    writer.close()
    return folder


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        read_log(str(path), **options)
    return str(caught.value)


@pytest.mark.parametrize("how", [{}, {"new_style": True}, {"new_style": True, "double_precision": True}])
def test_what_torch_writes_follows_its_plan(tmp_path: Path, how: dict[str, Any]) -> None:
    values = planned()
    write(tmp_path, values, **how)
    (schedule,) = load_text(f"{PLAN}expect: {{tolerance: 1e-12}}\n", "plan.yaml")
    for path in (tmp_path, event_file(tmp_path)):
        log = read_log(str(path))
        assert (log.column, [clock.unit for clock in log.clocks]) == ("train/lr", ["count"])
        assert (list(log.lr) == values) == how.get("double_precision", False)
        (outcome,) = follow(schedule, simulate(schedule), log, "plan")
        assert isinstance(outcome, Held)
        assert outcome.message == "the log followed the plan: 100 records, step 0 to step 99"
        assert (outcome.where.file, outcome.where.line) == (str(path), 0)


def test_single_precision_excuses_no_more_than_it_takes_off(tmp_path: Path) -> None:
    (schedule,) = load_text(f"{PLAN}expect: {{tolerance: 1e-12}}\n", "plan.yaml")
    write(tmp_path, [value * (1 + 3e-7) for value in planned()])
    found = follow(schedule, simulate(schedule), read_log(str(tmp_path)), "plan")
    assert not isinstance(found[0], Held)


@pytest.mark.parametrize(("dtype", "layout"), [(1, "<f"), (2, "<d")])
def test_numbers_as_bytes_of_a_tensor(tmp_path: Path, dtype: int, layout: str) -> None:
    """As TensorFlow writes them."""
    writer = EventFileWriter(str(tmp_path))
    for step in range(3):
        tensor = TensorProto(dtype=dtype, tensor_content=struct.pack(layout, 0.5 / (step + 1)))
        writer.add_event(Event(step=step, summary=Summary(value=[Summary.Value(tag="lr", tensor=tensor)])))
    writer.close()
    assert list(read_log(str(tmp_path)).lr) == pytest.approx([0.5, 0.25, 0.5 / 3], rel=1e-7)


def test_nothing_is_thinned(tmp_path: Path) -> None:
    write(tmp_path, [0.1 / (step + 1) for step in range(12_000)])
    assert len(read_log(str(tmp_path)).lr) == 12_000


def test_a_resumed_run_writes_another_file(tmp_path: Path) -> None:
    values = planned()
    write(tmp_path, values[:60], suffix=".a")
    write(tmp_path, values[50:], start=50, suffix=".b")
    log = read_log(str(tmp_path))
    assert list(log.clocks[0].at) == [*range(60), *range(50, 100)]
    (schedule,) = load_text(PLAN, "plan.yaml")
    assert isinstance(follow(schedule, simulate(schedule), log, "plan")[0], Held)


def test_not_a_number_is_a_learning_rate_that_parts(tmp_path: Path) -> None:
    values = planned()
    write(tmp_path, [*values[:50], float("nan"), *values[51:]])
    (schedule,) = load_text(PLAN, "plan.yaml")
    found = follow(schedule, simulate(schedule), read_log(str(tmp_path)), "plan")
    assert found[0].message == "step 50: logged nan, planned 0.0500001; 1 of 100 records deviates from the plan"


def test_tags(tmp_path: Path) -> None:
    writer = SummaryWriter(str(tmp_path))
    for step in range(3):
        writer.add_scalar("lr/body", 0.1, step)
        writer.add_scalar("lr/head", 0.2 + step, step)
    writer.close()
    assert refusal(tmp_path).endswith(
        "error: 2 tags are named like a learning rate\n  hint: choose one with --column: lr/body, lr/head"
    )
    assert list(read_log(str(tmp_path), column="lr/body").lr) == pytest.approx([0.1] * 3)
    assert refusal(tmp_path, column="lr/heads").endswith(
        "error: there is no tag 'lr/heads'\n  hint: did you mean lr/head?"
    )
    assert "event files have their own steps\n  hint: leave out --step-column" in refusal(tmp_path, step_column="x")


def test_tags_that_hold_no_learning_rate(tmp_path: Path) -> None:
    write(tmp_path, [0.1], tag="value")
    assert refusal(tmp_path).endswith(
        "error: no tag is named like a learning rate\n"
        "  hint: choose one with --column: about/text_summary, train/loss, value"
    )
    assert refusal(tmp_path, column="about/text_summary").endswith("tag 'about/text_summary' holds no numbers")


@pytest.mark.parametrize("cut", [1, 7, 30])
def test_a_file_that_is_still_written_is_read_so_far_with_a_note(tmp_path: Path, cut: int) -> None:
    write(tmp_path, planned())
    file = event_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-cut])
    log = read_log(str(tmp_path))
    assert len(log.lr) == 99
    assert [(note.code, note.severity) for note in log.notes] == [("log-cut-off", "note")]
    assert "the file ends within an event, at byte " in log.notes[0].message


def test_damage_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, planned())
    file = event_file(tmp_path)
    data = bytearray(file.read_bytes())
    start = 0
    for _ in range(50):
        start += 16 + struct.unpack("<Q", data[start : start + 8])[0]
    data[start + 12 : start + 20] = b"\xff" * 8
    file.write_bytes(bytes(data))
    assert refusal(tmp_path) == f"{file}: error: this event file is damaged"


@pytest.mark.parametrize("content", [b"hello, this is no event file at all", b"x", bytes(16)])
def test_something_else_under_the_name_of_an_event_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "events.out.tfevents.1.x"
    file.write_bytes(content)
    assert refusal(file) == f"{file}: error: this is not a TensorBoard event file"


def test_an_event_file_without_events(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1.x").write_bytes(b"")
    assert refusal(tmp_path) == f"{tmp_path}: error: there are no records in this file"


def test_folders(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: error: there are no TensorBoard event files in this folder"
    (tmp_path / "metrics.csv").write_text("step,lr\n")
    assert refusal(tmp_path).endswith(f"in this folder\n  hint: name the file: {tmp_path / 'metrics.csv'}")
    write(tmp_path / "one", planned())
    assert len(read_log(str(tmp_path)).lr) == 100
    write(tmp_path / "two" / "deep", planned())
    assert refusal(tmp_path) == (
        f"{tmp_path}: error: there are 2 runs in this folder\n"
        f"  hint: name one: {tmp_path / 'one'}, {tmp_path / 'two' / 'deep'}"
    )


def test_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "events.out.tfevents.1")
    with pytest.raises(ScheduleError, match="there are no TensorBoard event files in this folder"):
        read_log(str(tmp_path))


def test_what_add_scalars_puts_into_folders_of_its_own_is_part_of_the_run(tmp_path: Path) -> None:
    writer = SummaryWriter(str(tmp_path))
    writer.add_scalar("lr", 0.1, 0)
    writer.add_scalars("losses", {"train": 1.0, "eval": 1.0}, 0)
    writer.close()
    assert len([each for each in tmp_path.iterdir() if each.is_dir()]) == 2
    assert len(read_log(str(tmp_path)).lr) == 1


def test_steps_that_count_epochs(tmp_path: Path) -> None:
    for more in ("", "steps_per_epoch: 10\n"):
        text = f"epochs: 5\n{more}optimizer: {{lr: 0.1}}\nscheduler: {{type: StepLR, step_size: 2}}\n"
        folder = write(tmp_path / f"run{len(more)}", planned(text))
        (schedule,) = load_text(text, "plan.yaml")
        first, *notes = follow(schedule, simulate(schedule), read_log(str(folder)), "plan")
        assert isinstance(first, Held)
        assert first.message == "the log followed the plan: 5 records, epoch 0 to epoch 4"
        assert [note.code for note in notes] == (["log-column"] if more else [])


def test_without_tensorboard_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [0.1])
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert refusal(tmp_path) == (
        f"{tmp_path}: error: event files are read with TensorBoard, which is not installed\n"
        "  hint: pip install 'lrviz[tensorboard]'"
    )


def test_text_logs_are_read_without_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    (tmp_path / "log.csv").write_text("step,lr\n0,0.1\n")
    assert len(read_log(str(tmp_path / "log.csv")).lr) == 1
