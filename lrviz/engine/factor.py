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
    """The factor of a schedule as an object with plain state, with the same values."""
    if isinstance(value, Function):
        return Factor(value.expression.text, value.argument, dict(value.values))
    return Constant(value)


class Constant:
    """The same factor at every call."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, call: float) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"<lrviz factor {self.value!r}>"


class Factor:
    """A factor on the learning rate, as an expression in `argument`; `values` are those of the other names in it.

    LambdaLR keeps what is in `__dict__` in its `state_dict()`, and puts it back in `load_state_dict()`. So a resumed
    run goes on with the expression that it was started with, as with every other argument of torch's schedulers. The
    compiled function is kept beside the state, in a slot.
    """

    __slots__ = ("__dict__", "_compiled", "_compiled_from")

    def __init__(self, text: str, argument: str, values: dict[str, Value]) -> None:
        self.text, self.argument, self.values = text, argument, values

    def __call__(self, call: float) -> float:
        if getattr(self, "_compiled_from", None) != (id(self.text), id(self.argument), id(self.values)):
            expression = parse(self.text, {self.argument, *self.values})
            self._compiled: Callable[..., float] = expression.function(self.argument, self.values)
            self._compiled_from = (id(self.text), id(self.argument), id(self.values))
        return self._compiled(call)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        return f"<lrviz factor `{self.text}`>"
