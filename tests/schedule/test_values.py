"""How one value of a file is read: numbers in every spelling that counts, and the refusal of all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule, Scheduler

RUN = "optimizer: {lr: 0.1}\nscheduler: none\n"


def lr_of(written: str) -> Any:
    (schedule,) = load_text(f"epochs: 3\nscheduler: none\noptimizer: {{lr: {written}}}\n", "f.yaml")
    return schedule.optimizer.options["lr"]


def epochs_of(written: str) -> Any:
    (schedule,) = load_text(f"epochs: {written}\n{RUN}", "f.yaml")
    return schedule.run.epochs


def argument_of(scheduler: str, name: str) -> Any:
    (schedule,) = load_text(f"epochs: 30\noptimizer: {{lr: 0.1}}\nscheduler: {{type: {scheduler}}}\n", "f.yaml")
    assert isinstance(schedule.scheduler, Scheduler)
    return schedule.scheduler.arguments[name]


def refusal(read: Callable[[str], Any], written: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        read(written)
    (problem,) = caught.value.problems
    return problem.message + (f" | {problem.hint}" if problem.hint else "")


# --- whole numbers -----------------------------------------------------------------------------------------

SPELLINGS: list[Callable[[int], str]] = [
    str,
    "{:+d}".format,
    "{:08d}".format,
    "{}.0".format,
    "{}.".format,
    "{:.17e}".format,
    "{}e0".format,
    "{}0E-1".format,
    "{:#x}".format,
    "{:#o}".format,
    "'{}'".format,
    '"{}.0"'.format,
    "' {} '".format,
    "!!int {}".format,
    "!!str {}".format,
]


@given(number=st.integers(1, 10**8), spelling=st.sampled_from(SPELLINGS))
@settings(max_examples=150, deadline=None)
def test_a_whole_number_is_read_in_every_spelling(number: int, spelling: Callable[[int], str]) -> None:
    read = epochs_of(spelling(number))
    assert (read, type(read)) == (number, int)


@pytest.mark.parametrize(
    ("written", "number"), [("1e2", 100), ("100.0", 100), ("2.5e1", 25), ("'1E+2'", 100), ("0x1F", 31)]
)
def test_a_length_in_calls_is_read_as_a_whole_number_is(written: str, number: int) -> None:
    read = argument_of(f"StepLR, step_size: {written}", "step_size")
    assert (read, type(read)) == (number, int)


@given(whole=st.integers(0, 10**6), part=st.floats(0.001, 0.999))
@settings(max_examples=50, deadline=None)
def test_a_fraction_of_an_epoch_is_no_length(whole: int, part: float) -> None:
    written = repr(whole + part)
    assert refusal(epochs_of, written) == f"epochs must be a whole number (got {written})"


# --- numbers -----------------------------------------------------------------------------------------------


@given(number=st.floats(0, 1e300))
@settings(max_examples=100, deadline=None)
def test_a_number_is_read_to_the_last_bit_with_quotes_and_without(number: float) -> None:
    assert lr_of(repr(number)).hex() == number.hex()
    assert lr_of(f"'{number!r}'").hex() == number.hex()


@pytest.mark.parametrize(("written", "kind"), [("1", int), ("1.0", float), ("1e0", float), ("'1'", int), ("0x1", int)])
def test_a_number_is_handed_on_as_it_is_written(written: str, kind: type) -> None:
    read = lr_of(written)
    assert (read, type(read)) == (1, kind)


@pytest.mark.parametrize("written", ["0", "1", "'1'"])
def test_pct_start_is_a_float_however_it_is_written_because_torch_asks_for_one(written: str) -> None:
    assert type(argument_of(f"OneCycleLR, max_lr: 1, pct_start: {written}", "pct_start")) is float


NOTHING = "nothing"


@pytest.mark.parametrize(
    ("written", "got", "hint"),
    [
        ("true", "true", ""),
        ("~", NOTHING, ""),
        ("", NOTHING, ""),
        ("[1]", "a list", ""),
        ("{a: 1}", "a mapping", ""),
        ("fast", "'fast'", ""),
        ("''", "''", ""),
        ("'true'", "'true'", ""),
        ("1_000", "'1_000'", "write 1000"),
        ("-1_0", "'-1_0'", "write -10"),
        ("'1,000'", "'1,000'", "write 1000"),
        ("1 000 000", "'1 000 000'", "write 1000000"),
        ("0b11", "'0b11'", "write 3"),
        ("\N{FULLWIDTH DIGIT ONE}", "'\N{FULLWIDTH DIGIT ONE}'", ""),
    ],
)
def test_what_is_no_number_is_refused_with_the_number_that_may_be_meant(written: str, got: str, hint: str) -> None:
    end = f" | {hint}" if hint else ""
    assert refusal(lr_of, written) == f"SGD: lr must be a number (got {got}){end}"
    assert refusal(epochs_of, written) == f"epochs must be a whole number (got {got}){end}"


@pytest.mark.parametrize(("written", "got"), [(".nan", "nan"), (".inf", "inf"), ("-.inf", "-inf"), ("1e400", "inf")])
def test_a_number_is_finite(written: str, got: str) -> None:
    assert refusal(lr_of, written) == f"SGD: lr must be a finite number (got {got})"
    assert refusal(epochs_of, written) == f"epochs must be a whole number (got {got})"


@pytest.mark.parametrize("written", ["9223372036854775808", "1e19", "'1e400'", "0x8000000000000000"])
def test_a_whole_number_fits_in_64_bits(written: str) -> None:
    assert refusal(epochs_of, written).startswith("epochs must be a whole number (got ")


def test_a_long_value_is_quoted_in_short() -> None:
    assert refusal(lr_of, "x" * 200) == f"SGD: lr must be a number (got '{'x' * 37}...')"


# --- flags, words, text, lists -----------------------------------------------------------------------------


@pytest.mark.parametrize(("written", "value"), [("true", True), ("False", False)])
def test_a_flag_is_true_or_false(written: str, value: bool) -> None:
    assert argument_of(f"OneCycleLR, max_lr: 1, three_phase: {written}", "three_phase") is value


@pytest.mark.parametrize(
    ("written", "got", "hint"),
    [
        ("yes", "'yes'", " | write true"),
        ("On", "'On'", " | write true"),
        ("NO", "'NO'", " | write false"),
        ("off", "'off'", " | write false"),
        ("1", "1", ""),
        ("0", "0", ""),
        ("~", NOTHING, ""),
    ],
)
def test_what_python_takes_for_true_is_no_flag(written: str, got: str, hint: str) -> None:
    message = refusal(lambda value: argument_of(f"OneCycleLR, max_lr: 1, three_phase: {value}", ""), written)
    assert message == f"OneCycleLR: three_phase must be true or false (got {got}){hint}"


@pytest.mark.parametrize(
    ("written", "got", "hint"),
    [
        ("'min '", "'min '", " | did you mean min?"),
        ("MAX", "'MAX'", " | did you mean max?"),
        ("maxx", "'maxx'", " | did you mean max?"),
        ("auto", "'auto'", ""),
        ("1", "1", ""),
        ("[min]", "a list", ""),
    ],
)
def test_a_word_is_one_of_those_that_torch_knows(written: str, got: str, hint: str) -> None:
    message = refusal(lambda value: argument_of(f"ReduceLROnPlateau, mode: {value}", ""), written)
    assert message == f"ReduceLROnPlateau: mode must be one of min, max (got {got}){hint}"


@pytest.mark.parametrize(
    ("written", "got", "hint"), [("30", "30", ' | write "30"'), ("[x]", "a list", ""), ("~", NOTHING, "")]
)
def test_a_title_is_text(schedule: Callable[[str], Schedule], written: str, got: str, hint: str) -> None:
    message = refusal(schedule, f"title: {written}\nepochs: 3\n{RUN}")
    assert message == f"title must be text (got {got}){hint}"


def test_what_looks_like_yes_or_a_time_is_a_title(schedule: Callable[[str], Schedule]) -> None:
    assert schedule(f"title: on\nsource: 1:30\nepochs: 3\n{RUN}").title == "on"


def test_every_wrong_member_of_a_list_is_said_at_its_own_place(schedule: Callable[[str], Schedule]) -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule(
            "epochs: 9\noptimizer: {lr: 1}\nscheduler: {type: MultiStepLR, milestones: [1e1, -1, 2.5, '20', true, x]}"
        )
    assert [
        (problem.where.column, problem.message.partition("milestones ")[2]) for problem in caught.value.problems
    ] == [
        (50, "must be at least 0 (got -1)"),
        (54, "must be a whole number of calls (got 2.5)"),
        (65, "must be a whole number of calls (got true)"),
        (71, "must be a whole number of calls (got 'x')"),
    ]


@pytest.mark.parametrize(
    ("written", "got", "hint"),
    [("30", "30", " | write [30]"), ("'30'", "'30'", " | write [30]"), ("{30: 1}", "a mapping", "")],
)
def test_milestones_are_a_list(written: str, got: str, hint: str) -> None:
    message = refusal(lambda value: argument_of(f"MultiStepLR, milestones: {value}", ""), written)
    assert message == f"MultiStepLR: milestones must be a list (got {got}){hint}"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[0.9]", "a list of 2 values (got a list of 1)"),
        ("[0.9, 0.99, 0.999]", "a list of 2 values (got a list of 3)"),
        ("0.9", "a list of 2 (got 0.9)"),
    ],
)
def test_betas_are_two(schedule: Callable[[str], Schedule], written: str, message: str) -> None:
    text = f"epochs: 3\nscheduler: none\noptimizer: {{type: AdamW, lr: 1, betas: {written}}}"
    assert refusal(schedule, text) == f"AdamW: betas must be {message}"
