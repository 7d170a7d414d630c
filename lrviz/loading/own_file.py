"""Schedules of ours as the text of a schedule file: stretched ones, or with values of the command line.

Where the file can be edited in place, it is (`edited.py`), and keeps its comments. Otherwise it is written anew, from
the keys of each schedule: what all have in common stands once. Either way it is read back before anybody sees it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from lrviz.errors import Position, ScheduleError
from lrviz.loading.edited import edited
from lrviz.loading.schedules import load_text
from lrviz.schedule.model import ComputedMetric, Function, Phases, Schedule
from lrviz.schedule.reading.stretch.whole import whole
from lrviz.schedule.text.document import Item, Node, readable
from lrviz.schedule.text.yaml_text import yaml_text
from lrviz.schedule.train.narrowed import narrowed


def own_file(schedules: Sequence[Schedule], text: bytes, *, all_of_it: bool, trust: bool, beside: str = "") -> str:
    """The text of a file that holds these schedules of a file with this `text`; `all_of_it` if they are all it holds.

    Names of files in it are relative to the folder `beside`; if there is none, they stay. Raises `ScheduleError` if no
    file can say the same, such as phases that `--epochs` has cut.
    """
    left_out = set(schedules[0].train.schedules) - {each.name_in_file for each in schedules}
    keys = {each.name_in_file: _narrowed(_keys(each, beside), left_out) for each in schedules}
    source = readable(text)
    tries = [yaml_of(keys, source, several=not _is_alone(schedules), keyed=bool(schedules[0].key))]
    if all_of_it:
        tries = [each for each in (edited(source, schedules[0], keys),) if each is not None] + tries
    problem: ScheduleError | None = None
    for made in tries:
        try:
            again = load_text(made, schedules[0].file, trust=trust, allow_path=schedules[0].reach.allowed,
                              base=beside or None)  # fmt: skip
        except ScheduleError as error:
            problem = error
            continue
        if [_said(each, left_out) for each in again] == [_said(each, left_out) for each in schedules]:
            return made
    why = f": {problem.problems[0].message}" if problem is not None else ""
    raise ScheduleError.at(
        Position(schedules[0].file),
        f"no file says the same{why}",
        "--stretch changes the lengths of a plan with its run, which --epochs and --steps do not",
    )


def yaml_of(keys: dict[str, Node], source: str, *, several: bool, keyed: bool) -> str:
    """A file written anew, below the comment with which the old one begins."""
    head = []
    for line in source.splitlines() if not keyed else ():
        if not line.startswith("#") and line.strip():
            break
        head.append(line)
    (first, *_) = keys.values()
    return "".join(f"{line}\n" for line in head) + yaml_text(_shared(keys) if several else first)


def _is_alone(schedules: Sequence[Schedule]) -> bool:
    """True for the schedule of a file that names none."""
    (first, *more) = schedules
    return not more and first.written is not None and first.written.where == first.where


def _shared(keys: dict[str, Node]) -> Node:
    """Several schedules, below what all of them have in common."""
    (first, *more) = keys.values()
    common = {
        key: item
        for key, item in first.value.items()
        if key != "scheduler" and all((other := each.get(key)) and other.plain() == item.value.plain() for each in more)
    }
    train = {
        key: item
        for key, item in _train(first).items()
        if all((its := _train(each).get(key)) and its.value.plain() == item.value.plain() for each in more)
    }
    if train:
        common["train"] = _with(first.value["train"], train)
    members = {}
    for name, node in keys.items():
        own = {key: item for key, item in node.value.items() if key not in common}
        if differs := {key: item for key, item in _train(node).items() if key not in train}:
            own["train"] = _with(node.value["train"], differs)
        members[name] = Item(Node(name, node.where), Node(own, node.where))
    inside = Node(members, first.where)
    return Node({**common, "schedules": Item(Node("schedules", first.where), inside)}, first.where)


def _train(node: Node) -> dict[Any, Item]:
    """What stands under `train`, of which a schedule may have only what differs from the others."""
    train = node.get("train")
    return train.value if train is not None and train.is_mapping else {}


def _narrowed(node: Node, left_out: Collection[str]) -> Node:
    """The keys of a schedule, without what is expected of the trainings of schedules that are left out."""
    train = _train(node)
    if "expect" not in train:
        return node
    expect = narrowed(train["expect"].value, left_out)
    if expect is not None and expect.plain() == train["expect"].value.plain():
        return node
    kept = {key: item for key, item in train.items() if key != "expect"}
    if expect is not None:
        kept["expect"] = Item(train["expect"].key, expect)
    others = {key: item for key, item in node.value.items() if key != "train"}
    return Node({**others, "train": _with(node.value["train"], kept)} if kept else others, node.where)


def _with(item: Item, keys: dict[Any, Item]) -> Item:
    return Item(item.key, Node(keys, item.value.where))


# --- the keys of one schedule --------------------------------------------------------------------------------------


def _keys(schedule: Schedule, beside: str) -> Node:
    """The keys of a schedule as a file has them: with the length of the command line, and without a snapshot of another
    run."""
    node, run = whole(schedule), schedule.run
    changed = dict(node.value)
    unit, length = ("epochs", run.epochs) if run.epochs is not None else ("steps", run.steps)
    if run.overridden:
        changed = {key: item for key, item in changed.items() if key not in ("epochs", "steps")}
        changed = {unit: _item(unit, length, node), **changed}
        if "interval" not in changed and run.interval != ("epoch" if unit == "epochs" else "step"):
            changed["interval"] = _item("interval", run.interval, node)
    expect = node.get("expect")
    if expect is not None and run.changed and expect.get("snapshot") is not None:
        kept = {key: item for key, item in expect.value.items() if key != "snapshot"}
        changed["expect"] = Item(node.value["expect"].key, Node(kept, expect.where))
        if not kept:
            del changed["expect"]
    if beside:
        _move(changed, schedule, beside)
    return Node(changed, node.where)


def _move(changed: dict[Any, Item], schedule: Schedule, beside: str) -> None:
    """Names the files of a schedule from another folder."""
    for key, name in (("metric", "file"), ("expect", "snapshot")):
        inside = changed[key].value.get(name) if key in changed else None
        if inside is None:
            continue
        path = schedule.reach.path(inside.value) if inside.where.file == schedule.file else inside.value
        item = changed[key].value.value[name]
        new = Item(item.key, Node(os.path.relpath(path, beside), inside.where, True))
        changed[key] = Item(changed[key].key, Node({**changed[key].value.value, name: new}, changed[key].value.where))


def _item(key: str, value: Any, near: Node) -> Item:
    return Item(Node(key, near.where), Node(value, near.where))


# --- that both say the same ----------------------------------------------------------------------------------------


def _said(schedule: Schedule, left_out: Collection[str]) -> tuple[Any, ...]:
    """All that a schedule says, but for places in the text, and that it was changed."""
    plan, optimizer = schedule.scheduler, schedule.optimizer
    phases = plan.phases if isinstance(plan, Phases) else ()
    spans = [(each.start, each.calls, each.every, each.base, each.name) for each in phases]
    specs = [(each.type, _plain(dict(each.arguments))) for each in plan.walk()] if plan is not None else []
    return (
        replace(schedule.run, overridden=False, changed=False),
        (optimizer.type, dict(optimizer.options), [(group.name, dict(group.options)) for group in optimizer.groups]),
        (spans, specs, _metric(schedule.metric)),
        (schedule.title, schedule.source, [each.code for each in schedule.ignore], schedule.expect.tolerance),
        [(str(each), [place.moment for place in each.places]) for each in schedule.expect.expected],
        _plain_train(schedule, left_out),
    )


def _plain_train(schedule: Schedule, left_out: Collection[str]) -> Any:
    train = _narrowed(schedule.written, left_out).get("train") if schedule.written is not None else None
    return train.plain() if train is not None else None


def _metric(metric: Sequence[float] | None) -> Any:
    if isinstance(metric, ComputedMetric):
        return _plain(metric.function), metric.calls
    return None if metric is None else list(map(repr, metric))


def _plain(value: Any) -> Any:
    if isinstance(value, Function):
        return value.expression.text, value.argument, dict(value.values)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
