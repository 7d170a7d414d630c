"""`lrviz train`, as it is typed: what it prints, how long it trains, and what it refuses."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from process import environment, lrviz
from typer.testing import CliRunner

from lrviz.cli.main import app
from lrviz.cli.streams import Notes, progress

GOLDEN = Path(__file__).parent / "golden_train"

LINE = """\
import torch, warnings
import lrviz

def problem(seed):
    x = torch.linspace(-1, 1, 8).reshape(8, 1)
    def loss(model, batch):
        return torch.nn.functional.mse_loss(model(batch), 3 * batch)
    return lrviz.Setup(torch.nn.Linear(1, 1), [x] * 2, loss, lambda model: float(loss(model, x)))

def broadcasts(seed):
    made = problem(seed)
    def loss(model, batch):
        return torch.nn.functional.mse_loss(model(batch), 3 * batch[:, 0])
    return made._replace(loss=loss)

def slow(seed):
    import time
    made = problem(seed)
    def loss(model, batch):
        time.sleep(0.02)
        return made.loss(model, batch)
    return made._replace(loss=loss)
"""
"""The problem of a user: two steps an epoch, which diverge at a learning rate of 1 and more."""

STRETCHED = "lrviz: good, low: 4 epochs, stretched to"

OWN = ("--problem", "line:problem", "--trust")

TWO = """\
epochs: 4
schedules:
  good: {optimizer: {lr: 0.2}, scheduler: {type: StepLR, step_size: 2}}
  low: {optimizer: {lr: 0.01}, scheduler: none}
"""
IN_STEPS = "steps: 10\noptimizer: {lr: 0.2}\nscheduler: {type: CosineAnnealingLR}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.py").write_text(LINE)
    for name, text in {"two": TWO, "steps": IN_STEPS}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def test_help_at_80_columns(golden: Golden) -> None:
    done = lrviz("train", "--help", COLUMNS="80")
    assert (done.status, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    golden.same_text(GOLDEN / "help.txt", done.out)


def test_it_is_a_command(folder: Path) -> None:
    """The only test with a Python of its own, and the digits."""
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", "train", "--length", "1", "--format", "csv", "-o", "x.png"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "lrviz: no schedule.yaml here, so these are the schedules of lrviz's own starter file",
        "lrviz: step-decay, cosine, warmup-cosine: 90 epochs, stretched to 1 epoch (23 steps) of digits",
    ]
    assert [(each["schedule"], each["steps"], each["seed"]) for each in rows(done.stdout)] == [
        ("step-decay", "23", "0"), ("cosine", "23", "0"), ("warmup-cosine", "23", "0")
    ]  # fmt: skip
    assert (folder / "x.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(folder)) == ["__pycache__", "line.py", "steps.yaml", "two.yaml", "x.png"][1:]


def test_the_table(folder: Path) -> None:
    done = lrviz("train", "two.yaml", *OWN, cwd=folder)
    assert (done.status, done.err) == (
        0,
        f"{STRETCHED} 10 epochs (20 steps) of line:problem\n",
    )
    head, rule, good, low, blank, caption, *_ = done.out.split("\n")
    assert [each.split()[0] for each in (head, good, low)] == ["schedule", "good", "low"]
    assert set(rule) == {"─"}
    assert blank == ""
    assert caption == "validation loss on line:problem after 10 epochs (20 steps)"


def test_csv_and_json_hold_the_same_numbers_and_a_seed_is_the_same_again(folder: Path) -> None:
    words = ("train", "two.yaml", *OWN, "--seeds", "2", "--seed", "7")
    table = rows(lrviz(*words, "--format", "csv", cwd=folder).out)
    page = json.loads(lrviz(*words, "--format", "json", "-q", cwd=folder).out)
    assert (page["version"], page["problem"], page["steps"]) == (1, "line:problem", 20)
    assert [each["seed"] for each in table] == ["7", "8", "7", "8"]
    for row, record in zip(table, page["trainings"], strict=True):
        assert float(row["final_loss"]) == record["final_loss"] == record["validations"][-1]["loss"]
        assert float(row["best_loss"]) == min(each["loss"] for each in record["validations"])
        assert row["accuracy"] == ""
        assert record["accuracy"] is None
    assert table[0]["final_loss"] != table[1]["final_loss"]


# --- how long it trains ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "steps", "err"),
    [
        (("two.yaml", "--length", "4"), 8, ""),
        (("two.yaml", "--length", "3"), 6, f"{STRETCHED} 3 epochs (6 steps) of line:problem\n"),
        (("two.yaml", "--epochs", "3"), 6, ""),
        (("two.yaml", "--epochs", "30"), 60, ""),
        (("steps.yaml", "--steps", "7"), 7, ""),
        (("steps.yaml", "--length", "5"), 10, ""),
        (("steps.yaml",), 20, "lrviz: steps: 10 steps, stretched to 10 epochs (20 steps) of line:problem\n"),
        (("two.yaml", "--stretch", "2.5"), 20, ""),
    ],
)  # fmt: skip
def test_the_training_is_as_long_as_the_options_say(folder: Path, words: tuple[str, ...], steps: int, err: str) -> None:
    done = lrviz("train", *words, *OWN, "--format", "csv", cwd=folder)
    assert (done.status, done.err) == (0, err)
    assert {each["steps"] for each in rows(done.out)} == {str(steps)}


def test_quiet_says_nothing_but_errors(folder: Path) -> None:
    done = lrviz("train", "two.yaml", *OWN, "--length", "2", "-q", cwd=folder)
    assert (done.status, done.err) == (0, "")
    assert "good" in done.out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("length-and-epochs", ("two.yaml", "--epochs", "3", "--length", "2")),
        ("length-and-steps", ("steps.yaml", "--steps", "3", "--length", "2")),
        ("no-length", ("nolength.yaml",)),
        ("too-long", ("two.yaml", "--length", "100000000")),
        ("no-ending", ("two.yaml", "-o", "x")),
        ("no-folder", ("two.yaml", "-o", "nowhere/x.png")),
        ("a-folder", ("two.yaml", "-o", "here.png")),
        ("seed", ("two.yaml", "--seed", "5000000000")),
        ("lbfgs", ("lbfgs.yaml",)),
        ("groups", ("groups.yaml",)),
        ("no-accuracy", ("accuracy.yaml",)),
    ],
)
def test_what_is_refused(folder: Path, golden: Golden, name: str, words: tuple[str, ...]) -> None:
    (folder / "here.png").mkdir()
    (folder / "nolength.yaml").write_text("optimizer: {lr: 0.1}\nscheduler: none\n")
    (folder / "lbfgs.yaml").write_text("epochs: 4\noptimizer: {type: LBFGS, lr: 0.1}\nscheduler: none\n")
    (folder / "groups.yaml").write_text("epochs: 4\noptimizer: {groups: [{lr: 0.1}, {lr: 0.2}]}\nscheduler: none\n")
    (folder / "accuracy.yaml").write_text(
        "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, mode: max}\nmetric: epoch / 10\n"
    )
    done = lrviz("train", *words, *OWN, cwd=folder)
    assert (done.status, done.out) == (2, "")
    golden.same_text(GOLDEN / f"{name}.txt", done.err)


def test_a_schedule_that_is_refused_leaves_the_others_their_rows(folder: Path) -> None:
    (folder / "lbfgs.yaml").write_text("epochs: 4\noptimizer: {type: LBFGS, lr: 0.1}\nscheduler: none\n")
    done = lrviz("train", "lbfgs.yaml", "two.yaml", *OWN, "--length", "2", "-q", "--format", "csv", cwd=folder)
    assert done.status == 2
    assert "LBFGS needs a closure" in done.err
    assert [each["schedule"] for each in rows(done.out)] == ["good", "low"]


def test_a_schedule_that_diverges_says_where_and_leaves_the_others_their_rows(folder: Path) -> None:
    (folder / "hot.yaml").write_text("epochs: 4\noptimizer: {lr: 1e9}\nscheduler: none\n")
    done = lrviz("train", "hot.yaml", "two.yaml", *OWN, "--format", "csv", cwd=folder)
    assert done.status == 0
    hot, good, low = rows(done.out)
    assert (hot["diverged"], good["diverged"], low["diverged"]) == ("true", "false", "false")
    assert int(hot["stopped"]) == int(hot["steps"]) - 1 < 19
    assert (good["steps"], low["steps"]) == ("20", "20")
    assert f"diverged at step {hot['stopped']}" in lrviz("train", "hot.yaml", *OWN, cwd=folder).out


def test_a_plateau_needs_no_metric_since_the_training_has_one(folder: Path) -> None:
    plateau = "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, patience: 0, threshold: 0.99}\n"
    (folder / "plateau.yaml").write_text(plateau)
    done = lrviz("train", "plateau.yaml", *OWN, "--length", "4", "--format", "csv", cwd=folder)
    assert (done.status, done.err) == (0, "")
    assert lrviz("table", "plateau.yaml", cwd=folder).err.startswith(
        "plateau.yaml:3:12: error: ReduceLROnPlateau needs"
    )


def test_what_a_problem_warns_of_is_said_once(folder: Path) -> None:
    done = lrviz(
        "train", "two.yaml", "--problem", "line:broadcasts", "--trust", "--length", "2", "--seeds", "2", cwd=folder
    )
    assert done.status == 0
    assert done.err.count("line.py:13: warning: UserWarning: Using a target size (torch.Size([8]))") == 1
    assert done.err.count("\n") == 2  # and the length
    quiet = lrviz("train", "two.yaml", "--problem", "line:broadcasts", "--trust", "-q", cwd=folder)
    assert (quiet.status, quiet.err) == (0, "")


# --- what is around it -------------------------------------------------------------------------------------------


def test_without_scikit_learn_there_is_a_hint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sklearn.py").write_text("raise ImportError('blocked')\n")
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", "train", "two.yaml"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "--problem: error: the problem digits needs scikit-learn, which is not installed\n"
        "  hint: pip install 'lrviz[train]', or --problem quadratic\n"
    )


def test_nothing_goes_to_the_network_and_no_file_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("the network is asked")

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.chdir(folder)
    before = sorted(os.listdir(folder))
    done = CliRunner().invoke(app, ["train", "two.yaml", "--length", "1"], prog_name="lrviz")
    assert done.exit_code == 0, done.output
    assert "digits" in done.output
    assert sorted(os.listdir(folder)) == before


def on_terminal(folder: Path, *words: str) -> str:
    """What goes to a terminal on which standard error is; standard output is a pipe."""
    inside, outside = pty.openpty()
    fcntl.ioctl(outside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "lrviz", "train", *words],
        cwd=folder,
        env=environment(TERM="xterm-256color"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=outside,
    )
    os.close(outside)
    written = b""
    while process.poll() is None or select.select([inside], [], [], 0)[0]:
        if select.select([inside], [], [], 0.05)[0]:
            try:
                chunk = os.read(inside, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            written += chunk
    os.close(inside)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"\x1b" not in out
    return written.decode()


def test_progress_is_shown_on_a_terminal_and_nowhere_else(folder: Path) -> None:
    words = ("two.yaml", "--problem", "line:slow", "--trust")
    shown = on_terminal(folder, *words)
    assert "good" in shown.partition("line:slow")[2]
    assert "%" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor comes back
    with progress(Notes(quiet=True, verbose=False)) as progress_of:
        assert progress_of("good") is None
    assert "\x1b" not in lrviz("train", *words, cwd=folder).err
