"""Overrides of Hydra's command line: `a.b=c`, `+a=b`, `++a=b`, `~a`, `group=name`."""

from __future__ import annotations

import re
import shlex
from typing import Final, NamedTuple

from lrviz.configs.overrides import with_value, without
from lrviz.configs.text.merge import merged
from lrviz.configs.text.scalars import omegaconf
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.reading.override import placed
from lrviz.schedule.text.document import Node, parse

_OVERRIDE: Final = re.compile(r"(?P<sign>\+\+|\+|~)?(?P<key>[^=]+?)(?P<equals>=)?(?(equals)(?P<value>.*))", re.DOTALL)


class Override(NamedTuple):
    """One override: its sign (`+`, `++`, `~` or none), its key, and its value, which a deletion may leave out."""

    sign: str
    key: str
    value: Node | None
    where: Position


def words(text: str) -> list[str]:
    """The overrides in a piece of a command line."""
    try:
        return shlex.split(text)
    except ValueError:
        return [text]


def override_of(word: str, text: str) -> Override:
    """Reads one word of the command line as an override. Raises `ScheduleError` where it is none."""
    match = _OVERRIDE.fullmatch(word)
    where = Position(f"--override {word.partition('=')[0]}")
    if match is None or (match["equals"] is None and match["sign"] != "~"):
        raise ScheduleError.at(
            where, f"expected KEY=VALUE, +KEY=VALUE or ~KEY (got {text!r})", "--override trainer=gpu"
        )
    value = None
    if match["equals"] is not None:
        written = re.sub(r"(?<=[{,\s])([A-Za-z_]\w*):(?=[^\s/])", r"\1: ", match["value"].strip())
        value = placed(parse(written or "null", where.file, scalars=omegaconf), where)
        if isinstance(value.value, str) and "," in value.value and not value.quoted:
            message = f"{match['key']} has several values ({value.value}), which is a sweep of several runs"
            raise ScheduleError.at(where, message, f"--set {match['key']}={value.value} draws each of them")
    return Override(match["sign"] or "", match["key"].strip(), value, where)


def applied(root: Node, override: Override) -> Node:
    """A composed config with a value that was given on the command line."""
    keys = override.key.split(".")
    there: Node | None = root
    for key in keys:
        index = int(key) if there is not None and there.is_list and key.isdigit() else -1
        if there is not None and there.is_list:
            there = there.value[index] if 0 <= index < len(there.value) else None
        else:
            there = there.get(key) if there is not None else None
    if there is None and override.sign in ("", "~"):
        hint = f"+{override.key}=... adds it" if not override.sign else ""
        raise ScheduleError.at(override.where, f"there is no {override.key} in the config", hint)
    if there is not None and override.sign == "+" and not there.is_mapping:
        message = f"{override.key} is already in the config ({there.where})"
        raise ScheduleError.at(override.where, message, f"leave the + out, or write ++{override.key}")
    if override.sign == "~":
        return without(root, keys)
    assert override.value is not None
    if there is not None and not override.sign:
        _refuse_new(there, override.value, override.key, override.where)
    both = there is not None and there.is_mapping and override.value.is_mapping
    value = merged(override.value, there) if there is not None and both else override.value
    return with_value(root, override.key, value)


def _refuse_new(there: Node, value: Node, path: str, where: Position) -> None:
    """Refuses keys of a mapping that the config does not have."""
    if there.is_mapping and value.is_mapping:
        for key, item in value.value.items():
            inside = there.get(key)
            if inside is None:
                raise ScheduleError.at(where, f"there is no {path}.{key} in the config", f"++{path}=... adds it")
            _refuse_new(inside, item.value, f"{path}.{key}", where)
