"""What a search for a value came to, in words and as JSON."""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import replace

import pytest

from lrviz.calculator.solve.search import Jump, SearchResult, Solution, solve
from lrviz.calculator.solve.target import Target, parse_target
from lrviz.calculator.solve.variable import variable_of
from lrviz.loading import editable, load_text
from lrviz.render.tables.solve import MAX_SOLUTIONS, as_json, limit, text
from lrviz.schedule.reading.override import parse_override

FILE = """\
epochs: 4
optimizer: {lr: 0.5}
schedules:
  it's [b]: {scheduler: {type: StepLR, step_size: 25%}}
"""


def answer(key: str = "step_size", target: str = "end = 0.005") -> SearchResult:
    (schedule,) = load_text(FILE, "f.yaml")
    return solve(variable_of(editable(schedule, FILE), schedule, key), parse_target(target), 1, 100)


def test_the_option_is_one_word_of_a_shell_and_sets_what_was_found() -> None:
    found = replace(answer(), solutions=(Solution(50, 50, 0.005, 0.005),))
    option, word = shlex.split(text(found).splitlines()[-1])
    assert (option, word) == ("--set", "schedules.it's [b].scheduler.step_size=50%")
    (schedule,) = load_text(FILE, "f.yaml", overrides=[parse_override(word)])
    assert schedule.scheduler is not None
    assert next(schedule.scheduler.walk()).arguments["step_size"] == 2


@pytest.mark.parametrize(
    ("target", "reached", "words"),
    [
        (Target("end", "=", 0.1), 0.1, "lr at end is 0.1, exactly the target"),
        (Target("50%", "=", 0.1), 0.1 + 1e-9, "lr at 50% is 0.100000001, 1e-09 above 0.1"),
        (Target("last", "=", 0.1), 0.0999, "lr at last is 0.0999, 0.0001 below 0.1"),
        (Target("max", "<=", 0.1), 0.1, "max lr is 0.1, the limit itself"),
        (Target("area", ">", 0.1), math.inf, "area under lr is inf, inf above 0.1"),
    ],
)
def test_how_far_from_the_target(target: Target, reached: float, words: str) -> None:
    found = replace(answer(), target=target, solutions=(Solution(7, 7, reached, reached),))
    assert text(found).splitlines()[1] == f"  {words}"


def test_no_more_is_written_out_than_can_be_read() -> None:
    many = tuple(Solution(value, value, 0.5, 0.5) for value in range(30))
    jumps = tuple(Jump(value, value + 1, 0.5, 0.25) for value in range(25))
    lines = text(replace(answer(), solutions=many, jumps=jumps)).splitlines()
    passed = [line for line in lines if " jumps past " in line]
    found = [line for line in lines if " = " in line and line not in passed]
    assert len(found) == len(passed) == MAX_SOLUTIONS
    assert [line for line in lines if line.startswith("...")] == ["... and 10 more solutions", "... and 5 more jumps"]
    assert len(json.loads(as_json(replace(answer(), solutions=many), "s", None))["solutions"]) == 30


def test_nothing_found_says_what_was_there_and_why_it_was_refused() -> None:
    nothing = replace(answer(), solutions=(), jumps=(), at_low=None, nearest=(40, 0.1), refusal="torch says no")
    nothing = replace(nothing, at_high=0.5)
    assert text(nothing) == (
        "no schedules.it's [b].scheduler.step_size from 1% to 100% gives end = 0.005\n"
        "  lr at end is 0.5 at 100%\n"
        "  nearest is 0.1, at 40%\n"
        "  refused values: torch says no\n"
    )


def test_json_has_no_infinity() -> None:
    found = replace(answer(), solutions=(Solution(1, 2, math.inf, 0.5),), at_low=-math.inf)
    data = json.loads(as_json(found, "s", "g"), parse_constant=lambda name: pytest.fail(name))
    assert data["solutions"] == [
        {
            "low": 1,
            "high": 2,
            "at_low": None,
            "at_high": 0.5,
            "set": ["schedules.it's [b].scheduler.step_size=1%", "schedules.it's [b].scheduler.step_size=2%"],
        }
    ]
    assert (data["at_ends"][0], data["group"]) == (None, "g")


def test_an_end_of_a_range_is_written_short_and_exactly() -> None:
    variable = answer("lr").variable
    assert [limit(variable, value) for value in (0.0, 10.0, 0.1, 1e300, -2.0)] == ["0", "10", "0.1", "1e+300", "-2"]
