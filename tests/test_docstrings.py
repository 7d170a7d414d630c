"""Every example in a docstring of the package runs, from the top folder, and prints what it says."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

import lrviz

ROOT = Path(lrviz.__file__).parent.parent
WITH_EXAMPLES = [path for path in sorted((ROOT / "lrviz").rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_the_examples_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, attempted = doctest.testmod(import_module(name_of(path)), extraglobs={"lrviz": lrviz})
    assert attempted > 0
    assert failed == 0


def test_every_public_function_has_an_example() -> None:
    functions = {name: each for name in lrviz.__all__ if isfunction(each := getattr(lrviz, name))}
    assert {"load", "check", "plot"} <= set(functions)
    without = [name for name, each in functions.items() if not re.search(rf">>> .*lrviz\.{name}\(", each.__doc__ or "")]
    assert without == []
