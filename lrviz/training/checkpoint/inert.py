"""What stands for the objects of a checkpoint: values that do nothing, whatever the file says that they are."""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Name(str):
    """The class or function that a pickle names, by its dotted path. It is never imported."""

    __slots__ = ()


class Made:
    """An object of a class that is not known: what the pickle gives its class, its state and its items, untouched."""

    __slots__ = ("arguments", "items", "name", "state")

    def __init__(self, name: str, arguments: Any = ()) -> None:
        self.name = name
        self.arguments = arguments
        self.state: Any = None
        self.items: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Storage(NamedTuple):
    """Where the numbers of tensors are: the type of one, the key of the place, and how many there are."""

    kind: str
    key: str
    size: int


class Tensor(NamedTuple):
    """A tensor, of which nothing is read: its storage, the index of its first number there, and its shape."""

    storage: Storage
    first: int
    shape: tuple[int, ...]

    @property
    def is_one_number(self) -> bool:
        """True if it holds exactly one number, whatever its number of dimensions."""
        return all(size == 1 for size in self.shape)

    def __repr__(self) -> str:
        return f"<tensor of shape {list(self.shape)}>"


DRIFT: Final = 256
"""Recursive schedulers round at every call: so many roundings of its type may add up in a number with few bits."""

MOST_ROUNDING: Final = 0.05
"""The most by which a number with few bits may differ from the one that is meant, as a fraction."""


class Rounded(float):
    """A number of a tensor with fewer bits than a double; `epsilon` is how far 1 and the next larger one are apart."""

    epsilon: float

    @property
    def tolerance(self) -> float:
        """The fraction by which it may differ from the number that is meant."""
        return min(DRIFT * self.epsilon, MOST_ROUNDING)

    def __new__(cls, value: float, epsilon: float) -> Rounded:
        """A float that remembers how precise the tensor was in which it was saved."""
        made = super().__new__(cls, value)
        made.epsilon = epsilon
        return made


EPSILONS: Final = {"FloatStorage": 2.0**-23, "HalfStorage": 2.0**-10, "BFloat16Storage": 2.0**-7}
"""How far two numbers next to each other are apart, of the types that have fewer bits than a double."""

FORMS: Final = {
    "DoubleStorage": "d",
    "FloatStorage": "f",
    "HalfStorage": "e",
    "BFloat16Storage": "H",  # the upper half of a float32
    "LongStorage": "q",
    "IntStorage": "i",
    "ShortStorage": "h",
    "CharStorage": "b",
    "ByteStorage": "B",
    "BoolStorage": "?",
}
"""How a number of each type of storage is packed, as the module `struct` writes it."""


def mapping_of(value: Any) -> dict[Any, Any] | None:
    """A dict, or the items or attributes of an object that is used like one; None for anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, Made):
        return value.items or (value.state if isinstance(value.state, dict) else None)
    return None
