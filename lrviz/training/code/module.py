"""A module of Python in the making: what it imports, and the functions in it, each with a name of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lrviz.training.code.layout import bracketed, lines
from lrviz.training.code.texts import Names

STANDARD = ("collections.abc", "functools", "math")

TAKEN = ("abs", "float", "int", "math", "max", "min", "optimizer", "params", "str", "t", "x")
"""Names that the printed functions use for themselves, which nothing that is imported may have."""


class Module:
    """The imports and functions of a module. `names` hands out names at its top."""

    def __init__(self) -> None:
        self.names = Names(TAKEN)
        self._imports: dict[str, dict[str, str]] = defaultdict(dict)
        self._modules: set[str] = set()
        self._functions: list[list[str]] = []

    def use(self, module: str, name: str) -> str:
        """Imports a name from a module; returns what it is called here."""
        known = self._imports[module]
        if name not in known:
            known[name] = self.names.new(name)
        return known[name]

    def use_module(self, module: str) -> None:
        """Imports a whole module."""
        self._modules.add(module)

    def add(self, function: list[str]) -> None:
        """Appends the lines of a function."""
        self._functions.append(function)

    def text(self, head: list[str]) -> str:
        """The module, with `head` as its docstring."""
        blocks = ["\n".join(head), *self._import_blocks()]
        functions = ["\n".join(each) for each in self._functions]
        return "\n\n\n".join(["\n\n".join(blocks), *functions]) + "\n"

    def _import_blocks(self) -> list[str]:
        """The imports in the order of isort: the standard library, then everything else."""
        found = []
        for standard in (True, False):
            block = [f"import {module}" for module in sorted(self._modules) if (module in STANDARD) == standard]
            for module, names in sorted(self._imports.items()):
                if (module in STANDARD) == standard and names:
                    block += _from_import(module, names)
            if block:
                found.append("\n".join(block))
        return found


def _from_import(module: str, names: dict[str, str]) -> list[str]:
    called = [
        name if name == here else f"{name} as {here}"
        for name, here in sorted(names.items(), key=lambda each: _isort_key(each[0]))
    ]
    line = f"from {module} import {', '.join(called)}"
    if len(line) <= 88:
        return [line]
    return lines(bracketed(f"from {module} import (", called, ")"))


def _isort_key(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest, each without regard to case."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


def function(name: str, parameters: Iterable[str], result: str, body: Iterable[str]) -> list[str]:
    """The lines of a function; `body` is indented already."""
    return [*lines(bracketed(f"def {name}(", list(parameters), f") -> {result}:")), *body]
