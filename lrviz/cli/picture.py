"""What `plot` draws: a selection of schedules as one picture or page, as often as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lrviz.cli.sources import Selection, load_all, simulated_of
from lrviz.cli.streams import Notes
from lrviz.curve import Curve
from lrviz.errors import Problem, ScheduleError
from lrviz.render.shown import Expected, Shown
from lrviz.render.style import Look
from lrviz.schedule.model import Schedule


class Order(NamedTuple):
    """A picture that was asked for: of which schedules, how it looks, and of which kind it is (`png`, `html`)."""

    selection: Selection
    look: Look
    kind: str


class Sources(NamedTuple):
    """What is drawn, and the bytes of the files that it is read from, by their names."""

    shown: list[Shown]
    texts: dict[str, bytes]


def sources(order: Order, notes: Notes) -> Sources:
    """The schedules of an order, simulated and held against what they expect.

    Raises `ScheduleError` with every problem of every file, or of every schedule that torch refuses; for a page, where
    what it is made with is not installed.
    """
    if order.kind == "html":
        from lrviz.render.page import require

        require()
    loaded = load_all(order.selection, notes)
    if loaded.problems:
        raise ScheduleError(loaded.problems)
    shown: list[Shown] = []
    problems: list[Problem] = []
    outcomes = simulated_of(loaded.schedules, order.selection.engine, notes)
    for (name, schedule), (_, simulated) in zip(loaded.schedules, outcomes, strict=True):
        if simulated.refusal is not None:
            problems += simulated.refusal.problems
        elif simulated.curve is not None:
            shown.append(_shown(schedule, simulated.curve, name, everything=order.kind == "html"))
    if problems:
        raise ScheduleError(problems)
    return Sources(shown, loaded.texts)


def _shown(schedule: Schedule, curve: Curve, name: str, *, everything: bool) -> Shown:
    """A curve with what it is expected to do, and with `everything` that a check finds."""
    from dataclasses import replace

    expected = tuple(_expected(schedule, curve))
    findings = tuple(_findings(schedule, curve)) if everything else ()
    return Shown(replace(curve, name=name), schedule, expected, findings)


def _expected(schedule: Schedule, curve: Curve) -> Iterator[Expected]:
    from lrviz.checks.expect import outcomes
    from lrviz.checks.finding import Held

    for expectation, results in outcomes(schedule, curve, schedule.name):
        if not any(not isinstance(each, Held) and each.kind == "input" for each in results):
            yield Expected(expectation, all(isinstance(each, Held) for each in results))


def _findings(schedule: Schedule, curve: Curve) -> Iterator[Problem]:
    from lrviz.checks.examine import examine
    from lrviz.checks.finding import Finding
    from lrviz.engine.torch_source import torch_version

    for each in examine(schedule, curve, schedule.name, torch_version() or "unknown"):
        if isinstance(each, Finding):
            yield Problem(each.where, each.message, each.hint, each.severity, each.code)


def drawn(order: Order, made: Sources, notes: Notes, *, live: bool = False, error: str | None = None) -> bytes:
    """The picture or page of an order as the bytes of a file; the same files give the same bytes.

    A page that is `live` reloads itself when it is written anew. An `error` stands at the top of a page, which then is
    of what the files held before.
    """
    from lrviz.render.picture.figure import not_drawn

    shown, texts = made
    for words in not_drawn([each.curve for each in shown]):
        notes.say(f"lrviz: {words}")
    if order.kind == "html":
        from lrviz.render import page

        return page.render(shown, texts, order.look, live=live, error=error)
    from lrviz.render.picture import figure
    from lrviz.render.picture.letters import not_written

    if order.kind != "svg" and (words := not_written(shown, order.look)):
        notes.say(f"lrviz: {words}")
    return figure.render(shown, order.kind, order.look)
