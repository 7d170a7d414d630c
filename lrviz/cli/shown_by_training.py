"""`lrviz train --check`: do the trainings show what their files expect?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrviz.cli import options
from lrviz.cli.arranged import Arranged
from lrviz.cli.failures import COMMAND, Failures, findings_of
from lrviz.cli.output import standard_output
from lrviz.cli.status import status_of
from lrviz.cli.streams import Notes, ascii_only, use_color
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.loading import file_and_key
from lrviz.words import counted, several

if TYPE_CHECKING:
    from lrviz.checks.finding import Finding, Held
    from lrviz.cli.sources import Loaded, Selection
    from lrviz.lessons.results import TrainedSchedule
    from lrviz.schedule.train.expected import TrainingExpectation

TABLES = ("table", "csv", "json")
"""The formats of what came out; those of a report are `check`'s."""

NOTHING = "nothing is expected of the trainings of this file"
EXPECT_SOMETHING = "train: {expect: {diverges: [hot], better: {cosine: constant}}}"


def format_of(format: str | None, check: bool) -> str:
    """The format of the table, or of the report. Raises `ScheduleError` for one of the other."""
    from lrviz.checks.report import FORMATS

    formats = tuple(FORMATS if check else TABLES)
    if format is None:
        return formats[0]
    if format not in formats:
        what = f"--format {format} is not one of {'a report of --check' if check else 'the table'}"
        raise ScheduleError.at(COMMAND, what, f"one of {', '.join(formats)}")
    return format


def expecting(arranged: Sequence[Arranged], selection: Selection, notes: Notes, failures: Failures) -> list[Arranged]:
    """The schedules of files that expect something. A file that does not is an error if it was named, and else passed
    over."""
    named = {file_and_key(each)[0] for each in selection.files}
    expected = {each.schedule.file: False for each in arranged}
    for each in arranged:
        expected[each.schedule.file] |= bool(each.settings.expected)
    without = [file for file, expects in expected.items() if not expects]
    passed_over = [file for file in without if selection.files and file != selection.stdin and file not in named]
    for file in without:
        if file not in passed_over:
            failures.add(Problem(Position(file), NOTHING, EXPECT_SOMETHING))
    if passed_over:
        notes.say(f"lrviz: passed over {several(len(passed_over), 'file')} without `train.expect`")
        notes.detail(f"lrviz: passed over {', '.join(passed_over)}")
    if len(passed_over) == len(expected) and arranged:
        failures.add(Problem(COMMAND, "none of these files expects anything of its trainings", EXPECT_SOMETHING))
    return [each for each in arranged if expected[each.schedule.file]]


def report_on(
    trained: Sequence[TrainedSchedule],
    arranged: Sequence[Arranged],
    loaded: Loaded,
    notes: Notes,
    failures: Failures,
    format: str,
    color: options.Color,
    *,
    interrupted: bool,
) -> None:
    """Prints what the trainings show of what is expected; the status is that of `check`.

    Of trainings that were `interrupted`, what is known is judged, if anything is.
    """
    from lrviz.checked import Report
    from lrviz.checks.report import FORMATS
    from lrviz.checks.report.options import ReportOptions

    results = list(_results(trained, arranged, notes))
    if interrupted and not results:
        return
    if len(trained) == len(arranged) > 0 and not results:
        what = "no expectation is about schedules that were trained"
        failures.add(Problem(COMMAND, what, "train those that it names, too"))
    wrong = findings_of(failures)
    checked = [(each.schedule.file, each.name) for each in arranged]
    files = {*(file for file, _ in checked), *(each.where.file for each in wrong)}
    texts = {file: text for file, text in loaded.texts.items() if file in files}
    report = Report.of([*wrong, *results], checked, texts)
    colored, ascii = use_color(sys.stdout, color), ascii_only(sys.stdout)
    text = FORMATS[format](
        report, ReportOptions(report.lines, colored, verbose=notes.verbose, quiet=notes.quiet, ascii=ascii)
    )
    if ascii:
        text = text.replace("±", "+/-")
    failures.at_least(status_of(report))
    with standard_output():
        sys.stdout.write(text)


def _results(
    trained: Sequence[TrainedSchedule], arranged: Sequence[Arranged], notes: Notes
) -> Iterator[Finding | Held]:
    """The results of every expectation, file by file; those that cannot be judged are counted in a note."""
    from lrviz.lessons.judge import judged

    whole = {each.name: len(each.sessions.seeds) for each in arranged}
    complete = [each for each in trained if sum(training.complete for training in each.trainings) == whole[each.name]]
    expected: dict[tuple[str, str], dict[TrainingExpectation, None]] = {}
    for _, schedule, _, settings in arranged:
        expected.setdefault((schedule.file, schedule.key), {}).update(dict.fromkeys(settings.expected))
    for (file, key), expectations in expected.items():
        of_file = [each for each in complete if (each.schedule.file, each.schedule.key) == (file, key)]
        known = {each.schedule.name_in_file for each in of_file}
        missing = [each for each in expectations if not known.issuperset(each.schedules)]
        if missing:
            names = dict.fromkeys(name for each in missing for name in each.schedules if name not in known)
            what = f"{counted(len(missing), 'expectation')} not judged, since {', '.join(names)}"
            notes.say(f"lrviz: {file}: {what} {'was' if len(names) == 1 else 'were'} not trained to the end")
        for each in expectations:
            yield from judged(each, of_file)
