"""What messages may quote of a file: the text of a schedule, the column names of a table of numbers, and nothing else.

A path in a pull request may be, or lead to, a file that is nobody's business, and CI prints what lrviz says of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from lrviz.number import real
from lrviz.schedule.text.records import MISSING

OWN_KEYS: Final = ("epochs", "steps", "optimizer", "scheduler", "schedules", "expect")
"""A file with one of these keys is a schedule, however wrong."""

HEAD: Final = 100
"""The first records of a file, by which it is judged."""


def is_schedule(text: str) -> bool:
    """True if a text begins as a YAML mapping that has a key of a schedule, even if it breaks off behind it."""
    text = yaml.reader.Reader.NON_PRINTABLE.sub("\ufffd", text.removeprefix("\ufeff"))
    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        _stream, _document, root = next(events), next(events), next(events, None)
        if not isinstance(root, yaml.MappingStartEvent):
            return False
        depth, is_key = 0, True
        for event in events:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                if is_key and isinstance(event, yaml.ScalarEvent) and event.value in OWN_KEYS:
                    return True
                is_key = not is_key
    except (yaml.YAMLError, ValueError, OverflowError):
        pass
    return False


def follows_config(text: str) -> bool:
    """True if a text is a YAML mapping that has `config: {file: ...}`: a schedule that follows the config of a program.

    Its other keys may be none of `OWN_KEYS`. A key `config` alone says nothing: many programs have one.
    """
    if _CONFIG_LINE.search(text) is None:
        return False
    try:
        root = yaml.compose(yaml.reader.Reader.NON_PRINTABLE.sub("\ufffd", text), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return False
    config = _under(root, "config")
    return config is not None and _under(config, "file") is not None


def _under(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """What a mapping has under a key; None where it has no such key, or is no mapping."""
    items = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in items if key.value == name), None)


def is_meant_as_schedule(text: str) -> bool:
    """True if a text is a schedule, or no YAML, with a line that begins with a key of a schedule.

    Of a folder, the files of which this is true are read: one that broke must not be passed over.
    """
    if is_schedule(text) or follows_config(text):
        return True
    if _OWN_LINE.search(text) is None:
        return False
    try:
        for _ in yaml.parse(yaml.reader.Reader.NON_PRINTABLE.sub("\ufffd", text), Loader=yaml.SafeLoader):
            pass
    except (yaml.YAMLError, ValueError, OverflowError):
        return True
    return False


_OWN_LINE = re.compile(rf"""^["']?({"|".join(OWN_KEYS)})["']?[ \t]*:""", re.MULTILINE)
_CONFIG_LINE = re.compile(r"""^\ufeff?\{?["']?config["']?[ \t]*:""", re.MULTILINE)


def is_table_of_numbers(head: Sequence[Mapping[str, Any]]) -> bool:
    """True if most columns of a file, by its first records, hold nothing but numbers below a name that is none."""
    names = dict.fromkeys(name for values in head for name in values)
    if any(map(_is_number, names)):
        return False
    columns = ([values[name] for values in head if not _is_missing(values.get(name))] for name in names)
    numeric = [all(map(_is_number, column)) for column in columns if column]
    return sum(numeric) > len(numeric) / 2


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in MISSING)


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float) and not isinstance(value, bool)
    try:
        real(value)
    except ValueError:
        return False
    return True
