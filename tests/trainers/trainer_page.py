"""The pages of the trainers: their programs, the learning rates that these train with, and what they save."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from helpers.pages import DOCS as DOCS
from helpers.pages import files_of


def checked(file: Path | str, checkpoint: Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`lrviz check` of a checkpoint that a trainer has written."""
    command = [sys.executable, "-m", "lrviz", "check", str(file), "--checkpoint", str(checkpoint)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


class Page:
    """A page of `docs/`; `files` are its named blocks, by name."""

    def __init__(self, name: str) -> None:
        self.text = (DOCS / name).read_text(encoding="utf-8")
        self.files = files_of(DOCS / name)

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def run(self, program: str) -> list[float]:
        """Runs a program, and returns the learning rate of every optimizer step."""
        used, error = self.attempt(program)
        assert error is None, error
        return used

    def attempt(self, program: str) -> tuple[list[float], str | None]:
        """The learning rates up to the error, and its text."""
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        import lrviz

        used: list[float] = []
        hook = register_optimizer_step_pre_hook(lambda optimizer, *_: used.append(optimizer.param_groups[0]["lr"]))
        try:
            exec(compile(self.files[program], program, "exec"), {"__name__": "__main__"})
        except (lrviz.ScheduleError, lrviz.DeviationError) as error:
            return used, f"{type(error).__name__}: {error}"
        finally:
            hook.remove()
        return used, None
