"""The command line as a whole: help, versions, completion, exit statuses, and readers that go away."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from process import environment, lrviz

import lrviz as package
from lrviz.cli import main
from lrviz.cli.status import Status

LRVIZ = [sys.executable, "-m", "lrviz"]


PYTHON = ".".join(map(str, sys.version_info[:3]))


def test_versions_of_lrviz_torch_and_python_and_which_engine_would_be_used() -> None:
    assert lrviz("--version") == (
        0,
        f"lrviz {package.__version__}\ntorch {torch.__version__}\npython {PYTHON}\n"
        "engine torch's scheduler source alone, without importing torch\n",
        "",
    )


@pytest.mark.parametrize(
    ("source", "version", "said", "why"),
    [
        ("from torch import inf, nn\n", "'3.0'", "3.0", "{path} needs torch.nn"),
        ("import torch._dynamo\n", "'3.0'", "3.0", "{path} needs torch._dynamo"),
        ("from .optimizer import *\n", "'3.0'", "3.0", "{path} needs .optimizer.*"),
        ("def f():\n    from ..nn import Module\n", "'3.0'", "3.0", "{path} needs ..nn"),
        (
            "1 / 0\n",
            "'3.0\x1b[31m'",
            "3.0\\x1b[31m",
            "{path} does not run by itself: ZeroDivisionError: division by zero",
        ),
        (None, "", "of an unknown version", "there is no {path}"),
    ],
)
def test_the_version_says_why_all_of_torch_would_be_imported(
    tmp_path: Path, source: str | None, version: str, said: str, why: str
) -> None:
    path = tmp_path / "torch" / "optim" / "lr_scheduler.py"
    path.parent.mkdir(parents=True)
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('torch was imported')")
    (tmp_path / "torch" / "version.py").write_text(f"__version__ = {version}\n" if version else "")
    if source is not None:
        path.write_text(source)
    status, out, err = lrviz("--version", PYTHONPATH=str(tmp_path))
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"lrviz {package.__version__}",
        f"torch {said}",
        f"python {PYTHON}",
        f"engine all of torch, imported: {why.format(path=path)}",
    ]


def test_the_version_without_torch(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv[1:] = ['--version']; from lrviz.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        "torch is not installed",
        f"python {PYTHON}",
        "engine none: pip install torch",
    ]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["table", "--help"], ["plot", "-h"]])
def test_help_says_what_a_verb_does_first_and_fits_80_columns(arguments: list[str]) -> None:
    status, out, err = lrviz(*arguments)
    assert (status, err) == (0, "")
    assert out.startswith("Usage: lrviz")
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_help_of_the_whole_names_every_verb_and_exit_status() -> None:
    out = " ".join(lrviz("--help").out.split())
    assert "plot Save a picture" in out
    assert "table Print the learning rate" in out
    for status in Status:
        assert f" {status.value} " in f" {out} ".replace(":", " ")


def test_help_of_the_whole_does_not_cut_what_a_verb_does() -> None:
    verbs = lrviz("--help").out.partition("Commands:")[2]
    assert "..." not in verbs
    assert "table       Print the learning rate of every epoch, one column per schedule." in verbs


def test_without_arguments_help_and_2() -> None:
    status, out, err = lrviz()
    assert status == 2
    assert (out + err).rstrip() == lrviz("--help").out.rstrip()


def test_a_misspelt_command_or_option_is_usage() -> None:
    status, out, err = lrviz("tabel")
    assert (status, out) == (2, "")
    assert "table" in err
    status, out, err = lrviz("table", "--evry", "3")
    assert (status, out) == (2, "")
    assert "--every" in err


def test_completion_knows_commands_and_options() -> None:
    complete = {"_LRVIZ_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lrviz")],
        env=environment(COMP_WORDS="lrviz ", **complete),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [
        each.name or getattr(each.callback, "__name__", "") for each in main.app.registered_commands
    ]


QUIET_START = """
import sys
sys.argv = ["lrviz", *{arguments!r}]
from lrviz.cli.main import main
try:
    main()
except SystemExit:
    pass
print(*sorted({{"torch", "matplotlib", "numpy"}} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], ""),
        (["--version"], ""),
        (["table", "--show-nothing"], ""),
        (["table", "wrong.yaml"], ""),
        (["table", "right.yaml"], ""),
        (["plot", "right.yaml"], "matplotlib numpy"),
    ],
)
def test_heavy_packages_are_loaded_only_where_they_are_needed(
    tmp_path: Path, arguments: list[str], loaded: str
) -> None:
    right = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.9}\n"
    (tmp_path / "right.yaml").write_text(right)
    (tmp_path / "wrong.yaml").write_text(right.replace("gamma", "gama"))
    code = QUIET_START.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == loaded


def test_a_fault_of_lrviz_is_status_3_and_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(app: object, prog_name: str) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(type(main.app), "__call__", fail)
    with pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == Status.FAULT
    assert capfd.readouterr().err.startswith("lrviz: internal error: RuntimeError: boom\n")
    monkeypatch.setenv("LRVIZ_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main.main()


LONG = "steps: 1e6\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.999999}\n"


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(LONG.replace("1e6", "1e5"))
    process = subprocess.Popen(
        [*LRVIZ, "table", "long.yaml", "--format", "csv"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"epoch,step,long\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_an_interrupt_is_130(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(LONG.replace("1e6", "5e7"))
    process = subprocess.Popen(
        [*LRVIZ, "table", "long.yaml", "-v"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"lrviz: read long.yaml: long\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert out == b""


def terminal(arguments: list[str], cwd: Path, columns: int, **more: str) -> str:
    """What lrviz writes to a terminal of so many columns."""
    parent, child = pty.openpty()
    os.set_blocking(parent, True)
    subprocess.run(["stty", "cols", str(columns), "rows", "40"], stdin=child, check=True)
    process = subprocess.Popen(
        [*LRVIZ, *arguments], cwd=cwd, env=environment(TERM="xterm", **more), stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    written = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:  # the terminal is closed
            break
        if not chunk:
            break
        written += chunk
    os.close(parent)
    assert process.wait(timeout=60) in (0, 2)
    return written.decode()


def test_a_terminal_gets_colour_and_a_table_of_its_width(tmp_path: Path) -> None:
    wide = terminal(["table", "--every", "30"], tmp_path, 80)
    assert "\x1b[1m" in wide
    narrow = terminal(["table", "--every", "30"], tmp_path, 30, NO_COLOR="1")
    assert "\x1b" not in narrow
    table = narrow.partition("\r\n")[2].rpartition("learning rate")[0]  # without the note and the caption
    assert max(len(line.rstrip("\r")) for line in table.split("\n")) <= 30
    assert table.count("epoch") == 2


def test_no_picture_goes_to_a_terminal(tmp_path: Path) -> None:
    assert "a picture cannot be written to a terminal" in terminal(["plot", "-o", "-"], tmp_path, 80)


def test_a_long_simulation_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(LONG.replace("1e6", "4e6"))
    assert (
        "long"
        in terminal(["table", "long.yaml", "--every", "1e6", "--format", "csv"], tmp_path, 80).partition("epoch")[0]
    )
    (tmp_path / "short.yaml").write_text(LONG.replace("1e6", "1e3"))
    quick = terminal(["table", "short.yaml", "--every", "1e3", "--format", "csv"], tmp_path, 80)
    assert quick.splitlines() == ["epoch,step,short", ",0,0.1"]


FILE = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: none\n"


@pytest.mark.parametrize(
    ("command", "status", "err"),
    [
        ("table f.yaml > /dev/full", 2, "lrviz: error: standard output cannot be written: No space left on device\n"),
        (
            "plot f.yaml -o - > /dev/full",
            2,
            "lrviz: error: standard output cannot be written: No space left on device\n",
        ),
        ("table f.yaml >&-", 0, ""),
        ("table - <&-", 2, "<stdin>: error: standard input is closed\n"),
        ("table nosuch 2> /dev/full", 2, ""),
        ("table nosuch 2>&-", 2, ""),
    ],
)
def test_streams_that_are_full_or_closed(tmp_path: Path, command: str, status: int, err: str) -> None:
    (tmp_path / "f.yaml").write_text(FILE)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m lrviz {command}"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", err)


def test_a_misspelt_verb_is_told_of_all_the_others(tmp_path: Path) -> None:
    """Though only the verb that is asked for is built."""
    assert "Did you mean 'table'?" in lrviz("tabel", cwd=tmp_path).err
    shown = lrviz("--help", cwd=tmp_path).out
    assert all(f"\n  {verb} " in shown for verb in ("plot", "table", "check", "at", "when", "solve", "stats", "diff"))
