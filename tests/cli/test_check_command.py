"""`lrviz check`, as it is typed: what is printed where, what is written, and the exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from process import lrviz

from lrviz.checks.finding import Finding, Results
from lrviz.checks.report import FORMATS
from lrviz.cli.status import Status, status_of
from lrviz.errors import Position

GOOD = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: StepLR, step_size: 10, gamma: 0.9}
expect:
  at: {0: 0.1, 10: 0.09, 20: 0.081, end: 0.0729}
"""
FAILS = GOOD.replace("10: 0.09,", "10: 0.1,")
CLIMBS = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: CosineAnnealingLR, T_max: 20}
expect: {at: {0: 0.1}}
"""
WARNS = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: CosineAnnealingLR, T_max: 40}
expect: {at: {0: 0.1}}
"""
BROKEN = "epochs: 30\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, stepsize: 10}\n"
BARE = "".join(GOOD.splitlines(keepends=True)[:3])
REFUSED = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: ConstantLR, factor: 0}
expect: {at: {0: 0}}
"""
SNAPSHOT = BARE + "expect: {snapshot: curve.csv}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file of each kind."""
    texts = {
        "good": GOOD,
        "fails": FAILS,
        "warns": WARNS,
        "climbs": CLIMBS,
        "broken": BROKEN,
        "bare": BARE,
        "refused": REFUSED,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


# --- what is printed -------------------------------------------------------------------------------------------


def test_what_holds_is_one_line(folder: Path) -> None:
    assert lrviz("check", "good.yaml", cwd=folder) == (0, "All 4 expectations of 1 schedule in 1 file hold.\n", "")
    assert lrviz("check", "good.yaml", "-q", cwd=folder) == (0, "", "")
    status, out, err = lrviz("check", "good.yaml", "-v", cwd=folder)
    assert (status, out.splitlines()[0]) == (
        0,
        "good.yaml:5:11: holds: the learning rate at epoch 0 is 0.1 [expect.at]",
    )
    assert err.splitlines()[0] == "lrviz: read good.yaml: good"


def test_a_failed_expectation_shows_its_line_what_is_and_what_to_write(folder: Path) -> None:
    assert lrviz("check", "fails.yaml", cwd=folder) == (
        1,
        """\
fails.yaml:5:20: error: the learning rate at epoch 10 is 0.09, not 0.1 [expect.at]
  5 |   at: {0: 0.1, 10: 0.1, 20: 0.081, end: 0.0729}
    |                    ^
  hint: the curve has `10: 0.09000000000000001`; epoch 9 has the expected value: off by one?

1 schedule in 1 file: 1 expectation failed, 3 hold.
""",
        "",
    )


def test_every_file_is_reported_and_the_highest_status_wins(folder: Path) -> None:
    status, out, err = lrviz("check", ".", "--format", "concise", cwd=folder)
    assert (status, err) == (2, "")
    assert [line.partition(" ")[0] for line in out.splitlines() if "nothing-expected" not in line] == [
        "broken.yaml:3:12:",
        "broken.yaml:3:27:",
        "climbs.yaml:3:45:",
        "fails.yaml:5:20:",
        "refused.yaml:3:12:",
        "warns.yaml:3:45:",
    ]


def test_colour_is_for_terminals_and_those_who_ask(folder: Path) -> None:
    plain = lrviz("check", "fails.yaml", cwd=folder).out
    colored = lrviz("check", "fails.yaml", "--color", "always", cwd=folder).out
    assert "\x1b[" not in plain
    assert "\x1b[" in colored
    assert lrviz("check", "fails.yaml", cwd=folder, FORCE_COLOR="1").out == colored
    assert lrviz("check", "fails.yaml", "--color", "never", cwd=folder, FORCE_COLOR="1").out == plain


def test_standard_input_and_the_usual_file(tmp_path: Path) -> None:
    assert lrviz("check", "-", text=GOOD, cwd=tmp_path).out == "All 4 expectations of 1 schedule in 1 file hold.\n"
    status, out, err = lrviz("check", "-", text=FAILS, cwd=tmp_path)
    assert (status, out.splitlines()[0].partition(" ")[0], err) == (1, "<stdin>:5:20:", "")
    assert lrviz("check", cwd=tmp_path) == (
        2,
        "",
        "lrviz: error: there is nothing to check here: no schedule.yaml, schedule.yml, lrviz.yaml\n"
        "  hint: name the files or folders\n",
    )
    (tmp_path / "schedule.yaml").write_text(GOOD)
    assert lrviz("check", cwd=tmp_path).out == "All 4 expectations of 1 schedule in 1 file hold.\n"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_what_failed_and_has_the_same_status(folder: Path, format: str) -> None:
    status, out, err = lrviz("check", "fails.yaml", "--format", format, cwd=folder)
    assert (status, err) == (1, "")
    assert "expect.at" in out
    assert "0.09, not 0.1" in out
    assert out.endswith("\n")


def test_json_counts_what_held(folder: Path) -> None:
    (finding,) = json.loads(lrviz("check", "good.yaml", "fails.yaml", "--format", "json", cwd=folder).out)["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("fails.yaml", 5, 20)
    report = json.loads(lrviz("check", "good.yaml", "fails.yaml", "--format", "json", cwd=folder).out)
    assert (report["version"], report["files"], report["held"]) == (1, 2, 7)


# --- the exit status -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "options", "status"),
    [
        (["good"], [], 0),
        (["warns"], [], 0),
        (["bare"], [], 0),
        (["climbs"], [], 1),
        (["fails"], [], 1),
        (["broken"], [], 2),
        (["refused"], [], 2),
        (["missing"], [], 2),
        (["fails", "broken"], [], 2),
        (["fails", "good"], [], 1),
        (["good"], ["--strict"], 0),
        (["warns"], ["--strict"], 1),
        (["bare"], ["--strict"], 0),
        (["good"], ["--strict", "--require-expect"], 0),
        (["bare"], ["--require-expect"], 2),
        (["warns"], ["--require-expect"], 0),
        (["fails", "bare"], ["--require-expect"], 2),
        (["bare"], ["--require-expect", "--exit-zero"], 0),
        (["fails"], ["--exit-zero"], 0),
        (["broken"], ["--exit-zero"], 0),
        (["good", "bare"], ["--only", "good"], 0),
        (["good"], ["--only", "other"], 2),
        (["good"], ["--epochs", "40"], 1),
        (["good"], ["--epochs", "15"], 2),
        (["good"], ["--format", "xml"], 2),
        (["good"], ["--epochs", "3", "--steps", "4"], 2),
    ],
)
def test_exit_status(folder: Path, files: list[str], options: list[str], status: int) -> None:
    assert lrviz("check", *(f"{name}.yaml" for name in files), *options, cwd=folder).status == status


def finding(kind: str, severity: str, code: str = "x") -> Finding:
    return Finding(Position("s.yaml", 1, 1), "s", code, severity, "m", "", kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "strict", "status"),
    [
        ([], True, Status.OK),
        ([finding("lint", "note")], True, Status.OK),
        ([finding("lint", "warning")], False, Status.OK),
        ([finding("lint", "warning")], True, Status.FAILED),
        ([finding("lint", "error")], False, Status.FAILED),
        ([finding("log", "error")], False, Status.FAILED),
        ([finding("expectation", "error"), finding("lint", "note")], False, Status.FAILED),
        ([finding("expectation", "error"), finding("input", "error")], False, Status.BAD_INPUT),
        ([finding("lint", "note", "nothing-expected")], False, Status.OK),
        ([finding("lint", "note", "nothing-expected")], True, Status.OK),
        ([finding("lint", "note", "nothing-expected").required()], False, Status.BAD_INPUT),
        ([finding("lint", "note").required()], False, Status.OK),
    ],
)
def test_one_place_derives_the_status(found: list[Finding], strict: bool, status: Status) -> None:
    assert status_of(Results(("s.yaml",), (("s.yaml", "s"),), tuple(found), (), strict)) == status


# --- snapshots -------------------------------------------------------------------------------------------------


def test_update_writes_a_snapshot_that_then_holds_and_is_never_touched_again(tmp_path: Path) -> None:
    file, curve = tmp_path / "s.yaml", tmp_path / "curve.csv"
    file.write_text(SNAPSHOT)
    status, out, _ = lrviz("check", "s.yaml", cwd=tmp_path)
    assert (status, curve.exists()) == (2, False)
    assert "`lrviz check --update` writes it" in out
    assert lrviz("check", "s.yaml", "--update", cwd=tmp_path) == (
        0,
        "1 expectation of 1 schedule in 1 file holds.\n",
        "lrviz: wrote curve.csv\n",
    )
    os.utime(curve, (1, 1))
    assert lrviz("check", "s.yaml", "--update", cwd=tmp_path).err == ""
    assert curve.stat().st_mtime == 1
    assert lrviz("check", "s.yaml", cwd=tmp_path).status == 0

    file.write_text(SNAPSHOT.replace("gamma: 0.9", "gamma: 0.8"))
    before = curve.read_bytes()
    status, out, _ = lrviz("check", "s.yaml", cwd=tmp_path)
    assert (status, curve.read_bytes()) == (1, before)
    assert "differs from its snapshot first at epoch 10: 0.08 now, 0.09 stored; 21 of 31 rows differ" in out
    assert lrviz("check", "s.yaml", "--update", cwd=tmp_path).status == 0
    assert curve.read_bytes() != before


def test_update_replaces_nothing_but_snapshots(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SNAPSHOT)
    (tmp_path / "curve.csv").write_text("mine\n")
    status, out, err = lrviz("check", "s.yaml", "--update", cwd=tmp_path)
    assert (status, err) == (2, "")
    assert "'curve.csv' is there and is no snapshot; --update replaces nothing else" in out
    assert (tmp_path / "curve.csv").read_text() == "mine\n"


def test_update_of_a_run_of_another_length_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SNAPSHOT)
    assert lrviz("check", "s.yaml", "--update", "--epochs", "5", cwd=tmp_path).status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


def test_a_snapshot_lies_beside_its_schedule(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "s.yaml").write_text(SNAPSHOT)
    assert lrviz("check", "inside", "--update", cwd=tmp_path).status == 0
    assert (tmp_path / "inside" / "curve.csv").is_file()
    (tmp_path / "inside" / "s.yaml").write_text(SNAPSHOT.replace("curve.csv", "deeper/curve.csv"))
    assert lrviz("check", "inside", "--update", cwd=tmp_path).status == 0
    assert (tmp_path / "inside" / "deeper" / "curve.csv").is_file()
    (tmp_path / "inside" / "s.yaml").write_text(SNAPSHOT.replace("curve.csv", "s.yaml/curve.csv"))
    status, out, _ = lrviz("check", "inside", "--update", cwd=tmp_path)
    assert (status, out.count("error:")) == (2, 1)


def test_two_files_have_not_one_snapshot(tmp_path: Path) -> None:
    for folder, gamma in (("a", "0.9"), ("b", "0.5")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.yaml").write_text(
            SNAPSHOT.replace("curve.csv", "../curve.csv").replace("gamma: 0.9", f"gamma: {gamma}")
        )
    status, out, err = lrviz("check", "a", "b", "--update", cwd=tmp_path)
    assert (status, err) == (2, "lrviz: wrote a/../curve.csv\n")
    assert out.count("error:") == 1
    assert "b/s.yaml:4:20: error: '../curve.csv' is the snapshot of 'a/s.yaml:s' already" in out
    assert lrviz("check", "a", cwd=tmp_path).status == 0


# --- the lint --------------------------------------------------------------------------------------------------


def test_an_accepted_finding_is_silent(folder: Path) -> None:
    (folder / "accepted.yaml").write_text(WARNS + "ignore: [cut-short]\n")
    assert lrviz("check", "accepted.yaml", "--strict", cwd=folder).status == 0


def test_what_is_required_is_an_error_in_every_format(folder: Path) -> None:
    for format in FORMATS:
        required = lrviz("check", "bare.yaml", "--require-expect", "-q", "--format", format, cwd=folder)
        assert required.status == 2
        assert "nothing-expected" in required.out
        assert "error" in required.out or format == "concise"  # which names no severity


def test_a_refused_schedule_is_linted_all_the_same(folder: Path) -> None:
    (folder / "two.yaml").write_text(
        "epochs: 9\noptimizer: {lr: 0.1}\nscheduler:\n  type: SequentialLR\n  milestones: [3]\n  schedulers:\n"
        "    - {type: ConstantLR, factor: 1}\n    - {type: ChainedScheduler, schedulers: [{type: LinearLR}]}\n"
    )
    status, out, _ = lrviz("check", "two.yaml", "--format", "concise", cwd=folder)
    assert status == 2
    assert " input " in out
    assert " composite-in-sequential " in out


def test_rules_are_listed_and_explained(tmp_path: Path) -> None:
    status, out, err = lrviz("check", "--rules", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert "cosine-climbs             a CosineAnnealingLR that climbs again after T_max\n" in out
    assert out.splitlines() == sorted(out.splitlines())
    status, out, err = lrviz("check", "--explain", "cosine-climbs", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.startswith("cosine-climbs: ")
    assert "PASS:\n\n    epochs: 30\n" in out
    for code in ("metric-nan", "expect.at", "input", "log"):
        assert lrviz("check", "--explain", code, cwd=tmp_path).out.startswith(f"{code}: ")
    assert lrviz("check", "--explain", "cosine-climb", cwd=tmp_path) == (
        2,
        "",
        "lrviz: error: no finding has the code 'cosine-climb'\n  hint: did you mean cosine-climbs?\n",
    )


# --- logs ------------------------------------------------------------------------------------------------------


def test_a_log_that_follows_the_plan(folder: Path) -> None:
    rows = [f"{epoch},{0.1 if epoch < 10 else 0.09 if epoch < 20 else 0.081}" for epoch in range(30)]
    (folder / "run.csv").write_text("epoch,lr\n" + "\n".join(rows) + "\n")
    status, out, err = lrviz("check", "good.yaml", "--run", "run.csv", cwd=folder)
    assert (status, err) == (0, "")
    (folder / "run.csv").write_text("epoch,lr\n" + "\n".join(rows).replace("20,0.081", "20,0.09") + "\n")
    status, out, err = lrviz("check", "good.yaml", "--run", "run.csv", cwd=folder)
    assert (status, err) == (1, "")
    assert "run.csv:22" in out


def test_several_runs_are_each_compared_and_named(folder: Path) -> None:
    rows = [f"{epoch},{0.1 if epoch < 10 else 0.09 if epoch < 20 else 0.081}" for epoch in range(30)]
    (folder / "good.csv").write_text("epoch,lr\n" + "\n".join(rows) + "\n")
    (folder / "bad.csv").write_text("epoch,lr\n" + "\n".join(rows).replace("20,0.081", "20,0.09") + "\n")
    runs = ["--run", "good.csv", "--run", "none.csv", "--run", "bad.csv", "--run", "good.csv"]
    status, out, err = lrviz("check", "good.yaml", "-v", *runs, "--format", "concise", cwd=folder)
    assert (status, err.count("none.csv")) == (2, 0)
    assert [line.split(":")[0] for line in out.splitlines() if ".csv" in line] == ["none.csv", "bad.csv"]
    status, out, err = lrviz("check", "good.yaml", "-v", "--run", "good.csv", cwd=folder)
    assert status == 0
    assert "good.csv" in out
    assert "the log followed the plan" in out


def test_a_log_is_of_one_schedule(folder: Path) -> None:
    (folder / "run.csv").write_text("epoch,lr\n0,0.1\n")
    status, out, err = lrviz("check", "good.yaml", "bare.yaml", "--run", "run.csv", cwd=folder)
    assert (status, out) == (2, "")
    assert err == (
        "lrviz: error: --run is compared with one schedule, but these are several\n"
        "  hint: choose with --only: good, bare\n"
    )
    assert lrviz("check", "good.yaml", "--column", "lr", cwd=folder).status == 2
    status, out, err = lrviz("check", "good.yaml", "--run", "none.csv", cwd=folder)
    assert (status, err) == (2, "")
    assert "none.csv: error: " in out
