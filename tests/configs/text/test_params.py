"""Lines `key: value` as open_clip writes them: values and places."""

from __future__ import annotations

import pytest

from lrviz.configs.text.params import parse_params
from lrviz.errors import ScheduleError


def test_values_are_python_literals_or_text() -> None:
    root = parse_params("a: 1e-06\nb: None\nc: True\nd: -3\ne: pipe:cat {0..9}.tar\nf: \ng:\r\nh: nan\n", "params.txt")
    plain = root.plain()
    assert repr(plain.pop("h")) == "nan"
    assert plain == {"a": 1e-06, "b": None, "c": True, "d": -3, "e": "pipe:cat {0..9}.tar", "f": "", "g": ""}
    found = root.get("e")
    assert found is not None
    assert (found.where.line, found.where.column) == (5, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "params.txt:1:1: error: the file is empty"),
        ("a: 1\nb", "params.txt:2:1: error: a line must be `key: value` (got 'b')"),
        ("a: 1\na: 2", "params.txt:2:1: error: duplicate key 'a'; it is already at line 1\n"
         "  hint: keep one of the two"),
        (f"a: {'1' * 1001}", "params.txt:1:4: error: a number must be at most 1,000 characters long (this one has "
         "1,001)\n  hint: write it with an exponent, or with fewer digits"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_params(text, "params.txt")
    assert str(caught.value) == message
