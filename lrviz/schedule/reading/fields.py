"""A mapping of a file against an entry of the catalogue: which keys it may have, and which values they take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal, overload

from lrviz.errors import Problem, Problems
from lrviz.schedule.catalogue import Argument, Entry
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import ExpressionError
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.schedule.text.values import WrongValueError
from lrviz.words import show

Notes = Callable[[str], tuple[str, str] | None]
"""Gives the message and the hint for a key that is known to be wrong here."""


@overload
def check(
    node: Node, entry: Entry, problems: Problems, notes: Notes | None = None, *, partial: Literal[True]
) -> dict[str, Any]: ...


@overload
def check(node: Node, entry: Entry, problems: Problems, notes: Notes | None = None) -> dict[str, Any] | None: ...


def check(
    node: Node, entry: Entry, problems: Problems, notes: Notes | None = None, *, partial: bool = False
) -> dict[str, Any] | None:
    """The values that `node` gives for the arguments of `entry`, in the order of the entry, without those left out.

    Every error is added to `problems`; the result is then None, or with `partial` only the valid values. `notes`
    may explain an unknown key better than the default message.
    """
    known = len(problems)
    problems += _keys_that_are_no_text(node)
    given = {}
    for argument in entry.arguments:
        value = node.get(argument.name)
        if value is not None:
            before = len(problems)
            read = _read(value, argument, _title(entry, argument), problems)
            if len(problems) == before:
                given[argument.name] = read
        elif argument.required:
            problems.at(node, f"{_title(entry, argument)} is missing", f"{argument.name}: {argument.meaning}")
    for key, _ in node.items():
        if isinstance(key.value, str) and entry.argument(key.value) is None:
            problems.at(key, *_unknown(key.value, entry, notes))
    return given if partial or len(problems) == known else None


def meant(node: Node, entry: Entry) -> set[str | None]:
    """The arguments that misspelt keys of a mapping probably mean; each such key is already reported as a problem."""
    names = [argument.name for argument in entry.arguments]
    return {suggest(key, names, ALIASES) for key in node.value if isinstance(key, str) and key not in names}


def _keys_that_are_no_text(node: Node) -> Iterator[Problem]:
    for key, value in node.items():
        if not isinstance(key.value, str):
            separated = isinstance(key.value, int) and value.value is None  # {step_size: 1,000}
            hint = "a comma ends a value here; write 1000 for a thousand" if separated else ""
            yield Problem(key.where, f"a key must be text (got {show(key.value)})", hint)


# --- values ------------------------------------------------------------------------------------------------


def _read(node: Node, argument: Argument, title: str, problems: Problems) -> Any:
    """The value of an argument, or the list of its values; errors become problems."""
    if argument.many is None:
        return None if node.value is None and argument.nullable else _read_one(node, argument, title, problems)
    if argument.many == "groups" and not node.is_list:
        return _read_one(node, argument, title, problems)
    if argument.many != "groups":
        try:
            _check_list(node.plain(), None if argument.many == "list" else argument.many)
        except WrongValueError as error:
            problems.at(node, f"{title} must be {error.wanted}", error.hint)
            return None
    may_be_none = argument.nullable and isinstance(argument.many, int)
    return [
        None if member.value is None and may_be_none else _read_one(member, argument, title, problems)
        for member in node.value
    ]


def _read_one(node: Node, argument: Argument, title: str, problems: Problems) -> Any:
    try:
        value = _reader(argument)(node.plain())
    except WrongValueError as error:
        problems.at(node, f"{title} must be {error.wanted}", error.hint)
        return None
    except ExpressionError as error:
        offset = error.offset + node.text_at if node.text_at is not None else 0
        where = node.where._replace(column=node.where.column + offset)
        problems.at(where, f"{title}: {error.message} (in {show(node.value)})", error.hint)
        return None
    if argument.allows(value):
        return value
    hint = ""
    if argument.own_length and node.value == 0:
        hint = "for a length of 0, leave the scheduler out"
    if argument.name == "start_factor" and value == 0:
        hint = "for a warmup from 0 write {type: LambdaLR, lr_lambda: t / T}, or a small factor such as 1e-6"
    problems.at(node, f"{title} must be {argument.range_text} (got {show(node.value)})", hint)
    return None


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": values.number,
    "float": values.real,
    "whole": values.whole,
    "calls": values.calls,
    "steps": values.steps,
    "interval": values.interval,
    "flag": values.flag,
    "text": values.text,
}

LAMBDA_NAMES = ("t", "T", "n", "N", "epoch", "step")
SCALE_NAMES = ("x",)


def _reader(argument: Argument) -> Callable[[Any], Any]:
    """The function that reads one value of an argument; it raises `WrongValueError` or `ExpressionError`."""
    if argument.kind == "choice":
        return partial(values.words, choices=argument.choices)
    if argument.kind == "function":
        return partial(values.function, names=SCALE_NAMES if argument.name == "scale_fn" else LAMBDA_NAMES)
    return _READERS.get(argument.kind, lambda value: value)


def _check_list(value: Any, count: int | None) -> None:
    wanted = "a list" if count is None else f"a list of {count}"
    if not isinstance(value, list):
        hint = f"write [{value}]" if count is None and isinstance(value, int | float | str) and value != "" else ""
        values.wrong(wanted, value, hint)
    if count is not None and len(value) != count:
        values.wrong(f"a list of {count} values", f"a list of {len(value)}", quote=False)


# --- keys --------------------------------------------------------------------------------------------------


def _title(entry: Entry, argument: Argument) -> str:
    """The name of an argument in messages, after the name of its class if it has one."""
    return f"{entry.name}: {argument.name}" if entry.name[0].isupper() else argument.name


def _unknown(name: str, entry: Entry, notes: Notes | None) -> tuple[str, str]:
    known = notes(name) if notes else None
    if known:
        return known
    what = f"{entry.name} has no argument {name!r}" if entry.name[0].isupper() else f"unknown key {name!r}"
    if ":" in name:
        return what, f"a space is missing after the colon: {name.replace(':', ': ')}"
    return what, did_you_mean(name, (argument.name for argument in entry.arguments), ALIASES)


ALIASES = {
    "warmup": "total_iters",
    "warmup_steps": "total_iters",
    "warmup_epochs": "total_iters",
    "num_steps": "total_iters",
    "max_iters": "total_iters",
    "min_lr": "eta_min",
    "lr_min": "eta_min",
    "decay": "gamma",
    "decay_rate": "gamma",
    "steps": "milestones",
    "t_max_epochs": "T_max",
    "cycle_length": "T_0",
    "learning_rate": "lr",
    "wd": "weight_decay",
    "name": "title",
    "batch": "batch_size",
    "n": "samples",
    "world_size": "devices",
    "gpus": "devices",
    "grad_accum": "accumulate",
    "length": "epochs",
    "loss": "final_loss",
    "schedule": "scheduler",
}
"""Other common names of arguments; each counts only for classes that have the argument it leads to."""
