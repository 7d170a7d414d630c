"""One cause, one finding: which rule yields to which other, and why.

A rule looks only at the schedule, not at other rules. If its finding follows from the finding of another rule, a line
of this table drops it. A finding that is dropped explains nothing; one that explains an error is an error itself, so
that no check passes because a cause was found. To make a new rule yield, add a line here.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Final, Literal, NamedTuple, TypeAlias

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.errors import Severity
from lrviz.schedule.catalogue import LINT

Shared: TypeAlias = Literal["argument", "scheduler", "schedule", "code"]

EVERY: Final = "*"
"""All other rules, and the remarks made while the file was read."""

SEVERITIES: Final[tuple[Severity, ...]] = ("note", "warning", "error")


class Yield(NamedTuple):
    """A finding of `rule` is dropped if `to` found something that explains it.

    The two must be about the same "argument" of a scheduler, or the same "scheduler". A finding about the "schedule" as
    a whole is dropped for anything that `to` found, one about a "code" for a finding of that code. The explaining
    finding must have at `least` this severity; a note explains nothing unless the line says so.
    """

    rule: str
    to: str
    shared: Shared
    why: str
    least: Severity = "warning"


YIELDS: Final = (
    Yield("cosine-climbs", "cosine-in-chained", "argument", "it says what the climb does to the others"),
    Yield("cosine-climbs", "wrong-unit", "argument", "a T_max in the wrong unit is over too soon"),
    Yield("cosine-in-chained", "wrong-unit", "argument", "a T_max in the wrong unit is over too soon"),
    Yield("cut-short", "wrong-unit", "argument", "a length in the wrong unit is too long"),
    Yield(
        "default-length", "absolute-in-chained", "scheduler", "the length of an overwritten scheduler does not matter"
    ),
    Yield("default-length", "plateau-mode", "scheduler", "with the wrong mode any patience runs out"),
    Yield("lr-not-finite", "gamma-above-one", "schedule", "the gamma makes it grow without bound"),
    Yield("lr-tiny", "default-length", "argument", "a patience of 10 steps runs out again and again"),
    Yield("lr-tiny", "gamma-above-one", "schedule", "it is tiny only beside the peak it grew to"),
    Yield("lr-tiny", "multiplicative-compounds", "schedule", "factors that compound end near 0"),
    Yield("lr-tiny", "plateau-mode", "scheduler", "with the wrong mode a plateau keeps cutting"),
    Yield("lr-tiny", "wrong-unit", "schedule", "a decay meant for epochs is over after a few steps"),
    Yield("lr-zero", "default-length", "schedule", "a decay over the default 5 calls is at 0 for the rest", "error"),
    Yield("lr-zero", "wrong-unit", "schedule", "a decay meant for epochs is at 0 after a few steps"),
    Yield(
        "milestone-beyond", "milestone-order", "argument", "one reason why a scheduler never runs is enough", "error"
    ),
    Yield("milestone-beyond", "wrong-unit", "argument", "a milestone in the wrong unit comes too late"),
    Yield("momentum-ignored", "rewrites-optimizer", "scheduler", "it says how the optimizer changes"),
    Yield("never-fires", "absolute-in-chained", "schedule", "the change of the learning rate is overwritten"),
    Yield("never-fires", "cut-short", "schedule", "a length far beyond the run leaves the learning rate as it is"),
    Yield("never-fires", "default-length", "schedule", "the length must be chosen first"),
    Yield("never-fires", "lambda-is-lr", "schedule", "a constant lr_lambda is meant as a learning rate"),
    Yield("never-fires", "plateau-negative", "argument", "a negative metric seems to improve at every call"),
    Yield("never-fires", "restart-cut", "schedule", "a cycle far beyond the run leaves the learning rate as it is"),
    Yield("never-fires", "warmup-too-long", "schedule", "the run ends before a ConstantLR does"),
    Yield("never-fires", "wrong-unit", "argument", "a step in the wrong unit comes after the run"),
    Yield("never-fires", "wrong-unit", "schedule", "the unit must be fixed first"),
    Yield("one-cycle-end", "wrong-unit", "argument", "a cycle in the wrong unit is over too soon"),
    Yield("one-cycle-shape", "wrong-unit", "scheduler", "a cycle in the right unit has room for its phases"),
    Yield("restart-cut", "wrong-unit", "argument", "a cycle in the right unit may end with the run"),
    Yield("sequential-jump", "milestone-order", "argument", "out of order, the wrong scheduler takes over", "error"),
    Yield("unused-ignore", EVERY, "code", "a code that was found is in use", "note"),
    Yield("warmup-too-long", "wrong-unit", "argument", "a warmup in the wrong unit is too long"),
    Yield("warmup-too-short", "wrong-unit", "argument", "a warmup in the wrong unit is over at once"),
)


def order(table: Iterable[Yield]) -> list[str]:
    """The codes of all rules, each after those it yields to. Raises `graphlib.CycleError` if they yield in a circle."""
    before: dict[str, set[str]] = {code: set() for code in LINT}
    for line in table:
        before[line.rule] |= {*LINT} - {line.rule} if line.to == EVERY else {line.to}
    return list(TopologicalSorter(before).static_order())


ORDER: Final = order(YIELDS)


def unexplained(
    found: Mapping[str, Iterable[Oddity]], table: Sequence[Yield] = YIELDS, accepted: Collection[str] = ()
) -> dict[str, list[Oddity]]:
    """The findings that no other finding explains, by code.

    `found` holds the findings of every rule, and the remarks made while the file was read. What is `accepted` and not
    shown explains no error, which would be lost with it.
    """
    left = {code: list(oddities) for code, oddities in found.items() if code not in ORDER}
    for code in ORDER:
        left[code] = list(found[code])
        for line in table:
            if line.rule == code and left[code]:
                explained = set(_explained(line, left))
                lost = line.to in accepted
                dropped = [
                    each
                    for each in left[code]
                    if not explained.isdisjoint(_about(line.shared, each)) and not (lost and each.severity == "error")
                ]
                left[code] = [each for each in left[code] if each not in dropped]
                _make_errors(line, left, [each for each in dropped if each.severity == "error"])
    return left


def _make_errors(line: Yield, left: dict[str, list[Oddity]], errors: Sequence[Oddity]) -> None:
    """The findings that explain errors become errors."""
    if not errors or line.shared == "code":
        return
    about = {thing for each in errors for thing in _about(line.shared, each)}
    left[line.to] = [
        each._replace(severity="error")
        if _can_explain(line, each) and not about.isdisjoint(_explains(line.shared, each))
        else each
        for each in left[line.to]
    ]


def _explained(line: Yield, left: Mapping[str, Iterable[Oddity]]) -> Iterator[Hashable]:
    """Everything that is explained by the findings to which a line yields."""
    for code in left.keys() - {line.rule} if line.to == EVERY else {line.to}:
        for oddity in left[code]:
            if _can_explain(line, oddity):
                yield from [code] if line.shared == "code" else _explains(line.shared, oddity)


def _can_explain(line: Yield, oddity: Oddity) -> bool:
    return SEVERITIES.index(oddity.severity) >= SEVERITIES.index(line.least)


def _explains(shared: Shared, oddity: Oddity) -> Iterator[Hashable]:
    """Everything of a kind that a finding explains."""
    yield from ["schedule"] if shared == "schedule" else _about(shared, oddity)


def _about(shared: Shared, oddity: Oddity) -> Iterator[Hashable]:
    """Everything that a finding can share with one that explains it."""
    match shared:
        case "argument" if oddity.argument:
            yield from ((id(scheduler), oddity.argument) for scheduler in oddity.schedulers)
        case "scheduler":
            yield from map(id, oddity.schedulers)
        case "schedule" if oddity.whole or not oddity.schedulers:
            yield "schedule"
        case "code":
            yield oddity.code
