"""What a training used, step by step, as CSV: `lrviz check FILE --run run.csv` reads it.

A line is written whole and at once, so that a crash loses none. A file goes on only where the training does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import IO, Any

from lrviz.engine.recorder import momentum as momentum_of
from lrviz.errors import Position, ScheduleError

LAST = 65_536
"""The bytes at the end of a log in which its last line is looked for."""


class RunLog:
    """The file of one training: a header, then a line for each optimizer step.

    Columns are `step`, `epoch` where the plan counts them, `lr`, and `momentum` where the plan moves it; of several
    param groups `lr/NAME` for each.
    """

    def __init__(
        self, path: str | PathLike[str], groups: Sequence[str], *, steps_per_epoch: int | None, momentum: bool
    ) -> None:
        self.path = Path(_checked(path))
        self._per_epoch, self._momentum = steps_per_epoch, momentum
        rates = ["lr", *(["momentum"] if momentum else [])]
        columns = [rate if len(groups) == 1 else f"{rate}/{name}" for rate in rates for name in groups]
        self.header = _line(["step", *(["epoch"] if steps_per_epoch else []), *columns])
        self._file: IO[bytes] | None = None
        held = self._held()
        if held is not None and held != self.header and held:
            raise ScheduleError.at(
                Position("log"),
                f"{self.path} holds something else: its first line is not that of this log",
                "name another file; this one is left as it is",
            )

    def begin(self, step: int) -> None:
        """Opens the file for the first step. Raises `ScheduleError` where it holds a run that does not go on here."""
        if step == 0 and self._holds_steps():
            raise ScheduleError.at(
                Position("log"),
                f"{self.path} holds a run already, and this one begins at step 0",
                "name another file, or delete this one; a resumed run goes on in it: guard.load_state_dict(...), at= "
                "or scheduler=",
            )
        new = self._held() in (None, "")
        if not new:
            _end_line(self.path)
        self._file = self.path.open("ab", buffering=0)
        if new:
            self._file.write(self.header.encode())

    def write(self, step: int, groups: Sequence[dict[str, Any]]) -> None:
        """Writes what a step uses."""
        if self._file is None:
            self.begin(step)
        assert self._file is not None
        values = [group["lr"] for group in groups]
        if self._momentum:
            values += map(momentum_of, groups)
        clock = f"{step},{step / self._per_epoch!r}," if self._per_epoch else f"{step},"
        self._file.write(f"{clock}{','.join(map(_number, values))}\n".encode())

    def close(self) -> None:
        """Writes what is left and closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _held(self) -> str | None:
        """The first line of the file; None where there is no file."""
        try:
            with self.path.open(encoding="utf-8", newline="", errors="replace") as file:
                return file.readline(LAST)
        except FileNotFoundError:
            return None

    def _holds_steps(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > len(self.header.encode())


def _checked(path: Any) -> str:
    """A path at which a log can be written, and nothing else is."""
    where = Position("log")
    if not isinstance(path, str | PathLike) or not fspath(path):
        raise ScheduleError.at(where, f"expected the path of a file (got {path!r})", 'log="run.csv"')
    file = Path(fspath(path))
    if not file.parent.is_dir():
        raise ScheduleError.at(where, f"there is no folder {file.parent}", "make it first")
    if file.is_dir():
        raise ScheduleError.at(where, f"{file} is a folder", f'log="{file / "run.csv"}"')
    return str(file)


def _end_line(path: Path) -> None:
    """Takes off a last line that a crash cut off."""
    with path.open("r+b") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - LAST))
        last = file.read()
        if last and not last.endswith(b"\n"):
            file.truncate(size - len(last) + last.rfind(b"\n") + 1)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _number(value: Any) -> str:
    if value.__class__ is float:
        return repr(value)
    return "" if value is None else repr(float(value))
