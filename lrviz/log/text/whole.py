"""The records that a `Reader` kept, as a `Log`: which of them count, and how exact they are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.columns import says_lr
from lrviz.log.digits import Exactness, as_written, exactness, half_of_digits, is_rounded
from lrviz.log.log import Log
from lrviz.log.table import NotThereError, choose, note, of_group
from lrviz.log.text.format import Format
from lrviz.log.text.kept import Kept
from lrviz.log.text.ranks import disagreement
from lrviz.log.text.reader import Reader
from lrviz.log.text.when import Floats, Mask, clocks_of, drawn_anew, timed
from lrviz.words import counted, listed, several

MANY = 0.1
"""A format that has less than this fraction of the records of another is not named."""


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
    formats = sorted(dict.fromkeys(each for each, _ in reader.kept), key=lambda each: -_weight(reader, each))
    format = formats[0]
    ranks = {rank: kept for (each, rank), kept in reader.kept.items() if each is format}
    rank = max(ranks, key=lambda rank: len(ranks[rank]))
    kept = ranks[rank]
    notes = [note(wanted.path, "log-read", _said(reader, format, formats[1:]))]
    columns = _columns(kept, wanted)
    name = columns[wanted.group] if wanted.group is not None and columns else _chosen(kept, wanted, notes)
    log = _log_of_column(ranks, rank, name, wanted, notes)
    others = {
        group: _log_of_column(ranks, rank, column, wanted, []) for group, column in columns.items() if column != name
    }
    return replace(log, others=others)


def _log_of_column(ranks: dict[str, Kept], rank: str, name: str, wanted: Wanted, notes: list[Problem]) -> Log:
    """The log of one of the learning rates of a line, as a rank wrote it."""
    kept = ranks[rank]
    texts = _at(kept, name)
    lr = np.array(list(map(float, texts)))
    keep = _worth(kept, lr, wanted.path, notes)
    for other, theirs in ranks.items():
        if other != rank:
            notes += disagreement(wanted.path, (rank, kept), (other, theirs), texts, _at(theirs, name))
    cut = kept.cut and bool(keep[-1])
    if not keep.all():
        texts = [text for text, each in zip(texts, keep, strict=True) if each]
    exact = _exactness(kept.format, texts, cut=cut)
    clocks = clocks_of(kept, keep, wanted.path, wanted.step_column, notes)
    return Log(
        path=wanted.path,
        column=name,
        lr=array("d", lr[keep].tobytes()),
        half=exact.half,
        coarse=exact.coarse,
        lines=array("q", np.frombuffer(kept.lines, dtype=np.int64)[keep].tobytes()),
        clocks=clocks,
        notes=tuple(notes),
        unended=texts[-1] if cut else None,
        program=kept.format.program if kept.format.sure else "",
        behind=kept.format.behind,
    )


# --- which records --------------------------------------------------------------------------------------------


def _worth(kept: Kept, lr: Floats, path: str, notes: list[Problem]) -> Mask:
    """True for each record to compare; a note on those that are passed over."""
    keep = ~np.isnan(lr)
    nans = int((~keep).sum())
    keep &= timed(kept)
    untimed = len(lr) - nans - int(keep.sum())
    keep &= drawn_anew(kept)
    passed = {
        f"skipped {several(nans, 'record')} whose learning rate is nan": nans,
        f"skipped {several(untimed, 'record')} without a step": untimed,
        f"the log has so many records that only one of {kept.stride:,} is compared": kept.stride > 1,
    }
    notes += [note(path, "log-passed-over", message) for message, is_so in passed.items() if is_so]
    if not keep.any():
        message = "the log has no learning rate that is a number, at a step that is"
        raise NotThereError.at(Position(path), message)
    return keep


def _weight(reader: Reader, format: Format) -> int:
    """How many records a format has; steps are more exact than epochs, and count twice."""
    counts = 2 if {"step", "iteration"} & set(format.clocks) else 1
    return counts * sum(len(kept) for (each, _), kept in reader.kept.items() if each is format)


def _said(reader: Reader, format: Format, others: Sequence[Format]) -> str:
    """What was read, and what was not: `read 98 of 5,120 lines: step and lr, as Megatron writes them`."""
    ranks = [kept for (each, _), kept in reader.kept.items() if each is format]
    count = sum(kept.count for kept in ranks)
    *clocks, last = [name for name in format.clocks if name not in ("part", "of", "total")] or ["no step"]
    names = f"{', '.join([*clocks, last])} and lr"
    how = f"as {format.program} writes them" if format.program else "by their names"
    if reader.only:
        how = "as --pattern says"
    of_ranks = f" of {len(ranks):,} ranks" if len(ranks) > 1 else ""
    least = MANY * _weight(reader, format)
    known = dict.fromkeys(each.program for each in others if _weight(reader, each) >= least)
    left = [program for program in known if program not in ("", format.program)]
    unread = f"; not the lines of {listed(left)}" if left else ""
    return f"read {count:,} of {counted(reader.lines.count, 'line')}{of_ranks}: {names}, {how}{unread}"


def _names(kept: Kept) -> list[str]:
    """The names of the learning rates of a line."""
    if "lrs" in kept.format.groups:
        return [f"lr/{index}" for index in range(len(kept.rates))]
    return list(kept.format.names)


def _at(kept: Kept, name: str) -> list[str]:
    names = _names(kept)
    return kept.rates[names.index(name)] if name in names else []


def _columns(kept: Kept, wanted: Wanted) -> dict[str, str]:
    """The learning rate of each param group by its name, or by the order of a list; nothing if not all are there."""
    names = _names(kept)
    if wanted.column is not None or wanted.group not in wanted.groups or len(names) < 2:
        return {}
    if "lrs" in kept.format.groups:
        return dict(zip(wanted.groups, names, strict=True)) if len(names) == len(wanted.groups) else {}
    found = {group: name for group in wanted.groups for name in (group, of_group(group)) if name in names}
    return {group: str(name) for group, name in found.items()} if len(found) == len(wanted.groups) else {}


def _chosen(kept: Kept, wanted: Wanted, notes: list[Problem]) -> str:
    """The name of the learning rates to compare."""
    names = _names(kept)
    cells = dict(zip(names, kept.rates, strict=True))
    if wanted.column is None and len(names) > 1:
        if wanted.group is not None and wanted.group in names:
            return wanted.group
        if "lrs" in kept.format.groups:
            place = wanted.groups.index(wanted.group) if wanted.group in wanted.groups else 0
            name = names[min(place, len(names) - 1)]
            if any(texts != cells[name] for texts in cells.values()):
                many = f"a line has {len(names)} learning rates; {name!r} is compared (--column NAME for another)"
                notes.append(note(wanted.path, "log-column", many))
            return name
    format = kept.format
    if wanted.column is None and not (format.program or format.derived) and not any(map(says_lr, names)):
        _refuse_several(names, wanted)
        return names[0]
    return choose(names, cells, wanted.column, wanted.path, notes, "number", group=wanted.group)


def _refuse_several(names: Sequence[str], wanted: Wanted) -> None:
    """Raises `ScheduleError` where a pattern reads several learning rates, and names none as the plan names a group."""
    if len(names) < 2:
        return
    hint = f"choose one with --column {names[0]}, or write {{lr}} for one and ... for the others"
    has = ", and the plan has one param group" if wanted.groups else ""
    if len(wanted.groups) > 1:
        has = f", and the plan has the param groups {listed(wanted.groups)}"
        hint = f"name them as the plan does: {{lr:{wanted.groups[0]}}}"
    message = f"the pattern reads {len(names)} learning rates ({listed(names)}){has}"
    raise ScheduleError.at(Position(wanted.path), message, hint)


# --- how exact ------------------------------------------------------------------------------------------------


def _exactness(format: Format, texts: Sequence[str], *, cut: bool) -> Exactness:
    """How much the learning rates may have been rounded, of which the last may be `cut` off."""
    if format.digits is None:
        return exactness(texts)
    if format.digits == "written":
        return as_written(texts) or exactness(texts)
    if not all(is_rounded(text, format.digits) for text in set(texts[:-1] if cut else texts)):
        return exactness(texts)  # a text of the user's own, which the program leaves as it is
    half = {text: half_of_digits(float(text), format.digits) for text in set(texts)}
    halves = array("d", map(half.__getitem__, texts))
    return Exactness(halves, halves)
