"""The key `expect` -> `Expectations`. Its keys are read in `schedule/expect/`, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrviz.alike import EXPECTED
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.run import Run
from lrviz.schedule.expect import EXPECT, READERS, Expectations, snapshot
from lrviz.schedule.expect.contradictions import contradictions
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import Node, node_of
from lrviz.words import show


def read_expect(node: Node | None, run: Run | None, groups: tuple[str, ...] | None, problems: Problems) -> Expectations:
    """What a schedule expects. `run` and `groups` (the names of the param groups) are None if they are wrong in the
    file; checks that need them are then skipped.

    A place outside the run, or a length that it does not know, is a problem, unless values of the run come from the
    command line.
    """
    if node is None:
        return Expectations()
    if not node.is_mapping:
        problems.at(node, f"expect must be a mapping (got {show(node.value)})", "expect: {at: {0: 0.1}}")
        return Expectations()
    known = len(problems)
    check(node, EXPECT, problems)
    reader = Reader(run, groups, problems)
    found = [
        each
        for key, read in READERS.items()
        if (item := node.value.get(key)) is not None
        for each in read(reader, key, item.value)
    ]
    expected = tuple(sorted(found, key=lambda each: each.where))
    given = node.get("tolerance")
    tolerance = reader.number(given, "tolerance", low=0, below=1) if given is not None else None
    tolerance = EXPECTED if tolerance is None else tolerance
    stored = node.get("snapshot")
    if run is not None and not run.changed:
        for wrong in dict.fromkeys(problem for each in expected for problem in each.wrong_in(run)):
            problems.at(wrong.where, wrong.message, wrong.hint)
    curve = snapshot.read(stored, problems) if stored is not None else None
    if len(problems) == known:
        problems += contradictions(expected, tolerance)
    return Expectations(expected, curve, tolerance)


def expectations_of(expect: Mapping[str, Any], run: Run, groups: tuple[str, ...]) -> Expectations:
    """The expectations in a mapping as it stands under `expect` in a file, for a curve that is of no file.

    Raises `ScheduleError`, whose position is `expect`, with everything that is wrong in it. A snapshot is wrong too: it
    lies beside a schedule file.
    """
    problems = Problems()
    found = read_expect(node_of(expect, Position("expect")), run, groups, problems)
    if found.snapshot is not None:
        problems.at(found.snapshot, "a snapshot is of a schedule in a file", "leave it out, or check the schedule")
    if problems:
        raise ScheduleError(problems)
    return found
