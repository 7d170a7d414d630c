"""`--pattern`: what it reads, and how a wrong one is refused."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrviz.errors import ScheduleError
from lrviz.log import Log, read_log


def read(path: Path, text: str, pattern: str, **options: str) -> Log:
    path.write_text(text, encoding="utf-8", newline="")
    return read_log(str(path), pattern=pattern, **options)


def clocks(log: Log) -> dict[str, list[float]]:
    return {clock.unit: list(clock.at) for clock in log.clocks}


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("it {step} lr {lr}", "it 7 lr 0.1"),
        ("it {step} lr {lr}", "  it   7\tlr 0.1 and more"),
        ("it{step}lr{lr}", "xit7lr0.1x"),
        ("{step}: ... rate={lr}", "7: loss 3.2 rate=1e-1;"),
        ("[{step}/ ... ({lr})", "12:00 [  7/100] loss 1 (0.1)"),
        ("{lr} at {step}", "0.1 at 7"),
        ("rate {lr}, {step} done", "rate .1, 7 done"),
        ("{{'lr': {lr}, 'it': {step}}}", "{{'lr': 0.10, 'it': 7}}"),
        ("NUMBER {step} COUNT {lr}", "NUMBER 7 COUNT 0.1"),
        ("a.b(c)* {step}|{lr}$", "a.b(c)* 7|0.1$"),
    ],
)
def test_a_pattern_reads_a_line(tmp_path: Path, pattern: str, line: str) -> None:
    log = read(tmp_path / "log.txt", f"begin\n{line}\nend\n", pattern)
    assert (list(log.lr), clocks(log), list(log.lines)) == ([0.1], {"step": [7.0]}, [2])
    assert str(log.notes[0]).endswith("note: read 1 of 3 lines: step and lr, as --pattern says [log-read]")


def test_a_pattern_may_stand_several_times_on_a_line(tmp_path: Path) -> None:
    log = read(tmp_path / "log.txt", "1=0.1 2=0.2 3=0.3\n\n4=0.4\n", "{step}={lr}")
    assert (list(log.lr), list(log.clocks[0].at), list(log.lines)) == ([0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4], [1, 1, 1, 3])


def test_epochs_and_no_clock_at_all(tmp_path: Path) -> None:
    log = read(tmp_path / "log.txt", "e 0.25 -> 0.1\ne 0.5 -> 0.2\n", "e {epoch} -> {lr}")
    assert clocks(log) == {"epoch": [0.25, 0.5]}
    assert log.clocks[0].half == 0.005
    log = read(tmp_path / "log.txt", "-> 0.1\n-> 0.2\n", "-> {lr}")
    assert clocks(log) == {"call": [0, 1]}


def test_the_learning_rates_of_groups(tmp_path: Path) -> None:
    text = "7: body 0.1 head 0.2\n8: body 0.3 head 0.4\n"
    pattern = "{step}: body {lr:body} head {lr:the head}"
    assert list(read(tmp_path / "log.txt", text, pattern, group="the head").lr) == [0.2, 0.4]
    assert list(read(tmp_path / "log.txt", text, pattern, column="body").lr) == [0.1, 0.3]
    with pytest.raises(ScheduleError, match="there is no number 'tail'"):
        read(tmp_path / "log.txt", text, pattern, column="tail")


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            ("default",),
            "the pattern reads 2 learning rates (A, B), and the plan has one param group\n"
            "  hint: choose one with --column A, or write {lr} for one and ... for the others",
        ),
        (
            ("body", "head"),
            "the pattern reads 2 learning rates (A, B), and the plan has the param groups body, head\n"
            "  hint: name them as the plan does: {lr:body}",
        ),
        (
            (),
            "the pattern reads 2 learning rates (A, B)\n"
            "  hint: choose one with --column A, or write {lr} for one and ... for the others",
        ),
    ],
)
def test_learning_rates_that_are_not_named_as_the_groups_of_the_plan(
    tmp_path: Path, groups: tuple[str, ...], message: str
) -> None:
    path = tmp_path / "log.txt"
    path.write_text("7: body 0.1 head 0.2\n")
    pattern, group = "{step}: body {lr:A} head {lr:B}", groups[0] if groups else None
    with pytest.raises(ScheduleError) as caught:
        read_log(str(path), group=group, groups=groups, pattern=pattern)
    assert str(caught.value).replace(f"{tmp_path}/", "") == f"log.txt: error: {message}"
    assert list(read_log(str(path), "B", group=group, groups=groups, pattern=pattern).lr) == [0.2]
    assert list(read_log(str(path), group=group, groups=groups, pattern="{step}: ... head {lr:B}").lr) == [0.2]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("step {step}", "has no {lr}"),
        ("", "has no {lr}"),
        ("{step} {loss} {lr}", "has the field {loss}"),
        ("{step:x} {lr}", "has the field {step:x}"),
        ("{step} {lr:}", "has the field {lr:}"),
        ("{lr} {lr}", "has {lr} twice"),
        ("{lr:a} {lr:a}", "has {lr:a} twice"),
        ("{step}{lr}", "has {step} and {lr} side by side"),
        (f"{'x' * 1000}{{lr}}", "is longer than 1,000 characters"),
    ],
)
def test_a_wrong_pattern_is_refused(tmp_path: Path, pattern: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read(tmp_path / "log.txt", "step 1 lr 0.1\n", pattern)
    (problem,) = caught.value.problems
    assert problem.message == f"the text of --pattern {message}"
    assert problem.hint


def test_a_log_in_which_a_pattern_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError) as caught:
        read(tmp_path / "log.txt", "step 1 lr 0.1\n", "it {step} lr {lr}")
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "log.txt: error: none of 1 line reads as --pattern says\n"
        "  hint: blanks stand for any blanks, ... for any text, and the rest for itself"
    )


literals = st.text(st.sampled_from(string.ascii_letters + " .:=|[](){}*+?^$\\/,'\"-_#éß"), max_size=12).filter(
    lambda text: (
        "..." not in text and not any(field in text for field in ("{", "}")) and text[-1:] not in (".", "-", "+")
    )
)
numbers = st.floats(1e-12, 10.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    before=literals,
    between=literals.filter(str.strip),
    after=literals,
    records=st.lists(st.tuples(st.integers(0, 10**9), numbers), min_size=1, max_size=5, unique=True),
    write=st.sampled_from(["{!r}", "{:.6e}", "{:.3g}", "{:.8f}"]),
    noise=st.sampled_from(["", "loading\n", "\x00\x00", "\x1b[32m"]),
)  # fmt: skip
def test_what_a_pattern_writes_it_reads(
    tmp_path: Path, before: str, between: str, after: str, records: list[tuple[int, float]], write: str, noise: str
) -> None:
    lines = [(step, write.format(lr)) for step, lr in records]
    text = "".join(f"{noise}{before}{step}{between}{lr}{after}\n" for step, lr in lines)
    log = read(tmp_path / "log.txt", text, f"{before}{{step}}{between}{{lr}}{after}")
    wanted = [lines[0], *(line for line, earlier in zip(lines[1:], lines, strict=False) if line != earlier)]
    assert list(zip(map(int, log.clocks[0].at), log.lr, strict=True)) == [(step, float(lr)) for step, lr in wanted]
