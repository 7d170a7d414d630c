"""A config's text -> a schedule document of ours: recognized, parsed, and read by its dialect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from lrviz.configs import releases
from lrviz.configs.config import Session, Version
from lrviz.configs.dialect import Dialect
from lrviz.configs.facts import Given
from lrviz.configs.releases import Reading
from lrviz.configs.text.arguments import command_of
from lrviz.configs.text.parse import parse_config
from lrviz.errors import Position, ScheduleError
from lrviz.files import UnreadableError
from lrviz.reach import Reach
from lrviz.schedule.text.document import Node


def parsed(dialect: Dialect, data: bytes | str, file: str) -> Node:
    """The mapping of a config, with positions, as the program of the dialect reads it."""
    if PurePath(file).suffix.lower() == ".sh":
        return command_of(data, file, dialect.words)
    root = parse_config(data, file, dialect.scalars)
    if not root.is_mapping:
        raise ScheduleError.at(root.where, f"a config of {dialect.title} is a mapping of keys")
    return root


def read(dialect: Dialect, root: Node, given: Given, reach: Reach) -> Reading:
    """The schedule of a parsed config. Raises `ScheduleError` with everything that is wrong or missing."""

    def session_of(as_releases: Mapping[str, Version]) -> Session:
        session = Session(given, reach, as_releases, text_numbers=dialect.text_numbers)

        def read_file(name: str, where: Position) -> Node | None:
            try:
                data = reach.read(name)
            except UnreadableError as error:
                session.problems.at(where, f"{name} {error}", error.hint)
            except OSError as error:
                reason = error.strerror or str(error)
                session.remarks.at(
                    where, f"{name} cannot be read ({reason}), so what it says is left out", severity="note",
                    code="config-file",
                )  # fmt: skip
            else:
                return parse_config(data, str(PurePath(where.file).parent / name), dialect.scalars)
            return None

        session.read_file = read_file
        return session

    if dialect.override is not None and given.overrides:
        root = dialect.override(root, given.overrides)
    elif given.overrides:
        message = f"--override: {dialect.title} takes no overrides"
        raise ScheduleError.at(Position("lrviz"), message, "use --set KEY=VALUE")
    return releases.read(dialect, root, session_of, given)
