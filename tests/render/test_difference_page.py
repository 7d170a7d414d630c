"""The page of a difference: the small picture shows both curves, and says nothing that markup could change."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
from curves import curve
from hypothesis import given
from hypothesis import strategies as st

from lrviz.calculator.difference import difference, side_of_curve
from lrviz.curve import Curve
from lrviz.render.difference import HEIGHT, WIDTH, Compared, extremes, write_json, write_page
from lrviz.render.table import Style


def compared(a: Curve, b: Curve) -> Compared:
    pair = difference(side_of_curve(a), side_of_curve(b))
    return Compared("a.yaml", "b.yaml", 1e-12, [pair], [], [])


def page(a: Curve, b: Curve, style: Style | None = None) -> str:
    out = io.StringIO()
    write_page(compared(a, b), out, style or Style(ascii=True))
    return out.getvalue()


def picture(text: str) -> list[str]:
    """The lines of the picture at the end of a page, without what is left of it."""
    *lines, last = text.splitlines()[-HEIGHT - 1 :]
    margin = last.index("0")
    return [line[margin:] for line in lines]


def test_each_curve_is_drawn_where_it_is_and_labelled_where_it_ends() -> None:
    lines = picture(page(curve([1.0] * 50), curve([1.0] * 25 + [0.0] * 25)))
    half = WIDTH // 2
    assert lines[0] == "*" * half + lines[0][half] + "A" * (half - 1) + " A"
    assert lines[-1].strip() == "B" * (half if lines[-1][half - 1] == " " else half + 1) + " B"


def test_curves_that_end_at_one_place_are_both_named_there() -> None:
    assert picture(page(curve([1.0, 0.0]), curve([0.5, 0.0])))[-1].endswith("* AB")


def test_a_run_that_is_over_sooner_ends_sooner() -> None:
    text = page(curve([1.0] * 25, end=1.0), curve([0.0] * 50))
    lines = picture(text)
    assert lines[0] == "A" * (WIDTH // 2) + " A"
    assert lines[-1] == "B" * WIDTH + " B"
    assert text.endswith("50 epochs\n")
    assert "A is 25 epochs long, B 50 epochs; compared is what both have" in text


def test_what_cannot_be_drawn_leaves_a_gap() -> None:
    assert page(curve([1.0, math.nan]), curve([1.0, math.inf]))
    assert page(curve([math.nan]), curve([math.inf])).count("A") >= 3


def test_a_coloured_page_is_the_plain_one_with_colours() -> None:
    a, b = curve([1.0, 0.5, 0.25]), curve([1.0, 0.4, 0.3])
    coloured, plain = page(a, b, Style(color=True)), page(a, b, Style())
    assert coloured != plain
    for code in ("\x1b[36m", "\x1b[33m", "\x1b[0m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_numbers_that_differ_read_differently() -> None:
    text = page(curve([0.1, 0.1]), curve([0.1, 0.1 * (1 + 1e-9)]))
    (line,) = (line for line in text.splitlines() if line.startswith("first, epoch 1"))
    a, b, ratio = map(float, line.split()[-3:])
    assert a < b
    assert ratio > 1
    assert "from 0" in page(curve([0.1, 0.0]), curve([0.1, 0.1]))


def test_numbers_that_only_rounding_tells_apart_read_the_same() -> None:
    text = page(curve([0.3, 0.1]), curve([0.1 + 0.2, 0.2]))
    assert next(line.split() for line in text.splitlines() if line.startswith("peak")) == ["peak", "0.3", "0.3", "1"]


def test_what_a_snapshot_does_not_store_is_known_by_its_checksum() -> None:
    a = side_of_curve(curve([0.1, 0.2, 0.3]))
    stored = replace(a, ticks=np.array([0, 2]))
    out = io.StringIO()
    write_page(Compared("a", "b", 1e-12, [difference(stored, a)], [], []), out, Style())
    assert out.getvalue() == "a and b are the same at all 3 epochs and the end, to the bit\n"
    out = io.StringIO()
    other = side_of_curve(curve([0.1, 0.9, 0.3], name="b"))
    write_page(Compared("a", "b", 1e-12, [difference(stored, other)], [], []), out, Style())
    assert out.getvalue().splitlines()[3:] == [
        "the same at the 2 of 3 epochs that are stored; the checksum says that they differ between those"
    ]


def test_groups_are_named_and_those_without_a_partner_too() -> None:
    text = page(curve([1.0], [2.0]), curve([1.0], [3.0], [4.0]))
    assert "group g0: the same at the one epoch and the end\n" in text
    assert "group g1: they differ at the one epoch\n" in text
    assert "only B has the param group g2\n" in text


def test_json_has_words_for_what_is_no_number() -> None:
    out = io.StringIO()
    write_json(compared(curve([0.0, math.nan]), curve([1.0, 1.0])), out)
    assert '"a": "nan"' in out.getvalue()
    assert '"ratio": "inf"' in out.getvalue()


@given(values=st.lists(st.floats(), min_size=1, max_size=400), columns=st.integers(1, 20))
def test_no_peak_is_lost_where_there_is_no_room_for_all(values: list[float], columns: int) -> None:
    shown = extremes(np.array(values), columns)
    assert len(shown) == len(values) or len(shown) == 4 * columns
    assert {repr(each) for each in shown.tolist()} <= {repr(each) for each in values}
    assert repr(float(shown[0])) == repr(values[0])
    assert repr(float(shown[-1])) == repr(values[-1])
    known = [value for value in values if not math.isnan(value)]
    if known:
        assert np.nanmax(shown) == max(known)
        assert np.nanmin(shown) == min(known)
