"""Schedulers as calls of torch's classes: the file's arguments and those that follow from the run, and no defaults."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from lrviz.duration import calls, parse_duration
from lrviz.errors import ScheduleError
from lrviz.foreign import escaped
from lrviz.run import Run
from lrviz.schedule.catalogue import SCHEDULERS, Argument
from lrviz.schedule.model import Scheduler
from lrviz.schedule.text.document import Node
from lrviz.training.code.functions import Functions
from lrviz.training.code.layout import WIDTH, Doc, Item, bracketed, call, group
from lrviz.training.code.module import Module
from lrviz.training.code.texts import is_name, literal

MEANINGS = {
    "LambdaLR": ("The factor on the optimizer's lr", "after t calls"),
    "MultiplicativeLR": ("The factor on the lr of the call before", "at call t"),
    "CyclicLR": ("The height of a cycle", "by its number, or by the number of the call"),
}
"""What a function returns, and at which argument."""

MORE_THAN_TYPED = {("CyclicLR", "base_momentum"), ("CyclicLR", "max_momentum"), ("SWALR", "swa_lr")}
"""Arguments that torch takes as a list, one value for each param group, although its annotations do not say so."""

LONGEST_BESIDE = WIDTH // 2
"""A longer comment stands above the argument."""


class Writer:
    """Writes the schedulers of one schedule, whose param groups are called `groups`, for a module."""

    def __init__(self, module: Module, run: Run, groups: tuple[str, ...], prefix: str = "") -> None:
        self.module = module
        self.run = run
        self._groups = groups
        self._functions = Functions(module, prefix)

    def scheduler(self, spec: Scheduler, every: int, part: str = "") -> Doc:
        """The call that makes a scheduler, which is stepped after every so many ticks; `part` names its functions."""
        if spec.type == "ChainedScheduler":
            return call(self.class_of(spec), [self.children(spec, every, part)])
        return call(self.class_of(spec), ["optimizer", *self.arguments(spec, every, part)])

    def class_of(self, spec: Scheduler) -> str:
        """The name of its class or function in the module, which imports it."""
        if not spec.own:
            return self.module.use(SCHEDULERS[spec.type].module, spec.type)
        module, _, name = spec.type.rpartition(".")
        if any(map(keyword.iskeyword, spec.type.split("."))):
            raise ScheduleError.at(
                spec.where_of("type"),
                f"{spec.type} cannot be imported by a line of Python, because a part of it is a keyword",
                "rename it",
            )
        return self.module.use(module, name)

    def arguments(self, spec: Scheduler, every: int, part: str = "") -> Iterator[Item]:
        """The arguments behind the optimizer, in torch's order; beside each what the file says of its length."""
        if spec.own:
            yield from _own_arguments(spec.arguments)
            return
        for argument in SCHEDULERS[spec.type].arguments:
            name = argument.name
            if argument.kind == "schedulers":
                yield Item(group(f"{name}=", self.children(spec, every, part)))
            elif spec.arguments.get(name) is not None:
                value = self._value(spec, argument, part)
                said = length_words(spec, name, self.run, every)
                if (spec.type, name) in MORE_THAN_TYPED and isinstance(spec.arguments[name], list):
                    said = "type: ignore[arg-type]"
                long = len(said) > LONGEST_BESIDE
                yield Item(group(f"{name}=", value), [said] if long else (), "" if long else said)

    def children(self, spec: Scheduler, every: int, part: str) -> Doc:
        """The list of the schedulers inside a composite."""
        return bracketed("[", [self.scheduler(child, every, part) for child in spec.children], "]")

    def _value(self, spec: Scheduler, argument: Argument, part: str) -> Doc:
        value = spec.arguments[argument.name]
        if argument.kind != "function":
            return literal(value)
        meaning = MEANINGS[spec.type]
        if not isinstance(value, list):
            return self._functions.name_of(value, argument.name, meaning, part)
        return bracketed(
            "[",
            [
                self._functions.name_of(each, argument.name, meaning, f"{part} {_called(name)}")
                for name, each in zip(self._groups, value, strict=True)
            ],
            "]",
        )


def _called(group: str) -> str:
    """A param group in the name of a function; one without a name of its own has its index."""
    return f"group {group}" if group.isdecimal() else group


def _own_arguments(arguments: Any) -> Iterator[Item]:
    """Arguments for a class of the user's; a name that Python cannot write is passed in a mapping."""
    for name, value in arguments.items():
        if is_name(name):
            yield Item(group(f"{name}=", literal(value)))
    other = {name: value for name, value in arguments.items() if not is_name(name)}
    if other:
        yield Item(group("**", literal(other)))


def length_words(spec: Scheduler, name: str, run: Run, every: int) -> str:
    """What the file writes for a length, if that is more than a number: `5 epochs`, `2.4 epochs (rounded)`."""
    if name not in spec.durations or spec.written is None:
        return ""
    node = spec.written.get(name)
    if node is None:
        return ""
    value = spec.arguments[name]
    members = node.value if node.is_list else (node,)
    found = [
        words_of(member, calls_here, run, every)
        for member, calls_here in zip(members, value if isinstance(value, list) else [value], strict=False)
    ]
    return _with_one_unit(list(filter(None, found)))


def _with_one_unit(texts: list[str]) -> str:
    """Lengths in a row: `30, 60, 80 epochs`."""
    units = {text.partition(" ")[2] for text in texts}
    if len(texts) > 1 and len(units) == 1 and units != {""}:
        return f"{', '.join(text.partition(' ')[0] for text in texts)} {units.pop()}"
    return ", ".join(texts)


def words_of(member: Node, number: int, run: Run, every: int) -> str:
    """A length as the file writes it, with a word where rounding changed it; nothing if it is only that number."""
    if not isinstance(member.value, str):
        return ""
    exact = exact_calls(member.value, run, every)
    text = escaped(" ".join(member.value.split()))
    if exact is None:
        return ""
    if exact != number:
        return f"{text} (rounded)"
    plain = f"{number} {run.interval}{'s' if number != 1 else ''}"
    return "" if every == 1 and text == plain else text


def exact_calls(text: str, run: Run, every: int) -> Fraction | None:
    """A length in calls of a scheduler that is stepped after every so many ticks; None if the text is no length."""
    duration = parse_duration(text)
    return None if duration is None else calls(duration, run, run.interval) / every
