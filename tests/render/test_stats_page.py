"""The table of numbers for people: nothing is cut where the terminal is narrow, and names are taken as they are."""

from __future__ import annotations

import io
import re

import pytest
from curves import curve

from lrviz.ansi import Terminal
from lrviz.calculator.stats import stats_of
from lrviz.curve import Curve
from lrviz.render.tables.stats import write_csv, write_markdown, write_table


def page(*curves: Curve, width: int | None = None) -> str:
    out = io.StringIO()
    write_table(stats_of(curves), out, Terminal(width=width))
    return out.getvalue()


def ramp(name: str, ticks: int = 30) -> Curve:
    return curve([0.1 / (tick + 1) for tick in range(ticks)], name=name)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_narrow_terminal_gets_every_number_in_lines_that_fit(width: int, count: int) -> None:
    curves = [ramp(f"a-schedule-of-the-gallery-{at}", 30 + at) for at in range(count)]
    whole, narrow = page(*curves), page(*curves, width=width)
    assert max(map(len, narrow.splitlines()[:-1])) <= width
    numbers = re.compile(r"(?<![\w-])(?:[\d.,]+(?:e-?\d+)?|none)(?![\w-])")
    assert sorted(numbers.findall(whole)) == sorted(numbers.findall(narrow))


def test_a_table_that_fits_no_way_goes_on_below_and_says_how_to_see_it_whole() -> None:
    hint = "wider than the terminal, so it goes on below: `| less -S` shows it in one piece"
    said = [" ".join(page(*[ramp(f"{at}") for at in range(count)], width=30).split()) for count in (1, 12)]
    assert [words.count(hint) for words in said] == [0, 1]
    assert said[1].endswith("--only chooses schedules")
    assert hint not in page(*[ramp(f"{at}") for at in range(12)])


def test_a_name_that_is_too_long_is_folded_and_not_cut() -> None:
    name = "-".join(["piece"] * 12)
    narrow = page(ramp(name), width=80)
    assert max(map(len, narrow.splitlines())) <= 80
    assert name in "".join(line[len("at epoch") :].strip() for line in narrow.splitlines()[:3])
    assert name in page(ramp(name))


def test_names_are_no_markup_and_break_no_table() -> None:
    assert "[red]x|y" in page(ramp("[red]x|y"))
    out = io.StringIO()
    write_markdown(stats_of([ramp("[red]x|y")]), out)
    assert out.getvalue().splitlines()[2].startswith("| [red]x\\|y | 0.1 |")
    out = io.StringIO()
    write_csv(stats_of([ramp('a "b", c')]), out)
    assert out.getvalue().splitlines()[1].startswith('"a ""b"", c",,epoch,0.1,0,')


def test_letters_that_are_two_columns_wide_keep_the_table_aligned() -> None:
    wide, plain = page(ramp("学習率"), ramp("abcdef")).splitlines()[3:5]
    assert wide.index("0.1") + 3 == plain.index("0.1")
