"""The pages of the documentation: their blocks, and a session that does what they say, in their order.

In a page,

- ```` ```console ```` is commands (`$ lrviz table a.yaml`) with what they print, errors and notes first. A command that
  ends with another status than 0 prints an error, or is followed by `$ echo $?`. `pytest --renew` writes the output.
- ```` ```sh ```` is commands whose output does not matter.
- ```` ```python ```` runs; the blocks of a page share their names, as in one program.
- ```` ```yaml ```` is a schedule that loads, and that the JSON Schema accepts.
- A block behind `<!-- name.suffix -->` is that file of the reader's folder, there from the start of the page. If it is
  Python, a command of the page runs it.
- What is between `<!-- begin: name -->` and `<!-- end: name -->` is made by a test, which looks at its text blocks.
- A block behind `<!-- name -->` is a matter of another test, which `OWNERS` in `tests/docs/test_pages.py` names.

All commands of a page run in one new folder, which also has the gallery, `schedules/`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from process import environment

from helpers.forked import run
from helpers.golden import Golden

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "schedules" / "README.md", *sorted(DOCS.glob("*.md")))

_BLOCK = re.compile(
    r"^(?:<!-- (?P<name>.+?) -->\n)?(?P<fence>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S
)
_SHELL = re.compile(r"[|><&;$*]")
"""What only a shell understands."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; `name` is what a comment calls it, else empty. Of some, a test has `made` all."""

    page: Path
    line: int
    language: str
    name: str
    text: str
    made: bool

    @property
    def is_file(self) -> bool:
        return bool(re.fullmatch(r"[\w./-]+\.\w+", self.name))


def blocks(page: Path, text: str | None = None) -> list[Block]:
    """The blocks of a page, or of a part of it."""
    text = page.read_text(encoding="utf-8") if text is None else text
    found = []
    for match in _BLOCK.finditer(text):
        before = text[: match.start("fence")]
        made = before.count("<!-- begin: ") > before.count("<!-- end: ")
        line = before.count("\n") + 1
        found.append(Block(page, line, match["language"], match["name"] or "", match["text"], made))
    return found


def named(page: Path, name: str) -> str:
    """The block behind `<!-- name -->`."""
    (text,) = (block.text for block in blocks(page) if block.name == name)
    return text


def files_of(page: Path, text: str | None = None) -> dict[str, str]:
    """The files that a page shows, by their names."""
    return {block.name: block.text for block in blocks(page, text) if block.is_file}


def id_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass
class Session:
    """A reader at work in a folder of their own, with the files of a page and the gallery."""

    folder: Path
    status: int = 0
    said: bool = True
    """Whether the page has told how the last command ended."""

    @classmethod
    def made(cls, folder: Path, files: dict[str, str]) -> Session:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "schedules", folder / "schedules", ignore=shutil.ignore_patterns("*.png", "*.md"))
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return cls(folder)

    def run(self, command: str) -> str:
        """What a command prints on a terminal, its errors and notes first."""
        if command == "echo $?":
            self.said = True
            return f"{self.status}\n"
        self.assert_said()
        words = shlex.split(command, comments=True)
        variables = environment(PYTHONPATH=str(ROOT), **_GIT)
        if words[0] == "lrviz" and not _SHELL.search(command.partition(" #")[0].replace("'", "")):
            done = run("lrviz", *words[1:], cwd=self.folder, env={**environment(), **_GIT})
        else:
            variables["PATH"] = f"{self._tools()}{os.pathsep}{variables['PATH']}"
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                cwd=self.folder,
                env=variables,
                capture_output=True,
                check=False,
            )
        printed = done.stderr.decode() + done.stdout.decode()
        assert "Traceback" not in printed or done.returncode, printed
        self.status = done.returncode
        self.said = not done.returncode or (done.returncode in (1, 2) and "error: " in printed)
        return printed.replace(f"{self.folder}{os.sep}", "")

    def assert_said(self) -> None:
        assert self.said, f"a command ended with {self.status}: say so with `echo $?`"

    def console(self, block: Block, golden: Golden) -> None:
        """Runs the commands of a block, and compares what they print with what the page shows."""
        lines = block.text.splitlines(keepends=True)
        commands = [line for line in lines if line.startswith("$ ")]
        assert lines[0] == commands[0]
        printed = [self.run(line[2:].rstrip("\n")) for line in commands]
        rest = "".join(f"{line}{text}" for line, text in zip(["", *commands[1:]], printed, strict=True))
        golden.same_part(block.page, rest, f"```console\n{commands[0]}", "```\n")

    def _tools(self) -> Path:
        """A folder with `lrviz` and `python`, as an active environment has them."""
        tools = self.folder.parent / "tools"
        if not tools.exists():
            tools.mkdir()
            for name, words in {"lrviz": "-m lrviz", "python": "", "pytest": "-m pytest"}.items():
                script = tools / name
                script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
                script.chmod(0o755)
        return tools


_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "a"), ("EMAIL", "a@example.org"), ("DATE", "2026-01-01T00:00:00Z"))},
}  # fmt: skip
"""The same commits everywhere."""
