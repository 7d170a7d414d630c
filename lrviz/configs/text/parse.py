"""The text of a config -> nodes with positions, by the suffix of its file. Each parser is imported when it is used."""

from __future__ import annotations

from lrviz.configs.text.scalars import Scalars
from lrviz.files import suffix_of
from lrviz.schedule.text.document import Node, parse


def parse_config(data: bytes | str, file: str, scalars: Scalars) -> Node:
    """The one value of a config, as nodes. Raises `ScheduleError` where its text is malformed."""
    match suffix_of(file, data):
        case ".json":
            from lrviz.configs.text.json import parse_json

            return parse_json(data, file, scalars)
        case ".toml":
            from lrviz.configs.text.toml import parse_toml

            return parse_toml(data, file, scalars)
        case ".md":
            from lrviz.configs.text.markdown import parse_card

            return parse_card(data, file, scalars)
        case ".py":
            from lrviz.configs.text.python import parse_python

            return parse_python(data, file, scalars)
        case ".txt":
            from lrviz.configs.text.params import parse_params

            return parse_params(data, file, scalars)
        case _:
            return parse(data, file, scalars=scalars)
