"""Python configs as syntax: what is read, what is left unread until it is needed, and the files that a config names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrviz.configs.text.python import composed, parse_python
from lrviz.configs.text.scalars import CORE
from lrviz.configs.text.unreadable import ImportedName, Unreadable
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import MAX_DEPTH, Node


def config(text: str, **files: str) -> Node:
    """The config of a text; the others are beside it, under their names with `.py`."""

    def read(name: str, where: Position) -> Node | None:
        found = files.get(Path(name).stem)
        return parse_python(found, name, CORE) if found is not None else None

    return composed(parse_python(text, "a.py", CORE), read, chain=("a.py",))


def value(text: str, name: str = "x", **files: str) -> Any:
    found = config(text, **files).get(name)
    assert found is not None
    return found.plain()


def unknown(text: str, name: str = "x", **files: str) -> tuple[int, str]:
    """The line and the kind of what keeps a value from being known."""
    found = config(text, **files).get(name)
    assert found is not None
    assert isinstance(found.value, Unreadable)
    return found.value.where.line, found.value.what


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = dict(a=1, b=dict(c='t'))", {"a": 1, "b": {"c": "t"}}),
        ("x = {'a': [1, 2.5], 'b': (True, None)}", {"a": [1, 2.5], "b": [True, None]}),
        ("n = 7\nx = n // 2 * 2 - -1", 7),
        ("x = 1e-3 * 0.5 / 2 + 7 % 4", 3.00025),
        ("x = 2 ** -3", 0.125),
        ("x = [1] * 2 + [3]", [1, 1, 3]),
        ("x = 'a' + 'b'", "ab"),
        ("a = dict(p=1)\nx = dict(q=2, **a)", {"q": 2, "p": 1}),
        ("a = [1]\nx = [0, *a]", [0, 1]),
        ("a, b = 1, 2\nx = b", 2),
        ("x = 1\nx += 2", 3),
        ("x: int = 4", 4),
        ("x = dict(a=dict(b=1))\nx['a']['b'] = 2", {"a": {"b": 2}}),
        ("x = dict(a=dict(b=1))\nx.a.b = 2", {"a": {"b": 2}}),
        ("x = dict(a=1)\nx.update(dict(b=2))", {"a": 1, "b": 2}),
        ("x = dict(a=1)\nx.update(b=2)", {"a": 1, "b": 2}),
        ("x = [dict(e=1), dict(e=2)]\nx[1]['e'] = 5", [{"e": 1}, {"e": 5}]),
        ("y = dict(a=1)\nx = y['a']", 1),
        ("from torch.optim import SGD\nx = dict(type=SGD)", {"type": "torch.optim.SGD"}),
        ("import torch\nx = [torch.optim.SGD]", ["torch.optim.SGD"]),
    ],
)
def test_what_is_read(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("x = f(1)", 1, "a call of f"),
        ("import os\nx = os.environ['A']", 2, "a value that is not there"),
        ("x = [i for i in y]", 1, "a loop (a comprehension)"),
        ("x = 1 if a else 2", 1, "a condition"),
        ("x = y", 1, "the name y, which the file never assigns"),
        ("x = 1 / 0", 1, "a division by zero"),
        ("x = 2 ** 9999", 1, "arithmetic that is not of numbers"),
        ("x = 1e9 ** 40", 1, "a number that is too large"),
        ("x = '{{$BATCH:8}}'", 1, "a variable of the environment"),
        ("x = {{$BATCH:8}}", 1, "a variable of the environment"),
        ("x = 1\nif a:\n    x = 2", 2, "a statement that has to run"),
        ("x = []\nfor i in y:\n    x.append(i)", 2, "a statement that has to run"),
        ("x = dict(a=1)\nchange(x)", 2, "a statement that has to run"),
        ("x = dict(a=1)\nx[f()] = 2", 2, "a statement that has to run"),
        ("y = dict(a=1)\nx = dict(b=y)\ny['a'] = 2", 3, "a statement that has to run"),
        ("x = 1\nexec('x = 2')", 2, "a statement that has to run"),
        ("def f(a):\n    return a\nx = f(1)", 1, "a call of f"),
        ("g = int('1')\ndef f(a):\n    return a * g\nx = f(1)", 1, "a call of int"),
        ("a = f()\nx = a * 2", 1, "a call of f"),
    ],
)
def test_what_is_left_unread_names_the_first_line_that_would_have_to_run(text: str, line: int, what: str) -> None:
    assert unknown(text) == (line, what)


def test_an_imported_name_is_told_from_text() -> None:
    found = config("from a.b import C\nx = dict(type=C)").get("x")
    assert found is not None
    inside = found.get("type")
    assert inside is not None
    assert isinstance(inside.value, ImportedName)


def test_places_count_characters_not_bytes() -> None:
    found = config("x = dict(ä='ü', lr=0.1)").get("x")
    assert found is not None
    inside = found.get("lr")
    assert inside is not None
    assert inside.where == Position("a.py", 1, 20)


def test_names_that_repeat_each_other_stay_bounded() -> None:
    wide = "a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "a = [a, a, a, a, a, a, a, a, a, a]\n" * 8 + "x = a"
    assert "a value that is too large" in str(config(wide))
    deep = "a = [1]\n" + "a = [a]\n" * MAX_DEPTH + "x = a"
    assert "a value that is too large" in str(config(deep))
    assert unknown(f"x = {'-' * 60}1")[1] == "nested too deep"


def test_a_config_is_merged_with_its_bases() -> None:
    text = "_base_ = ['b.py', 'c.py']\na = dict(lr=2, list=[3])\nd = dict(_delete_=True, z=1)\n"
    text += "e = _base_.c * 2\nf = {{_base_.a.k}}"
    merged = config(text, b="a = dict(lr=1, k=4, list=[1, 2])\nd = dict(y=1)", c="c = 5").plain()
    assert merged == {"a": {"lr": 2, "k": 4, "list": [3]}, "d": {"z": 1}, "c": 5, "e": 10, "f": 4}


def test_names_come_from_read_base() -> None:
    text = "from mmengine.config import read_base\nwith read_base():\n    from .b import *\n    from .c import y as z\n"
    text += "x.a = z"
    assert config(text, b="x = dict(a=1)", c="y = 3").plain() == {"x": {"a": 3}, "z": 3}


def problems(text: str, **files: str) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        config(text, **files)
    return [f"{each.where.line}: {each.message}" for each in caught.value.problems]


def test_bases_that_cannot_be_read() -> None:
    assert problems("_base_ = 'b.py'") == ["1: b.py cannot be read"]
    assert problems("_base_ = 'b.py'", b="_base_ = 'a.py'", a="_base_ = 'b.py'") == [
        "1: a file is its own base: a.py -> b.py -> a.py"
    ]
    assert problems("_base_ = 'mmdet::x.py'") == ["1: mmdet::x.py lies in an installed package, which is not looked at"]
    assert problems("_base_ = ['b.py', 'c.py']", b="k = 1", c="k = 2") == [
        "1: two files of _base_ have the key 'k': b.py:1:5 and c.py:1:5"
    ]
    assert problems("_base_ = 'b.py'\nk = dict(a=1)", b="k = 2") == [
        "2: k is a dict here, but not in the base, at b.py:1:5"
    ]
    assert problems("with read_base():\n    from mmdet.configs.x import *") == [
        "2: mmdet.configs.x lies in an installed package, which is not looked at"
    ]


def test_what_is_no_python_is_an_error() -> None:
    assert problems("x = (1")[0].startswith("1: this is not Python: ")
    assert problems("x = 1\ny = = 2")[0].startswith("2: this is not Python: ")
