"""Compares a schedule's curve with the snapshot stored beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import slack_each
from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve, checksum
from lrviz.files import UnreadableError
from lrviz.schedule.model import Phases, Schedule
from lrviz.snapshot import Stored, column_titles, may_replace, parse, run_words, write
from lrviz.words import counted_ticks, moment, rate, several

CODE = "expect.snapshot"
UPDATE = "`lrviz check --update` writes it"

LEFT_OUT = ("expect", "ignore", "title", "source", "train")
"""Keys that do not change the curve."""


def path_of(schedule: Schedule) -> Path:
    """The path of a schedule's snapshot; a relative one starts at the folder of the schedule file."""
    assert schedule.expect.snapshot is not None
    return schedule.reach.path(schedule.expect.snapshot.path)


def target_of(schedule: Schedule) -> Path:
    """The file that `--update` writes for a schedule, without links.

    Raises `UnreadableError` for one that may not be written: outside of the project, or, where a link leads, no `.csv`;
    or there, and no snapshot.
    """
    assert schedule.expect.snapshot is not None
    real = schedule.reach.resolve(schedule.expect.snapshot.path)
    if real.suffix != ".csv":
        raise UnreadableError("is a link to a file that is no .csv", "name the file itself")
    if not may_replace(real):
        raise UnreadableError("is there and is no snapshot; --update replaces nothing else", "name another file")
    return real


def compare(schedule: Schedule, curve: Curve, name: str, torch: str) -> Iterator[Finding | Held]:
    """Compares a curve with its snapshot, if the schedule has one. `torch` is the version that ran it.

    The curve holds if every stored value does, within the schedule's tolerance. If not every call is stored, it must
    be equal bit for bit, unless only torch has changed. A snapshot that is missing or unreadable, or a run with other
    values than the file's, is a finding of kind "input".
    """
    snapshot = schedule.expect.snapshot
    if snapshot is None:
        return

    def failed(message: str, hint: str = "", kind: str = "expectation", severity: str = "error") -> Finding:
        return Finding(snapshot.where, name, CODE, severity, message, hint, kind)  # type: ignore[arg-type]

    if schedule.run.changed:
        yield failed(
            "a snapshot belongs to the run in the file, but values of this run come from the command line",
            "leave out --epochs, --steps, --stretch and --set",
            "input",
        )
        return
    try:
        stored = parse(schedule.reach.read(snapshot.path))
    except FileNotFoundError:
        yield failed(f"there is no snapshot {snapshot.path!r} yet", UPDATE, "input")
        return
    except UnreadableError as error:
        yield failed(f"the snapshot {snapshot.path!r} {error}", error.hint, "input")
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        yield failed(f"the snapshot {snapshot.path!r} cannot be read: {reason}", "", "input")
        return
    if stored.checksum == checksum(curve):
        yield Held(
            snapshot.where,
            name,
            CODE,
            f"the curve equals its snapshot bit for bit, at all {counted_ticks(curve.run)}",
        )
        return
    difference = _difference(stored, curve, schedule.expect.tolerance)
    if difference is not None:
        yield failed(difference, _what_changed(stored, schedule, torch))
        return
    between = (
        f"the {len(stored.ticks):,} stored of {counted_ticks(curve.run)} hold, but not bit for bit; those between them "
        f"cannot be compared"
    )
    rounding_only = stored.torch != torch and _is_text_of(stored, schedule)
    if len(stored.ticks) < len(curve) and not rounding_only:
        yield failed(between, _what_changed(stored, schedule, torch))
        return
    versions = f"stored with torch {stored.torch}, run with {torch}" if stored.torch != torch else "the same torch"
    yield Held(snapshot.where, name, CODE, f"every stored value holds, but not bit for bit ({versions})")
    if len(stored.ticks) < len(curve):
        yield failed(between, f"{versions}; `table --by step` shows the whole curve", severity="warning")


class Left(NamedTuple):
    """Where a curve first differs from its snapshot: the tick, the param group, and the learning rate stored there."""

    tick: int
    group: int
    stored: float


def left_at(schedule: Schedule, curve: Curve) -> Left | None:
    """Where a curve first leaves its snapshot; None if it does not, or if the two cannot be compared value by value."""
    assert schedule.expect.snapshot is not None
    try:
        stored = parse(schedule.reach.read(schedule.expect.snapshot.path))
    except (OSError, ValueError):
        return None
    if _other_run(stored, curve) is not None:
        return None
    compared = _Compared.of(stored, curve, schedule.expect.tolerance)
    if compared.first is None:
        return None
    row, group = compared.first
    return Left(compared.places[row], group, float(compared.was[row, group]))


def still_holds(schedule: Schedule, curve: Curve, torch: str) -> bool:
    """True if the snapshot of a schedule exists and holds."""
    outcome = list(compare(schedule, curve, schedule.name, torch))
    return bool(outcome) and isinstance(outcome[0], Held)


# --- the schedule in a snapshot --------------------------------------------------------------------------------


def snapshot_of(schedule: Schedule, curve: Curve, torch: str) -> str:
    """The text of a snapshot of a schedule, whose curve was run by this version of torch."""
    return write(curve, torch, text_of(schedule), _boundaries(schedule))


def text_of(schedule: Schedule) -> str:
    """The keys of a schedule that its curve depends on, inherited ones too, as YAML."""
    import yaml

    assert schedule.written is not None
    keys = {key: value for key, value in schedule.written.plain().items() if key not in LEFT_OUT}
    return yaml.safe_dump(keys, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)


def _boundaries(schedule: Schedule) -> Iterator[int]:
    spec = schedule.scheduler
    if isinstance(spec, Phases):
        yield from (phase.start for phase in spec.phases)
    elif spec is not None and spec.type == "SequentialLR":
        yield from spec.arguments["milestones"]


# --- comparing -------------------------------------------------------------------------------------------------


class _Compared(NamedTuple):
    """The stored learning rates and those of the curve, rows x groups, the last row after the last call.

    `places` are the ticks of the rows, `close` the values that hold.
    """

    places: list[int]
    was: NDArray[np.float64]
    now: NDArray[np.float64]
    close: NDArray[np.bool_]

    @classmethod
    def of(cls, stored: Stored, curve: Curve, tolerance: float) -> _Compared:
        now = np.stack([np.append(np.frombuffer(curve.columns[group])[stored.ticks], curve.end_lr[group])
                        for group in range(len(stored.groups))], axis=1)  # fmt: skip
        was = np.vstack([stored.rates, stored.end])
        with np.errstate(invalid="ignore", over="ignore"):
            peaks = np.nanmax(np.where(np.isfinite(now), now, np.nan), axis=0, initial=0.0)
            close = np.abs(now - was) <= slack_each(was, tolerance, peaks)
            close |= (now == was) | (np.isnan(now) & np.isnan(was))
        return cls([*stored.ticks.tolist(), len(curve)], was, now, close)

    @property
    def first(self) -> tuple[int, int] | None:
        """The first row, and in it the first group, that does not hold; None if all do."""
        apart = np.argwhere(~self.close)
        return (int(apart[0, 0]), int(apart[0, 1])) if len(apart) else None


def _other_run(stored: Stored, curve: Curve) -> str | None:
    """Why a curve and its snapshot cannot be compared value by value, in words; None if they can."""
    before = run_words(stored.total, stored.interval, stored.every)
    after = run_words(len(curve), curve.run.interval, curve.run.every)
    if before != after:
        return f"the run has {after}; its snapshot has {before}"
    columns = column_titles(curve)
    same_groups = curve.uniform or all(
        title.endswith(f"/{group}") for title, group in zip(stored.groups, curve.groups, strict=False)
    )
    if len(columns) != len(stored.groups) or not same_groups:
        return f"the curve has the columns {', '.join(columns)}; its snapshot has {', '.join(stored.groups)}"
    return None


def _difference(stored: Stored, curve: Curve, tolerance: float) -> str | None:
    """How a curve differs from the stored one, in words; None if every stored value holds."""
    other_run = _other_run(stored, curve)
    if other_run is not None:
        return other_run
    compared = _Compared.of(stored, curve, tolerance)
    places, was, now, close = compared
    if compared.first is None:
        if len(stored.ticks) == len(curve) or (now != was).any():
            return None
        return (
            f"the curve differs from its snapshot between the {len(stored.ticks):,} stored of "
            f"{counted_ticks(curve.run)}: the stored values are equal, the checksum is not"
        )
    first, group = compared.first
    of = f" of group {curve.groups[group]!r}" if len(stored.groups) > 1 else ""
    here, there = float(now[first, group]), float(was[first, group])
    text = (
        f"the learning rate{of} differs from its snapshot first at {moment(curve.run, places[first])}: "
        f"{rate(here, there)} now, {rate(there, here)} stored; {int((~close).any(axis=1).sum()):,} of "
        f"{several(len(places), 'row')} differ"
    )
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratios = np.maximum(np.abs(now / was), np.abs(was / now))
    ratios[close] = 1.0
    at, column = np.unravel_index(int(np.nan_to_num(ratios, nan=np.inf).argmax()), ratios.shape)
    largest = float(ratios[at, column])
    if np.isfinite(largest):
        return f"{text}, at most by a factor of {largest:.6g} at {moment(curve.run, places[int(at)])}"
    return (
        f"{text}, most at {moment(curve.run, places[int(at)])}: {now[at, column]:.6g} now, {was[at, column]:.6g} stored"
    )


def _is_text_of(stored: Stored, schedule: Schedule) -> bool:
    return stored.text.strip() == text_of(schedule).strip()


def _what_changed(stored: Stored, schedule: Schedule, torch: str) -> str:
    same = _is_text_of(stored, schedule)
    if same and stored.torch != torch:
        return f"the schedule's text is the same: stored with torch {stored.torch}, run with {torch}"
    if same:
        return "the schedule's text is the same; does it depend on another file, or on your own code?"
    return "the schedule's text has changed since; if this is intended, `lrviz check --update` stores the new curve"
