"""Runs git: commands that only read, and that start nothing, whatever the repository or the environment says.

A repository may be a stranger's. No command here compares the working tree or fetches, so no filter, text conversion,
external diff, hook, pager, file system monitor, ssh or credential helper has a part in it; those that could still be
asked for are switched off. Arguments are a list, without a shell, and names of files never stand among them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Final

from lrviz.errors import Position, ScheduleError

KEPT: Final = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
"""The variables of git that are passed on, and those of `GIT_CONFIG_COUNT`: they say which repositories are safe."""

COUNTED: Final = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")

OPTIONS: Final = (
    "--no-pager",
    "--no-replace-objects",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "core.quotePath=false",
)  # fmt: skip

WHERE: Final = Position("git")


@dataclass(frozen=True)
class GitError(Exception):
    """A command of git that failed, with what it said."""

    status: int
    said: str


@cache
def executable() -> str:
    """The path of git. Raises `ScheduleError` where it is not installed."""
    found = shutil.which("git")
    if found is None:
        raise ScheduleError.at(
            WHERE, "git is not installed, or not on the PATH", "a review reads the revision from git; install it"
        )
    return os.path.abspath(found)


def environment() -> dict[str, str]:
    """The environment of git: no variable that names another repository, or a program to run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in KEPT or name.startswith(COUNTED)
    }
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


def command(folder: str, *arguments: str) -> list[str]:
    """The command line of git in a folder, with the options that keep it from running anything else."""
    return [executable(), *OPTIONS, "-C", folder, *arguments]


def run(folder: str, *arguments: str, given: bytes = b"", well: tuple[int, ...] = (0,)) -> bytes:
    """What a command of git prints in a folder. Raises `GitError` for a status that is not `well`."""
    try:
        done = subprocess.run(
            command(folder, *arguments), input=given, capture_output=True, check=False, env=environment()
        )
    except OSError as error:
        raise ScheduleError.at(WHERE, f"git cannot be run: {error.strerror}") from None
    if done.returncode not in well:
        raise GitError(done.returncode, done.stderr.decode(errors="replace").strip())
    return done.stdout


def line(folder: str, *arguments: str) -> str:
    """The one line that a command prints, or "" where it fails: that there is none is an answer."""
    try:
        return os.fsdecode(run(folder, *arguments)).removesuffix("\n")
    except GitError:
        return ""
