"""The values of another program's config from which a schedule follows, each with its origin, for `lrviz explain`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from lrviz.schedule.imported import Imported, Value

MAX_LEFT = 44
"""The widest column of values, in characters."""


def origins(imported: Imported) -> dict[str, Any]:
    """How a config was read, as plain data. The `origin` of a value is "config", "default" (the program's own), "data"
    (what the user added) or "derived", with the calculation as `how`."""
    return {
        "file": imported.file,
        "program": imported.program,
        "dialect": imported.dialect,
        "read_as": imported.decided,
        "summary": imported.summary,
        "values": [_value(each) for each in imported.values],
        "lost": list(imported.lost),
    }


def _value(value: Value) -> dict[str, Any]:
    entry = {"name": value.key, "value": _plain(value.value), "origin": value.origin}
    if value.origin != "default" and value.where.line:
        entry |= {"file": value.where.file, "line": value.where.line, "column": value.where.column}
    return {**entry, "how": value.how} if value.how else entry


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def lines_of(config: Mapping[str, Any], width: int) -> list[str]:
    """The section of a page, from the data of `origins`."""
    read_as = f", read as {config['read_as']}" if config["read_as"] else ""
    lines = [f"config     {config['program']}{read_as}"]
    file = config["file"]
    rows = [(f"  {each['name']} = {_written(each['value'])}", _origin(each, file)) for each in config["values"]]
    room = min(max((len(left) for left, _ in rows), default=0), MAX_LEFT)
    for left, origin in rows:
        lines.append(f"{left.ljust(room)}  {origin}".rstrip())
    for each in config["lost"]:
        lines += textwrap.wrap(f"not said here: {each}", width, initial_indent="  ", subsequent_indent="  ")
    return lines


def _origin(value: Mapping[str, Any], file: str) -> str:
    if value["origin"] == "default":
        return "the program's default"
    if value["origin"] == "data":
        return f"{value['file']}:{value['line']}" if "line" in value else "--data"
    how = value.get("how", "")
    if value["origin"] == "derived":
        return str(how)
    if "line" not in value:  # a command line
        return str(how)
    place = f"line {value['line']}" if value["file"] == file else f"{value['file']}:{value['line']}"
    return f"{place}: {how}" if how else place


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return ":".join(map(_written, value.values()))
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)
