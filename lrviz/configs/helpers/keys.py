"""Keys that a program does not have: in a section whose keys are all known, of other programs, or misspelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lrviz.configs.config import Config
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.words import show


def only(config: Config, names: Sequence[str], program: str) -> None:
    """Errors for keys of a section that the program refuses."""
    for item in config.root.items():
        key = str(item.key.value)
        if key not in names:
            message = f"{config.path} has no key {show(key)}, says {program}"
            config.error(item.key.where, message, did_you_mean(key, names))


def nearly(
    config: Config, names: Sequence[str], program: str, *, foreign: Mapping[str, str] | None = None, stops: bool
) -> None:
    """Says which keys are one of `names` in another spelling (`warmup-epoch`), or another program's word for one.

    They are errors to a program that `stops` on them, and warnings to one that takes them without a look.
    """
    plain = {_plain(name): name for name in names} | {_plain(key): name for key, name in (foreign or {}).items()}
    for item in config.root.items():
        key = str(item.key.value)
        meant = plain.get(_plain(key), key)
        if key in names or meant == key:
            continue
        unknown(config, item.key, f"key of {program}", meant, stops=program if stops else "")


def _plain(key: str) -> str:
    return key.lower().replace("-", "_").rstrip("s")


def mistaken(config: Config, program: str, meant: Mapping[str, str], own: Iterable[str]) -> None:
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
            unknown(config, item.key, f"key of {program}", known)


def _misspelled(key: str, own: list[str]) -> str:
    """The key that a misspelling stands for: nearly as long, with the same beginning."""
    near = suggest(key, own)
    return near if near is not None and abs(len(key) - len(near)) <= 1 and key[:3] == near[:3] else ""


def unknown(config: Config, key: Node, of: str, meant: str, *, stops: str = "") -> None:
    """Says that a key is none `of` a program (`key of axolotl`), and which one is `meant`: an error where the program
    named by `stops` does so, else a warning."""
    message = f"{key.value} is no {of}"
    if stops:
        who = "which" if of.endswith(f" {stops}") else f"and {stops}"
        config.error(key.where, f"{message}, {who} stops on it", f"write {meant}")
    else:
        config.warn(key.where, "unknown-key", f"{message}, so it has no effect", f"write {meant}")
