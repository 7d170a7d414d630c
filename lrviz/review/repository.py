"""A working tree of git, and the revision with which it is compared."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lrviz.errors import Position, ScheduleError
from lrviz.review import git
from lrviz.review.git import GitError

BASE: Final = Position("--base")

DEEPEN: Final = (
    "this clone is shallow: git fetch --deepen=100, or git fetch --unshallow; with actions/checkout, fetch-depth: 0"
)


@dataclass(frozen=True)
class Base:
    """The revision that is compared: its commit, how it was named, and `how` it was found if nobody named it.

    `doubt` says what may be wrong with the choice.
    """

    commit: str
    named: str
    how: str = ""
    doubt: str = ""

    @property
    def short(self) -> str:
        """The first ten digits of the commit."""
        return self.commit[:10]

    def __str__(self) -> str:
        if not self.how:
            return self.short if self.commit.startswith(self.named) else f"{self.named} ({self.short})"
        return f"{self.short} ({self.how})"


@dataclass(frozen=True)
class Repository:
    """A working tree: its uppermost folder without links, and the folder of git's own files that worktrees share."""

    top: Path
    git: Path
    shallow: bool

    @classmethod
    def of(cls, folder: str) -> Repository:
        """The repository of a folder. Raises `ScheduleError` outside of any, and where git refuses to work in it."""
        where = Position(folder)
        asked = ("--is-bare-repository", "--is-inside-work-tree", "--is-shallow-repository", "--git-common-dir")
        try:
            answers = git.run(folder, "rev-parse", *asked).split(b"\n", 3)
        except GitError as error:
            raise _refused(where, error) from None
        bare, inside, shallow = (answer == b"true" for answer in answers[:3])
        if not inside:
            what = "this is a bare repository, without files" if bare else "this is a folder of git's own files"
            raise ScheduleError.at(where, what, "run it in a working tree: git clone, or git worktree add")
        common = os.path.join(folder, os.fsdecode(answers[3].removesuffix(b"\n")))
        top = git.line(folder, "rev-parse", "--show-toplevel")
        return cls(Path(os.path.realpath(top)), Path(os.path.realpath(common)), shallow)

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision names; "" if there is none."""
        if revision.startswith("-") or "\0" in revision or not revision:
            return ""
        return git.line(str(self.top), "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def merge_base(self, revision: str) -> str:
        """Where the branch left another one; "" if their histories have nothing in common, as far as they are here."""
        return git.line(str(self.top), "merge-base", revision, "HEAD")

    def base(self, named: str | None) -> Base:
        """The revision to compare with.

        It is what is `named`; else where the branch left the one that `GITHUB_BASE_REF` names, or `origin/HEAD`; else
        `HEAD`. Raises `ScheduleError` if it is not here.
        """
        if named is not None:
            return Base(self._must(named, BASE), named)
        target = os.environ.get("GITHUB_BASE_REF", "")
        if target:
            there = next(filter(self.commit, (f"origin/{target}", target)), "")
            if not there:
                where = Position("GITHUB_BASE_REF")
                hint = f"git fetch origin {target}; with actions/checkout, fetch-depth: 0"
                raise ScheduleError.at(where, f"there is no branch {target!r} in this clone", hint)
            return self._left(there)
        if self.commit("origin/HEAD"):
            return self._left("origin/HEAD")
        return Base(self._must("HEAD", Position("HEAD")), "HEAD")

    def _left(self, branch: str) -> Base:
        """Where the branch left another one; that one's tip if this is not known."""
        left = self.merge_base(branch)
        if left:
            return Base(left, branch, f"where the branch left {branch}")
        why = DEEPEN if self.shallow else "they have no commit in common"
        doubt = f"where the branch left {branch} is not known, so it is compared with its tip; {why}"
        return Base(self.commit(branch), branch, f"the tip of {branch}", doubt)

    def _must(self, revision: str, where: Position) -> str:
        commit = self.commit(revision)
        if commit:
            return commit
        if not self.commit("HEAD"):
            raise ScheduleError.at(where, "there is no commit yet to compare with", "git commit makes the first")
        hint = (
            DEEPEN
            if self.shallow
            else "a branch, a tag or a commit: --base origin/main, --base HEAD~1; git fetch gets what others have"
        )
        raise ScheduleError.at(where, f"there is no revision {revision!r} in this repository", hint)

    def left_out(self) -> set[str]:
        """The files that a sparse checkout leaves out, by their paths from the top: they are not here, but not gone."""
        try:
            listed = git.run(str(self.top), "ls-files", "-t", "-z")
        except GitError:
            return set()
        return {os.fsdecode(each[2:]) for each in listed.split(b"\0") if each.startswith(b"S ")}

    def ignored(self, paths: list[str]) -> set[str]:
        """Those of some paths, relative to the top, that git is told to ignore."""
        if not paths:
            return set()
        given = b"".join(os.fsencode(f"./{path}") + b"\0" for path in paths)
        try:
            found = git.run(str(self.top), "check-ignore", "-z", "--stdin", given=given, well=(0, 1))
        except GitError:
            return set()
        return {os.fsdecode(each).removeprefix("./") for each in found.split(b"\0") if each}


def _refused(where: Position, error: GitError) -> ScheduleError:
    """Why git does not work in a folder, as it says."""
    if "dubious ownership" in error.said:
        named = re.search(r"repository at '(.*)'", error.said)
        top = named[1] if named else os.path.abspath(where.file)
        hint = f"if you trust it: git config --global --add safe.directory {top}"
        return ScheduleError.at(where, "git refuses this repository, because it belongs to another user", hint)
    if "not a git repository" in error.said:
        hint = "a review compares files with a revision of git; lrviz diff A B compares two files"
        return ScheduleError.at(where, "this is not in a git repository", hint)
    said = next(iter(error.said.splitlines()), f"it exited with {error.status}")
    return ScheduleError.at(where, f"git refuses: {said.removeprefix('fatal: ')}")
