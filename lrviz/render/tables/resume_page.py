"""The ways to restart a training as a page for people: a table, what is refused, and the code of the right way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO

from lrviz.alike import alike
from lrviz.ansi import GREEN, RED, Terminal, paint
from lrviz.foreign import escaped
from lrviz.render.tables.columns import TextColumn, continued, write_caption, write_columns
from lrviz.training.resume.departure import Apart
from lrviz.training.resume.results import Followed, Resumed
from lrviz.words import counted, digits_apart, moment, short_rate

GAP = 2


def write_page(found: Sequence[Resumed], stream: IO[str], terminal: Terminal, *, code: bool, whole: bool) -> None:
    """For each schedule a table, what is refused, and the code of the right way, or with `code` that of every way.

    Not `whole`, another file is only told of where the full state does not follow its plan.
    """
    split = False
    right: tuple[str, ...] = ()
    for index, each in enumerate(found):
        stream.write("\n" if index else "")
        if each.into and not whole and each.ways[0].follows:
            named = f"{escaped(each.name)} with {escaped(each.into)}"
            stream.write(f"{named}: the {each.ways[0].name} follows the plan of that run\n")
            continue
        stream.write(f"{_title(each)}\n\n")
        split = (
            write_columns(_fitted(_columns(each, terminal), terminal), stream, terminal, gap=GAP, bold_line=True)
            or split
        )
        write_caption("\n".join(_notes(each)), stream, terminal)
        if code:
            _write_code("saved by", each.saving, stream)
            for way in each.ways:
                _write_code(way.name, way.lines, stream)
            _write_code("and then", each.loop, stream)
        elif each.right is None:
            stream.write("\nno way follows the plan\n")
        elif each.into and each.right.lines == right:
            stream.write(f"\nright: {each.right.name}, as above\n")
        else:
            right = each.right.lines
            lines = (*each.saving, "", *right, *each.loop)
            _write_code(f"right: {each.right.name}", lines, stream)
    if split:
        write_caption(continued(len({each.name for each in found}) > 1), stream, terminal)


def _write_code(title: str, lines: Sequence[str], stream: IO[str]) -> None:
    stream.write(f"\n{title}\n\n")
    stream.writelines(f"    {escaped(line)}".rstrip() + "\n" for line in lines)


def _title(resumed: Resumed) -> str:
    """What is restarted, where, and with what."""
    run = resumed.run
    at = f"restarted at {moment(run, resumed.tick)} of {counted(run.ticks, run.interval)}"
    at = f"{at} from {escaped(resumed.checkpoint)}" if resumed.checkpoint else at
    if resumed.into:
        return f"{escaped(resumed.name)} with {escaped(resumed.into)}, {at}, beside the plan of that run"
    if resumed.schedule.scheduler is None:
        return f"{escaped(resumed.name)}, {at}"
    return f"{escaped(resumed.name)}, {at}, after {counted(resumed.start, 'call')} of scheduler.step()"


def _columns(resumed: Resumed, terminal: Terminal) -> list[TextColumn]:
    """The columns for people; with the param group where groups differ, and momentum where it is what differs."""
    ways, unit = resumed.ways, resumed.run.interval
    lefts = [way.departure for way in ways]
    columns = [
        TextColumn([way.name for way in ways], "way to restart", left=True),
        TextColumn(
            [_leaves(way) for way in ways],
            f"leaves\nat {unit}",
            paint=lambda row, line: paint(line, GREEN if ways[row].follows else RED, terminal.color),
        ),
    ]
    moves = any(left is not None and left.what == "momentum" for left in lefts)
    if moves:
        columns.append(TextColumn([left.what if left else "" for left in lefts], "in", left=True))
    if any(curve.groups_differ for curve in [resumed.plan, *(way.curve for way in ways if way.curve is not None)]):
        names = [escaped(resumed.plan.groups[left.first.group]) if left else "" for left in lefts]
        columns.append(TextColumn(names, "group", left=True))
    pairs = [("", "") if left is None else _pair(left.first) for left in lefts]
    return [
        *columns,
        TextColumn([value for value, _ in pairs], "value" if moves else "lr"),
        TextColumn([plan for _, plan in pairs], "plan"),
        TextColumn(["" if left is None else _ratio(left.largest) for left in lefts], "worst\nratio"),
        TextColumn(["" if left is None else f"{left.largest.tick:,}" for left in lefts], f"at\n{unit}"),
        TextColumn([_until(way) for way in ways], "until"),
    ]


def _fitted(columns: list[TextColumn], terminal: Terminal) -> list[TextColumn]:
    """The columns with their names folded, if they are wider than the terminal."""
    widths = [max(each.width, *map(len, each.title.split("\n"))) + GAP for each in columns]
    if terminal.width is None or sum(widths) - GAP <= terminal.width:
        return columns
    return [replace(columns[0], cells=[name.replace(", ", ",\n") for name in columns[0].cells]), *columns[1:]]


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
    return "end" if way.departure.until is None else f"{way.departure.until:,}"


def _pair(point: Apart) -> tuple[str, str]:
    digits = digits_apart(point.value, point.plan, 3)
    return short_rate(point.value, digits), short_rate(point.plan, digits)


def _ratio(point: Apart) -> str:
    return short_rate(point.ratio, digits_apart(point.ratio, 1.0, 3))


LATE = "a late scheduler is made after the optimizer's state was loaded"
STATE = "without the optimizer's state its own buffers are lost too, which no learning rate shows"


MOST_NAMED = 3
"""At most this many ways that are refused for the same reason are named."""

EACH = "last_epoch="
"""What several ways have in common that a scheduler refuses."""


def _notes(resumed: Resumed) -> Iterator[str]:
    """Sentences below a table: what is refused, how a restart with another file goes on, and what words mean."""
    run, tick = resumed.run, resumed.tick
    refused: dict[tuple[str, int | None], list[str]] = {}
    for way in resumed.ways:
        if way.refusal:
            refused.setdefault((way.refusal, way.refused_at), []).append(way.name)
    for (refusal, at), names in refused.items():
        called = "; ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} ways"
        if len(names) > 1 and all(EACH in name for name in names):
            called = f"{EACH}N"
        yield escaped(f"{called}: {refusal}") + ("" if at is None else f" (after {moment(run, at)})")
    old = [way.name for way in resumed.ways if resumed.as_old(way)]
    if old:
        yield f"{'; '.join(old)}: goes on as the old file says, because what was saved wins over the arguments"
    if resumed.checkpoint and not resumed.into and not resumed.ways[0].follows:
        yield "what the checkpoint has that is not the file's: lrviz check --checkpoint"
    if resumed.old is not None:
        was, planned = (curve.lr_at(0, at) for curve, at in ((resumed.old, resumed.old_tick), (resumed.plan, tick)))
        if not alike(was, planned):
            digits = digits_apart(was, planned, 3)
            new, before = short_rate(planned, digits), short_rate(was, digits)
            group = f" in group {escaped(resumed.plan.groups[0])}" if resumed.plan.groups_differ else ""
            yield f"the plan of that run has {new} at {moment(run, tick)}{group}, where the old one has {before}"
        return
    if resumed.schedule.scheduler is not None:
        yield f"{LATE}; the counter set is scheduler.last_epoch = {resumed.start - 1}"
    yield STATE
