"""The records that a `Reader` kept, as a `Log`: which format counts, when each record was made, how exact it is."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.digits import SLACK, Exactness, exactness, written_half
from lrviz.log.log import Log, LogClock, Unit
from lrviz.log.table import choose, note
from lrviz.log.text.format import Format
from lrviz.log.text.kept import Kept
from lrviz.log.text.ranks import disagreement
from lrviz.log.text.reader import Reader
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import counted, listed, several

Floats = NDArray[np.float64]

MIN_DIGITS = 3
"""A column that shows fewer digits was not written by the format of its program."""


class Wanted(NamedTuple):
    """What is wanted of a log: as in `read_log`."""

    path: str
    column: str | None = None
    step_column: str | None = None
    group: str | None = None
    groups: tuple[str, ...] = ()


def log_of(reader: Reader, wanted: Wanted) -> Log | None:
    """The log in a text that was read to its end; None if there are no records in it.

    Raises `ScheduleError` if the column that is wanted is not there, or if several learning rates are named.
    """
    if not reader.kept:
        return None
    format = max({each for each, _ in reader.kept}, key=lambda each: _weight(reader, each))
    ranks = {rank: kept for (each, rank), kept in reader.kept.items() if each is format}
    rank = max(ranks, key=lambda rank: len(ranks[rank]))
    kept = ranks[rank]
    notes = [note(wanted.path, "log-read", _said(reader, format))]
    name, texts = _chosen(kept, wanted, notes)
    keep = _worth(kept, texts)
    nans = sum(map(texts.count, {text for text in set(texts) if text.lower() == "nan"}))
    if nans:
        notes.append(
            note(wanted.path, "log-passed-over", f"skipped {several(nans, 'record')} whose learning rate is nan")
        )
    if not keep.any():
        raise ScheduleError.at(Position(wanted.path), "the log has no learning rates", "each of them is nan")
    if kept.stride > 1:
        many = f"the log has so many records that only one of {kept.stride:,} is compared"
        notes.append(note(wanted.path, "log-passed-over", many))
    for other, theirs in ranks.items():
        if other != rank:
            notes += disagreement(wanted.path, (rank, kept), (other, theirs), texts, _at(theirs, name))
    cut = kept.cut and bool(keep[-1])
    if not keep.all():
        texts = [text for text, each in zip(texts, keep, strict=True) if each]
    value = {text: float(text) for text in set(texts)}
    exact = _exactness(format, texts, value)
    return Log(
        path=wanted.path,
        column=name,
        lr=array("d", map(value.__getitem__, texts)),
        half=exact.half,
        coarse=exact.coarse,
        lines=array("q", np.frombuffer(kept.lines, dtype=np.int64)[keep].tobytes()),
        clocks=_clocks(kept, keep, wanted),
        notes=tuple(notes),
        unended=texts[-1] if cut else None,
        program=format.program,
        behind=format.behind,
    )


# --- which records --------------------------------------------------------------------------------------------


def _weight(reader: Reader, format: Format) -> int:
    """How many records a format has; steps are more exact than epochs, and count twice."""
    counts = 2 if {"step", "iteration"} & set(format.clocks) else 1
    return counts * sum(len(kept) for (each, _), kept in reader.kept.items() if each is format)


def _said(reader: Reader, format: Format) -> str:
    """What was read: `read 98 of 5,120 lines: step and lr, as Megatron writes them`."""
    ranks = [kept for (each, _), kept in reader.kept.items() if each is format]
    count = sum(kept.count for kept in ranks)
    *clocks, last = [name for name in format.clocks if name not in ("of", "total")] or ["no step"]
    names = f"{', '.join([*clocks, last])} and lr"
    how = f"as {format.program} writes them" if format.program else "by their names"
    if reader.only:
        how = "as --pattern says"
    of_ranks = f" of {len(ranks):,} ranks" if len(ranks) > 1 else ""
    return f"read {count:,} of {counted(reader.lines.count, 'line')}{of_ranks}: {names}, {how}"


def _names(kept: Kept) -> list[str]:
    """The names of the learning rates of a line."""
    if "lrs" in kept.format.groups:
        return [f"lr/{index}" for index in range(len(kept.rates))]
    return list(kept.format.names)


def _at(kept: Kept, name: str) -> list[str]:
    names = _names(kept)
    return kept.rates[names.index(name)] if name in names else []


def _chosen(kept: Kept, wanted: Wanted, notes: list[Problem]) -> tuple[str, list[str]]:
    """The learning rates to compare, with their name."""
    names = _names(kept)
    cells = dict(zip(names, kept.rates, strict=True))
    if wanted.column is None and len(names) > 1:
        if wanted.group is not None and wanted.group in names:
            return wanted.group, cells[wanted.group]
        if "lrs" in kept.format.groups:
            of_group = wanted.groups.index(wanted.group) if wanted.group in wanted.groups else 0
            name = names[min(of_group, len(names) - 1)]
            if len(names) != len(wanted.groups) and any(texts != cells[name] for texts in cells.values()):
                many = f"a line has {len(names)} learning rates; {name!r} is compared (--column NAME for another)"
                notes.append(note(wanted.path, "log-column", many))
            return name, cells[name]
    name = choose(names, cells, wanted.column, wanted.path, notes, "number", group=wanted.group)
    return name, cells[name]


def _worth(kept: Kept, texts: list[str]) -> NDArray[np.bool_]:
    """True for each record with a learning rate; of bars, those with an old one are left out."""
    keep = np.ones(len(texts), dtype=bool)
    if any(text.lower() == "nan" for text in set(texts)):
        keep = np.array([text.lower() != "nan" for text in texts], dtype=bool)
    if kept.format.old:
        of = dict(zip(kept.format.clocks, map(np.frombuffer, kept.clocks), strict=True))
        for count, all_of_them in (("iteration", "of"), ("step", "total")):
            if count in of:
                old = of[count] == (of[all_of_them] if kept.format.old == "last" else 0)
                keep &= old.all() | ~old
    return keep


# --- when -----------------------------------------------------------------------------------------------------


def _clocks(kept: Kept, keep: NDArray[np.bool_], wanted: Wanted) -> tuple[LogClock, ...]:
    """The clocks of the log: steps before epochs."""
    at = {name: np.frombuffer(values)[keep] for name, values in zip(kept.format.clocks, kept.clocks, strict=True)}
    found: list[LogClock] = []
    if "step" in at:
        found.append(_clock("step", "step", at["step"], first=_first(at, "step")))
    if "iteration" in at and "epoch" in at:
        first = kept.format.first_epoch
        if first is None:
            first = 0 if at["epoch"].min() == 0 else 1
        done = at["epoch"] - first
        found.append(_clock("step", "iteration", done * at["of"] + at["iteration"]))
        found.append(_clock("epoch", "epoch", done + at["iteration"] / at["of"]))
    elif "epoch" in at:
        first = kept.format.first_epoch
        if first is None:
            first = _first(at, "epoch") if "step" not in at else 0
        found.append(_clock("epoch", "epoch", at["epoch"], _epoch_half(kept, at["epoch"]), first))
    if wanted.step_column is not None:
        names = [clock.column for clock in found]
        if wanted.step_column not in names:
            hint = did_you_mean(wanted.step_column, names) or f"it counts {listed(names)}"
            raise ScheduleError.at(Position(wanted.path), f"there is no column {wanted.step_column!r}", hint)
        found = [clock for clock in found if clock.column == wanted.step_column]
    if not found:
        found = [LogClock("call", "", array("d", range(int(keep.sum()))))]
    return tuple(found)


def _clock(unit: Unit, name: str, at: Floats, half: float | array[float] = 0.0, first: int = 0) -> LogClock:
    return LogClock(unit, name, array("d", at.tobytes()), half, first)


def _first(at: dict[str, Floats], name: str) -> int:
    """1 for a count that reaches its total, `Epoch 90/90`: it is the count from 1."""
    return int("total" in at and bool((at[name] == at["total"]).any()) and at[name].min() > 0)


def _epoch_half(kept: Kept, epochs: Floats) -> float | array[float]:
    """How much epochs may have been rounded."""
    digits = kept.format.epoch_digits
    if digits is None:
        return 0.5 * 10.0**-kept.decimals if kept.decimals else 0.0
    return array("d", (_half_of_digits(abs(value), digits) for value in epochs.tolist()))


# --- how exact ------------------------------------------------------------------------------------------------


def _exactness(format: Format, texts: Sequence[str], value: dict[str, float]) -> Exactness:
    if format.digits is None:
        return exactness(texts)
    if format.digits == "written":
        each = {text: written_half(text) for text in value}
        if max(half.digits for half in each.values()) < MIN_DIGITS:
            return exactness(texts)
        half = {text: found.half for text, found in each.items()}
    else:
        half = {text: _half_of_digits(abs(number), format.digits) for text, number in value.items()}
    halves = array("d", map(half.__getitem__, texts))
    return Exactness(halves, halves)


def _half_of_digits(value: float, digits: int) -> float:
    if value == 0 or not math.isfinite(value):
        return 0.0
    return 0.5 * SLACK * 10.0 ** (math.floor(math.log10(value)) - digits + 1)
