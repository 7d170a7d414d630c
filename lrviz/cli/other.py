"""The other file, or the other values, with which a training is restarted."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrviz.cli.failures import Failures
from lrviz.cli.sources import Loaded, Selection, load_all
from lrviz.cli.streams import Notes
from lrviz.errors import Position, ScheduleError
from lrviz.loading import editable, file_and_key
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import parse_overrides
from lrviz.schedule.reading.run import Length

INTO = Position("--into")


@dataclass(frozen=True)
class Others:
    """What the schedules of a selection become in a restart.

    `file` is another file with its schedules by name; or else `values` are set in the file of each schedule, which
    without any is a run twice as long.
    """

    selection: Selection
    texts: Mapping[str, bytes]
    notes: Notes
    file: str = ""
    schedules: Mapping[str, Schedule] | None = None
    values: Sequence[str] = ()

    @classmethod
    def of(cls, selection: Selection, loaded: Loaded, into: Sequence[str], notes: Notes, failures: Failures) -> Others:
        """What `--into` says. Raises `ScheduleError` for several files, or values that cannot be read."""
        files = [text for text in into if "=" not in text or os.path.exists(file_and_key(text)[0])]
        if files and len(into) > 1:
            raise ScheduleError.at(
                INTO, "a training is restarted with one file, or with values", "give one file, or KEY=VALUE"
            )
        if not files:
            if any(len(override.values) > 1 for override in parse_overrides(into, INTO.file)):
                raise ScheduleError.at(INTO, "a training is restarted with one value of a key", "--into KEY=VALUE")
            return cls(selection, loaded.texts, notes, values=into)
        if files[0] == "-" and "-" in selection.files:
            raise ScheduleError.at(INTO, "only one of the two files can be standard input")
        there = load_all(selection._replace(files=files, only=()), notes, failures)
        failures.raise_any()
        named = selection.stdin if files[0] == "-" else files[0]
        return cls(selection, loaded.texts, notes, named, dict(there.schedules))

    @property
    def asked(self) -> bool:
        """True if `--into` names another file or other values."""
        return self.schedules is not None or bool(self.values)

    def of_schedule(self, schedule: Schedule) -> tuple[str, Schedule] | None:
        """What is other, in words, and the other schedule; None if the run cannot be made twice as long.

        Raises `ScheduleError` for a schedule that the other file does not have, or a value that does not fit.
        """
        if self.schedules is not None:
            return self.file, self._in_file(schedule, self.schedules)
        if self.values:
            return ", ".join(self.values), self._read(schedule, self.selection.length, self.values)
        try:
            return twice(schedule.run), self._read(schedule, _length(schedule.run), ())
        except ScheduleError as error:
            self.notes.detail(f"lrviz: {schedule.name} cannot be twice as long: {error.problems[0].message}")
            return None

    def _in_file(self, schedule: Schedule, schedules: Mapping[str, Schedule]) -> Schedule:
        if len(schedules) == 1:
            return next(iter(schedules.values()))
        found = schedules.get(schedule.name)
        if found is None:
            hint = f"it has {', '.join(schedules)}; choose with FILE#KEY"
            raise ScheduleError.at(Position(self.file), f"there is no schedule {schedule.name!r} here", hint)
        return found

    def _read(self, schedule: Schedule, length: Length | None, values: Sequence[str]) -> Schedule:
        """A schedule of the selection again, with another length or other values."""
        document = editable(
            schedule,
            self.texts[schedule.file],
            length,
            [*parse_overrides(self.selection.settings), *parse_overrides(values, INTO.file)],
            trust=self.selection.trust,
            given=self.selection.given,
            stretch=self.selection.stretch,
        )
        return document.read(document.root)


def _length(run: Run) -> Length:
    """Twice the length of a run."""
    return Length(epochs=2 * run.epochs) if run.epochs is not None else Length(steps=2 * (run.steps or 0))


def twice(run: Run) -> str:
    """The same as a value of the file."""
    length = _length(run)
    return f"epochs={length.epochs}" if length.epochs is not None else f"steps={length.steps}"
