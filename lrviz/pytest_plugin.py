"""`pytest --lrviz schedules/`: every expectation of every schedule file is a test, and so is the lint of a schedule.

pytest loads this module wherever lrviz is installed, so it does nothing, and imports nothing, without `--lrviz`. A file
that is named is always collected; in a folder, files with a key of a schedule are, as for `lrviz check`, and as there
`train.yaml#trainer.schedule` names a schedule inside of a larger file, and `[tool.lrviz]` is read.
"""

from __future__ import annotations

import warnings
from argparse import BooleanOptionalAction
from collections.abc import Iterator, Sequence
from functools import cached_property
from os.path import realpath, relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lrviz.checks.finding import Finding, Held
    from lrviz.config import Config
    from lrviz.errors import Position
    from lrviz.schedule.model import Schedule


KEYS: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()
"""The keys of the schedules that the command line names, by their files without links; no key stands for the whole."""

CONFIG: pytest.StashKey[Config] = pytest.StashKey()


class LrvizWarning(pytest.PytestWarning):
    """A warning of the lint."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--lrviz` and the options that go with it."""
    group = parser.getgroup("lrviz", "learning-rate schedules")
    group.addoption("--lrviz", action="store_true", help="Collect schedule files (*.yaml, *.yml) and check them.")
    for name, help in (
        ("strict", "Fail on warnings of the lint too."),
        ("require-expect", "Fail on schedules that expect nothing."),
    ):
        group.addoption(f"--lrviz-{name}", action=BooleanOptionalAction, default=None, help=help)
    group.addoption(
        "--lrviz-trust",
        action="store_true",
        help="Let schedule files import and run schedulers that are not torch's own.",
    )
    group.addoption(
        "--lrviz-allow-path",
        action="append",
        default=[],
        metavar="DIR",
        help="Let schedule files name files in this folder too, outside of their project (repeatable).",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Reads `[tool.lrviz]` and the options. A wrong one is a usage error, before anything is collected."""
    if not config.getoption("--lrviz"):
        return
    from lrviz.config import config_of
    from lrviz.errors import ScheduleError

    try:
        config.stash[CONFIG] = config_of(config.invocation_params.dir)
    except ScheduleError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Takes the keys off the arguments, which pytest then finds as files. (Processes of xdist get them whole.)"""
    config = session.config
    if not config.getoption("--lrviz"):
        return
    from lrviz.loading import file_and_key

    keys = config.stash.setdefault(KEYS, {})
    for index, argument in enumerate(config.args):
        named, colons, test = argument.partition("::")
        file, key = file_and_key(named)
        inside = keys.setdefault(realpath(file), [])
        inside += [key] if key not in inside else []
        config.args[index] = f"{file}{colons}{test}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes schedule files: every YAML file that is named, and in folders those that hold a schedule."""
    if not parent.config.getoption("--lrviz"):
        return None
    from lrviz.loading import SUFFIXES

    if file_path.suffix not in SUFFIXES:
        return None
    if not parent.session.isinitpath(file_path) and not _is_schedule(file_path):
        return None
    file: pytest.Collector = ScheduleFile.from_parent(parent, path=file_path)
    return file


def _is_schedule(path: Path) -> bool:
    """True for a file with a key of a schedule; the config of another program, which may need facts, must be named.

    Pipes, sockets and devices in a folder are passed over by pytest itself.
    """
    from lrviz.files import UnreadableError, open_regular
    from lrviz.schedule.text.document import MAX_BYTES, readable
    from lrviz.schedule.text.quoting import is_meant_as_schedule

    try:
        with open_regular(path) as file:
            return is_meant_as_schedule(readable(file.read(MAX_BYTES + 1)))
    except UnreadableError:
        return False
    except OSError:
        return True  # its test says why it cannot be read


class ScheduleFile(pytest.File):
    """A schedule file; if it cannot be read, it is a single test, which fails."""

    def collect(self) -> Iterator[pytest.Collector | pytest.Item]:
        """One node for each schedule; a file that cannot be read is one failing test."""
        from lrviz.checks.examine import refusals
        from lrviz.errors import ScheduleError
        from lrviz.foreign import escaped
        from lrviz.loading import load_file
        from lrviz.reach import allowed

        file, option = relpath(self.path, self.config.invocation_params.dir), self.config.getoption
        for key in self.config.stash[KEYS].get(realpath(self.path), [""]):
            name = f"#{escaped(key)}" if key else "file"
            try:
                allow_path = allowed(option("--lrviz-allow-path"))
                schedules = load_file(file, trust=option("--lrviz-trust"), allow_path=allow_path, key=key)
            except ScheduleError as error:
                yield Unreadable.from_parent(self, name=name, findings=list(refusals(error)))
                continue
            except Exception as fault:  # raised here, it would end the run and take away what other files give
                yield Fault.from_parent(self, name=name, fault=fault)
                continue
            for schedule in schedules:
                name = f"{key}:{schedule.name}" if key else schedule.name
                yield ScheduleTests.from_parent(self, name=escaped(name), schedule=schedule)


class ScheduleTests(pytest.Collector):
    """The tests of one schedule, which is simulated once, by the first test that runs."""

    def __init__(self, *, schedule: Schedule, **given: Any) -> None:
        super().__init__(**given)
        self.schedule = schedule

    def collect(self) -> Iterator[pytest.Item]:
        """A test for the lint, and one for each expectation."""
        from lrviz.foreign import escaped

        expect = self.schedule.expect
        yield Lint.from_parent(self, name="lint")
        for expected in expect.expected:
            where = " to ".join(place.text for place in expected.places)
            group = self.schedule.optimizer.groups[expected.group].name if expected.group is not None else ""
            named = " ".join(filter(None, [expected.key, where, group]))
            yield ExpectationTest.from_parent(self, name=escaped(named), where=expected.where)
        if expect.snapshot is not None:
            yield ExpectationTest.from_parent(self, name="snapshot", where=expect.snapshot.where)

    @cached_property
    def results(self) -> list[Finding | Held]:
        """What a check of the schedule finds. It is simulated once, for all of its tests."""
        from lrviz.checked import results_of
        from lrviz.engine.side_by_side import simulate_all

        (simulated,) = simulate_all([(self.schedule.name, self.schedule)])
        return results_of(simulated, self.config.stash[CONFIG].ignore)


class FindingsError(Exception):
    """Findings that make a test fail."""

    def __init__(self, findings: list[Finding]) -> None:
        from lrviz.foreign import escaped

        super().__init__("\n".join(escaped(finding.message) for finding in findings))
        self.findings = findings


class _Test(pytest.Item):
    line = 0
    """The line of the file where it begins, from 0."""

    def findings(self) -> list[Finding]:
        """The findings that this test reports."""
        raise NotImplementedError

    def runtest(self) -> None:
        from lrviz.checks.finding import Results
        from lrviz.foreign import escaped

        config, found = self.config.stash[CONFIG], self.findings()
        if self._option("require_expect", config.require_expect):
            found = [finding.required() for finding in found]
        results = Results((), (), tuple(found), (), strict=self._option("strict", config.strict))
        failed = list(filter(results.fails, found))
        for each in found:
            if each not in failed and each.severity == "warning":
                text = escaped(f"{each.message} [{each.code}]")
                warnings.warn_explicit(LrvizWarning(text), None, each.where.file, max(1, each.where.line))
        if failed:
            raise FindingsError(failed)

    def _option(self, name: str, default: bool) -> bool:
        """An option of the command line, else what the project sets."""
        given = self.config.getoption(f"lrviz_{name}")
        return default if given is None else bool(given)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if not isinstance(excinfo.value, FindingsError):
            return super().repr_failure(excinfo, style)
        from lrviz.checks.finding import Results
        from lrviz.checks.report import FORMATS
        from lrviz.checks.report.options import ReportOptions
        from lrviz.schedule.text.document import lines_to_quote

        results = Results((), (), tuple(excinfo.value.findings), ())

        def lines(file: str) -> Sequence[str]:
            try:
                return lines_to_quote(Path(file).read_bytes())
            except OSError:
                return ()

        options = ReportOptions(lines=lines, quiet=True)
        return FORMATS["text"](results, options)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, self.line, f"{self.parent.name if self.parent else ''}: {self.name}"


class Unreadable(_Test):
    """The test of a file or schedule that cannot be read: it fails with the problems."""

    def __init__(self, *, findings: list[Finding], **given: Any) -> None:
        super().__init__(**given)
        self._findings = findings

    def findings(self) -> list[Finding]:
        """The problems, which were found while it was collected."""
        return self._findings


class Fault(_Test):
    """A fault of lrviz while it read the file, with its traceback."""

    def __init__(self, *, fault: Exception, **given: Any) -> None:
        super().__init__(**given)
        self._fault = fault

    def findings(self) -> list[Finding]:
        """Raises the exception again, so that pytest shows where it comes from."""
        raise self._fault


class Lint(_Test):
    """All findings other than failed expectations: the lint, and problems that torch raises."""

    def findings(self) -> list[Finding]:
        """What the lint found, without the expectations, which are tests of their own."""
        from lrviz.checks.finding import Finding

        assert isinstance(self.parent, ScheduleTests)
        found = (each for each in self.parent.results if isinstance(each, Finding))
        return [each for each in found if not each.code.startswith("expect.")]


class ExpectationTest(_Test):
    """One expectation, identified by its position in the file."""

    def __init__(self, *, where: Position, **given: Any) -> None:
        super().__init__(**given)
        self.line = where.line - 1
        self._where = where

    def findings(self) -> list[Finding]:
        """What the check says of this expectation, told from others by its place in the file."""
        from lrviz.checks.finding import Finding

        assert isinstance(self.parent, ScheduleTests)
        found = [each for each in self.parent.results if each.where == self._where and each.code.startswith("expect.")]
        if not found:
            pytest.skip("torch refuses to run this schedule")
        return [each for each in found if isinstance(each, Finding)]
