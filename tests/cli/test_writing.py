"""Files are written whole or not at all, through temporary files that nobody can foresee and that do not pile up."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from threading import Barrier, Thread

import pytest

from lrviz.cli import init
from lrviz.cli.writing import LEFT_OVER, write_file, write_new
from lrviz.errors import ScheduleError


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_keeps_its_permissions_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(str(tmp_path / "new"), b"a")
        write_new(str(tmp_path / "newer"), b"a")
    finally:
        os.umask(before)
    assert [mode(tmp_path / name) for name in names(tmp_path)] == [0o640, 0o640]
    (tmp_path / "new").chmod(0o604)
    write_file(str(tmp_path / "new"), b"b")
    assert (mode(tmp_path / "new"), (tmp_path / "new").read_bytes()) == (0o604, b"b")


def test_what_replaces_a_private_file_is_never_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").touch(0o600)
    seen: list[int] = []
    monkeypatch.setattr(os, "chmod", lambda file, _: seen.append(stat.S_IMODE(os.stat(file).st_mode)))
    monkeypatch.setattr(os, "supports_fd", {os.chmod})
    write_file(str(tmp_path / "x"), b"a")
    assert seen == [0o600]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    write_file(str(tmp_path / "link"), b"new")
    assert ((tmp_path / "link").is_symlink(), (tmp_path / "file").read_bytes()) == (True, b"new")


def test_a_link_where_the_temporary_file_would_be_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "victim").write_bytes(b"kept")
    (tmp_path / f".lrviz-{'0' * 16}.tmp").symlink_to("victim")
    monkeypatch.setattr("secrets.token_hex", lambda count: "0" * 2 * count)
    with pytest.raises(FileExistsError):
        write_file(str(tmp_path / "x"), b"new")
    assert (tmp_path / "victim").read_bytes() == b"kept"


@pytest.mark.parametrize("write", [write_file, write_new])
def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: object) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("replace", "link"):
        monkeypatch.setattr(os, name, full)
    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ScheduleError, match="x: error: the file cannot be written: No space left on device"):
        write(str(tmp_path / "x"), b"a")  # type: ignore[operator]
    assert names(tmp_path) == []


def test_what_a_killed_command_left_is_removed_at_the_next_write_beside_it(tmp_path: Path) -> None:
    old, young = time.time() - LEFT_OVER - 1, time.time() - LEFT_OVER + 60
    made = {
        f".lrviz-{'a' * 16}.tmp": old, f".lrviz-{'b' * 16}.tmp": young, f".lrviz-{'c' * 15}.tmp": old,
        f".lrviz-{'D' * 16}.tmp": old, f"lrviz-{'e' * 16}.tmp": old, ".s.png.123.tmp": old,
    }  # fmt: skip
    for name, at in made.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    (tmp_path / f".lrviz-{'1' * 16}.tmp").mkdir()
    (tmp_path / f".lrviz-{'2' * 16}.tmp").symlink_to("elsewhere")
    os.mkfifo(tmp_path / f".lrviz-{'3' * 16}.tmp")
    for digit in "123":
        os.utime(tmp_path / f".lrviz-{digit * 16}.tmp", (old, old), follow_symlinks=False)
    before = names(tmp_path)
    write_file(str(tmp_path / "x"), b"a")
    assert set(before) - set(names(tmp_path)) == {f".lrviz-{'a' * 16}.tmp"}


def test_what_another_user_left_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f".lrviz-{'a' * 16}.tmp"
    left.touch()
    os.utime(left, (0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: left.stat().st_uid + 1)
    write_file(str(tmp_path / "x"), b"a")
    assert left.exists()


# --- a file that is new -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_of_many_writers_at_once_one_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    outcomes: list[str] = []
    together = Barrier(8)

    def write(number: int) -> None:
        together.wait()
        try:
            write_new(str(tmp_path / "x"), str(number).encode())
            outcomes.append(str(number))
        except FileExistsError:
            outcomes.append("exists")

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes).count("exists") == 7
    assert (tmp_path / "x").read_text() in outcomes
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_link_that_leads_nowhere_is_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: os.stat(tmp_path / "missing"))
    (tmp_path / "x").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        write_new(str(tmp_path / "x"), b"a")
    assert names(tmp_path) == ["x"]


def test_the_second_of_two_inits_says_that_the_first_has_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schedule.yaml").write_text("mine")
    monkeypatch.setattr(os.path, "lexists", lambda path: False)  # when it looked, there was nothing yet
    with pytest.raises(ScheduleError) as caught:
        init.init(name=None, output=None)
    assert str(caught.value) == (
        "schedule.yaml: error: this file exists already, and init never overwrites\n"
        "  hint: name another file: lrviz init -o FILE"
    )
    assert (tmp_path / "schedule.yaml").read_text() == "mine"
