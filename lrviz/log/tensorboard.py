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
from lrviz.files import UnreadableError, read_rest
from lrviz.log.columns import says_lr
from lrviz.log.digits import SINGLE_ROUNDING
from lrviz.log.log import Log, LogClock
from lrviz.log.table import NotThereError, choose, note
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
    events = Events(path, column, step_column, group)
    events.take()
    return events.log()


class Events:
    """The learning rates in the event files of a run, which may still be written. Raises as `read_events` does."""

    def __init__(self, path: str, column: str | None, step_column: str | None, group: str | None = None) -> None:
        if step_column is not None:
            raise ScheduleError.at(Position(path), "event files have their own steps", "leave out --step-column")
        self._path = path
        self._column = column
        self._group = group
        self._tags: dict[str, list[_Scalar]] = {}
        self._read: dict[Path, int] = {}
        """How many bytes of each file were read: whole frames."""
        self._cut: dict[Path, Problem] = {}

    def take(self) -> bool:
        """Reads what is new in the files; False if nothing is."""
        files = _files(self._path)
        event, decode_error = _messages(self._path)
        before = dict(self._read)
        for file in files:
            try:
                self._take(file, event)
            except decode_error:
                raise ScheduleError.at(Position(str(file)), "this event file is damaged") from None
            except UnreadableError as error:
                raise ScheduleError.at(Position(str(file)), f"this file {error}") from None
        return self._read != before

    def _take(self, file: Path, event: Any) -> None:
        start = self._read.get(file, 0)
        with open(file, "rb") as opened:
            if os.fstat(opened.fileno()).st_size < start:
                start = 0  # written anew
            opened.seek(start)
            data = read_rest(opened)
        end = 0
        for message in _frames(data):
            each = event.FromString(message)
            if not start + end and not each.file_version.startswith("brain.Event:"):
                raise ScheduleError.at(Position(str(file)), "this is not a TensorBoard event file")
            end += HEAD + len(message) + FOOT
            for value in each.summary.value:
                scalars = self._tags.setdefault(value.tag, [])
                if value.tag == self._column or (self._column is None and says_lr(value.tag)):
                    scalars += _scalar(each.step, value)
        if data and not start + end:
            raise NotThereError.at(Position(str(file)), "this is not a TensorBoard event file")
        self._read[file] = start + end
        self._cut.pop(file, None)
        if end < len(data):
            ends = f"the file ends within an event, at byte {start + end:,}"
            self._cut[file] = note(str(file), "log-cut-off", ends)

    def log(self) -> Log:
        """The records so far."""
        notes = list(self._cut.values())
        name = choose(self._tags, self._tags, self._column, self._path, notes, "tag", group=self._group)
        scalars = self._tags[name]
        if not scalars:
            raise NotThereError.at(Position(self._path), f"tag {name!r} holds no numbers")
        return Log(
            path=self._path,
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
        raise NotThereError.at(Position(path), "there are no TensorBoard event files in this folder", hint)
    if len(runs) > 1:
        count = f"more than {MAX_RUNS} runs" if len(runs) > MAX_RUNS else several(len(runs), "run")
        raise ScheduleError.at(
            Position(path), f"there are {count} in this folder", f"name one: {listed(map(str, runs))}"
        )
    return sorted(filter(_is_events, runs[0].iterdir()))


def _is_events(path: Path) -> bool:
    """True for an event file of a folder; a pipe, socket or device is none."""
    return MARK in path.name and path.is_file()


def _frames(data: bytes) -> Iterator[bytes]:
    """The messages of all whole frames."""
    start = 0
    while start < len(data):
        end = start + HEAD + int.from_bytes(data[start : start + 8], "little")
        if end + FOOT > len(data):
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
