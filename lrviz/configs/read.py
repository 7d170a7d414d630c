"""A config's text -> a schedule document of ours: recognized, parsed, and read by its dialect."""

from __future__ import annotations

from collections.abc import Mapping

from lrviz.configs import releases
from lrviz.configs.dialect import Dialect, FileReader, Part
from lrviz.configs.facts import Given
from lrviz.configs.registry import LISTED
from lrviz.configs.releases import Reading
from lrviz.configs.session import Session, Version
from lrviz.configs.text.arguments import command_of, is_script, unknown_in
from lrviz.configs.text.parse import parse_config
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.reach import Reach
from lrviz.schedule.text.document import Node, readable


def parsed(dialect: Dialect, data: bytes | str, given: Given, reach: Reach) -> Node:
    """The mapping of a config, with positions, as the program of the dialect reads it: composed of the files that it
    names, with what the program's own command line was given."""
    if is_script(reach.file):
        root = command_of(data, reach.file, LISTED[dialect.name].words)
    else:
        root = parse_config(data, reach.file, dialect.scalars)
    if not root.is_mapping:
        raise ScheduleError.at(root.where, f"a config of {dialect.title} is a mapping of keys")
    if dialect.compose is not None:
        return dialect.compose(root, given.overrides, _reader(dialect, reach))
    if not given.overrides:
        return root
    if dialect.override is None:
        message = f"{dialect.title} takes no overrides"
        raise ScheduleError.at(Position("--override"), message, "use --set KEY=VALUE")
    return dialect.override(root, given.overrides)


def _reader(dialect: Dialect, reach: Reach) -> FileReader:
    """Reads the files that a config is composed of."""

    def read_file(name: str, where: Position) -> Part | None:
        try:
            data = reach.read(name)
        except UnreadableError as error:
            raise ScheduleError.at(where, f"{name} {error}", error.hint) from None
        except (OSError, ValueError):
            return None
        text, file = readable(data), str(reach.path(name))
        if all(line.strip()[:1] in ("", "#") for line in text.splitlines()):
            return Part(text, Node({}, Position(file, 1, 1)))
        return Part(text, parse_config(data, file, dialect.scalars))

    return read_file


def _interpolated(root: Node) -> tuple[Node, Mapping[Position, Problem]]:
    from lrviz.configs.text.interpolation import interpolated  # most configs have none

    return interpolated(root)


def read(dialect: Dialect, root: Node, given: Given, reach: Reach) -> Reading:
    """The schedule of a parsed config. Raises `ScheduleError` with everything that is wrong or missing."""
    read_file = _reader(dialect, reach)
    if is_script(reach.file):
        unresolved = unknown_in(root)
    else:
        root, unresolved = _interpolated(root) if dialect.interpolation else (root, {})
    text_numbers = "Python" if root.where.file.endswith(".py") else dialect.text_numbers

    def session_of(as_releases: Mapping[str, Version]) -> Session:
        session = Session(given, reach, as_releases, text_numbers=text_numbers, unresolved=unresolved)

        def read_beside(name: str, where: Position) -> Node | None:
            try:
                found = read_file(name, where)
            except ScheduleError as error:
                session.problems += error.problems
                return None
            if found is None:
                message = f"{name} cannot be read, so what it says is left out"
                session.remarks.at(where, message, severity="note", code="config-file")
            return found.root if found is not None else None

        session.read_file = read_beside
        return session

    return releases.read(dialect, root, session_of, given)
