"""Arguments that are not plain values: durations, lengths that follow from the run, functions, mappings by group."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lrviz.duration import Duration, DurationError, calls, clock, nearest, parse_duration, shown
from lrviz.errors import Problems
from lrviz.schedule.catalogue import Argument, Entry
from lrviz.schedule.model import Function
from lrviz.schedule.reading.context import Context
from lrviz.schedule.text.document import Item, Node
from lrviz.schedule.text.expression import Expression, Value
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import counted, several, show

# --- durations -----------------------------------------------------------------------------------------------


def to_calls(node: Node, entry: Entry, context: Context, problems: Problems) -> tuple[Node, dict[str, str]]:
    """The arguments with every duration as a whole number of calls, and the texts of those durations."""
    changed, texts = dict(node.value), {}
    for argument in entry.arguments:
        item = changed.get(argument.name)
        if item is None or argument.kind != "calls":
            continue
        value = item.value
        if argument.many == "list" and not value.is_list:
            continue
        members = value.value if value.is_list else (value,)
        read = [_to_calls(member, argument, entry, context, problems) for member in members]
        if all(new is old for new, old in zip(read, members, strict=True)):
            continue
        texts[argument.name] = ", ".join(str(member.value) for member in members)
        changed[argument.name] = Item(item.key, Node(tuple(read), value.where) if value.is_list else read[0])
    return Node(changed, node.where), texts


def _to_calls(node: Node, argument: Argument, entry: Entry, context: Context, problems: Problems) -> Node:
    duration = read_duration(node, f"{entry.name}: {argument.name}", problems)
    if duration is None:
        return node
    exact = exact_calls(node, duration, f"{entry.name}: {argument.name}", context, problems)
    rounded = nearest(exact) if exact is not None else max(1, int(argument.low or 0))
    if exact is not None:
        title = f"{entry.name}: {argument.name}"
        check_rounding(node, exact, rounded, title, context.remarks, problems, argument=argument)
    return Node(max(rounded, 1) if exact else rounded, node.where)


def read_duration(node: Node, title: str, problems: Problems) -> Duration | None:
    """The duration that a text gives; None if it is not a duration."""
    if not isinstance(node.value, str):
        return None
    try:
        return parse_duration(node.value)
    except DurationError as error:
        problems.at(node, f"{title}: {error.message} (got {show(node.value)})", error.hint)
        return Duration(Fraction(100), "%")  # any value that causes no second problem


def exact_calls(node: Node, duration: Duration, title: str, context: Context, problems: Problems) -> Fraction | None:
    """A duration in calls of a scheduler in this context; None if it has no meaning here, or the run is wrong."""
    if context.run is None:
        return None
    try:
        return calls(duration, context.run, context.interval) / context.every
    except DurationError as error:
        problems.at(node, f"{title}: {error.message} (got {show(node.value)})", error.hint)
        return None


def check_rounding(
    node: Node,
    exact: Fraction,
    rounded: int,
    title: str,
    remarks: Problems,
    problems: Problems,
    unit: str = "calls",
    argument: Argument | None = None,
) -> None:
    """Reports a duration that rounds to 0 as an error, and one that rounding changes by more than 1 % as a warning; of
    a length that was stretched, every rounding as a note."""
    if exact and not rounded:
        problems.at(
            node,
            f"{title} is {shown(exact)} {unit}, which rounds to 0 (got {node.origin or show(node.value)})",
            "stretch the plan by more" if node.origin else "make it longer, or leave it out",
        )
    elif node.origin:
        repeats = argument is not None and not argument.own_length and argument.many is None
        note_rounding(node, exact, rounded, title, remarks, unit, ADDS_UP if repeats else "")
    elif abs(exact - rounded) * 100 > exact:
        remarks.at(
            node,
            f"{title}: {node.value} is {shown(exact)} {unit}, rounded to {rounded}",
            f"write a length that is a whole number of {unit}",
            severity="warning",
            code="rounded-duration",
        )


ADDS_UP = "it repeats, so what is rounded adds up; milestones and phases are rounded from the start"


def note_rounding(
    node: Node,
    exact: Fraction,
    rounded: int,
    title: str,
    remarks: Problems,
    unit: str = "calls",
    hint: str = "",
    *,
    how: str = "",
) -> None:
    """Says that a length that was stretched is rounded, if it is, and `how`, where that is not to the nearest."""
    if exact != rounded:
        becomes = f"; {how}: {counted(rounded, unit.removesuffix('s'))}" if how else f", rounded to {rounded:,}"
        remarks.at(
            node,
            f"{title}: {node.origin} = {shown(exact)} {unit}{becomes}",
            hint,
            severity="note",
            code="stretch-rounded",
        )


# --- lengths that the run knows ------------------------------------------------------------------------------


def fill(node: Node, entry: Entry, context: Context, problems: Problems) -> tuple[frozenset[str], Node]:
    """Adds the scheduler's own length if the file leaves it out, and returns the names of the arguments added.

    Outside phases, only lengths that torch requires are added. A length that cannot be known is a problem.
    """
    instead = ("epochs", "steps_per_epoch") if entry.name == "OneCycleLR" else ()
    given = {key for key, item in node.value.items() if item.value.value is not None}
    left_out = [
        argument.name
        for argument in entry.arguments
        if argument.own_length
        and (argument.required or argument.default is None or (context.phase and context.owns))
        and not given & {argument.name, *instead}
    ]
    added: dict[Any, Item] = {}
    for name in left_out:
        if not context.owns:
            hint = "give the number of calls for which this scheduler is active"
            if context.calls:
                hint = f"{name}: {context.calls}, as this scheduler is active for {several(context.calls, 'call')}"
            problems.at(node, f"{entry.name}: {name} is missing; inside a SequentialLR torch cannot infer it", hint)
        added[name] = Item(Node(name, node.where), Node(context.calls or 1, node.where))
    return frozenset(added), Node({**node.value, **added}, node.where)


# --- functions and groups ------------------------------------------------------------------------------------


def by_group(node: Node, entry: Entry, context: Context, problems: Problems) -> Node:
    """`lr_lambda` as a mapping by group name becomes the list that torch takes."""
    item = node.value.get("lr_lambda")
    if item is None or not item.value.is_mapping or entry.argument("lr_lambda") is None:
        return node
    mapping = item.value
    if context.groups is None:
        return Node({**node.value, "lr_lambda": Item(item.key, Node(1, mapping.where))}, node.where)
    for key, _ in mapping.items():
        if key.value not in context.groups:
            problems.at(key, f"there is no param group {show(key.value)}", did_you_mean(str(key.value), context.groups))
    members = [mapping.get(name) for name in context.groups]
    missing = [name for name, member in zip(context.groups, members, strict=True) if member is None]
    if missing:
        problems.at(mapping, f"{entry.name}: lr_lambda has no entry for the param groups {', '.join(missing)}")
    nodes = tuple(member or Node(1, mapping.where) for member in members)
    return Node({**node.value, "lr_lambda": Item(item.key, Node(nodes, mapping.where))}, node.where)


def bind(arguments: dict[str, Any], node: Node, entry: Entry, context: Context, problems: Problems) -> dict[str, Any]:
    """The arguments with every expression as a `Function` bound to this scheduler's lengths and clock."""
    bound = dict(arguments)
    for name, value in arguments.items():
        argument = entry.argument(name)
        if argument is None or argument.kind != "function":
            continue
        where = node.value[name].value
        if isinstance(value, list):
            members = where.value if where.is_list else [where] * len(value)
            bound[name] = [_bind(each, name, at, context, problems) for each, at in zip(value, members, strict=False)]
        else:
            bound[name] = _bind(value, name, where, context, problems)
    return bound


def _bind(value: Any, name: str, node: Node, context: Context, problems: Problems) -> Any:
    if not isinstance(value, Expression):
        return value
    if name == "scale_fn":
        return Function(value, "x", {}, node.where)
    run = context.run
    values: dict[str, Value | None] = {
        "T": context.calls,
        "n": f"t + {context.start}",
        "N": _calls_of_run(context),
        **clock(run, context.interval, context.every),
    }
    for unknown in sorted(each for each in value.names & values.keys() if values[each] is None):
        if run is not None:
            hint = "give the run `steps_per_epoch` or `data`" if unknown in ("epoch", "step") else ""
            problems.at(node, f"{name} uses {unknown}, which is not known here", hint)
    return Function(value, "t", {each: known for each, known in values.items() if known is not None}, node.where)


def _calls_of_run(context: Context) -> int | None:
    if context.run is None:
        return 1
    return nearest(calls(Duration(Fraction(100), "%"), context.run, context.interval) / context.every)
