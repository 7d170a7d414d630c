"""`lrviz check`: does it hold?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.followed import FollowOption, FollowOptions, KeepGoingOption, TimeoutOption
from lrviz.cli.logged import (
    CheckpointOption,
    ColumnOption,
    GroupOption,
    PatternOption,
    RunOption,
    RunOptions,
    ShiftOption,
    StepColumnOption,
    checkpoints_of,
)
from lrviz.cli.output import standard_output
from lrviz.cli.status import Status, status_of
from lrviz.cli.streams import Notes, ascii_only, use_color
from lrviz.cli.verb import OneOf, reads_schedules
from lrviz.cli.writing import write_file

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.config import Config


def _formats() -> Iterable[str]:
    from lrviz.checks.report import FORMATS

    return FORMATS


@reads_schedules()
def check(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    config: Config,
    format: Annotated[str, typer.Option("--format", help="Format of the findings."), OneOf(_formats)] = "text",
    update: Annotated[bool, typer.Option("--update", help="Write snapshots that are missing or do not hold.")] = False,
    strict: Annotated[bool | None, typer.Option("--strict/--no-strict", help="Fail on warnings too.")] = None,
    require_expect: Annotated[
        bool | None,
        typer.Option(
            "--require-expect/--no-require-expect", help="Fail on schedules that expect nothing, with status 2."
        ),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Report, but exit with status 0.")] = False,
    run: RunOption = None,
    column: ColumnOption = None,
    step_column: StepColumnOption = None,
    group: GroupOption = None,
    shift: ShiftOption = None,
    pattern: PatternOption = None,
    follow: FollowOption = False,
    keep_going: KeepGoingOption = False,
    timeout: TimeoutOption = None,
    checkpoint: CheckpointOption = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the codes of the lint.")] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Explain one of them.", show_default=False)
    ] = None,
    *,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Errors and warnings only: no notes, and no summary.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also show what holds, what was read and how it was run.")
    ] = False,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Check whether schedules do what they should.

    Checks their expectations and snapshots, and lints for mistakes that torch runs silently.

    \b
    lrviz check schedules/                    every file of a folder
    lrviz check schedule.yaml --update        and store the curve as a snapshot
    lrviz check schedule.yaml --run run.csv   did a real run follow it?
    lrviz check schedule.yaml --run train.log --follow   does it, while it runs?
    lrviz check schedule.yaml --checkpoint a.ckpt   is a checkpoint as planned?
    lrviz check --explain cosine-climbs       what a finding means
    """
    if rules or explain is not None:
        with standard_output():
            sys.stdout.write(_explained(explain) if explain is not None else _listed())
        return
    from lrviz.checked import Checker, Report
    from lrviz.checks.report import FORMATS
    from lrviz.checks.report.options import ReportOptions
    from lrviz.cli.failures import answers, findings_of
    from lrviz.cli.sources import load_all, refuse_starter, simulated_of

    refuse_starter(selection)
    loaded = load_all(selection, notes, failures, remarks=False)
    logged = RunOptions(run or (), column, step_column, group, shift, pattern).runs_of(loaded)
    following = FollowOptions(follow, keep_going, timeout).of(logged, notes)
    simulated = simulated_of(loaded.schedules, selection.engine, notes)
    checker = Checker(
        store=partial(_store, notes) if update else None,
        runs=following,
        checkpoints=checkpoints_of(checkpoint or (), loaded),
        ignore=selection.ignore,
    )
    results = answers(simulated, failures, checker.results)
    found = [*findings_of(failures), *chain.from_iterable(results)]
    checked = [(schedule.file, name) for name, schedule in loaded.schedules]
    report = Report.of(
        found,
        checked,
        loaded.texts,
        strict=config.strict if strict is None else strict,
        require_expect=config.require_expect if require_expect is None else require_expect,
    )
    if quiet:
        told = tuple(each for each in report.findings if each.severity != "note" or report.fails(each))
        report = replace(report, findings=told)
    report_options = ReportOptions(
        report.lines, use_color(sys.stdout, color), verbose=verbose, quiet=quiet, ascii=ascii_only(sys.stdout)
    )
    text = FORMATS[format](report, report_options)
    status = status_of(report)
    if status is Status.FAULT or not exit_zero:
        failures.at_least(status)
    with standard_output():
        sys.stdout.write(text)


def _store(notes: Notes, path: Path, target: Path, text: str) -> None:
    """Writes a snapshot, and its folder if missing, and says so."""
    with suppress(OSError):  # an error of the folder is reported when the file is written
        target.parent.mkdir(parents=True, exist_ok=True)
    write_file(os.fspath(target), text.encode(), shown=os.fspath(path))
    notes.say(f"lrviz: wrote {path}")


def _explained(code: str) -> str:
    from lrviz.checks.explanation import explanation

    return explanation(code)


def _listed() -> str:
    from lrviz.checks.explanation import summary
    from lrviz.schedule.catalogue import CODES

    width = max(map(len, CODES))
    return "".join(f"{code.ljust(width)}  {summary(code)}\n" for code in sorted(CODES))
