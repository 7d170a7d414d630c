"""The result of a search for a value, as text and as JSON."""

from __future__ import annotations

import math
import shlex

from lrviz.calculator.solve.search import Jump, SearchResult, Solution
from lrviz.calculator.solve.variable import Number, Variable
from lrviz.foreign import escaped, json_text

WORDS = {"max": "max lr", "min": "min lr", "mean": "mean lr", "area": "area under lr"}

MAX_SOLUTIONS = 20
"""The maximum number of solutions, and of jumps, that the text lists."""


def text(answer: SearchResult) -> str:
    """Every solution with the measured value, its distance from the target, and the option that sets it."""
    lines = [line for solution in answer.solutions[:MAX_SOLUTIONS] for line in _solution(answer, solution)]
    lines += _more(len(answer.solutions), "solutions")
    if not answer.solutions:
        lines += _nothing(answer)
    lines += [line for jump in answer.jumps[:MAX_SOLUTIONS] for line in _jump(answer, jump)]
    lines += _more(len(answer.jumps), "jumps")
    return "".join(f"{escaped(line)}\n" for line in lines)


def limit(variable: Variable, value: Number) -> str:
    """An end of a range as text; a float that is an integer has no `.0`."""
    return variable.written(int(value) if value == int(value) and abs(value) < 1e6 else value)


def as_json(answer: SearchResult, schedule: str, group: str | None) -> str:
    """The same as JSON; `between` is the searched range, `at_ends` are the measured values at its ends."""
    target = answer.target
    data = {
        "version": 1,
        "schedule": schedule,
        "group": group,
        "argument": str(answer.variable),
        "target": {"measure": target.measure, "operator": target.operator, "value": target.value},
        "between": [answer.low, answer.high],
        "at_ends": [_finite(answer.at_low), _finite(answer.at_high)],
        "solutions": [
            {**_sides(solution), "set": [_setting(answer, value) for value in sorted({solution.low, solution.high})]}
            for solution in answer.solutions
        ],
        "jumps": [_sides(jump) for jump in answer.jumps],
    }
    return json_text(data, indent=2) + "\n"


def _sides(found: Solution | Jump) -> dict[str, Number | None]:
    return {
        "low": found.low,
        "high": found.high,
        "at_low": _finite(found.at_low),
        "at_high": _finite(found.at_high),
    }


def _finite(value: float | None) -> float | None:
    """None instead of a value that is not finite, which JSON cannot hold."""
    return value if value is not None and math.isfinite(value) else None


def _solution(answer: SearchResult, found: Solution) -> list[str]:
    variable, measure = answer.variable, _measure(answer)
    if found.low == found.high:
        return [
            f"{variable} = {variable.written(found.low)}",
            f"  {measure} is {found.at_low!r}, {_distance(answer, found.at_low)}",
            f"  --set {shlex.quote(_setting(answer, found.low))}",
        ]
    reached = f"{found.at_low!r}" if found.at_low == found.at_high else f"{found.at_low!r} to {found.at_high!r}"
    return [
        f"{variable} = {variable.written(found.low)} to {variable.written(found.high)}, and all between",
        f"  {measure} is {reached}",
    ]


def _measure(answer: SearchResult) -> str:
    measure = answer.target.measure
    return WORDS.get(measure, f"lr at {measure}")


def _distance(answer: SearchResult, reached: float) -> str:
    target = answer.target.value
    if reached == target:
        return "exactly the target" if answer.target.operator == "=" else "the limit itself"
    return f"{abs(reached - target):.2g} {'above' if reached > target else 'below'} {target!r}"


def _setting(answer: SearchResult, value: Number) -> str:
    return f"{answer.variable}={answer.variable.written(value)}"


def _jump(answer: SearchResult, jump: Jump) -> list[str]:
    variable = answer.variable
    return [
        f"{_measure(answer)} jumps past {answer.target.value!r} between {variable} = {variable.written(jump.low)} and "
        f"{variable.written(jump.high)}",
        f"  {_measure(answer)} is {jump.at_low!r} at the first and {jump.at_high!r} at the second",
    ]


def _nothing(answer: SearchResult) -> list[str]:
    variable, measure = answer.variable, _measure(answer)
    low, high = limit(variable, answer.low), limit(variable, answer.high)
    lines = [f"no {variable} from {low} to {high} gives {answer.target}"]
    ends = [
        f"{reached!r} at {written}"
        for written, reached in ((low, answer.at_low), (high, answer.at_high))
        if reached is not None
    ]
    if ends:
        lines.append(f"  {measure} is {' and '.join(ends)}")
    if answer.nearest is not None and answer.nearest[0] not in (answer.low, answer.high) and not answer.jumps:
        value, reached = answer.nearest
        lines.append(f"  nearest is {reached!r}, at {variable.written(value)}")
    if answer.refusal:
        lines.append(f"  refused values: {answer.refusal}")
    return lines


def _more(count: int, what: str) -> list[str]:
    return [f"... and {count - MAX_SOLUTIONS:,} more {what}"] if count > MAX_SOLUTIONS else []
