"""What lrviz may make of a config of another program: what is said of it, and what `import` writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fuzz.case import Data, Fault
from lrviz.configs.written import schedule_text
from lrviz.curve import checksum
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule

COST = 20_000
"""No more learning rates than these are simulated; reading a file must end in any case."""

PYTHON = re.compile(
    r"NoneType|Traceback|object has no attribute|object is not|unsupported operand|index out of range|must be str, not"
    r"|not supported between|invalid literal|could not convert|takes \d+ positional|unexpected keyword|unhashable"
    r"|<[a-z_.]+ object|<class |<function |\b(Node|Value|Position|Unreadable|Item)\(|math domain"
)
"""What exceptions and objects of Python look like in a message. Nothing that is fed here holds it."""


def judge(problem: Problem, data: Data) -> None:
    """Raises `Fault` unless a problem is one that a user can do something with."""
    where, text = problem.where, f"{problem.message}\n{problem.hint}"
    python = PYTHON.search(text)
    if python is not None and python[0] not in json.dumps(data):
        raise Fault(f"a message shows Python: {python[0]}\n{problem}")
    if not problem.message.strip() or "\n" in problem.message:
        raise Fault(f"a message without words, or of several lines\n{problem}")
    if problem.severity != "error" and not problem.code:
        raise Fault(f"a {problem.severity} without a code\n{problem}")
    if not where.file:
        raise Fault(f"a problem without a file\n{problem}")
    if where.line and Path(where.file).is_file():
        lines = _lines_of(Path(where.file), "\r\n|[\n\r]")
        others = _lines_of(Path(where.file), "\n")  # a lone \r ends a line to YAML, and to few editors
        if not any(
            where.line <= len(each) and where.column <= len(each[where.line - 1]) + 1 for each in (lines, others)
        ):
            raise Fault(f"a problem outside of its file\n{problem}\nof {len(lines)} lines")


def _lines_of(file: Path, ends: str) -> list[str]:
    data = file.read_bytes()
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    text = data.decode(marks.get(data[:2], "utf-8-sig"), errors="replace")
    return re.split(ends, text)


def judge_read(schedule: Schedule, data: Data) -> None:
    for remark in schedule.remarks:
        judge(remark, data)
    if schedule.imported is None:
        return
    if not schedule.imported.summary or PYTHON.search(schedule.imported.summary):
        raise Fault(f"a summary that says nothing\n{schedule.imported}")
    for value in schedule.imported.values:
        if not isinstance(value.where, Position) or not value.key:
            raise Fault(f"a value without its place or key\n{value}")
    text = schedule_text(schedule.imported)
    try:
        (again,) = load_text(text, "imported.yaml")
    except ScheduleError as error:
        raise Fault(f"what is imported cannot be read: {error.problems[0].message}\n{error}\n{text}") from error
    if (again.run.ticks, again.run.calls) != (schedule.run.ticks, schedule.run.calls):
        raise Fault(f"what is imported has another length\n{text}")
    if schedule.run.calls * len(schedule.optimizer.groups) <= COST:
        _judge_curves(schedule, again, text)


def _judge_curves(schedule: Schedule, again: Schedule, text: str) -> None:
    try:
        curve = simulate(schedule)
    except ScheduleError:
        return
    if checksum(curve) != checksum(simulate(again)):
        raise Fault(f"what is imported has another curve\n{text}")
