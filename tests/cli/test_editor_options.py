"""What editors and scripts ask for: a name for standard input, and findings without notes."""

from __future__ import annotations

from pathlib import Path

from process import lrviz

BARE = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.9}\n"
BROKEN = BARE.replace("gamma", "gama")


def test_standard_input_has_the_name_that_it_is_given(tmp_path: Path) -> None:
    given = ["-", "--stdin-filename", "plans/a.yaml"]
    status, out, err = lrviz("at", "0", *given, cwd=tmp_path, text=BROKEN)
    assert (status, out) == (2, "")
    assert err.startswith("plans/a.yaml:3:")
    _, out, _ = lrviz("check", *given, "--format", "concise", cwd=tmp_path, text=BARE)
    assert out.startswith("plans/a.yaml:")
    _, out, _ = lrviz("at", "0", "--format", "csv", *given, cwd=tmp_path, text=BARE)
    assert out.splitlines()[1].startswith("a,")


def test_files_are_named_from_the_place_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans/m.csv").write_text("loss\n1\n2\n3\n")
    plan = (
        "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: {file: m.csv, column: loss}\n"
    )
    assert lrviz("at", "0", "-", cwd=tmp_path, text=plan).status == 2
    assert lrviz("at", "0", "-", "--stdin-filename", "plans/a.yaml", cwd=tmp_path, text=plan).out == "0.1\n"


def test_a_quiet_check_leaves_out_notes_but_none_that_fails(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(BARE)
    assert "note" in lrviz("check", "s.yaml", cwd=tmp_path).out
    assert lrviz("check", "s.yaml", "-q", cwd=tmp_path) == (0, "", "")
    status, out, _ = lrviz("check", "s.yaml", "-q", "--require-expect", cwd=tmp_path)
    assert status == 2
    assert "nothing-expected" in out
