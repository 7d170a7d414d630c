"""`pytest --renew`: a golden that differs or is missing fails, `--renew` mends it, and a second run passes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from helpers.golden import Golden

README = "# lrviz\n\n```console\n$ lrviz a\nold\n```\n\n```console\n$ lrviz b\nold\n```\n\nThe end.\n"
PAGE = "one\ntwo \x1b[1m⠇\r\n"


def png(gray: float, side: int = 8) -> bytes:
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, np.full((side, side, 3), gray))
    return buffer.getvalue()


@pytest.fixture
def compare(tmp_path: Path) -> Golden:
    return golden_in(tmp_path, renew=False, renewed=[])


def golden_in(folder: Path, renew: bool, renewed: list[str]) -> Golden:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return Golden(renew, folder, lambda: scratch, renewed.append)


def complaint(compare: Callable[..., None], *arguments: object) -> str:
    with pytest.raises(pytest.fail.Exception) as caught:
        compare(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("stored", [None, "", "one\ntwo\n", PAGE + "\n", PAGE.replace("\r", "")])
def test_a_text_is_the_same_to_the_byte_once_it_is_renewed(stored: str | None, tmp_path: Path) -> None:
    path, renewed = tmp_path / "golden" / "page.txt", list[str]()
    if stored is not None:
        path.parent.mkdir()
        path.write_bytes(stored.encode())
    compare, renew = (golden_in(tmp_path, renew, renewed) for renew in (False, True))
    assert "golden/page.txt " in complaint(compare.same_text, path, PAGE)
    renew.same_text(path, PAGE)
    assert path.read_bytes() == PAGE.encode()
    compare.same_text(path, PAGE)
    renew.same_text(path, PAGE)
    assert renewed == ["golden/page.txt"]


def test_the_difference_of_texts_is_shown_with_control_characters_written_out(compare: Golden) -> None:
    path = compare.root / "page.txt"
    assert complaint(compare.same_text, path, PAGE) == (
        "page.txt does not exist; `pytest --renew` creates it from:\none\ntwo \\x1b[1m⠇\\r\n"
    )
    path.write_bytes(b"one\ntwo\n")
    assert complaint(compare.same_text, path, PAGE) == (
        "page.txt differs from what lrviz makes now; if that is intended, `pytest --renew`\n"
        "--- stored\n+++ now\n@@ -1,3 +1,3 @@\n one\n-two\n+two \\x1b[1m⠇\\r\n "
    )


def test_a_part_is_renewed_and_the_rest_stays(compare: Golden) -> None:
    path, renewed = compare.root / "README.md", list[str]()
    path.write_text(README)
    part = (path, "new\n", "```console\n$ lrviz b\n", "```\n")
    assert "-old\n+new\n" in complaint(compare.same_part, *part)
    golden_in(compare.root, True, renewed).same_part(*part)
    assert path.read_text() == README.replace("$ lrviz b\nold", "$ lrviz b\nnew")
    compare.same_part(*part)
    assert renewed == ["README.md"]


@pytest.mark.parametrize("text", [README + README, README.replace("lrviz b", "lrviz c"), README.partition("old")[0]])
def test_a_part_that_is_not_found_once_cannot_be_renewed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(text)
    begin = "$ lrviz a\n" if text in README else "$ lrviz b\n"
    for renew in (False, True):
        golden = golden_in(tmp_path, renew, [])
        assert "README.md: not once between " in complaint(golden.same_part, path, "new\n", begin, "```\n")
    assert path.read_text() == text


def test_a_picture_is_renewed_where_it_is_beyond_the_tolerance(compare: Golden) -> None:
    path, renewed = compare.root / "picture.png", list[str]()
    renew = golden_in(compare.root, True, renewed)
    assert complaint(compare.same_picture, path, png(0.5), 1) == (
        "picture.png does not exist; `pytest --renew` creates it"
    )
    renew.same_picture(path, png(0.5), 1)
    assert path.read_bytes() == png(0.5) != png(0.502)
    for golden in (compare, renew):
        golden.same_picture(path, png(0.502), 1)
        assert path.read_bytes() == png(0.5), "it is within the tolerance"
    assert "RMS 1, tolerance 0\n" in complaint(compare.same_picture, path, png(0.502))
    assert "sizes do not match" in complaint(compare.same_picture, path, png(0.5, side=9), 1)
    assert "other bytes are not" in complaint(compare.same_picture, path, png(0.5) + b" ")
    text = complaint(compare.same_picture, path, png(0.9), 1)
    assert text.startswith("picture.png differs from what lrviz makes now; if that is intended, `pytest --renew`\nRMS ")
    for line in text.splitlines()[2:]:
        assert Path(line.partition(": ")[2]).read_bytes().startswith(b"\x89PNG")
    renew.same_picture(path, png(0.9), 1)
    compare.same_picture(path, png(0.9))
    assert renewed == ["picture.png", "picture.png"]


def test_a_golden_that_no_test_compares_fails(compare: Golden) -> None:
    for name in ("a.txt", "b.txt", "b.yaml"):
        (compare.root / name).touch()
    for golden in (compare, golden_in(compare.root, True, [])):
        golden.no_orphans(compare.root, [compare.root / "a.txt", compare.root / "b.txt"], "*.txt")
        words = complaint(golden.no_orphans, compare.root, [compare.root / "a.txt"], "*.txt")
        assert words == "no test compares these golden files, delete them:\nb.txt"
    assert (compare.root / "b.txt").exists()


PROJECT = """
from pathlib import Path
import pytest

HERE = Path(__file__).parent

def test_text(golden):
    golden.same_text(HERE / "page.txt", "new")

@pytest.mark.parametrize("number", range(20))
def test_part(number, golden):
    golden.same_part(HERE / "parts.txt", "new", f"<{number}>", f"</{number}>")
"""


def test_the_option_renews_with_several_workers_and_a_second_run_passes(tmp_path: Path) -> None:
    def run(*options: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "2", "--dist", "load", *options],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout.splitlines()

    (tmp_path / "conftest.py").write_text('pytest_plugins = ["helpers.golden"]\n')
    (tmp_path / "test_it.py").write_text(PROJECT)
    (tmp_path / "parts.txt").write_text("".join(f"<{number}>old</{number}>\n" for number in range(20)))
    status, lines = run()
    assert (status, lines[-1].split(" in ")[0]) == (1, "21 failed")
    status, lines = run("--renew")
    assert (status, lines[-1].split(" in ")[0]) == (0, "21 passed")
    assert lines[-4:-1] == ["2 renewed: review them with `git diff`", "page.txt", "parts.txt"]
    assert (tmp_path / "page.txt").read_text() == "new"
    assert (tmp_path / "parts.txt").read_text() == "".join(f"<{number}>new</{number}>\n" for number in range(20))
    assert run()[0] == 0
