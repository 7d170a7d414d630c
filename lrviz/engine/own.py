"""The user's own scheduler classes and functions, named by a dotted path and run only where that was allowed."""

from __future__ import annotations

import inspect
import os
import sys
from importlib import import_module
from typing import Any


def make_own(path: str, optimizer: Any, arguments: dict[str, Any]) -> Any:
    """The scheduler that `path` makes: an LRScheduler subclass, or a function of an optimizer that returns one.

    Importing it runs its code; the working directory is the last place where it is looked for. Raises what the
    import or the call raises, TypeError for arguments that its signature does not have, and for a result that is
    no scheduler.
    """
    target = _find(path)
    try:
        inspect.signature(target).bind(optimizer, **arguments)
    except TypeError as error:
        raise TypeError(f"{path}: {error}") from None
    try:
        scheduler = target(optimizer, **arguments)
    except SystemExit as error:
        raise RuntimeError(f"{path} ends the program ({error.code})") from None
    if not callable(getattr(scheduler, "step", None)) or not hasattr(scheduler, "state_dict"):
        raise TypeError(f"{path} gives {type(scheduler).__name__}, which is no learning-rate scheduler")
    return scheduler


def _find(path: str) -> Any:
    module, _, name = path.rpartition(".")
    here = os.getcwd()
    known = here in sys.path
    if not known:
        sys.path.append(here)
    try:
        return getattr(import_module(module), name)
    finally:
        if not known:
            sys.path.remove(here)
