"""Comparisons of a condition that ignore rounding: `lr >= 0.1` holds where the learning rate is a bit below 0.1."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from lrviz.alike import ROUNDING


def but_for_rounding(tree: ast.expr, names: Sequence[str]) -> ast.expr:
    """A tree whose comparisons with one of `names` ignore rounding: alike values are equal, and neither is larger.

    It calls `alike` as `_alike`.
    """
    changed: ast.expr = _Comparisons(names).visit(tree)
    return changed


class _Comparisons(ast.NodeTransformer):
    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        inside = [child for child in ast.walk(node) if child is not node]
        named = any(isinstance(child, ast.Name) and child.id in self.names for child in inside)
        if not named or any(isinstance(child, ast.Compare) for child in inside):  # which compares truths, not numbers
            return self.generic_visit(node)  # type: ignore[return-value]
        sides = pairwise([node.left, *node.comparators])
        pairs = [_pair(left, operator, right) for (left, right), operator in zip(sides, node.ops, strict=True)]
        return ast.parse(" and ".join(pairs), mode="eval").body


def _pair(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    """One comparison. The first half of `same` spares most ticks the call, and makes a NaN like nothing."""
    exactly, one, other = (ast.unparse(each) for each in (ast.Compare(left, [operator], [right]), left, right))
    same = f"(abs(({one}) - ({other})) <= {2 * ROUNDING} * abs({one}) and _alike({one}, {other}))"
    equal_meets = isinstance(operator, ast.LtE | ast.GtE | ast.Eq)
    return f"({exactly} or {same})" if equal_meets else f"({exactly} and not {same})"
