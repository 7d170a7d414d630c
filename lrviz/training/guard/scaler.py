"""Watches a GradScaler: it tells its guards of every step that it skipped.

`GradScaler.step(optimizer)` does not call `optimizer.step()` where gradients are infinite, so no hook of the optimizer
sees that step. A fused optimizer it does call, with `found_inf` to tell the kernel that nothing may move. There is no
hook on a scaler: its `step` is replaced on the one object, and put back when the last guard is removed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class WatchedStep:
    """What stands in for the `step` of a scaler: it calls the scaler's own, then `skipped` of a guard whose
    optimizer was not stepped."""

    def __init__(self, scaler: Any) -> None:
        self.scaler = scaler
        self.own = scaler.step
        self.guards: list[tuple[Any, Callable[[], int], Callable[[], None]]] = []

    def __call__(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Makes the scaler's own step, and tells the guards of this optimizer if the scaler skipped it."""
        watching = [(seen, seen(), skipped) for mine, seen, skipped in self.guards if mine is optimizer]
        done = self.own(optimizer, *args, **kwargs)
        for seen, before, skipped in watching:
            if seen() == before:
                skipped()
        return done


def watch(scaler: Any, optimizer: Any, seen: Callable[[], int], skipped: Callable[[], None]) -> Callable[[], None]:
    """Calls `skipped` after every step of this optimizer that a scaler skipped; returns what ends that.

    `seen` counts the steps that the hook of the optimizer has seen.
    """
    watched = scaler.step
    if not isinstance(watched, WatchedStep):
        watched = WatchedStep(scaler)
        scaler.step = watched
    entry = (optimizer, seen, skipped)
    watched.guards.append(entry)

    def end() -> None:
        if entry in watched.guards:
            watched.guards.remove(entry)
        if not watched.guards and vars(scaler).get("step") is watched:
            del scaler.step

    return end


def is_scaler(given: Any) -> bool:
    """True for a GradScaler of torch, and what has its methods."""
    return all(callable(getattr(given, name, None)) for name in ("step", "update", "unscale_", "get_scale"))
