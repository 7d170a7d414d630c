"""A stretched schedule as a file has it: what the reader rounded is written whole, so that nothing rounds again."""

from __future__ import annotations

from fractions import Fraction

from lrviz.run import Run
from lrviz.schedule.model import Phases, PhaseSpec, Schedule, Scheduler
from lrviz.schedule.reading.stretch.lengths import calls_of, of_ticks
from lrviz.schedule.text.document import Item, Node


def whole(schedule: Schedule) -> Node:
    """The keys of a schedule, where every length that was stretched is the number of calls that it became."""
    assert schedule.written is not None
    node, plan, run = schedule.written, schedule.scheduler, schedule.run
    item = node.value.get("scheduler")
    if item is None or plan is None:
        return node
    old = item.value
    new = _phases(old, plan, run) if isinstance(plan, Phases) else _scheduler(old, plan, run, run.every)
    return Node({**node.value, "scheduler": Item(item.key, new)}, node.where)


def _phases(node: Node, plan: Phases, run: Run) -> Node:
    """Phases, each with its own length where one of them was rounded: edges count from the start of the run."""
    lengths = [member.get("for") for member in node.value]
    rounded = len(lengths) == len(plan.phases) and any(
        length is not None and length.origin and calls_of(length.value, run, spec.every) not in (None, _calls(spec))
        for length, spec in zip(lengths, plan.phases, strict=True)
    )
    members = []
    for member, spec in zip(node.value, plan.phases, strict=False):
        changed = member if spec.scheduler is None else _scheduler(member, spec.scheduler, run, spec.every)
        if rounded and "for" in changed.value:
            key, calls = changed.value["for"].key, _calls(spec)
            length = int(calls) if calls.denominator == 1 else of_ticks(Fraction(spec.calls), run)
            changed = Node({**changed.value, "for": Item(key, Node(length, key.where))}, changed.where)
        members.append(changed)
    return Node((*members, *node.value[len(members) :]), node.where)


def _calls(spec: PhaseSpec) -> Fraction:
    return Fraction(spec.calls, spec.every)


def _scheduler(node: Node, spec: Scheduler, run: Run, every: int) -> Node:
    changed = dict(node.value)
    for name in spec.durations:
        item, value = changed[name], spec.arguments[name]
        members = item.value.value if item.value.is_list else (item.value,)
        numbers = value if isinstance(value, list) else [value]
        new = tuple(_length(each, number, run, every) for each, number in zip(members, numbers, strict=True))
        changed[name] = Item(item.key, Node(new, item.value.where) if item.value.is_list else new[0])
    if spec.children:
        item = changed["schedulers"]
        pairs = zip(item.value.value, spec.children, strict=True)
        inside = tuple(_scheduler(member, child, run, every) for member, child in pairs)
        changed["schedulers"] = Item(item.key, Node(inside, item.value.where))
    return Node(changed, node.where)


def _length(node: Node, calls: int, run: Run, every: int) -> Node:
    exact = calls_of(node.value, run, every)
    if not node.origin or exact is None or exact == calls:
        return node
    return Node(of_ticks(Fraction(calls * every), run), node.where, True)
