"""arithmetic of `lr_lambda`, conditions and numbers, against Python's own arithmetic of floats"""

from __future__ import annotations

import ast
import math
from random import Random
from typing import cast

from fuzz.case import Data, Fault
from fuzz.mutate import NUMBERS, WORDS
from lrviz.number import MAX_NUMBER
from lrviz.schedule.text.expression import FUNCTIONS, ExpressionError, ExpressionValueError, parse

NAMES = ("t", "T", "n", "N", "epoch", "step")
VALUES = {"T": 90.0, "n": 7.0, "N": 4000.0, "epoch": 2.5, "step": 30.0}
POINTS = (0, 1, 3, 17, 1000)
PIECES = [
    "t", "T", "(", ")", "+", "-", "*", "/", "//", "%", "**", " ", "<", "==", " and ", " or ", "not ", " if ", " else ",
    ",", "min(", "max(", "cos(", "__import__(", ".", "[0]", "lambda: ", "1e3", "0", "2", "pi", "=", ":=", "\n",
]  # fmt: skip


def draw(rng: Random) -> Data:
    shape = rng.random()
    if shape < 0.6:
        return {"text": _grown(rng, rng.randrange(1, 6))}
    if shape < 0.95:
        return {"text": "".join(rng.choice([*PIECES, *NUMBERS, *WORDS]) for _ in range(rng.choice([3, 8, 30])))}
    return {
        "text": rng.choice(["(", "-", "1+", "1**", "t*", " ", "not ", "9", "min(t,"]) * rng.choice([100, 3_000, 50_000])
    }


def run(data: Data) -> None:
    text = data["text"]
    for condition in (False, True):
        try:
            expression = parse(text, NAMES, condition=condition)
            function = expression.function("t", VALUES)
        except ExpressionError as error:
            if not 0 <= error.offset <= max(len(text), 2_000):
                raise Fault(f"an error outside of the text\nat {error.offset} of {text!r}: {error.message}") from error
            continue
        for t in POINTS:
            try:
                value = float(function(t))
            except ExpressionValueError:
                value = math.nan
            wanted = _python(text, t)
            if wanted is not None and not math.isclose(value, wanted, rel_tol=1e-12) and not value == wanted:
                raise Fault(f"an expression differs from Python\n{text} at t = {t} is {value!r}, not {wanted!r}")


def _grown(rng: Random, depth: int) -> str:
    """An expression of the language."""
    if depth == 0:
        return rng.choice(["t", "T", "n", "pi", "epoch", "0.5", "2", "1e-3", "3.", "7", str(rng.randrange(1000) / 100)])
    inner = [_grown(rng, rng.randrange(depth)) for _ in range(3)]
    name = rng.choice(sorted(FUNCTIONS))
    arguments = ", ".join(inner[: FUNCTIONS[name][1]])
    operator = rng.choice([" + ", " - ", "*", "/", " // ", "%", "**"])
    test = f"{inner[0]} {rng.choice(['<', '<=', '==', '>', '!='])} {inner[1]}"
    return rng.choice(
        [f"({inner[0]}{operator}{inner[1]})"] * 4
        + [f"{name}({arguments})"] * 2
        + [f"-{inner[0]}", f"({inner[0]} if {test} else {inner[2]})"]
    )


class _Floats(ast.NodeTransformer):
    """Numbers are doubles, and a power is that of the C library."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e15
        return ast.Constant(float(cast(int, value))) if small else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return ast.Call(ast.Name("pow", ast.Load()), [node.left, node.right], [])
        return node


def _python(text: str, t: float) -> float | None:
    """What Python says; None where it is not a finite real number, or where Python itself counts in whole numbers."""
    names = {name: function for name, (function, _, _) in FUNCTIONS.items()} | VALUES
    tree = _Floats().visit(ast.parse(text.replace("\n", " ").strip(), mode="eval"))
    code = compile(ast.fix_missing_locations(tree), "text", "eval")
    try:
        value = float(eval(code, {"__builtins__": {}, **names, "pow": math.pow, "pi": math.pi, "t": float(t)}))
    except (ArithmeticError, ValueError, TypeError):
        return None
    return value if abs(value) <= MAX_NUMBER else None
