"""Ctrl-C and SIGTERM: wherever they come, a command cleans up and ends quietly, with status 130 or 143.

A KeyboardInterrupt alone is not enough: it gets lost in a destructor or under `except:`, and some libraries turn one
that comes while they are imported into an ImportError. So the signal is also remembered.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from lrviz.cli.status import Status

ONE_KEYPRESS = 1.0
"""Seconds in which another signal counts as the same one, since a program that started lrviz may pass it on."""

_stopped: tuple[int, float] | None = None
"""The first signal, and when it came."""

_postponed = False
"""True while what was done before the signal is still written."""


class StoppedError(KeyboardInterrupt):
    """What a signal raises.

    Python kills itself at the end if a plain KeyboardInterrupt ever left the text of an `exec`, of which `dataclasses`
    and `namedtuple` have many, even if it was caught later.
    """


def attend(run: Callable[[], None]) -> NoReturn:
    """Runs a command and exits with its status, or with that of the signal that stops it."""
    status: object = Status.OK
    try:
        _listen()
        run()
    except SystemExit as left:
        status = left.code
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    except Exception:
        status = Status.FAULT
        if _stopped is None:
            _show_traceback()
    if _stopped is not None:
        status = 128 + _stopped[0]
    _stop_listening()
    sys.exit(status)  # type: ignore[arg-type]


def check() -> None:
    """Raises `StoppedError` if a signal came, in case the one that it raised has got lost."""
    if _stopped is not None and not _postponed:
        raise StoppedError


class Stop:
    """For a command that keeps what it did before a signal: the parts of the command, each in `with stop.kept():`.

    The signal ends the part in which it comes; those that follow are run, `check` lets them; `raise_any` ends all.
    """

    def __init__(self) -> None:
        self._came: KeyboardInterrupt | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """A part of the command, which a signal ends without ending the command."""
        global _postponed
        _postponed = self._came is not None
        try:
            yield
            check()
        except KeyboardInterrupt as came:
            self._came = self._came or came
        finally:
            _postponed = False

    @property
    def came(self) -> bool:
        """True if a signal has ended one of the parts."""
        return self._came is not None

    def raise_any(self) -> None:
        """Raises the interrupt that came in one of the parts, if any did."""
        if self._came is not None:
            raise self._came


def _listen() -> None:
    sys.unraisablehook = _unraisable
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not if the shell ignores it
        signal.signal(signal.SIGINT, _stop)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    global _stopped
    if _stopped is None:
        _stopped = number, time.monotonic()
        raise StoppedError
    first, came = _stopped
    if time.monotonic() - came > ONE_KEYPRESS:  # what hangs is not waited for
        os._exit(128 + first)


def _stop_listening() -> None:
    """From here on the status stands; a KeyboardInterrupt while Python ends would leave a traceback."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if signal.getsignal(signal.SIGTERM) is _stop:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Replaces `sys.unraisablehook`: a KeyboardInterrupt in a destructor is no fault."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def _show_traceback() -> None:
    import traceback

    traceback.print_exc()
