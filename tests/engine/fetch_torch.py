"""Fetches the scheduler sources of releases of torch, for `test_torch_versions.py`: two files and a version from each.

    python tests/engine/fetch_torch.py FOLDER

A wheel for macOS is the smallest, 60 to 140 MB; pip downloads it alone, and it is deleted again. What is in the folder
already is not fetched. `FOLDER/2.4.1` is then a place that `lrviz diff --torch` takes.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

RELEASES = (
    "2.4.1",
    "2.5.1",
    "2.6.0",
    "2.7.1",
    "2.8.0",
    "2.9.1",
    "2.10.0",
    "2.11.0",
    "2.12.1",
    "2.13.0",
    "2.14.1",
    "2.15.0",
)
"""The last patch of every minor release that lrviz supports. A new release is added here."""

FILES = ("torch/optim/lr_scheduler.py", "torch/optim/swa_utils.py", "torch/version.py")
PIP = (
    *("-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
    *("--platform", "macosx_15_0_arm64", "--python-version", "3.11"),
)


def fetch(release: str, folder: Path) -> None:
    """Puts the files of a release into `folder/release`, all of them or none."""
    with TemporaryDirectory(dir=folder, prefix=".") as name:
        subprocess.run([sys.executable, *PIP, "--dest", name, f"torch=={release}"], check=True)
        (wheel,) = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for file in FILES:
                archive.extract(file, Path(name, release))
        Path(name, release).rename(folder / release)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for release in RELEASES:
        if not (folder / release).exists():
            print(f"torch {release}", flush=True)
            fetch(release, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
