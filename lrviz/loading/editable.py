"""The document of one schedule, to read it again with other values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from lrviz.configs.facts import NOTHING_GIVEN, Given
from lrviz.configs.recognize import dialect_of
from lrviz.errors import Position
from lrviz.loading.config import config_beside, read_document
from lrviz.loading.schedules import own_data
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import KeyPath, Override, find_path, variants
from lrviz.schedule.reading.reader import read_schedules
from lrviz.schedule.reading.run import Length
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.text.document import Item, Node, parse, readable
from lrviz.schedule.text.key import value_of


class Editable(NamedTuple):
    """The document of one schedule, to read it again with other values.

    `root` is the document, `find` finds the one place that a key means, as `--set` does, and `read` reads the schedule
    of such a document.
    """

    root: Node
    find: Callable[[str, Position], KeyPath]
    read: Callable[[Node], Schedule]


def editable(
    schedule: Schedule,
    text: str | bytes,
    length: Length | None = None,
    overrides: Sequence[Override] = (),
    *,
    trust: bool = False,
    given: Given = NOTHING_GIVEN,
    stretch: Stretch | None = None,
) -> Editable:
    """The document of a schedule that was loaded from a text with the same arguments: of another program's config its
    own keys, of a file of ours the file with this schedule alone."""
    name, reach = schedule.name_in_file, schedule.reach
    dialect = dialect_of(readable(text), schedule.file, given.dialect, reach) if not schedule.key else None
    if dialect is not None:
        from lrviz.configs import read as configs
        from lrviz.configs.settings import path_in, settings_of, with_length

        root = configs.parsed(dialect, text, given, reach)
        if stretch is None:
            root = with_length(dialect, root, length)
        documents = settings_of(dialect, root, overrides)
        chosen = next(each.root for each in documents if each.swept_of(name) == schedule.swept)

        def read_other(document: Node) -> Schedule:
            return read_document(
                dialect, document, given, reach, trust=trust, stretch=stretch, length=length if stretch else None
            )[0]

        return Editable(chosen, partial(path_in, dialect, chosen), read_other)
    root = value_of(parse(text, schedule.file), schedule.key)
    overrides = [*overrides, *own_data(root, given)]
    documents = variants(root, overrides, lambda other: other == name)
    alone = _alone(next(each.root for each in documents if each.swept_of(name) == schedule.swept), name)

    def read(document: Node) -> Schedule:
        (found,) = read_schedules(
            document,
            length,
            trust=trust,
            changed=True,
            allow_path=reach.allowed,
            base=reach.base,
            read_config=partial(config_beside, length),
            stretch=stretch,
        )
        return found

    return Editable(alone, partial(find_path, alone), read)


def _alone(root: Node, name: str) -> Node:
    """The document without its other schedules, so that a value may be invalid for them."""
    members = root.value.get("schedules")
    if members is None:
        return root
    one = Node({name: members.value.value[name]}, members.value.where)
    return Node({**root.value, "schedules": Item(members.key, one)}, root.where)
