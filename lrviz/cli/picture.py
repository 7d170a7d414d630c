"""The drawing of `plot`: a selection of schedules as one picture or page, once or repeatedly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrviz.cli.failures import Failures, answers
from lrviz.cli.logged import RunOptions
from lrviz.cli.sources import Loaded, Selection, load_all, simulated_of
from lrviz.cli.streams import Notes
from lrviz.curve import Curve
from lrviz.errors import Problem
from lrviz.render.drawing.said import findings_words
from lrviz.render.shown import Expected, Logged, Shown
from lrviz.render.style import Look
from lrviz.schedule.expect import Expectations, Point

if TYPE_CHECKING:
    from lrviz.checks.finding import Finding, Held
    from lrviz.engine.side_by_side import Simulated
    from lrviz.log.logged import LoggedRun


class Order(NamedTuple):
    """A requested picture: its schedules, its look, its kind (`png`, `html`), and the runs to draw over the plan."""

    selection: Selection
    look: Look
    kind: str
    runs: RunOptions = RunOptions()


class Sources(NamedTuple):
    """The curves to draw, and the bytes of the files that they come from, by name."""

    shown: list[Shown]
    texts: dict[str, bytes]


def sources(order: Order, notes: Notes) -> Sources:
    """The schedules of an order, simulated and checked against their expectations.

    Raises `ScheduleError` with every problem of every file, or of every schedule that torch refuses, or if the
    packages for a page are not installed.
    """
    if order.kind == "html":
        from lrviz.render.page import require

        require()
    failures = Failures()
    loaded = load_all(order.selection, notes, failures)
    failures.raise_any()
    runs = order.runs.runs_of(loaded)
    simulated = simulated_of(loaded.schedules, order.selection.engine, notes)
    command = order.selection.command("check")
    shown = answers(simulated, failures, lambda each: _shown(each, runs, command, order.selection.ignore, notes.remark))
    failures.raise_any()
    if words := findings_words(shown, failing=True):
        notes.say(f"lrviz: {words}")
    return Sources(shown, {file: _readable(text, file, loaded) for file, text in loaded.texts.items()})


def _readable(text: bytes, file: str, loaded: Loaded) -> bytes:
    """The text of a file as a page may show it: of a larger file, only the lines of its schedules."""
    from lrviz.schedule.text.key import text_at

    keys = {schedule.key for _, schedule in loaded.schedules if schedule.file == file}
    return text if "" in keys or not keys else text_at(text, file, keys)


def _shown(
    simulated: Simulated,
    runs: Sequence[LoggedRun],
    command: str,
    ignore: Collection[str],
    tell: Callable[[Problem], None],
) -> Shown:
    """A curve with its expectations, what runs logged, and the findings of a check, which `command` lists, but for the
    codes to `ignore`. `tell` is told how logs were read."""
    from lrviz.checked import results_of
    from lrviz.checks.finding import Finding

    curve = simulated.named
    results = results_of(simulated, ignore)
    logged = tuple(Logged(run.name, *run.records(simulated.schedule, curve, tell)) for run in runs)
    expected = [*_expected(simulated.schedule.expect, curve), *_snapshot(simulated, results)]
    findings = tuple(each.problem for each in results if isinstance(each, Finding))
    in_order = tuple(sorted(expected, key=lambda each: each.where))
    return Shown(curve, simulated.schedule, in_order, findings, logged, command)


def _expected(expect: Expectations, curve: Curve) -> Iterator[Expected]:
    from lrviz.checks.expect import outcomes
    from lrviz.checks.finding import Held

    for expectation, results in outcomes(expect, curve, curve.name):
        if not any(not isinstance(each, Held) and each.kind == "input" for each in results):
            yield Expected(expectation, all(isinstance(each, Held) for each in results))


def _snapshot(simulated: Simulated, results: Sequence[Finding | Held]) -> Iterator[Expected]:
    """The snapshot as an expectation, unless it cannot be compared, with the place where the curve leaves it."""
    from lrviz.checks.finding import Held
    from lrviz.checks.snapshot import CODE, left_at

    snapshot, curve = simulated.schedule.expect.snapshot, simulated.curve
    own = [each for each in results if each.code == CODE]
    if snapshot is None or curve is None or not own:
        return
    if isinstance(own[0], Held):
        yield Expected(snapshot, True)
    elif own[0].kind == "expectation":
        left = left_at(simulated.schedule, curve)
        if left is None:
            yield Expected(snapshot, False)
            return
        tick, group, stored = left
        yield Expected(snapshot, False, Point(tick, stored, "leaves its snapshot:", curve.lr_at(group, tick)), group)


def drawn(order: Order, made: Sources, notes: Notes, *, live: bool = False, error: str | None = None) -> bytes:
    """The picture or page of an order as the bytes of a file; the same files give the same bytes.

    A `live` page reloads itself when it is rewritten. An `error` is shown at the top of a page, which otherwise still
    shows the previous contents of the files.
    """
    from lrviz.render.drawing.said import not_drawn

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
