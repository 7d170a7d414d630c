"""`lrviz plot`, as it is typed: where pictures go, of which kind they are, and what they never replace."""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path

import pytest
from process import lrviz, lrviz_bytes

SECOND = """\
epochs: 100
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
schedules:
  step:
    scheduler: {type: MultiStepLR, milestones: [30, 60, 90], gamma: 0.1}
  cosine:
    scheduler: {type: CosineAnnealingLR}
  hot:
    optimizer: {lr: 0.5}
    scheduler: {type: ExponentialLR, gamma: 0.95}
"""
ENDINGS = "  hint: end the name in one of .png, .svg, .pdf, .html\n"
PNG, PDF = b"\x89PNG\r\n\x1a\n", b"%PDF-"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "second.yaml").write_text(SECOND)
    return tmp_path


def test_the_picture_is_named_after_the_file_and_its_path_is_printed(folder: Path) -> None:
    assert lrviz("plot", "second.yaml", cwd=folder) == (0, "second.png\n", "")
    assert (folder / "second.png").read_bytes().startswith(PNG)
    assert sorted(os.listdir(folder)) == ["second.png", "second.yaml"]
    first = (folder / "second.png").read_bytes()
    assert lrviz("plot", "second.yaml", cwd=folder).status == 0, "lrviz replaces its own picture"
    assert (folder / "second.png").read_bytes() == first


def test_svg_has_the_names_as_text_and_pdf_is_pdf(folder: Path) -> None:
    assert lrviz("plot", "second.yaml", "-o", "x.svg", cwd=folder) == (0, "x.svg\n", "")
    svg = (folder / "x.svg").read_text()
    assert all(f">{name}</text>" in svg for name in ("step", "cosine", "hot", "epoch", "learning rate"))
    assert lrviz("plot", "second.yaml", "-o", "x.pdf", cwd=folder) == (0, "x.pdf\n", "")
    assert (folder / "x.pdf").read_bytes().startswith(PDF)


def test_standard_output_gets_the_bytes_and_nothing_else(folder: Path) -> None:
    done = lrviz_bytes("plot", "second.yaml", "-o", "-", cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"")
    lrviz("plot", "second.yaml", cwd=folder)
    assert done.stdout == (folder / "second.png").read_bytes()
    as_svg = lrviz_bytes("plot", "second.yaml", "-o", "-", "--format", "svg", cwd=folder)
    assert b"<svg" in as_svg.stdout


def test_several_files_make_one_picture(folder: Path) -> None:
    (folder / "third.yaml").write_text(SECOND.replace("step:", "late:"))
    assert lrviz("plot", "second.yaml", "third.yaml", "-o", "x.svg", cwd=folder).status == 0
    svg = (folder / "x.svg").read_text()
    for name in ("step", "late", "second.yaml:cosine", "third.yaml:cosine", "second.yaml:hot", "third.yaml:hot"):
        assert f">{name}</text>" in svg
    assert lrviz("plot", "second.yaml", "third.yaml", cwd=folder).out == "lrviz.png\n"
    assert lrviz("plot", ".", cwd=folder).out == f"{folder.name}.png\n"


def test_standard_input_and_the_starter_have_names_too(tmp_path: Path) -> None:
    assert lrviz("plot", "-", text=SECOND, cwd=tmp_path).out == "stdin.png\n"
    assert lrviz("plot", cwd=tmp_path).out == "starter.png\n"


def test_a_picture_that_nobody_named_replaces_no_file_of_others(folder: Path) -> None:
    (folder / "second.png").write_bytes(b"my holiday")
    status, out, err = lrviz("plot", "second.yaml", cwd=folder)
    assert (status, out) == (2, "")
    assert err == (
        "second.png: error: this file exists, and lrviz did not make it\n  hint: to replace it, give -o second.png\n"
    )
    assert (folder / "second.png").read_bytes() == b"my holiday"
    assert lrviz("plot", "second.yaml", "-o", "second.png", cwd=folder).status == 0
    assert (folder / "second.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("x.gif", f"x.gif: error: lrviz cannot write pictures that end in .gif\n{ENDINGS}"),
        ("x", f"x: error: lrviz needs to know the kind of picture\n{ENDINGS}"),
        ("no/x.png", "no/x.png: error: there is no folder 'no'\n  hint: make it first\n"),
        ("dir.png", "dir.png: error: this is a folder, not a file\n  hint: name a file in it: -o dir.png/second.png\n"),
    ],
)
def test_places_that_no_picture_can_go_to(folder: Path, output: str, message: str) -> None:
    (folder / "dir.png").mkdir()
    assert lrviz("plot", "second.yaml", "-o", output, cwd=folder) == (2, "", message)
    assert sorted(os.listdir(folder)) == ["dir.png", "second.yaml"]


def test_a_link_stays_a_link_and_permissions_stay(folder: Path) -> None:
    (folder / "real.png").write_bytes(b"old")
    (folder / "real.png").chmod(0o640)
    (folder / "link.png").symlink_to("real.png")
    assert lrviz("plot", "second.yaml", "-o", "link.png", cwd=folder).status == 0
    assert (folder / "link.png").is_symlink()
    assert (folder / "real.png").read_bytes().startswith(PNG)
    assert stat.S_IMODE((folder / "real.png").stat().st_mode) == 0o640


def test_a_file_with_errors_leaves_the_old_picture_alone(folder: Path) -> None:
    lrviz("plot", "second.yaml", cwd=folder)
    before = (folder / "second.png").read_bytes()
    (folder / "second.yaml").write_text(SECOND.replace("ExponentialLR", "exponential"))
    status, out, err = lrviz("plot", "second.yaml", cwd=folder)
    assert (status, out) == (2, "")
    assert "did you mean ExponentialLR?" in err
    assert (folder / "second.png").read_bytes() == before


def test_size_and_dpi(folder: Path) -> None:
    lrviz("plot", "second.yaml", "--size", "5x3", "--dpi", "100", cwd=folder)
    header = (folder / "second.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (500, 300)
    status, _, err = lrviz("plot", "second.yaml", "--size", "wide", cwd=folder)
    assert status == 2
    assert "'wide' is not a size like 8x5, in inches" in err


def test_the_title_may_be_given(folder: Path) -> None:
    lrviz("plot", "second.yaml", "--title", "My $runs", "-o", "x.svg", cwd=folder)
    assert ">My $runs</text>" in (folder / "x.svg").read_text()


def test_pictures_say_who_made_them_and_not_when(folder: Path) -> None:
    lrviz("plot", "second.yaml", cwd=folder)
    data = (folder / "second.png").read_bytes()
    assert b"Software\x00lrviz" in data
    assert b"matplotlib" not in data
    assert zlib.crc32(data) == zlib.crc32(lrviz_bytes("plot", "second.yaml", "-o", "-", cwd=folder).stdout)


@pytest.mark.parametrize("format", ["png", "svg", "pdf", "html"])
def test_every_kind_of_picture_may_be_made_again_under_its_default_name(folder: Path, format: str) -> None:
    for _ in range(2):
        assert lrviz("plot", "second.yaml", "--format", format, cwd=folder) == (0, f"second.{format}\n", "")


def test_a_picture_of_more_pixels_than_memory_is_refused(folder: Path) -> None:
    status, _, err = lrviz("plot", "second.yaml", "--size", "100x100", "--dpi", "1200", cwd=folder)
    assert (status, err.splitlines()[0]) == (2, "lrviz: error: a picture of 120,000 x 120,000 pixels is too large")


def test_what_is_not_drawn_is_said(folder: Path) -> None:
    (folder / "boom.yaml").write_text(
        "epochs: 400\noptimizer: {lr: 1.0}\nscheduler: {type: ExponentialLR, gamma: 10}\n"
    )
    status, out, err = lrviz("plot", "boom.yaml", "--log", cwd=folder)
    assert (status, out, err) == (
        0,
        "boom.png\n",
        "lrviz: 1 error: lrviz check boom.yaml\nlrviz: boom is 1e100 at epoch 100, which cannot be drawn\n",
    )


def test_a_title_that_cannot_be_read_is_refused(folder: Path) -> None:
    assert lrviz("plot", "second.yaml", "--title", "a\x07b", cwd=folder).status == 2
    (folder / "bell.yaml").write_text('epochs: 3\noptimizer: {lr: 0.1}\nscheduler: none\ntitle: "a\\x07b"\n')
    status, _, err = lrviz("plot", "bell.yaml", cwd=folder)
    assert (status, err) == (2, "bell.yaml:4:8: error: title must be readable text (got 'a\\x07b')\n")


def test_the_terminal_and_a_file_get_one_simulation(folder: Path) -> None:
    status, out, err = lrviz("plot", "second.yaml", "--terminal", "-o", "x.png", "-v", cwd=folder)
    assert status == 0
    assert err.count("100 calls of scheduler.step()") == 3  # one for each schedule
    assert out.endswith("\nx.png\n")
    assert lrviz("plot", "second.yaml", "--terminal", cwd=folder) == (0, out.removesuffix("x.png\n"), "")
    assert sorted(os.listdir(folder)) == ["second.yaml", "x.png"]
    lrviz("plot", "second.yaml", cwd=folder)
    assert (folder / "x.png").read_bytes() == (folder / "second.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--terminal", "-o", "-"], "--terminal and -o - both write to standard output\n  hint: save into a file"),
        (["--open", "-o", "-"], "--open needs a picture that is saved\n  hint: save it"),
        (["--open", "--terminal"], "--open needs a picture that is saved\n  hint: save it"),
    ],
)
def test_places_that_exclude_each_other(folder: Path, options: list[str], message: str) -> None:
    assert lrviz("plot", "second.yaml", *options, cwd=folder) == (2, "", f"lrviz: error: {message}: -o x.png\n")


def test_letters_that_no_font_has_are_told_of(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "title: 学習率, größer\nepochs: 3\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\n", encoding="utf-8"
    )
    done = lrviz("plot", file, "-o", "x.png", cwd=tmp_path)
    said = "lrviz: the fonts of the picture lack 学 習 率; an SVG or a page shows them in the viewer's own fonts\n"
    assert (done.status, done.out, done.err) == (0, "x.png\n", said)
    assert lrviz("plot", file, "-o", "x.svg", cwd=tmp_path).err == ""


@pytest.mark.parametrize(("where", "has"), [(["--terminal"], "a terminal"), (["-o", "x.html"], "a page")])
def test_letters_of_a_size_need_a_picture(where: list[str], has: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("epochs: 3\noptimizer: {lr: 0.1}\nscheduler: none\n")
    status, _, err = lrviz("plot", "s.yaml", "--font-size", "16", *where, cwd=tmp_path)
    assert (status, err.splitlines()[0]) == (
        2,
        f"lrviz: error: --font-size sets the letters of a picture; {has} has its own",
    )
    assert lrviz("plot", "s.yaml", "--font-size", "16", "--terminal", "-o", "x.svg", cwd=tmp_path).status == 0
