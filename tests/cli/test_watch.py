"""`lrviz plot --watch`: every way of saving a file, errors and their end, folders, links, Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from process import environment, lrviz
from watching import CLEAR, LIMIT, Watching, Window, until

DREW = r"^lrviz: drew (\S+ )?again \(\d+\.\d\d s\)$"
READY = r"^lrviz: watching .*; Ctrl-C ends it$"
BROKEN = "epochs: [\n"


def text(lr: float) -> str:
    return f"epochs: 30\noptimizer: {{type: SGD, lr: {lr}}}\nscheduler: {{type: StepLR, step_size: 10}}\n"


A, B = text(0.1), text(0.4)


@lru_cache
def fresh(written: str) -> bytes:
    """The picture that `lrviz plot` without --watch makes of a file with this text."""
    with TemporaryDirectory() as folder:
        Path(folder, "s.yaml").write_text(written)
        assert lrviz("plot", "s.yaml", cwd=Path(folder)).status == 0
        return Path(folder, "s.png").read_bytes()


def replace(file: Path, written: str) -> None:
    """As vim and most editors save: a file beside, then in its place."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(written)
    os.replace(beside, file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(A)
    return tmp_path


# --- ways of saving ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watching, Path]]:
    """One process that several saves are made for, one after the other."""
    folder = tmp_path_factory.mktemp("ways")
    (folder / "s.yaml").write_text(A)
    with Watching("s.yaml", cwd=folder) as watching:
        assert watching.says(READY) == ["lrviz: watching s.yaml; Ctrl-C ends it"]
        assert (folder / "s.png").read_bytes() == fresh(A)
        yield watching, folder
        assert watching.interrupt() == 130
        assert watching.out == ["s.png"]
        assert "Traceback" not in "\n".join(watching.err)


def moved_away(file: Path, written: str) -> None:
    """As vim with `backupcopy=no` saves: the old file becomes the backup, a new one is written."""
    os.rename(file, file.with_name(f"{file.name}~"))
    file.write_text(written)


def deleted(file: Path, written: str) -> None:
    file.unlink()
    file.write_text(written)


def with_old_times(file: Path, written: str) -> None:
    """As `cp -p` and a checkout of an older version do: the new text is older than the one before."""
    known = file.stat()
    file.write_text(written)
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))


@pytest.mark.parametrize("save", [Path.write_text, replace, moved_away, deleted, with_old_times])
def test_every_way_of_saving_is_seen(session: tuple[Watching, Path], save: Callable[[Path, str], object]) -> None:
    watching, folder = session
    file = folder / "s.yaml"
    wanted = B if file.read_text() == A else A
    save(file, wanted)
    assert len(watching.says(DREW)) == 1
    assert (folder / "s.png").read_bytes() == fresh(wanted)


def test_a_file_that_is_half_written_is_no_error(session: tuple[Watching, Path]) -> None:
    watching, folder = session
    file = folder / "s.yaml"
    for _ in range(20):
        wanted = B if file.read_text() == A else A
        with open(file, "w") as opened:
            began = time.monotonic()
            time.sleep(0.05)
            opened.write(wanted[:45])  # in the middle of a mapping
            opened.flush()
            time.sleep(0.05)
            opened.write(wanted[45:])
            opened.flush()
            took = time.monotonic() - began
        lines = watching.says(DREW)
        if took < 0.2:  # else this machine is too busy to write a file as fast as an editor
            assert len(lines) == 1
            assert (folder / "s.png").read_bytes() == fresh(wanted)
            return
    pytest.fail("this machine takes 0.2 s to write a file")


def test_a_save_that_changes_nothing_draws_nothing(session: tuple[Watching, Path]) -> None:
    watching, folder = session
    (folder / "s.yaml").touch()
    replace(folder / "s.yaml", (folder / "s.yaml").read_text())
    (folder / "other.yaml").write_text("nobody asked for this")
    assert watching.is_silent_for(0.7)


def test_of_a_burst_the_last_save_is_drawn(session: tuple[Watching, Path]) -> None:
    watching, folder = session
    ways = (Path.write_text, replace, deleted)
    for index in range(60):
        ways[index % 3](folder / "s.yaml", text(0.1 + index / 1000))
        time.sleep(0.01)
    replace(folder / "s.yaml", A)
    until(lambda: (folder / "s.png").read_bytes() == fresh(A))
    watching.is_silent_for(0.5)
    drawn = [line for line in watching.err[watching._read :] if "drew" in line]
    watching._read = len(watching.err)
    assert 1 <= len(drawn) < 30
    assert not [line for line in watching.err if "error" in line]
    assert (folder / "s.png").read_bytes() == fresh(A)


# --- errors --------------------------------------------------------------------------------------------------------


def test_an_error_is_told_the_old_picture_stays_and_it_goes_on(session: tuple[Watching, Path]) -> None:
    watching, folder = session
    file, picture = folder / "s.yaml", folder / "s.png"
    replace(file, text(0.3))
    watching.says(DREW)
    before = picture.read_bytes()
    wrong = A.replace("StepLR", "steplr")
    file.write_text(wrong)
    told = watching.says("hint")
    file.write_text(B.replace("StepLR", "StpLR"))
    assert "StpLR" in watching.says("hint")[0]
    file.unlink()
    assert watching.says("error") == ["s.yaml: error: there is no such file"]
    assert picture.read_bytes() == before
    file.write_text(A)
    assert len(watching.says(DREW)) == 1
    assert picture.read_bytes() == fresh(A)
    (folder / "alone").mkdir()
    (folder / "alone" / "s.yaml").write_text(wrong)
    assert lrviz("plot", "s.yaml", cwd=folder / "alone").err.splitlines() == told


# --- other files ---------------------------------------------------------------------------------------------------

METRIC = """\
epochs: 4
optimizer: {lr: 1.0}
scheduler: {type: ReduceLROnPlateau, patience: 0}
metric: {file: runs/log.csv, column: loss}
"""


def test_a_file_of_metrics_is_watched_before_it_is_there(folder: Path) -> None:
    (folder / "s.yaml").write_text(METRIC)
    with Watching("s.yaml", "--terminal", cwd=folder) as watching:
        assert "runs/log.csv cannot be read" in watching.says(READY)[0]
        assert watching.out == []
        (folder / "runs").mkdir()
        (folder / "runs" / "log.csv").write_text("loss\n4\n3\n2\n1\n")
        watching.draws("peak 1 at epoch 0, end 1")
        replace(folder / "runs" / "log.csv", "loss\n4\n5\n6\n7\n")
        watching.draws("peak 1 at epoch 0, last 0.01, end 0.001")
        assert watching.interrupt() == 130


OWN = """\
import time
from pathlib import Path
from torch.optim.lr_scheduler import LambdaLR
from helper import factor

def mine(optimizer):
    if Path("wait").exists():
        Path("began").touch()
        for _ in range(4000):
            if not Path("wait").exists():
                break
            time.sleep(0.01)
    return LambdaLR(optimizer, lambda call: factor(call))
"""
HELPER = "def factor(call):\n    return 1.0 if call == 0 else 0.5\n"


def test_own_classes_are_imported_anew_and_a_save_in_the_middle_of_a_drawing_is_seen(folder: Path) -> None:
    own = A.replace("type: StepLR, step_size: 10", "type: own.mine")
    (folder / "s.yaml").write_text(own)
    (folder / "own.py").write_text(OWN)
    (folder / "helper.py").write_text("def factor(call:\n")
    with Watching("s.yaml", "--trust", "--terminal", cwd=folder) as watching:
        lines = watching.says(READY)
        assert "never closed" in lines[0]
        assert lines[-1] == "lrviz: watching s.yaml, helper.py, own.py; Ctrl-C ends it"
        (folder / "helper.py").write_text(HELPER)
        watching.draws("peak 0.1 at epoch 0")
        (folder / "helper.py").write_text(HELPER.replace("1.0", "6.0"))  # of the same length, in the same second
        watching.draws("peak 0.6 at epoch 0")
        replace(folder / "helper.py", HELPER)
        watching.draws("peak 0.1 at epoch 0")
        (folder / "wait").touch()
        (folder / "s.yaml").write_text(own.replace("0.1", "0.2"))
        until((folder / "began").exists)
        (folder / "s.yaml").write_text(own.replace("0.1", "0.3"))  # while it draws the text before
        (folder / "wait").unlink()
        watching.draws("peak 0.3 at epoch 0")
        assert watching.interrupt() == 130


# --- folders and links ---------------------------------------------------------------------------------------------


def test_a_folder_shows_files_that_come_and_go(tmp_path: Path) -> None:
    schedules = tmp_path / "schedules"
    schedules.mkdir()
    for name, lr in ("one", 0.1), ("two", 0.2):
        (schedules / f"{name}.yaml").write_text(text(lr))
    with Watching("schedules", "--terminal", cwd=tmp_path) as watching:

        def shows(*names: str) -> bool:
            watching.draws(*names)
            drawing = "\n".join(watching.out).rpartition("\n\n")[2]
            return set(re.findall("one|two|three|four|five", drawing)) == set(names)

        watching.says(READY)
        assert shows("one", "two")
        (schedules / "three.yaml").write_text(text(0.3))
        assert shows("one", "two", "three")
        os.rename(schedules / "one.yaml", schedules / "four.yml")
        assert shows("two", "three", "four")
        (schedules / "deep" / "er").mkdir(parents=True)
        (schedules / "deep" / "er" / "five.yaml").write_text(text(0.5))
        assert shows("two", "three", "four", "five")
        (schedules / "two.yaml").unlink()
        watching.says(DREW)
        (schedules / "deep" / "er" / "five.yaml").write_text(text(1.0))
        watching.draws("  1 ┤")
        assert shows("three", "four", "five")
        for file in ("three.yaml", "four.yml", "deep/er/five.yaml"):
            (schedules / file).unlink()
        watching.says("there is no")
        assert watching.interrupt() == 130


def test_links_and_folders_on_the_way_are_seen_to_change(tmp_path: Path) -> None:
    for name, lr in ("v1", 0.1), ("v2", 0.4):
        (tmp_path / "store" / name).mkdir(parents=True)
        (tmp_path / "store" / name / "s.yaml").write_text(text(lr))
    (tmp_path / "store" / "now").symlink_to("v1")
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    (here / "s.yaml").symlink_to("../../store/now/s.yaml")
    with Watching("a/b/s.yaml", "--terminal", cwd=tmp_path) as watching:
        watching.says(READY)
        replace(tmp_path / "store" / "v1" / "s.yaml", text(0.2))  # where the link leads
        watching.draws("peak 0.2")
        (here / "s.yaml").write_text(text(0.3))  # through the link
        watching.draws("peak 0.3")
        (tmp_path / "store" / "next").symlink_to("v2")  # a link on the way leads elsewhere
        os.replace(tmp_path / "store" / "next", tmp_path / "store" / "now")
        watching.draws("peak 0.4")
        replace(here / "s.yaml", text(0.5))  # in place of the link
        watching.draws("peak 0.5")
        shutil.rmtree(tmp_path / "a")  # as another branch is checked out
        assert watching.says("error")[-1:] == ["a/b/s.yaml: error: there is no such file"]
        here.mkdir(parents=True)
        (here / "s.yaml").write_text(text(0.6))
        watching.draws("peak 0.6")
        replace(here / "s.yaml", text(0.7))
        watching.draws("peak 0.7")
        assert watching.interrupt() == 130


# --- pages, and other programs -------------------------------------------------------------------------------------


def test_a_page_is_live_until_the_end_and_a_snapshot_belongs_to_it(folder: Path) -> None:
    (folder / "s.yaml").write_text(A + "expect: {snapshot: s.csv}\n")
    page = folder / "x.html"
    with Watching("s.yaml", "-o", "x.html", cwd=folder) as watching:
        watching.says(READY)
        first = page.read_bytes()
        (folder / "s.csv").write_text("no snapshot at all")
        watching.says(DREW)
        second = page.read_bytes()
        assert b'class="banner"' not in second != first
        (folder / "s.yaml").write_text(BROKEN)
        (said,) = watching.says("error")
        assert f'<pre tabindex="0">{escape(said)}' in page.read_text("utf-8")
        (folder / "s.yaml").write_text(A + "expect: {snapshot: s.csv}\n")
        watching.says(DREW)
        assert page.read_bytes() == second
        (folder / "s.yaml").write_text(A.replace("StepLR", "StpLR"))
        watching.says("error")
        assert b"StpLR" in page.read_bytes()
        assert watching.interrupt() == 130
    (folder / "s.yaml").write_text(A + "expect: {snapshot: s.csv}\n")
    assert lrviz("plot", "s.yaml", "-o", "y.html", cwd=folder).status == 0
    assert page.read_bytes() == (folder / "y.html").read_bytes() != second


@pytest.fixture
def opener(tmp_path: Path) -> tuple[Path, str]:
    """A stand-in for what opens pictures: where it writes what it was given, and the PATH that has it."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "xdg-open").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/opened\n')
    (tools / "xdg-open").chmod(0o755)
    return tmp_path / "opened", f"{tools}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems open files with another program")
def test_the_picture_is_opened_once_and_polling_does_as_well(folder: Path, opener: tuple[Path, str]) -> None:
    opened, path = opener
    os.rename(folder / "s.yaml", folder / "lrviz.yaml")  # one of the usual names
    with Watching("--open", "-q", cwd=folder, PATH=path, WATCHFILES_FORCE_POLLING="1") as watching:
        until(lambda: watching.out == ["lrviz.png"] and opened.exists())
        first = (folder / "lrviz.png").read_bytes()
        (folder / "lrviz.yaml").write_text(B)
        until(lambda: (folder / "lrviz.png").read_bytes() != first)
        assert watching.interrupt() == 130
        assert watching.err == []
    assert opened.read_text() == f"{folder / 'lrviz.png'}\n"
    assert lrviz("plot", "--open", "-o", "-x.svg", cwd=folder, PATH=path) == (0, "-x.svg\n", "")
    until(lambda: opened.read_text() == f"{folder / 'lrviz.png'}\n{folder / '-x.svg'}\n")


# --- in a terminal -------------------------------------------------------------------------------------------------


def test_a_window_shows_the_drawing_or_the_error_and_follows_its_size(folder: Path) -> None:
    said = "Ctrl-C ends it\r\n"
    with Window("s.yaml", "--terminal", "--watch", "-o", "x.png", cwd=folder, size=(90, 24)) as window:
        lines = window.shows("┤", said)
        assert window.text.startswith(CLEAR)
        assert window.screens() == 1
        assert lines[-3:] == ["x.png", "lrviz: watching s.yaml; Ctrl-C ends it", ""]
        assert 20 <= len(lines) <= 24
        assert 80 < max(map(len, lines)) <= 90
        assert (folder / "x.png").read_bytes() == fresh(A)

        replace(folder / "s.yaml", B)
        lines = window.shows("0.4 ┤", "drew x.png again", said)
        assert len(lines) <= 24
        assert (folder / "x.png").read_bytes() == fresh(B)

        (folder / "s.yaml").write_text(BROKEN)
        for size, drawn in ((None, True), ((60, 16), True), ((60, 12), False), ((70, 13), True), ((70, 16), True)):
            screens = window.screens()
            if size is not None:
                window.resize(*size)
            after = screens if size is not None else 0
            lines = window.shows("s.yaml:2:1: error", said, after=after)
            assert len(lines) <= (size[1] if size is not None else 24)
            error = next(index for index, line in enumerate(lines) if "error" in line)
            assert any("0.4 ┤" in line for line in lines[:error]) == drawn
            assert ("lrviz: above is the last good drawing" in lines[error:]) == drawn
            assert error == 0 or error >= 8

        (folder / "s.yaml").write_text(A)
        lines = window.shows("0.1 ┤", "drew x.png again", said)
        assert len(lines) <= 16
        assert 60 < max(map(len, lines)) <= 70
        screens = window.screens()
        window.resize(75, 20)
        lines = window.shows("0.1 ┤", said, after=screens)
        assert 70 < max(map(len, lines)) <= 75

        os.write(window.ours, b"\x03")
        assert window.ends() == 130
        assert window.text.endswith(f"{said}^C\r\n")
        assert "\x1b[?" not in window.text  # no cursor hidden, no other screen
        assert termios.tcgetattr(window.ours) == window.before


# --- commands that are wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["-"], "lrviz: error: --watch cannot watch standard input\n  hint: name a file\n"),
        (["gone.yaml"], "gone.yaml: error: there is no such file\n"),
        ([], "lrviz: error: there is no schedule.yaml here to watch\n  hint: lrviz init writes one\n"),
        (["/dev/null"], "/dev/null: error: --watch cannot watch a pipe or device\n  hint: name a file\n"),
        (
            ["s.yaml", "-o", "-"],
            "lrviz: error: --watch draws many times, but standard output takes one picture\n"
            "  hint: save into a file: -o x.png\n",
        ),
        (["s.yaml", "-o", "no/x.png"], "no/x.png: error: there is no folder 'no'\n  hint: make it first\n"),
        (["s.yaml", "--only", "x"], "lrviz: error: no schedule matches --only x\n  hint: the only valid name is s\n"),
    ],
)
def test_what_cannot_be_watched(folder: Path, arguments: list[str], error: str) -> None:
    assert lrviz("plot", *arguments, "--watch", cwd=folder) == (2, "", error)
    assert os.listdir(folder) == ["s.yaml"]


def test_without_watchfiles_it_says_what_to_install(folder: Path) -> None:
    code = """if True:
        import sys
        class Refuses:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] == "watchfiles":
                    raise ModuleNotFoundError(name)
        sys.meta_path.insert(0, Refuses())
        sys.argv = ["lrviz", "plot", "s.yaml", "--watch"]
        from lrviz.cli.main import main
        main()
        """
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment(), capture_output=True, text=True, timeout=LIMIT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lrviz: error: --watch needs watchfiles\n  hint: pip install 'lrviz[watch]'\n"
    assert os.listdir(folder) == ["s.yaml"]
