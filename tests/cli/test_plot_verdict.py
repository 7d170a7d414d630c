"""No picture, terminal drawing or page says that all hold when a check fails: who only plots sees what it finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

STEPS = """
epochs: 30
optimizer: {{lr: 0.1}}
scheduler: {{type: StepLR, step_size: 10, gamma: {gamma}}}
expect: {{at: {{0: 0.1}}, snapshot: steps.csv}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "steps.yaml").write_text(STEPS.format(gamma=0.5))
    assert lrviz("check", "--update", "steps.yaml", cwd=tmp_path).status == 0
    return tmp_path


def texts(folder: Path, *options: str) -> tuple[str, str, str, str]:
    """What a picture, a page and a terminal drawing say, and the errors of the last."""
    for name in ("p.svg", "p.html"):
        assert lrviz("plot", "steps.yaml", *options, "-o", name, cwd=folder).status == 0
    done = lrviz("plot", "steps.yaml", *options, "--terminal", cwd=folder)
    return (folder / "p.svg").read_text(), (folder / "p.html").read_text(), done.out, done.err


def test_a_snapshot_counts_among_the_expectations(folder: Path) -> None:
    picture, page, terminal, err = texts(folder)
    assert "As expected: 2 of 2. A ring is a value." in picture
    assert "all 2 hold" in page
    assert "expects 2: all hold" in terminal
    assert err == ""


def test_a_snapshot_is_marked_where_the_curve_leaves_it(folder: Path) -> None:
    (folder / "steps.yaml").write_text(STEPS.format(gamma=0.4))
    picture, page, terminal, err = texts(folder)
    assert "leaves its snapshot: 0.04, not 0.05" in picture
    assert "Not as expected (crosses): snapshot: steps.csv. As expected: 1 of 2. A ring is a value." in picture
    assert "1 of 2 hold" in page
    assert "expects 2: 1 holds, 1 does not: snapshot: steps.csv" in terminal
    assert err == "lrviz: 1 error: lrviz check steps.yaml\n"


def test_a_check_that_fails_otherwise_is_told_with_its_command(folder: Path) -> None:
    picture, page, terminal, err = texts(folder, "--epochs", "40")  # which no snapshot can be compared with
    command = "1 error: lrviz check steps.yaml --epochs 40"
    assert "As expected: 1 of 2." in picture
    assert command in picture
    assert "1 of 2 hold" in page
    assert f"expects 2: 1 holds; {command}" in terminal
    assert err == f"lrviz: {command}\n"


def test_warnings_are_one_line_and_notes_none(folder: Path) -> None:
    (folder / "late.yaml").write_text("epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 40}\n")
    done = lrviz("plot", "late.yaml", "-o", "late.svg", cwd=folder)
    assert done.err == "lrviz: 1 warning: lrviz check late.yaml\n"
    assert "1 warning: lrviz check late.yaml" in (folder / "late.svg").read_text()
    assert lrviz("plot", "late.yaml", "-q", "-o", "late.svg", cwd=folder).err == ""
