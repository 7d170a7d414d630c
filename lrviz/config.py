"""`[tool.lrviz]` in the nearest pyproject.toml: what a project sets once. An option of the command line goes before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.files import UnreadableError, open_regular, read_rest

FILE = "pyproject.toml"
_TABLE = re.compile(r"""tool["']?\s*\.\s*["']?lrviz|^\s*\[\s*tool\s*\]""", re.MULTILINE)
"""A file without this sets nothing, and is not read any further."""


class Config(NamedTuple):
    """The values of the table; `file` is empty where there is none."""

    file: str = ""
    strict: bool = False
    require_expect: bool = False
    theme: str = ""
    ignore: frozenset[str] = frozenset()


def config_of(folder: Path | None = None) -> Config:
    """The table that counts in a folder, by default the working directory: that of the nearest file upward.

    Raises `ScheduleError` for a file that cannot be read, and with every key that is unknown or has a wrong value.
    """
    here = (folder or Path.cwd()).resolve()
    found = next((each / FILE for each in (here, *here.parents) if (each / FILE).is_file()), None)
    if found is None:
        return Config()
    name = FILE if found.parent == here else str(found)
    try:
        with open_regular(found) as file:
            text = read_rest(file).decode()
    except (OSError, UnreadableError, UnicodeDecodeError):
        return Config()  # whose file it is says so
    return _read(text, name) if _TABLE.search(text) else Config()


def _read(text: str, file: str) -> Config:
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = Position(file, int(place[1]), int(place[2])) if place else Position(file)
        raise ScheduleError.at(where, "this is not TOML, so [tool.lrviz] cannot be read") from None
    table = tool.get("lrviz") if isinstance(tool, dict) else None
    if table is None:
        return Config()
    problems = Problems()
    if not isinstance(table, dict):
        raise ScheduleError.at(_place(text, file, "lrviz"), "tool.lrviz must be a table", "[tool.lrviz]")
    values = {key: _value(key, value, _place(text, file, key), problems) for key, value in table.items()}
    if problems:
        raise ScheduleError(problems)
    return Config(file, **{key.replace("-", "_"): value for key, value in values.items()})


def _value(key: str, value: Any, where: Position, problems: Problems) -> Any:
    from lrviz.schedule.text.suggest import did_you_mean

    keys = {"strict": _flag, "require-expect": _flag, "theme": _theme, "ignore": _codes}
    if key not in keys:
        problems.at(where, f"[tool.lrviz] has no key {key!r}", did_you_mean(key, keys))
        return None
    return keys[key](key, value, where, problems)


def _flag(key: str, value: Any, where: Position, problems: Problems) -> bool:
    if not isinstance(value, bool):
        problems.at(where, f"{key} must be true or false", f"{key} = true")
    return bool(value)


def _theme(key: str, value: Any, where: Position, problems: Problems) -> str:
    from lrviz.render.style import PALETTES

    return _one_of(key, value, PALETTES, where, problems)


def _codes(key: str, value: Any, where: Position, problems: Problems) -> frozenset[str]:
    from lrviz.schedule.catalogue import CODES

    if not isinstance(value, list):
        problems.at(where, f"{key} must be a list of codes of the lint", 'ignore = ["lr-zero"]')
        return frozenset()
    return frozenset(_one_of(key, each, CODES, where, problems) for each in value)


def _one_of(key: str, value: Any, names: Iterable[str], where: Position, problems: Problems) -> str:
    from lrviz.schedule.text.suggest import did_you_mean
    from lrviz.words import show

    names = list(names)
    if value not in names:
        problems.at(where, f"{key} has no {show(value)}", did_you_mean(str(value), names))
    return str(value)


def _place(text: str, file: str, key: str) -> Position:
    """Where a key of the table stands; else where the table begins."""
    inside, header = False, Position(file)
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*\[", line):
            inside = re.match(r"""\s*\[\s*["']?tool["']?\s*\.\s*["']?lrviz["']?\s*\]""", line) is not None
            header = Position(file, number, 1) if inside else header
        found = re.match(rf"""(\s*)["']?{re.escape(key)}["']?\s*=""", line) if inside else None
        if found:
            return Position(file, number, len(found[1]) + 1)
    return header
