"""Waits for changes in folders (watchfiles), which may be different folders each time."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from typing import Any

from lrviz.errors import Position, ScheduleError

QUIET = 30
"""Milliseconds without a change after which a save is over."""

BUSY = 120
"""Milliseconds after which folders are read even if they are still changing."""

TURN = 200
"""Milliseconds after which the caller gets a turn, for example to notice a resized window."""


def require_watchfiles() -> None:
    """Raises `ScheduleError` if watchfiles is not installed."""
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise ScheduleError.at(Position("lrviz"), "--watch needs watchfiles", "pip install 'lrviz[watch]'") from None


class Changes:
    """Waits for changes in folders, which may be different ones each time.

    Folders are watched rather than files, because a watch on a file ends when another file is renamed over it. If the
    system gives no events (network drives, too many folders), the folders are polled.
    """

    def __init__(self) -> None:
        self._folders: Mapping[str, tuple[int, int]] = {}
        self._changes: Generator[Any, None, None] | None = None
        self._polling: bool | None = None

    def wait(self, folders: Mapping[str, tuple[int, int]]) -> bool:
        """Waits for at most a turn; returns true if anything may have changed since the last call.

        Raises KeyboardInterrupt for Ctrl-C.
        """
        new = self._changes is None or folders != self._folders
        if new:
            self.close()
            self._folders, self._changes = dict(folders), self._watch(list(folders))
        assert self._changes is not None
        try:
            return bool(next(self._changes)) or new
        except FileNotFoundError:  # a folder was removed meanwhile
            self._again()
        except (OSError, RuntimeError):  # the system gives no more events
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
        """Stops watching."""
        if self._changes is not None:
            self._changes.close()
        self._changes = None
