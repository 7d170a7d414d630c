"""Which files a schedule file may name: inside its project, regular, and never below `.git`."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lrviz.errors import ScheduleError
from lrviz.files import UnreadableError, open_regular
from lrviz.reach import Reach, allowed

OUTSIDE = "lies outside of the project"
GIT = "lies below .git, from which nothing is read"
SPECIAL = "is not a regular file"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project `repo` with a schedule file in `repo/plans`, and files around it; tests run in another folder."""
    for name in ("repo/plans/s.yaml", "repo/plans/in.csv", "repo/top.csv", "out.csv", "other/out.csv", "away/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "repo/.git/lfs").mkdir(parents=True)
    (tmp_path / "repo/.git/config").write_text("secret")
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path


def outcome(folder: Path, name: str, *opened: str, schedule: str = "repo/plans/s.yaml") -> str:
    """The content of a file that a schedule file names, or why it may not be read."""
    reach = Reach(str(folder / schedule), tuple(str(folder / each) for each in opened))
    try:
        return reach.read(name).decode()
    except UnreadableError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("in.csv", "repo/plans/in.csv"),
        ("../top.csv", "repo/top.csv"),
        ("../../repo/top.csv", "repo/top.csv"),
        ("../../out.csv", OUTSIDE),
        ("../../none.csv", OUTSIDE),
        ("/etc/passwd", OUTSIDE),
        ("/etc/no such file", OUTSIDE),
        ("../../repository/x.csv", OUTSIDE),
        ("../.git/config", GIT),
        ("../.git", GIT),
        ("../.GIT/none", GIT),
        ("../sub/.Git/config", GIT),
    ],
)
def test_a_file_is_read_inside_the_project_only(folder: Path, name: str, expected: str) -> None:
    assert outcome(folder, name) == expected


def test_links_are_followed_before_it_is_decided(folder: Path) -> None:
    plans = folder / "repo/plans"
    for link, target in {
        "inside.csv": "../top.csv", "outside.csv": "../../out.csv", "chain.csv": "outside.csv", "up": "../..",
        "git.csv": "../.git/config", "gitlink": "../.git",
    }.items():  # fmt: skip
        (plans / link).symlink_to(target)
    names = ["inside.csv", "outside.csv", "git.csv", "chain.csv", "up/out.csv", "up/repo/top.csv", "gitlink/config"]
    assert [outcome(folder, name) for name in names] == [
        "repo/top.csv", OUTSIDE, GIT, OUTSIDE, OUTSIDE, "repo/top.csv", GIT,
    ]  # fmt: skip


def test_a_schedule_file_that_is_a_link_belongs_to_the_project_that_it_leads_to(folder: Path) -> None:
    (folder / "away/link.yaml").symlink_to("../repo/plans/s.yaml")
    assert outcome(folder, "x", schedule="away/link.yaml") == OUTSIDE
    assert outcome(folder, "../repo/top.csv", schedule="away/link.yaml") == "repo/top.csv"


def test_what_is_no_regular_file_is_refused_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "repo/plans")  # the path of a socket is short
    os.mkfifo("pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.csv")
        assert outcome(folder, "pipe.csv") == SPECIAL
        with pytest.raises(OSError, match="No such device"):
            outcome(folder, "socket.csv")
    with pytest.raises(IsADirectoryError):
        outcome(folder, ".")
    with pytest.raises(UnreadableError, match=SPECIAL):
        open_regular(os.devnull)


def test_the_project_is_marked_by_git_or_pyproject(folder: Path) -> None:
    (folder / "repo/plans/pyproject.toml").touch()
    assert outcome(folder, "../top.csv") == OUTSIDE
    (folder / "repo/plans/pyproject.toml").unlink()
    assert outcome(folder, "../top.csv") == "repo/top.csv"


def test_without_a_mark_it_is_the_working_directory_or_the_folder_of_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other/deep").mkdir()
    (folder / "other/deep/s.yaml").touch()
    assert outcome(folder, "../out.csv", schedule="other/deep/s.yaml") == OUTSIDE
    monkeypatch.chdir(folder / "other")
    assert outcome(folder, "../out.csv", schedule="other/deep/s.yaml") == "other/out.csv"
    assert outcome(folder, "../../out.csv", schedule="other/deep/s.yaml") == OUTSIDE


def test_a_text_and_a_pipe_name_files_from_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "repo/plans")
    os.mkfifo(folder / "away/pipe.yaml")
    for source in ("<stdin>", str(folder / "away/pipe.yaml")):
        assert Reach(source).read("in.csv") == b"repo/plans/in.csv"
        assert Reach(source).read("../top.csv") == b"repo/top.csv"
        with pytest.raises(UnreadableError, match=OUTSIDE):
            Reach(source).read("../../out.csv")


def test_more_folders_can_be_opened_but_never_git(folder: Path) -> None:
    assert outcome(folder, "../../other/out.csv", "away", "other") == "other/out.csv"
    assert outcome(folder, "../../out.csv", "away", "other") == OUTSIDE
    assert outcome(folder, "../.git/config", "repo/.git") == GIT
    (folder / "other/.git").mkdir()
    (folder / "other/.git/config").touch()
    assert outcome(folder, "../../other/.git/config", "other/.git") == GIT


def test_a_folder_to_open_must_exist(folder: Path) -> None:
    assert allowed([folder / "other"]) == (str(folder / "other"),)
    with pytest.raises(ScheduleError, match="--allow-path: there is no folder 'nowhere'"):
        allowed(["nowhere"])


def test_where_git_keeps_its_files_elsewhere_they_are_not_read_either(folder: Path) -> None:
    kept = folder / "repo/kept"
    (folder / "repo/.git").rename(kept)
    (folder / "repo/.git").write_text("gitdir: kept\n")
    assert outcome(folder, "../kept/config") == GIT
    assert outcome(folder, "../.git") == GIT
    (folder / "repo/.git").unlink()
    (folder / "repo/.git").symlink_to("kept")
    assert outcome(folder, "../kept/config") == GIT


def test_a_repository_inside_the_project_is_closed_under_every_name_that_it_has(folder: Path) -> None:
    """As where a file system has other spellings of `.git`: what counts is that it is the same folder."""
    sub = folder / "repo/sub"
    (sub / "kept").mkdir(parents=True)
    (sub / "kept/config").write_text("secret")
    assert outcome(folder, "../sub/kept/config") == "secret"
    (sub / ".git").symlink_to("kept")
    assert outcome(folder, "../sub/kept/config") == GIT


def test_a_worktree_inside_git_is_a_project_like_any_other(folder: Path) -> None:
    tree = folder / "repo/.git/tree"
    tree.mkdir()
    for name in ("s.yaml", "m.csv"):
        (tree / name).write_text(name)
    (tree / ".git").write_text("gitdir: ../worktrees/tree\n")
    assert outcome(folder, "m.csv", schedule="repo/.git/tree/s.yaml") == "m.csv"
    assert outcome(folder, "../config", schedule="repo/.git/tree/s.yaml") == OUTSIDE
    assert outcome(folder, "../config", "repo", schedule="repo/.git/tree/s.yaml") == GIT
