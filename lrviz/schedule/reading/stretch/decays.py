"""Factors of each call, and functions of it, for a run of another length."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from lrviz.schedule.reading.fields import LAMBDA_NAMES
from lrviz.schedule.reading.stretch.lengths import factor_text
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node
from lrviz.schedule.text.expression import Expression, ExpressionError, ExpressionValueError
from lrviz.schedule.text.values import WrongValueError


def decay(node: Node, factor: Fraction) -> Node:
    """A factor of each call, or one for each param group, as the root that many calls make the same of."""
    if node.is_mapping:
        return Node({key: Item(item.key, decay(item.value, factor)) for key, item in node.value.items()}, node.where)
    if node.is_list:
        return Node(tuple(decay(each, factor) for each in node.value), node.where)
    value = _constant(node.value)
    if value is None or value < 0 or value in (0, 1) or factor == 1:
        return node
    return Node(math.pow(value, float(1 / factor)), node.where, origin=f"{node.value} ** (1 / {factor_text(factor)})")


def _constant(value: Any) -> float | None:
    """The number that a factor is; None if it is a function of the call."""
    try:
        read = values.function(value, LAMBDA_NAMES)
        if isinstance(read, Expression):
            return float(read.value()) if not read.names else None
        return float(read)
    except (WrongValueError, ExpressionError, ExpressionValueError):
        return None


_TIMES = re.compile(rf"\b(?:{'|'.join(LAMBDA_NAMES)})\b")


def divided(text: str, factor: Fraction) -> str:
    """A formula with every time and length of it divided by the factor: the same curve, so much longer.

    >>> divided("min(t / 100, 1)", Fraction(2))
    'min((t / 2) / 100, 1)'
    """
    over = "" if factor.numerator == 1 else f" / {factor.numerator}"
    times = "" if factor.denominator == 1 else f" * {factor.denominator}"
    return _TIMES.sub(rf"(\g<0>{times}{over})", text)
