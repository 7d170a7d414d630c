"""`lrviz plot --terminal` as a process in a terminal of a given size, and what it writes where there is none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from process import lrviz, lrviz_bytes
from rich.cells import cell_len
from screen import SGR, on_screen, plain

GOLDEN = Path(__file__).parent / "golden"
BASICS = Path(__file__).parent.parent.parent / "schedules" / "basics"

SIZES = {
    (80, 24): ["one-cycle.yaml", "--log"],
    (50, 15): ["side-by-side.yaml"],
    (132, 50): ["side-by-side.yaml", "--grid"],
    (20, 8): ["side-by-side.yaml"],
}

GOLDEN_SCREENS: dict[str, tuple[list[str], tuple[int, int], dict[str, str]]] = {
    "terminal-warmup-80x24.txt": (["warmup-cosine.yaml"], (80, 24), {"NO_COLOR": "1"}),
    "terminal-one-cycle-50x15.txt": (["one-cycle.yaml"], (50, 15), {"NO_COLOR": "1"}),
    "terminal-side-by-side-80x24.txt": (["side-by-side.yaml"], (80, 24), {"NO_COLOR": "1"}),
    "terminal-side-by-side-color.txt": (["side-by-side.yaml", "--linear"], (80, 24), {}),
    "terminal-side-by-side-ascii.txt": (["side-by-side.yaml", "--linear"], (60, 20), {"PYTHONIOENCODING": "ascii"}),
    "terminal-fine-tuning-log.txt": (["fine-tuning.yaml", "--log"], (132, 50), {"NO_COLOR": "1"}),
    "terminal-cyclic-grid.txt": (["cyclic.yaml", "--grid"], (80, 24), {"NO_COLOR": "1"}),
}


def screen(arguments: list[str], size: tuple[int, int], more: dict[str, Any]) -> str:
    file, *options = arguments
    return on_screen("plot", "--terminal", BASICS / file, *options, columns=size[0], rows=size[1], **more)


@pytest.mark.parametrize("file", GOLDEN_SCREENS)
def test_golden_screen(file: str, golden: Golden) -> None:
    golden.same_text(GOLDEN / file, screen(*GOLDEN_SCREENS[file]))


def test_there_is_no_golden_file_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / file for file in GOLDEN_SCREENS))


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_fits_its_window_and_leaves_two_rows(size: tuple[int, int]) -> None:
    text = screen(SIZES[size], size, {})
    lines = plain(text).splitlines()
    assert size[1] // 2 <= len(lines) <= size[1] - 2
    assert size[0] * 0.8 <= max(map(cell_len, lines)) <= size[0]
    assert "\x1b[" in text
    assert "\x1b" not in SGR.sub("", text), "no codes but those of colours"


def test_a_larger_window_has_a_larger_picture() -> None:
    small, large = (plain(screen(["one-cycle.yaml"], size, {})).splitlines() for size in ((50, 15), (132, 50)))
    assert len(small) < len(large)
    assert "peak 0.1 at step 3,518 (epoch 8.99744), last 4e-7," in small  # a sentence may take the whole width, 50
    assert max(map(len, small)) == 50 < 100 < max(map(len, large))


def test_columns_and_lines_say_how_large_a_window_is() -> None:
    text = screen(["one-cycle.yaml"], (80, 24), {"COLUMNS": "44", "LINES": "12", "NO_COLOR": "1"})
    assert text == screen(["one-cycle.yaml"], (44, 12), {"NO_COLOR": "1"})


def test_no_codes_where_nobody_wants_them() -> None:
    assert "\x1b" not in screen(["side-by-side.yaml"], (80, 24), {"NO_COLOR": "1"})
    assert "\x1b" not in screen(["side-by-side.yaml", "--color", "never"], (80, 24), {})


def test_off_a_terminal_it_is_80_wide_and_plain() -> None:
    status, out, err = lrviz("plot", "--terminal", BASICS / "side-by-side.yaml")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert lrviz("plot", "--terminal", BASICS / "side-by-side.yaml", COLUMNS="40").out == out
    assert "\x1b[" in lrviz("plot", "--terminal", BASICS / "side-by-side.yaml", "--color", "always").out


def test_it_saves_nothing(tmp_path: Path) -> None:
    assert lrviz("plot", "--terminal", BASICS / "smallest.yaml", cwd=tmp_path).status == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_without_braille_gets_ascii(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "title: 学習率 über x\nepochs: 9\noptimizer: {lr: 0.1}\nschedules: {größe: &x {scheduler: none}, b: *x}\n",
        encoding="utf-8",
    )
    done = lrviz_bytes("plot", "--terminal", "s.yaml", cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "gr??e" in done.stdout.decode("ascii")


def test_the_peak_is_that_of_the_table() -> None:
    text = screen(["warmup-cosine.yaml"], (80, 24), {"NO_COLOR": "1"})
    said = re.search(r"peak (\S+) at epoch (\d+), last (\S+), end (\S+)", text)
    assert said is not None
    rows = [
        line.split(",")
        for line in lrviz("table", BASICS / "warmup-cosine.yaml", "--format", "csv", "--end").out.splitlines()
    ]
    values = {epoch: float(value) for epoch, *_, value in rows[1:]}
    assert float(said[1]) == values[said[2]] == max(values.values())
    assert float(said[3]) == pytest.approx(values["89"], rel=1e-5)
    assert float(said[4]) == values["end"]


def test_one_drawing_serves_the_other_verbs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("epochs: 50\noptimizer: {lr: 1e-4}\nscheduler: none\n")
    (tmp_path / "b.yaml").write_text(
        "epochs: 50\noptimizer: {lr: 1e-4}\nscheduler: {type: ExponentialLR, gamma: 0.99}\n"
    )
    out = lrviz("diff", "a.yaml", "b.yaml", cwd=tmp_path).out
    assert {"1e-4 ┤", "5e-5 ┤", "0 ┤"} <= set(re.findall(r"\S+ ┤", out))
    assert out.rstrip().endswith("epoch")
    assert "0.1 ┤" in lrviz("schedulers", "cosine").out
