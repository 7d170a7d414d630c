"""The text of a config -> nodes with positions, by the suffix of its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final, TypeAlias

from lrviz.configs.text.json import parse_json
from lrviz.configs.text.markdown import parse_card
from lrviz.configs.text.params import parse_params
from lrviz.configs.text.python import parse_python
from lrviz.configs.text.scalars import Scalars
from lrviz.configs.text.toml import parse_toml
from lrviz.schedule.text.document import Node, parse

Parser: TypeAlias = Callable[[bytes | str, str, Scalars], Node]


def _yaml(data: bytes | str, file: str, scalars: Scalars) -> Node:
    return parse(data, file, scalars=scalars)


PARSERS: Final[Mapping[str, Parser]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": parse_json,
    ".toml": parse_toml,
    ".md": parse_card,
    ".py": parse_python,
    ".txt": parse_params,
}
"""By suffix; anything else is YAML."""


def parse_config(data: bytes | str, file: str, scalars: Scalars) -> Node:
    """The one value of a config, as nodes. Raises `ScheduleError` where its text is malformed."""
    return PARSERS.get(PurePath(file).suffix.lower(), _yaml)(data, file, scalars)
