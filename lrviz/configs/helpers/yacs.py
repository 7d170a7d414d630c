"""What configs of yacs have in common: bases, and `KEY VALUE` pairs of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from lrviz.configs.dialect import FileReader, roots
from lrviz.configs.overrides import with_value
from lrviz.configs.text.merge import with_bases
from lrviz.configs.text.scalars import yacs
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import Node, parse


def compose(
    root: Node,
    texts: Sequence[str],
    read: FileReader,
    base: str,
    flags: Mapping[str, str] = {},
    *,
    strict: bool = False,
) -> Node:
    """The config on top of the files under the key `base`, with pairs as its program's command line takes them.

    `flags` are options of that with the keys that they set; `--opts` before pairs is passed over. If `strict`, a
    mapping may not take the place of something else.
    """
    chain = (PurePath(root.where.file).name,)
    root = with_bases(root, base, roots(read), clash=_clash if strict else None, chain=chain)
    for text in texts:
        words = [word for each in _words(text) if each != "--opts" for word in each.split("=", 1)]
        if len(words) % 2:
            raise ScheduleError.at(
                Position("--override"), f"expected KEY VALUE (got {text!r})", "write --override 'TRAIN.EPOCHS 100'"
            )
        for key, value in zip(words[::2], words[1::2], strict=True):
            where = Position(f"--override {key}")
            found = parse(value, where.file, scalars=yacs)
            root = with_value(root, flags.get(key, key), Node(found.value, where, found.quoted))
    return root


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ScheduleError.at(Position("--override"), f"{error} in {text!r}") from None


def _clash(path: str, value: Node, below: Node) -> None:
    raise ScheduleError.at(value.where, f"{path} is a mapping here, but not in the base, at {below.where}")
