"""A scheduler that counts its calls, for trainers that call it after every step though it is due every so many."""

from __future__ import annotations

from functools import cache
from typing import Any, cast


def paced(scheduler: Any, every: int) -> Any:
    """The same scheduler, which from now on steps at every `every`-th call of `step`; 1 leaves it as it is.

    It stays an instance of its class, which trainers ask for. Its state is that of its class and the number of calls,
    so a run that is resumed goes on in the middle of an interval.
    """
    if every > 1:
        scheduler.__class__ = _paced_class(cast(Any, type(scheduler)), every)
        scheduler.calls = 0
    return scheduler


@cache
def _paced_class(base: type[Any], every: int) -> type[Any]:
    return type(base.__name__, (_Paced, base), {"every": every, "__module__": __name__})


class _Paced:
    every: int
    calls: int

    def step(self, *arguments: Any) -> None:
        self.calls += 1
        if self.calls % self.every == 0:
            super().step(*arguments)  # type: ignore[misc]

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "calls": self.calls}  # type: ignore[misc]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resumes where the state was taken; the state of a scheduler without a pace was taken after its last call."""
        state = dict(state_dict)
        calls = state.pop("calls", None)
        super().load_state_dict(state)  # type: ignore[misc]
        self.calls = calls if calls is not None else self.last_epoch * self.every  # type: ignore[attr-defined]
