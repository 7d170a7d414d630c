"""Ctrl-C and SIGTERM while `lrviz train` works: what was done is kept and printed, whenever they come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers.forked import run
from process import environment

from lrviz.render.tables.train import FIELDS

DRIVER = """\
import os, signal, sys, time

signal.signal(signal.SIGINT, signal.default_int_handler)  # as if a terminal had started it
number, moment = int(os.environ["NUMBER"]), os.environ["MOMENT"].split()

def comes(*now):
    "Sends the signal if this is the moment."
    if list(map(str, now)) == moment:
        os.kill(os.getpid(), number)
        sum(range(10 ** 5))

def at(module, name, moment):
    "Lets the signal come when a function is called."
    real = getattr(module, name)
    def call(*given, **more):
        comes(moment)
        return real(*given, **more)
    setattr(module, name, call)

from lrviz import __main__
import lrviz.lessons.results, lrviz.lessons.sessions
from lrviz.render.picture import train as picture
from lrviz.render.tables import train as table
at(picture, "render", "picture")
at(table, "write_table", "table")

if os.environ.get("AGAIN"):  # the first one is not enough: what it leaves to do hangs
    def hangs(*_):
        time.sleep(1.2)
        os.kill(os.getpid(), number)
        time.sleep(60)
    table.write_table = hangs

if __name__ == "__main__":
    sys.argv[0] = "lrviz"
    __main__.main()
"""

LINE = """\
import os, sys, torch, lrviz
comes = sys.modules["__main__"].comes
trained = -1  # the length is asked of a setup first

def problem(seed):
    global trained
    trained += 1
    this, steps = trained, 0
    x = torch.linspace(-1, 1, 8).reshape(8, 1)
    def loss(model, batch):
        nonlocal steps
        try:
            comes(this, steps)
        except KeyboardInterrupt:
            if os.environ.get("SWALLOWS") == "error":
                raise ValueError("what a library made of it")
            if not os.environ.get("SWALLOWS"):
                raise
        steps += 1
        return torch.nn.functional.mse_loss(model(batch), 3 * batch)
    return lrviz.Setup(torch.nn.Linear(1, 1), [x] * 2, loss, lambda model: float(((model(x) - 3 * x) ** 2).mean()))
"""

TWO = """\
epochs: 4
schedules:
  good: {optimizer: {lr: 0.2}, scheduler: {type: StepLR, step_size: 2}}
  low: {optimizer: {lr: 0.01}, scheduler: none}
"""


class Ended(NamedTuple):
    status: int
    rows: list[str]
    err: list[str]
    files: list[str]


def interrupted(
    folder: Path, moment: str, number: int = signal.SIGINT, *words: str, text: str = TWO, **more: str
) -> Ended:
    """Trains two schedules for four epochs of two steps, and gets a signal at a moment: `1 6` is step 6 of the first
    training, counted from 1 and 0; `picture` and `table` are when these are made."""
    (folder / "driver.py").write_text(DRIVER)
    (folder / "line.py").write_text(LINE)
    (folder / "two.yaml").write_text(text)
    given = ("train", "two.yaml", "--problem", "line:problem", "--trust", "--epochs", "4", "-o", "x.svg", *words)
    done = run(
        "driver",
        *given,
        cwd=folder,
        env=environment(NUMBER=str(number), MOMENT=moment, PYTHONDONTWRITEBYTECODE="1", **more),
        trains=True,
    )
    rows = [line for line in done.stdout.decode().splitlines()[2:] if line]
    left = sorted(set(os.listdir(folder)) - {"driver.py", "line.py", "two.yaml", "__pycache__"})
    return Ended(done.returncode, rows, done.stderr.decode().splitlines(), left)


def kept(count: int) -> list[str]:
    return [f"lrviz: interrupted; what was done of {count} schedule{'s' * (count > 1)} is kept"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_middle_of_a_training(tmp_path: Path, number: int) -> None:
    ended = interrupted(tmp_path, "2 5", number)
    assert (ended.status, ended.err, ended.files) == (128 + number, kept(2), ["x.svg"])
    good, low, *_ = ended.rows
    assert good.startswith("good")
    assert "interrupted" not in good
    assert low.startswith("low")
    assert "interrupted at step 5" in low


def test_before_the_first_epoch_there_is_nothing_to_keep(tmp_path: Path) -> None:
    assert interrupted(tmp_path, "1 1") == (130, [], [], [])
    assert interrupted(tmp_path, "0 0") == (0, *interrupted(tmp_path, "")[1:])  # no step of the setup that is asked


def test_before_the_first_epoch_of_another_schedule(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, "2 1")
    assert (ended.status, ended.err, ended.files) == (130, kept(1), ["x.svg"])
    assert [row.split()[0] for row in ended.rows[:2]] == ["good", "validation"]


def test_seeds_that_were_done_are_kept(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, "3 5", signal.SIGINT, "--seeds", "3", "--format", "csv")
    assert (ended.status, ended.err) == (130, kept(1))
    seeds, steps = (list(FIELDS).index(name) for name in ("seed", "steps"))
    found = [row.split(",") for row in ended.rows]  # below the head and seed 0
    assert [(row[seeds], row[steps]) for row in found] == [("1", "8"), ("2", "5")]


def test_range_tests_that_were_done_are_kept(tmp_path: Path) -> None:
    """Of two optimizers, whose schedules have nothing else in common."""
    text = TWO.replace("{lr: 0.01}", "{type: Adam, lr: 0.01}")
    ended = interrupted(tmp_path, "2 30", signal.SIGINT, "--find", text=text)
    done = ["lrviz: interrupted; what was done is kept: 1 range test"]
    assert (ended.status, ended.err, ended.files) == (130, done, ["x.svg"])
    assert [row.split()[:2] for row in ended.rows[1:3]] == [["good", "SGD"], ["range", "test"]]


def test_before_a_range_test_is_done_there_is_nothing_to_keep(tmp_path: Path) -> None:
    assert interrupted(tmp_path, "1 30", signal.SIGINT, "--find") == (130, [], [], [])


def test_while_the_picture_is_drawn_the_table_is_still_printed(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, "picture")
    assert (ended.status, ended.err, ended.files) == (130, ["lrviz: interrupted; x.svg is not written"], [])
    assert [row.split()[0] for row in ended.rows[:3]] == ["good", "low", "validation"]


def test_while_the_table_is_printed(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, "table")
    assert (ended.status, ended.err, ended.files) == (130, [], ["x.svg"])


@pytest.mark.parametrize("swallows", ["quietly", "error"])
def test_one_that_the_code_of_a_problem_swallows_is_not_lost(tmp_path: Path, swallows: str) -> None:
    """Nor is the error that a library makes of it said to be one."""
    ended = interrupted(tmp_path, "2 4", SWALLOWS=swallows)
    assert ended.status == 130
    assert not [line for line in ended.err if "ValueError" in line]
    assert ended.err == kept(2 if swallows == "quietly" else 1)
    assert ended.rows[0].startswith("good")


def test_a_second_one_ends_at_once(tmp_path: Path) -> None:
    ended = interrupted(tmp_path, "2 5", AGAIN="1")
    assert (ended.status, ended.rows, ended.err) == (130, [], kept(2))


@pytest.mark.parametrize("module", ["torch", "lrviz.lessons.train", "torch.optim.lr_scheduler"])
def test_while_something_is_imported(tmp_path: Path, module: str) -> None:
    """In a Python of its own, since the others have torch already."""
    (tmp_path / "two.yaml").write_text(TWO)
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from lrviz import __main__\n"
        "def hook(event, given):\n"
        f"    if event == 'import' and given[0] == {module!r}:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.addaudithook(hook)\n"
        "sys.argv = ['lrviz', 'train', 'two.yaml', '--length', '1']\n"
        "__main__.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
