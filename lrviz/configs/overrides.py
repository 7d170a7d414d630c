"""What a program's own command line was given (`--override`), put into its config.

`flags` is that of argparse (`--learning_rate 1e-4`, `--trainer.max_epochs=3`), `dotted` that of OmegaConf and its like
(`optimizer.lr=1e-4`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrviz.configs.text.arguments import flags_of
from lrviz.configs.text.scalars import Scalars
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.reading.override import placed
from lrviz.schedule.text.document import Item, Key, Node, parse
from lrviz.words import show


def flags(root: Node, texts: Sequence[str]) -> Node:
    """A config with arguments in place of its values. Each text may hold several; dots lead into mappings."""
    problems = Problems()
    for text in texts:
        try:
            found = flags_of(text, _label(text))
            for key, value in found.items():
                root = with_value(root, str(key.value), value)
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    return root


def dotted(scalars: Scalars) -> Callable[[Node, Sequence[str]], Node]:
    """What puts texts `a.b=VALUE` into a config; a value is YAML, as `scalars` reads it."""

    def put(root: Node, texts: Sequence[str]) -> Node:
        problems = Problems()
        for text in texts:
            key, equals, written = text.partition("=")
            where = Position(_label(text))
            try:
                if not equals or not key.strip():
                    raise ScheduleError.at(where, f"expected KEY=VALUE (got {text!r})", "write --override KEY=VALUE")
                value = parse(written.strip() or "null", where.file, scalars=scalars)
                root = with_value(root, key.strip(), placed(value, where))
            except ScheduleError as error:
                problems += error.problems
        if problems:
            raise ScheduleError(problems)
        return root

    return put


def with_value(root: Node, path: str, value: Node) -> Node:
    """A config with another value at a path (`optimizer.lr`, `callbacks.0.every`); mappings that are not there are
    made. Raises `ScheduleError` at the value if the path leads through something else."""
    first, _, rest = path.partition(".")
    if root.is_list and first.isdecimal() and int(first) < len(root.value):
        members = list(root.value)
        members[int(first)] = with_value(members[int(first)], rest, value) if rest else value
        return Node(tuple(members), root.where)
    if not root.is_mapping:
        raise ScheduleError.at(value.where, f"{path!r} leads into something that is no mapping ({show(root.plain())})")
    item = root.value.get(first)
    inside = value
    if rest:
        there = item.value if item is not None and item.value.value is not None else Node({}, value.where)
        inside = with_value(there, rest, value)
    key = item.key if item is not None else Node(first, value.where)
    return Node({**root.value, first: Item(key, inside)}, root.where, tag=root.tag)


def without(node: Node, keys: Sequence[Key]) -> Node:
    """The same config without the value at a path."""
    first, rest = keys[0], keys[1:]
    if not node.is_mapping or first not in node.value:
        return node
    items = dict(node.value)
    if rest:
        items[first] = Item(items[first].key, without(items[first].value, rest))
    else:
        del items[first]
    return Node(items, node.where, tag=node.tag)


def _label(text: str) -> str:
    """How errors name an override: without its value."""
    return " ".join(["--override", *text.split("=")[0].split()[:1]])
