"""The report for people: source lines, carets, colours, and words that are true of whatever was found."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import ALL, CLIMBS, FOLLOWED, HELD, LOGGED, MISSED, MIXED, NOTHING, SCHEDULES, STEP, WELL, lines
from rich.cells import cell_len

from lrviz.checks.finding import Finding, Results
from lrviz.checks.report import text
from lrviz.checks.report.options import ReportOptions
from lrviz.checks.report.summary import summary
from lrviz.errors import Position


def finding(line: int, column: int, **changes: Any) -> Finding:
    return MISSED._replace(where=Position("a.yaml", line, column), **changes)


def report(*findings: Finding, schedules: int = 1) -> Results:
    return Results(("a.yaml",), tuple(("a.yaml", f"s{index}") for index in range(schedules)), findings, ())


def excerpt(source: str, column: int, line: int = 1, ascii: bool = False) -> list[str]:
    """What stands between the first line of a finding and the summary."""
    options = ReportOptions(lambda file: source.split("\n"), quiet=True, ascii=ascii)
    return text.write(report(finding(line, column, hint="")), options).splitlines()[1:]


# --- source lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "column", "shown", "before"),
    [
        ("epochs: 3", 1, "epochs: 3", 0),
        ("epochs: 3", 9, "epochs: 3", 8),
        ("epochs: 3", 10, "epochs: 3", 9),
        ("epochs: 3", 1000, "epochs: 3", 9),
        ("epochs: 3   ", 9, "epochs: 3", 8),
        ("", 1, "", 0),
        ("\tlr: 1", 2, "    lr: 1", 4),
        ("日本: 1", 3, "日本: 1", 4),
        ("🔥: 1", 4, "🔥: 1", 4),
        ("e\u0301: 1", 5, "e\u0301: 1", 3),
        ("a\u200db: 1", 6, "a\u200db: 1", 4),
        ("\x1b[31m: 1", 8, "\\x1b[31m: 1", 10),
        ("\u202ea\x85b: 1", 7, "\\u202ea\\x85b: 1", 14),
    ],
)
def test_the_caret_is_under_the_column(source: str, column: int, shown: str, before: int) -> None:
    assert excerpt(source, column) == [f"  1 | {shown}".rstrip(), f"    | {' ' * before}^"]


def test_without_more_than_ascii_a_line_is_as_its_stream_writes_it() -> None:
    assert excerpt("é🔥: \x07", 3, ascii=True) == ["  1 | \\xe9\\U0001f525: \\x07", "    |               ^"]


@pytest.mark.parametrize(("line", "column"), [(0, 0), (3, 1), (99, 1)])
def test_a_position_in_no_line_shows_none(line: int, column: int) -> None:
    assert excerpt("epochs: 3\nsteps: 4", column, line) == []


def test_a_line_without_a_column_has_no_caret() -> None:
    assert excerpt("epochs: 3\nsteps: 4", 0, 2) == ["  2 | steps: 4"]


def test_the_gutter_is_as_wide_as_the_number() -> None:
    assert excerpt("\n" * 1233 + "epochs: 3", 9, 1234) == ["  1234 | epochs: 3", "       |         ^"]


DIGITS = "".join(str(index % 10) for index in range(400))


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (1, f"{DIGITS[:98]}…"),
        (49, f"{DIGITS[:98]}…"),
        (50, f"{DIGITS[:98]}…"),
        (51, f"…{DIGITS[1:99]}…"),
        (200, f"…{DIGITS[150:248]}…"),
        (351, f"…{DIGITS[301:399]}…"),
        (352, f"…{DIGITS[302:]}"),
        (400, f"…{DIGITS[302:]}"),
        (401, f"…{DIGITS[302:]}"),
    ],
)
def test_a_long_line_is_cut_around_the_caret(column: int, shown: str) -> None:
    assert excerpt(DIGITS, column)[0] == f"  1 | {shown}"


def test_a_line_is_cut_only_where_it_is_too_long() -> None:
    assert excerpt(DIGITS[:100], 50)[0] == f"  1 | {DIGITS[:100]}"
    assert excerpt(DIGITS[:101], 1)[0] == f"  1 | {DIGITS[:98]}…"
    assert excerpt("日" * 50, 1)[0] == f"  1 | {'日' * 50}"
    assert excerpt("日" * 51, 1)[0] == f"  1 | {'日' * 49}…"


@given(st.text("ab日🔥e\u0301\t ", max_size=300), st.integers(1, 320), st.booleans())
def test_the_caret_is_under_the_character_however_a_line_is_cut(line: str, column: int, ascii: bool) -> None:
    marked = min(column - 1, len(line))
    # a character that is found again in what is shown, as wide as an `a`
    line = f"{line[:marked]}^{line[marked:]}"
    shown, caret = excerpt(line, marked + 1, ascii=ascii)
    before = shown[6 : shown.index("^")]
    assert caret == f"    | {' ' * cell_len(before)}^"
    assert cell_len(shown[6:]) <= text.LONGEST_LINE
    cut = "..." if ascii else "…"
    spaced = line.replace("\t", "    ").rstrip()
    full = spaced.encode("ascii", "backslashreplace").decode() if ascii else spaced
    assert shown[6:].removeprefix(cut).removesuffix(cut).rstrip() in full
    if cell_len(full) <= text.LONGEST_LINE and len(line) <= text.LONGEST_LINE:
        assert shown[6:] == full


def test_what_takes_no_room_is_cut_too() -> None:
    accents = "\u0301" * 200
    assert excerpt(f"a{accents}x", 202) == [f"  1 | …{accents[:100]}x", "    |  ^"]
    assert excerpt(f"a{accents}x", 1) == [f"  1 | a{accents[:99]}…", "    | ^"]


def test_of_a_huge_line_only_what_is_shown_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[object] = []
    read: list[str] = []
    real = text._shown

    def shown(*of: Any) -> str:
        looked_at.append(of)
        return real(*of)

    def source(file: str) -> list[str]:
        read.append(file)
        return ["x" * 1_000_000]

    monkeypatch.setattr(text, "_shown", shown)
    many = report(*(finding(1, column) for column in range(1, 1_000_000, 50_000)))
    written = text.write(many, ReportOptions(source))
    assert written.count("^") == 20
    assert len(looked_at) <= 20 * 2 * text.LONGEST_LINE
    assert read == ["a.yaml"]


# --- which schedule -----------------------------------------------------------------------------------------


def first_lines(of: Results) -> list[str]:
    blocks = text.write(of, ReportOptions(quiet=True)).split("\n\n")
    return [block.splitlines()[0] for block in blocks]


def test_a_schedule_is_named_where_its_file_has_several() -> None:
    one, two = finding(1, 1, schedule="s0"), finding(2, 1, schedule="s1")
    assert [line.endswith("[expect.at]") for line in first_lines(report(one))] == [True]
    assert [line[-4:] for line in first_lines(report(one, two, schedules=2))] == ["(s0)", "(s1)"]


def test_what_schedules_share_is_said_once() -> None:
    both = [finding(1, 1, schedule="s0"), finding(2, 1, schedule="s0"), finding(1, 1, schedule="s1")]
    shared, own = first_lines(report(*both, schedules=2))
    assert shared.endswith("[expect.at] (s0, s1)")
    assert own.endswith("[expect.at] (s0)")


def test_a_finding_about_a_file_as_a_whole_names_no_schedule() -> None:
    (line,) = first_lines(report(finding(0, 0, schedule=None), schedules=2))
    assert line.startswith("a.yaml: error: ")
    assert line.endswith("[expect.at]")


def test_a_finding_in_another_file_names_its_schedule_where_there_are_several() -> None:
    log = MISSED._replace(where=Position("run.csv", 3, 1))
    assert first_lines(Results((STEP,), SCHEDULES[:1], (log,), ()))[0].endswith("[expect.at]")
    assert first_lines(Results((STEP, ALL), SCHEDULES, (log,), ()))[0].endswith("[expect.at] (step)")


# --- looks --------------------------------------------------------------------------------------------------


def plain(colored: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", colored)


@pytest.mark.parametrize("of", [MIXED, WELL], ids=["mixed", "well"])
def test_color_adds_nothing_but_color(of: Results) -> None:
    colored = text.write(of, ReportOptions(lines, color=True, verbose=True))
    assert "\x1b[" in colored
    assert plain(colored) == text.write(of, ReportOptions(lines, verbose=True))


def test_quiet_leaves_out_what_is_not_found() -> None:
    everything = text.write(MIXED, ReportOptions(lines, verbose=True))
    quiet = text.write(MIXED, ReportOptions(lines, verbose=True, quiet=True))
    assert everything.endswith(f"{quiet}\n{summary(MIXED)}\n")
    assert "holds:" not in quiet
    assert text.write(WELL, ReportOptions(lines, quiet=True)) == ""


def test_verbose_has_a_line_for_every_expectation_that_holds() -> None:
    said = text.write(WELL, ReportOptions(lines, verbose=True)).splitlines()
    assert said[: len(HELD)] == [
        f"{STEP}:5:8: holds: the learning rate at epoch 0 is 0.1 [expect.at]",
        f"{STEP}:6:8: holds: the largest learning rate is 0.1, at epoch 0 [expect.max]",
        f"{ALL}:3:15: holds: the largest learning rate is 0.1, at epoch 0 [expect.max] (cosine)",
        f"{ALL}:3:15: holds: the largest learning rate is 0.1, at epoch 0 [expect.max] (multi-step)",
    ]
    assert said[len(HELD) :] == ["", "All 4 expectations of 3 schedules in 2 files hold."]


def test_a_log_that_was_followed_is_said_even_where_expectations_are_only_counted() -> None:
    assert text.write(LOGGED, ReportOptions(lines)).splitlines() == [
        "run.csv: holds: the log followed the plan: 30 records, steps 0 to 29 [log]",
        "",
        "run.csv: note: the log ends at step 20 of 30 [log-ends-early]",
        "",
        "All 2 expectations of 1 schedule in 1 file hold, and the log followed the plan; 1 note.",
    ]
    assert text.write(LOGGED, ReportOptions(lines, quiet=True)).startswith("run.csv: note:")


# --- the summary --------------------------------------------------------------------------------------------

NOTE = CLIMBS._replace(severity="note")
LINT_ERROR = CLIMBS._replace(severity="error")
INPUT = MISSED._replace(kind="input", code="input")
LOG = MISSED._replace(kind="log", code="log")

SUMMARIES = [
    # files, schedules, held, findings, strict
    (1, 1, 1, [], False, "1 expectation of 1 schedule in 1 file holds."),
    (1, 1, 3, [], False, "All 3 expectations of 1 schedule in 1 file hold."),
    (2, 3, 12, [], True, "All 12 expectations of 3 schedules in 2 files hold."),
    (1, 2, 1, [CLIMBS], False, "1 expectation of 2 schedules in 1 file holds; 1 warning."),
    (1, 2, 4, [CLIMBS, NOTE, CLIMBS], False, "All 4 expectations of 2 schedules in 1 file hold; 2 warnings, 1 note."),
    (1, 2, 4, [NOTE, NOTE], True, "All 4 expectations of 2 schedules in 1 file hold; 2 notes."),
    (1, 1, 0, [], False, "1 schedule in 1 file has no expectations."),
    (2, 3, 0, [NOTHING, CLIMBS], False, "3 schedules in 2 files have no expectations; 1 warning, 1 note."),
    (0, 0, 0, [], False, "Nothing to check in 0 files."),
    (1, 0, 0, [], False, "Nothing to check in 1 file."),
    (1, 1, 0, [MISSED], False, "1 schedule in 1 file: 1 expectation failed."),
    (1, 1, 1, [MISSED], False, "1 schedule in 1 file: 1 expectation failed, 1 holds."),
    (2, 3, 12, [MISSED, MISSED], False, "3 schedules in 2 files: 2 expectations failed, 12 hold."),
    (1, 0, 0, [INPUT], False, "1 file: 1 input error."),
    (2, 0, 0, [INPUT, INPUT], True, "2 files: 2 input errors."),
    (2, 1, 3, [INPUT], False, "1 schedule in 2 files: 3 expectations hold, 1 input error."),
    (2, 1, 1, [INPUT], False, "1 schedule in 2 files: 1 expectation holds, 1 input error."),
    (1, 1, 2, [LINT_ERROR], False, "1 schedule in 1 file: 2 expectations hold, 1 lint error."),
    (1, 1, 2, [LOG, LOG], False, "1 schedule in 1 file: 2 expectations hold, 2 log errors."),
    (
        1,
        1,
        2,
        [LOG, CLIMBS, LINT_ERROR, INPUT, NOTE, MISSED],
        False,
        "1 schedule in 1 file: 1 expectation failed, 2 hold, 1 input error, 1 lint error, 1 log error, 1 warning, "
        "1 note.",
    ),
    (1, 1, 2, [CLIMBS], True, "1 schedule in 1 file: 2 expectations hold, 1 warning (not allowed: --strict)."),
    (
        1,
        2,
        2,
        [NOTHING],
        True,
        "All 2 expectations of 2 schedules in 1 file hold; 1 note.",
    ),
    (
        1,
        2,
        2,
        [NOTHING.required()],
        False,
        "2 schedules in 1 file: 2 expectations hold, 1 schedule without expectations (not allowed: --require-expect).",
    ),
    (
        1,
        2,
        0,
        [NOTHING.required(), CLIMBS, NOTHING.required(), CLIMBS, INPUT],
        True,
        "2 schedules in 1 file: 1 input error, 2 schedules without expectations (not allowed: --require-expect), "
        "2 warnings (not allowed: --strict).",
    ),
]


@pytest.mark.parametrize(
    ("findings", "expectations", "said"),
    [
        ([], 1, "1 expectation of 1 schedule in 1 file holds, and the log followed the plan."),
        ([CLIMBS], 0, "1 schedule in 1 file has no expectations, and the log followed the plan; 1 warning."),
        ([MISSED, NOTE], 0, "1 schedule in 1 file: 1 expectation failed, the log followed the plan, 1 note."),
    ],
)
def test_summary_with_a_log(findings: list[Finding], expectations: int, said: str) -> None:
    held = (*HELD[:expectations], FOLLOWED)
    assert summary(Results((STEP,), SCHEDULES[:1], tuple(findings), held)) == said


@pytest.mark.parametrize(("files", "schedules", "held", "findings", "strict", "said"), SUMMARIES)
def test_summary(files: int, schedules: int, held: int, findings: list[Finding], strict: bool, said: str) -> None:
    of = Results(
        files=tuple(f"{index}.yaml" for index in range(files)),
        schedules=tuple(("0.yaml", f"s{index}") for index in range(schedules)),
        findings=tuple(findings),
        held=HELD[:1] * held,
        strict=strict,
    )
    assert summary(of) == said
    assert of.ok == (":" not in said)
    color = "1;32" if of.ok else "1;31"
    assert text.write(of, ReportOptions(color=True)).endswith(f"\x1b[{color}m{said}\x1b[0m\n")
