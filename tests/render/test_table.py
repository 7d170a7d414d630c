"""The table as text, exactly: golden files, one for each way to write it."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
from pathlib import Path

import pytest
from curves import curve
from helpers.golden import Golden
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.ansi import Terminal
from lrviz.curve import Curve
from lrviz.render.tables.rows import Rows, rows_of
from lrviz.render.tables.table import write_csv, write_json, write_markdown, write_table

GOLDEN = Path(__file__).parent / "golden" / "table"


def sample() -> list[Curve]:
    """Two schedules, one with groups that differ, of different length, on both clocks, with names that need care."""
    return [
        curve([0.1, 0.1, 0.01, 0.01], name="step [red]", steps_per_epoch=500, end=0.001),
        curve([1e-3, 5e-4, 0.0], [2e-3, 1e-3, 0.0], name="a|b", steps_per_epoch=500, end=0.0),
    ]


def table(rows: Rows, terminal: Terminal) -> str:
    stream = io.StringIO()
    write_table(rows, stream, terminal)
    return stream.getvalue()


CASES = {
    "table.txt": lambda rows, stream: write_table(rows, stream, Terminal()),
    "table-ascii.txt": lambda rows, stream: write_table(rows, stream, Terminal(ascii=True)),
    "table-color.txt": lambda rows, stream: write_table(rows, stream, Terminal(color=True)),
    "table-narrow.txt": lambda rows, stream: write_table(rows, stream, Terminal(width=30)),
    "table.csv": write_csv,
    "table.json": write_json,
    "table.md": write_markdown,
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, golden: Golden) -> None:
    stream = io.StringIO()
    CASES[name](rows_of(sample(), end=True), stream)
    golden.same_text(GOLDEN / name, stream.getvalue())


def test_there_is_no_golden_file_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / name for name in CASES))


def test_by_step_the_step_comes_first() -> None:
    text = table(rows_of([curve([1.0, 0.5], steps_per_epoch=2)], "step", end=True), Terminal())
    assert [line.split() for line in text.splitlines()[:1]] == [["step", "epoch", "run"]]
    assert [line.split() for line in text.splitlines()[2:6]] == [
        ["0", "0", "1"],
        ["1", "0.5", "1"],
        ["2", "1", "•", "0.5"],
        ["3", "1.5", "0.5"],
    ]
    assert text.splitlines()[7].split() == ["end", "0"]


def test_six_schedules_fit_80_columns_in_one_piece() -> None:
    names = ("step-decay", "cosine", "warmup-cosine", "exponential", "cosine-warm-restarts", "one-cycle")
    curves = [curve([0.1 * math.cos(tick / 60) ** 2 for tick in range(90)], name=name) for name in names]
    text = table(rows_of(curves), Terminal(width=80))
    assert max(map(len, text.splitlines())) <= 80
    assert text.split().count("epoch") == 1  # one block, the clock once
    head = text.partition("─")[0]
    assert sorted("".join(head.split())) == sorted("epoch" + "".join(names))


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_no_number_is_ever_cut_at_any_width(count: int, width: int) -> None:
    curves = [curve([0.1 / (at + 1), 0.0123], name=f"schedule-with-a-name-{at}") for at in range(count)]
    text = table(rows_of(curves), Terminal(width=width))
    words = text.split()
    assert "…" not in text
    assert words.count("0.0123") == count
    widest = max(len(line) for line in text.splitlines()[:-1])
    assert widest <= max(width, 22)


def test_in_a_pipe_a_title_stays_on_one_line() -> None:
    name = "a-very-long-name-of-a-schedule/with a group"
    assert table(rows_of([curve([0.1], name=name)]), Terminal()).splitlines()[0].endswith(name)


bits = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(st.lists(bits, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_csv_and_json_read_back_to_the_same_bits(values: list[float]) -> None:
    rows = rows_of([curve(values)])
    as_csv, as_json = io.StringIO(newline=""), io.StringIO()
    write_csv(rows, as_csv)
    write_json(rows, as_json)
    from_csv = [float(row["run"]) for row in csv.DictReader(io.StringIO(as_csv.getvalue()))]
    from_json = [record["lr"]["run"] for record in json.loads(as_json.getvalue())["records"]]
    expected = struct.pack(f"{len(values)}d", *values)
    assert struct.pack(f"{len(values)}d", *from_csv) == expected
    assert struct.pack(f"{len(values)}d", *from_json) == expected


def test_json_has_text_for_what_is_not_finite() -> None:
    stream = io.StringIO()
    write_json(rows_of([curve([math.nan, math.inf, -math.inf])]), stream)
    records = json.loads(stream.getvalue(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))["records"]
    assert [record["lr"]["run"] for record in records] == ["nan", "inf", "-inf"]


def test_a_table_of_few_rows_and_many_columns_is_turned() -> None:
    many = curve(*([0.1 / (at + 1)] * 60 for at in range(13)), name="run")
    text = table(rows_of([many], "epoch", 30), Terminal(width=40))
    assert text.splitlines()[0].split() == ["epoch", "0", "30"]
    assert [line.split()[0] for line in text.splitlines()[2:15]] == [f"run/g{at}" for at in range(13)]
    long = table(rows_of([many]), Terminal(width=40))
    assert "less -S" in long
    assert "--only" not in long  # there is nothing to choose


def test_letters_of_double_width_keep_their_columns_and_are_never_cut() -> None:
    text = table(rows_of([curve([0.1], name="中文名称"), curve([0.25], name="🎉")]), Terminal())
    assert text.splitlines()[0].split() == ["epoch", "中文名称", "🎉"]
    assert text.splitlines()[2].split() == ["0", "0.1", "0.25"]


def test_a_table_that_just_fits_is_in_one_piece() -> None:
    curves = [curve([0.1] * 90, name=name) for name in ("step", "cosine", "linear", "exponential")]
    wide = table(rows_of(curves), Terminal())
    fits = max(map(len, wide.splitlines()[:3]))
    assert table(rows_of(curves), Terminal(width=fits)).split().count("epoch") == 2  # the clock and the caption
    assert table(rows_of(curves), Terminal(width=fits - 1)).split().count("epoch") == 3
