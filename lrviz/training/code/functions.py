"""`lr_lambda` and `scale_fn` as functions of the printed module, so that a scheduler that has them can be pickled."""

from __future__ import annotations

import ast
from typing import Any

from lrviz.schedule.model import Function
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

    def name_of(self, value: Any, argument: str, meaning: str, part: str = "") -> str:
        """The name of the function for a `Function` or a constant factor, which it writes if it is new.

        `meaning` says what it returns, `part` is what distinguishes it: the phase, or the param group.
        """
        kind, parameter, annotation = KINDS[argument]
        tree: ast.expr = ast.Constant(value)
        if isinstance(value, Function):
            tree = value.expression.bound(value.values)
        elif self._prefix or part:
            part = "constant"
        key = (argument, ast.dump(tree))
        if key not in self._known:
            name = self._module.names.new("_".join(filter(None, [self._prefix, identifier(part), kind])))
            self._known[key] = name
            self._write(name, tree, value, meaning, parameter, annotation)
        return self._known[key]

    def _write(self, name: str, tree: ast.expr, value: Any, meaning: str, parameter: str, annotation: str) -> None:
        used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        called = {
            each.func.id for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
        }
        body = returned(tree, 4)
        if any("math." in line for line in body):
            self._module.use_module("math")
        said = meaning
        if isinstance(value, Function) and value.expression.names & value.values.keys():
            said = f"{meaning}: {ast.unparse(value.expression.tree)}"
        parameters = [f"{parameter if parameter in used - called else f'_{parameter}'}: {annotation}"]
        self._module.add(function(name, parameters, "float", [*docstring([f"{said}."], 4), *body]))
