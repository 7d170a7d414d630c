"""An expression of a schedule file as Python that computes the same bits, in the same order of operations.

A power is `math.pow`, as in lrviz, and `**` only where that is the same: where a float is raised to a whole number.
"""

from __future__ import annotations

import ast

from lrviz.training.code.layout import SOFT, SPACE, Doc, Indented, call, fits, group, lines
from lrviz.training.code.texts import number

BUILT_IN = ("abs", "max", "min")
"""The functions of the language that Python has without `math`."""

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}

CONDITIONAL, OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(10)
"""How strongly operators bind, the weakest first."""


def returned(tree: ast.expr, indent: int) -> list[str]:
    """The lines of a function's body that return an expression; a choice that is long, or among several, is an `if`."""
    several = isinstance(tree, ast.IfExp) and isinstance(tree.orelse, ast.IfExp)
    if not several and fits("return ", *_parts(tree, SPACE), indent=indent):
        return _statement("return", tree, "", indent)
    found: list[str] = []
    while isinstance(tree, ast.IfExp):
        found += [*_statement("if", tree.test, ":", indent), *returned(tree.body, indent + 4)]
        tree = tree.orelse
    return [*found, *_statement("return", tree, "", indent)]


def _statement(keyword: str, tree: ast.expr, end: str, indent: int) -> list[str]:
    """A keyword and an expression, which has parentheses if it needs several lines and has none of its own to open."""
    doc = group(*_parts(tree, SPACE))
    if fits(keyword, " ", doc, end, indent=indent):
        return lines(keyword, " ", doc, end, indent=indent)
    if _opens(tree):
        found = lines(keyword, " ", *_parts(tree, " "), end, indent=indent)
        if all(len(line) <= 88 for line in found):
            return found
    return lines(keyword, " (", Indented((SOFT, doc)), SOFT, f"){end}", indent=indent)


def _opens(tree: ast.expr) -> bool:
    """True if `ruff format` would rather break inside of the first or last brackets of an expression than around it."""
    alone = isinstance(tree, ast.IfExp) or len(_members(tree)) > 2
    return not alone and (_bracketed(tree, 0) or _bracketed(tree, -1))


def _bracketed(tree: ast.expr, end: int, least: int = CONDITIONAL) -> bool:
    """True if an expression begins (`end` 0) or ends (-1) with brackets."""
    if _strength(tree) < least:
        return True
    members = _members(tree)
    if members:
        operand, needed = members[end]
        return _bracketed(operand, end, needed)
    if isinstance(tree, ast.UnaryOp):
        return end == -1 and _bracketed(tree.operand, end, _strength(tree))
    return end == -1 and isinstance(tree, ast.Call)


# --- expressions ------------------------------------------------------------------------------------------------


def _parts(tree: ast.expr, space: Doc = SPACE) -> tuple[Doc, ...]:
    """The document of an expression; `space` stands between its operands where it is not inside of brackets."""
    strength = _strength(tree)
    match tree:
        case ast.Constant():
            return (number(tree.value),)  # type: ignore[arg-type]
        case ast.Name():
            return ("math.pi" if tree.id == "pi" else tree.id,)
        case ast.Call():
            return (_call(tree, space),)
        case ast.UnaryOp():
            sign = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not "}[type(tree.op)]
            return (sign, _operand(tree.operand, strength, space))
        case ast.IfExp():
            condition = (space, "if ", _operand(tree.test, OR, space), space, "else ")
            return (_operand(tree.body, OR, space), *condition, *_parts(tree.orelse, space))
        case ast.BinOp() | ast.Compare() | ast.BoolOp():
            docs = [_operand(each, least, space) for each, least in _members(tree)]
            return _joined(docs, _operators(tree), space)
    raise AssertionError(f"{type(tree).__name__} is not in the language")


def _operand(tree: ast.expr, least: int, space: Doc) -> Doc:
    """An operand of an operator, in brackets if its own operators bind less than `least`."""
    if _strength(tree) < least:
        return group("(", Indented((SOFT, group(*_parts(tree, SPACE)))), SOFT, ")")
    return group(*_parts(tree, space))


def _joined(operands: list[Doc], operators: list[str], space: Doc) -> tuple[Doc, ...]:
    first, *rest = operands
    return (first, *(doc for sign, each in zip(operators, rest, strict=True) for doc in (space, f"{sign} ", each)))


def _call(tree: ast.Call, space: Doc) -> Doc:
    assert isinstance(tree.func, ast.Name)
    name = tree.func.id
    if name == "_pow" and _is_whole_power(tree):
        base, exponent = tree.args
        left, right = _operand(base, ATOM, space), _operand(exponent, UNARY, space)
        return (
            group(left, "**", right) if _is_simple(base) and _is_simple(exponent) else group(left, space, "** ", right)
        )
    function = "math.pow" if name == "_pow" else name if name in BUILT_IN else f"math.{name}"
    return call(function, [group(*_parts(each, SPACE)) for each in tree.args])


def _strength(tree: ast.expr) -> int:
    match tree:
        case ast.IfExp():
            return CONDITIONAL
        case ast.BoolOp():
            return OR if isinstance(tree.op, ast.Or) else AND
        case ast.Compare():
            return COMPARE
        case ast.BinOp():
            return SUM if isinstance(tree.op, ast.Add | ast.Sub) else PRODUCT
        case ast.UnaryOp():
            return NOT if isinstance(tree.op, ast.Not) else UNARY
        case ast.Constant() if isinstance(tree.value, int | float) and tree.value < 0:
            return UNARY
        case ast.Call() if _is_whole_power(tree):
            return POWER
    return ATOM


def _members(tree: ast.expr) -> list[tuple[ast.expr, int]]:
    """The operands of operators that bind alike, each with what it must bind at least to stand without brackets."""
    strength = _strength(tree)
    match tree:
        case ast.BinOp():
            left = _members(tree.left) if _strength(tree.left) == strength else [(tree.left, strength)]
            return [*left, (tree.right, strength + 1)]
        case ast.Compare():
            return [(each, SUM) for each in (tree.left, *tree.comparators)]
        case ast.BoolOp():
            return [(each, strength + 1) for each in tree.values]
    return []


def _operators(tree: ast.expr) -> list[str]:
    match tree:
        case ast.BinOp():
            before = _operators(tree.left) if _strength(tree.left) == _strength(tree) else []
            return [*before, OPERATORS[type(tree.op)]]
        case ast.Compare():
            return [OPERATORS[type(each)] for each in tree.ops]
        case ast.BoolOp():
            return [OPERATORS[type(tree.op)]] * (len(tree.values) - 1)
    return []


# --- types ------------------------------------------------------------------------------------------------------


def _is_whole_power(tree: ast.expr) -> bool:
    """True for a power of a float to a whole number, which `**` computes as `math.pow` does, and type checkers know."""
    return _is_power(tree) and _is_float(tree.args[0]) and _is_whole(tree.args[1])  # type: ignore[attr-defined]


def _is_power(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "_pow"


def _is_float(tree: ast.expr) -> bool:
    """True if the value is a float whatever the whole numbers in it are."""
    match tree:
        case ast.Constant():
            return isinstance(tree.value, float)
        case ast.Name():
            return tree.id == "pi"
        case ast.UnaryOp():
            return _is_float(tree.operand)
        case ast.BinOp():
            return isinstance(tree.op, ast.Div) or _is_float(tree.left) or _is_float(tree.right)
        case ast.IfExp():
            return _is_float(tree.body) and _is_float(tree.orelse)
        case ast.Call(func=ast.Name(id="abs" | "max" | "min")):
            return all(map(_is_float, tree.args))
        case ast.Call(func=ast.Name(id="ceil" | "floor")):
            return False
        case ast.Call():
            return True
    return False


def _is_whole(tree: ast.expr) -> bool:
    """True if the value is a whole number of type `int`."""
    match tree:
        case ast.Constant():
            return isinstance(tree.value, int)
        case ast.Name():
            return tree.id == "t"
        case ast.UnaryOp():
            return not isinstance(tree.op, ast.Not) and _is_whole(tree.operand)
        case ast.BinOp():
            return not isinstance(tree.op, ast.Div) and _is_whole(tree.left) and _is_whole(tree.right)
        case ast.IfExp():
            return _is_whole(tree.body) and _is_whole(tree.orelse)
        case ast.Call(func=ast.Name(id="abs" | "max" | "min")):
            return all(map(_is_whole, tree.args))
        case ast.Call(func=ast.Name(id="ceil" | "floor")):
            return True
    return False


def _is_simple(tree: ast.expr) -> bool:
    """True for a name or number, around which `ruff format` writes `**` without blanks."""
    if isinstance(tree, ast.UnaryOp):
        return _is_simple(tree.operand)
    return isinstance(tree, ast.Constant | ast.Name)
