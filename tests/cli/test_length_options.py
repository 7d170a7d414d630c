"""`--epochs` and `--steps` take what the keys of a file take, and say the same of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

FILE = "steps: 10\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
TOKENS = "data: {tokens: 1e9, tokens_per_step: 1e6}\n"


def length(folder: Path, text: str, *options: str) -> str:
    """The line of `explain` about the run; what is wrong where there is none."""
    (folder / "s.yaml").write_text(text)
    status, out, err = lrviz("explain", "s.yaml", *options, cwd=folder)
    assert (status, "Traceback" in err) == (2 if err else 0, False)
    return err or next(line for line in out.splitlines() if line.startswith("run "))


@pytest.mark.parametrize("written", ["2000", "2e3", "2k steps", "40 * 50", "2e9 tokens", "4e9 / 2 tokens"])
def test_a_length_is_written_as_in_a_file(tmp_path: Path, written: str) -> None:
    given = length(tmp_path, FILE + TOKENS, "--steps", written)
    assert given.startswith("run        2,000 steps")
    assert given.endswith(": 2,000 calls")
    in_file = length(tmp_path, FILE.replace("steps: 10", f"steps: {written}") + TOKENS)
    assert in_file.endswith(": 2,000 calls")


def test_epochs_are_written_as_in_a_file_too(tmp_path: Path) -> None:
    assert length(tmp_path, FILE.replace("steps", "epochs"), "--epochs", "3 * 30").endswith(": 90 calls")


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("steps", "0"), ("steps", "2.5"), ("steps", "1_000"), ("steps", "5 epochs"), ("steps", "soon"),
        ("steps", "3T tokens"), ("steps", "1e30"), ("epochs", "0"), ("epochs", "2.5"), ("epochs", "5 epochs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_what_a_file_would_be_told(tmp_path: Path, option: str, written: str) -> None:
    given = length(tmp_path, FILE, f"--{option}", written)
    in_file = length(tmp_path, FILE.replace("steps: 10", f"{option}: {written}"))
    place, _, message = in_file.partition(": ")
    assert given == in_file.replace(place, f"--{option}"), message


def test_only_one_of_them_sets_the_length(tmp_path: Path) -> None:
    told = length(tmp_path, FILE, "--steps", "5", "--epochs", "5")
    assert "--epochs and --steps both set the length of the run" in told
