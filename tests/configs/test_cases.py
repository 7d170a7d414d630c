"""Configs of other programs, as people write them: each gives the curve that its program's own code made of it.

The folders of `cases/` hold: `NAME.yaml` (or another suffix, or a folder), `NAME.facts.yaml` with what the
config does not say, and `NAME.csv`, thinned, with the learning rates that the program's own code made of both. A case
without a CSV has an error as its right outcome. `expect` in the facts says so, or names a warning. lrviz made none.
"""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import yaml

from lrviz.configs.facts import Given
from lrviz.configs.words import as_node
from lrviz.configs.written import schedule_text
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import Node, node_of

HERE = Path(__file__).parent / "cases"
TOLERANCE = 1e-9

NOT_NEEDED = {"entry", "overrides", "expect", "dialect"}
"""Keys of a facts file at its top that are no facts."""


class Case(NamedTuple):
    """A config with the facts that it needs; `expect` is what is to be said of it."""

    file: Path
    facts: dict[str, Any]
    overrides: tuple[str, ...]
    expect: str
    reference: Path | None

    def __hash__(self) -> int:
        return hash((self.file, self.reference))

    def given(self, without: str = "") -> Given:
        data = {name: _node(value, name) for name, value in self.facts.items() if name != without}
        return Given(data, overrides=self.overrides)

    def load(self, without: str = "") -> Schedule:
        (schedule,) = load_file(self.file, given=self.given(without))
        return schedule


def _node(value: Any, name: str) -> Node:
    return node_of(value, Position(f"--data {name}"))


def _cases() -> Iterator[Case]:
    for facts_file in sorted(HERE.glob("*/*.facts.yaml")):
        facts: dict[str, Any] = yaml.load(facts_file.read_text(encoding="utf-8"), yaml.BaseLoader) or {}
        name = facts_file.name.removesuffix(".facts.yaml")
        reference = facts_file.with_name(f"{name}.csv")
        given = facts.get("given", {} if "derived" in facts or "dialect" in facts else facts)
        given = {key: value for key, value in given.items() if key not in NOT_NEEDED and value not in ("null", "", "~")}
        expect = facts.get("expect", "")
        outcome = expect["outcome"] if isinstance(expect, dict) else expect
        overrides = facts.get("overrides") or ()
        entry = facts.get("entry")
        file = facts_file.parent / entry if entry else _config(facts_file.parent, name)
        yield Case(file, given, tuple(overrides), outcome, reference if reference.exists() else None)


def _config(folder: Path, name: str) -> Path:
    suffixes = (".yaml", ".yml", ".json", ".toml", ".py", ".sh", ".txt", ".md")
    return next(file for suffix in suffixes if (file := folder / f"{name}{suffix}").exists())


CASES = list(_cases())
CURVES = [case for case in CASES if case.reference is not None]
WRONG = [case for case in CASES if case.expect == "error"]
WARNED = [case for case in CASES if "warning" in case.expect]


def _id(case: Case) -> str:
    return case.file.stem if case.file.parent.parent == HERE else case.file.parent.name


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the releases on this machine would decide where releases differ."""
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: {})


@functools.cache
def simulated(case: Case) -> Curve:
    """The curve of a case, which several tests of a worker share."""
    return simulate(case.load())


@pytest.mark.parametrize("case", CURVES, ids=_id)
def test_the_curve_is_the_one_of_its_program(case: Case) -> None:
    assert compare(simulated(case), case) == []


@pytest.mark.parametrize("case", CURVES, ids=_id)
def test_what_import_writes_reads_back_to_the_same_curve(case: Case) -> None:
    read = case.load()
    assert read.imported is not None
    (again,) = load_text(schedule_text(read.imported), "schedule.yaml")
    assert again.imported is None
    assert again.run.ticks == read.run.ticks
    assert np.array_equal(simulate(again).lr, simulated(case).lr)


def compare(curve: Curve, case: Case) -> list[str]:
    """Where a curve differs from its reference."""
    assert case.reference is not None
    with open(case.reference, encoding="utf-8", newline="") as file:
        (clock, *_), *rows = csv.reader(file)
    found = dict(zip([int(row[0]) for row in rows], [[float(text) for text in row[1:]] for row in rows], strict=True))
    peak = max(max(rates) for rates in found.values())
    run = curve.run
    length = run.total_epochs if clock == "epoch" else run.total_steps
    wrong = [] if length == max(found) + 1 else [f"{length} {clock}s, but {max(found) + 1}"]
    for at, rates in found.items():
        here = curve.at(f"{at} {clock}s")
        values = [here] if isinstance(here, float) else here.tolist()
        if len(set(values)) == 1:  # as many groups as the program happens to have
            values = values[:1] * len(rates)
        if len(values) != len(rates) or any(abs(a - b) > TOLERANCE * peak for a, b in zip(values, rates, strict=True)):
            wrong.append(f"{clock} {at}: {values}, its program {rates}")
    return wrong[:10]


def _withheld() -> Iterator[Any]:
    for case in CURVES:
        for fact in case.facts:
            yield pytest.param(case, fact, id=f"{_id(case)}-{fact}")


def document(schedule: Schedule) -> Any:
    """What the dialect made of a config, without places."""
    assert schedule.imported is not None
    return as_node(schedule.imported.document, Position("")).plain()


@pytest.mark.parametrize(("case", "fact"), list(_withheld()))
def test_a_fact_on_which_the_curve_depends_is_asked_for(case: Case, fact: str) -> None:
    try:
        schedule = case.load(without=fact)
    except ScheduleError as error:
        problems = error.problems
    else:
        same = document(schedule) == document(case.load())
        assert compare(simulated(case) if same else simulate(schedule), case) == [], "guessed"
        return
    asked = [each for each in problems if f"`{fact}`" in each.message]
    assert asked, problems
    assert f"{fact}=" in asked[0].hint


@pytest.mark.parametrize("case", WRONG, ids=_id)
def test_what_its_program_refuses_is_an_error(case: Case) -> None:
    with pytest.raises(ScheduleError) as caught:
        case.load()
    assert all(each.where.file for each in caught.value.problems)


@pytest.mark.parametrize("case", WARNED, ids=_id)
def test_what_surprises_has_a_warning(case: Case) -> None:
    try:
        schedule = case.load()
    except ScheduleError:  # an error says even more
        assert case.reference is None
        return
    from lrviz.checks.examine import examine

    curve = simulate(schedule) if case.reference is None else simulated(case)
    found = list(examine(schedule, curve, schedule.name, ""))
    said = [*schedule.remarks, *(each for each in found if getattr(each, "severity", "") in ("warning", "error"))]
    assert any(getattr(each, "severity", "") in ("warning", "error") for each in said), json.dumps(list(map(str, said)))
