"""The document: what a YAML text means, where each key and value stands, and every text that is refused."""

from __future__ import annotations

import codecs
import contextlib
import json
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.errors import ScheduleError
from lrviz.files import STDIN
from lrviz.loading import load_file, load_text, read_stdin
from lrviz.schedule.text.document import Node, parse

FILE = "test.yaml"
INFINITY = float("inf")


def plain(text: str | bytes) -> Any:
    return parse(text, FILE).plain()


def error(text: str | bytes) -> str:
    with pytest.raises(ScheduleError) as caught:
        parse(text, FILE)
    return str(caught.value)


def spot(node: Node) -> tuple[int, int]:
    return node.where.line, node.where.column


def identical(one: object, other: object) -> bool:
    """Equal in value and in type, all the way down: 1, 1.0 and true are three different things."""
    return repr(one) == repr(other)


# --- what a scalar means -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 0.001),
        ("5e-5", 0.00005),
        ("1e3", 1000.0),
        ("3E4", 30000.0),
        ("1.5e+3", 1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-2.5", -2.5),
        ("100.0", 100.0),
        ("100", 100),
        ("+7", 7),
        ("-7", -7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e400", INFINITY),
        (".inf", INFINITY),
        ("-.INF", -INFINITY),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, value: object) -> None:
    assert identical(plain(f"a: {written}"), {"a": value})


def test_nan_is_a_number() -> None:
    assert repr(plain("[.nan, .NaN]")) == "[nan, nan]"


@pytest.mark.parametrize(
    "written",
    ["on", "off", "yes", "no", "y", "n", "tRUE", "nULL", "1:30", "1_000", "0b11", "1,000", "2024-01-01", "12:30:45",
     "0X1F", "1e", "e3", ".", "+", "-.nan", "nan", "inf", "none", "None", "=", "1.2.3", "0x", "0o8"],
)  # fmt: skip
def test_what_yaml_1_2_does_not_name_is_text(written: str) -> None:
    assert identical(plain(f"a: {written}"), {"a": written})


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("written", ["1", "1e-3", "true", "null", "~", "", "0x1F", ".nan"])
def test_quotes_make_text(quote: str, written: str) -> None:
    assert identical(plain(f"a: {quote}{written}{quote}"), {"a": written})


def test_a_block_scalar_is_text() -> None:
    assert plain("a: |\n  1\n  2\nb: >-\n  x\n  y\n") == {"a": "1\n2\n", "b": "x y"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!!str 1", "1"),
        ("!!str", ""),
        ("!!int '7'", 7),
        ("!!int 0x1F", 31),
        ("!!float 1", 1.0),
        ("!!float '1e-3'", 0.001),
        ("!!bool true", True),
        ("!!null ''", None),
        ("!!seq [1]", [1]),
        ("!!map {b: 1}", {"b": 1}),
        ("!<tag:yaml.org,2002:int> 3", 3),
    ],
)
def test_a_tag_of_the_core_schema_is_read(written: str, value: object) -> None:
    assert identical(plain(f"a: {written}"), {"a": value})


@pytest.mark.parametrize("written", ["!!int x", "!!int 1.0", "!!bool yes", "!!null x", "!!float x", "!!int ''"])
def test_a_tag_that_its_text_does_not_hold_to_is_refused(written: str) -> None:
    text = written.partition(" ")[2].strip("'")
    assert error(f"a: {written}") == f"{FILE}:1:4: error: the text {text!r} does not match its tag"


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("!!python/object/apply:os.system ['touch HACKED']", "!!python/object/apply:os.system"),
        ("!!python/object/new:os.system [touch HACKED]", "!!python/object/new:os.system"),
        ("!!python/name:os.system ''", "!!python/name:os.system"),
        ("!!python/tuple [1, 2]", "!!python/tuple"),
        ("!!set {x}", "!!set"),
        ("!!binary aGVsbG8=", "!!binary"),
        ("!!timestamp 2001-01-01", "!!timestamp"),
        ("!own 1", "!own"),
    ],
)
def test_any_other_tag_is_refused_and_runs_nothing(
    written: str, tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert error(f"a: {written}") == (
        f"{FILE}:1:4: error: a schedule file may not use the tag {tag}\n  hint: leave the tag out"
    )
    assert not list(tmp_path.iterdir())


# --- where keys and values stand ---------------------------------------------------------------------------


def test_positions_in_block_style() -> None:
    root = parse("# a comment\nepochs: 30\noptimizer:\n    lr:   0.1\nlist:\n- 7\n-   8\n", FILE)
    optimizer, members = root.get("optimizer"), root.get("list")
    assert optimizer is not None
    assert members is not None
    assert [spot(item.key) for item in root.items()] == [(2, 1), (3, 1), (5, 1)]
    assert [spot(item.value) for item in root.items()] == [(2, 9), (4, 5), (6, 1)]
    assert [(spot(item.key), spot(item.value)) for item in optimizer.items()] == [((4, 5), (4, 11))]
    assert [spot(member) for member in members.value] == [(6, 3), (7, 5)]


def test_positions_in_flow_style() -> None:
    root = parse("{epochs: 30,\n  'lr' : [ 1,2,\n3 ], x: {y: ~}}", FILE)
    assert [(spot(item.key), spot(item.value)) for item in root.items()] == [
        ((1, 2), (1, 10)),
        ((2, 3), (2, 10)),
        ((3, 6), (3, 9)),
    ]
    members = root.get("lr")
    assert members is not None
    assert [spot(member) for member in members.value] == [(2, 12), (2, 14), (3, 1)]


@pytest.mark.parametrize(
    "text", ["\ufeffa:  1", b"\xef\xbb\xbfa:  1", codecs.BOM_UTF16_LE + "a:  1".encode("utf-16-le")]
)
def test_a_byte_order_mark_takes_no_column(text: str | bytes) -> None:
    (item,) = parse(text, FILE).items()
    assert (spot(item.key), spot(item.value)) == ((1, 1), (1, 5))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_count_once(newline: str) -> None:
    root = parse(f"a: 1{newline}{newline}b: 2{newline}", FILE)
    assert [(spot(item.key), spot(item.value)) for item in root.items()] == [((1, 1), (1, 4)), ((3, 1), (3, 4))]


@pytest.mark.parametrize("text", ["{é: '日本', x: 1}", "{😀: '日本', x: 1}", "{é: '日本', x: 1}".encode()])
def test_columns_count_characters(text: str | bytes) -> None:
    first, second = parse(text, FILE).items()
    assert (spot(first.key), spot(first.value), spot(second.key), spot(second.value)) == (
        (1, 2),
        (1, 5),
        (1, 11),
        (1, 14),
    )


def test_an_alias_stands_where_its_anchor_does() -> None:
    value = parse("a: 1\nb: &x [2]\nc: *x", FILE).get("c")
    assert value is not None
    assert (value.plain(), spot(value)) == ([2], (2, 4))


def test_positions_carry_the_name_of_the_file() -> None:
    assert parse("a: 1", "dir/other.yaml").where.file == "dir/other.yaml"


KEYS = st.text(string.printable, max_size=8).filter(lambda key: key != "<<")
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**250), 10**250)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for item in node.items() if node.is_mapping else ():
        yield item.key
        yield from nodes(item.value)
    for member in node.value if node.is_list else ():
        yield from nodes(member)


@given(data=PLAIN, indent=st.sampled_from([None, 1, 4]))
@settings(max_examples=150, deadline=None)
def test_json_reads_back_equal_and_every_node_stands_where_it_begins(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent)
    root = parse(text, FILE)
    assert identical(root.plain(), data)
    lines = text.split("\n")
    for node in nodes(root):
        written = lines[node.where.line - 1][node.where.column - 1 :]
        begins = "{" if node.is_mapping else "[" if node.is_list else json.dumps(node.value)
        assert written.startswith(begins)


# --- duplicate keys, merge keys, aliases -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "second", "first"),
    [
        ("a: 1\nb: 2\na: 3", "'a'", "3:1", (1, 1)),
        ("{a: 1, b: 2, a: 1}", "'a'", "1:14", (1, 2)),
        ("x: {y: 1,\n    'y': 2}", "'y'", "2:5", (1, 5)),
        ("10: 1\n1e1: 2", "10.0", "2:1", (1, 1)),
        ("&k a: 1\n*k : 2", "'a'", "1:1", (1, 1)),
        ("a: 1\n<<: {b: 2}\na: 3", "'a'", "3:1", (1, 1)),
    ],
)
def test_a_duplicate_key_is_an_error_that_shows_both_places(
    text: str, key: str, second: str, first: tuple[int, int]
) -> None:
    assert error(text) == (
        f"{FILE}:{second}: error: duplicate key {key}; it is already at line {first[0]}, column {first[1]}\n"
        "  hint: keep one of the two"
    )


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("a: &a {x: 1, y: 2}\nd: {<<: *a, y: 3}", {"x": 1, "y": 3}),
        ("a: &a {x: 1, y: 2}\nd: {y: 3, <<: *a}", {"y": 3, "x": 1}),
        ("d: {<<: {x: 1}, <<: {x: 2, y: 2}}", {"x": 1, "y": 2}),
        ("a: &a {x: {p: 1}}\nd: {<<: *a, x: {q: 2}}", {"x": {"q": 2}}),
        ("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nd: {<<: *b}", {"x": 1, "y": 2}),
        ("d: {<<: [], x: 1}", {"x": 1}),
    ],
)
def test_merge_keys_bring_what_the_mapping_itself_does_not_say_and_the_first_source_wins(
    text: str, merged: dict[str, Any]
) -> None:
    assert plain(text)["d"] == merged


def test_a_merged_key_keeps_the_place_it_came_from() -> None:
    mapping = parse("a: &a\n  x: 1\nd:\n  <<: *a\n  y: 2", FILE).get("d")
    assert mapping is not None
    assert {item.key.value: (spot(item.key), spot(item.value)) for item in mapping.items()} == {
        "x": ((2, 3), (2, 6)),
        "y": ((5, 3), (5, 6)),
    }


@pytest.mark.parametrize(
    ("source", "column", "got"), [("3", 9, "3"), ("[1]", 10, "1"), ("x", 9, "'x'"), ("~", 9, "nothing")]
)
def test_only_mappings_can_be_merged(source: str, column: int, got: str) -> None:
    assert error(f"d: {{<<: {source}}}") == (
        f"{FILE}:1:{column}: error: `<<` merges a mapping or a list of mappings (got {got})"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        ("a: &x {p: &y [1]}\nb: *y\nc: *x", {"a": {"p": [1]}, "b": [1], "c": {"p": [1]}}),
    ],
)
def test_an_alias_is_the_value_that_was_last_anchored_under_its_name(text: str, value: object) -> None:
    assert plain(text) == value


def test_an_alias_without_an_anchor_is_refused() -> None:
    assert error("a: *x\nb: &x 1") == f"{FILE}:1:4: error: *x has no anchor: there is no &x before it"


@pytest.mark.parametrize(
    ("text", "place"), [("a: &x [1, *x]", "1:11"), ("a: &x\n  b: *x", "2:6"), ("a: &x {<<: *x}", "1:12")]
)
def test_an_alias_inside_of_itself_is_refused(text: str, place: str) -> None:
    assert error(text) == f"{FILE}:{place}: error: *x stands for a value that contains it"


# --- limits ------------------------------------------------------------------------------------------------

TOO_LARGE = f"{FILE}: error: the file is larger than 1 MB, the limit for a schedule file"
TOO_DEEP = "lists and mappings are nested more than 50 deep"
TOO_MANY = "the file has more than 100,000 values, counting aliases"


@pytest.fixture
def promptly() -> Iterator[None]:
    """Fails a test that takes a second: what is refused must not be worked through first."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < 1


def padded(size: int) -> bytes:
    return b"a: 1 #".ljust(size, b"x")


def test_a_megabyte_is_read() -> None:
    assert plain(padded(1_000_000)) == {"a": 1}
    assert plain(padded(1_000_000).decode()) == {"a": 1}


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize("text", [padded(1_000_001), padded(1_000_001).decode(), "a: '" + "é" * 1_000_000])
def test_more_than_a_megabyte_is_refused(text: str | bytes) -> None:
    assert error(text) == TOO_LARGE


def test_a_file_larger_than_a_megabyte_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(padded(1_000_001))
    with pytest.raises(ScheduleError, match="larger than 1 MB"):
        load_file(file)


def test_fifty_lists_in_each_other_are_read_and_one_more_is_refused() -> None:
    value = plain("[" * 50 + "]" * 50)
    for _ in range(49):
        (value,) = value
    assert value == []
    assert error("[" * 51 + "]" * 51) == f"{FILE}:1:51: error: {TOO_DEEP}"


def test_mappings_count_as_lists_do() -> None:
    value = plain("{a: " * 49 + "[]" + "}" * 49)
    for _ in range(49):
        value = value["a"]
    assert value == []
    assert TOO_DEEP in error("{a: " * 50 + "[]" + "}" * 50)


@pytest.mark.parametrize(("outer", "fits"), [(24, True), (25, False)])
def test_depth_counts_through_aliases(outer: int, fits: bool) -> None:
    text = "a: &x " + "[" * 25 + "]" * 25 + "\nb: " + "[" * outer + "*x" + "]" * outer
    if fits:
        assert plain(text)["b"] is not None
    else:
        assert error(text) == f"{FILE}:2:{4 + outer}: error: {TOO_DEEP}"


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize("begin", ["[", "{", "- ", "? ", "{a: ", "&x [", "[["])
def test_endless_nesting_is_refused_at_once(begin: str) -> None:
    assert TOO_DEEP in error((begin * 500_000)[:900_000])


def counted(nodes: int) -> str:
    """A document of so many nodes: a list of 1,000 nodes 98 times, and a last list for what is left of them."""
    rest = nodes - 1 - 98 * 1_000 - 1
    return "[&a [" + "1," * 999 + "]," + "*a," * 97 + "[" + "1," * rest + "]]"


def test_a_hundred_thousand_nodes_are_read() -> None:
    value = plain(counted(100_000))
    assert 1 + sum(1 + len(inner) for inner in value) == 100_000


@pytest.mark.usefixtures("promptly")
def test_one_node_more_is_refused() -> None:
    assert error(counted(100_001)).endswith(f"error: {TOO_MANY}")


def laughs(begin: str, end: str, link: Callable[[int, str], str]) -> str:
    lines = [f"a0: &a0 {begin}{'x, ' * 9}x{end}"]
    for level in range(1, 10):
        members = ", ".join(link(member, f"*a{level - 1}") for member in range(10))
        lines.append(f"a{level}: &a{level} {begin}{members}{end}")
    return "\n".join(lines)


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize(
    "text",
    [
        laughs("[", "]", lambda member, alias: alias),
        laughs("[", "]", lambda member, alias: f"{{k{member}: {alias}}}"),
        laughs("[", "]", lambda member, alias: f"{{<<: {{k{member}: {alias}}}}}"),
    ],
    ids=["lists", "mappings", "merge keys"],
)
def test_a_billion_laughs_are_refused_at_once(text: str) -> None:
    assert TOO_MANY in error(text)


# --- texts that are no schedule file -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments\n", " ", b"", b"\xef\xbb\xbf", codecs.BOM_UTF16_LE])
def test_an_empty_file_is_said_to_be_empty(text: str | bytes) -> None:
    assert error(text) == (
        f"{FILE}:1:1: error: the file is empty\n  hint: the smallest schedule has `epochs`, `optimizer` and `scheduler`"
    )


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\n---\nb: 2", 2), ("--- {a: 1}\n--- {b: 2}", 2), ("a: 1\n\n---\n", 3)]
)
def test_a_second_document_is_refused_where_it_begins(text: str, line: int) -> None:
    assert error(text) == (
        f"{FILE}:{line}:1: error: a second document begins here; a schedule file holds one\n"
        "  hint: put the schedules under `schedules`, or in files of their own"
    )


@pytest.mark.parametrize("text", ["---\na: 1", "a: 1\n...\n", "%YAML 1.2\n---\na: 1\n...\n# the end\n"])
def test_one_document_may_be_marked_as_one(text: str) -> None:
    assert plain(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "column", "got"),
    [
        ("true: 1", 1, "true"),
        ("~: 1", 1, "nothing"),
        ("null: 1", 1, "nothing"),
        ("? [a]\n: 1", 3, "a list"),
        ("? {a: 1}\n: 1", 3, "a mapping"),
        ("{x: 1, false: 2}", 8, "false"),
    ],
)
def test_a_key_that_is_neither_text_nor_number_is_refused(text: str, column: int, got: str) -> None:
    assert error(text) == (
        f"{FILE}:1:{column}: error: a key must be text (got {got})\n  hint: put it in quotes if it is a name"
    )


def test_numbers_are_keys_and_quoted_ones_are_other_keys() -> None:
    assert identical(plain("10: a\n'10': b\n2.5: c"), {10: "a", "10": "b", 2.5: "c"})


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\0", "a NUL character"),
        ("\a", "the control character U+0007"),
        ("\x1b", "the control character U+001B"),
        ("\x7f", "the control character U+007F"),
        ("\x9f", "the control character U+009F"),
        ("\ufffe", "the control character U+FFFE"),
    ],
)
def test_a_control_character_is_refused_where_it_stands(character: str, name: str) -> None:
    message = (
        f"{FILE}:2:5: error: the text contains {name}, which YAML does not allow\n"
        "  hint: is this a schedule file? a schedule is plain text"
    )
    assert error(f"é: 1\nb: x{character}y\n") == message
    assert error(f"é: 1\nb: x{character}y\n".encode()) == message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\ta: 1", "1:1"),
        ("a: 1\n\tb: 2", "2:1"),
        ("a:\n\t- 1", "2:1"),
        ("a:\n  b: 1\n\tc: 2", "3:1"),
        ("a:\n\tb: 1", "2:1"),
    ],
)
def test_indentation_by_tabs_is_refused(text: str, place: str) -> None:
    assert error(text) == (f"{FILE}:{place}: error: a tab where YAML allows only spaces\n  hint: write spaces instead")


def test_a_tab_inside_of_quotes_is_text() -> None:
    assert plain("a: 'x\ty'") == {"a": "x\ty"}


@pytest.mark.parametrize(
    ("text", "place", "bytes_shown"),
    [
        (b"a: \xff", "1:4", "0xff"),
        (b"\xffa: 1", "1:1", "0xff 0x61 0x3a 0x20"),
        (b"a: 1\nb: caf\xe9 au lait", "2:7", "0xe9 0x20 0x61 0x75"),
        ("é: 1\nü: x".encode() + b"\xc3", "2:5", "0xc3"),
        (b"\xef\xbb\xbfa: \xfe", "1:4", "0xfe"),
        (b"a: \xed\xa0\x80", "1:4", "0xed 0xa0 0x80"),
    ],
)
def test_what_is_not_utf_8_is_refused_at_the_first_wrong_byte(text: bytes, place: str, bytes_shown: str) -> None:
    assert error(text) == (
        f"{FILE}:{place}: error: the text is not UTF-8 (got the bytes {bytes_shown})\n  hint: save the file as UTF-8"
    )


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF8, "utf-8")],
)
def test_the_byte_order_mark_tells_the_encoding(mark: bytes, encoding: str) -> None:
    text = "title: é 日本 😀\nlr: 1e-3\r\n"
    assert plain(mark + text.encode(encoding)) == {"title": "é 日本 😀", "lr": 0.001}


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        (codecs.BOM_UTF16_LE + "a: 1".encode("utf-16-le") + b"\n", "UTF-16-LE", "1:5"),
        (codecs.BOM_UTF16_LE + "a\n: ".encode("utf-16-le") + b"\x00\xd8a\x00", "UTF-16-LE", "2:3"),
        (codecs.BOM_UTF16_BE + "a: ".encode("utf-16-be") + b"\xdc\x00", "UTF-16-BE", "1:4"),
    ],
)
def test_broken_utf_16_is_refused(text: bytes, name: str, place: str) -> None:
    assert error(text).startswith(f"{FILE}:{place}: error: the text is not {name} (got the bytes 0x")


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        (
            "a: b: c",
            "1:5",
            "is a colon missing before this, or is it indented too far? text with `: ` in it needs quotes",
        ),
        ("a: {b: 1\n", "2:1", "is a comma, or the closing bracket, missing before this?"),
        ("a: [1, 2}", "1:9", "is a comma, or the closing bracket, missing before this?"),
        ("a:\n  b: 1\n c: 2", "3:2", "is this line indented like its neighbours?"),
    ],
)
def test_what_is_not_yaml_is_refused_with_a_hint(text: str, place: str, hint: str) -> None:
    message = error(text)
    assert message.startswith(f"{FILE}:{place}: error: this is not YAML: ")
    assert message.endswith(f"\n  hint: {hint}")


# --- files -------------------------------------------------------------------------------------------------


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError) as caught:
        load_file(tmp_path / "none.yaml")
    assert str(caught.value) == f"{tmp_path}/none.yaml: error: there is no such file"


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5_000])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(ScheduleError, match="error: the file cannot be read: "):
        load_file(name)


def test_standard_input_is_called_stdin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("epochs: 3\noptimizer: {lr: 1}\nscheduler: none\n")
    with open(tmp_path / "in") as file:
        monkeypatch.setattr("sys.stdin", file)
        (schedule,) = load_text(read_stdin(), STDIN)
    assert (schedule.file, schedule.name) == ("<stdin>", "stdin")


def test_a_schedule_alone_in_its_file_goes_by_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "my.run.yaml"
    file.write_text("epochs: 3\noptimizer: {lr: 1}\nscheduler: none\n")
    (schedule,) = load_file(file)
    assert (schedule.name, schedule.file) == ("my.run", str(file))


# --- anything at all ---------------------------------------------------------------------------------------

SNIPPETS = st.sampled_from(
    ["a", "b: ", "1", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", ": ", "? ", "'", '"', "\\", "#", " #", "&x ", "*x",
     "<<: ", "*", "&", "!!int ", "!!str ", "! ", "|", ">", "|-\n", "%", "---\n", "...\n", "\t", "\r\n", "\u2028",
     "\x85", "é", "😀", "0x1F", "1e400", "~", "=", "@", "`", "\ufeff", "\0", "null", "!<", "%YAML 1.2\n---\n"]
)  # fmt: skip


@given(text=st.text(max_size=60) | st.lists(SNIPPETS, max_size=25).map("".join))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    try:
        parse(text, FILE).plain()
    except ScheduleError as refused:
        (problem,) = refused.problems
        assert 1 <= problem.where.line <= len(text.splitlines()) + 1
        assert 1 <= problem.where.column <= len(text) + 1


@given(data=st.binary(max_size=60) | st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]).flatmap(
    lambda mark: st.binary(max_size=20).map(lambda rest: mark + rest)))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ScheduleError):
        parse(data, FILE).plain()
