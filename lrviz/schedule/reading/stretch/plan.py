"""The keys of a schedule for a run of another length."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from lrviz.duration import nearest
from lrviz.errors import Position, Problems
from lrviz.run import Run
from lrviz.schedule.catalogue import SCHEDULE
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.arguments import note_rounding
from lrviz.schedule.reading.metric import calls_with_metric
from lrviz.schedule.reading.one_scheduler import is_none
from lrviz.schedule.reading.stretch.expectations import Expected
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.reading.stretch.lengths import duration_of, factor_text, scaled_text
from lrviz.schedule.reading.stretch.moments import moments_of
from lrviz.schedule.reading.stretch.pace import Pace, pace_of
from lrviz.schedule.reading.stretch.schedulers import Schedulers
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node

ReadRun: TypeAlias = Callable[[Node], Run | None]
"""The run of a schedule with these keys; None if something about it is wrong."""


def stretched(
    before: Schedule,
    stretch: Stretch,
    read_run: ReadRun,
    problems: Problems,
    remarks: Problems,
    divided: frozenset[Position] = frozenset(),
) -> tuple[Node, Pace | None]:
    """The keys of a schedule that was read, stretched, but for `expect`, and the pace; None if there is none, which is
    a problem. What is rounded, and what stays as it is, becomes a remark.

    In functions at the places `divided`, time is divided by the factor. A length that rounds to 0, and a warmup that
    cannot be kept, are problems.
    """
    assert before.written is not None
    node = _with_run(before.written, stretch.factor, remarks)
    run = read_run(node)
    pace = pace_of(before, run, stretch, problems) if run is not None else None
    if pace is None:
        return node, None
    changed = dict(node.value)
    scheduler = node.get("scheduler")
    if scheduler is not None and before.scheduler is not None and not is_none(scheduler):
        plan = Schedulers(pace, problems, remarks, divided).plan(scheduler, before.scheduler)
        changed["scheduler"] = Item(node.value["scheduler"].key, plan)
    if before.metric is not None and calls_with_metric(before.scheduler, before.run):
        remarks.at(
            node.value["metric"].value,
            "the metric is read as it is: neither it nor patience and cooldown are stretched",
            severity="note",
            code="stretch-kept",
        )
    return Node(changed, node.where), pace


def with_expectations(node: Node, before: Schedule, after: Schedule, pace: Pace) -> Node:
    """Stretched keys with what must hold, which is about the schedule `after` of these keys."""
    item = node.value["expect"]
    expect = Expected(pace, moments_of(before, after)).changed(item.value)
    return Node({**node.value, "expect": Item(item.key, expect)}, node.where)


def _with_run(node: Node, factor: Fraction, remarks: Problems) -> Node:
    """The keys with the length of the run, which is at least 1."""
    changed = dict(node.value)
    for argument in SCHEDULE.arguments:
        item = node.value.get(argument.name)
        if item is None or not argument.is_length:
            continue
        written = item.value
        origin = f"{written.value} x {factor_text(factor)}"
        if duration_of(written.value) is not None:
            new = Node(scaled_text(written.value, factor), written.where, True, None, origin=origin)
        else:
            exact = values.whole(written.value) * factor
            new = Node(max(1, nearest(exact)), written.where, origin=origin)
            note_rounding(new, exact, new.value, argument.name, remarks, argument.unit)
        changed[argument.name] = Item(item.key, new)
    return Node(changed, node.where)
