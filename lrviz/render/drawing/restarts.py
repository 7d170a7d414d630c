"""The drawing of the ways to restart one schedule: a panel for each curve that follows, over the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lrviz.foreign import visible
from lrviz.render.drawing.panels import alike_rates
from lrviz.render.drawing.plan import Drawing, drawing_of
from lrviz.render.shown import Restarted, Shown
from lrviz.render.style import Look
from lrviz.run import Run
from lrviz.training.resume.results import Followed, Resumed
from lrviz.words import moment, short_rate


def drawing_of_restarts(found: Sequence[Resumed]) -> Drawing:
    """Small multiples of what follows in each way; ways with the same curve share a panel. Another file is left out
    where the full state follows its plan, which is what one expects.

    The axis is logarithmic also if the learning rates of the panels are so far apart that the plan would be flat.
    """
    found = [each for index, each in enumerate(found) if not index or not each.ways[0].follows]
    shown = [each for resumed in found for each in _shown(resumed)]
    curves = [each.curve for each in shown]
    log = None if alike_rates(curves) else True
    first = found[0]
    title = f"{visible(first.name)}, restarted at {moment(first.run, first.tick)}"
    title += f" from {visible(first.checkpoint)}" if first.checkpoint else ""
    drawing = drawing_of(shown, Look(y="lr", grid=True, log=log, title=title))
    return replace(drawing, remarks=(LINES, *_refused(found)))


LINES = (
    "The thin line is the plan, the dotted one the restart, grey what was before. "
    "Blue follows the plan, orange leaves it."
)


def _refused(found: Sequence[Resumed]) -> Iterator[str]:
    names = [_called(resumed, way) for resumed in found for way in resumed.ways if way.curve is None]
    if names:
        yield f"Refused: {'; '.join(names)}."


def _shown(resumed: Resumed) -> Iterator[Shown]:
    """A curve for each group of ways after which it is the same, named by them; rounding makes no other curve."""
    same: dict[object, list[Followed]] = {}
    for way in resumed.ways:
        if way.curve is not None:
            columns = (*way.curve.columns, *(way.curve.momentum_columns or ()))
            rest = tuple(each[resumed.tick :].tobytes() for each in columns)
            same.setdefault("follows" if way.follows else (way.refused_at, rest), []).append(way)
    for ways in same.values():
        first = ways[0]
        assert first.curve is not None
        names = tuple(_called(resumed, way) for way in ways)
        curve = replace(first.curve, name="; ".join(names), title=None)
        restarted = Restarted(resumed.plan, resumed.tick, not first.follows, _words(resumed.run, first), names)
        yield Shown(curve, restarted=restarted)


def _called(resumed: Resumed, way: Followed) -> str:
    return f"{resumed.into}: {way.name}" if resumed.into else way.name


def _words(run: Run, way: Followed) -> str:
    """How a way leaves the plan, in few words: `from epoch 30 on, up to 10 times it`."""
    left = way.departure
    if left is None:
        return "follows the plan" if way.refused_at is None else f"refused at {run.interval} {way.refused_at:,}"
    what = "momentum " if left.what == "momentum" else ""
    first, ratio = f"{left.first.tick:,}", left.largest.ratio
    up = f"up to {short_rate(ratio)} times it"
    times = up if abs(ratio) >= 1 else f"down to {short_rate(ratio)} of it" if ratio else "down to 0"
    if way.refused_at is not None:
        return f"{what}from {run.interval} {first}, {times}, refused at {way.refused_at:,}"
    if left.until is None:
        return f"{what}from {run.interval} {first} on, {times}"
    if left.until == left.first.tick + 1:
        return f"{what}only in {run.interval} {first}, {times}"
    return f"{what}in {run.interval}s {first} to {left.until - 1:,}, {times}"
