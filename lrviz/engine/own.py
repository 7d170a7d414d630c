"""The user's own classes and functions, named by a dotted path and run only with permission (`--trust`): schedulers,
and problems that `train` trains."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def make_own(path: str, optimizer: Any, arguments: dict[str, Any]) -> Any:
    """Calls the class or function at `path` with the optimizer and `arguments`; returns the scheduler.

    Importing it runs its code; the working directory is searched last. Raises what the import or the call raises, and
    `TypeError` for arguments that do not fit its signature or a result that is not a scheduler.
    """
    module, _, name = path.rpartition(".")
    with working_directory_searched():
        target = getattr(import_module(module), name)
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


@contextmanager
def working_directory_searched() -> Iterator[None]:
    """Lets imports inside find modules in the working directory, which is searched last."""
    here = os.getcwd()
    known = here in sys.path
    if not known:
        sys.path.append(here)
    try:
        yield
    finally:
        if not known and here in sys.path:
            sys.path.remove(here)
