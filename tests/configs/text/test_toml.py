"""TOML is read as the standard library reads it, and every key and value has its place."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.configs.text.toml import parse_toml
from lrviz.errors import ScheduleError

TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")))
SCALARS = st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inside: st.lists(inside) | st.dictionaries(TEXTS, inside), max_leaves=8)
TABLES = st.dictionaries(TEXTS, VALUES, max_size=4)


def quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {written(inside)}" for key, inside in value.items()) + "}"
    if isinstance(value, list):
        return "[\n  " + ",  # one\n  ".join(map(written, value)) + "\n]"
    return quoted(value)


@given(st.dictionaries(TEXTS, TABLES, max_size=3), st.dictionaries(TEXTS, VALUES, max_size=3))
@settings(max_examples=30, deadline=None)
def test_values_are_those_of_the_standard_library(tables: dict[str, Any], top: dict[str, Any]) -> None:
    lines = [f"{quoted(key)}={written(value)}" for key, value in top.items()]
    for name, table in tables.items():
        if name not in top:
            lines += [f"  [ {quoted(name)} ]  # a table"]
            lines += [f"{quoted(key)} = {written(value)}" for key, value in table.items()]
    text = "\n".join(lines).replace("\x7f", "")
    root = parse_toml(text, "a.toml")
    assert repr(root.plain()) == repr(tomllib.loads(text))
    for key, item in root.value.items():
        line = text.split("\n")[item.key.where.line - 1][item.key.where.column - 1 :]
        assert line.startswith(quoted(key))


TEXT = '''\
title = "run"   # a comment
a.b.c = 1
"quoted key".'x.y' = 0x10

[training.more]
steps = 1_000
when = 1979-05-27 07:32:00Z
text = """
several
  ""lines"""""
betas = [0.9,
  0.999]  # two

[[datasets]]
batch = 2
[[datasets.subsets]]
repeats = 10
[[datasets.subsets]]
repeats = 20
[[datasets]]
at = {lr = 5e-5, "name" = 'C:\\new'}
'''


def test_each_value_has_its_place() -> None:
    root = parse_toml(TEXT, "a.toml")
    plain = tomllib.loads(TEXT)
    plain["training"]["more"]["when"] = "1979-05-27 07:32:00Z"
    assert root.plain() == plain

    def place(*path: str | int) -> tuple[int, int]:
        node: Any = root
        for part in path:
            node = node.value[part] if isinstance(part, int) else node.get(part)
        return node.where.line, node.where.column

    assert place("title") == (1, 9)
    assert place("a", "b", "c") == (2, 9)
    assert place("quoted key", "x.y") == (3, 22)
    assert place("training", "more") == (5, 11)
    assert place("training", "more", "steps") == (6, 9)
    assert place("training", "more", "text") == (8, 8)
    assert place("training", "more", "betas", 1) == (12, 3)
    assert place("datasets", 0, "batch") == (15, 9)
    assert place("datasets", 0, "subsets", 1, "repeats") == (19, 11)
    assert place("datasets", 1, "at", "lr") == (21, 12)
    assert place("datasets", 1, "at", "name") == (21, 27)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = cosine", '1:5: error: this is not TOML: Invalid value\n  hint: text needs quotes: "..."'),
        ("a = 1\na = 2\n[b]\nc = 1\nc = 2",
         "2:1: error: duplicate key 'a'; it is already at line 1, column 1\n  hint: keep one of the two\n"
         "a.toml:5:1: error: duplicate key 'c'; it is already at line 4, column 1\n  hint: keep one of the two"),
        ("[a]\n[a]", "2:3: error: this is not TOML: Cannot declare ('a',) twice"),
        ("lr: 1e-3", "1:3: error: this is not TOML: Expected '=' after a key in a key/value pair\n"
         "  hint: a line is `key = value` or `[table]`"),
        ('a = "x', "1:7: error: this is not TOML: Unterminated string at the end of the text"),
        ("a = " + "1" * 1001, "1:5: error: a number must be at most 1,000 characters long (this one has 1,001)\n"
         "  hint: write it with an exponent, or with fewer digits"),
        ("a" + ".a" * 300_000, "1:101: error: lists and mappings are nested more than 50 deep"),
        ("a = " + "[" * 60, "1:54: error: lists and mappings are nested more than 50 deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_toml(text, "a.toml")
    assert str(caught.value) == f"a.toml:{message}"


def test_texts_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScheduleError, match="larger than 1 MB"):
        parse_toml(b'a = "' + b"x" * 10_000_000 + b'"', "a.toml")
    monkeypatch.setattr("lrviz.configs.text.place.MAX_NODES", 5)
    with pytest.raises(ScheduleError, match="more than 5 values"):
        parse_toml("a = [1, 2, 3, 4, 5]", "a.toml")
