"""The ways to restart a training as a table, as CSV and as JSON, with the code of the right one.

Every writer takes the results of all schedules and a text stream.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import IO, Any

from lrviz.alike import alike
from lrviz.ansi import Terminal
from lrviz.foreign import escaped, json_text
from lrviz.render.tables.columns import TextColumn, continued, write_caption, write_columns
from lrviz.render.tables.numbers import csv_cell, json_number
from lrviz.run import Run
from lrviz.training.resume.departure import Apart
from lrviz.training.resume.resume import Followed, Resumed
from lrviz.words import counted, counted_ticks, digits_apart, moment, short_rate

# --- for programs -------------------------------------------------------------------------------------------------

FIELDS = (
    "schedule", "into", "way", "name", "follows", "identical", "refusal", "refused_epoch", "refused_step", "what",
    "group", "epoch", "step", "value", "plan", "ratio", "largest_group", "largest_epoch", "largest_step",
    "largest_value", "largest_plan", "largest_ratio", "apart", "until_epoch", "until_step",
)  # fmt: skip
"""The fields of the CSV and JSON output. `what` (lr or momentum) is apart first at `epoch` and `step`, and most at
`largest_epoch` and `largest_step`, for `apart` ticks, and the same again from `until_epoch` and `until_step` on (null:
not before the end)."""


def write_csv(found: Sequence[Resumed], stream: IO[str]) -> None:
    """A column for each of `FIELDS`; numbers read back to the same bits, a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in found:
        for way in each.ways:
            record = _record(each, way)
            writer.writerow([_csv(record[name]) for name in FIELDS])


def _csv(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else csv_cell(value)


def write_json(found: Sequence[Resumed], stream: IO[str]) -> None:
    """`{"version": 1, "resumes": [{"schedule", "into", "epoch", "step", "calls", "right", "saving", "loop", "ways"}]}`,
    a way with the keys of `FIELDS` and its `code`, a list of lines; NaN and infinities are text."""
    page = {
        "version": 1,
        "resumes": [
            {
                "schedule": each.name,
                "into": each.into or None,
                **_clock(each.run, each.tick),
                "calls": each.start,
                "right": each.right.way if each.right is not None else None,
                "saving": list(each.saving),
                "loop": list(each.loop),
                "ways": [
                    {name: _json(value) for name, value in _record(each, way).items() if name not in ("schedule", "into")}
                    | {"code": list(way.lines)}
                    for way in each.ways
                ],
            }
            for each in found
        ],
    }
    stream.write(json_text(page, indent=2, allow_nan=False) + "\n")


def _json(value: Any) -> Any:
    return json_number(value) if isinstance(value, float) else value


def _record(resumed: Resumed, way: Followed) -> dict[str, Any]:
    run, left = resumed.run, way.departure
    record: dict[str, Any] = {
        "schedule": resumed.name, "into": resumed.into or None, "way": way.way, "name": way.name,
        "follows": way.follows, "identical": way.identical, "refusal": way.refusal or None,
        **_clock(run, way.refused_at, "refused_"),
    }  # fmt: skip
    if left is None:
        return dict.fromkeys(FIELDS) | record
    return record | {
        "what": left.what,
        **_point(resumed, left.first, ""),
        **_point(resumed, left.largest, "largest_"),
        "apart": left.apart,
        **_clock(run, left.until, "until_"),
    }


def _point(resumed: Resumed, point: Apart, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}group": resumed.plan.groups[point.group],
        **_clock(resumed.run, point.tick, prefix),
        f"{prefix}value": point.value,
        f"{prefix}plan": point.plan,
        f"{prefix}ratio": point.ratio,
    }


def _clock(run: Run, tick: int | None, prefix: str = "") -> dict[str, int | float | None]:
    return {
        f"{prefix}epoch": None if tick is None or run.total_epochs is None else run.epoch(tick),
        f"{prefix}step": None if tick is None else run.step(tick),
    }


# --- for people ---------------------------------------------------------------------------------------------------

GAP = 2


def write_page(found: Sequence[Resumed], stream: IO[str], terminal: Terminal, *, code: bool) -> None:
    """For each schedule a table, what is refused, and the code of the right way, or with `code` that of all ways."""
    split = False
    for index, each in enumerate(found):
        stream.write("\n" if index else "")
        stream.write(f"{_title(each)}\n\n")
        split = write_columns(_columns(each), stream, terminal, gap=GAP, bold_line=True) or split
        notes = list(_notes(each))
        if notes:
            write_caption("\n".join(notes), stream, terminal)
        for way in each.ways if code else [each.right] if each.right is not None else []:
            stream.write(f"\n{way.name if code else f'right, {way.name}'}:\n")
            stream.writelines(f"    {line}\n" for line in _code(each, way))
    if split:
        write_caption(continued(len({each.name for each in found}) > 1), stream, terminal)


def _code(resumed: Resumed, way: Followed) -> Iterator[str]:
    yield from resumed.saving
    yield ""
    yield from way.lines
    yield from resumed.loop


def _title(resumed: Resumed) -> str:
    """What is restarted, where, and with what."""
    name, at = escaped(resumed.name), moment(resumed.run, resumed.tick)
    if resumed.into:
        return f"{name} with {escaped(resumed.into)}, restarted at {at} of {counted_ticks(resumed.run)}, beside its new plan"
    calls = counted(resumed.start, "call") + " of scheduler.step()"
    return f"{name}, restarted at {at} of {counted_ticks(resumed.run)}, after {calls}"


def _columns(resumed: Resumed) -> list[TextColumn]:
    """The columns for people; with the param group where groups differ, and momentum where it is what differs."""
    ways, run = resumed.ways, resumed.run
    lefts = [way.departure for way in ways]
    unit = run.interval
    columns = [
        TextColumn([way.name for way in ways], "way to restart", left=True),
        TextColumn([_leaves(way) for way in ways], f"leaves at\n{unit}"),
    ]
    if any(left is not None and left.what == "momentum" for left in lefts):
        columns.append(TextColumn([left.what if left else "" for left in lefts], "in", left=True))
    if any(curve.groups_differ for curve in [resumed.plan, *(way.curve for way in ways if way.curve is not None)]):
        names = [escaped(resumed.plan.groups[left.first.group]) if left else "" for left in lefts]
        columns.append(TextColumn(names, "group", left=True))
    pairs = [("", "") if left is None else _pair(left.first) for left in lefts]
    return [
        *columns,
        TextColumn([value for value, _ in pairs], "with"),
        TextColumn([plan for _, plan in pairs], "plan"),
        TextColumn(["" if left is None else _ratio(left.largest) for left in lefts], "largest\nratio"),
        TextColumn(["" if left is None else f"{left.largest.tick:,}" for left in lefts], f"at\n{unit}"),
        TextColumn([_until(way) for way in ways], "until"),
    ]


def _leaves(way: Followed) -> str:
    if way.departure is not None:
        return f"{way.departure.first.tick:,}"
    if way.refusal:
        return "refused" if way.refused_at is None else f"{way.refused_at:,}"
    return "never"


def _until(way: Followed) -> str:
    if way.refused_at is not None:
        return "refused"
    if way.departure is None:
        return ""
    return "the end" if way.departure.until is None else f"{way.departure.until:,}"


def _pair(point: Apart) -> tuple[str, str]:
    digits = digits_apart(point.value, point.plan, 3)
    return short_rate(point.value, digits), short_rate(point.plan, digits)


def _ratio(point: Apart) -> str:
    return short_rate(point.ratio, digits_apart(point.ratio, 1.0, 3))


def _notes(resumed: Resumed) -> Iterator[str]:
    """Sentences below a table: what is refused, and how a restart with another file goes on."""
    run, tick = resumed.run, resumed.tick
    for way in resumed.ways:
        if way.refusal:
            where = "" if way.refused_at is None else f" at the end of {moment(run, way.refused_at)}"
            yield escaped(f"{way.name}: {way.refusal}{where}")
    old = [way.name for way in resumed.ways if resumed.as_old(way)]
    if old:
        yield f"{', '.join(old)}: goes on as the old file says, because what was saved holds its arguments"
    if resumed.old is not None and resumed.right is not None:
        was, planned = (curve.lr_at(0, at) for curve, at in ((resumed.old, resumed.old_tick), (resumed.plan, tick)))
        if not alike(was, planned):
            digits = digits_apart(was, planned, 3)
            new, before = short_rate(planned, digits), short_rate(was, digits)
            yield f"the new plan has {new} at {moment(run, tick)}, where the old one has {before}"
