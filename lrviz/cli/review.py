"""`lrviz review`: what does a change do?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.status import Status
from lrviz.cli.streams import Notes, ascii_only, use_color, width
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.words import counted

if TYPE_CHECKING:
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Selection
    from lrviz.reach import Files
    from lrviz.review.files import Source, Text
    from lrviz.review.result import Review
    from lrviz.review.review import Reviewer
    from lrviz.review.revision import Revision
    from lrviz.schedule.model import Schedule

Format = Literal["text", "markdown", "json", "github"]


@reads_schedules(without=("files", "stdin_filename"))
def review(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS",
            help="Schedule files, configs of other programs, and folders, for the *.yaml and *.yml in and below them. "
            "Without any: this folder.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REV",
            help="The revision to compare with. Default: where the branch left GITHUB_BASE_REF or origin/HEAD, "
            "else HEAD.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Format of the review.")] = "text",
    pictures: Annotated[
        str | None,
        typer.Option(
            "--pictures",
            metavar="DIR",
            help="Also save a PNG of each changed curve, old and new, in this folder.",
            show_default=False,
        ),
    ] = None,
    expect_unchanged: Annotated[
        list[str] | None,
        typer.Option(
            "--expect-unchanged",
            metavar="GLOB",
            help="Schedules that must not move, by name or file (repeatable); then only these count for the status.",
            show_default=False,
        ),
    ] = None,
    torch: Annotated[
        str | None,
        typer.Option(
            "--torch",
            metavar="PATH",
            help="Compare all schedules with themselves under another torch instead: a virtual environment, or a "
            "folder with torch.",
            show_default=False,
        ),
    ] = None,
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Show what the working tree changes against a revision; exit with status 1 if a curve changed.

    Old and new side by side for each schedule, findings that came or went, and which values did it. The revision is
    read from git, without a checkout.

    \b
    lrviz review                                   against where the branch began
    lrviz review schedules/ --base HEAD~1          against the commit before
    lrviz review --pictures review/                and a picture of each changed curve
    lrviz review --expect-unchanged 'prod-*'       fails only if one of these moved
    lrviz review schedules/ --torch ~/new-venv     does another torch change them?
    """
    named, frozen = list(paths or ["."]), expect_unchanged or ()
    if torch is None:
        reviewed = _of_revision(named, base, selection, notes, failures, frozen)
    elif base is not None:
        raise ScheduleError.at(Position("lrviz"), "--torch compares with no revision, but --base names one", "name one")
    else:
        reviewed = _of_torch(named, torch, selection, notes, failures, frozen)
    if pictures is not None:
        from lrviz.cli.review_pictures import save_pictures

        with failures.caught(Position(pictures)):
            save_pictures(pictures, reviewed, notes)
    if reviewed.refused:
        failures.at_least(Status.BAD_INPUT)
    if reviewed.moved:
        failures.at_least(Status.FAILED)
    with standard_output():
        _write(reviewed, format, color)


def _of_revision(
    named: Sequence[str],
    base: str | None,
    selection: Selection,
    notes: Notes,
    failures: Failures,
    frozen: Sequence[str],
) -> Review:
    from lrviz.review.collect import collect
    from lrviz.review.repository import Repository
    from lrviz.review.revision import Revision

    repository = Repository.of(_folder_of(named[0]))
    revision = Revision.of(repository, repository.base(base))
    if revision.base.doubt:
        notes.say(f"lrviz: {revision.base.doubt}")
    notes.detail(f"lrviz: compared with {revision.base} of {repository.top}")
    sources, folders = _sources(named, revision, notes, failures)
    found = collect(sources, folders, revision)
    for problem in found.wrong:
        failures.add(problem)
    if found.passed_over:
        count = len(found.passed_over)
        of = "another repository, such as a submodule" if count == 1 else "other repositories, such as submodules"
        notes.say(f"lrviz: passed over {counted(count, 'file')} of {of}")
    with closing(revision.blobs):
        return _reviewer(selection, notes, failures, revision, frozen).review(found.changed, found.same)


def _of_torch(
    named: Sequence[str], path: str, selection: Selection, notes: Notes, failures: Failures, frozen: Sequence[str]
) -> Review:
    from lrviz.cli.sources import load_all, simulated_of
    from lrviz.engine.other_torch import other_torch
    from lrviz.engine.torch_source import torch_version
    from lrviz.review.other_torch import review_torch
    from lrviz.review.result import Torches

    other, own = other_torch(path), torch_version()
    if own is None:
        raise ScheduleError.at(Position("lrviz"), "torch is not installed", "pip install torch")
    loaded = load_all(selection._replace(files=named), notes, failures, remarks=False)
    return review_torch(
        loaded.schedules,
        Torches(own, other.version),
        partial(simulated_of, engine=selection.engine, notes=notes),
        partial(simulated_of, engine=other, notes=notes),
        failures.caught,
        frozen,
        selection.ignore,
    )


def _folder_of(path: str) -> str:
    """The folder in which git is asked for the repository of a path, which need not be there."""
    folder = os.path.abspath(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return os.path.relpath(folder)


def _sources(
    paths: Sequence[str], revision: Revision, notes: Notes, failures: Failures
) -> tuple[list[Source], list[str]]:
    """The files that are here, and the folders in which to look for those that are gone."""
    from lrviz.cli.sources import NO_FILES, files_of
    from lrviz.loading import file_and_key
    from lrviz.review.files import Source

    if "-" in paths:
        raise ScheduleError.at(Position("lrviz"), "standard input has no revision", "name a file, or lrviz diff - FILE")
    gone = [path for path in paths if not os.path.lexists(path) and revision.inside(path) in revision.folders]
    folders = [path for path in paths if os.path.isdir(path)] + gone
    here = [path for path in paths if path not in gone]
    if not here:
        return [], folders

    def wrong(problem: Problem) -> None:
        if problem.message != NO_FILES:  # they may be gone
            failures.add(problem)

    found = [file for file in files_of(here, notes, wrong) if file is not None]
    return [Source(*file_and_key(file), found=file not in paths) for file in found], folders


def _reviewer(
    selection: Selection, notes: Notes, failures: Failures, revision: Revision, frozen: Sequence[str]
) -> Reviewer:
    """What reads, simulates and judges the schedules, with the options of the command."""
    from lrviz.cli.sources import simulated_of
    from lrviz.loading import is_config, load_text
    from lrviz.reach import allowed
    from lrviz.review.review import Reviewer
    from lrviz.schedule.reading.override import parse_overrides

    length, given = selection.length, selection.given
    overrides, allow_path = parse_overrides(selection.settings), allowed(selection.allow_path)

    def load(text: Text, files: Files) -> list[Schedule]:
        return load_text(
            text.data,
            text.file,
            length,
            overrides,
            trust=selection.trust,
            allow_path=allow_path,
            key=text.key,
            given=given,
            files=files,
        )

    def wanted(names: Sequence[str]) -> bool:
        return not selection.only or any(fnmatchcase(name, glob) for name in names for glob in selection.only)

    return Reviewer(
        revision,
        load,
        partial(simulated_of, engine=selection.engine, notes=notes),
        failures.caught,
        is_config,
        wanted,
        frozen,
        selection.ignore,
    )


def _write(reviewed: Review, format: str, color: options.Color) -> None:
    out = sys.stdout
    if format == "json":
        from lrviz.render.tables.review_programs import write_json

        write_json(reviewed, out)
    elif format == "github":
        from lrviz.render.tables.review_programs import write_github

        write_github(reviewed, out)
    elif format == "markdown":
        from lrviz.render.tables.review_markdown import write_markdown

        write_markdown(reviewed, out)
    else:
        from lrviz.ansi import Terminal
        from lrviz.render.tables.review import write_text

        write_text(reviewed, out, Terminal(use_color(out, color), width(out), ascii_only(out)))
