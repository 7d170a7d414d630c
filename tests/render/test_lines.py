"""Short answers as lines: aligned by what they take on a screen, and nothing in them that nobody needs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lrviz.render.lines import GAP, lines_of

cells = st.text(st.sampled_from("ab1[]*日本"), max_size=6)


def test_columns_stand_one_below_the_other() -> None:
    assert (
        lines_of([("step", "0", "0.1"), ("cosine", "last", "1e-05")]) == "step     0      0.1\ncosine   last   1e-05\n"
    )


def test_a_column_that_is_blank_everywhere_is_left_out() -> None:
    assert lines_of([("", "0", "", "0.1"), ("", "", "", "0.2")]) == "0   0.1\n    0.2\n"
    assert lines_of([("", "0.1")]) == "0.1\n"
    assert lines_of([]) == ""


def test_a_letter_may_be_two_columns_wide_and_a_name_is_no_markup() -> None:
    assert lines_of([("日本", "1"), ("[red]", "2")]) == "日本    1\n[red]   2\n"


@given(st.lists(st.tuples(cells, cells, st.just("end")), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_every_cell_begins_where_the_others_of_its_column_do(rows: list[tuple[str, ...]]) -> None:
    lines = lines_of(rows).splitlines()
    assert len(lines) == len(rows)
    shown = [at for at in range(3) if any(row[at] for row in rows)]
    begins = [0]
    for at in shown:
        begins.append(begins[-1] + max(cell_len(row[at]) for row in rows) + len(GAP))
    for line, row in zip(lines, rows, strict=True):
        assert cell_len(line) == begins[len(shown) - 1] + len("end")
        assert line.replace(" ", "") == "".join(row)
        for at, begin in zip(shown, begins, strict=False):
            assert _from(line, begin).startswith(row[at])


def _from(line: str, column: int) -> str:
    """What of a line stands from a column of the screen on."""
    for at in range(len(line) + 1):
        if cell_len(line[:at]) == column:
            return line[at:]
    raise AssertionError(f"a letter of {line!r} stands across column {column}")
