"""The kinds of input, a module each. A kind has two functions, and a docstring whose first line says what it feeds:

- `draw(rng)` makes an input, as data that JSON can hold;
- `run(data)` feeds it to lrviz, and raises `case.Fault` if the outcome is wrong. Any other exception is a fault too.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Any, Protocol, cast


class Kind(Protocol):
    __doc__: str | None

    def draw(self, rng: Random) -> dict[str, Any]: ...

    def run(self, data: dict[str, Any]) -> None: ...


ALL: dict[str, Kind] = {}


def _load() -> None:
    for module in iter_modules(__path__):
        ALL[module.name] = cast(Kind, import_module(f"{__name__}.{module.name}"))


def listing() -> str:
    """Every kind with what it feeds."""
    return "; ".join(f"{name}: {(kind.__doc__ or '').splitlines()[0]}" for name, kind in sorted(ALL.items()))


_load()
