"""A list of schedulers -> phases: where each begins, how long it is, and which learning rate it begins from."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from lrviz.duration import Duration, nearest, shown
from lrviz.errors import Problems
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.schedule.model import Phases, PhaseSpec, Scheduler
from lrviz.schedule.reading.arguments import check_rounding, exact_calls, note_rounding, read_duration
from lrviz.schedule.reading.context import Context
from lrviz.schedule.reading.one_scheduler import is_none, read_one
from lrviz.schedule.reading.run import whole_interval
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.schedule.text.values import WrongValueError
from lrviz.words import show

OWN_KEYS = ("for", "from", "interval", "name")


class _Span(NamedTuple):
    """Where a phase begins and ends, in ticks of the run; `planned` is where it would end if the command line had not
    changed the length, and `exact` where it begins before rounding."""

    start: int
    end: int
    planned: int
    exact: Fraction


class _Draft(NamedTuple):
    """One member of the list before its place in the run is known; `length` is None if it takes the rest of the run."""

    node: Node
    every: int
    length: Fraction | None


def read_phases(node: Node, context: Context, problems: Problems) -> Phases | None:
    """The phases of a schedule, or None where something about them is wrong.

    They must fill the run. If they do not only because the command line changed its length, the last phases are cut
    or the last one continues, and a note says so.
    """
    known = len(problems)
    if not node.value:
        problems.at(node, "a list of phases needs at least one scheduler")
        return None
    drafts = [draft for draft in (_draft(member, context, problems) for member in node.value) if draft is not None]
    spans = _spans(drafts, node, context, problems) if len(problems) == known else None
    phases = []
    for index, draft in enumerate(drafts):
        span = spans[index] if spans else None
        start, end, planned = span[:3] if span else (0, None, None)
        if end is not None and end <= start:
            if context.run is not None and not context.run.overridden:
                problems.at(draft.node, "no call is left for this phase, since lengths are rounded", "make it longer")
            continue  # beyond a run that the command line made shorter
        if span is not None:
            _note_rounding(draft, span, context)
        phases.append(_phase(draft, start, end, planned, context, problems))
    if len(problems) > known or spans is None:
        return None
    return Phases(tuple(phases), node.where)


def _draft(member: Node, context: Context, problems: Problems) -> _Draft | None:
    if not member.is_mapping:
        problems.at(
            member,
            f"a phase must be a mapping (got {show(member.value)})",
            "{type: LinearLR, start_factor: 0.1, for: 5 epochs}",
        )
        return None
    every = _every(member, context, problems)
    length = member.get("for")
    if length is None:
        return _Draft(member, every, None)
    exact = _length(length, context._replace(every=every), problems)
    if exact is not None:
        exact *= every
        in_calls = exact / context.every
        if not length.origin or not nearest(in_calls):
            check_rounding(length, in_calls, nearest(in_calls), "for", context.remarks, problems)
    return _Draft(member, every, exact or Fraction(0))


def _note_rounding(draft: _Draft, span: _Span, context: Context) -> None:
    """Says that a length that was stretched is rounded: to what is left of it between edges that are rounded."""
    length = draft.node.get("for")
    if length is None or not length.origin or draft.length is None:
        return
    edges = [Fraction(each, context.every) for each in (span.exact, span.exact + draft.length)]
    rounded = [each // context.every for each in (span.start, span.end)]
    exact, calls = edges[1] - edges[0], rounded[1] - rounded[0]
    how = ""
    if calls != nearest(exact) and span.end == span.planned:
        first, last = map(shown, edges)
        how = f"its ends, at calls {first} and {last}, are rounded to {rounded[0]:,} and {rounded[1]:,}"
    note_rounding(length, exact, calls, "for", context.remarks, how=how)


def _every(member: Node, context: Context, problems: Problems) -> int:
    """Ticks of the run to one call of the phase's scheduler."""
    interval = member.get("interval")
    if interval is None or context.run is None:
        return context.every
    try:
        read = values.interval(interval.value)
    except WrongValueError as error:
        problems.at(interval, f"interval must be {error.wanted}", error.hint)
        return 1
    if isinstance(read, Duration):
        exact = exact_calls(interval, read, "interval", context._replace(every=1), problems)
        return whole_interval(interval, exact, context.run.interval, problems) if exact is not None else 1
    if interval.value == "step" and context.interval == "epoch":
        problems.at(
            interval,
            "a phase cannot be stepped per step in a run that is stepped per epoch",
            "write `interval: step` beside `scheduler`, for the run",
        )
    elif interval.value == "epoch" and context.interval == "step":
        if context.run.steps_per_epoch is not None:
            return context.run.steps_per_epoch
        problems.at(
            interval,
            "a phase that is stepped per epoch needs to know how many steps an epoch has",
            "give the run `steps_per_epoch` or `data`",
        )
    return 1


def _length(node: Node, context: Context, problems: Problems) -> Fraction | None:
    duration = read_duration(node, "for", problems)
    if duration is None:
        try:
            count = values.calls(node.value)
        except WrongValueError as error:
            problems.at(node, f"for must be {error.wanted}", error.hint)
            return None
        exact: Fraction | None = Fraction(count)
    else:
        exact = exact_calls(node, duration, "for", context, problems)
    if exact is not None and exact <= 0:
        problems.at(node, f"a phase must last at least one call (got {show(node.value)})", "leave the phase out")
        return None
    return exact


def _of_the_other_unit(context: Context, given: Fraction) -> str:
    """What to write where lengths that do not fill the run are exactly the run in the other unit; else nothing."""
    assert context.run is not None
    if context.interval == "epoch" and given == context.run.total_steps:
        return "that is the run in steps: write `interval: step`, or `for: 500 steps`"
    if context.interval == "step" and given == context.run.total_epochs:
        return "that is the run in epochs: write `for: 5 epochs`"
    return ""


def _spans(drafts: list[_Draft], node: Node, context: Context, problems: Problems) -> list[_Span] | None:
    """The place of each phase. Rounding counts from the start of the run, so that errors do not add up."""
    if context.run is None:
        return None
    total = context.run.ticks
    open_ended = [draft for draft in drafts if draft.length is None]
    if len(open_ended) > 1:
        problems.at(open_ended[1].node, "only one phase may leave out `for` and take the rest of the run")
        return None
    given = sum((draft.length for draft in drafts if draft.length is not None), Fraction(0))
    rest = max(total - given, Fraction(0))
    edges, exact, at = [0], [], Fraction(0)
    for draft in drafts:
        exact.append(at)
        at += rest if draft.length is None else draft.length
        edges.append(total if at == total else nearest(at / context.every) * context.every)
    whole = edges[-1] == total and (not open_ended or rest > 0)
    if not whole and not context.run.overridden:
        unit = "epochs" if context.interval == "epoch" else "steps"
        problems.at(
            node,
            f"the phases are {shown(given)} {unit} long, but the run is {total:,}",
            "nothing is left for the phase without `for`; make the others shorter"
            if open_ended
            else _of_the_other_unit(context, given)
            or "leave out `for` in one phase, which then takes the rest of the run",
        )
        return None
    if not whole:
        context.remarks.at(
            node,
            "the phases are cut at the length from the command line"
            if edges[-1] >= total
            else "the last phase continues to the length from the command line",
            severity="note",
            code="other-length",
        )
    cut = [min(edge, total) for edge in edges[:-1]] + [total]
    return [
        _Span(start, end, planned, begins)
        for (start, end), planned, begins in zip(pairwise(cut), edges[1:], exact, strict=True)
    ]


def _phase(
    draft: _Draft, start: int, end: int | None, planned: int | None, context: Context, problems: Problems
) -> PhaseSpec:
    calls = None if end is None else end - start
    own = context._replace(
        phase=True,
        calls=None if planned is None else max(1, planned // draft.every - start // draft.every),
        start=start // draft.every,
        every=draft.every,
    )
    named = Node({key: item for key, item in draft.node.value.items() if key not in OWN_KEYS}, draft.node.where)
    scheduler: Scheduler | None = None
    if named.value.get("type") is not None and named.value["type"].value.value == "none" and not is_none(named):
        for name in (key for key in named.value if key != "type"):
            where = named.value[name].key.where
            problems.at(where, f"none has no argument {name!r}", did_you_mean(str(name), OWN_KEYS))
    elif not is_none(named):
        scheduler = read_one(named, own, problems)
    base = _base(draft.node, scheduler, context, problems)
    length = draft.node.get("for")
    written = _written(length) if length is not None else None
    name = _name(draft.node, problems)
    return PhaseSpec(scheduler, start, calls or 1, draft.node.where, base, draft.every, written, name)


def _written(length: Node) -> str:
    """A length as the file has it; one that was stretched to a fraction, as it follows from the file."""
    return length.origin if length.origin and "/" in str(length.value) else str(length.value)


def _name(node: Node, problems: Problems) -> str | None:
    """What pictures and tables call the phase; None if the file does not say."""
    name = node.get("name")
    if name is None:
        return None
    if not isinstance(name.value, str) or not values.is_readable_name(name.value):
        problems.at(name, f"the name of a phase must be text (got {show(name.value)})", "name: warmup")
        return None
    return name.value


def _base(node: Node, scheduler: Scheduler | None, context: Context, problems: Problems) -> Any:
    """The value that a phase begins from; if numbers are given, one learning rate for each group."""
    given = node.get("from")
    if given is None:
        return "reached"
    if scheduler is not None and scheduler.type in BRING_THEIR_OWN:
        problems.at(
            given,
            f"{scheduler.type} sets its own learning rates; `from` has no meaning here",
            f"see {'max_lr' if scheduler.type == 'OneCycleLR' else 'base_lr and max_lr'}",
        )
        return "reached"
    if given.value == "base":
        return "base"
    groups = context.groups or ()
    if not given.is_mapping:
        return (_rate(given, problems),) * max(1, len(groups))
    for key, _ in given.items():
        if key.value not in groups:
            problems.at(key, f"there is no param group {show(key.value)}", did_you_mean(str(key.value), groups))
    members = [given.get(name) for name in groups]
    if any(member is None for member in members):
        missing = ", ".join(name for name, member in zip(groups, members, strict=True) if member is None)
        problems.at(given, f"`from` has no entry for the param groups {missing}")
    return tuple(_rate(member, problems) for member in members if member is not None)


def _rate(node: Node, problems: Problems) -> float:
    try:
        rate = values.number(node.value)
    except WrongValueError as error:
        problems.at(node, f"from must be base, or {error.wanted}", "from: base, or from: 1e-4")
        return 0.0
    if rate < 0:
        problems.at(node, f"from must be at least 0 (got {show(node.value)})")
    return rate
