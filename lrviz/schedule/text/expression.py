"""Arithmetic for `lr_lambda`, `scale_fn`, `metric` and numbers, and nothing else.

The language is numbers, `+ - * / // % **`, parentheses, comparisons, `and or not`, `a if c else b`, a few
functions and `pi`. A text is parsed by Python's own parser and checked against a list of allowed nodes, so that
nothing else is possible: no attributes, no indexing, no strings, no other calls. Numbers are doubles: a power is
`math.pow`, which overflows where Python's whole numbers would fill the memory.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from lrviz.alike import alike
from lrviz.number import MAX_NUMBER
from lrviz.schedule.text.rounding import but_for_rounding
from lrviz.schedule.text.suggest import did_you_mean

MAX_LENGTH = 2_000
MAX_DEPTH = 60
MAX_TERMS = 200

FUNCTIONS: dict[str, tuple[Callable[..., float], int, int | None]] = {
    "abs": (abs, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "cos": (math.cos, 1, 1),
    "exp": (math.exp, 1, 1),
    "floor": (math.floor, 1, 1),
    "log": (math.log, 1, 1),
    "max": (max, 2, None),
    "min": (min, 2, None),
    "sin": (math.sin, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "tan": (math.tan, 1, 1),
    "tanh": (math.tanh, 1, 1),
}
"""All functions, with the least and the greatest number of arguments that each takes (None: no limit)."""

Value: TypeAlias = float | str
"""What a name stands for in a function: a number, or an expression in the function's own argument."""


class ExpressionError(ValueError):
    """A text that is not in the language; `offset` is the index of the error in the text, from 0."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.offset, self.hint = message, offset, hint


class ExpressionValueError(ArithmeticError):
    """An expression without a finite real value at some argument; `str()` names the argument, `message` does not."""

    def __init__(self, message: str, argument: str = "", at: float = 0.0) -> None:
        super().__init__(f"{message} at {argument} = {at:g}" if argument else message)
        self.message, self.at = message, at


@dataclass(frozen=True)
class Expression:
    """A parsed text of the language. `names` are the variables that it uses."""

    text: str
    names: frozenset[str]
    tree: ast.expr

    def function(
        self,
        argument: str,
        values: Mapping[str, Value] | None = None,
        more: Sequence[str] = (),
        rounded: Sequence[str] = (),
    ) -> Callable[..., float]:
        """A function of one number, compiled; the other names stand for `values`.

        `more` are names that it takes as arguments after the first. Comparisons with one of `rounded` ignore rounding.
        It raises `ExpressionValueError` if the result is not finite and real. The result of a condition is true or
        false.
        """
        return _compile(self.text, argument, self.bound(values or {}, rounded), more)

    def bound(self, values: Mapping[str, Value], rounded: Sequence[str] = ()) -> ast.expr:
        """What `function` compiles: the tree with names replaced by `values`, and a call of `_pow` for each `**`."""
        found = {name: _bound(value) for name, value in values.items()}
        changed: ast.expr = _Substitute(found).visit(but_for_rounding(_tree(self.text), rounded))
        return changed

    def value(self, **values: float) -> float:
        """The value for these values of its names. Raises `ExpressionValueError`."""
        return self.function("_", values)(0)


def parse(text: str, names: Iterable[str] = (), *, condition: bool = False) -> Expression:
    """An expression in these variables, or with `condition` one that is true or false and never a number.

    Raises `ExpressionError`, with the place, for anything that is not in the language.
    """
    text = text.replace("\n", " ")
    blanks = len(text) - len(text.lstrip())
    try:
        return _parse(text.strip(), tuple(names), condition)
    except ExpressionError as error:
        error.offset += blanks
        raise


def _parse(text: str, names: tuple[str, ...], condition: bool) -> Expression:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression may have at most {MAX_LENGTH:,} characters", MAX_LENGTH)
    try:
        tree = _tree(text)
        checker = _Checker(text, names)
        checker.check(tree, 1)
    except SyntaxError as error:
        message = (
            "the brackets are nested too deep" if "too many nested" in str(error.msg) else "this is not arithmetic"
        )
        raise ExpressionError(message, _offset(error, text), _syntax_hint(text, condition)) from None
    except (RecursionError, MemoryError, ValueError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError("this is nested too deep, or a number in it is too long") from None
    if condition:
        checker.check_condition(tree)
    elif _is_truth(tree):
        raise ExpressionError(
            "the result is true or false, not a number", 0, "write `1 if t < 10 else 0.1`, with two numbers"
        )
    return Expression(text, frozenset(checker.used), tree)


def _offset(error: SyntaxError, text: str) -> int:
    """Where a text stops being arithmetic; Python gives 0 for its end, and None for a NUL character."""
    return error.offset - 1 if error.offset else len(text) if error.offset == 0 else 0


def _tree(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns about `1if t else 2`
        return ast.parse(text, mode="eval").body


def _syntax_hint(text: str, condition: bool) -> str:
    if "=" in text.replace("==", "").replace("<=", "").replace(">=", "").replace("!=", ""):
        return "write == for equality" if condition else "an expression cannot assign a name; write the number itself"
    return "numbers, + - * / // % **, comparisons, `a if c else b` and functions like min, max, cos"


# --- what is allowed ---------------------------------------------------------------------------------------


class _Checker:
    """Walks a syntax tree and refuses everything that is not in the language."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text, self.names = text, names
        self.used: set[str] = set()

    def refuse(self, node: ast.AST, message: str, hint: str = "") -> NoReturn:
        byte = getattr(node, "col_offset", 0)  # Python counts bytes of UTF-8
        raise ExpressionError(message, len(self.text.encode()[:byte].decode(errors="ignore")), hint)

    def check(self, node: ast.AST, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.refuse(node, f"an expression may be nested at most {MAX_DEPTH} deep")
        if isinstance(node, ast.Constant):
            self.check_constant(node)
        elif isinstance(node, ast.Name):
            self.check_name(node)
        elif isinstance(node, ast.Call):
            self.check_call(node, depth)
        elif isinstance(node, ast.BinOp):
            self.check_terms(node, depth)
        elif isinstance(node, ast.UnaryOp | ast.BoolOp | ast.Compare):
            self.check_operators(node)
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.check(child, depth + 1)
        elif isinstance(node, ast.IfExp):
            for child in (node.test, node.body, node.orelse):
                self.check(child, depth + 1)
        else:
            self.refuse(node, *_NOT_ALLOWED.get(type(node), ("this is not allowed in an expression", "")))

    def check_terms(self, node: ast.BinOp, depth: int) -> None:
        """Checks a sum or product. It nests to the left once per term, which does not count as depth."""
        members: list[ast.expr] = []
        spine: ast.expr = node
        while isinstance(spine, ast.BinOp):
            self.check_operators(spine)
            members.append(spine.right)
            spine = spine.left
            if len(members) > MAX_TERMS:
                self.refuse(node, f"an expression may have at most {MAX_TERMS} terms in a row")
        for member in (spine, *reversed(members)):
            self.check(member, depth + 1)

    def written(self, node: ast.expr) -> str:
        """The text of a node; Python counts its columns in bytes of UTF-8."""
        return self.text.encode()[node.col_offset : node.end_col_offset].decode(errors="replace")

    def check_constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or node.value is None or node.value is Ellipsis:
            self.refuse(node, f"{node.value} is not a number")
        if isinstance(node.value, str | bytes):
            self.refuse(node, "text is not allowed in an expression")
        if isinstance(node.value, complex):
            self.refuse(node, "imaginary numbers are not allowed in an expression")
        written = self.written(node)
        if "_" in written or written[:2].lower() in ("0b", "0x", "0o"):
            self.refuse(node, f"numbers are not written as {written} here", f"write {node.value}")
        if not abs(node.value) <= MAX_NUMBER:
            self.refuse(node, "this number is too large")

    def check_name(self, node: ast.Name) -> None:
        if self.written(node) != node.id:  # Python reads letters of other alphabets as these
            self.refuse(node, f"unknown name {self.written(node)!r}", f"did you mean {node.id}?")
        if node.id == "pi":
            return
        if node.id in FUNCTIONS:
            self.refuse(node, f"{node.id} is a function", f"write {node.id}(...)")
        if node.id not in self.names:
            known = (*self.names, "pi", *FUNCTIONS)
            self.refuse(node, f"unknown name {node.id[:40]!r}", did_you_mean(node.id, known))
        self.used.add(node.id)

    def check_call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            self.check(node.func, depth + 1)
            self.refuse(node, "only a function can be called")
        name = node.func.id
        if name not in FUNCTIONS:
            self.refuse(node.func, f"unknown function {name!r}", did_you_mean(name, FUNCTIONS))
        if node.keywords:
            self.refuse(node, f"{name} takes no keyword arguments")
        _, least, most = FUNCTIONS[name]
        if len(node.args) < least or (most is not None and len(node.args) > most):
            wanted = f"{least} or more numbers" if most is None else "one number"
            self.refuse(node, f"{name} takes {wanted} (got {len(node.args)})")
        for argument in node.args:
            if _is_truth(argument):
                self.refuse(argument, f"{name} takes numbers, but this is true or false")
            self.check(argument, depth + 1)

    def check_condition(self, node: ast.expr) -> None:
        """Refuses a number in place of a condition; Python would take it as true unless it is 0."""
        if isinstance(node, ast.BoolOp):
            inside = node.values
        elif isinstance(node, ast.IfExp):
            inside = [node.test, node.body, node.orelse]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inside = [node.operand]
        elif isinstance(node, ast.Compare):
            inside = []
        else:
            self.refuse(node, "this is a number, not a condition", "compare it: < <= > >= == !=")
        for child in inside:
            self.check_condition(child)

    def check_operators(self, node: ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Compare) -> None:
        for operator in node.ops if isinstance(node, ast.Compare) else [node.op]:
            if not isinstance(operator, _OPERATORS):
                hint = "write ** for a power" if isinstance(operator, ast.BitXor) else ""
                self.refuse(node, "this operator is not allowed in an expression", hint)


_OPERATORS = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Pow,
    ast.UAdd,
    ast.USub,
    ast.Not,
    ast.And,
    ast.Or,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Eq,
    ast.NotEq,
)

_NOT_ALLOWED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Attribute: ("attributes are not allowed in an expression", "write cos(x), not math.cos(x)"),
    ast.Subscript: ("indexing is not allowed in an expression", ""),
    ast.Lambda: ("a lambda is not allowed in an expression", "leave out `lambda t:`"),
    ast.List: ("lists are not allowed in an expression", ""),
    ast.Tuple: ("tuples are not allowed in an expression", "write a decimal point as `.`"),
    ast.Dict: ("mappings are not allowed in an expression", ""),
    ast.Set: ("sets are not allowed in an expression", ""),
    ast.JoinedStr: ("text is not allowed in an expression", ""),
    ast.NamedExpr: ("assignments are not allowed in an expression", ""),
    ast.Starred: ("`*` before a value is not allowed in an expression", ""),
    ast.ListComp: ("loops are not allowed in an expression", ""),
    ast.SetComp: ("loops are not allowed in an expression", ""),
    ast.DictComp: ("loops are not allowed in an expression", ""),
    ast.GeneratorExp: ("loops are not allowed in an expression", ""),
}


def _is_truth(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_truth(node.body) or _is_truth(node.orelse)
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


# --- syntax tree -> function -------------------------------------------------------------------------------


def _bound(value: Value) -> ast.expr:
    return ast.parse(value, mode="eval").body if isinstance(value, str) else ast.Constant(value)


class _Substitute(ast.NodeTransformer):
    """Replaces names by values, and `**` by `math.pow`."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return ast.Call(ast.Name("_pow", ast.Load()), [node.left, node.right], [])
        return node


_TEMPLATE = """
def function({parameters}):
    try:
        result = None
    except (ArithmeticError, ValueError) as error:
        raise _no_value({argument}, error) from None
    if -{limit} <= result <= {limit}:
        return result
    raise _no_value({argument}, result)
"""


def _compile(text: str, argument: str, body: ast.expr, more: Sequence[str]) -> Callable[..., float]:
    if isinstance(body, ast.Name) and body.id == argument and not more:
        return _same
    module = ast.parse(_TEMPLATE.format(argument=argument, parameters=", ".join([argument, *more]), limit=MAX_NUMBER))
    assignment = module.body[0].body[0].body[0]  # type: ignore[attr-defined]
    assignment.value = body
    names: dict[str, Any] = {name: function for name, (function, _, _) in FUNCTIONS.items()}
    names |= {"__builtins__": {"ArithmeticError": ArithmeticError, "ValueError": ValueError}, "pi": math.pi}
    names |= {"_pow": math.pow, "_alike": alike, "_no_value": lambda at, got: _no_value(text, argument, float(at), got)}
    exec(compile(ast.fix_missing_locations(module), "<expression>", "exec"), names)
    return names["function"]  # type: ignore[no-any-return]


def _same(value: float) -> float:
    """The argument itself, which is finite and real."""
    return value


def _no_value(text: str, argument: str, at: float, got: object) -> ExpressionValueError:
    reasons: dict[type, str] = {
        ZeroDivisionError: "divides by zero",
        OverflowError: "is too large",
        ValueError: "is not a real number",
    }
    if isinstance(got, int | float) and math.isfinite(got if isinstance(got, float) else 0):
        got = OverflowError()
    reason = reasons.get(type(got), f"is {got}, which is not a finite number")
    return ExpressionValueError(f"`{text}` {reason}", "" if argument == "_" else argument, at)
