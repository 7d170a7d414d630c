"""The sentences below a drawing: why an axis is logarithmic, gaps, expectations, and the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from lrviz.curve import Curve
from lrviz.errors import Problem
from lrviz.foreign import visible
from lrviz.render.curves import Column, columns_of, without_clock
from lrviz.render.drawing.marks import MarkKind
from lrviz.render.drawing.panels import Panel
from lrviz.render.outline import drawable
from lrviz.render.shown import Expected, Shown
from lrviz.run import Interval
from lrviz.words import several, short_rate

LOG_BY_ITSELF = "logarithmic, because the learning rates span more than three decades"

MEANINGS = {"ring": "a value", "pale band": "a range", "dotted line": "a limit"}
"""What the marks of expectations that hold stand for."""

KINDS: dict[MarkKind, str] = {"value": "ring", "place": "ring", "span": "pale band", "level": "dotted line"}
"""The marks of expectations that hold, by their kind."""

MOST_FAILING = 4
"""At most this many failing expectations (or schedules) are named."""


# --- expectations ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """All expectations of a drawing, each with its curve: which hold, and which fail.

    `unchecked` is how many more the files have, which cannot be checked. `passes` if a check of the schedules does, and
    `findings` says in one line what else it finds, and with which command.
    """

    all: tuple[tuple[Curve, Expected], ...]
    unchecked: int = 0
    passes: bool = True
    findings: str = ""

    @property
    def all_hold(self) -> bool:
        """True if every expectation holds, and a check of the schedules passes."""
        return self.passes and not self.unchecked and not self.failing

    @property
    def held(self) -> list[Expected]:
        """The expectations that hold."""
        return [expected for _, expected in self.all if expected.holds]

    @property
    def failing(self) -> list[tuple[Curve, Expected]]:
        """The expectations that do not hold, each with its curve."""
        return [(curve, expected) for curve, expected in self.all if not expected.holds]

    @property
    def schedules_failing(self) -> list[str]:
        """The names of the schedules with a failing expectation, each once."""
        curves = {id(curve): curve.name for curve, _ in self.failing}
        return list(curves.values())


def verdict_of(shown: Sequence[Shown]) -> Verdict:
    """What the expectations of the curves in a drawing come to."""
    every = tuple((each.curve, expected) for each in shown for expected in each.expected)
    in_files = sum(len(each.schedule.expect) for each in shown if each.schedule is not None and each.findings)
    passes = not any(problem.severity == "error" for each in shown for problem in each.findings)
    return Verdict(every, max(0, in_files - len(every)), passes, findings_words(shown))


def findings_of(shown: Sequence[Shown]) -> dict[Problem, list[str]]:
    """Each distinct finding with the names of its schedules, which may share a line of the file."""
    found: dict[Problem, list[str]] = {}
    for each in shown:
        for problem in each.findings:
            names = found.setdefault(problem, [])
            if each.curve.name not in names:
                names.append(each.curve.name)
    return found


def findings_words(shown: Sequence[Shown], *, failing: bool = False) -> str:
    """`1 error, 2 warnings: lrviz check q.yaml`, or an empty text; failing expectations count only with `failing`."""
    drawn = {(each.where, f"expect.{each.expectation.key}") for one in shown for each in one.expected}
    problems = [each for each in findings_of(shown) if failing or (each.where, each.code) not in drawn]
    counts = [(sum(each.severity == severity for each in problems), severity) for severity in ("error", "warning")]
    counted = ", ".join(several(count, severity) for count, severity in counts if count)
    return f"{counted}: {visible(shown[0].command)}".removesuffix(": ") if counted else ""


FAILS = "✗ "
"""The mark of words about what fails."""


def panel_verdict(shown: Shown, *, expects: bool) -> str:
    """What a check finds of one schedule among several, with a mark if it fails: `✗ not as expected, 1 error`."""
    failing = expects and any(not each.holds for each in shown.expected)
    words = ", ".join(filter(None, ["not as expected" * failing, findings_words([replace(shown, command="")])]))
    return FAILS * (failing or any(each.severity == "error" for each in shown.findings)) * bool(words) + words


def sentence(words: str) -> str:
    """Words as a sentence, with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def legend_words(kinds: Iterable[MarkKind]) -> str:
    """What some kinds of marks stand for: `A ring is a value, a dotted line a limit.`; empty without any."""
    drawn = {KINDS[kind] for kind in kinds if kind in KINDS}
    words = [f"a {mark} {meaning}" for mark, meaning in MEANINGS.items() if mark in drawn]
    return sentence(", ".join([words[0].replace(" a ", " is a ", 1), *words[1:]])) if words else ""


def listed(words: Sequence[str], separator: str) -> str:
    """The first few of some words, with dots for the others."""
    return separator.join([*words[:MOST_FAILING], *(["..."] if len(words) > MOST_FAILING else [])])


# --- gaps ------------------------------------------------------------------------------------------------------


class Gap(NamedTuple):
    """The first tick at which a line has a gap because its value cannot be drawn."""

    column: Column
    tick: int
    value: float


def gaps_of(columns: Sequence[Column]) -> Iterator[Gap]:
    """The first gap of each line that has one."""
    for column in columns:
        (missing,) = np.nonzero(np.isnan(drawable(column)))
        if missing.size:
            tick = int(missing[0])
            yield Gap(column, tick, column.curve.columns[column.group][tick])


def not_drawn(curves: Sequence[Curve]) -> list[str]:
    """Sentences about the learning rates that cannot be drawn: the curve, and the first such tick."""
    return [
        f"{gap.column.title} is {short_rate(gap.value)} at {gap.column.curve.run.interval} {gap.tick}, "
        "which cannot be drawn"
        for gap in gaps_of(columns_of(curves))
    ]


# --- metrics ---------------------------------------------------------------------------------------------------


def metric_words(panels: Sequence[Panel], sign: str = "▾") -> list[str]:
    """Phrases about the panels of metrics: what their marks mean, and how much is drawn."""
    marked = any(panel.reductions for panel in panels)
    words = [f"{sign} the learning rate is reduced after this reading"] if marked else []
    return words + [each for panel in panels if panel.kind == "metric" for each in panel.words]


# --- sources and lengths ---------------------------------------------------------------------------------------


def source_of(shown: Sequence[Shown]) -> str:
    """The source that all schedules have in common; empty if they have none, or several."""
    sources = {each.curve.source for each in shown}
    source = sources.pop() if len(sources) == 1 else None
    return source or ""


def length_words(curve: Curve) -> str:
    """The length of a run in each unit that it knows: `90 epochs, 35,190 optimizer steps`."""
    parts = [
        several(count, unit).replace(str(count), f"{count:,}", 1)
        for count, unit in ((curve.run.total_epochs, "epoch"), (curve.run.total_steps, "optimizer step"))
        if count is not None
    ]
    return ", ".join(parts)


def short_length(curve: Curve) -> str:
    """The length of a run, short: `90 epochs`, `95.4k steps`."""
    steps = curve.run.total_steps if curve.run.interval == "step" or curve.run.total_epochs is None else None
    return _short(curve.run.total_epochs or 0, "epoch") if steps is None else _short(steps, "step")


def _short(number: float, unit: str) -> str:
    for size, divisor, letter in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if number >= size:
            return f"{number / divisor:.3g}{letter} {unit}s"
    return f"{number:,.6g} {unit}" if number == 1 else f"{number:,.6g} {unit}s"


def percent_by_itself(curves: Sequence[Curve], *, windowed: bool) -> str:
    """Why runs that all know their epochs, or their steps, are drawn over percent: the longest and the shortest, or
    parts of them that lie far apart."""
    clock: Interval = "step" if without_clock(curves, "epoch") else "epoch"
    if windowed:
        return f"percent of each run, because the shortest part could not be seen on one axis of {clock}s"
    lengths = [float(curve.run.total(clock) or 0) for curve in curves]
    longest, shortest = max(lengths), min(lengths)
    return (
        f"percent of each run, because the longest ({_short(longest, clock)}) is {short_rate(longest / shortest)} "
        f"times the shortest ({_short(shortest, clock)})"
    )
