"""`lrviz diff`, as it is typed: the same or not, against files, snapshots and standard input, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process import lrviz, lrviz_bytes

OLD = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10, gamma: 0.9}\n"
NEW = OLD.replace("0.9", "0.5")
SEVERAL = """\
epochs: 4
optimizer: {lr: 0.1}
schedules:
  same: {scheduler: none}
  step: {scheduler: {type: StepLR, step_size: 2, gamma: 0.5}}
  gone: {scheduler: none}
"""
PAGE = """\
A  old.yaml
B  new.yaml

they differ at 20 of 30 epochs, and at the end

                               A        B      B / A
first, epoch 10             0.09     0.05   0.555556
largest ratio, epoch 20    0.081    0.025   0.308642
end                       0.0729   0.0125   0.171468
peak                         0.1      0.1          1
area, in epochs             2.71     1.75   0.645756

     learning rate
 0.1 +AABBAABBAABBAABBAABBAABB
     |                        AAAAAAAAAAAAAAAAAAAAAAAA
     |                        B                       AAAAAAAAAAAAAAAAAAAAAAAA A
     |                        B
0.05 +                        BBBBBBBBBBBBBBBBBBBBBBBB
     |                                                B
     |                                                BBBBBBBBBBBBBBBBBBBBBBBB B
     |
   0 +
     ++-----------+-----------+-----------+-----------+-----------+----------+
      0           5           10          15          20          25        30
                                       epoch
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    (tmp_path / "a.yaml").write_text(SEVERAL)
    (tmp_path / "b.yaml").write_text(SEVERAL.replace("gone", "new").replace("0.5", "0.4"))
    return tmp_path


def test_the_same_is_one_line(folder: Path) -> None:
    assert lrviz("diff", "old.yaml", "old.yaml", cwd=folder) == (
        0, "old.yaml and old.yaml are the same at all 30 epochs and the end, bit for bit\n", "",
    )  # fmt: skip


def test_what_differs_is_a_page_and_exit_status_1(folder: Path) -> None:
    assert lrviz("diff", "old.yaml", "new.yaml", cwd=folder, PYTHONIOENCODING="ascii") == (1, PAGE, "")
    status, out, err = lrviz("diff", "old.yaml", "new.yaml", cwd=folder)
    assert (status, err) == (1, "")
    assert out.startswith(PAGE[: PAGE.index(" 0.1 +")])
    assert "0.05 ┤" in out
    assert "⠤" in out


def test_a_difference_within_the_tolerance_is_none(folder: Path) -> None:
    (folder / "near.yaml").write_text(OLD.replace("lr: 0.1", "lr: 0.1001"))
    assert lrviz("diff", "old.yaml", "near.yaml", "--tolerance", "1e-2", cwd=folder) == (
        0, "old.yaml and near.yaml are the same at all 30 epochs and the end, within 0.01\n", "",
    )  # fmt: skip
    assert lrviz("diff", "old.yaml", "near.yaml", "--tolerance", "1e-4", cwd=folder).status == 1
    status, out, err = lrviz("diff", "old.yaml", "near.yaml", "--tolerance", "nan", cwd=folder)
    assert (status, out) == (2, "")
    assert "'nan' is not a number of at least 0" in err


def test_schedules_are_matched_by_name_and_those_without_a_partner_are_named(folder: Path) -> None:
    status, out, err = lrviz("diff", "a.yaml", "b.yaml", cwd=folder, PYTHONIOENCODING="ascii")
    assert (status, err) == (1, "")
    assert out.startswith(
        "A  a.yaml\nB  b.yaml\n\nsame: the same at all 4 epochs and the end, bit for bit\n\n"
        "step: they differ at 2 of 4 epochs, and at the end\n"
    )
    assert out.endswith("\n\nonly in A: gone\nonly in B: new\n")
    status, out, _ = lrviz("diff", "a.yaml", "b.yaml", "--only", "same", cwd=folder)
    assert (status, out) == (0, "a.yaml and b.yaml are the same at all 4 epochs and the end, bit for bit\n")
    (folder / "c.yaml").write_text(SEVERAL.replace("  gone: {scheduler: none}\n", ""))
    status, out, _ = lrviz("diff", "a.yaml", "c.yaml", cwd=folder)
    assert (status, out.splitlines()[-1]) == (1, "only in A: gone")


def test_two_alone_are_compared_whatever_they_are_called(folder: Path) -> None:
    status, out, _ = lrviz("diff", "a.yaml", "old.yaml", "--only", "same", "--only", "old", cwd=folder)
    assert (status, out.splitlines()[:2]) == (1, ["A  a.yaml: same", "B  old.yaml"])
    assert out.splitlines()[3] == "A is 4 epochs long, B 30 epochs; the part that both have is compared"
    assert out.splitlines()[4] == "the same at all 4 epochs"


def test_another_revision_on_standard_input(folder: Path) -> None:
    status, out, err = lrviz("diff", "-", "new.yaml", cwd=folder, text=OLD, PYTHONIOENCODING="ascii")
    assert (status, out, err) == (1, PAGE.replace("A  old.yaml", "A  <stdin>"), "")
    assert lrviz("diff", "-", "old.yaml", cwd=folder, text=OLD).out == (
        "<stdin> and old.yaml are the same at all 30 epochs and the end, bit for bit\n"
    )


def test_a_snapshot_in_a_file_or_on_standard_input(folder: Path) -> None:
    (folder / "s.yaml").write_text(OLD + "expect: {snapshot: s.csv}\n")
    assert lrviz("check", "s.yaml", "--update", cwd=folder).status == 0
    for source, text in (("s.csv", None), ("-", (folder / "s.csv").read_text())):
        name = "<stdin>: s" if text else "s.csv"
        assert lrviz("diff", source, "old.yaml", cwd=folder, text=text) == (
            0, f"{name} and old.yaml are the same at all 30 epochs and the end, bit for bit\n", "",
        )  # fmt: skip
    out = lrviz("diff", "s.csv", "new.yaml", cwd=folder, PYTHONIOENCODING="ascii").out
    assert out == PAGE.replace("A  old.yaml", "A  s.csv")
    (folder / "log.csv").write_text("epoch,lr\n0,0.1\n")
    status, out, err = lrviz("diff", "log.csv", "old.yaml", cwd=folder)
    assert (status, out) == (2, "")
    assert err.startswith("log.csv: error: the snapshot cannot be read: it is not a snapshot: it does not begin with")


def test_values_from_the_command_line_reach_both(folder: Path) -> None:
    assert lrviz("diff", "old.yaml", "new.yaml", "--set", "gamma=0.3", "--epochs", "12", cwd=folder).out == (
        "old.yaml and new.yaml are the same at all 12 epochs and the end, bit for bit\n"
    )
    assert lrviz("diff", "old.yaml", "old.yaml", "--set", "gamma=0.3,0.4", cwd=folder).out == (
        "old gamma=0.3: the same at all 30 epochs and the end, bit for bit\n"
        "old gamma=0.4: the same at all 30 epochs and the end, bit for bit\n"
    )


def test_json_holds_every_bit(folder: Path) -> None:
    status, out, _ = lrviz("diff", "old.yaml", "new.yaml", "--format", "json", cwd=folder)
    page = json.loads(out)
    assert (status, page["version"], page["same"], page["a"], page["b"], page["tolerance"]) == (
        1, 1, False, "old.yaml", "new.yaml", 1e-12,
    )  # fmt: skip
    (pair,) = page["pairs"]
    (group,) = pair["groups"]
    assert (pair["unit"], pair["lengths"], pair["compared"], pair["identical"]) == ("epoch", [30, 30], 30, False)
    assert group["first"] == {"epoch": 10, "step": None, "a": 0.1 * 0.9, "b": 0.05, "ratio": 0.05 / (0.1 * 0.9)}
    assert group["end"] == {"a": 0.1 * 0.9 * 0.9 * 0.9, "b": 0.0125, "ratio": 0.0125 / (0.1 * 0.9 * 0.9 * 0.9)}
    assert group["differing"] == 20


@pytest.mark.parametrize(("name", "magic"), [("d.png", b"\x89PNG"), ("d.svg", b"<?xml"), ("d.pdf", b"%PDF")])
def test_a_picture_is_saved_too(folder: Path, name: str, magic: bytes) -> None:
    assert lrviz("diff", "old.yaml", "new.yaml", "-o", name, cwd=folder, PYTHONIOENCODING="ascii") == (1, PAGE, "")
    data = (folder / name).read_bytes()
    assert data.startswith(magic)
    assert lrviz_bytes("diff", "old.yaml", "new.yaml", "-o", name, cwd=folder).returncode == 1
    assert (folder / name).read_bytes() == data


def test_wrong_input_is_said_all_at_once(folder: Path) -> None:
    (folder / "bad.yaml").write_text(OLD.replace("StepLR", "steplr"))
    assert lrviz("diff", "bad.yaml", "none.yaml", cwd=folder) == (
        2, "",
        "bad.yaml:3:19: error: torch has no scheduler 'steplr'\n  hint: did you mean StepLR?\n"
        "none.yaml: error: there is no such file\n",
    )  # fmt: skip
    assert lrviz("diff", ".", "old.yaml", cwd=folder).err == (
        ".: error: this is a folder, but diff compares two files\n  hint: name a file in it\n"
    )
    assert lrviz("diff", "-", "-", cwd=folder).err == (
        "lrviz: error: only one of the two sources can be standard input\n"
    )
    assert lrviz("diff", "old.yaml", "new.yaml", "-o", "d.gif", cwd=folder).err == (
        "d.gif: error: the name does not say what kind of picture to write\n  hint: end it in one of .png, .svg, .pdf\n"
    )
    status, out, err = lrviz("diff", "a.yaml", "b.yaml", "-o", "d.png", cwd=folder)
    assert (status, out) == (2, "")
    assert err == (
        "d.png: error: a picture shows one pair of schedules, but there are 2\n  hint: choose with --only: same, step\n"
    )
    assert not (folder / "d.png").exists()
    assert lrviz("diff", "old.yaml", cwd=folder).status == 2


def test_a_remark_on_one_file_is_said_once(folder: Path) -> None:
    (folder / "s.yaml").write_text(OLD.replace("step_size: 10", "step_size: 2.4 epochs"))
    err = lrviz("diff", "s.yaml", "s.yaml", cwd=folder).err
    assert err.count("2.4 epochs") == 1


kinds = st.sampled_from(
    ["{type: StepLR, step_size: 3}", "{type: CosineAnnealingLR}", "{type: OneCycleLR, max_lr: 0.3}", "none"]
)


@given(kind=kinds, epochs=st.integers(3, 12), groups=st.integers(1, 3))
@settings(max_examples=6, deadline=None)
def test_a_file_is_the_same_as_itself(
    tmp_path_factory: pytest.TempPathFactory, kind: str, epochs: int, groups: int
) -> None:
    folder = tmp_path_factory.mktemp("itself")
    members = ", ".join(f"{{lr: {0.1 * (at + 1)}, name: g{at}}}" for at in range(groups))
    (folder / "s.yaml").write_text(f"epochs: {epochs}\noptimizer: {{groups: [{members}]}}\nscheduler: {kind}\n")
    status, out, err = lrviz("diff", "s.yaml", "s.yaml", cwd=folder)
    assert (status, out, err) == (
        0, f"s.yaml and s.yaml are the same at all {epochs} epochs and the end, bit for bit\n", "",
    )  # fmt: skip
