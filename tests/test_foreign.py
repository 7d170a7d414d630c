"""Text that is not ours: what is escaped, and that it stays as it is the second time."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrviz.foreign import csv_text, escaped, json_text, markdown_text, pieces, visible

any_text = st.text(st.one_of(st.sampled_from(":#[ \n\r\x1b\x85\u200d\u2028\u202e\udce9=@_a|`"), st.characters()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cosine/backbone 50% é 学習率 🔥", "cosine/backbone 50% é 学習率 🔥"),
        ("a\x1b[31m\x07\x7f\x9b", r"a\x1b[31m\x07\x7f\x9b"),
        ("a\r\n\tb\x85c\u2028d\u2029", r"a\r\n\tb\x85c\u2028d\u2029"),
        ("\u202a\u202e\u2066\u2069\u200e\u200f\u061c", r"\u202a\u202e\u2066\u2069\u200e\u200f\u061c"),
        ("\ufeff\u200b\xad\u2060\U000e0041", r"\ufeff\u200b\xad\u2060\U000e0041"),
        ("caf\udce9\ufffe\uffff", r"caf\udce9\ufffe\uffff"),
        ("👩\u200d💻 क्\u200cष", "👩\u200d💻 क्\u200cष"),
        (r"C:\new\x1b", r"C:\new\x1b"),
        ("::error::x", r"\x3a\x3aerror:\x3ax"),
        ("  ::error::x", r"  \x3a\x3aerror:\x3ax"),
        ("a:::b", r"a:\x3a\x3ab"),
        (":", r"\x3a"),
        ("a: b", "a: b"),
        ("x ##[group] ###[a] ##vso[b] ##teamcity[c]", r"x #\x23[group] ##\x23[a] #\x23vso[b] #\x23teamcity[c]"),
        ("## A heading ##", "## A heading ##"),
    ],
)
def test_what_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(any_text)
@example("::error::x\n##[group]")
def test_nothing_moves_hides_or_commands_and_twice_is_once(text: str) -> None:
    shown = escaped(text)
    assert escaped(shown) == shown
    assert "".join(pieces(text)) == shown
    assert visible(shown) == shown
    assert {unicodedata.category(each) for each in shown} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert {each for each in shown if unicodedata.category(each) == "Cf"} <= {"\u200c", "\u200d"}
    assert not re.match(r"\s*:", shown)
    assert "::" not in shown
    assert not re.search(r"##\w*\[", shown)


@given(any_text, any_text)
def test_two_texts_beside_a_colon_of_ours_are_no_command(one: str, other: str) -> None:
    assert not re.match(r"\s*::", f"{escaped(one)}:{escaped(other)}")


def test_some_characters_may_be_kept() -> None:
    assert visible("a\tb\n\x1b::", keep="\t\n") == "a\tb\n\\x1b::"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("cosine", "cosine"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-0.5", "'-0.5"),
        ("@sum", "'@sum"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("a=1", "a=1"),
    ],
)
def test_a_name_in_csv_is_no_formula(name: str, cell: str) -> None:
    assert csv_text(name) == cell
    assert csv_text(cell) == cell


@given(any_text)
def test_a_name_in_csv_is_one_cell_on_one_line(name: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([csv_text(name), 1])
    assert out.getvalue().count("\n") == 1
    assert not out.getvalue().startswith(("=", "+", "-", "@", "\t", "\r"))


@given(any_text)
def test_json_reads_back_to_the_same_text(text: str) -> None:
    written = json_text({"name": text})
    assert written.isascii()
    assert json.loads(written) == {"name": text}
    assert not re.search(r"##\w*\[", written)


def test_markdown_shows_each_letter() -> None:
    assert markdown_text("a|b `c` <b>d</b> *e* $f$ &amp; ~g~") == (r"a\|b \`c\` \<b\>d\</b\> \*e\* \$f\$ \&amp; \~g\~")
    assert markdown_text("![a](b) [c][d] [e]") == r"![a\](b) [c\][d] [e]"
    assert markdown_text("_a_ lr_max") == r"\_a\_ lr_max"
    assert markdown_text("a\n::error::") == r"a\\n:\\x3aerror:\\x3a"
