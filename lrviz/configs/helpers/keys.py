"""Keys that a program does not have: of a section that is all about the schedule, or nearly one of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrviz.configs.config import Config
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show


def only(config: Config, names: Sequence[str], program: str) -> None:
    """Errors for keys of a section that the program refuses."""
    for item in config.root.items():
        key = str(item.key.value)
        if key not in names:
            message = f"{config.path} has no key {show(key)}, says {program}"
            config.error(item.key.where, message, did_you_mean(key, names))


def nearly(
    config: Config, names: Sequence[str], program: str, *, mistaken: Mapping[str, str] | None = None, stops: bool
) -> None:
    """Says which keys are one of `names` in another spelling (`warmup-epoch`), or another program's word for one.

    They are errors to a program that `stops` on them, and warnings to one that takes them without a look.
    """
    plain = {_plain(name): name for name in names} | {_plain(key): name for key, name in (mistaken or {}).items()}
    for item in config.root.items():
        key = str(item.key.value)
        meant = plain.get(_plain(key), key)
        if key in names or meant == key:
            continue
        hint = f"did you mean {meant}?"
        if stops:
            config.error(item.key.where, f"{program} has no key {show(key)}", hint)
        else:
            message = f"{program} has no key {show(key)}, and takes it without a word"
            config.warn(item.key.where, "unknown-key", message, hint)


def _plain(key: str) -> str:
    return key.lower().replace("-", "_").rstrip("s")
