"""Real git repositories in a folder of a test, whose commits have the same ids everywhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from process import Outcome, lrviz

SAFE = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GITHUB_BASE_REF": "",
}
"""The environment of git and of lrviz here: nobody's own settings, and commits of one date."""

STEP = """\
epochs: 90
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: StepLR, step_size: 30, gamma: 0.1}
"""


@dataclass(frozen=True)
class Repo:
    path: Path

    @classmethod
    def made(cls, path: Path, files: Mapping[str, str | bytes] | None = None) -> Repo:
        """A repository with these files in its first commit, on the branch `main`."""
        path.mkdir(parents=True, exist_ok=True)
        repo = cls(path)
        repo.git("init", "-q", "-b", "main", ".")
        if files is not None:
            repo.write(files)
            repo.commit()
        return repo

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false",
             "-c", "protocol.file.allow=always", *arguments],
            cwd=self.path, env={**os.environ, **SAFE}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "one")
        return self.git("rev-parse", "HEAD")

    def replace(self, name: str, old: str, new: str) -> None:
        file = self.path / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def review(self, *arguments: str | Path, **environment: str) -> Outcome:
        return lrviz("review", *arguments, cwd=self.path, **(SAFE | environment))
