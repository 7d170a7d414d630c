"""`lr_lambda` and `scale_fn` as functions of the printed module, so that a scheduler that has them can be pickled."""

from __future__ import annotations

import ast
from typing import Any

from lrviz.schedule.model import Function
from lrviz.schedule.text.expression import Value
from lrviz.training.code.expressions import returned
from lrviz.training.code.module import Module, function
from lrviz.training.code.texts import docstring, identifier

KINDS = {"lr_lambda": ("factor", "t", "int"), "scale_fn": ("scale", "x", "float")}
"""The name of a function by its argument, and the name and type of its parameter."""


class Functions:
    """Writes each function of a schedule once; `prefix` begins the names of all of them."""

    def __init__(self, module: Module, prefix: str = "") -> None:
        self._module = module
        self._prefix = prefix
        self._known: dict[tuple[str, str], str] = {}

    def name_of(self, value: Any, argument: str, meaning: tuple[str, str], part: str = "") -> str:
        """The name of the function for a `Function` or a constant factor, which it writes if it is new.

        `meaning` says what it returns and at which argument, `part` what distinguishes it: the phase, the param group.
        """
        kind, parameter, annotation = KINDS[argument]
        tree: ast.expr = ast.Constant(value)
        if isinstance(value, Function):
            tree = value.expression.bound({name: _plain(each) for name, each in value.values.items()})
        elif self._prefix or part:
            part = "constant"
        key = (argument, ast.dump(tree))
        if key not in self._known:
            name = self._module.names.new(_named(f"{self._prefix} {part}", kind))
            self._known[key] = name
            self._write(name, tree, value, meaning, f"{parameter}: {annotation}")
        return self._known[key]

    def _write(self, name: str, tree: ast.expr, value: Any, meaning: tuple[str, str], parameter: str) -> None:
        varies = any(isinstance(each, ast.Name) and each.id == parameter[0] for each in ast.walk(tree))
        body = returned(tree, 4)
        if any("math." in line for line in body):
            self._module.use_module("math")
        said = " ".join(meaning) if varies else f"{meaning[0]}, the same at every call"
        if isinstance(value, Function) and value.expression.names & value.values.keys():
            said = f"{said}: {ast.unparse(value.expression.tree)}"
        parameters = [parameter if varies else f"_{parameter}"]
        self._module.add(function(name, parameters, "float", [*docstring([f"{said}."], 4), *body]))


def _plain(value: Value) -> Value:
    """The value of a name; `t + 0` is the `n` of the first phase."""
    return "t" if value == "t + 0" else value


def _named(part: str, kind: str) -> str:
    """`warmup_factor`, or `factor_2` for a part that no name may begin with."""
    before = identifier(part)
    return f"{kind}_{before}" if before[:1].isdigit() else f"{before}_{kind}".strip("_")
