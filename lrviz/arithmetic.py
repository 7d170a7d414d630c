"""Arithmetic of numbers in exact fractions, as it may stand before a unit: `50e9 / 4e6`, `2 * (3 + 0.5)`.

Numbers, `+ - * / // % **` and parentheses; nothing else. No result is larger than `MAX_NUMBER` or finer than
`MAX_BITS`, so that the work is bounded by the length of the text, which is at most `MAX_LENGTH`.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable
from fractions import Fraction

from lrviz.number import MAX_LENGTH, MAX_NUMBER, fraction

MAX_BITS = 4096


class FractionError(ValueError):
    """A text that is not arithmetic, or has no result; the message says what is wrong, the hint what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_CHARACTERS = re.compile(r"[0-9.eE+*/%() -]*")
_GROUPED = re.compile(r"[0-9]+(?:[_, ][0-9]+)+")


def is_number(text: str) -> bool:
    """True if a text is one decimal number, such as `-1.5e3`."""
    return _NUMBER.fullmatch(text) is not None


def exact(text: str) -> Fraction:
    """The exact value of a number or of arithmetic. Raises `FractionError`, and `NumberError` for a long number.

    >>> exact("50e9 / 4e6"), exact("0.1 + 0.2")
    (Fraction(12500, 1), Fraction(3, 10))
    """
    if is_number(text):
        return fraction(text)
    if len(text) > MAX_LENGTH:
        raise FractionError(f"arithmetic before a unit may have at most {MAX_LENGTH:,} characters")
    if _GROUPED.fullmatch(text):
        raise FractionError(f"numbers are not written as {text} here", f"write {re.sub('[_, ]', '', text)}")
    if _CHARACTERS.fullmatch(text) is None:
        raise FractionError(
            f"{text!r} is not arithmetic", "before a unit stands a number, or + - * / // % ** of numbers"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns about `1 (2)`
            tree = ast.parse(text.strip(), mode="eval").body
        return _value(tree, text.strip())
    except ZeroDivisionError:
        raise FractionError(f"{text!r} divides by zero") from None
    except (SyntaxError, RecursionError, MemoryError):
        raise FractionError(f"{text!r} is not arithmetic", "such as 50e9 / 4e6") from None


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction | int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def _value(node: ast.expr, text: str) -> Fraction:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        value = _value(node.operand, text)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, text), _value(node.right, text)
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        if type(node.op) in _OPERATORS:
            return _bounded(Fraction(_OPERATORS[type(node.op)](left, right)))
    written = text[node.col_offset : node.end_col_offset]
    if isinstance(node, ast.Constant) and is_number(written):
        return _bounded(fraction(written))
    raise FractionError(f"{written!r} is not arithmetic of numbers", "such as 50e9 / 4e6")


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise FractionError("a power before a unit has a whole exponent")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base not in (0, 1, -1) and abs(exponent) * (bits - 1) > MAX_BITS:
        raise FractionError("a number before a unit is too large, or too fine")
    return _bounded(Fraction(base ** int(exponent)) if abs(base) != 1 else base ** int(exponent % 2))


def _bounded(value: Fraction) -> Fraction:
    if abs(value) > MAX_NUMBER or value.denominator.bit_length() > MAX_BITS:
        raise FractionError("a number before a unit is too large, or too fine")
    return value
