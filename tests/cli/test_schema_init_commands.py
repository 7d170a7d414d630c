"""`lrviz init` and `lrviz schema`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

from process import lrviz

from lrviz.schedule.schema.build import json_schema

HINT = "lrviz: for completion in an editor: lrviz schema -o lrviz.schema.json\n"
MODELINE = "# yaml-language-server: $schema=./lrviz.schema.json\n"


def test_schema_prints_json_schema(tmp_path: Path) -> None:
    status, out, err = lrviz("schema", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert json.loads(out) == json_schema()
    assert out.startswith('{\n  "$schema": "http://json-schema.org/draft-07/schema#",\n')
    assert out.endswith("}\n")
    assert out.isascii()
    assert lrviz("schema", "-o", "-", cwd=tmp_path) == (0, out, "")
    assert list(tmp_path.iterdir()) == []


def test_schema_writes_a_file_and_replaces_its_own_older_one(tmp_path: Path) -> None:
    (tmp_path / "lrviz.schema.json").write_text("{}")
    assert lrviz("schema", "-o", "lrviz.schema.json", cwd=tmp_path) == (0, "lrviz.schema.json\n", "")
    assert (tmp_path / "lrviz.schema.json").read_text() == lrviz("schema").out
    assert lrviz("schema", "-o", "::x\u202e.json", cwd=tmp_path).out == "\\x3a\\x3ax\\u202e.json\n"
    status, out, err = lrviz("schema", "-o", "nowhere/x.json", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err == "nowhere/x.json: error: there is no folder 'nowhere'\n  hint: make it first\n"


def test_init_writes_a_file_that_every_verb_finds(tmp_path: Path) -> None:
    assert lrviz("init", cwd=tmp_path) == (0, "schedule.yaml\n", HINT)
    assert [file.name for file in tmp_path.iterdir()] == ["schedule.yaml"]
    assert (tmp_path / "schedule.yaml").read_text().startswith(MODELINE)
    status, out, err = lrviz("table", "--every", "45", "--end", "--format", "csv", cwd=tmp_path)
    assert (status, err) == (0, "")
    rows = [line.split(",") for line in out.splitlines()]
    assert rows[0] == ["epoch", "step", "schedule"]
    assert [(row[0], round(float(row[2]), 12)) for row in rows[1:]] == [("0", 0.1), ("45", 0.05), ("end", 0.0)]


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "schedule.yaml").write_text("mine")
    (tmp_path / "nowhere.yaml").symlink_to("gone")
    for arguments, name in (((), "schedule.yaml"), (("-o", "nowhere.yaml"), "nowhere.yaml"), (("-o", "."), ".")):
        status, out, err = lrviz("init", *arguments, cwd=tmp_path)
        assert (status, out) == (2, "")
        assert err == (
            f"{name}: error: this file exists already, and init never overwrites\n"
            "  hint: name another file: lrviz init -o FILE\n"
        )
    assert (tmp_path / "schedule.yaml").read_text() == "mine"
    assert not (tmp_path / "gone").exists()


def test_init_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "my runs").mkdir()
    status, out, err = lrviz("init", "-o", "my runs/a.yaml", cwd=tmp_path)
    assert (status, out) == (0, "my runs/a.yaml\n")
    assert err == "lrviz: for completion in an editor: lrviz schema -o 'my runs/lrviz.schema.json'\n"
    text = (tmp_path / "my runs" / "a.yaml").read_text(encoding="utf-8")
    assert lrviz("init", "-o", "-", cwd=tmp_path) == (0, text, "")
    assert lrviz("init", "-q", "-o", "b.yaml", cwd=tmp_path) == (0, "b.yaml\n", "")
    (tmp_path / "lrviz.schema.json").write_text("{}")
    assert lrviz("init", "-o", "c.yaml", cwd=tmp_path) == (0, "c.yaml\n", "")
    status, out, err = lrviz("init", "-o", "nowhere/x.yaml", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("nowhere/x.yaml: error: there is no folder 'nowhere'")


def test_help_of_both_fits_80_columns() -> None:
    for verb, first in (("init", "Write a schedule file to start from"), ("schema", "Print the JSON Schema")):
        status, out, _ = lrviz(verb, "--help")
        assert status == 0
        assert first in out
        assert all(len(line) <= 80 for line in out.splitlines())
