"""`docs/training.md` says what is true: each of its programs runs, and trains with the learning rates of its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from helpers.golden import Golden
from helpers.pages import DOCS, files_of
from torch.optim.optimizer import register_optimizer_step_pre_hook

import lrviz

PAGE = DOCS / "training.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = files_of(PAGE)
PROGRAMS = {
    "epoch.py": ("schedule.yaml", 10),
    "steps.py": ("steps.yaml", 1),
    "groups.py": ("groups.yaml", 1),
    "resume.py": ("schedule.yaml", 1),
    "guard.py": ("schedule.yaml", 10),
}
"""The schedule that a program trains with, and how many optimizer steps it makes in one tick of it."""


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[float]]]:
    """The learning rates that every optimizer step in a folder with the files of the page uses, one for each group."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rates: list[list[float]] = []
    hook = register_optimizer_step_pre_hook(
        lambda optimizer, *_: rates.append([group["lr"] for group in optimizer.param_groups])
    )
    yield rates
    hook.remove()


def test_every_program_is_tested() -> None:
    assert {name for name in FILES if name.endswith(".py")} == set(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_trains_as_planned(program: str, used: list[list[float]]) -> None:
    torch.manual_seed(0)
    exec(compile(FILES[program], program, "exec"), {"__name__": "__main__"})
    file, steps = PROGRAMS[program]
    curve = lrviz.load(file).only.simulate()
    columns = [curve.groups.index("head"), *[curve.groups.index("backbone")] * 2] if len(curve.groups) > 1 else [0]
    assert used == [[row[column] for column in columns] for row in curve.lr.tolist() for _ in range(steps)]


@pytest.mark.parametrize("file", [name for name in FILES if name.endswith(".yaml")])
def test_a_file_keeps_its_expectations(file: str, used: list[list[float]]) -> None:
    assert lrviz.load(file).only.check().ok


def test_the_error_is_the_one_that_is_shown(used: list[list[float]]) -> None:
    optimizer = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    with pytest.raises(lrviz.ScheduleError) as error:
        lrviz.load("schedule.yaml").only.build(optimizer)
    assert f"```text\n{error.value}\n```" in TEXT


def test_the_guard_sees_the_mistake_that_the_page_speaks_of(used: list[list[float]], golden: Golden) -> None:
    right = "            optimizer.step()\n        scheduler.step()\n"
    assert right in FILES["guard.py"]
    wrong = FILES["guard.py"].replace(right, "            optimizer.step()\n            scheduler.step()\n")
    with pytest.raises(lrviz.DeviationError) as raised:
        exec(compile(wrong, "guard.py", "exec"), {"__name__": "__main__"})
    golden.same_part(PAGE, f"lrviz.DeviationError: {raised.value}\n", "<!-- guarded -->\n```text\n", "```\n")
