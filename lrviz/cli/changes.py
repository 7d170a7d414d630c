"""The file system's own word that something changed in a folder (watchfiles), for as long as folders come and go."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from typing import Any

from lrviz.errors import Position, ScheduleError

QUIET = 30
"""Milliseconds without a change after which a save is over."""

BUSY = 120
"""Milliseconds after which a folder in which something changes all the time is looked at."""

TURN = 200
"""Milliseconds after which there is something else to do: the window may have another size."""


def require_watchfiles() -> None:
    """Raises `ScheduleError` where there is no watchfiles."""
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise ScheduleError.at(Position("lrviz"), "--watch needs watchfiles", "pip install 'lrviz[watch]'") from None


class Changes:
    """Waits for changes in folders that may be others each time.

    Folders are watched, and not files: a watched file is gone once another one was renamed over it. Where the system
    has no events to give (network drives, more folders than it watches) they are looked at now and then.
    """

    def __init__(self) -> None:
        self._folders: Mapping[str, tuple[int, int]] = {}
        self._changes: Generator[Any, None, None] | None = None
        self._polling: bool | None = None

    def wait(self, folders: Mapping[str, tuple[int, int]]) -> bool:
        """Waits no longer than a turn; whether anything may have changed since the last time.

        Raises KeyboardInterrupt for Ctrl-C.
        """
        new = self._changes is None or folders != self._folders
        if new:
            self.close()
            self._folders, self._changes = dict(folders), self._watch(list(folders))
        assert self._changes is not None
        try:
            return bool(next(self._changes)) or new
        except FileNotFoundError:  # a folder went away meanwhile
            self._again()
        except (OSError, RuntimeError):  # no more events to be had
            self._polling = True
            self._again()
        return True

    def _watch(self, folders: list[str]) -> Generator[Any, None, None]:
        from watchfiles import watch

        return watch(
            *folders,
            watch_filter=None,
            debounce=BUSY,
            step=QUIET,
            rust_timeout=TURN,
            yield_on_timeout=True,
            force_polling=self._polling,
            poll_delay_ms=TURN,
            recursive=False,
            ignore_permission_denied=True,
        )

    def _again(self) -> None:
        self.close()
        time.sleep(TURN / 1000)

    def close(self) -> None:
        if self._changes is not None:
            self._changes.close()
        self._changes = None
