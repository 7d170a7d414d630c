"""The user's own scheduler classes and functions, named by a dotted path and run only with permission (`--trust`)."""

from __future__ import annotations

import inspect
import os
import sys
from importlib import import_module
from typing import Any


def make_own(path: str, optimizer: Any, arguments: dict[str, Any]) -> Any:
    """Calls the class or function at `path` with the optimizer and `arguments`; returns the scheduler.

    Importing it runs its code; the working directory is searched last. Raises what the import or the call raises, and
    `TypeError` for arguments that do not fit its signature or a result that is not a scheduler.
    """
    target = _find(path)
    try:
        inspect.signature(target).bind(optimizer, **arguments)
    except TypeError as error:
        raise TypeError(f"{path}: {error}") from None
    try:
        scheduler = target(optimizer, **arguments)
    except SystemExit as error:
        raise RuntimeError(f"{path} exits the program ({error.code})") from None
    if not callable(getattr(scheduler, "step", None)) or not hasattr(scheduler, "state_dict"):
        raise TypeError(f"{path} returns {type(scheduler).__name__}, which is not a learning-rate scheduler")
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
