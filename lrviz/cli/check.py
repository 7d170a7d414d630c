"""`lrviz check`: does it hold?"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output, write_file
from lrviz.cli.status import status_of
from lrviz.cli.streams import Notes, ascii_only, use_color
from lrviz.errors import Position, ScheduleError

Format = Literal["text", "concise", "json", "github", "junit", "sarif"]


def check(
    files: options.Files = None,
    format: Annotated[Format, typer.Option("--format", help="How the findings are written.")] = "text",
    update: Annotated[bool, typer.Option("--update", help="Write snapshots that are missing or do not hold.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings fail too, and so does a schedule that expects nothing.")
    ] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Report, but leave with exit status 0.")] = False,
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            metavar="RUN",
            help="What a real run logged: CSV, JSON lines, trainer_state.json, or TensorBoard events.",
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
        int, typer.Option("--shift", metavar="N", help="The log's step s is the plan's s + N; -1 if it counts from 1.")
    ] = 0,
    rules: Annotated[bool, typer.Option("--rules", help="List the codes that the lint may find.")] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Explain one of them.", show_default=False)
    ] = None,
    epochs: options.Epochs = None,
    steps: options.Steps = None,
    only: options.Only = None,
    set: options.Set = None,
    engine: options.Engine = "auto",
    trust: options.Trust = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Findings only: no notes, and no summary.")] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also what holds, what was read and how it was run.")
    ] = False,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Say whether schedules do what they should.

    Their expectations, their snapshots, and a lint of what torch runs and nobody means.

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
    from lrviz.checked import LoggedRun, Report, check_all
    from lrviz.checks.finding import Finding
    from lrviz.checks.report import FORMATS
    from lrviz.checks.report.options import ReportOptions
    from lrviz.cli.sources import USUAL, Selection, load_all, simulated_of

    notes = Notes(quiet, verbose)
    selection = Selection(files or (), epochs, steps, only or (), engine, trust, set or ())
    if not files and not any(map(os.path.isfile, USUAL)):
        raise ScheduleError.at(
            Position("lrviz"), f"there is nothing to check here: no {', '.join(USUAL)}", "name the files or folders"
        )
    loaded = load_all(selection, notes, remarks=False)
    if log is None and (column or step_column or group is not None or shift):
        raise ScheduleError.at(Position("lrviz"), "--column, --step-column, --group and --shift are for --log")
    if log is not None and len(loaded.schedules) > 1:
        names = ", ".join(name for name, _ in loaded.schedules)
        raise ScheduleError.at(
            Position("lrviz"), "--log holds one run, and these are several schedules", f"choose with --only: {names}"
        )
    found = check_all(
        simulated_of(loaded.schedules, engine, notes),
        store=partial(_store, notes) if update else None,
        log=LoggedRun(log, column, step_column, group, shift) if log is not None else None,
    )
    unread = (Finding.of(problem, None, "input", "input") for problem in loaded.problems)
    checked = [(schedule.file, name) for name, schedule in loaded.schedules]
    report = Report.of([*unread, *found], checked, loaded.texts, strict=strict)
    report_options = ReportOptions(
        report.lines, use_color(sys.stdout, color), verbose=verbose, quiet=quiet, ascii=ascii_only(sys.stdout)
    )
    with standard_output():
        sys.stdout.write(FORMATS[format](report, report_options))
    if not exit_zero:
        raise typer.Exit(int(status_of(report)))


def _store(notes: Notes, path: Path, text: str) -> None:
    """Writes a snapshot, with the folder that it lies in."""
    with suppress(OSError):  # what is wrong with the folder, writing the file says
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(os.fspath(path), text.encode())
    notes.say(f"lrviz: wrote {path}")


def _explained(code: str) -> str:
    from lrviz.checks.explanation import explanation

    return explanation(code)


def _listed() -> str:
    from lrviz.checks.explanation import summary
    from lrviz.schedule.catalogue import CODES

    width = max(map(len, CODES))
    return "".join(f"{code.ljust(width)}  {summary(code)}\n" for code in sorted(CODES))
