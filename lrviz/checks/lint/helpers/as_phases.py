"""A SequentialLR written as phases, for hints."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator
from typing import Final

from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.schedule.text.document import Node

MAX_HINT_LENGTH: Final = 200
"""The longest text, in characters, that people still paste from a hint."""

_PLAIN = re.compile(r"[\w.]([\w.%*/+() -]*[\w.%()])?")


def as_phases(subject: Subject, sequence: Placed, from_base: Container[int] = ()) -> str:
    """A SequentialLR as a list of phases of the same lengths, in backticks where it can be pasted.

    Each continues from where the one before it ended, except those in `from_base`, which start from the optimizer's lr.
    """
    text = _shortened(_members(subject, sequence, from_base))
    if sequence.parents or text is None:
        return "the same schedulers in a list under `scheduler`, each with its length as `for`"
    return f"`{text}`" if sequence.phase else f"`scheduler: [{text}]`"


def _shortened(pieces: Iterable[str]) -> str | None:
    """The text of some pieces; None as soon as it is longer than `MAX_HINT_LENGTH`."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > MAX_HINT_LENGTH:
            return None
    return text


def _members(subject: Subject, sequence: Placed, from_base: Container[int]) -> Iterator[str]:
    children = subject.children_of(sequence)
    for child in children:
        yield "{" if child is children[0] else ", {"
        separator = ""
        for item in child.scheduler.written.items() if child.scheduler.written is not None else ():
            yield f"{separator}{item.key.value}: "
            yield from _flow(item.value)
            separator = ", "
        keys = ["from: base"] if child.index in from_base and child.type not in BRING_THEIR_OWN else []
        keys += [f"for: {child.calls}"] if child is not children[-1] else []
        yield from (f"{separator if key is keys[0] else ', '}{key}" for key in keys)
        yield "}"


def _flow(node: Node) -> Iterator[str]:
    """A value of the file on one line, piece by piece."""
    if node.is_mapping or node.is_list:
        yield "{" if node.is_mapping else "["
        members = node.items() if node.is_mapping else node.value
        for index, member in enumerate(members):
            yield ", " if index else ""
            if node.is_mapping:
                yield f"{member.key.value}: "
            yield from _flow(member.value if node.is_mapping else member)
        yield "}" if node.is_mapping else "]"
    elif isinstance(node.value, str) and len(node.value) <= MAX_HINT_LENGTH and _PLAIN.fullmatch(node.value):
        yield node.value
    else:
        yield json.dumps(node.value, ensure_ascii=False)
