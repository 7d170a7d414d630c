"""A SequentialLR written as phases, for hints."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Final

from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.schedule.text.document import Node

MAX_HINT_LENGTH: Final = 200
"""The longest text, in characters, that people still paste from a hint."""

_PLAIN = re.compile(r"[\w.]([\w.%*/+() -]*[\w.%()])?")


def as_phases(subject: Subject, sequence: Placed, from_base: Collection[int] = ()) -> str:
    """A SequentialLR as a list of phases of the same lengths, in backticks where it can be pasted.

    Each continues from where the one before it ended, except those in `from_base`, which start from the optimizer's lr.
    """
    children = subject.children_of(sequence)
    members = []
    for child in children:
        written = child.scheduler.written
        keys = [f"{item.key.value}: {_flow(item.value)}" for item in written.items()] if written is not None else []
        keys += ["from: base"] if child.index in from_base and child.type not in BRING_THEIR_OWN else []
        keys += [f"for: {child.calls}"] if child is not children[-1] else []
        members.append("{" + ", ".join(keys) + "}")
    text = ", ".join(members)
    if sequence.parents or len(text) > MAX_HINT_LENGTH:
        return "the same schedulers in a list under `scheduler`, each with its length as `for`"
    return f"`{text}`" if sequence.phase else f"`scheduler: [{text}]`"


def _flow(node: Node) -> str:
    """A value of the file on one line."""
    if node.is_mapping:
        return "{" + ", ".join(f"{item.key.value}: {_flow(item.value)}" for item in node.items()) + "}"
    if node.is_list:
        return f"[{', '.join(map(_flow, node.value))}]"
    if isinstance(node.value, str) and _PLAIN.fullmatch(node.value):
        return node.value
    return json.dumps(node.value, ensure_ascii=False)
