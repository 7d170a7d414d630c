"""A path -> the checkpoint there: a file of `torch.save`, or the folder of files that a program writes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from lrviz.errors import Position, ScheduleError
from lrviz.files import UnreadableError, open_regular, read_bytes
from lrviz.number import integer
from lrviz.training.checkpoint.archive import read_content
from lrviz.training.checkpoint.checkpoint import Checkpoint, OptimizerState, SchedulerState
from lrviz.training.checkpoint.plain import COUNTERS, Found, TooLargeError, find, is_count
from lrviz.training.checkpoint.refused import INSTEAD, WHAT_WE_READ, sharded_by_key, sharded_by_name
from lrviz.training.checkpoint.unpickle import SMALLER
from lrviz.words import listed

TRAINER_STATE: Final = "trainer_state.json"

_STATE: Final = re.compile(r"(optimizer|scheduler)(_\d+)?\.(pt|bin)")
"""The files of Hugging Face (`.pt`) and Accelerate (`.bin`, `_1` for the second) that hold one state."""

_RANDOM: Final = re.compile(r"random_states_\d+\.pkl")
"""The files of Accelerate of which each process writes one."""

_CHECKPOINT: Final = re.compile(r"checkpoint[-_]\d+|.*\.(ckpt|pt|pth)")
"""What in a folder may be a checkpoint of its own."""


def read_checkpoint(path: str) -> Checkpoint:
    """The states of optimizers and schedulers in a checkpoint, and its counters; nothing in it is run.

    `path` is a file that `torch.save` wrote, also through Lightning, or a folder as Hugging Face's Trainer and
    Accelerate write it; one of the files of such a folder stands for all of it. Raises `ScheduleError` for what cannot
    be read, what is sharded, and what has no state of an optimizer or scheduler.
    """
    place = Path(path)
    it = "this folder" if place.is_dir() else "this file"
    try:
        if place.is_dir():
            return _read_folder(path, place)
        if sharded_by_name([place.name]):
            raise _sharded(sharded_by_name([place.name]), whole=False)
        return _read_folder(path, place.parent) if _STATE.fullmatch(place.name) else _read_file(path, place)
    except UnreadableError as error:
        raise ScheduleError.at(Position(path), f"{it} {error}", error.hint) from None
    except TooLargeError:
        raise ScheduleError.at(Position(path), f"{it} has states of too many values", SMALLER) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScheduleError.at(Position(path), f"{it} cannot be read: {reason}") from None


def _sharded(program: str, *, whole: bool, scheduler: str = "") -> UnreadableError:
    what = "a sharded checkpoint" if whole else "part of a sharded checkpoint"
    hint = f"the learning rates alone are in {scheduler}: hand that in" if scheduler else INSTEAD[program]
    return UnreadableError(f"is {what} of {program}, of which each process wrote a part", hint)


# --- one file ------------------------------------------------------------------------------------------------


def _read_file(path: str, place: Path) -> Checkpoint:
    found = _found(place)
    if not found.optimizers and not found.schedulers:
        raise _stateless(found.keys)
    lightning = "pytorch-lightning_version" in found.keys
    return Checkpoint(
        path,
        "Lightning" if lightning else "torch",
        tuple(found.optimizers),
        tuple(found.schedulers),
        found.counters,
        notes=tuple(_notes(found)),
    )


def _found(place: Path) -> Found:
    with open_regular(place) as file:
        found = find(read_content(file))
    program = found.sharded or sharded_by_key(found.keys)
    if program:
        raise _sharded(program, whole=False)
    return found


def _notes(found: Found) -> Iterator[str]:
    for part in found.others:
        yield f"the scheduler under {part!r} is no class of torch's, and is left out"


def _stateless(keys: Collection[str]) -> UnreadableError:
    has = f" (its keys: {listed(sorted(keys))})" if keys else ""
    return UnreadableError(f"has no state of an optimizer or scheduler{has}", f"save it so: {WHAT_WE_READ}")


# --- a folder ------------------------------------------------------------------------------------------------


def _read_folder(path: str, folder: Path) -> Checkpoint:
    """The checkpoint that the files of a folder are together. Of one such file, `path` may be the name."""
    names = sorted(os.listdir(folder), key=_in_order)
    whole = folder == Path(path)
    program = sharded_by_name(names) if whole else ""
    states = [name for name in names if _STATE.fullmatch(name)]
    if program:
        scheduler = next((name for name in states if name.startswith("scheduler")), "")
        raise _sharded(program, whole=True, scheduler=scheduler)
    if not states:
        raise _no_states(names)
    suffix = Path(states[0] if whole else path).suffix
    optimizers: list[OptimizerState] = []
    schedulers: list[SchedulerState] = []
    notes = []
    for name in states:
        if not name.endswith(suffix) and TRAINER_STATE not in names:
            continue
        try:
            found = _found(folder / name)
        except UnreadableError as error:
            if whole:
                raise UnreadableError(f"has a file {name} that {error}", error.hint) from None
            if name == Path(path).name:
                raise
            notes.append(f"{name} beside it is left out: it {error}")
            continue
        optimizers += [OptimizerState(name, each.groups, each.steps) for each in found.optimizers]
        schedulers += [SchedulerState(name, each.state) for each in found.schedulers]
    if not optimizers and not schedulers:
        raise _stateless(())
    accelerate = suffix == ".bin" and TRAINER_STATE not in names
    return Checkpoint(
        path,
        "Accelerate" if accelerate else "Hugging Face",
        tuple(optimizers),
        tuple(schedulers),
        _trainer_state(folder / TRAINER_STATE) if TRAINER_STATE in names else {},
        sum(map(bool, map(_RANDOM.fullmatch, names))) or None if accelerate else None,
        tuple(notes),
    )


def _in_order(name: str) -> tuple[int, str]:
    """A key for sorting: `optimizer_10.bin` comes behind `optimizer_2.bin`, and that behind `optimizer.bin`."""
    return len(name), name


def _no_states(names: Sequence[str]) -> UnreadableError:
    inside = [name for name in names if _CHECKPOINT.fullmatch(name)]
    hint = f"name one in it: {listed(inside)}" if inside else ""
    return UnreadableError("has none of optimizer.pt, scheduler.pt, optimizer.bin and scheduler.bin", hint)


def _trainer_state(place: Path) -> dict[str, float]:
    """The counters of a `trainer_state.json`. Raises `UnreadableError`."""
    try:
        state = json.loads(read_bytes(place), parse_int=integer)
    except (ValueError, RecursionError):
        raise UnreadableError(f"has a {TRAINER_STATE} that is no JSON") from None
    counted = [(name, state.get(name)) for name in COUNTERS] if isinstance(state, dict) else []
    return {name: value for name, value in counted if is_count(value)}
