"""The numbers of a reviewed schedule, old beside new: rows that the texts of a review share."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from lrviz.calculator.difference import GroupDifference, Pair
from lrviz.calculator.stats import Stats
from lrviz.curve import Curve
from lrviz.render.tables.group_differences import words_of
from lrviz.review.causes import MISSING, Cause, shown_key
from lrviz.review.result import Reviewed
from lrviz.run import Run
from lrviz.words import BY_SIZE, counted

MOST_GROUPS = 3
"""The numbers of so many param groups are shown; the others are counted."""


class Row(NamedTuple):
    """A quantity before and now, and the second as a multiple of the first; a side that has none is empty."""

    name: str
    old: str
    new: str
    ratio: str = ""


class Block(NamedTuple):
    """The rows of one param group; without a name, of all."""

    group: str
    rows: list[Row]


def blocks_of(one: Reviewed) -> tuple[list[Block], str]:
    """The blocks of a schedule, that of the largest ratio first, and what there is to say of the other param groups."""
    sides = {place: (side.curve, side.stats) for place, side in (("old", one.old), ("new", one.new)) if side}
    found = {place: {each.group: each for each in stats} for place, (_, stats) in sides.items()}
    names = list(dict.fromkeys(name for stats in found.values() for name in stats))
    if None in names and len(names) > 1:
        names.remove(None)  # on one side all groups are alike, and stand for each of the other
    apart = {each.group: each for each in (one.difference.groups if one.difference is not None else ())}
    ordered = sorted(names, key=lambda name: -_ratio_of(apart.get(name)))
    differing = [name for name in ordered if not (name in apart and apart[name].same)] or ordered[:1]
    shown = differing[:MOST_GROUPS]
    blocks = []
    for name in shown:
        old, new = (_of_group(found.get(place, {}), name) for place in ("old", "new"))
        rows = [*_rows(old, new), *_apart(one, apart.get(name))]
        blocks.append(Block(name or "", rows))
    lengths = list(_lengths(*(sides[place][0] if place in sides else None for place in ("old", "new"))))
    if blocks:
        blocks[0] = Block(blocks[0].group, [*lengths, *blocks[0].rows])
    return blocks, _others(len(differing) - len(shown), len(names) - len(differing))


def _others(differing: int, same: int) -> str:
    """How many param groups are not shown."""
    several = ((differing, "differs", "differ"), (same, "is the same", "are the same"))
    return ", ".join(
        f"{counted(count, 'other param group')} {one if count == 1 else many}" for count, one, many in several if count
    )


def _ratio_of(group: GroupDifference | None) -> float:
    """How far a param group is apart, up or down; that of one side alone is farthest."""
    if group is None or group.largest is None:
        return math.inf if group is None else 1.0
    ratio = abs(group.largest.lr.ratio)
    return max(ratio, 1 / ratio) if ratio > 0 else math.inf


def _of_group(stats: dict[str | None, Stats], name: str | None) -> Stats | None:
    return stats.get(name) or stats.get(None)


def _lengths(old: Curve | None, new: Curve | None) -> Iterator[Row]:
    for unit in ("epochs", "steps"):
        values = [None if curve is None else getattr(curve.run, f"total_{unit}") for curve in (old, new)]
        if any(value is not None for value in values):
            texts = ["" if value is None else f"{value:,.10g}" for value in values]
            yield Row(unit, texts[0], texts[1], _ratio(values[0], values[1]))


def _rows(old: Stats | None, new: Stats | None) -> Iterator[Row]:
    sides = (old, new)
    yield _row("peak", *(None if each is None else each.peak for each in sides))
    yield Row("peak at", *("" if each is None else _tick(each.curve.run, each.peak_tick) for each in sides))
    yield Row("warmup", *("" if each is None else _time(each.warmup, each.unit) for each in sides))
    yield _row("end", *(None if each is None else each.end for each in sides))
    yield _row("mean", *(None if each is None else each.mean for each in sides))
    units = {each.unit for each in sides if each is not None}
    if len(units) == 1:
        yield _row(f"area, in {units.pop()}s", *(None if each is None else each.area for each in sides))
    else:
        yield Row("area", *("" if each is None else f"{BY_SIZE(each.area, 6)} in {each.unit}s" for each in sides))


def _apart(one: Reviewed, group: GroupDifference | None) -> Iterator[Row]:
    """Where the two part, and where their ratio is largest."""
    if one.difference is None or group is None or group.first is None or group.largest is None:
        return
    run = one.difference.clock.run
    yield Row(f"first apart, {_tick(run, group.first.tick)}", *words_of(group.first.lr))
    if group.largest.tick != group.first.tick:
        yield Row(f"most apart, {_tick(run, group.largest.tick)}", *words_of(group.largest.lr))


def _tick(run: Run, tick: int) -> str:
    """A tick in few letters: a table has no room for both clocks."""
    return f"{run.interval} {tick:,}"


def _row(name: str, old: float | None, new: float | None) -> Row:
    if old is not None and new is not None:
        return Row(name, *words_of(Pair(old, new)))
    return Row(name, *("" if value is None else BY_SIZE(value, 6) for value in (old, new)))


def _ratio(old: float | None, new: float | None) -> str:
    return "" if old is None or new is None else words_of(Pair(float(old), float(new)))[2]


def _time(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    return f"{value:,.6g} {unit}" + ("" if value == 1 else "s")


# --- causes ------------------------------------------------------------------------------------------------------


def cause_words(cause: Cause) -> tuple[str, str]:
    """A cause in words: what, and how it changed."""
    if cause.is_file:
        return cause.key, "is another file now" if cause.old and cause.new else "is gone" if cause.old else "is new"
    return shown_key(cause.key), f"{_value(cause.old)} -> {_value(cause.new)}"


LONGEST_VALUE = 60


def _value(value: Any) -> str:
    """A value of a file on one line, as YAML would have it; a long one is cut."""
    if value is MISSING:
        return "(none)"
    text = _flow(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)


# --- words -------------------------------------------------------------------------------------------------------


def verdict_words(one: Reviewed) -> str:
    """What became of a schedule, in a few words."""
    if one.verdict == "added":
        return "added" if one.new is None or one.new.curve is not None else "added, but torch refuses it"
    if one.verdict == "removed":
        return "removed"
    if one.verdict == "same" and one.untouched:
        return "same curve; no value changed"
    before, now = (None if side is None else side.curve for side in (one.old, one.new))
    if before is None or now is None:
        if before is now:
            return "torch refuses it, as before"
        return "torch refuses it now" if now is None else "torch runs it now, and refused it before"
    if one.verdict == "same":
        exact = one.difference is None or one.difference.identical
        return "same curve" if exact else "same curve, but for rounding"
    if one.difference is not None and one.difference.same:
        return "the momentum changed, the learning rate is the same"
    return "the curve changed"


def short_words(one: Reviewed) -> str:
    """What is most worth knowing of a changed curve: `peak 0.1 -> 0.2 (x 2)`, or where it parts."""
    if one.difference is None:
        return one.apart
    blocks, _ = blocks_of(one)
    changed = [(block.group, row) for block in blocks for row in block.rows if row.old != row.new]
    order = ("peak", "epochs", "steps", "end", "mean")
    changed.sort(key=lambda each: order.index(each[1].name) if each[1].name in order else len(order))
    if not changed:
        return ""
    group, row = changed[0]
    of = f" of {group}" if group and row.name not in ("epochs", "steps") else ""
    by = f" (x {row.ratio})" if row.ratio[:1].isdigit() else ""
    return f"{row.name}{of} {row.old} -> {row.new}{by}"


def common_part(one: Reviewed) -> str:
    """That two runs of different lengths are the same as long as both last."""
    pair = one.difference
    if pair is None or pair.lengths[0] == pair.lengths[1] or not all(group.same for group in pair.groups):
        return ""
    if pair.only_a or pair.only_b:
        return ""
    return f"the first {counted(min(pair.lengths), pair.clock.run.interval)} are the same"
