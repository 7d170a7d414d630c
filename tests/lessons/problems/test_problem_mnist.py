"""The idx files of MNIST: both spellings, gzipped or not, and all that may be wrong with them."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lrviz.errors import ScheduleError
from lrviz.lessons.problems import problem_of
from lrviz.lessons.sessions import Sessions
from lrviz.schedule.model import Schedule

NAMES = {
    "train-images": "train-images-idx3-ubyte",
    "train-labels": "train-labels-idx1-ubyte",
    "t10k-images": "t10k-images-idx3-ubyte",
    "t10k-labels": "t10k-labels-idx1-ubyte",
}


def idx(array: NDArray[np.uint8]) -> bytes:
    """An array in the format, byte by byte."""
    lengths = b"".join(bytes([n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255]) for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


def pictures(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures of 6 x 5 pixels in which the class is a bright spot."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count, dtype=np.uint8)
    images = rng.integers(0, 100, (count, 6, 5), dtype=np.uint8)
    images.reshape(count, 30)[np.arange(count), 3 * labels] = 255
    return images, labels


TRAIN, TEST = pictures(300, 0), pictures(60, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part, (images, labels) in (("train", TRAIN), ("t10k", TEST)):
        (tmp_path / NAMES[f"{part}-images"]).write_bytes(idx(images))
        (tmp_path / NAMES[f"{part}-labels"]).write_bytes(idx(labels))
    return tmp_path


def refused(folder: Path) -> list[str]:
    """The messages and hints, with FOLDER for the path."""
    with pytest.raises(ScheduleError) as caught:
        problem_of(f"mnist:{folder}")
    assert all(each.where.file == "--problem" for each in caught.value.problems)
    return [
        f"{each.message} | {each.hint}".removesuffix(" | ").replace(str(folder), "FOLDER")
        for each in caught.value.problems
    ]


def test_the_pictures_are_those_of_the_files(folder: Path) -> None:
    setup = problem_of(f"mnist:{folder}").make(0, 300)
    ((x, y),) = list(setup.batches)
    mean = TRAIN[0].reshape(300, 30).mean(axis=0) / 255
    expected = sorted((label, tuple(row)) for row, label in zip(TRAIN[0].reshape(300, 30), TRAIN[1], strict=True))
    back = np.rint((x.numpy() + mean) * 255).astype(int)
    assert sorted((label, tuple(row)) for row, label in zip(back, y.tolist(), strict=True)) == expected
    with torch.no_grad():
        said = setup.model(torch.from_numpy((TEST[0].reshape(60, 30) / 255 - mean).astype(np.float32)))
        loss, accuracy = setup.validate(setup.model)  # type: ignore[misc]
    right = (said.argmax(dim=1).numpy() == TEST[1]).mean()
    assert accuracy == pytest.approx(right)
    assert loss == pytest.approx(-float(said.log_softmax(dim=1)[range(60), TEST[1].tolist()].mean()), rel=1e-5)


def test_it_is_trained(folder: Path, schedule: Callable[[str], Schedule]) -> None:
    one = schedule("epochs: 5\noptimizer: {type: AdamW, lr: 0.01}\nscheduler: none\n")
    trained = Sessions(problem_of(f"mnist:{folder}"), batch_size=16).train("a", one)
    assert trained.length.steps == 5 * 19
    assert trained.accuracy is not None
    assert trained.accuracy.mean > 0.9


def same(one: Path, other: Path) -> bool:
    batches = [
        [(x.tolist(), y.tolist()) for x, y in problem_of(f"mnist:{each}").make(0, 50).batches] for each in (one, other)
    ]
    return batches[0] == batches[1]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_both_spellings_are_read_gzipped_or_not(folder: Path, mark: str, packed: bool) -> None:
    other = folder / "other"
    other.mkdir()
    for name in NAMES.values():
        data = (folder / name).read_bytes()
        spelled = name.replace("-idx", f"{mark}idx") + (".gz" if packed else "")
        (other / spelled).write_bytes(gzip.compress(data) if packed else data)
    assert same(folder, other)


def test_what_is_gzipped_is_told_by_its_content(folder: Path) -> None:
    file = folder / NAMES["train-images"]
    before = file.read_bytes()
    file.write_bytes(gzip.compress(before))
    problem_of(f"mnist:{folder}")
    file.unlink()
    file.with_name(file.name + ".gz").write_bytes(before)
    problem_of(f"mnist:{folder}")


def test_what_is_missing_is_named(folder: Path) -> None:
    (folder / NAMES["train-labels"]).unlink()
    (folder / NAMES["t10k-images"]).unlink()
    assert refused(folder) == [
        "FOLDER does not have train-labels-idx1-ubyte, t10k-images-idx3-ubyte"
        " | idx files of MNIST or Fashion-MNIST, also gzipped (.gz)"
    ]
    assert refused(folder / "nothing") == ["there is no folder FOLDER"]
    assert refused(folder / NAMES["train-images"]) == ["FOLDER is not a folder"]


def test_torchvisions_folders_are_found_below(folder: Path) -> None:
    below = folder / "data" / "FashionMNIST" / "raw"
    below.mkdir(parents=True)
    for name in NAMES.values():
        (folder / name).rename(below / name)
    (message,) = refused(folder / "data")
    assert message.endswith(" | mnist:FOLDER/FashionMNIST/raw")
    problem_of(f"mnist:{below}")


IMAGES = idx(TRAIN[0])
LABELS = idx(TRAIN[1])
MANY = bytes([0, 0, 8, 3, 0, 0, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28])

BROKEN: dict[str, tuple[str, bytes, str]] = {
    "empty": ("train-images", b"", "is not an idx file of unsigned bytes in 3 dimensions: it is empty"),
    "png": (
        "train-images",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        "is not an idx file of unsigned bytes in 3 dimensions: its first bytes are 89 50 4e 47, not 00 00 08 03",
    ),
    "labels as images": (
        "train-images",
        LABELS,
        "is not an idx file of unsigned bytes in 3 dimensions: its first bytes are 00 00 08 01, not 00 00 08 03",
    ),
    "floats": (
        "train-labels",
        bytes([0, 0, 13, 1]) + LABELS[4:],
        "is not an idx file of unsigned bytes in 1 dimensions: its first bytes are 00 00 0d 01, not 00 00 08 01",
    ),
    "head": ("train-images", IMAGES[:9], "is cut off in its head, after 9 bytes | download it again"),
    "cut off": (
        "train-images",
        IMAGES[:-1],
        "is cut off: its head says 300 x 6 x 5 = 9,000 bytes, and 8,999 follow | download it again",
    ),
    "goes on": ("t10k-labels", idx(TEST[1]) + b"x", "goes on behind the 60 = 60 bytes of which its head speaks"),
    "no pictures": ("t10k-images", bytes([0, 0, 8, 3, *bytes(4), 0, 0, 0, 6, 0, 0, 0, 5]), "its head says 0 x 6 x 5"),
    "lies": ("train-images", MANY, "is cut off: its head says 65535 x 28 x 28 = 51,379,440 bytes, and 0 follow"),
    "too large": (
        "train-images",
        bytes([0, 0, 8, 3, *[255] * 12]),
        "is too large: its head says 4294967295 x 4294967295 x 4294967295 bytes, and at most 200,000,000 are read",
    ),
    "gzip cut off": ("train-images", gzip.compress(IMAGES)[:-20], "is cut off: its gzip data does not end"),
    "gzip broken": ("train-labels", b"\x1f\x8b" + bytes(20), "is broken: Unknown compression method"),
    "gzip sum": (
        "train-labels",
        gzip.compress(LABELS)[:-8] + bytes(4) + gzip.compress(LABELS)[-4:],
        "is broken: CRC check failed",
    ),
    "lfs": (
        "train-labels",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 60008\n",
        "is kept by Git LFS, which has not downloaded it | git lfs pull downloads it",
    ),
    "letters": (
        "train-labels",
        idx(TRAIN[1] + np.uint8(3)),
        "has a label 12; there are 10 classes, from 0",
    ),
    "counts": (
        "train-labels",
        idx(TRAIN[1][:-1]),
        "has 299 labels for the 300 pictures of FOLDER/train-images",
    ),
    "sizes": (
        "t10k-images",
        idx(TEST[0].reshape(60, 3, 10)),
        "has pictures of 3 x 10 pixels, those of FOLDER/train-images-idx3-ubyte of 6 x 5",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_said_of_the_file(name: str, folder: Path) -> None:
    file, data, expected = BROKEN[name]
    (folder / NAMES[file]).write_bytes(data)
    (message,) = refused(folder)
    assert message.startswith(f"FOLDER/{NAMES[file]} ")
    assert expected in message


def test_all_files_are_told_at_once_and_a_pipe_or_folder_is_not_waited_for(folder: Path) -> None:
    (folder / NAMES["train-images"]).write_bytes(b"a")
    (folder / NAMES["t10k-labels"]).write_bytes(b"b")
    assert len(refused(folder)) == 2
    (folder / NAMES["t10k-labels"]).unlink()
    (folder / NAMES["t10k-labels"]).mkdir()
    assert refused(folder)[0].startswith("FOLDER does not have t10k-labels-idx1-ubyte")


def test_a_head_that_lies_costs_no_memory(folder: Path) -> None:
    (folder / NAMES["train-images"]).write_bytes(gzip.compress(MANY))
    tracemalloc.start()
    refused(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
