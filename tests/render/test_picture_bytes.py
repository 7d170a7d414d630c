"""The same input gives the same bytes, in every format: elsewhere, under another locale, with a matplotlibrc there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from curves import curve
from matplotlib.figure import Figure
from test_marks import GALLERY, shown_of_files

from lrviz.errors import ScheduleError
from lrviz.render.picture.figure import draw, render, save
from lrviz.render.style import FORMATS, Look

FILES = [GALLERY / "basics/one-cycle.yaml", GALLERY / "basics/fine-tuning.yaml", GALLERY / "basics/side-by-side.yaml"]
LOOKS = [Look(), Look(theme="paper", log=True, grid=True)]

SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_picture_bytes import FILES, LOOKS, FORMATS
from lrviz.cli.picture import Order, drawn, sources
from lrviz.cli.sources import Selection
from lrviz.cli.streams import Notes

for look, files in zip(LOOKS, ([str(FILES[0])], [str(file) for file in FILES])):
    for format in (*FORMATS, "html"):
        order, notes = Order(Selection(files), look, format), Notes(True, False)
        print(format, len(files), hashlib.sha256(drawn(order, sources(order, notes), notes)).hexdigest())
"""


def digests(folder: Path, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_bytes_do_not_depend_on_folder_day_locale_or_matplotlibrc(tmp_path: Path) -> None:
    other = tmp_path / "else where"
    other.mkdir()
    (other / "matplotlibrc").write_text("lines.linewidth: 9\naxes.facecolor: red\nsvg.fonttype: path\nfont.size: 30\n")
    elsewhere = {
        "SOURCE_DATE_EPOCH": "0", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7",
        "MPLBACKEND": "svg",
    }  # fmt: skip
    here = digests(tmp_path)
    assert len(here) == 8
    assert len(set(here)) == 8
    assert digests(other, **elsewhere) == here


@pytest.mark.parametrize("format", FORMATS)
def test_bytes_are_the_same_twice_in_one_process(format: str) -> None:
    first = render(shown_of_files(str(FILES[0])), format, Look(theme="dark"))
    render([curve([0.1, 0.5], name="between")], "svg", Look(grid=True))
    assert render(shown_of_files(str(FILES[0])), format, Look(theme="dark")) == first


def test_places_do_not_depend_on_what_was_drawn_before() -> None:
    """The solver of the layout adds up in the order of addresses; a millionth of a picture is what is kept."""
    for look in (Look(), Look(grid=True)):
        figure = draw(shown_of_files(*map(str, FILES)), look)
        places = [part for ax in figure.axes for part in ax.get_position().bounds]
        assert places == pytest.approx([round(part, 6) for part in places], abs=1e-15)


def test_the_users_settings_are_left_as_they_were() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    render([curve([0.1, 0.2])], "png", Look(theme="dark"))
    assert dict(matplotlib.rcParams) == before


def test_words_of_an_svg_are_text_and_it_names_no_day_and_no_version() -> None:
    svg = render(shown_of_files(str(FILES[0])), "svg").decode()
    for words in ("1cycle on CIFAR-10", "warmup", "learning rate", "peak 0.1"):
        assert f">{words}" in svg
    assert "<dc:date>" not in svg
    assert "Matplotlib v" not in svg


def test_the_source_of_a_picture_is_a_link_where_it_is_one() -> None:
    linked = replace(curve([0.1, 0.2]), source="https://example.org/paper")
    assert '<a xlink:href="https://example.org/paper"' in render([linked], "svg").decode()
    for source in ("Smith 2018", "javascript:alert(1)", 'https://example.org/"><script>'):
        svg = render([replace(linked, source=source)], "svg").decode()
        assert "<script" not in svg
        assert ("<a " in svg) == source.startswith("https:")


def test_a_picture_of_too_many_pixels_is_refused_whoever_chose_its_size() -> None:
    with pytest.raises(ScheduleError, match="a picture of 12,000 x 12,000 pixels is too large"):
        save(Figure(figsize=(10, 10)), "png", 1200)
