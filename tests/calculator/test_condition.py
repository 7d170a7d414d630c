"""When a condition holds, against a scan of the table that asks Python about every row."""

from __future__ import annotations

import csv
import io
import math
from array import array
from fractions import Fraction
from typing import Any

import pytest
from helpers.growth import grows_slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.calculator.condition import Occurrences, read_condition, when
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.render.tables.rows import rows_of
from lrviz.render.tables.table import write_csv
from lrviz.run import Run

RATES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 2.0])


def made(
    *columns: list[float], per_epoch: int | None = None, interval: str = "epoch", momentum: Any = None, cut: int = 0
) -> Curve:
    """A curve with these rates, a list a group; with `per_epoch` it knows both clocks, less `cut` steps at its end."""
    ticks = len(columns[0])
    if interval == "step" or per_epoch:
        run = Run(None, ticks if interval == "step" else ticks * (per_epoch or 1) - cut, per_epoch, interval)  # type: ignore[arg-type]
    else:
        run = Run(ticks, None, None, "epoch")
    buffers = [tuple(memoryview(array("d", each)).toreadonly() for each in many) for many in (columns, momentum or ())]
    names = tuple(f"g{at}" for at in range(len(columns)))
    ends = (9.0,) * len(columns)
    return Curve("s", names, run, buffers[0], ends, buffers[1] or None)


def ask(text: str, curve: Curve) -> Occurrences:
    (answer,) = when(read_condition(text), [curve])
    return answer


def ticks(answer: Occurrences) -> list[int]:
    return [tick for each in answer.stretches for tick in range(each.first, each.last + 1)]


curves = st.builds(
    lambda rates, per_epoch, interval, cut: made(
        rates, per_epoch=per_epoch, interval=interval, cut=min(cut, (per_epoch or 1) - 1)
    ),
    st.lists(RATES, min_size=1, max_size=25),
    st.sampled_from([None, 1, 3, 10]),
    st.sampled_from(["epoch", "step"]),
    st.integers(0, 9),
)

numbers = st.one_of(RATES.map(repr), st.integers(0, 40).map(str))
terms = st.one_of(
    st.sampled_from(["lr", "lr", "lr", "epoch", "step", "lr * 2", "epoch % 3", "max(lr, 0.5)", "sqrt(lr) - 0.1"]),
    numbers,
)
compared = st.builds(
    lambda first, more: first + "".join(f" {operator} {term}" for operator, term in more),
    terms,
    st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), terms), min_size=1, max_size=2),
)
conditions = st.recursive(
    compared,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)


def rows(curve: Curve) -> list[dict[str, float]]:
    """What the table says of every tick: its learning rate, its epoch and its step where they are known."""
    stream = io.StringIO()
    write_csv(rows_of([curve], curve.run.interval), stream)
    read = csv.DictReader(io.StringIO(stream.getvalue()))
    return [{("lr" if key == "s" else key): float(value) for key, value in row.items() if value} for row in read]


@given(curve=curves, condition=conditions)
@settings(max_examples=400, deadline=None)
def test_it_holds_where_a_scan_of_the_table_says_so(curve: Curve, condition: str) -> None:
    known = {"epoch": curve.run.total_epochs, "step": curve.run.total_steps}
    if any(name in condition and length is None for name, length in known.items()):
        with pytest.raises(ScheduleError, match="is not known in this run"):
            ask(condition, curve)
        return
    functions = {"sqrt": math.sqrt, "max": max}
    scanned = [tick for tick, row in enumerate(rows(curve)) if eval(condition, {**functions, **row})]
    answer = ask(condition, curve)
    assert ticks(answer) == scanned
    assert answer.never == (not scanned)
    assert answer.always == (len(scanned) == len(curve))
    for one, next in zip(answer.stretches, answer.stretches[1:], strict=False):
        assert next.first > one.last + 1, "two that touch are one"
    for each in answer.stretches:
        assert each.lr == (curve.columns[0][each.first], curve.columns[0][each.last])


@given(curve=curves, bound=RATES)
@settings(max_examples=200, deadline=None)
def test_a_condition_and_its_opposite_make_the_whole_run(curve: Curve, bound: float) -> None:
    holds, fails = ask(f"lr < {bound}", curve), ask(f"not lr < {bound}", curve)
    assert sorted(ticks(holds) + ticks(fails)) == list(range(len(curve)))
    stretches = holds.stretches + fails.stretches
    if curve.run.total_steps is not None:
        assert sum(each.steps or 0 for each in stretches) == curve.run.total_steps
    else:
        assert [each.steps for each in stretches] == [None] * len(stretches)
    if curve.run.total_epochs is None:
        assert [each.epochs for each in stretches] == [None] * len(stretches)
    else:
        length = Fraction(curve.run.total_steps, curve.run.steps_per_epoch) if curve.run.total_steps else len(curve)
        assert sum(each.epochs or 0 for each in stretches) == pytest.approx(float(length), rel=1e-12)


def test_the_value_that_the_last_call_leaves_is_not_looked_at() -> None:
    assert ask("lr == 9", made([0.1, 0.2])).never


def test_groups_that_differ_have_an_answer_each() -> None:
    curve = made([0.1, 0.2, 0.3], [0.3, 0.2, 0.1])
    assert [(each.group, ticks(each)) for each in when(read_condition("lr > 0.15"), [curve])] == [
        ("g0", [1, 2]),
        ("g1", [0, 1]),
    ]
    assert [each.group for each in when(read_condition("lr > 0.15"), [made([0.1, 0.2], [0.1, 0.2])])] == [None]


def test_momentum_is_that_of_the_group() -> None:
    curve = made([0.1] * 3, [0.1] * 3, momentum=([0.9, 0.8, 0.7], [0.5, 0.9, 0.5]))
    assert [(each.group, ticks(each)) for each in when(read_condition("momentum > 0.75"), [curve])] == [
        ("g0", [0, 1]),
        ("g1", [1]),
    ]
    assert [each.group for each in when(read_condition("lr > 0"), [curve])] == [None], "it does not ask for momentum"


def test_momentum_is_what_torch_makes_of_it() -> None:
    text = "steps: 100\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler: {type: OneCycleLR, max_lr: 1}\n"
    (schedule,) = load_text(text, "s.yaml")
    curve = simulate(schedule)
    assert curve.momentum is not None
    scanned = [tick for tick, value in enumerate(curve.momentum[:, 0].tolist()) if 0.86 < value <= 0.94]
    assert len(ask("0.86 < momentum <= 0.94", curve).stretches) == 2, "on its way down and on its way up"
    assert ticks(ask("0.86 < momentum <= 0.94", curve)) == scanned


def test_a_rate_that_is_no_number_is_in_no_range() -> None:
    assert ticks(ask("lr > 0 or lr <= 0", made([math.nan, 0.1, math.nan]))) == [1]
    assert ticks(ask("lr != lr", made([math.nan, 0.1, math.inf]))) == [0]


# --- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("lr = 1e-5", "this is not arithmetic (column 4 of 'lr = 1e-5')", "write == for equality"),
        ("lr * 2", "this is a number, not a condition (column 1 of 'lr * 2')", "compare it: "),
        ("lr < 1 or 2", "this is a number, not a condition (column 11 of", "compare it: "),
        ("not lr", "this is a number, not a condition (column 5 of", "compare it: "),
        ("lr < 1 if epoch else lr > 2", "this is a number, not a condition (column 11 of", "compare it: "),
        ("lr < 1 if lr > 2 else 3", "this is a number, not a condition (column 23 of", "compare it: "),
        ("lr < end", "unknown name 'end' (column 6 of 'lr < end')", "a condition covers the steps of the run"),
        ("lrr < 1", "unknown name 'lrr' (column 1 of 'lrr < 1')", "did you mean lr?"),
        ("t < 1", "unknown name 't'", "valid names are lr, epoch, step, tokens, samples, momentum, pi, "),
        ("  foo < 1", "unknown name 'foo' (column 3 of", "did you mean floor?"),
        ("", "this is not arithmetic (column 1 of '')", "numbers, + - * /"),
        ("lr < 1; lr", "this is not arithmetic (column 7 of", "numbers, + - * /"),
        ("__import__('os') == 1", "unknown function '__import__'", "valid names are abs"),
        ("lr.real < 1", "attributes are not allowed in an expression", "write cos(x)"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_condition(text)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)


def test_what_runs_do_not_know_is_said_of_all_of_them() -> None:
    condition = read_condition("step > 3 and epoch > 3 and momentum > 0.9")
    with pytest.raises(ScheduleError) as caught:
        when(condition, [made([0.1]), made([0.1], interval="step"), made([0.1], per_epoch=2, momentum=([0.9],))])
    assert [problem.message for problem in caught.value.problems] == [
        "step is not known in this run",
        "this schedule does not change the momentum",
        "epoch is not known in this run",
    ]


def test_a_condition_without_a_value_names_the_place() -> None:
    rates = [0.1] * 30_000
    rates[12_345] = 0.0
    with pytest.raises(ScheduleError) as caught:
        ask("log(lr) < -3", made(rates, per_epoch=1000, interval="step"))
    (problem,) = caught.value.problems
    assert problem.message == "`log(lr) < -3` is not a real number at step 12,345 (epoch 12.345)"


def test_the_cost_of_a_condition_follows_the_length_of_the_run() -> None:
    condition = read_condition("0.25 < lr < 0.5 and epoch > 3")

    def ramp(ticks: int) -> Curve:
        return made([tick / ticks for tick in range(ticks)], per_epoch=5000, interval="step")

    (answer,) = when(condition, [ramp(1_000_000)])
    (stretch,) = answer.stretches
    assert (stretch.first, stretch.last) == (250_001, 499_999)
    grows_slowly(ramp, lambda curve: when(condition, [curve]), 100_000)
