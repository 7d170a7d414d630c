"""A hostile text in every place where foreign text enters, through every verb and format, harms no terminal and no CI.

It moves no cursor, reorders nothing, begins no line of its own, and is no command to the CI system that reads the log.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import unicodedata
from contextlib import redirect_stderr
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from lrviz.checks.report import FORMATS
from lrviz.cli.main import app
from lrviz.cli.streams import say_error
from lrviz.errors import ScheduleError

HOSTILE = "\x1b]8;;x:y\x07a\x9b2J\r\n::error::b\n##[group]c\u202ed\u2028##vso[e]\udce9"
"""What the name of a file or an argument may hold: a link for terminals, line breaks, commands, a lone surrogate."""

INSIDE = HOSTILE.removesuffix("\udce9")
"""The same in the text of a file, which is UTF-8."""

ODD = "{}.yaml".format("::error::b ##[group]c $\\frac{$ <b>d</b></script> |`e`")
"""What may stand in a name that has to be printable."""

PRINTABLE = ODD.removesuffix(".yaml")

GOOD = """
title: '{name}'
source: '{name}'
epochs: 4
steps_per_epoch: 2
optimizer: {{type: SGD, lr: 1, groups: [{{name: '{name}'}}, {{name: '=b', lr: 0.5}}]}}
schedules:
  '{name}':
    scheduler: {{type: StepLR, step_size: 2}}
    expect: {{at: {{end: 1}}}}
  '=cmd': {{scheduler: {{type: ExponentialLR, gamma: 0.5}}}}
"""
BAD = r"""
epochs: 4
optimizer: {lr: 1}
"::error::key\e[31m\n::warning::": 1
scheduler: {type: "##[group]\e\u202e", gamma: "\n::error::x"}
expect: {at: {"\n::stop-commands::t": 1}, snapshot: "\e\n::x.csv"}
"""
UNREADABLE = "epochs: [1\n'::error::x': \x1b[31m\n##[group]"
ONE = "epochs: 2\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 1}\n"
METRIC = (
    "epochs: 2\noptimizer: {lr: 1}\nscheduler: {type: ReduceLROnPlateau}\n"
    'metric: {file: values.csv, column: "\\e\\n::error::x"}\n'
)
OWN = """
def fails(optimizer):
    raise ValueError({text!r})
"""


class Said(NamedTuple):
    status: int
    out: str
    err: str


def lrviz(*arguments: str) -> Said:
    """One command in this process, with the messages that `main` writes for its errors."""
    done = CliRunner().invoke(app, list(arguments), prog_name="lrviz")
    err = io.StringIO(done.stderr)
    err.seek(0, io.SEEK_END)
    if isinstance(done.exception, ScheduleError):
        with redirect_stderr(err):
            say_error(done.exception)
    elif done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(2 if isinstance(done.exception, ScheduleError) else done.exit_code, done.stdout, err.getvalue())


def harmless(text: str, *, commands: bool = False) -> None:
    """Fails for text that would do anything but be seen; with `commands`, lines may be commands of ours."""
    text = re.sub("\x1b\\[[0-9;]*m", "", text)  # our own colours
    wrong = {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
    assert wrong == set(), text
    for line in text.split("\n"):
        if commands and line:
            assert re.match(r"::(error|warning|notice) [^:]*::(?!.*::)", line), line
        else:
            assert not re.match(r"\s*::", line), line
        assert not re.search(r"##\w*\[", line), line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of every kind, each hostile in its name and in its text."""
    folder = tmp_path_factory.mktemp("hostile")
    inside = folder / HOSTILE
    inside.mkdir()
    good = GOOD.format(name=PRINTABLE)
    files = {
        ODD.replace("/", ""): good,
        f"{HOSTILE}.yaml": good.replace("step_size: 2", "step_size: 1"),
        f"{HOSTILE}/good.yaml": good,
        f"{HOSTILE}/{HOSTILE}.yaml": BAD,
        f"{HOSTILE}/unreadable.yaml": UNREADABLE,
        f"{HOSTILE}/metric.yaml": METRIC,
        f"{HOSTILE}/values.csv": f'"{INSIDE}","=x"\n1,2\n',
        f"{HOSTILE}/own.yaml": "epochs: 2\noptimizer: {lr: 1}\nscheduler: {type: hostile_own.fails}\n",
        "one.yaml": ONE,
        "stored.yaml": f"{ONE}expect: {{snapshot: s.csv}}\n",
        "storing.yaml": f"{ONE}expect: {{snapshot: '::error::##[c].csv'}}\n",
        "=kept.yaml": f"{ONE}expect: {{snapshot: kept.csv}}\n",
        f"{HOSTILE}.csv": f'"step","lr {INSIDE}","lr ::error::","=lr"\n0,1,1,2\n1,{INSIDE[:3]},0.1,3\n',
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    (folder / "hostile_own.py").write_text(OWN.format(text=HOSTILE))
    stored = lrviz_in(folder, "check", "stored.yaml", "--update")
    assert stored.status == 0, stored
    snapshot = (folder / "s.csv").read_text().replace("epoch,step,stored", f'epoch,step,"{INSIDE}"')
    assert INSIDE in snapshot
    (folder / "s.csv").write_text(snapshot, newline="")
    return folder


def lrviz_in(folder: Path, *arguments: str) -> Said:
    before = os.getcwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        return lrviz(*arguments)
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)


NAMED = ODD.replace("/", "")
BOTH = (NAMED, f"{HOSTILE}.yaml")
"""Two files with the same schedules, so that each name holds that of its file."""

COMMANDS = {
    **{f"check {name}": ["check", *BOTH, HOSTILE, "--format", name] for name in FORMATS},
    "check -v": ["check", *BOTH, HOSTILE, "-v", "--color", "always"],
    "check --update": ["check", "storing.yaml", "--update"],
    "check, snapshot": ["check", "stored.yaml"],
    "check --explain": ["check", "--explain", HOSTILE],
    "check --run": ["check", "one.yaml", "--run", f"{HOSTILE}.csv"],
    "check --column": ["check", "one.yaml", "--run", f"{HOSTILE}.csv", "--column", f"lr {INSIDE}"],
    "check --step-column": [
        "check",
        "one.yaml",
        "--run",
        f"{HOSTILE}.csv",
        "--column",
        "=lr",
        "--step-column",
        HOSTILE,
    ],
    "check --column found": ["check", "one.yaml", "--run", f"{HOSTILE}.csv", "--column", "lr ::error::"],
    "check --group": ["check", NAMED, "--only", "=cmd", "--run", f"{HOSTILE}.csv", "--group", HOSTILE],
    "plot --run": ["plot", "one.yaml", "--terminal", "--run", f"{HOSTILE}.csv"],
    "check, no such log": ["check", "one.yaml", "--run", HOSTILE],
    **{f"table {name}": ["table", *BOTH, "--end", "--format", name] for name in ("table", "csv", "json", "markdown")},
    "table --color": ["table", *BOTH, "--color", "always"],
    "table, bad": ["table", HOSTILE],
    "table, missing": ["table", f"{HOSTILE}{HOSTILE}.yaml"],
    **{f"stats {name}": ["stats", *BOTH, "--format", name] for name in ("table", "csv", "json", "markdown")},
    **{f"at {name}": ["at", "0", "50%", *BOTH, "--format", name] for name in ("text", "csv", "json")},
    "at, no place": ["at", HOSTILE, f"5 {HOSTILE}"],
    **{f"when {name}": ["when", "lr < 1", *BOTH, "--all", "--format", name] for name in ("text", "json")},
    "when, no condition": ["when", HOSTILE, NAMED],
    "when, a file": ["when", f"{HOSTILE}.yaml"],
    **{f"explain {name}": ["explain", *BOTH, "--format", name] for name in ("text", "json")},
    "code": ["code", *BOTH],
    "code -o": ["code", "one.yaml", "-o", f"{HOSTILE}.yaml"],
    "code, own": ["code", f"{HOSTILE}/own.yaml", "--trust"],
    "explain, own": ["explain", f"{HOSTILE}/own.yaml", "--trust"],
    "explain, refused": ["explain", f"{HOSTILE}/own.yaml"],
    **{f"resume {name}": ["resume", "--at", "1", *BOTH, "--format", name] for name in ("table", "csv", "json")},
    "resume, own": ["resume", "--at", "1", f"{HOSTILE}/own.yaml", "--trust"],
    "resume --at": ["resume", "--at", HOSTILE, "one.yaml"],
    "resume --into": ["resume", "--at", "1", "one.yaml", "--into", HOSTILE],
    "resume --into, a value": ["resume", "--at", "1", "one.yaml", "--into", f"{HOSTILE}=1"],
    "resume --into, a file": ["resume", "--at", "1", NAMED, "--only", "*frac*", "--into", f"{HOSTILE}.yaml"],
    **{f"diff {name}": ["diff", *BOTH, "--format", name] for name in ("text", "json")},
    "review": ["review", HOSTILE],
    "review --base": ["review", "--base", HOSTILE, "one.yaml"],
    "review --torch": ["review", "one.yaml", "--torch", HOSTILE],
    "diff, pairs": ["diff", NAMED, "one.yaml"],
    "diff, groups": ["diff", NAMED, f"{HOSTILE}.yaml", "--only", "*frac*"],
    "diff, snapshot": ["diff", "s.csv", "one.yaml"],
    "diff, no snapshot": ["diff", f"{HOSTILE}.csv", "one.yaml"],
    **{
        f"solve {name}": [
            *("solve", "gamma", "--target", "end=0.3", NAMED),
            *("--only", "*frac*", "--group", PRINTABLE, "--format", name),
        ]
        for name in ("text", "json")
    },
    "solve, no argument": ["solve", HOSTILE, "--target", "end=0.3", "one.yaml"],
    "solve, no target": ["solve", "gamma", "--target", HOSTILE, "one.yaml"],
    "solve --between": ["solve", "gamma", "--target", "end=0.3", "--between", HOSTILE, "1", "one.yaml"],
    "solve --group": ["solve", "gamma", "--target", "end=0.3", "--group", HOSTILE, "one.yaml"],
    "plot --terminal": ["plot", *BOTH, "--terminal"],
    "plot --terminal --grid": ["plot", *BOTH, "--terminal", "--grid"],
    "plot --terminal, one": ["plot", f"{HOSTILE}.yaml", "--only", "*frac*", "--terminal", "--color", "always"],
    "plot --title": ["plot", "one.yaml", "--terminal", "--title", HOSTILE],
    "plot -o": ["plot", "one.yaml", "-o", f"{HOSTILE}.xyz"],
    "plot --size": ["plot", "one.yaml", "--size", HOSTILE],
    "--only": ["table", NAMED, "--only", HOSTILE],
    "--set": ["table", "one.yaml", "--set", HOSTILE, "--set", f"{HOSTILE}=1", "--set", f"lr={HOSTILE}"],
    "--set of a sweep": ["stats", "one.yaml", "--set", "optimizer.type=SGD,::error::"],
    "--epochs": ["table", "one.yaml", "--epochs", HOSTILE],
    "an option": ["table", f"--{HOSTILE}"],
    "a verb": [HOSTILE],
    "an argument too many": ["schedulers", "StepLR", f"::error:: {HOSTILE}"],
    "schedulers": ["schedulers", HOSTILE],
    "init": ["init", HOSTILE],
    "init -o": ["init", "-q", "-o", f"{HOSTILE}.new"],
    "init -o again": ["init", "-o", f"{HOSTILE}.yaml"],
    "schema -o": ["schema", "-o", f"{HOSTILE}/no/such/folder"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_nothing_hostile_is_printed(folder: Path, arguments: list[str], request: pytest.FixtureRequest) -> None:
    said = lrviz_in(folder, *arguments)
    verbs = {"table", "stats", "at", "when", "explain", "plot", "code", "resume"}
    reads_well = arguments[0] in verbs and set(BOTH) <= set(arguments)
    assert said.status == 0 if reads_well else said.out or said.err, said
    harmless(said.out, commands="github" in arguments)
    harmless(said.err)
    if "json" in arguments or "sarif" in arguments:
        assert "##[" in str(json.loads(said.out)) or "error" in said.out


def test_a_class_of_the_user_says_nothing_hostile(folder: Path) -> None:
    said = lrviz_in(folder, "check", f"{HOSTILE}/own.yaml", "--trust")
    assert "\\x1b]8;;x" in said.out
    harmless(said.out)


def test_names_in_csv_are_no_formulas_and_numbers_stay(folder: Path) -> None:
    out = lrviz_in(folder, "stats", NAMED, "--format", "csv").out
    assert [line for line in out.splitlines() if "=cmd" in line][1].startswith("'=cmd,'=b,epoch,0.5,0,0,")
    assert lrviz_in(folder, "table", "one.yaml", "--format", "csv").out.splitlines()[1] == "0,,1.0"


def test_a_snapshot_keeps_the_names_and_reads_back(folder: Path) -> None:
    assert lrviz_in(folder, "check", "=kept.yaml", "--update").status == 0
    assert "\nepoch,step,=kept\n" in (folder / "kept.csv").read_text()
    assert lrviz_in(folder, "check", "=kept.yaml").status == 0


@pytest.mark.parametrize(
    "arguments",
    [["plot", *BOTH], ["plot", *BOTH, "--grid"], ["diff", *BOTH], ["diff", "s.csv", "one.yaml"]],
    ids=["plot", "grid", "diff", "snapshot"],
)
def test_a_picture_writes_hostile_names_out(folder: Path, arguments: list[str]) -> None:
    only = [] if "s.csv" in arguments else ["--only", "*frac*"]
    said = lrviz_in(folder, *arguments, *only, "-o", f"{HOSTILE}.svg")
    assert said.status == ("diff" in arguments and "s.csv" not in arguments), said
    harmless(said.out)
    text = (folder / f"{HOSTILE}.svg").read_text()
    ElementTree.fromstring(text)
    assert "\\x1b]8;;x" in text
    assert "\\frac{$" in text or not only


def test_a_page_escapes_hostile_names(folder: Path) -> None:
    pytest.importorskip("plotly")
    said = lrviz_in(folder, "plot", *BOTH, "-o", "out.html")
    assert said.status == 0, said
    page = (folder / "out.html").read_text()
    assert page.count("</script>") == page.count("<script")
    ours = re.sub("<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)
    assert {unicodedata.category(each) for each in ours} & {"Cs", "Zl", "Zp"} == set()
    assert {each for each in ours if unicodedata.category(each) in ("Cc", "Cf")} <= set("\t\n")
    assert "&lt;b&gt;d" in ours
    assert "<b>d" not in ours


def test_a_column_as_wide_as_its_escaped_name(folder: Path) -> None:
    title, rule, *_ = lrviz_in(folder, "table", f"{HOSTILE}.yaml", NAMED, "--only", "*=cmd*").out.split("\n")
    assert len(rule) == len(title)
