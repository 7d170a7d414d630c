"""Schedulers at another length: what is a length, and what is a decay of each call, the catalogue says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lrviz.duration import nearest
from lrviz.errors import Position, Problems
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Phases, PhaseSpec, Scheduler
from lrviz.schedule.reading.arguments import check_rounding
from lrviz.schedule.reading.stretch.decays import decay, divided
from lrviz.schedule.reading.stretch.lengths import calls_of, duration_of, factor_text, of_ticks, scaled_text
from lrviz.schedule.reading.stretch.pace import Pace
from lrviz.schedule.reading.stretch.warmup import one_cycle_total, pct_start
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node
from lrviz.words import listed


@dataclass(frozen=True, slots=True)
class Part:
    """The share of a plan that one scheduler has: its lengths are `factor` times as long.

    It is stepped after `every` ticks, and was active for `calls` calls; `new_calls` is what that becomes. None stands
    for what is not known. Of the first `kept` calls nothing changes.
    """

    factor: Fraction
    every: int
    calls: int | None
    new_calls: int | None
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Schedulers:
    """Changes the schedulers of one schedule. In the functions at the places `divided`, time is divided by the factor,
    so that any formula is the same curve."""

    pace: Pace
    problems: Problems
    remarks: Problems
    divided: frozenset[Position] = frozenset()

    def plan(self, node: Node, plan: Scheduler | Phases) -> Node:
        """The value of the key `scheduler`."""
        if isinstance(plan, Phases):
            return self._phases(node, plan)
        old, new = self.pace.old, self.pace.new
        kept = math.ceil(self.pace.kept / old.every)
        return self._scheduler(node, plan, Part(self.pace.factor, old.every, old.calls, new.calls, kept))

    # --- phases --------------------------------------------------------------------------------------------------

    def _phases(self, node: Node, plan: Phases) -> Node:
        members = []
        for index, member in enumerate(node.value):
            spec = plan.phases[index] if index < len(plan.phases) else None
            if spec is None:  # beyond a run that --set made shorter
                members.append(member)
                continue
            factor = Fraction(1) if self.pace.kept and not index else self.pace.factor
            inside = (spec.start + spec.calls) // spec.every - spec.start // spec.every
            part = Part(factor, spec.every, inside, int(inside * factor) if self._is_exact(node, plan) else None)
            changed = self._scheduler(member, spec.scheduler, part) if spec.scheduler is not None else member
            members.append(self._with_length(changed, spec, part))
        return Node(self._filled(tuple(members), plan), node.where)

    def _is_exact(self, node: Node, plan: Phases) -> bool:
        """True if no edge of a phase is rounded, neither before nor after."""
        pace = self.pace
        edges = [spec.start * pace.factor / spec.every for spec in plan.phases]
        whole = [calls_of(_length_of(member), pace.old, 1) for member in node.value]
        return (
            not pace.kept
            and not pace.old.overridden
            and pace.new.ticks == pace.old.ticks * pace.factor
            and all(edge.denominator == 1 for edge in edges)
            and all((spec.calls * pace.factor / spec.every).denominator == 1 for spec in plan.phases)
            and all(exact is None or exact == spec.calls for exact, spec in zip(whole, plan.phases, strict=True))
        )

    def _with_length(self, member: Node, spec: PhaseSpec, part: Part) -> Node:
        """A phase with its new `for`. One that is not whole stays exact, and is rounded from the start of the run."""
        item = member.value.get("for")
        if item is None:
            return member
        written, where = item.value.value, item.value.where
        duration = duration_of(written)
        origin = "" if part.factor == 1 else f"{written} x {factor_text(part.factor)}"
        new: Any = written
        if duration is not None and duration.unit == "%":
            if not self.pace.kept:
                return member
            new = of_ticks(spec.calls * part.factor, self.pace.new)
        elif duration is not None:
            new = scaled_text(written, part.factor) if part.factor != 1 else written
        else:
            exact = values.calls(written) * part.factor
            new = int(exact) if exact.denominator == 1 else of_ticks(exact * spec.every, self.pace.new)
        length = Node(new, where, isinstance(new, str), None, origin=origin)
        return Node({**member.value, "for": Item(item.key, length)}, member.where)

    def _filled(self, members: tuple[Node, ...], plan: Phases) -> tuple[Node, ...]:
        """Phases that fill the run: where it is rounded, the last one takes what is left of it."""
        run, last = self.pace.new, members[-1]
        lengths = [member.get("for") for member in members]
        if self.pace.old.overridden or None in lengths:
            return members
        ticks = Fraction(0)
        for length, spec in zip(lengths, plan.phases, strict=True):
            assert length is not None
            exact = calls_of(length.value, run, 1)
            ticks += exact if exact is not None else values.calls(length.value) * spec.every
        if ticks == run.ticks:
            return members
        rest = Node({key: item for key, item in last.value.items() if key != "for"}, last.where)
        return (*members[:-1], rest)

    # --- one scheduler -------------------------------------------------------------------------------------------

    def _scheduler(self, node: Node, spec: Scheduler, part: Part) -> Node:
        if spec.own:
            return self._own(node, spec, part)
        if part.factor == 1:
            return _in_calls(node, spec)
        entry = SCHEDULERS[spec.type]
        if spec.type == "OneCycleLR":
            node = self._one_cycle(node, spec, part)
        if spec.type == "SequentialLR":
            return self._sequential(node, spec, part)
        changed = dict(node.value)
        for argument in entry.arguments:
            item, name = node.value.get(argument.name), argument.name
            there = item is not None and item.value.value is not None
            if argument.is_length and there and name in spec.arguments:
                assert item is not None
                if argument.own_length and part.new_calls is None and spec.arguments[name] == part.calls:
                    del changed[name]  # of a phase, whose own length it is: rounded from the start of the run
                else:
                    changed[name] = Item(item.key, self._lengths(item.value, spec, name, part))
            elif argument.is_length and isinstance(argument.default, int) and name not in spec.filled:
                default = Node(argument.default, node.where)
                changed[name] = Item(Node(name, node.where), self._length(default, argument.default, spec, name, part))
            elif argument.is_decay and there:
                assert item is not None
                changed[name] = Item(item.key, decay(item.value, part.factor))
            elif argument.kind == "function" and there:
                assert item is not None
                changed[name] = Item(item.key, self._function(item.value, part.factor))
            elif argument.kind == "schedulers" and there:
                assert item is not None
                members = zip(item.value.value, spec.children, strict=True)
                inside = tuple(self._scheduler(member, child, part) for member, child in members)
                changed[name] = Item(item.key, Node(inside, item.value.where))
        return Node(changed, node.where)

    def _lengths(self, node: Node, spec: Scheduler, name: str, part: Part) -> Node:
        """A length, or a list of them."""
        if not node.is_list:
            return self._length(node, spec.arguments[name], spec, name, part)
        pairs = zip(node.value, spec.arguments[name], strict=True)
        return Node(tuple(self._length(each, value, spec, name, part) for each, value in pairs), node.where)

    def _length(self, node: Node, value: int, spec: Scheduler, name: str, part: Part) -> Node:
        """A length of so many calls. One that was the whole of its scheduler's is that again, however it rounds."""
        duration = duration_of(node.value)
        percent = duration is not None and duration.unit == "%"
        if value <= part.kept:
            return Node(value, node.where) if percent else node
        if percent and not self.pace.kept:
            return node
        exact, new = part.kept + (value - part.kept) * part.factor, None
        origin = f"{node.value} stretched" if part.kept else f"{node.value} x {factor_text(part.factor)}"
        if duration is not None and not percent and not part.kept:
            new = scaled_text(node.value, part.factor)
            exact = calls_of(new, self.pace.new, part.every) or exact
        rounded = nearest(exact)
        if value == part.calls and part.new_calls is not None and exact != part.new_calls:
            rounded, new = part.new_calls, None
        if new is not None:
            return Node(new, node.where, True, None, origin=origin)
        made = Node(max(rounded, 1) if value else rounded, node.where, origin=origin)
        argument = SCHEDULERS[spec.type].argument(name)
        check_rounding(made, exact, rounded, f"{spec.type}: {name}", self.remarks, self.problems, argument=argument)
        return made

    def _function(self, node: Node, factor: Fraction) -> Node:
        """A function of the call, or one for each param group: with time divided, where it is to be."""
        if node.is_mapping:
            items = {key: Item(item.key, self._function(item.value, factor)) for key, item in node.value.items()}
            return Node(items, node.where)
        if node.is_list:
            return Node(tuple(self._function(each, factor) for each in node.value), node.where)
        if node.where not in self.divided or not isinstance(node.value, str):
            return node
        return Node(divided(node.value, factor), node.where, True)

    # --- classes with rules of their own -------------------------------------------------------------------------

    def _one_cycle(self, node: Node, spec: Scheduler, part: Part) -> Node:
        """Of a OneCycleLR, epochs that are not whole any more become steps, and a rise that is kept another share."""
        total, changed = one_cycle_total(spec), dict(node.value)
        steps = nearest(part.kept + (total - part.kept) * part.factor)
        steps = part.new_calls if total == part.calls and part.new_calls is not None else steps
        epochs = node.get("epochs") if spec.arguments.get("total_steps") is None else None
        in_epochs = Fraction(steps, spec.arguments.get("steps_per_epoch") or 1)
        exact = (spec.arguments.get("epochs") or 0) * part.factor
        if epochs is not None and (in_epochs != exact or exact.denominator != 1):
            del changed["epochs"], changed["steps_per_epoch"]
            changed["total_steps"] = _item("total_steps", steps, epochs.where)
        if part.kept:
            given = node.get("pct_start") or node
            changed["pct_start"] = _item("pct_start", float(pct_start(spec) * total / steps), given.where)
        return Node(changed, node.where)

    def _sequential(self, node: Node, spec: Scheduler, part: Part) -> Node:
        item, members = node.value["milestones"], node.value["schedulers"]
        milestones = self._lengths(item.value, spec, "milestones", part)
        old = [0, *spec.arguments["milestones"], part.calls]
        new = [0, *(self._calls(each, part) for each in milestones.value), part.new_calls]
        children = []
        for index, (member, child) in enumerate(zip(members.value.value, spec.children, strict=True)):
            factor = Fraction(1) if part.kept and not index else part.factor
            inside = Part(factor, part.every, _between(old, index), _between(new, index))
            children.append(self._scheduler(member, child, inside))
        changed = {
            **node.value,
            "milestones": Item(item.key, milestones),
            "schedulers": Item(members.key, Node(tuple(children), members.value.where)),
        }
        return Node(changed, node.where)

    def _calls(self, node: Node, part: Part) -> int | None:
        """A new milestone in calls."""
        exact = calls_of(node.value, self.pace.new, part.every)
        return nearest(exact) if exact is not None else values.calls(node.value)

    def _own(self, node: Node, spec: Scheduler, part: Part) -> Node:
        """A class of the user's: what has a unit is a length, and of a number nobody knows."""
        changed, kept = dict(node.value), []
        for name, item in node.value.items():
            if name in ("type", "for", "from", "interval", "name"):
                continue
            duration = duration_of(item.value.value)
            if duration is not None and duration.unit != "%" and part.factor != 1:
                text = scaled_text(item.value.value, part.factor)
                origin = f"{item.value.value} x {factor_text(part.factor)}"
                changed[name] = Item(item.key, Node(text, item.value.where, True, None, origin=origin))
            elif isinstance(item.value.value, int) and not isinstance(item.value.value, bool):
                kept.append(f"{name}: {item.value.value}")
        if kept and part.factor != 1:
            self.remarks.at(
                node,
                f"{spec.type} keeps {listed(kept)}: of a class of your own only lengths with a unit are stretched",
                "write what is a length with its unit: warmup: 500 steps",
                severity="warning",
                code="stretch-kept",
            )
        return Node(changed, node.where)


def _length_of(phase: Node) -> object:
    item = phase.value.get("for")
    return item.value.value if item is not None else None


def _in_calls(node: Node, spec: Scheduler) -> Node:
    """A scheduler that is kept: its lengths in percent of the run are so many calls, however long the run becomes."""
    changed = dict(node.value)
    for name in spec.durations:
        item, value = node.value[name], spec.arguments[name]
        members = item.value.value if item.value.is_list else (item.value,)
        numbers = value if isinstance(value, list) else [value]
        new = tuple(
            Node(number, member.where) if str(member.value).rstrip().endswith("%") else member
            for member, number in zip(members, numbers, strict=True)
        )
        changed[name] = Item(item.key, Node(new, item.value.where) if item.value.is_list else new[0])
    return Node(changed, node.where)


def _item(name: str, value: Any, where: Position) -> Item:
    return Item(Node(name, where), Node(value, where))


def _between(edges: list[Any], index: int) -> int | None:
    start, stop = edges[index], edges[index + 1]
    return stop - start if start is not None and stop is not None and stop > start else None
