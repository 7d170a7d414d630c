"""One scheduler of a file -> `Scheduler`: its class, its arguments, and the schedulers inside it."""

from __future__ import annotations

from typing import Any

from lrviz.duration import nearest
from lrviz.errors import Problems
from lrviz.number import NumberError
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULER_ALIASES, SCHEDULERS, Entry
from lrviz.schedule.model import Scheduler
from lrviz.schedule.reading.arguments import bind, by_group, exact_calls, fill, read_duration, to_calls
from lrviz.schedule.reading.context import Context
from lrviz.schedule.reading.elsewhere import schedule_hint, warmup_hint
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import Node, resolve
from lrviz.schedule.text.expression import ExpressionError, ExpressionValueError, parse
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.words import several, show

EXAMPLE = "scheduler: {type: StepLR, step_size: 10, gamma: 0.1}"


def read_one(node: Node, context: Context, problems: Problems) -> Scheduler | None:
    """One scheduler with those inside it, or None where something about it is wrong."""
    result = _read(node, context, problems)
    if result is not None and result.type == "ReduceLROnPlateau" and not context.has_metric:
        problems.at(
            node,
            "ReduceLROnPlateau needs a `metric`: one value for each call",
            "metric: [0.9, 0.7, 0.6, ...] beside `scheduler`",
        )
    return result


def is_none(scheduler: Node) -> bool:
    """True if a scheduler is `none`, which holds the learning rate."""
    if scheduler.value == "none":
        return True
    kind = scheduler.get("type")
    return kind is not None and kind.value == "none" and len(scheduler.value) == 1


def _read(node: Node, context: Context, problems: Problems) -> Scheduler | None:
    known = len(problems)
    own = _own_path(node)
    if own is not None:
        return _read_own(own, node, context, problems)
    entry = _class_of(node, problems)
    if entry is None:
        return None
    if len(problems) > known:  # a misspelt class: its wrong arguments are reported, but not the missing ones
        found = Problems()
        _read_as(entry, node, context, found)
        problems += [problem for problem in found if problem.where != node.where]
        return None
    return _read_as(entry, node, context, problems)


def _read_as(entry: Entry, node: Node, context: Context, problems: Problems) -> Scheduler | None:
    known = len(problems)
    named = Node({key: item for key, item in node.value.items() if key != "type"}, node.where)
    named = by_group(named, entry, context, problems)
    named, durations = to_calls(named, entry, context, problems)
    filled, completed = fill(named, entry, context, problems)
    given = check(completed, entry, problems, _notes(entry, named))
    children = _children(named, entry, context, problems)
    if given is None:
        return None
    arguments = {name: value for name, value in given.items() if name != "schedulers"}
    _check_groups(arguments, named, entry, context, problems)
    _check_rules(arguments, named, entry, children, problems)
    arguments = bind(arguments, named, entry, context, problems)
    if len(problems) > known:
        return None
    return Scheduler(entry.name, arguments, node.where, tuple(children), filled, durations, written=node)


def _own_path(node: Node) -> str | None:
    """The dotted path of a class or function of the user's; None if the type is torch's own or is missing."""
    kind = node.get("type")
    if kind is None or not isinstance(kind.value, str):
        return None
    module, _, name = kind.value.rpartition(".")
    if not module or name in SCHEDULERS or not all(part.isidentifier() for part in kind.value.split(".")):
        return None
    return kind.value if not module.startswith("torch.optim") else None


def _read_own(path: str, node: Node, context: Context, problems: Problems) -> Scheduler | None:
    """A scheduler of the user's. Its arguments are checked against its signature when it is imported."""
    if not context.trust:
        problems.at(
            node.value["type"].value,
            f"{path} is not torch's own; to run it, lrviz would import {path.rpartition('.')[0]}, which runs its code",
            "pass --trust if you trust it (trust=True in Python)",
        )
        return None
    named = Node({key: item for key, item in node.value.items() if key != "type"}, node.where)
    arguments = {str(key): _own_value(item.value, context, problems) for key, item in named.value.items()}
    return Scheduler(path, arguments, node.where, own=True, written=node)


def _own_value(node: Node, context: Context, problems: Problems) -> Any:
    """A value for the user's class: durations and arithmetic become numbers, other text is passed on as it is."""
    value = node.plain()
    if not isinstance(value, str):
        return value
    duration = read_duration(node, "argument", Problems()) if any(letter.isdigit() for letter in value) else None
    if duration is not None:
        exact = exact_calls(node, duration, "argument", context, problems)
        return nearest(exact) if exact is not None else 1
    try:
        return parse(value).value()
    except (ExpressionError, ExpressionValueError):
        return value


def _class_of(node: Node, problems: Problems) -> Entry | None:
    if not node.is_mapping:
        nearest = suggest(node.value, SCHEDULERS, SCHEDULER_ALIASES) if isinstance(node.value, str) else None
        hint = f"write {{type: {nearest}}}, with its arguments" if nearest else EXAMPLE
        hint = schedule_hint(node.value) or hint if isinstance(node.value, str) else hint
        if str(node.value).lower() in ("none", "null") or node.value is None:
            hint = "write `scheduler: none` for a constant learning rate"
        problems.at(node, f"a scheduler must be a mapping (got {show(node.value)})", hint)
        return None
    kind = node.get("type")
    if kind is None:
        problems.at(node, "the type of the scheduler is missing", _type_hint(node))
        return None
    if not isinstance(kind.value, str):
        problems.at(kind, f"the type of a scheduler must be text (got {show(kind.value)})", EXAMPLE)
        return None
    module, _, name = kind.value.rpartition(".")
    if name in SCHEDULERS and module in ("", SCHEDULERS[name].module):
        return SCHEDULERS[name]
    if elsewhere := schedule_hint(kind.value):
        problems.at(kind, f"torch has no scheduler {show(kind.value)}", elsewhere)
        return None
    if name in OPTIMIZERS:
        hint = f"{name} is an optimizer; it belongs to `optimizer`"
    elif module and name not in SCHEDULERS:
        hint = "a class of your own is named by its path: package.module.Name"
    else:
        hint = did_you_mean(name, SCHEDULERS, SCHEDULER_ALIASES)
    problems.at(kind, f"torch has no scheduler {show(kind.value)}", hint)
    nearest = suggest(name, SCHEDULERS, SCHEDULER_ALIASES)
    return SCHEDULERS[nearest] if nearest and not module and name not in OPTIMIZERS else None


def _type_hint(node: Node) -> str:
    for key in filter(lambda key: isinstance(key, str), node.value):
        if key.lower().startswith("type:"):
            return f"a space is missing after the colon: type: {key[5:]}"
        if key.lower() == "type":
            return f"write type, not {key}"
    return EXAMPLE


def _children(node: Node, entry: Entry, context: Context, problems: Problems) -> list[Scheduler]:
    if entry.argument("schedulers") is None:
        return []
    members = node.get("schedulers")
    if members is None:
        return []
    if not members.is_list or not members.value:
        got = "an empty list" if members.value == () else show(members.value)
        problems.at(
            members,
            f"{entry.name}: schedulers must be a list of schedulers (got {got})",
            "schedulers: [{type: LinearLR}, {type: ExponentialLR, gamma: 0.9}]",
        )
        return []
    children = []
    for index, member in enumerate(members.value):
        inside = context
        if entry.name == "SequentialLR":
            begin, end = _span(node, index, len(members.value), context)
            length = end - begin if begin is not None and end is not None and end > begin else None
            inside = context._replace(calls=length, start=context.start + (begin or 0), owns=False)
        child = _read(member, inside, problems)
        if child is not None:
            children.append(child)
    return children


def _span(node: Node, index: int, count: int, context: Context) -> tuple[int | None, int | None]:
    """The calls at which child `index` of a SequentialLR starts and ends; None where the milestones leave it open."""
    milestones = node.get("milestones")
    plain = milestones.plain() if milestones is not None else None
    if not isinstance(plain, list) or len(plain) != count - 1:
        return None, None
    try:
        plain = [resolve(each) if isinstance(each, str) else each for each in plain]
    except NumberError:
        return None, None
    if not all(isinstance(each, int | float) and each == each // 1 for each in plain):
        return None, None
    edges = [0, *map(int, plain), context.calls]
    return edges[index], edges[index + 1]


def _check_groups(arguments: dict[str, Any], node: Node, entry: Entry, context: Context, problems: Problems) -> None:
    """Checks that an argument with one value for each group has as many values as there are groups."""
    if context.groups is None:
        return
    for name, value in arguments.items():
        argument = entry.argument(name)
        if argument and argument.many == "groups" and isinstance(value, list) and len(value) != len(context.groups):
            count = len(context.groups)
            problems.at(
                node.value[name].value,
                f"{entry.name}: {name} has {several(len(value), 'value')}, but the optimizer has "
                f"{several(count, 'param group')}",
                "give one value for all groups, or one for each",
            )


def _check_rules(
    arguments: dict[str, Any], node: Node, entry: Entry, children: list[Scheduler], problems: Problems
) -> None:
    """Checks the rules of torch that concern several arguments together."""
    if entry.name == "OneCycleLR" and arguments.get("total_steps") is None:
        for one, other in (("epochs", "steps_per_epoch"), ("steps_per_epoch", "epochs")):
            if arguments.get(one) is None and arguments.get(other) is not None:
                problems.at(
                    node,
                    f"OneCycleLR: {other} needs {one} beside it",
                    "or leave both out: total_steps is then the length of the run",
                )
    if entry.name == "SequentialLR" and node.value["schedulers"].value.is_list:
        members, milestones = len(node.value["schedulers"].value.value), len(arguments["milestones"])
        if members and milestones != members - 1:
            problems.at(
                node.value["milestones"].value,
                f"SequentialLR: {several(members, 'scheduler')} {'needs' if members == 1 else 'need'} "
                f"{several(members - 1, 'milestone')} (got {milestones})",
                "a milestone is the call at which the next scheduler takes over",
            )


def _notes(entry: Entry, node: Node) -> Any:
    def notes(name: str) -> tuple[str, str] | None:
        what = f"{entry.name} has no argument {name!r}"
        if name == "verbose":
            return (
                f"{what}: torch removed it in 2.7",
                "leave it out; `lrviz table` prints every learning rate",
            )
        if name == "last_epoch":
            return (
                f"{entry.name}: last_epoch has no meaning in a schedule, which starts at 0",
                "leave it out; `lrviz at` gives the learning rate at any epoch or step",
            )
        if name == "optimizer":
            return (
                f"{entry.name}: the optimizer comes from the schedule",
                "leave it out; see the key `optimizer`",
            )
        if name in ("for", "from", "interval", "name"):
            return f"{name!r} is allowed only in a list of phases", "leave it out here"
        if entry.argument("total_iters") is None:
            hint = warmup_hint(name, node.get(name), rest=f"{{type: {entry.name}, ...}}")
            return (what, hint) if hint else None
        return None

    return notes
