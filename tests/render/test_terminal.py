"""Pictures in a terminal: read back from their dots and labels, and held against the curves that they are of."""

from __future__ import annotations

import math
import re
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import pytest
from curves import curve
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from test_braille import dots

from lrviz.ansi import Terminal
from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.place import Place
from lrviz.render.drawing.clock import Extent
from lrviz.render.shown import Expected, Shown
from lrviz.render.style import Look
from lrviz.render.terminal.axes import LETTERS, MARKS, End, beside
from lrviz.render.terminal.overlay import draw
from lrviz.render.terminal.painted import COLORS
from lrviz.render.terminal.scale import clock_ticks, linear, logarithmic, span_of
from lrviz.run import Run
from lrviz.schedule.expect import At, Extreme

SGR = re.compile(r"\x1b\[[0-9;]*m")


def picture(*curves: Curve, rows: int | None = None, terminal: Terminal | None = None, **look: object) -> str:
    return draw([Shown(each) for each in curves], Look(**look), terminal or Terminal(), rows)  # type: ignore[arg-type]


@dataclass
class Read:
    """The upper axes of a picture: what its labels and dots say, and nothing of how they came there."""

    labels: dict[int, float]
    rows: list[str]
    ascii: bool

    @property
    def down(self) -> int:
        return 1 if self.ascii else 4

    def place(self, value: float, log: bool) -> float:
        """The row of dots of a value, by the two outermost labels."""
        (first, high), *_, (last, low) = sorted(self.labels.items())
        if log:
            high, low, value = math.log10(high), math.log10(low), math.log10(value)
        row = first + (high - value) / (high - low) * (last - first)
        return row * self.down + self.down // 2

    def columns(self) -> list[set[int]]:
        """The rows of dots that are set in each column of dots."""
        if self.ascii:
            width = max(map(len, self.rows))
            return [
                {at for at, row in enumerate(self.rows) if row.ljust(width)[column] != " "} for column in range(width)
            ]
        found = dots([row.replace(" ", "\u2800") for row in self.rows])
        return [{row for column, row in found if column == at} for at in range(2 * max(map(len, self.rows)))]


def read(text: str) -> Read:
    lines = SGR.sub("", text).splitlines()
    ascii = text.isascii()
    corner = next(at for at, line in enumerate(lines) if re.match(r" *\+[-+]+$" if ascii else " *└", line))
    margin = lines[corner].index("+" if ascii else "└")
    width = len(lines[corner]) - margin - 1
    start = corner
    while start and lines[start - 1][margin : margin + 1] in tuple("|+:" if ascii else "│┤┊"):
        start -= 1
    axis = lines[start:corner]
    labels = {row: float(line[:margin]) for row, line in enumerate(axis) if line[:margin].strip()}
    return Read(labels, [line[margin + 1 : margin + 1 + width].ljust(width) for line in axis], ascii)


def held(values: Sequence[float], column: int, columns: int) -> list[float]:
    """The values that are held at some time of a column, where the columns share out the run evenly."""
    per_column = Fraction(len(values), columns)
    first, last = math.floor(column * per_column), math.ceil((column + 1) * per_column)
    return list(values[max(first, 0) : last])


def check_dots(values: Sequence[float], found: Read, log: bool) -> None:
    columns = found.columns()
    near = 1.0 if not found.ascii else 0.51
    for at, rows in enumerate(columns):
        around = [
            found.place(each, log)
            for each in held(values, max(at - 1, 0), len(columns)) + held(values, at, len(columns))
        ]
        assert rows, "no column is empty"
        assert min(around) - near <= min(rows), f"column {at} goes above its values"
        assert max(rows) <= max(around) + near, f"column {at} goes below its values"
    for tick, value in enumerate(values):
        first, last = (math.floor(Fraction(each * len(columns), len(values))) for each in (tick, tick + 1))
        rows = set().union(*columns[first : max(last, first) + 1])
        assert min(abs(row - found.place(value, log)) for row in rows) <= near, f"tick {tick} is not seen"


rates = st.floats(1e-9, 10)
sizes = st.tuples(st.integers(24, 140), st.integers(9, 50))


@given(st.lists(rates | st.just(0.0), min_size=1, max_size=400), sizes, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_dot_is_where_the_labels_say_that_the_curve_is(
    values: list[float], size: tuple[int, int], ascii: bool
) -> None:
    text = picture(curve(values), rows=size[1], terminal=Terminal(width=size[0], ascii=ascii), log=False, plain=True)
    found = read(text)
    assert len(found.labels) >= 2
    check_dots(values, found, log=False)


@given(st.lists(rates, min_size=1, max_size=190), sizes, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_dot_is_where_a_logarithmic_axis_says_that_the_curve_is(
    values: list[float], size: tuple[int, int], ascii: bool
) -> None:
    text = picture(curve(values), rows=size[1], terminal=Terminal(width=size[0], ascii=ascii), log=True, plain=True)
    found = read(text)
    decades = {row: each for row, each in found.labels.items() if math.log10(each).is_integer()}
    if len(decades) >= 2:  # what lies between decades is on the row next to it
        check_dots(values, replace(found, labels=decades), log=True)


def test_a_million_ticks_are_drawn_at_once_and_no_peak_is_lost() -> None:
    values = array("d", [0.01]) * 1_000_000
    values[654_321] = 1.0
    run = Run(None, 1_000_000, None, "step")
    long = replace(curve([0.0]), run=run, columns=(memoryview(values).toreadonly(),))
    picture(long, log=False)
    began = time.process_time()
    text = picture(long, log=False)
    assert time.process_time() - began < 0.5, "a redraw while a file is watched; some 50 ms where nothing else runs"
    columns = read(text).columns()
    assert [at for at, rows in enumerate(columns) if min(rows) < 8] == [654_321 * len(columns) // 1_000_000]


# --- axes --------------------------------------------------------------------------------------------------


@given(st.floats(-1e90, 1e90), st.floats(-1e90, 1e90), st.integers(3, 60))
def test_a_linear_axis_holds_all_values_and_its_ticks_lie_on_rows(low: float, high: float, rows: int) -> None:
    low, high = min(low, high), max(low, high)
    scale = linear(low, high, rows)
    bottom, top = scale.ends
    room = 1e-6 * scale.per_row
    assert bottom - room <= low
    assert high <= top + room
    assert scale.rows <= rows
    assert scale.ticks
    for tick in scale.ticks:
        assert 0 <= tick.at < scale.rows
        assert tick.value == pytest.approx((scale.top - tick.at) * scale.per_row, rel=1e-9, abs=room)
        assert float(tick.label) == pytest.approx(tick.value, rel=1e-6, abs=room)


@given(st.floats(-30, 30), st.floats(0, 40), st.integers(4, 60), st.booleans())
def test_a_logarithmic_axis_holds_all_values_and_its_decades_lie_on_rows(
    start: float, decades: float, rows: int, zero: bool
) -> None:
    low, high = 10.0**start, 10.0 ** (start + decades)
    scale = logarithmic(low, high, rows, zero)
    assert scale.rows <= rows
    lowest = scale.linear_below if zero else scale.ends[0]
    assert lowest <= low * (1 + 1e-6)
    assert high <= scale.ends[1] * (1 + 1e-6)
    assert [tick.at for tick in scale.ticks] == sorted({tick.at for tick in scale.ticks})
    for tick in scale.ticks:
        assert float(tick.label) == tick.value
        if tick.value == 0:
            assert zero
            assert tick.at == scale.rows - 1
        else:
            exact = scale.top - math.log10(tick.value) / scale.per_row
            assert abs(exact - tick.at) <= (1e-6 if tick.label.startswith("1") else 0.5)


@given(st.floats(1, 1e9) | st.integers(1, 10**7).map(float), st.integers(4, 300))
def test_labels_of_time_stand_where_they_belong_and_apart(longest: float, columns: int) -> None:
    ticks = clock_ticks(Extent(0, longest), columns)
    assert ticks[0].label == "0"
    spans = [span_of(tick, columns) for tick in ticks]
    assert all(left[1] + 2 <= right[0] for left, right in pairwise(spans))
    for tick, (start, stop) in zip(ticks, spans, strict=True):
        number, size = float(tick.label.rstrip("kM")), {"k": 1e3, "M": 1e6}.get(tick.label[-1], 1.0)
        assert number * size == pytest.approx(tick.value, rel=1e-5)
        assert tick.at == min(columns - 1, math.floor(tick.value / longest * columns + 1e-6))
        assert start <= tick.at < max(stop, start + 1)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.1], ["0.1", "0.05", "0"]),
        ([1e-4], ["1e-4", "5e-5", "0"]),
        ([2e-5], ["2e-5", "1e-5", "0"]),
        ([3e5], ["300000", "200000", "100000", "0"]),
        ([0.0], ["1", "0.5", "0"]),
    ],
)
def test_labels_are_written_as_people_write_them(values: list[float], labels: list[str]) -> None:
    text = picture(curve(values), rows=15)
    assert re.findall(r"^ *(\S+) ┤", text, re.MULTILINE) == labels


def test_zero_has_a_row_of_its_own_below_the_decades() -> None:
    text = picture(curve([0.1] * 50 + [1e-5] * 50 + [0.0] * 50), log=True)
    found = read(text)
    assert list(found.labels.values()) == [0.1, 0.01, 0.001, 1e-4, 1e-5, 0]
    rows = {min(column) // 4 for column in found.columns()[-40:]}
    assert rows == {max(found.labels)}


def test_a_logarithmic_axis_that_nobody_asked_for_is_said() -> None:
    steps = curve([0.1] * 30 + [1e-3] * 30 + [1e-6] * 30)
    assert "logarithmic, because the learning rates span more than three decades" in picture(steps)
    assert "1e-6" in picture(steps)
    assert "logarithmic" not in picture(steps, log=False)
    assert "logarithmic" not in picture(steps, log=True), "who asked knows"
    assert "logarithmic" not in picture(curve([0.1, 0.05]))


def test_what_is_below_zero_is_named_where_it_is_left_out() -> None:
    assert "left out: values below 0 (dip)" in picture(curve([1.0, -0.5, 1e-5], name="dip"), log=True)
    with pytest.raises(ScheduleError, match="no learning rate is above 0"):
        picture(curve([0.0]), log=True)


# --- several curves ----------------------------------------------------------------------------------------


def test_each_curve_is_named_where_it_ends() -> None:
    text = picture(curve([1.0] * 9, name="high"), curve([0.0] * 9, name="low"), curve([0.5] * 9, name="mid"))
    lines = {line.split()[-1]: at for at, line in enumerate(text.splitlines()) if line.endswith(("high", "low", "mid"))}
    ticks = {line.split()[0]: at for at, line in enumerate(text.splitlines()) if "┤" in line}
    assert (lines["high"], lines["low"]) == (ticks["1"], ticks["0"])
    assert abs(lines["mid"] - (ticks["1"] + ticks["0"]) / 2) <= 0.5
    assert [name in text for name in ("A high", "B low", "C mid")] == [True] * 3


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.integers(14, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_names_never_share_a_row_and_are_in_the_order_of_the_ends(ends: list[float], rows: int, ascii: bool) -> None:
    curves = [curve([0.5] * 20 + [end] * 20, name=f"run-{at}") for at, end in enumerate(ends)]
    text = picture(*curves, rows=rows, terminal=Terminal(ascii=ascii), plain=True)
    named = re.findall(r"run-(\d)", text)
    assert sorted(named) == [str(at) for at in range(len(ends))]
    aside = [line for line in text.splitlines() if "run-" in line]
    if len(aside) == len(ends):  # else they are a legend below
        found = [ends[int(at)] for at in named]
        step = 1 / (rows - 8)
        assert all(above >= below - 2 * step for above, below in pairwise(found))


def test_where_two_lie_on_one_place_both_are_seen() -> None:
    pair = [curve([0.1] * 30, name="a"), curve([0.1] * 30, name="b")]
    coloured = picture(*pair, terminal=Terminal(color=True))
    (line,) = (line for line in coloured.splitlines() if "0.1" in line)
    canvas = line.rpartition("a")[0]
    assert min(canvas.count(code) for code in COLORS[:2]) >= 5
    (line,) = (line for line in picture(*pair, terminal=Terminal(ascii=True)).splitlines() if "0.1" in line)
    assert {"o", "+"} <= set(line.partition("0.1 +")[2])
    assert min(line.count("oo"), line.count("++")) >= 5


def test_letters_are_on_the_lines_where_there_is_no_colour() -> None:
    curves = [curve([float(at)] * 30, name=f"run {at}") for at in range(4)]
    text = picture(*curves)
    for at, letter in enumerate(LETTERS[:4]):
        (line,) = (line for line in text.splitlines() if line.endswith(f"{letter} run {at}"))
        assert line.count(letter) >= 3
    assert not re.search("[A-D]", SGR.sub("", picture(*curves, terminal=Terminal(color=True))))


def test_a_legend_stands_below_where_names_are_long() -> None:
    names = ["a name that takes more than a third of it", "b"]
    text = picture(*(curve([1.0], name=name) for name in names), terminal=Terminal(width=60))
    assert f"A {names[0]}   B b" in text.splitlines()


def test_param_groups_are_named_and_many_are_a_range() -> None:
    few = picture(curve([1.0], [0.5], [0.25]))
    assert [f"{letter} g{at}" in few for at, letter in enumerate("ABC")] == [True] * 3
    many = picture(curve(*([at / 12] for at in range(1, 13)), name="deep"), curve([0.5], name="flat"), grid=False)
    assert "deep/g0 to deep/g11 (12 groups)" in many
    assert "B flat" in many
    assert "g0 to g11 (12 groups)" in picture(curve(*([at / 12] for at in range(1, 13))), plain=True).splitlines()


# --- words -------------------------------------------------------------------------------------------------


def test_one_schedule_says_its_peak_its_end_and_what_is_expected() -> None:
    where = Position("run.yaml", 7, 3)
    one = curve([0.0, 1e-4, 5e-5], end=1e-6)
    at = At(where, None, Place(Fraction(1), "epoch 1", where), 1e-4)
    least = Extreme(where, None, "min", 1.0)
    shown = Shown(one, expected=(Expected(at, True), Expected(least, False)))
    text = draw([shown], Look(), Terminal(), None)
    assert text.endswith(
        "peak 1e-4 at epoch 1, last 5e-5, end 1e-6\nexpects 2: 1 holds, 1 does not: min: 1 (run.yaml:7:3)\n"
    )
    assert "expects 1: it holds" in draw([Shown(one, expected=(Expected(at, True),))], Look(), Terminal(), None)
    plain = draw([shown], Look(plain=True), Terminal(), None)
    assert "peak" not in plain
    assert "expects" not in plain


def test_momentum_has_axes_below_where_it_moves() -> None:
    moving = replace(curve([0.1] * 50), momentum_columns=(memoryview(array("d", [0.95] * 25 + [0.85] * 25)),))
    text = picture(moving)
    assert re.findall(r"^ *(learning rate|momentum or beta1)$", text, re.MULTILINE) == [
        "learning rate", "momentum or beta1",
    ]  # fmt: skip
    assert {"0.95 ┤", "0.85 ┤"} <= set(re.findall(r"\S+ ┤", text))
    assert "momentum" not in picture(moving, y="lr")
    assert "learning rate" not in picture(moving, y="momentum", plain=True)
    with pytest.raises(ScheduleError, match="needs a schedule that changes momentum"):
        picture(curve([0.1]), y="momentum")


def test_relative_and_percent() -> None:
    text = picture(curve([3.0, 1.5], name="a"), curve([2e-4, 1e-4], name="b"), y="relative", x="percent")
    assert "learning rate, as a fraction of its peak" in text
    assert "percent of the run" in text
    assert read(text).labels[0] == 1
    assert read(text).columns()[0] == {2}


def test_a_clock_that_is_not_known_is_refused() -> None:
    with pytest.raises(ScheduleError, match="needs the steps"):
        picture(curve([0.1]), x="step")


# --- small multiples ---------------------------------------------------------------------------------------


def test_more_than_eight_have_a_panel_each() -> None:
    text = picture(*(curve([1.0], name=f"run{at}") for at in range(9)))
    assert all(f"run{at}" in text for at in range(9))
    assert "learning rates on axes from 0 to 1, over 1 epochs" in text
    assert "A run0" in picture(*(curve([1.0], name=f"run{at}") for at in range(8)))


def test_peaks_of_other_sizes_are_said_in_each_panel() -> None:
    text = picture(curve([1.0] * 10, name="a"), curve([1e-5] * 100, name="b"), grid=True)
    assert "peak 1, 10 epochs" in text
    assert "peak 1e-5, 100 epochs" in text
    assert "as fractions of each peak" in text


def test_what_a_window_has_no_room_for_is_said() -> None:
    curves = [curve([1.0], name=f"run{at:03}") for at in range(100)]
    text = picture(*curves, rows=24, terminal=Terminal(width=80))
    drawn = len(re.findall(r"run\d{3}", text))
    assert 0 < drawn < 100
    assert f"{100 - drawn} of 100 do not fit here" in text
    assert len(re.findall(r"run\d{3}", picture(*curves))) == 100, "off a terminal all are drawn"


# --- sizes and letters -------------------------------------------------------------------------------------

NASTY = ["\x1b[31mred\x1b[0m", "学習率" * 12, "tab\tbell\a", "e\u0301" * 30, "ö\x1b", "率", "plain"]


@given(
    st.integers(1, 140),
    st.integers(1, 60),
    st.integers(1, 12),
    st.builds(Terminal, color=st.booleans(), ascii=st.booleans()),
    st.fixed_dictionaries({
        "log": st.sampled_from([None, False, True]), "grid": st.sampled_from([None, True]),
        "title": st.sampled_from([None, *NASTY]), "plain": st.booleans(), "y": st.sampled_from([None, "relative"]),
    }),
)  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_no_picture_leaves_its_window(
    width: int, rows: int, count: int, terminal: Terminal, look: dict[str, object]
) -> None:
    curves = [
        curve([0.5, 0.1 * (at + 1), 0.0, 1e-6], name=f"{at}{NASTY[at % len(NASTY)]}", title="A title of some length")
        for at in range(count)
    ]
    text = picture(*curves, rows=rows, terminal=replace(terminal, width=width), **look)
    lines = SGR.sub("", text).splitlines() if terminal.color else text.splitlines()
    assert max(map(cell_len, lines)) <= max(width, 3)
    assert 1 <= len(lines) <= max(1, rows - 2)
    assert all(line.isprintable() for line in lines), "no escape code of a name, and none without colour"
    assert text.isascii() or not terminal.ascii


def test_off_a_terminal_a_picture_is_80_wide_and_has_no_codes() -> None:
    lines = picture(curve([1.0] * 10)).splitlines()
    assert max(map(len, lines)) == 79
    assert len(lines) <= 20
    assert "\x1b" not in "".join(lines)


def test_a_window_that_is_too_small_is_told_so() -> None:
    text = picture(curve([1.0]), rows=7, terminal=Terminal(width=80))
    assert text == "a window of 80 x 7 is too small for a picture, which needs at least 16 x 8\n"
    assert "too small" not in picture(curve([1.0]), rows=8, terminal=Terminal(width=16))


def test_ascii_has_a_mark_for_each_curve() -> None:
    curves = [curve([float(at)] * 30, name=f"run {at}") for at in range(8)]
    text = picture(*curves, terminal=Terminal(ascii=True))
    assert text.isascii()
    for at, mark in enumerate(MARKS[:8]):
        (line,) = (line for line in text.splitlines() if line.endswith(f"run {at}"))
        assert line.count(mark) > 30


@given(st.lists(st.integers(0, 19), min_size=1, max_size=20))
def test_names_are_as_near_to_their_ends_as_others_leave_them(rows: list[int]) -> None:
    placed = beside([End(row, row) for row in rows], 20)
    assert len(set(placed)) == len(rows)
    assert set(placed) <= set(range(20))
    assert [row for _, row in sorted(zip(placed, rows, strict=True))] == sorted(rows)
    if all(abs(a - b) >= 1 for at, a in enumerate(rows) for b in rows[:at]):
        assert placed == rows


def test_names_that_belong_to_one_row_stand_around_it() -> None:
    assert beside([End(5, 5)] * 3, 11) == [4, 5, 6]
    assert beside([End(10, 10)] * 3, 11) == [8, 9, 10]
    assert beside([End(0, 0.5), End(0, 0.2)], 11) == [1, 0], "where both end at one place, the higher line is above"


def test_the_last_value_is_told_where_it_is_not_the_end() -> None:
    assert "peak 0.1 at epoch 0, last 3.4147e-5, end 0" in picture(curve([0.1, 3.4147e-5], end=0.0))
    assert "peak 0.1 at epoch 0, end 0.05" in picture(curve([0.1, 0.05], end=0.05))
