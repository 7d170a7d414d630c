"""The functions that torch is given as `lr_lambda` or `scale_fn`: compiled for a simulation, picklable for training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrviz.schedule.model import Function
from lrviz.schedule.text.expression import Value, parse


def compiled(value: Function | float) -> Callable[..., float]:
    """The factor of a schedule as a plain function: the fastest that there is, but it cannot be pickled."""
    if isinstance(value, Function):
        return value.expression.function(value.argument, value.values)
    return lambda call: value


def picklable(value: Function | float) -> Callable[..., float]:
    """The factor of a schedule as an object that pickles, with the same values."""
    if isinstance(value, Function):
        used = {name: each for name, each in value.values.items() if name in value.expression.names}
        return Factor(value.expression.text, value.argument, used)
    return Factor(repr(value), "t", {}, value)


class Factor:
    """A factor on the learning rate: an expression in `argument`, with `values` for the other names in it, or a number.

    LambdaLR saves the `__dict__` of a callable object in its `state_dict()`, and updates it in `load_state_dict()`.
    This one says there what it is, so that a checkpoint can be compared with the file, and takes nothing back: a
    resumed run goes on with what its scheduler was made with, as with a plain function.
    """

    __slots__ = ("_argument", "_compiled", "_number", "_text", "_values")

    def __init__(self, text: str, argument: str, values: dict[str, Value], number: float | None = None) -> None:
        self._text, self._argument, self._values, self._number = text, argument, values, number
        if number is None:
            function = parse(text, {argument, *values}).function(argument, values)
        self._compiled: Callable[..., float] = function if number is None else lambda call: number

    def __call__(self, call: float) -> float:
        """The factor at a call of the scheduler, counted from 0."""
        return self._compiled(call)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return {"expression": self._text, "values": dict(self._values)}

    def __reduce__(self) -> tuple[type[Factor], tuple[str, str, dict[str, Value], float | None]]:
        return type(self), (self._text, self._argument, self._values, self._number)

    def __repr__(self) -> str:
        return f"<lrviz factor `{self._text}`>"
