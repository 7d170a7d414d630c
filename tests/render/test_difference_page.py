"""The page of a difference: the small picture shows both curves, and says nothing that markup could change."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace

import numpy as np
from curves import curve

from lrviz.ansi import Terminal
from lrviz.calculator.difference import difference, side_of_curve
from lrviz.curve import Curve
from lrviz.render.tables.difference import Compared, write_json, write_page
from lrviz.render.terminal.painted import COLORS


def compared(a: Curve, b: Curve) -> Compared:
    pair = difference(side_of_curve(a), side_of_curve(b))
    return Compared("a.yaml", "b.yaml", 1e-12, [pair], [], [])


def page(a: Curve, b: Curve, terminal: Terminal | None = None) -> str:
    out = io.StringIO()
    write_page(compared(a, b), out, terminal or Terminal(ascii=True))
    return out.getvalue()


def picture(text: str) -> list[str]:
    """The rows of the picture at the end of a page, right of its axis."""
    lines = text.splitlines()
    margin = lines[-3].index("+")
    axis = [line for line in lines[:-3] if line[margin : margin + 1] in ("|", "+")]
    return [line[margin + 1 :] for line in axis]


def test_each_curve_is_drawn_where_it_is_and_labelled_where_it_ends() -> None:
    lines = picture(page(curve([1.0] * 50), curve([1.0] * 25 + [0.0] * 25)))
    width = lines[0].index(" A")
    half = width // 2
    assert set(lines[0][: half - 1]) == {"A", "B"}, "both, in turns, where they lie on one place"
    assert set(lines[0][half + 1 : width]) == {"A"}
    assert re.fullmatch(rf" {{{half - 1},{half}}}B+ B", lines[-1])


def test_curves_that_end_at_one_place_are_both_named_beside_it() -> None:
    *_, above, last = picture(page(curve([1.0, 0.0]), curve([0.5, 0.0])))
    assert {above[-1], last[-1]} == {"A", "B"}


def test_a_run_that_is_over_sooner_ends_sooner() -> None:
    text = page(curve([1.0] * 25, end=1.0), curve([0.0] * 50))
    lines = picture(text)
    width = len(lines[-1]) - 2
    assert lines[0].split()[0] == "A" * round(width / 2)
    assert lines[-1] == "B" * width + " B"
    assert "A is 25 epochs long, B 50 epochs; the part that both have is compared" in text


def test_the_picture_has_real_axes() -> None:
    text = page(curve([1e-4] * 50), curve([5e-5] * 50), Terminal())
    assert {"1e-4 ┤", "5e-5 ┤", "0 ┤"} <= set(re.findall(r"\S+ ┤", text))
    assert text.splitlines()[-2].split() == [str(at) for at in range(0, 51, 5)]
    assert text.splitlines()[-1].strip() == "epoch"
    assert "learning rate, logarithmic" in page(curve([1.0] * 50), curve([1e-6] * 50))


def test_what_cannot_be_drawn_leaves_a_gap() -> None:
    assert page(curve([1.0, math.nan]), curve([1.0, math.inf]))
    assert page(curve([math.nan]), curve([math.inf])).count("A") >= 3


def test_a_coloured_page_is_the_plain_one_with_colours() -> None:
    a, b = curve([1.0, 0.5, 0.25]), curve([1.0, 0.4, 0.3])
    coloured, plain = page(a, b, Terminal(color=True)), page(a, b, Terminal())
    assert coloured != plain
    assert all(f"\x1b[{code}m" in coloured for code in COLORS[:2])
    letters = re.compile("[AB\u2800-\u28ff]")  # letters are on the lines where there is no colour
    assert letters.sub("", re.sub(r"\x1b\[[0-9;]*m", "", coloured)) == letters.sub("", plain)


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
    write_page(Compared("a", "b", 1e-12, [difference(stored, a)], [], []), out, Terminal())
    assert out.getvalue() == "a and b are the same at all 3 epochs and the end, bit for bit\n"
    out = io.StringIO()
    other = side_of_curve(curve([0.1, 0.9, 0.3], name="b"))
    write_page(Compared("a", "b", 1e-12, [difference(stored, other)], [], []), out, Terminal())
    assert out.getvalue().splitlines()[3:] == [
        "the same at the 2 of 3 epochs that are stored; the checksums show that they differ in between"
    ]


def test_groups_are_named_and_those_without_a_partner_too() -> None:
    text = page(curve([1.0], [2.0]), curve([1.0], [3.0], [4.0]))
    assert "group g0: the same at the one epoch and the end\n" in text
    assert "group g1: they differ at the one epoch\n" in text
    assert "only B has the param group g2\n" in text


def test_several_groups_that_differ_are_one_table_and_one_picture() -> None:
    rates = [0.1 * 0.5**at for at in range(12)]
    a, b = (curve(*([rate * by, rate] for rate in rates), [1.0, 1.0], [2.0, 2.0]) for by in (1, 0.5))
    text = page(a, b, Terminal(width=80))
    assert "groups g12, g13: the same at all 2 epochs and the end\n12 of 14 param groups differ\n" in text
    assert text.count("B / A") == 4  # the largest ratio, end, peak and area
    assert text.count("learning rate") == 1
    rows = [line.split() for line in text.splitlines() if re.match(r"g\d+ ", line)]
    assert [row[0] for row in rows] == [f"g{at}" for at in range(12)]
    assert rows[3] == ["g3", "1", "0", "0.0125", "0.00625", "0.5", "0", "1", "1", "0.75"]
    assert max(map(len, text.splitlines())) <= 80
    for width in (40, 30):
        assert max(map(len, page(a, b, Terminal(width=width)).splitlines()[4:])) <= width
    everywhere = page(a, curve(*([rate / 3, rate / 3] for rate in rates), [0.5, 0.5], [1.0, 1.0]))
    assert "\nall 14 param groups differ\n" in everywhere
    shorter = page(a, curve(*([each] for each in [*rates, 1.0, 2.0])))
    assert "\nall 14 param groups: the same at the one epoch\n" in shorter


def test_a_group_of_which_only_the_end_differs_has_no_first_place() -> None:
    a, b = curve([0.1], [0.2]), replace(curve([0.1], [0.3]), end_lr=(0.5, 0.0))
    (row,) = (line.split() for line in page(a, b).splitlines() if line.startswith("g0"))
    assert row == ["g0", "0", "from", "0", "1", "1"]


def test_json_has_words_for_what_is_no_number() -> None:
    out = io.StringIO()
    write_json(compared(curve([0.0, math.nan]), curve([1.0, 1.0])), out)
    assert '"a": "nan"' in out.getvalue()
    assert '"ratio": "inf"' in out.getvalue()
