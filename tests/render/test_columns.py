"""Columns are aligned by what they take on a screen, and none is cut."""

from __future__ import annotations

from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lrviz.ansi import Terminal
from lrviz.render.tables.columns import GAP, TextColumn, aligned, beside, lines_of, write_caption, write_columns

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


def test_a_folded_name_stands_beside_what_is_said_of_it_with_its_last_line() -> None:
    columns = [TextColumn(["a", "b\nc"], left=True), TextColumn(["1", "2"])]
    assert list(aligned(columns)) == ["a   1", "b\nc   2"]


def test_a_cell_is_painted_with_the_blanks_before_it_and_not_behind_it() -> None:
    paint = lambda row, text: f"<{row}{text}>"  # noqa: E731
    columns = [TextColumn(["a", "bc"], left=True, paint=paint), TextColumn(["1", "22"], paint=paint)]
    assert list(aligned(columns, gap=1)) == ["<0a>  <0 1>", "<1bc> <122>"]


def test_titles_stand_above_the_rule_and_a_section_has_a_blank_line_before_it() -> None:
    columns = [TextColumn(["a", "b"], "name", left=True), TextColumn(["1", "22"], "two\nlines")]
    assert table(columns, Terminal(ascii=True), section=1).splitlines() == [
        "         two",
        "name   lines",
        "------------",
        "a          1",
        "",
        "b         22",
    ]


def test_columns_that_do_not_fit_go_on_below_beside_the_fixed_ones() -> None:
    columns = [TextColumn(["a"], "k"), TextColumn(["1"] * 1, "first"), TextColumn(["2"], "second")]
    heads = [line for line in table(columns, Terminal(width=9)).splitlines() if "k" in line]
    assert heads == ["k   first", "k   second"]
    assert len(table(columns, Terminal(width=18)).splitlines()) == 3
    assert len(table(columns, Terminal(width=17)).splitlines()) == 7


def test_a_table_that_is_too_wide_is_turned_where_that_fits() -> None:
    columns = [TextColumn(["  a"], "k"), *(TextColumn(["1,000"], f"{name}\nin steps") for name in ("one", "two"))]
    assert table(columns, Terminal(width=21, ascii=True), turn=True).splitlines() == [
        "k                  a",
        "--------------------",
        "one in steps   1,000",
        "two in steps   1,000",
    ]
    assert table(columns, Terminal(width=25), turn=True) == table(columns, Terminal(width=25))  # fits as it is
    assert table(columns, Terminal(width=15), turn=True) == table(columns, Terminal(width=15))  # fits neither way


def test_a_sentence_below_a_table_is_as_wide_as_the_terminal() -> None:
    out = StringIO()
    write_caption("one sentence\nanother of them", out, Terminal(width=10))
    assert out.getvalue() == "\none\nsentence\nanother of\nthem\n"


def test_a_table_is_as_long_and_as_wide_as_it_has_to_be() -> None:
    columns = [TextColumn([str(row) for row in range(2_001)], "x" * 100) for _ in range(150)]
    lines = table(columns, Terminal(), section=2_000).splitlines()
    assert [line.split() for line in lines[2::1_000]] == [
        ["0"] * 150,
        ["1000"] * 150,
        [],
    ]
    assert {len(line) for line in lines if line} == {150 * 100 + 149 * GAP}
    assert [at for at, line in enumerate(lines) if not line] == [2_002]


def test_a_thumbnail_and_its_text_begin_at_the_top() -> None:
    assert list(beside(["..", "--"], ["name", "says", "much"], "36", Terminal())) == [
        "..  name",
        "--  says",
        "    much",
    ]
    assert list(beside(["..", "  "], ["name"], "36", Terminal(color=True))) == [
        "\x1b[36m..\x1b[0m  \x1b[1mname\x1b[0m",
        "",
    ]


def table(columns: list[TextColumn], terminal: Terminal, section: int | None = None, turn: bool = False) -> str:
    out = StringIO()
    write_columns(columns, out, terminal, section=section, turn=turn)
    return out.getvalue()


@given(st.lists(st.tuples(cells, cells, st.just("end")), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_every_cell_begins_where_the_others_of_its_column_do(rows: list[tuple[str, ...]]) -> None:
    lines = lines_of(rows).splitlines()
    assert len(lines) == len(rows)
    shown = [at for at in range(3) if any(row[at] for row in rows)]
    begins = [0]
    for at in shown:
        begins.append(begins[-1] + max(cell_len(row[at]) for row in rows) + GAP)
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
