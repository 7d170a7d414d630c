"""What people type on a command line, and what they are told to type instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

PLAN = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.9}\nexpect: {at: {0: 0.1}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(PLAN)
    (tmp_path / "log.csv").write_text("epoch,lr\n0,0.1\n")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "p.svg").write_bytes(b'<?xml version="1.0"?>\n<svg></svg>\n')
    return tmp_path


SAID = {
    "a format of spreadsheets": (
        ["table", "s.yaml", "--format", "xlsx"],
        "Error: Invalid value for '--format': 'xlsx' is not one of 'table', 'csv', 'json', 'markdown'; "
        "a spreadsheet opens what lrviz table --format csv prints\n",
    ),
    "a wrong format": (
        ["check", "s.yaml", "--format", "xml"],
        "Error: Invalid value for '--format': 'xml' is not one of ",
    ),
    "a picture of numbers": (
        ["plot", "s.yaml", "-o", "x.xlsx"],
        "x.xlsx: error: lrviz cannot write pictures that end in .xlsx\n"
        "  hint: end the name in one of .png, .svg, .pdf, .html; "
        "numbers are printed by lrviz table, and a spreadsheet opens its --format csv\n",
    ),
    "a folder for a picture": (
        ["plot", "s.yaml", "-o", "pictures"],
        "pictures: error: this is a folder, not a file\n  hint: name a file in it: -o pictures/s.png\n",
    ),
    "a folder for a page": (
        ["plot", "s.yaml", "-o", "pictures/", "--format", "html"],
        "pictures/: error: this is a folder, not a file\n  hint: name a file in it: -o pictures/s.html\n",
    ),
    "a picture as a schedule": (
        ["table", "p.png"],
        "p.png: error: this is a PNG picture, not a schedule file\n  hint: name the YAML file that it was made from\n",
    ),
    "an SVG picture as a schedule": (["at", "0", "p.svg"], "p.svg: error: this is XML, perhaps an SVG picture, not a "),
    "a place outside of the run": (
        ["at", "500", "s.yaml"],
        "lrviz: error: s: 500 is outside the run: its last place is epoch 2\n  hint: write `last` for the last step\n",
    ),
    "a group that is none": (
        ["check", "s.yaml", "--run", "log.csv", "--group", "head"],
        "lrviz: error: --group: s has no param group 'head'\n  hint: the only valid name is 0\n",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_mistake_on_the_command_line_gets_a_hint(folder: Path, name: str) -> None:
    words, said = SAID[name]
    status, out, err = lrviz(*words, cwd=folder)
    assert (status, out) == (2, "")
    assert said in err
    assert "Value error" not in err
