"""Durations: every way to write them, exact fractions, one rounding, and what means nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.duration import Duration, DurationError, calls, nearest, parse_duration
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.run import Amount, Data, Interval, Run
from lrviz.schedule.reading.run import Length

PER_EPOCH = Run(epochs=90, steps=None, steps_per_epoch=None, interval="epoch")
PER_STEP = Run(epochs=90, steps=None, steps_per_epoch=626, interval="step")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5 epochs", 5, "epochs"),
        ("5epochs", 5, "epochs"),
        ("1 epoch", 1, "epochs"),
        ("2.5 ep", Fraction(5, 2), "epochs"),
        ("500 steps", 500, "steps"),
        ("1 step", 1, "steps"),
        ("1e3 steps", 1000, "steps"),
        ("10%", 10, "%"),
        (".5 %", Fraction(1, 2), "%"),
        (" 5  Epochs ", 5, "epochs"),
        ("-1 epoch", -1, "epochs"),
        ("50e9 tokens", 50 * 10**9, "tokens"),
        ("1 token", 1, "tokens"),
        ("1e6 samples", 10**6, "samples"),
        ("2k steps", 2000, "steps"),
        ("2Ksteps", 2000, "steps"),
        ("50B tokens", 50 * 10**9, "tokens"),
        ("3.2 Ttokens", 32 * 10**11, "tokens"),
        ("1.5M samples", 1_500_000, "samples"),
        ("50e9 / 4e6 steps", 12_500, "steps"),
        ("0.1 * 3 epochs", Fraction(3, 10), "epochs"),
        ("(1 + 2) * 2k steps", 6000, "steps"),
        ("2 ** 10 // 3 steps", 341, "steps"),
        ("2 ** -1 ep", Fraction(1, 2), "epochs"),
        ("100 / 3 %", Fraction(100, 3), "%"),
        ("7 % 4 steps", 3, "steps"),
    ],
)
def test_spellings(text: str, value: Fraction, unit: str) -> None:
    assert parse_duration(text) == (value, unit)


@pytest.mark.parametrize("text", ["5", "1e-3", "epochs", "5 * 3", "", "t / T", "90 * 5005", "%", "2 * pi"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_a_unit_that_does_not_exist() -> None:
    with pytest.raises(DurationError, match="unknown unit 'weeks'"):
        parse_duration("5 weeks")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2_000 steps", "numbers are not written as 2_000 here", "write 2000"),
        ("2,000 steps", "numbers are not written as 2,000 here", "write 2000"),
        ("10k", "a unit is missing after 10k", "write 10k steps, epochs, tokens or samples"),
        ("1 / 0 steps", "'1 / 0' divides by zero", ""),
        ("1 +  steps", "'1 +' is not arithmetic", "such as 50e9 / 4e6"),
        ("0x10 steps", "'0x10' is not arithmetic", "before a unit stands a number, or + - * / // % ** of numbers"),
        ("2 ** 0.5 steps", "a power before a unit has a whole exponent", ""),
        ("9 ** 9 ** 9 steps", "a number before a unit is too large, or too fine", ""),
        ("1e200 * 1e200 steps", "a number before a unit is too large, or too fine", ""),
        ("2 ** -5000 steps", "a number before a unit is too large, or too fine", ""),
        ("1e9999 + 1 steps", "'1e9999' is not arithmetic of numbers", "such as 50e9 / 4e6"),
        ("(" * 300 + "1" + ")" * 300 + " steps", "is not arithmetic", "such as 50e9 / 4e6"),
        ("1" + " + 1" * 400 + " steps", "arithmetic before a unit may have at most 1,000 characters", ""),
        ("5k %", "'5k' is not arithmetic", "before a unit stands a number, or + - * / // % ** of numbers"),
    ],
)
def test_what_is_no_number_before_a_unit(text: str, message: str, hint: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert message in caught.value.message
    assert caught.value.hint == hint


TOKENS = Data(tokens=10**9, sequence_length=2048, batch_size=8, devices=4, accumulate=2)


@given(value=st.fractions(0, 10**12, max_denominator=10**6), interval=st.sampled_from(["epoch", "step"]))
def test_tokens_and_samples_are_counted_by_the_step(value: Fraction, interval: Interval) -> None:
    run = Run(epochs=3, steps=None, steps_per_epoch=TOKENS.steps_per_epoch, interval=interval, data=TOKENS)
    steps = calls(Duration(value, "steps"), run, interval)
    assert calls(Duration(value * 64, "samples"), run, interval) == steps
    assert calls(Duration(value * 64 * 2048, "tokens"), run, interval) == steps


@pytest.mark.parametrize(
    ("unit", "data", "hint"),
    [
        ("tokens", None, "give `data` a `tokens_per_step`, or a `sequence_length` and a `batch_size`"),
        ("tokens", Data(batch_size=3), "give `data` a `tokens_per_step`, or a `sequence_length` and a `batch_size`"),
        ("samples", Data(tokens_per_step=3), "give `data` a `batch_size`"),
    ],
)
def test_a_unit_that_the_run_does_not_know_names_what_to_add(unit: Amount, data: Data | None, hint: str) -> None:
    run = Run(epochs=None, steps=9, steps_per_epoch=None, interval="step", data=data)
    with pytest.raises(DurationError, match=f"{unit} cannot be counted in a run without") as caught:
        calls(Duration(Fraction(1), unit), run, "step")
    assert caught.value.hint == hint


@given(
    st.fractions(0, 100, max_denominator=1000),
    st.integers(1, 500),
    st.integers(1, 9000),
)
@settings(max_examples=200, deadline=None)
def test_calls_are_exact(value: Fraction, epochs: int, per_epoch: int) -> None:
    step = Run(epochs, None, per_epoch, "step")
    epoch = Run(epochs, None, per_epoch, "epoch")
    assert calls(Duration(value, "epochs"), epoch, "epoch") == value
    assert calls(Duration(value, "epochs"), step, "step") == value * per_epoch
    assert calls(Duration(value, "steps"), step, "step") == value
    assert calls(Duration(value, "steps"), epoch, "epoch") == value / per_epoch
    assert calls(Duration(value, "%"), step, "step") == value * epochs * per_epoch / 100
    assert calls(Duration(value, "%"), epoch, "epoch") == value * epochs / 100
    assert calls(Duration(value, "%"), step, "epoch") == value * epochs / 100


@pytest.mark.parametrize(("exact", "whole"), [("1/2", 1), ("3/2", 2), ("5/2", 3), ("249/100", 2), ("7", 7), ("0", 0)])
def test_halves_go_up(exact: str, whole: int) -> None:
    assert nearest(Fraction(exact)) == whole


@pytest.mark.parametrize(
    ("duration", "run", "message"),
    [
        (Duration(Fraction(-1), "epochs"), PER_EPOCH, "cannot be negative"),
        (Duration(Fraction(101), "%"), PER_EPOCH, "at most 100 %"),
        (Duration(Fraction(5), "steps"), PER_EPOCH, "steps cannot be counted in a run without"),
        (Duration(Fraction(5), "epochs"), Run(None, 100, None, "step"), "epochs cannot be counted in a run without"),
    ],
)
def test_what_means_nothing(duration: Duration, run: Run, message: str) -> None:
    with pytest.raises(DurationError, match=message):
        calls(duration, run, run.interval)


def spans(text: str, length: Length | None = None) -> tuple[list[tuple[int, int]], list[str]]:
    """Start and length of each phase of a file, and what was remarked."""
    (schedule,) = load_text("optimizer: {lr: 0.1}\n" + text, "f.yaml", length)
    phases = schedule.scheduler.phases  # type: ignore[union-attr]
    return [(phase.start, phase.calls) for phase in phases], [str(remark) for remark in schedule.remarks]


THIRDS = "scheduler: [{type: none, for: 33.3%}, {type: none, for: 33.3%}, {type: none}]\n"


def test_boundaries_are_rounded_from_the_start_so_that_rounding_never_adds_up() -> None:
    found, remarks = spans("epochs: 100\n" + THIRDS)
    assert found == [(0, 33), (33, 34), (67, 33)]
    assert remarks == []


def test_rounding_by_more_than_a_hundredth_is_a_warning() -> None:
    found, remarks = spans("epochs: 10\nscheduler: [{type: none, for: 2.4 epochs}, {type: none}]\n")
    assert found == [(0, 2), (2, 8)]
    assert remarks == [
        "f.yaml:3:31: warning: for: 2.4 epochs is 2.4 calls, rounded to 2 [rounded-duration]\n"
        "  hint: write a length that is a whole number of calls"
    ]


def test_another_length_from_the_command_line_cuts_or_extends_with_a_note() -> None:
    text = "epochs: 10\nscheduler: [{type: none, for: 4}, {type: none, for: 6}]\n"
    assert spans(text) == ([(0, 4), (4, 6)], [])
    found, remarks = spans(text, Length(epochs=7))
    assert found == [(0, 4), (4, 3)]
    assert remarks == ["f.yaml:3:12: note: the phases are cut at the length from the command line [other-length]"]
    found, remarks = spans(text, Length(epochs=3))
    assert found == [(0, 3)]
    found, remarks = spans(text, Length(epochs=12))
    assert found == [(0, 4), (4, 8)]
    assert remarks == ["f.yaml:3:12: note: the last phase continues to the length from the command line [other-length]"]


def test_phases_that_do_not_fill_the_run_are_an_error() -> None:
    with pytest.raises(ScheduleError, match="the phases are 9 epochs long, but the run is 10"):
        spans("epochs: 10\nscheduler: [{type: none, for: 4}, {type: none, for: 5}]\n")


def test_a_length_beyond_the_doubles_is_an_error_that_says_its_size() -> None:
    with pytest.raises(ScheduleError, match=r"the phases are 1e\+999 epochs long, but the run is 10"):
        spans("epochs: 10\nscheduler: [{type: none, for: 1e999 epochs}]\n")
