"""Keys that a program does not know and passes over: those of other programs, and misspelled ones of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lrviz.configs.config import Config
from lrviz.schedule.text.suggest import suggest


def warn(config: Config, program: str, meant: Mapping[str, str], own: Iterable[str]) -> None:
    """Warns of keys that look as if they were meant for one of the program's that is not there.

    `meant` says what the program calls a key of another one; `own` are its keys that a misspelling may stand for.
    """
    own = list(own)
    for item in config.root.items():
        key = str(item.key.value)
        if key in own:
            continue
        known = meant.get(key) or _misspelled(key, own)
        if known and not config.has(known):
            message = f"{key} is no key of {program}, so it has no effect; {program} has {known}"
            config.warn(item.key.where, "unknown-key", message, f"write {known}")


def _misspelled(key: str, own: list[str]) -> str:
    """The key that a misspelling stands for: nearly as long, with the same beginning."""
    near = suggest(key, own)
    return near if near is not None and abs(len(key) - len(near)) <= 1 and key[:3] == near[:3] else ""
