"""Pictures of ten classes in idx files that the user has: the handwritten digits of MNIST, or what has their format.

Y. LeCun, C. Cortes and C. Burges, "The MNIST Database of Handwritten Digits" (1998). Nothing is downloaded.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.lessons.problems.idx import read_idx
from lrviz.lessons.problems.pictures import CLASSES, Pictures, classifier
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.words import counted

EPOCHS, BATCH_SIZE = 5, 128
HIDDEN = (128, 64, 64)
"""The widths of the hidden layers; as in `digits`, four layers have weights."""

FILES: Final = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
"""The files, each with its dimensions; those of `t10k` are for validation."""

FOLDERS = ("raw", "MNIST/raw", "FashionMNIST/raw")
"""Where torchvision puts them, below the folder that it is given."""


def problem(rest: str, where: Position) -> TrainingProblem:
    """The problem `mnist:DIR`. Raises `ScheduleError` for files that are missing or cannot be used, all of them."""
    paths = tuple(_found(Path(rest).expanduser(), where).values())
    pictures = _pictures(paths, tuple(each.stat().st_mtime_ns for each in paths), where)

    def make(seed: int, batch_size: int | None) -> Setup:
        return classifier(pictures, HIDDEN, batch_size or BATCH_SIZE, seed)

    return TrainingProblem(f"mnist:{rest}", EPOCHS, BATCH_SIZE, make)


def _found(folder: Path, where: Position) -> dict[str, Path]:
    """The path of every file."""
    found = {name: _find(folder, name) for name in FILES}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise ScheduleError.at(where, *_missing(folder, missing))
    return {name: path for name, path in found.items() if path is not None}


@lru_cache(maxsize=1)  # schedules with other batches share them
def _pictures(paths: tuple[Path, ...], changed: tuple[int, ...], where: Position) -> Pictures:
    """The pictures of the files, which were last `changed` then."""
    found = dict(zip(FILES, paths, strict=True))
    arrays: dict[str, NDArray[np.uint8]] = {}
    problems = []
    for name, path in found.items():
        try:
            arrays[name] = read_idx(path, FILES[name])
        except UnreadableError as error:
            problems.append(Problem(where, error.of(path), error.hint))
        except OSError as error:
            problems.append(Problem(where, f"{path} cannot be read: {error.strerror}"))
    if not problems:
        problems = [Problem(where, each) for each in _contradictions(arrays, found)]
    if problems:
        raise ScheduleError(problems)
    x, x_validation = (_flat(arrays.pop(f"{part}-images")) for part in ("train", "t10k"))
    return Pictures.of(x, arrays["train-labels"], x_validation, arrays["t10k-labels"])


def _flat(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures as rows of numbers from 0 to 1."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat /= 255
    return flat


def _find(folder: Path, name: str) -> Path | None:
    """The file of a name, in either spelling, gzipped or not."""
    kind = f"idx{FILES[name]}-ubyte"
    spellings = [f"{name}{mark}{kind}{packed}" for packed in ("", ".gz") for mark in ("-", ".")]
    return next((path for each in spellings if (path := folder / each).is_file()), None)


def _missing(folder: Path, names: list[str]) -> tuple[str, str]:
    """That files are missing, and a hint."""
    if not folder.is_dir():
        return f"{folder} is not a folder" if folder.exists() else f"there is no folder {folder}", ""
    wanted = ", ".join(f"{name}-idx{FILES[name]}-ubyte" for name in names)
    below = next((each for each in FOLDERS if all(_find(folder / each, name) for name in FILES)), None)
    hint = f"mnist:{folder / below}" if below else "idx files of MNIST or Fashion-MNIST, also gzipped (.gz)"
    return f"{folder} does not have {wanted}", hint


def _contradictions(arrays: dict[str, NDArray[np.uint8]], found: dict[str, Path]) -> list[str]:
    """What is wrong between files that can be read."""
    wrong = []
    for part in ("train", "t10k"):
        images, labels = arrays[f"{part}-images"], arrays[f"{part}-labels"]
        if len(images) != len(labels):
            counts = f"{counted(len(labels), 'label')} for the {counted(len(images), 'picture')} of"
            wrong.append(f"{found[f'{part}-labels']} has {counts} {found[f'{part}-images']}")
        if labels.max() >= CLASSES:
            wrong.append(f"{found[f'{part}-labels']} has a label {labels.max()}; there are {CLASSES} classes, from 0")
    shapes = [" x ".join(map(str, arrays[f"{part}-images"].shape[1:])) for part in ("train", "t10k")]
    if shapes[0] != shapes[1]:
        other = f"those of {found['train-images']} of {shapes[0]}"
        wrong.append(f"{found['t10k-images']} has pictures of {shapes[1]} pixels, {other}")
    return wrong
