"""Which rule yields to which: the table is in order, and each of its lines is needed by an example."""

from __future__ import annotations

from functools import cache
from graphlib import CycleError
from pathlib import Path

import pytest

from lrviz.checks.lint import oddities
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.yields import EVERY, ORDER, YIELDS, Yield, order, unexplained
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.catalogue import LINT

NEGATIVE = sorted((Path(__file__).parent / "negative").glob("*.yaml"))


@cache
def found_in(file: Path) -> list[dict[str, list[Oddity]]]:
    """What every rule by itself finds in each schedule of a file."""
    found = []
    for schedule in load_text(file.read_bytes(), file.name):
        try:
            curve = simulate(schedule)
        except ScheduleError:
            curve = None
        found.append(oddities(schedule, curve))
    return found


def test_the_table_names_rules_that_exist_and_each_line_once() -> None:
    for line in YIELDS:
        assert line.rule in LINT
        assert line.to in LINT or line.to == EVERY
        assert line.rule != line.to
        assert line.why
    assert [line[:3] for line in YIELDS] == sorted({line[:3] for line in YIELDS})


def test_every_rule_comes_after_those_that_it_yields_to() -> None:
    assert sorted(ORDER) == sorted(LINT)
    for line in YIELDS:
        earlier = set(LINT) - {line.rule} if line.to == EVERY else {line.to}
        assert earlier <= set(ORDER[: ORDER.index(line.rule)])
    with pytest.raises(CycleError):
        order([*YIELDS, Yield("wrong-unit", "lr-tiny", "schedule", "a cycle")])


@pytest.mark.parametrize("line", YIELDS, ids=lambda line: f"{line.rule}-{line.to}-{line.shared}")
def test_an_example_needs_the_line(line: Yield) -> None:
    examples = [file for file in NEGATIVE if file.stem.partition("--")[0] in (line.rule, line.to)]
    others = [other for other in YIELDS if other is not line]
    assert any(
        len(unexplained(found)[line.rule]) < len(unexplained(found, others)[line.rule])
        for file in examples
        for found in found_in(file)
    )


def test_a_note_explains_nothing_unless_the_line_says_so() -> None:
    where = Position("s.yaml")
    found: dict[str, list[Oddity]] = {code: [] for code in LINT}
    found |= {"lr-tiny": [Oddity(where, "tiny")], "wrong-unit": [Oddity(where, "short", severity="note")]}
    assert unexplained(found)["lr-tiny"]
    found["wrong-unit"] = [Oddity(where, "short", severity="warning")]
    assert not unexplained(found)["lr-tiny"]


def test_what_explains_an_error_is_an_error() -> None:
    where = Position("s.yaml")
    found: dict[str, list[Oddity]] = {code: [] for code in LINT}
    found |= {"lr-zero": [Oddity(where, "zero")], "wrong-unit": [Oddity(where, "short", severity="warning")]}
    left = unexplained(found)
    assert (left["lr-zero"], [each.severity for each in left["wrong-unit"]]) == ([], ["error"])
    found["lr-zero"] = [Oddity(where, "zero", severity="warning")]
    assert [each.severity for each in unexplained(found)["wrong-unit"]] == ["warning"]


def test_what_is_dropped_explains_nothing() -> None:
    where = Position("s.yaml")
    found: dict[str, list[Oddity]] = {code: [] for code in LINT}
    found |= {
        "lr-tiny": [Oddity(where, "tiny")],
        "unused-ignore": [Oddity(where, "unused", "", "note", code="lr-tiny")],
    }
    assert not unexplained(found)["unused-ignore"]
    found["wrong-unit"] = [Oddity(where, "short", severity="warning")]
    assert unexplained(found)["unused-ignore"]
