"""Reads TensorBoard event files into a `Log`.

An event file is a sequence of frames: length, checksum, a protocol buffer, checksum. Frames are read here, the buffers
by TensorBoard's own classes. TensorBoard's reader of whole folders is not used: it drops records of long logs, and it
stops silently where a file is damaged or still being written.
"""

from __future__ import annotations

import importlib
import os
import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError, read_bytes
from lrviz.log.columns import says_lr
from lrviz.log.digits import SINGLE_ROUNDING
from lrviz.log.log import Log, LogClock
from lrviz.log.table import choose, note
from lrviz.words import listed, several

MARK = "tfevents"
"""Part of the name of every event file."""

HEAD, FOOT = 12, 4
"""Bytes before and after the message of a frame: its length (8 bytes) and a checksum; a checksum."""

DT_FLOAT, DT_DOUBLE = 1, 2
"""The types of tensors in single and double precision."""

TEXT_LOGS = ("trainer_state.json", "metrics.csv")
"""Logs that other programs write into such folders; named in the hint when there are no event files."""

MAX_RUNS = 20
"""The search for runs in a folder stops once it has found more than this."""


class _Scalar(NamedTuple):
    step: int
    value: float
    half: float


def is_tensorboard(path: str) -> bool:
    """True for a folder, and for a file with the name of an event file."""
    return os.path.isdir(path) or MARK in os.path.basename(path)


def read_events(path: str, column: str | None, step_column: str | None, group: str | None = None) -> Log:
    """The log in an event file, or in all event files of the one run in a folder. `column` is a tag.

    Raises `ScheduleError`, and `OSError` for a file that cannot be read.
    """
    if step_column is not None:
        raise ScheduleError.at(Position(path), "event files have their own steps", "leave out --step-column")
    tags: dict[str, list[_Scalar]] = {}
    notes: list[Problem] = []
    files = _files(path)
    event, decode_error = _messages(path)
    for file in files:
        try:
            _read(file, event, tags, column, notes)
        except decode_error:
            raise ScheduleError.at(Position(str(file)), "this event file is damaged") from None
        except UnreadableError as error:
            raise ScheduleError.at(Position(str(file)), f"this file {error}") from None
    name = choose(tags, tags, column, path, notes, "tag", group=group)
    scalars = tags[name]
    if not scalars:
        raise ScheduleError.at(Position(path), f"tag {name!r} holds no numbers")
    return Log(
        path=path,
        column=name,
        lr=array("d", (each.value for each in scalars)),
        half=array("d", (each.half for each in scalars)),
        coarse=array("d", (each.half for each in scalars)),
        lines=array("q", bytes(8 * len(scalars))),
        clocks=(LogClock("count", "step", array("d", (each.step for each in scalars))),),
        notes=tuple(notes),
    )


def _messages(path: str) -> tuple[Any, type[Exception]]:
    """TensorBoard's `Event` class, and the exception that it raises for bytes that are not an event."""
    try:
        event = importlib.import_module("tensorboard.compat.proto.event_pb2").Event
        return event, importlib.import_module("google.protobuf.message").DecodeError
    except ImportError:
        raise ScheduleError.at(
            Position(path),
            "event files are read with TensorBoard, which is not installed",
            "pip install 'lrviz[tensorboard]'",
        ) from None


def _files(path: str) -> list[Path]:
    """The event files of one run, oldest first."""
    if not os.path.isdir(path):
        return [Path(path)]
    runs: list[Path] = []
    for folder, inside, names in os.walk(path):
        inside.sort()
        if any(_is_events(Path(folder, name)) for name in names):
            runs.append(Path(folder))
            if len(runs) > MAX_RUNS or folder == path:
                break  # folders inside a run belong to it: `add_scalars` writes them
    if not runs:
        near = [name for name in TEXT_LOGS if (Path(path) / name).is_file()]
        hint = f"name the file: {Path(path) / near[0]}" if near else ""
        raise ScheduleError.at(Position(path), "there are no TensorBoard event files in this folder", hint)
    if len(runs) > 1:
        count = f"more than {MAX_RUNS} runs" if len(runs) > MAX_RUNS else several(len(runs), "run")
        raise ScheduleError.at(
            Position(path), f"there are {count} in this folder", f"name one: {listed(map(str, runs))}"
        )
    return sorted(filter(_is_events, runs[0].iterdir()))


def _is_events(path: Path) -> bool:
    """True for an event file of a folder; a pipe, socket or device is none."""
    return MARK in path.name and path.is_file()


def _read(file: Path, event: Any, tags: dict[str, list[_Scalar]], column: str | None, notes: list[Problem]) -> None:
    data = read_bytes(file)
    begun = False
    for message in _frames(data, file, notes):
        each = event.FromString(message)
        if not begun and not each.file_version.startswith("brain.Event:"):
            raise ScheduleError.at(Position(str(file)), "this is not a TensorBoard event file")
        begun = True
        for value in each.summary.value:
            scalars = tags.setdefault(value.tag, [])
            if value.tag == column or (column is None and says_lr(value.tag)):
                scalars += _scalar(each.step, value)
    if data and not begun:
        raise ScheduleError.at(Position(str(file)), "this is not a TensorBoard event file")


def _frames(data: bytes, file: Path, notes: list[Problem]) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = start + HEAD + int.from_bytes(data[start : start + 8], "little")
        if end + FOOT > len(data):
            notes.append(note(str(file), "log-cut-off", f"the file ends within an event, at byte {start:,}"))
            return
        yield data[start + HEAD : end]
        start = end + FOOT


def _scalar(step: int, value: Any) -> Iterator[_Scalar]:
    """The number of a summary value, stored as `simple_value` or, by newer writers, as a tensor."""
    if value.HasField("simple_value"):
        yield _Scalar(step, value.simple_value, SINGLE_ROUNDING * abs(value.simple_value))
    elif value.HasField("tensor") and value.tensor.dtype in (DT_FLOAT, DT_DOUBLE):
        single = value.tensor.dtype == DT_FLOAT
        numbers = list(value.tensor.float_val if single else value.tensor.double_val)
        if not numbers and len(value.tensor.tensor_content) == (4 if single else 8):
            numbers = list(struct.unpack("<f" if single else "<d", value.tensor.tensor_content))
        if len(numbers) == 1:
            yield _Scalar(step, numbers[0], SINGLE_ROUNDING * abs(numbers[0]) if single else 0.0)
