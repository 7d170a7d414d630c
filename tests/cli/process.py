"""lrviz as a process of its own: what it prints where, and how it ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from helpers.forked import run


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """This environment without what changes colours and widths."""
    dropped = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "GITHUB_ACTIONS", "LRVIZ_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONIOENCODING": "utf-8", **more}


def lrviz(*arguments: str | Path, cwd: Path | None = None, text: str | None = None, **more: str) -> Outcome:
    """Runs `lrviz` with these arguments; `text` is its standard input, `more` its environment."""
    done = lrviz_bytes(*arguments, cwd=cwd, text=text, **more)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def lrviz_bytes(
    *arguments: str | Path, cwd: Path | None = None, text: str | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    trains = arguments[:1] == ("train",)
    return run(
        "lrviz", *map(str, arguments), cwd=cwd, env=environment(**more), text=(text or "").encode(), trains=trains
    )
