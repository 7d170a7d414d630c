"""The bytes of a log so far, as a `Log`.

As long as they are few, they are read as a file that ends there would be. Beyond, what is new is added: to the records
of a text, or to the rows of a table.
"""

from __future__ import annotations

import codecs
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from lrviz.errors import ScheduleError
from lrviz.files import MAX_BYTES, UnreadableError
from lrviz.log.log import Log
from lrviz.log.looks import begins_json, is_table
from lrviz.log.read import log_in, log_of_table, readable
from lrviz.log.source import HEAD, Source, refuse
from lrviz.log.table import Table, gather
from lrviz.log.text import Format, Reader, Wanted, log_found
from lrviz.schedule.text.records import records

WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Content:
    """A log that comes in pieces; `log` reads what has come so far."""

    def __init__(self, path: str, wanted: Wanted, format: Format | None = None) -> None:
        self._path = path
        self._wanted = wanted
        self._format = format
        self._begin()

    def _begin(self) -> None:
        self._head = b""  # all that came, until the kind of the log is sure
        self._is_table: bool | None = None
        self._begins = ""
        self._table: Table | None = None
        self._rest = b""  # the beginning of a line
        self._lines = 0  # the lines of the table so far
        self._reader = Reader(self._format)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._files = [0]  # how many lines came before each of the files that were read
        self._ends = 0
        self._header = b""
        self._anew: bytes | None = None  # the first line of a file that began anew, until it is whole

    # --- what comes --------------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Adds what is new. Raises as `refuse` does."""
        if not self._ends and not self._head:
            refuse(data, self._path)
            if data.startswith(WIDE):
                self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        if self._anew is not None:
            data = self._anew + data
            self._anew = data
            if b"\n" not in data:
                return
            self._anew = None
            first, end, rest = data.partition(b"\n")
            if self._header and first.strip() == self._header.strip():
                data = end + rest  # the header of a table is not repeated
        self._add(data)

    def anew(self) -> None:
        """From here on comes another file, or the same from its start: its lines count from 1."""
        if self._is_one_document():
            self._begin()
            return
        if self._anew:
            self._add(self._anew)
        self._add(b"\n")  # ends what the old one left; an empty line is passed over
        if self._looks_like_table():
            self._header = self._head.partition(b"\n")[0] if not self._header else self._header
        self._files.append(self._ends)
        self._anew = b""

    def _add(self, data: bytes) -> None:
        self._ends += data.count(b"\n")
        if self._is_table is not True:
            self._reader.feed(self._decoder.decode(data))
        if self._is_table:
            self._rows(data)
        elif self._is_table is None:
            self._head += data
            if len(self._head) >= (MAX_BYTES if self._head.startswith(WIDE) or self._is_one_document() else HEAD):
                self._decide()

    def _rows(self, data: bytes, *, ended: bool = False) -> None:
        """Adds rows to the table."""
        data = self._rest + data
        end = len(data) if ended else data.rfind(b"\n") + 1
        data, self._rest = data[:end], data[end:]
        if not data.strip():
            self._lines += data.count(b"\n")
            return
        above = self._lines
        self._lines += data.count(b"\n")
        name = Path(self._wanted.path)
        header = self._header or (b"{}" if ended else b"")  # a first line of JSON is not taken for one that is cut off
        if header:
            above, data = above - 1, header + b"\n" + data
        wanted = self._wanted
        try:
            rows = (row._replace(line=row.line + above) for row in records(data, name, growing=True))
            self._table = gather(rows, wanted.column, wanted.step_column, wanted.group, self._table)
        except UnreadableError as error:
            raise UnreadableError(str(error), error.hint, error.line and error.line + above, error.column) from None

    # --- what kind it is ---------------------------------------------------------------------------------------

    def _looks_like_table(self) -> bool:
        if self._is_table is not None or self._format is not None:
            return bool(self._is_table)
        source = Source.of_bytes(self._head, self._path)
        return source.must_be_table or is_table(source.begins, self._wanted.column)

    def _is_one_document(self) -> bool:
        """True for JSON that is one value of many lines, such as a `trainer_state.json`."""
        first = self._head.lstrip().partition(b"\n")[0].strip()
        return self._is_table is None and self._format is None and first in (b"{", b"[", b"[{")

    def _decide(self) -> None:
        """From here on the log is only a table, or only a text."""
        try:
            self._is_table = not _is_text(self._of_head(ended=False))
        except ScheduleError:
            self._is_table = self._looks_like_table()
        if self._is_table:
            head, self._head = self._head, b""
            if not begins_json(Source.of_bytes(head).begins):
                first, end, rest = head.partition(b"\n")
                self._header = self._header or first.removeprefix(codecs.BOM_UTF8)
                head, self._lines = rest, len(end)
            with readable(self._wanted.path):
                self._rows(head)
        else:
            self._begins = Source.of_bytes(self._head).begins[:10_000]
        self._head = b""

    # --- what it says ------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The log in messages."""
        return self._wanted.path

    @property
    def may_be_redrawn(self) -> bool:
        """True if the last record is that of a progress bar, which may be drawn again with another learning rate."""
        return any(format.redrawn for format, _ in self._reader.kept)

    @property
    def may_count_from_1(self) -> bool:
        """True if only the end of a log tells whether it counts from 1: then it reaches its total."""
        return any("total" in format.clocks for format, _ in self._reader.kept)

    def log(self, *, ended: bool = False) -> Log:
        """The records of all whole lines; with `ended`, nothing more comes and the last line counts too.

        Raises `ScheduleError` as `read_log` does.
        """
        if ended and self._anew:
            self._add(self._anew)
            self._anew = None
        with readable(self._wanted.path):
            if self._is_table is None:
                log = self._of_head(ended=ended)
            elif self._is_table:
                if ended and self._rest:
                    self._rows(b"", ended=True)
                log = log_of_table(self._table or Table(), self._wanted)
            else:
                log = self._of_text(ended=ended)
        return self._numbered(log)

    def _of_head(self, *, ended: bool) -> Log:
        data = self._head
        if not ended and not self._is_one_document():
            data = data[: max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1]
        with readable(self._wanted.path):
            return log_in(Source.of_bytes(data, self._path), self._wanted, self._format)

    def _of_text(self, *, ended: bool) -> Log:
        if ended:
            self._reader.feed(self._decoder.decode(b"", final=True))
            self._reader.finish()
        return log_found(self._reader, self._wanted, self._begins)

    def _numbered(self, log: Log) -> Log:
        """The log with the lines of its records in the file that each is in."""
        if len(self._files) == 1 or not any(log.lines):
            return log
        lines, before = np.frombuffer(log.lines, dtype=np.int64), np.array(self._files)
        lines = np.maximum(lines - before[np.searchsorted(before, lines, side="left") - 1], 1)
        others = {name: self._numbered(other) for name, other in log.others.items()}
        return replace(log, lines=array("q", lines.tobytes()), others=others)


def _is_text(log: Log) -> bool:
    """True for a log that was read as a text: only then it is said what was read."""
    return any(each.code == "log-read" for each in log.notes)
