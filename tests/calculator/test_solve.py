"""`solve`: values found by a search, held against the formula, against the run, and against scans."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrviz.calculator.solve.search import SearchResult, solve
from lrviz.calculator.solve.target import Target, parse_target
from lrviz.calculator.solve.variable import range_of, variable_of
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import editable, load_text
from lrviz.schedule.reading.run import Length

EXPONENTIAL = "{type: ExponentialLR, gamma: 0.9}"
STEP = "{type: StepLR, step_size: 30}"


def file(scheduler: str, epochs: int = 100, more: str = "") -> str:
    return f"epochs: {epochs}\noptimizer: {{lr: 0.1}}\nscheduler: {scheduler}\n{more}"


def asked(
    text: str, key: str, target: str, low: float | None = None, high: float | None = None, group: str | None = None
) -> SearchResult:
    """The answer for a text that holds one schedule; between the usual limits where none are given."""
    (schedule,) = load_text(text, "test.yaml")
    variable = variable_of(editable(schedule, text), schedule, key)
    if low is None or high is None:
        low, high = range_of(variable, schedule, simulate(schedule))
    return solve(variable, parse_target(target), low, high, group)


def single(answer: SearchResult) -> float:
    (solution,) = answer.solutions
    assert (solution.low, solution.at_low) == (solution.high, solution.at_high)
    assert answer.jumps == ()
    return solution.low


def curve_with(answer: SearchResult, value: float) -> Curve:
    return simulate(answer.variable.schedule(value))


# --- against formulas ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheduler", "key", "target", "expected"),
    [
        (EXPONENTIAL, "gamma", "end = 1e-6", (1e-6 / 0.1) ** (1 / 100)),
        (EXPONENTIAL, "gamma", "50 = 0.01", 0.1 ** (1 / 50)),
        (EXPONENTIAL, "gamma", "50% = 0.01", 0.1 ** (1 / 50)),
        (EXPONENTIAL, "gamma", "last = 0.2", 2 ** (1 / 99)),
        (EXPONENTIAL, "lr", "end = 1e-6", 1e-6 / 0.9**100),
        (EXPONENTIAL, "lr", "max == 0.25", 0.25),
        (EXPONENTIAL, "lr", "min = 0.25 * 0.9 ** 99", 0.25),
        (EXPONENTIAL, "lr", "area = 1", 1 / math.fsum(0.9**t for t in range(100))),
        (EXPONENTIAL, "lr", "mean = 0.05", 5 / math.fsum(0.9**t for t in range(100))),
        ("{type: CosineAnnealingLR}", "eta_min", "50% = 0.06", 0.02),
        ("{type: CosineAnnealingLR}", "eta_min", "end = 1e-5", 1e-5),
        ("{type: LinearLR, total_iters: 10}", "start_factor", "5 = 0.07", 0.4),
        ("{type: PolynomialLR, total_iters: 100}", "power", "50 = 0.0125", 3),
        ("{type: OneCycleLR, max_lr: 1}", "div_factor", "0 = 0.125", 8),
        ("[{type: LinearLR, for: 5}, {type: ExponentialLR, gamma: 0.5}]", "gamma", "10 = 0.05", 0.5 ** (1 / 5)),
        ("[{type: none, for: 5}, {type: none, from: 0.01}]", "scheduler[1].from", "50 = 0.03", 0.03),
        (STEP, "gamma", "at 30 = 0.04", 0.4),
        (STEP, "momentum", "0 = 0.1", None),
    ],
)
def test_the_value_is_that_of_the_formula(scheduler: str, key: str, target: str, expected: float | None) -> None:
    answer = asked(file(scheduler), key, target)
    if expected is None:  # it moves nothing, so every value will do
        assert [(each.low, each.high) for each in answer.solutions] == [(answer.low, answer.high)]
        return
    assert single(answer) == pytest.approx(expected, rel=1e-13)


@given(
    gamma=st.floats(0.5, 1.2),
    lr=st.floats(1e-4, 10),
    epochs=st.integers(1, 60),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_the_curve_with_the_solution_meets_the_target(
    gamma: float, lr: float, epochs: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, epochs))
    text = f"epochs: {epochs}\noptimizer: {{lr: {lr}}}\nscheduler: {EXPONENTIAL}\n"
    wanted = lr * gamma**place
    answer = asked(text, "gamma", f"{'end' if place == epochs else place} = {wanted!r}")
    value = single(answer)
    curve = curve_with(answer, value)
    reached = float(curve.end_lr[0] if place == epochs else curve.lr[place, 0])
    assert answer.solutions[0].at_low == reached, "what is said of the curve is what the whole run has"
    assert reached == pytest.approx(wanted, rel=1e-12)
    for beside in (math.nextafter(value, 0), math.nextafter(value, 2)):
        other = curve_with(answer, beside)
        assert abs(float(other.end_lr[0] if place == epochs else other.lr[place, 0]) - wanted) >= abs(reached - wanted)


# --- jumps, stretches, several, none -------------------------------------------------------------------------


def test_a_jump_over_the_target_is_no_solution() -> None:
    """The factor is 1 up to t < 3 and 0.5 above, so nothing is in between."""
    text = file("{type: ReduceLROnPlateau, patience: 0, threshold: 0.5}", 4, "metric: [1, 0.7, 0.7, 0.7]")
    answer = asked(text, "threshold", "2 = 0.05")
    assert answer.solutions == ()
    (jump,) = answer.jumps
    assert math.nextafter(jump.low, 1) == jump.high
    assert (jump.low, jump.high) == pytest.approx((0.3, 0.3))
    assert [float(curve_with(answer, value).lr[2, 0]) for value in (jump.low, jump.high)] == [jump.at_low, jump.at_high]
    assert {jump.at_low, jump.at_high} == {0.1, 0.1 * 0.1}


def test_a_stretch_of_values_is_found_to_its_last_double() -> None:
    text = file("{type: ReduceLROnPlateau, patience: 0, threshold: 0.5}", 4, "metric: [1, 0.7, 0.7, 0.7]")
    answer = asked(text, "threshold", "2 = 0.01", 0, 0.75)
    (solution,) = answer.solutions
    assert solution.low == pytest.approx(0.3)
    assert solution.high == 0.75
    assert curve_with(answer, solution.low).lr[2, 0] == solution.at_low == 0.1 * 0.1
    assert curve_with(answer, math.nextafter(solution.low, 0)).lr[2, 0] == 0.1


def test_several_solutions_are_all_found() -> None:
    """A cycle passes a learning rate on the way up and on the way down, wherever pct_start puts its peak."""
    answer = asked(file("{type: OneCycleLR, max_lr: 1}", 20), "pct_start", "10 = 0.6")
    assert len(answer.solutions) == 2
    for solution in answer.solutions:
        assert float(curve_with(answer, solution.low).lr[10, 0]) == solution.at_low == pytest.approx(0.6, rel=1e-12)
    answer = asked(file("{type: CosineAnnealingWarmRestarts, T_0: 3}", 24), "T_0", "12 = 0.1")
    assert [(each.low, each.high) for each in answer.solutions] == [(1, 4), (6, 6), (12, 12)], "divisors of 12"


def test_a_target_of_0_is_met_by_what_rounding_leaves_of_it() -> None:
    """torch's LinearLR comes to -1.5e-18 where it ends at 0."""
    answer = asked(file("{type: LinearLR, total_iters: 5}", 10), "end_factor", "end = 0")
    assert single(answer) == 0
    assert abs(answer.solutions[0].at_low) < 1e-17
    answer = asked(file("{type: CosineAnnealingLR}", 10), "eta_min", "end = 0")
    assert single(answer) == 0


def test_no_solution_says_what_there_is() -> None:
    answer = asked(file(EXPONENTIAL), "gamma", "end = -1")
    assert (answer.solutions, answer.jumps) == ((), ())
    assert (answer.at_low, answer.nearest) == (0.0, (0.0, 0.0))
    assert answer.at_high == simulate(answer.variable.schedule(answer.high)).end_lr[0]


def test_what_torch_refuses_is_no_solution() -> None:
    """A OneCycleLR of fewer steps than the run fails in the middle of it, behind the place that is looked at."""
    answer = asked(file("{type: OneCycleLR, max_lr: 1, total_steps: 20}", 20), "total_steps", "3 > 0", 10, 25)
    assert [(each.low, each.high) for each in answer.solutions] == []
    assert "Tried to step" in answer.refusal
    answer = asked(file("{type: OneCycleLR, max_lr: 1, total_steps: 20}", 20), "total_steps", "max > 0", 10, 25)
    assert [(each.low, each.high) for each in answer.solutions] == [(20, 25)]


def test_a_limit_that_is_not_part_of_the_range_is_no_solution() -> None:
    answer = asked(file("{type: LinearLR}"), "start_factor", "0 <= 0.05")
    ((low, high, at_low, at_high),) = answer.solutions
    assert (low, high, at_low, at_high) == (1e-300, 0.5, 0.1 * 1e-300, 0.05)
    assert answer.at_low is None
    assert "must be above 0" in answer.refusal


SHIFT = """\
from torch.optim.lr_scheduler import LRScheduler

class Shift(LRScheduler):
    def __init__(self, optimizer, by):
        self.by = by
        super().__init__(optimizer)

    def get_lr(self):
        return [base + self.by for base in self.base_lrs]

class Hump(Shift):
    def get_lr(self):
        x = 1e6 * self.by
        return [2 * base * x / (1 + x * x) for base in self.base_lrs]

class Steep(Shift):
    def get_lr(self):
        return [base + 1e20 * self.by for base in self.base_lrs]

class Shelf(Shift):
    def get_lr(self):
        return [min(self.by, 0.3) if self.by < 0.301 else self.by for base in self.base_lrs]
"""


@pytest.mark.parametrize(
    ("name", "wanted", "low", "stretches"),
    [
        ("Shift", 0.5, -1, [(0, 0)]),
        ("Shift", 0.25, -1, [(-0.25, -0.25)]),
        ("Steep", 0.5, -1, [(0, 0)]),
        ("Hump", 0.4, 0, [(0.5e-6, 0.5e-6), (2e-6, 2e-6)]),
        ("Shelf", 0.3, 0, [(0.3, math.nextafter(0.301, 0))]),
    ],
)
def test_odd_functions_of_a_value(
    name: str, wanted: float, low: float, stretches: list[tuple[float, float]], tmp_path: Path, own_path: None
) -> None:
    """Negative and 0, steep, close to 0, level for less than the points that are tried lie apart."""
    (tmp_path / "own_shift.py").write_text(SHIFT)
    text = f"epochs: 3\noptimizer: {{lr: 0.5}}\nscheduler: {{type: own_shift.{name}, by: 0.5}}\n"
    (schedule,) = load_text(text, "test.yaml", trust=True)
    variable = variable_of(editable(schedule, text, trust=True), schedule, "by")
    answer = solve(variable, Target("1", "=", wanted), low, 1.0)
    found = [(each.low, each.high) for each in answer.solutions]
    assert found == [pytest.approx(each, rel=1e-12, abs=0) for each in stretches]
    assert answer.jumps == ()


@pytest.fixture
def own_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("own_shift", None)


# --- inequalities and whole numbers, against scans -----------------------------------------------------------


@given(
    epochs=st.integers(1, 40),
    gamma=st.sampled_from([0.1, 0.5, 1, 2]),
    place=st.sampled_from(["0", "10%", "50%", "last", "end", "max", "min"]),
    sign=st.sampled_from(["<", "<=", ">", ">=", "="]),
    value=st.sampled_from([0.1, 0.05, 0.01, 0.03, 0.2, 1]),
)
@settings(max_examples=60, deadline=None)
def test_whole_numbers_are_those_of_a_scan(epochs: int, gamma: float, place: str, sign: str, value: float) -> None:
    """Each step size by plain arithmetic: the learning rate after t calls is 0.1 * gamma ** (t // size)."""
    answer = asked(
        file(f"{{type: StepLR, step_size: 3, gamma: {gamma}}}", epochs), "step_size", f"{place} {sign} {value}", 1, 25
    )
    call = {"0": 0, "10%": epochs // 10, "50%": epochs // 2, "last": epochs - 1, "end": epochs}
    holds = []
    for size in range(1, 26):
        rates = [0.1 * gamma ** (t // size) for t in range(epochs + 1)]
        rate = max(rates[:-1]) if place == "max" else min(rates[:-1]) if place == "min" else rates[call[place]]
        assume(sign == "=" or not math.isclose(rate, value, rel_tol=1e-9))
        close = math.isclose(rate, value, rel_tol=1e-6)
        holds.append(close if sign == "=" else rate < value if "<" in sign else rate > value)
    found = {number for each in answer.solutions for number in range(int(each.low), int(each.high) + 1)}
    assert found == {size for size, held in enumerate(holds, 1) if held}


@pytest.mark.parametrize(("sign", "low", "high"), [("<=", 0, 0.5), ("<", 0, math.nextafter(0.5, 0)), (">=", 0.5, 4)])
def test_an_inequality_holds_up_to_its_last_double(sign: str, low: float, high: float) -> None:
    answer = asked(file("{type: StepLR, step_size: 30}"), "gamma", f"30 {sign} {0.1 * 0.5!r}", 0, 4)
    assert [(each.low, each.high) for each in answer.solutions] == [(low, high)]
    assert answer.jumps == ()


def test_a_length_with_a_unit_is_solved_for_in_that_unit() -> None:
    text = "epochs: 10\nsteps_per_epoch: 7\ninterval: step\noptimizer: {lr: 1}\nscheduler: %s\n"
    warmup = "[{type: LinearLR, start_factor: 0.5, for: 5 epochs}, {type: none}]"
    answer = asked(text % warmup, "for", "7 steps = 0.75")
    assert (answer.low, answer.high, single(answer)) == (1, 10, 2)
    assert answer.variable.written(2) == "2 epochs"
    answer = asked(text % "{type: StepLR, step_size: 10%, gamma: 0.5}", "step_size", "last = 0.25")
    assert answer.variable.written(1) == "1%"
    solution = answer.solutions[0]
    sizes = [share for share in range(1, 101) if 0.5 ** (69 // max(1, math.floor(70 * share / 100 + 0.5))) == 0.25]
    assert list(range(int(solution.low), int(solution.high) + 1)) == sizes


def test_too_many_whole_numbers_are_refused() -> None:
    text = "steps: 1000000\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 10}\n"
    with pytest.raises(
        ScheduleError,
        match=r"too many values from 1 to 1,000,000 to try each in a run of 1,000,000 calls\n  hint: .*50",
    ):
        asked(text, "step_size", "end = 0.1")


def test_only_as_much_is_run_as_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[Any] = []

    def counted(*arguments: Any, **named: Any) -> Curve:
        curve = simulate(*arguments, **named)
        lengths.append(len(curve))
        return curve

    monkeypatch.setattr("lrviz.calculator.solve.search.simulate", counted)
    answer = asked(file(EXPONENTIAL), "gamma", "3 = 0.05")
    assert single(answer) == pytest.approx(0.5 ** (1 / 3))
    assert sorted(set(lengths)) == [3, 100]
    assert lengths.count(100) == 1, "the solution alone is run through"


# --- what may be solved for ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("optimizer.type", "optimizer.type is not a number"),
        ("optimizer", "optimizer is not a number"),
        ("expect", "expect is not a number"),
        ("lr_lambda", "schedules.b.scheduler.lr_lambda is not a number"),
        (
            "milestones",
            "schedules.a.scheduler.milestones is a list\n  hint: name one of its members: .*milestones\\[0\\]",
        ),
        ("gamme", "'gamme' matches no key of test.yaml\n  hint: did you mean gamma"),
        ("epochs", None),
        ("milestones[1]", None),
        ("gamma", None),
        ("lr", None),
    ],
)
def test_only_numbers_are_solved_for(key: str, message: str | None) -> None:
    text = dedent("""
        epochs: 10
        optimizer: {type: SGD, lr: 0.05 * 2}
        expect: {min: 0}
        schedules:
          a: {scheduler: {type: MultiStepLR, milestones: [3, 5]}}
          b: {scheduler: {type: LambdaLR, lr_lambda: 1 / (t + 1)}}
    """)
    a, b = load_text(text, "test.yaml")
    of = b if key == "lr_lambda" else a
    if message is not None:
        with pytest.raises(ScheduleError, match=message):
            variable_of(editable(of, text), of, key)
        return
    variable = variable_of(editable(of, text), of, key)
    present = {"epochs": 10, "milestones[1]": 5, "gamma": 0.1, "lr": 0.1}
    assert variable.present == present[key]
    assert variable.schedule(variable.present).scheduler.type == "MultiStepLR"  # type: ignore[union-attr]


def test_what_only_another_schedule_refuses_is_no_hindrance() -> None:
    text = dedent("""
        epochs: 10
        optimizer: {lr: 1}
        schedules:
          a: {scheduler: {type: ExponentialLR, gamma: 0.5}}
          b: {scheduler: [{type: none, for: 10}]}
    """)
    a, _ = load_text(text, "test.yaml")
    answer = solve(variable_of(editable(a, text), a, "epochs"), Target("end", "=", 0.5**7), 1, 20)
    assert single(answer) == 7


def test_a_length_from_the_command_line_is_not_solved_for() -> None:
    text = file("{type: OneCycleLR, max_lr: 1, epochs: 10, steps_per_epoch: 2}", 20)
    (schedule,) = load_text(text, "test.yaml", Length(10))
    document = editable(schedule, text, Length(10))
    with pytest.raises(ScheduleError, match="comes from the command line, which overrides epochs"):
        variable_of(document, schedule, "epochs", Length(10))
    variable = variable_of(document, schedule, "scheduler.epochs", Length(10))
    assert variable.schedule(12).run.calls == 10
    assert variable_of(editable(schedule, text), schedule, "epochs").present == 20


def test_the_group_that_is_named_is_looked_at() -> None:
    text = "epochs: 5\noptimizer: {lr: 0.5, groups: [{name: a}, {name: b, lr: 2}]}\nscheduler: none\n"
    assert single(asked(text, "b.lr", "end = 3", group="b")) == 3
    assert asked(text, "b.lr", "end = 3", group="a").solutions == ()
    with pytest.raises(ScheduleError, match=r"optimizer\.lr, optimizer\.groups\.b\.lr"):
        asked(text, "lr", "end = 3")


# --- targets -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("end = 1e-6", Target("end", "=", 1e-6)),
        ("end=1e-6", Target("end", "=", 1e-6)),
        ("  5 epochs >=1/3 ", Target("5 epochs", ">=", 1 / 3)),
        ("50%<.01", Target("50%", "<", 0.01)),
        ("at 12 == 3", Target("12", "=", 3.0)),
        ("max <= -1", Target("max", "<=", -1.0)),
    ],
)
def test_a_target_is_a_measure_a_comparison_and_a_number(text: str, target: Target) -> None:
    assert parse_target(text) == target
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("end", 'a target is a place, a comparison and a number\n  hint: --target "end = 1e-6"'),
        ("= 3", "a target is a place"),
        ("end =", "a target is a place"),
        ("end ~ 3", "a target is a place"),
        ("peak = 3", "'peak' is not a place or a measure of the learning rate\n  hint: did you mean max\\?"),
        ("lasst = 3", "hint: did you mean last\\?"),
        ("5 furlongs = 3", "hint: write a place \\(5 epochs, 500 steps, 50%, last, end\\), or max, min, mean, area"),
        ("end = soon", "the target must be a number \\(got 'soon'\\)"),
        ("end = nan", "the target must be a number"),
        ("end = .inf", "the target must be a finite number"),
        ("end = 3 = 4", "the target must be a number"),
    ],
)
def test_what_is_no_target(text: str, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        parse_target(text)
