"""JSON is read as the standard library reads it, and every key and value has its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.configs.text.json import parse_json
from lrviz.errors import ScheduleError
from lrviz.schedule.text.document import Node

TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inside: st.lists(inside) | st.dictionaries(TEXTS, inside), max_leaves=20)


@given(VALUES, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_values_are_those_of_the_standard_library(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    root = parse_json(text, "a.json")
    assert repr(root.plain()) == repr(json.loads(text))
    lines = text.split("\n")
    for node in _nodes(root):
        written = lines[node.where.line - 1][node.where.column - 1 :]
        if node.is_mapping or node.is_list:
            assert written[0] == ("{" if node.is_mapping else "[")
        else:
            assert json.JSONDecoder().raw_decode(written)[0] == node.value


def _nodes(node: Node) -> list[Node]:
    if node.is_mapping:
        return [node, *(each for item in node.items() for part in item for each in _nodes(part))]
    return [node, *(each for member in node.value for each in _nodes(member))] if node.is_list else [node]


def test_text_stays_text_and_python_words_are_numbers() -> None:
    root = parse_json('\ufeff{"a": "5e-5", "b": Infinity, "c": -0.0}', "a.json")
    found = root.get("a")
    assert found is not None
    assert (found.value, found.quoted) == ("5e-5", True)
    assert repr(root.plain()) == "{'a': '5e-5', 'b': inf, 'c': -0.0}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: error: the file is empty"),
        ('{"a": 1,}', "1:8: error: a comma stands before `}`, which JSON does not allow\n  hint: leave the comma out"),
        ('{"a" 1}', "1:6: error: this is not JSON: `:` after the key 'a' is expected here (got '1'), inside of the "
         "mapping that begins at line 1, column 1"),
        ("{'a': 1}", "1:2: error: this is not JSON: a key in double quotes is expected here (got \"'\"), inside of the "
         "mapping that begins at line 1, column 1\n  hint: JSON writes text in double quotes"),
        ('{"a": True}', "1:7: error: this is not JSON: a value is expected here (got 'True')\n  hint: write true"),
        ('{"a": .5}', "1:7: error: this is not JSON: a value is expected here (got '.5')\n  hint: write 0.5"),
        ('{"a": cosine}', "1:7: error: this is not JSON: a value is expected here (got 'cosine')\n"
         "  hint: text needs double quotes"),
        ('{"a": 1 // peak\n}', "1:9: error: JSON has no comments\n  hint: leave the comment out"),
        ('# peak\n{"a": 1}', "1:1: error: JSON has no comments\n  hint: leave the comment out"),
        ('{"a": "x\ty"}', '1:9: error: a tab inside of a text\n  hint: write "\\t"'),
        ('{"a": "C:\\q"}', '1:10: error: the escape \\q is not one of JSON\n  hint: write "\\\\" for a backslash'),
        ('{"a": "x\n"}', "1:7: error: a text that has no end in its line\n  hint: close it with a double quote"),
        ('{"a": "\\ud800"}', "1:7: error: the text has an escape that is not a valid character"),
        ('{"a":\n[1,\n2', "3:2: error: the text ends where `,` or `]` is expected, inside of the list that begins at "
         "line 2, column 1"),
        ('{"a": 1} 2', "1:10: error: this is not JSON: the end of the text is expected here (got '2')\n"
         "  hint: a JSON file holds one value"),
        ("[" * 51, "1:51: error: lists and mappings are nested more than 50 deep"),
        ("1" * 1001, "1:1: error: a number must be at most 1,000 characters long (this one has 1,001)\n"
         "  hint: write it with an exponent, or with fewer digits"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_json(text, "a.json")
    assert str(caught.value) == f"a.json:{message}"


def test_every_duplicate_key_is_an_error() -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_json('{"a": 1,\n "a": 2, "b": {"c": 3, "c": 4}}', "a.json")
    assert str(caught.value) == (
        "a.json:2:2: error: duplicate key 'a'; it is already at line 1, column 2\n  hint: keep one of the two\n"
        "a.json:2:24: error: duplicate key 'c'; it is already at line 2, column 16\n  hint: keep one of the two"
    )


def test_texts_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScheduleError, match="larger than 1 MB"):
        parse_json(b'{"a": "' + b"x" * 10_000_000 + b'"}', "a.json")
    monkeypatch.setattr("lrviz.configs.text.place.MAX_NODES", 5)
    with pytest.raises(ScheduleError, match="more than 5 values"):
        parse_json("[1, 2, 3, 4, 5]", "a.json")
