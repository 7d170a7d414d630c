"""Which files and folders a drawing is read from, found without running any of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrviz.cli.own_modules import OwnModules
from lrviz.cli.sources import Selection
from lrviz.cli.watched import Watched

FILE = """\
epochs: 4
optimizer: {lr: 1.0}
expect: {snapshot: kept/all.csv}
schedules:
  plateau:
    scheduler: {type: ReduceLROnPlateau}
    metric: {file: runs/log.csv, column: loss}
  own:
    scheduler: [{type: package.part.Mine, for: 2}, {type: torch.optim.lr_scheduler.StepLR, step_size: 1}]
"""
MODULES = {
    "package/__init__.py": "raise SystemExit('nobody is to run this')",
    "package/part.py": "import os, numpy\nfrom . import beside\nfrom .deep.er import thing\nimport torch",
    "package/beside.py": "def late():\n    import alone",
    "package/deep/__init__.py": "",
    "package/deep/er.py": "import missing\nfrom ..unwritten import x",
    "package/not_imported.py": "",
    "alone.py": "this is no Python",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, written in {"s.yaml": FILE, **MODULES}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(written)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("alone", "package")]:
        del sys.modules[name]


def look(*files: str, snapshots: bool = False, trust: bool = False, settings: tuple[str, ...] = ()) -> list[str]:
    return sorted(
        map(os.path.relpath, Watched(Selection(files, trust=trust, settings=settings), snapshots=snapshots).look())
    )


def test_what_a_schedule_file_names_is_watched_too(folder: Path) -> None:
    assert look("s.yaml") == ["runs/log.csv", "s.yaml"]
    assert look("s.yaml", snapshots=True) == ["kept/all.csv", "runs/log.csv", "s.yaml"]
    assert look("s.yaml", settings=("metric.file=other.csv,log.csv",)) == ["log.csv", "other.csv", "s.yaml"]
    assert look("s.yaml", settings=("nothing=1",)) == ["runs/log.csv", "s.yaml"]
    os.rename("s.yaml", "package/s.yaml")
    assert look("package/s.yaml") == ["package/runs/log.csv", "package/s.yaml"]
    (folder / "package" / "s.yaml").write_text("metric: {file: [}")
    assert look("package/s.yaml") == ["package/s.yaml"]
    assert look("gone.yaml") == ["gone.yaml"]


def test_nothing_waits_for_a_pipe(folder: Path) -> None:
    (folder / "runs").mkdir()
    for name in ("pipe.yaml", "runs/log.csv"):
        os.mkfifo(folder / name)
    assert look(".") == ["runs/log.csv", "s.yaml"]
    watched = Watched(Selection(("pipe.yaml", "s.yaml")), snapshots=False)
    assert [file for file, digest in watched.look().items() if digest] == ["s.yaml"]


def test_own_classes_are_watched_with_all_of_the_users_own_that_they_import(folder: Path) -> None:
    there = ["__init__.py", "beside.py", "deep/__init__.py", "deep/er.py", "part.py"]
    not_there = ["missing.py", "package/unwritten.py"]
    modules = [f"package/{name}" for name in there]
    found = look("s.yaml", trust=True)
    assert set(found) >= {"alone.py", "runs/log.csv", "s.yaml", *not_there, *modules}
    assert "package/not_imported.py" not in found
    assert {name for name in found if os.path.exists(name)} == {"alone.py", "s.yaml", *modules}
    assert not [name for name in sys.modules if name.partition(".")[0] in ("alone", "package")]


def test_only_what_was_imported_since_is_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(folder)
    (folder / "alone.py").write_text("value = 1")
    own, kept = OwnModules(), set(sys.modules)
    import alone  # type: ignore[import-not-found]

    assert alone.value == 1
    (folder / "alone.py").write_text("value = 2")
    own.forget()
    assert set(sys.modules) == kept
    import alone

    assert alone.value == 2


def test_a_file_is_what_is_in_it(folder: Path) -> None:
    watched = Watched(Selection(("s.yaml",)), snapshots=False)
    first = watched.look()
    os.utime("s.yaml", ns=(1, 1))
    assert watched.look() == first
    for written in FILE.replace("4", "5"), FILE.replace("4", "6"), FILE:  # of one length, at one time
        before = watched.look()
        (folder / "s.yaml").write_text(written)
        os.utime("s.yaml", ns=(1, 1))
        assert watched.look() != before
    assert watched.look() == first
    (folder / "runs").mkdir()
    (folder / "runs" / "log.csv").write_text("")
    assert watched.look() != first


def test_folders_are_those_where_a_save_is_seen(folder: Path) -> None:
    for name in ("real/sub/subsub", "real/.hidden", "links"):
        (folder / name).mkdir(parents=True)
    (folder / "real" / "s.yaml").write_text(FILE)
    (folder / "links" / "s.yaml").symlink_to("../real/s.yaml")
    os.symlink("links", "way")

    def folders(*files: str) -> set[str]:
        watched = Watched(Selection(files), snapshots=False)
        return {os.path.relpath(each) for each in watched.folders(watched.look())}

    assert folders("s.yaml") == {"."}  # and no `runs` as long as there is none
    assert folders("way/s.yaml") == {".", "links", "real"}  # the metric would lie in way/runs
    assert folders("real") == {"real", "real/sub", "real/sub/subsub"}
    (folder / "runs").mkdir()
    assert folders("s.yaml") == {".", "runs"}
    assert folders("gone/far/away.yaml") == {"."}
