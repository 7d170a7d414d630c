"""Files that a command line names, that a schedule file names, and that stand in a folder: what each may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from process import lrviz
from typer.testing import CliRunner

from lrviz import library
from lrviz.checks.report import FORMATS
from lrviz.cli.main import app
from lrviz.cli.sources import files_of
from lrviz.cli.streams import Notes
from lrviz.errors import ScheduleError

PLATEAU = "epochs: 2\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: {file: %s, column: loss}\n"
STORED = "epochs: 2\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.9}\nexpect: {snapshot: %s}\n"
OUTSIDE = "lies outside of the project"
HINT = "hint: move it into the project, or open its folder with --allow-path DIR (allow_path= in Python)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, which is the working directory, beside a folder `other` that holds a metric."""
    for name in ("project", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "project/pyproject.toml").touch()
    (tmp_path / "other/log.csv").write_text("loss\n4\n3\n")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def run(*words: str) -> tuple[int, str]:
    """The status and all output of a command; the problems of a command that is refused."""
    done = CliRunner().invoke(app, words)
    if isinstance(done.exception, ScheduleError):
        return 2, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.rstrip("\n")


def test_a_metric_lies_in_the_project_unless_a_folder_is_opened(project: Path) -> None:
    (project / "s.yaml").write_text(PLATEAU % "../other/log.csv")
    refused = f"s.yaml:4:16: error: metric: ../other/log.csv {OUTSIDE}\n  {HINT}"
    for verb in ("table", "stats", "plot"):
        assert run(verb, "s.yaml") == (2, refused)
    assert run("table", "s.yaml", "--allow-path", "../other")[0] == 0
    assert run("table", "s.yaml", "--allow-path", "../none") == (
        2, "lrviz: error: --allow-path: there is no folder '../none'"
    )  # fmt: skip
    with pytest.raises(ScheduleError, match=OUTSIDE):
        library.load("s.yaml")
    assert len(library.load("s.yaml", allow_path=[Path("../other")]).only.simulate()) == 2


def test_solving_keeps_the_folders_that_are_open(project: Path) -> None:
    (project / "s.yaml").write_text(PLATEAU % "../other/log.csv")
    status, out = run("solve", "optimizer.lr", "--target", "end = 0.05", "s.yaml", "--allow-path", "../other")
    assert (status, "0.05" in out) == (0, True), out


def test_a_metric_of_the_command_line_may_lie_anywhere(project: Path) -> None:
    (project / "s.yaml").write_text(PLATEAU % "none.csv")
    assert run("table", "s.yaml", "--set", "metric.file=../other/log.csv")[0] == 0
    assert run("table", "s.yaml", "--set", "metric={file: ../other/log.csv, column: loss}")[0] == 0


def test_a_file_cannot_pass_for_the_command_line(project: Path) -> None:
    """A stranger may call a file as positions of the command line are called."""
    name = "--set metric.yaml"
    (project / name).write_text(PLATEAU % "../other/log.csv")
    assert OUTSIDE in run("table", ".")[1]


def test_in_a_folder_pipes_and_devices_are_passed_over(project: Path) -> None:
    def wrong(problem: object) -> None:
        pytest.fail(str(problem))

    os.mkfifo(project / "pipe.yaml")
    (project / "device.yaml").symlink_to(os.devnull)
    (project / "broken.yaml").symlink_to("none")
    (project / "s.yaml").write_text(STORED % "s.csv")
    assert list(files_of(["."], Notes(True, False), wrong)) == ["broken.yaml", "s.yaml"]
    assert list(files_of(["pipe.yaml"], Notes(True, False), wrong)) == ["pipe.yaml"]


def test_a_picture_does_not_wait_for_a_pipe_of_its_name(project: Path) -> None:
    (project / "s.yaml").write_text(STORED % "s.csv")
    os.mkfifo(project / "s.png")
    assert run("plot", "s.yaml") == (2, "s.png: error: the file cannot be replaced: it is not a regular file")


def test_a_snapshot_is_written_in_the_project_only(project: Path) -> None:
    (project / "s.yaml").write_text(STORED % "../other/s.csv")
    for words in ([], ["--update"]):
        status, out = run("check", "s.yaml", *words)
        assert (status, f"'../other/s.csv' {OUTSIDE}" in out, HINT in out) == (2, True, True)
    assert not (project / "../other/s.csv").exists()
    status, out = run("check", "s.yaml", "--update", "--allow-path", "../other")
    assert (status, "lrviz: wrote ../other/s.csv" in out.splitlines()) == (0, True)
    assert run("check", "s.yaml", "--allow-path", "../other")[0] == 0


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("../other/new.csv", OUTSIDE),
        ("notes.txt", "is a link to a file that is no .csv"),
        (".git/new.csv", "lies below .git, from which nothing is read"),
        ("pipe.csv", "is there and is no snapshot"),
    ],
)
def test_a_link_leads_a_snapshot_nowhere_else(project: Path, target: str, message: str) -> None:
    (project / ".git").mkdir()
    os.mkfifo(project / "pipe.csv")
    (project / "s.csv").symlink_to(target)
    (project / "s.yaml").write_text(STORED % "s.csv")
    before = sorted(project.parent.rglob("*"))
    status, out = run("check", "s.yaml", "--update")
    assert (status, f"'s.csv' {message}" in out) == (2, True), out
    assert sorted(project.parent.rglob("*")) == before


def test_update_says_each_path(project: Path) -> None:
    for name in ("a", "b"):
        (project / f"{name}.yaml").write_text(STORED % f"kept/{name}.csv")
    assert [line for line in run("check", ".", "--update")[1].splitlines() if "wrote" in line] == [
        "lrviz: wrote kept/a.csv",
        "lrviz: wrote kept/b.csv",
    ]


# --- what is quoted of them --------------------------------------------------------------------------------------

SECRET = "hunter2"
FOREIGN: dict[str, str | bytes] = {
    "passwd": f"root:x:0:0:{SECRET}:/root:/bin/bash\n{SECRET}: /bin/sh\n",
    "mapping": f"{SECRET}: {SECRET}\ntitle: [{SECRET}]\n",
    "broken": f"{SECRET}: [\n  {SECRET}: *{SECRET}\n",
    "bytes": b"\xff" + SECRET.encode(),
}


@pytest.mark.parametrize("format", FORMATS)
def test_no_report_quotes_a_file_that_is_no_schedule(project: Path, format: str) -> None:
    for name, text in FOREIGN.items():
        (project / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (project / "s.yaml").write_text("epochs: 2\noptimizer: {lr: 0.1, momentum: x}\nscheduler: none\n")
    status, out = run("check", *(f"{name}.yaml" for name in (*FOREIGN, "s")), "--format", format)
    assert (status, SECRET in out) == (2, False), out
    assert all(f"{name}.yaml" in out for name in (*FOREIGN, "s")), out
    if format == "text":
        assert "2 | optimizer: {lr: 0.1, momentum: x}" in out


@pytest.mark.parametrize("verb", [["table"], ["explain"], ["at", "0"], ["plot"], ["diff", "passwd.yaml"]])
def test_no_verb_quotes_a_file_that_is_no_schedule(project: Path, verb: list[str]) -> None:
    for name, text in FOREIGN.items():
        (project / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        status, out = run(*verb, f"{name}.yaml")
        assert (status, SECRET in out, f"{name}.yaml" in out) == (2, False, True), out


def test_no_message_quotes_a_cell_of_a_metric_log_or_snapshot(project: Path) -> None:
    (project / "d.csv").write_text(f"lr,name,{SECRET}\n{SECRET},bob,{SECRET}\n")
    (project / "metric.yaml").write_text(PLATEAU % "d.csv")
    (project / "column.yaml").write_text((PLATEAU % "d.csv").replace("loss", "name"))
    (project / "snapshot.yaml").write_text(STORED % "d.csv")
    for words in (["metric.yaml"], ["column.yaml"], ["snapshot.yaml"], ["snapshot.yaml", "--run", "d.csv"]):
        status, out = run("check", *words)
        assert (status, SECRET in out, "d.csv" in out) == (2, False, True), out
    assert "line 2 of d.csv has no number in column 'name'" in run("check", "column.yaml")[1]


def test_a_file_that_is_not_there_is_told_with_one_that_has_nearly_its_name(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("cosine.yml", "cosine.png", "below/cosine.yaml"):
        (tmp_path / name).touch()
    hints = {
        "cosine.yaml": "  hint: did you mean cosine.yml?\n",
        "cosin.yaml": "  hint: did you mean cosine.yml?\n",
        "below/Cosine.yaml": "  hint: did you mean below/cosine.yaml?\n",
        "linear.yaml": "",
        "cosine.json": "",
        "none/cosine.yaml": "",
    }
    for name, hint in hints.items():
        assert lrviz("table", name, cwd=tmp_path) == (2, "", f"{name}: error: there is no such file\n{hint}")
