"""The catalogue as pydantic models, and what they find wrong as problems that point into the file.

`check` holds one mapping of a file against one entry of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Annotated, Any, Literal, cast, overload

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails

from lrviz.errors import Problem, Problems
from lrviz.schedule.catalogue import Argument, Entry
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.words import show

Notes = Callable[[str], tuple[str, str] | None]
"""Says of a key that is known to be wrong here what to tell people: the message and the hint."""


@overload
def check(
    node: Node, entry: Entry, problems: Problems, notes: Notes | None = None, *, partial: Literal[True]
) -> dict[str, Any]: ...


@overload
def check(node: Node, entry: Entry, problems: Problems, notes: Notes | None = None) -> dict[str, Any] | None: ...


def check(
    node: Node, entry: Entry, problems: Problems, notes: Notes | None = None, *, partial: bool = False
) -> dict[str, Any] | None:
    """The values that `node` gives for the arguments of `entry`, those left out not among them.

    Everything wrong is added to `problems`; then the result is None, or with `partial` the values that are
    right. `notes` may know more about a key than that `entry` does not have it.
    """
    names = {key: value for key, value in node.plain().items() if isinstance(key, str)}
    problems += _keys_that_are_no_text(node)
    try:
        values = _given(model_of(entry).model_validate(names))
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems += [_problem(details, node, entry, notes) for details in found]
        if not partial:
            return None
        wrong = {details["loc"][0] for details in found}
        right = {name: value for name, value in names.items() if name not in wrong}
        return _given(model_of(entry).model_validate(right))
    return values if partial or len(names) == len(node.value) else None


def _given(model: BaseModel) -> dict[str, Any]:
    """What was given, in the order of the entry; as it was read, where `model_dump` would take it apart."""
    return {name: getattr(model, name) for name in type(model).model_fields if name in model.model_fields_set}


def meant(node: Node, entry: Entry) -> set[str | None]:
    """What the misspelt keys of a mapping stand for; each of them is a problem of its own already."""
    names = [argument.name for argument in entry.arguments]
    return {suggest(key, names, ALIASES) for key in node.value if isinstance(key, str) and key not in names}


def _keys_that_are_no_text(node: Node) -> Iterator[Problem]:
    for key, value in node.items():
        if not isinstance(key.value, str):
            separated = isinstance(key.value, int) and value.value is None  # {step_size: 1,000}
            hint = "a comma ends a value here; write 1000 for a thousand" if separated else ""
            yield Problem(key.where, f"a key must be text (got {show(key.value)})", hint)


# --- entries -> models -------------------------------------------------------------------------------------


@cache
def model_of(entry: Entry) -> type[BaseModel]:
    """The pydantic model of an entry: strict, without room for anything that the entry does not name."""
    fields: dict[str, Any] = {
        argument.name: (annotation(argument), Field(... if argument.required else argument.default))
        for argument in entry.arguments
    }
    config = ConfigDict(strict=True, extra="forbid", frozen=True, protected_namespaces=())
    return create_model(entry.name, __config__=config, **fields)


def annotation(argument: Argument) -> Any:
    """The type of an argument: its kind, its range, and whether it may be a list or nothing."""
    single = _single(argument)
    if argument.many is None:
        return single | None if argument.nullable else single
    if argument.many == "groups":
        return Annotated[
            Annotated[single, Tag("one")] | Annotated[list[single], Tag("each")],  # type: ignore[valid-type]
            Discriminator(lambda value: "each" if isinstance(value, list) else "one"),
        ]
    if argument.many == "list":
        return Annotated[list[single], BeforeValidator(partial(_as_list, count=None))]  # type: ignore[valid-type]
    element = single | None if argument.nullable else single
    return Annotated[list[element], BeforeValidator(partial(_as_list, count=argument.many))]  # type: ignore[valid-type]


_READERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "number": (int | float, values.number),
    "float": (float, values.real),
    "whole": (int, values.whole),
    "calls": (int, values.calls),
    "flag": (bool, values.flag),
    "text": (str, values.text),
}


def _single(argument: Argument) -> Any:
    if argument.kind in ("any", "schedulers"):
        return Any
    if argument.kind == "choice":
        return Annotated[str, PlainValidator(partial(values.words, choices=argument.choices))]
    if argument.kind == "function":
        names = SCALE_NAMES if argument.name == "scale_fn" else LAMBDA_NAMES
        return Annotated[Any, PlainValidator(partial(values.function, names=names))]
    python_type, reader = _READERS[argument.kind]
    limits = {"ge": argument.low, "gt": argument.above, "le": argument.high, "lt": argument.below}
    limited = Field(**cast(Any, {name: limit for name, limit in limits.items() if limit is not None}))
    return Annotated[python_type, limited, BeforeValidator(reader)]


LAMBDA_NAMES = ("t", "T", "n", "N", "epoch", "step")
SCALE_NAMES = ("x",)


def _as_list(value: Any, count: int | None) -> list[Any]:
    wanted = "a list" if count is None else f"a list of {count}"
    if not isinstance(value, list):
        hint = f"write [{value}]" if count is None and isinstance(value, int | float | str) and value != "" else ""
        values.wrong(wanted, value, hint)
    if count is not None and len(value) != count:
        values.wrong(f"a list of {count} values", f"a list of {len(value)}", quote=False)
    return value


# --- what pydantic found -> problems -----------------------------------------------------------------------


def _problem(details: ErrorDetails, node: Node, entry: Entry, notes: Notes | None) -> Problem:
    location = details["loc"]
    name = str(location[0])
    kind = details["type"]
    if kind == "extra_forbidden":
        return Problem(node.value[name].key.where, *_unknown(name, entry, notes))
    argument = entry.argument(name)
    assert argument is not None, f"{entry.name} has no {name}"
    title = f"{entry.name}: " if entry.name[0].isupper() else ""
    if kind == "missing":
        return Problem(node.where, f"{title}{name} is missing", f"{name}: {argument.meaning}")
    where = _find(node, location)
    if kind == "wrong":
        context = details["ctx"]
        return Problem(where.where, f"{title}{name} must be {context['wanted']}", context["hint"])
    if kind == "expression":
        context = details["ctx"]
        at = (
            where.where
            if where.text_at is None
            else where.where._replace(column=where.where.column + where.text_at + context["offset"])
        )
        return Problem(at, f"{title}{name}: {context['wanted']}", context["hint"])
    hint = ""
    if argument.own_length and where.value == 0:
        hint = "leave the scheduler out where it should last no call at all"
    return Problem(where.where, f"{title}{name} must be {argument.range_text} (got {show(where.value)})", hint)


def _unknown(name: str, entry: Entry, notes: Notes | None) -> tuple[str, str]:
    known = notes(name) if notes else None
    if known:
        return known
    what = f"{entry.name} has no argument {name!r}" if entry.name[0].isupper() else f"unknown key {name!r}"
    if ":" in name:
        return what, f"a space is missing after the colon: {name.replace(':', ': ')}"
    return what, did_you_mean(name, (argument.name for argument in entry.arguments), ALIASES)


ALIASES = {
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
    "schedule": "scheduler",
}
"""What people call some arguments; each counts only where the class has the argument it leads to."""


def _find(node: Node, location: Iterable[int | str]) -> Node:
    """The node that a pydantic location points at; the tags of unions in it stand for nothing."""
    for part in location:
        if node.is_mapping and part in node.value:
            node = node.value[part].value
        elif node.is_list and isinstance(part, int):
            node = node.value[part]
    return node
