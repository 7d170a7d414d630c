"""`lrviz check`: does it hold?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.status import Status, status_of
from lrviz.cli.streams import Notes, ascii_only, use_color
from lrviz.cli.verb import OneOf, reads_schedules
from lrviz.cli.writing import write_file
from lrviz.errors import Position, ScheduleError

if TYPE_CHECKING:
    from lrviz.checked import LoggedRun
    from lrviz.checks.finding import Finding
    from lrviz.cli.failures import Failure, Failures
    from lrviz.cli.sources import Loaded, Selection


def _formats() -> Iterable[str]:
    from lrviz.checks.report import FORMATS

    return FORMATS


@reads_schedules()
def check(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    format: Annotated[str, typer.Option("--format", help="Format of the findings."), OneOf(_formats)] = "text",
    update: Annotated[bool, typer.Option("--update", help="Write snapshots that are missing or do not hold.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    require_expect: Annotated[
        bool, typer.Option("--require-expect", help="Fail on schedules that expect nothing, with status 2.")
    ] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Report, but exit with status 0.")] = False,
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            metavar="RUN",
            help="The log of a real run: CSV, JSON lines, trainer_state.json, or TensorBoard events.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            "--column", metavar="NAME", help="The log's column of the learning rate.", show_default="by its name"
        ),
    ] = None,
    step_column: Annotated[
        str | None,
        typer.Option(
            "--step-column", metavar="NAME", help="Its column of steps or epochs.", show_default="by its name"
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="NAME", help="The param group that was logged.", show_default="the first"),
    ] = None,
    shift: Annotated[
        int,
        typer.Option(
            "--shift",
            parser=options.any_whole_number,
            metavar="N",
            help="The log's step s is the plan's s + N; -1 if it counts from 1.",
        ),
    ] = 0,
    rules: Annotated[bool, typer.Option("--rules", help="List the codes of the lint.")] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Explain one of them.", show_default=False)
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Findings only: no notes, and no summary.")] = False,
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
    lrviz check schedule.yaml --log run.csv   did a real run follow it?
    lrviz check --explain cosine-climbs       what a finding means
    """
    if rules or explain is not None:
        with standard_output():
            sys.stdout.write(_explained(explain) if explain is not None else _listed())
        return
    from lrviz.checked import Checker, Report
    from lrviz.checks.report import FORMATS
    from lrviz.checks.report.options import ReportOptions
    from lrviz.cli.failures import answers
    from lrviz.cli.sources import simulated_of

    loaded = _loaded(selection, notes, failures)
    logged = _logged_run(loaded, log, column, step_column, group, shift)
    simulated = simulated_of(loaded.schedules, selection.engine, notes)
    checker = Checker(store=partial(_store, notes) if update else None, log=logged)
    results = answers(simulated, failures, checker.results)
    found = [*map(_finding, failures.taken()), *chain.from_iterable(results)]
    checked = [(schedule.file, name) for name, schedule in loaded.schedules]
    report = Report.of(found, checked, loaded.texts, strict=strict, require_expect=require_expect)
    report_options = ReportOptions(
        report.lines, use_color(sys.stdout, color), verbose=verbose, quiet=quiet, ascii=ascii_only(sys.stdout)
    )
    text = FORMATS[format](report, report_options)
    status = status_of(report)
    if status is Status.FAULT or not exit_zero:
        failures.at_least(status)
    with standard_output():
        sys.stdout.write(text)


def _finding(failure: Failure) -> Finding:
    """What could not be checked, as a finding."""
    from lrviz.checks.finding import Finding

    return Finding.of(failure.problem, failure.schedule, "internal" if failure.internal else "input", "input")


def _loaded(selection: Selection, notes: Notes, failures: Failures) -> Loaded:
    """The files of a selection; without any, there is nothing to check, since lrviz's own starter does not count."""
    from lrviz.cli.sources import USUAL, load_all

    if not selection.files and not any(map(os.path.isfile, USUAL)):
        raise ScheduleError.at(
            Position("lrviz"), f"there is nothing to check here: no {', '.join(USUAL)}", "name the files or folders"
        )
    return load_all(selection, notes, failures, remarks=False)


def _logged_run(
    loaded: Loaded, log: str | None, column: str | None, step_column: str | None, group: str | None, shift: int
) -> LoggedRun | None:
    """The log that the options describe; None without `--log`."""
    from lrviz.checked import LoggedRun

    if log is None:
        if column or step_column or group is not None or shift:
            raise ScheduleError.at(Position("lrviz"), "--column, --step-column, --group and --shift need --log")
        return None
    if len(loaded.schedules) > 1:
        names = ", ".join(name for name, _ in loaded.schedules)
        raise ScheduleError.at(
            Position("lrviz"), "--log is one run, but these are several schedules", f"choose with --only: {names}"
        )
    return LoggedRun(log, column, step_column, group, shift)


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
