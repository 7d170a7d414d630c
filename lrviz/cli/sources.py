"""What a command line names -> files -> schedules -> curves."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrviz.cli.failures import Answer, Failures, answers
from lrviz.cli.status import Status
from lrviz.cli.streams import Notes, progress
from lrviz.configs.facts import Given
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import STDIN
from lrviz.loading import SUFFIXES, file_and_key, is_recognized, load_text, read_file, read_stdin
from lrviz.reach import allowed
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.length import length_of
from lrviz.schedule.reading.override import parse_overrides
from lrviz.schedule.reading.run import Length
from lrviz.schedule.reading.stretch.factor import Stretch, stretch_of
from lrviz.schedule.text.suggest import valid_names
from lrviz.words import counted, several

if TYPE_CHECKING:
    from lrviz.engine.backend import Engine
    from lrviz.engine.side_by_side import Simulated

USUAL = ("schedule.yaml", "schedule.yml", "lrviz.yaml")
"""The files that lrviz looks for if none is named."""

STARTER = "starter.yaml"


class Selection(NamedTuple):
    """The schedules that a verb works on: files, selected schedules, length of the run, engine."""

    files: Sequence[str]
    epochs: str | None = None
    steps: str | None = None
    only: Sequence[str] = ()
    engine: Engine = "auto"
    trust: bool = False
    settings: Sequence[str] = ()
    allow_path: Sequence[str] = ()
    stdin_filename: str = ""
    ignore: frozenset[str] = frozenset()
    data: Sequence[str] = ()
    program: str = ""
    overrides: Sequence[str] = ()
    factor: str | None = None
    keep_warmup: bool = False

    @property
    def length(self) -> Length | None:
        """The length of every run in place of the file's; None where the file says it. Raises `ScheduleError`."""
        return length_of(self.epochs, self.steps)

    @property
    def stretch(self) -> Stretch | None:
        """How much longer every plan becomes; None where it stays as it is. Raises `ScheduleError`."""
        stretch = stretch_of(self.factor, keep_warmup=self.keep_warmup)
        for option, value in (("--epochs", self.epochs), ("--steps", self.steps)):
            if stretch is not None and value is not None:
                what = f"{option} and --stretch both set the length of the run"
                raise ScheduleError.at(Position("lrviz"), what, f"give one of them; {option} changes the run alone")
        return stretch

    @property
    def given(self) -> Given:
        """What is said of configs of other programs. Raises `ScheduleError` with all that is wrong."""
        if not self.data:
            return Given({}, self.program, tuple(self.overrides))
        from lrviz.configs.settings import parse_data  # more than a schedule of ours needs

        return Given(parse_data(self.data), self.program, tuple(self.overrides))

    @property
    def stdin(self) -> str:
        """The name of standard input in messages."""
        return self.stdin_filename or STDIN

    @property
    def name(self) -> str:
        """The name of the whole selection, for the name of a picture: its one file or folder, or `lrviz`."""
        if len(self.files) > 1:
            return "lrviz"
        named, _ = file_and_key(self.files[0] if self.files else next(filter(os.path.isfile, USUAL), STARTER))
        return "stdin" if named == "-" else Path(os.path.abspath(named)).stem

    def command(self, verb: str) -> str:
        """The command line that asks another verb about the same schedules."""
        given: list[object] = ["lrviz", verb, *self.files]
        for option, value in (("--epochs", self.epochs), ("--steps", self.steps), ("--stretch", self.factor)):
            given += [] if value is None else [option, value]
        given += ["--keep-warmup"] if self.keep_warmup else []
        given += ["--from", self.program] if self.program else []
        for option, values in (
            ("--only", self.only),
            ("--set", self.settings),
            ("--data", self.data),
            ("--override", self.overrides),
            ("--allow-path", self.allow_path),
        ):
            given += [part for value in values for part in (option, value)]
        return shlex.join(map(str, [*given, *(["--trust"] if self.trust else [])]))


def answers_of(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    answer: Callable[[Simulated], Answer],
    *,
    remarks: bool = True,
) -> list[Answer]:
    """The answer for each schedule of a selection that has one; what has none is a failure."""
    loaded = load_all(selection, notes, failures, remarks=remarks)
    return answers(simulated_of(loaded.schedules, selection.engine, notes), failures, answer)


def simulated_of(schedules: Sequence[tuple[str, Schedule]], engine: Engine, notes: Notes) -> Iterator[Simulated]:
    """The result for each schedule, in order, with progress on a terminal."""
    if not schedules:
        return  # files with errors need no engine
    from lrviz.engine.side_by_side import simulate_all

    with progress(notes) as progress_of:
        for simulated in simulate_all(schedules, engine, progress_of):
            if simulated.curve is not None:
                calls = f"{counted(simulated.curve.run.calls, 'call')} of scheduler.step()"
                notes.detail(f"lrviz: {simulated.name}: {calls}, by {simulated.backend}")
            yield simulated


@dataclass(frozen=True, slots=True)
class Loaded:
    """The contents of a selection: `schedules` in the order of the command line and the files, each with a unique name;
    and the bytes of each file by its name."""

    schedules: list[tuple[str, Schedule]]
    texts: dict[str, bytes] = field(default_factory=dict)


def load_all(
    selection: Selection, notes: Notes, failures: Failures, *, remarks: bool = True, real_metric: bool = False
) -> Loaded:
    """Reads every file of a selection; with `remarks`, the remarks on them are printed.

    With a `real_metric`, that of a training, a ReduceLROnPlateau needs none in its file.

    What is wrong with a file is a failure. Raises `ScheduleError` for a command that is wrong.
    """
    length = selection.length
    overrides = parse_overrides(selection.settings)
    allow_path = allowed(selection.allow_path)
    given, stretch = selection.given, selection.stretch

    schedules: list[Schedule] = []
    texts: dict[str, bytes] = {}
    passed_over: list[str] = []
    for source in files_of(selection.files, notes, failures.add):
        named, key = file_and_key(source or STARTER)
        file = selection.stdin if named == "-" else named
        unnamed = source is not None and source not in selection.files
        with failures.caught(Position(file)):
            if file not in texts:
                text = _read(source and named, regular=unnamed)
                if unnamed and not is_recognized(text, file):
                    passed_over.append(file)
                    continue
                texts[file] = text
            found = load_text(
                texts[file],
                file,
                length,
                overrides,
                chosen_in(file, selection),
                trust=selection.trust,
                allow_path=allow_path,
                key=key,
                given=given,
                stretch=stretch,
                real_metric=real_metric,
            )
            schedules += found
            for line in dict.fromkeys(str(each.imported) for each in found if each.imported is not None):
                notes.say(line)
            notes.detail(f"lrviz: read {source or STARTER}: {', '.join(schedule.name for schedule in found)}")
            said = (
                remark
                for schedule in found
                for accepted in [{*selection.ignore, *(each.code for each in schedule.ignore)}]
                for remark in schedule.remarks
                if remarks and remark.code not in accepted
            )
            for remark in dict.fromkeys(said):
                notes.remark(remark)
    if passed_over:
        _say_passed_over(passed_over, selection.files, notes, failures, anything=bool(texts) or bool(failures.status))
    every = _named(schedules)
    chosen = _only(every, selection.only)
    if every and not chosen:
        failures.add(_none_chosen(every, selection.only, everything=failures.status is Status.OK))
    return Loaded(chosen, texts)


def _say_passed_over(
    files: Sequence[str], named: Sequence[str], notes: Notes, failures: Failures, *, anything: bool
) -> None:
    """Counts the files of folders that are no schedules; without `anything` else to read, that is an error."""
    count = f"{several(len(files), 'YAML file')} without a key of a schedule"
    if not anything:
        where = Position(next(filter(os.path.isdir, named)))
        failures.add(Problem(where, f"there is no schedule in this folder, only {count}", NAME_IT))
        return
    notes.say(f"lrviz: passed over {count}")
    notes.detail(f"lrviz: passed over {', '.join(files)}")


def refuse_starter(selection: Selection) -> None:
    """Raises `ScheduleError` where nothing is named and nothing is here: lrviz's own starter is nothing to check."""
    if not selection.files and not any(map(os.path.isfile, USUAL)):
        raise ScheduleError.at(
            Position("lrviz"), f"there is nothing to check here: no {', '.join(USUAL)}", "name the files or folders"
        )


NAME_IT = "a file that is named is always read; a schedule inside of a larger file is named by its key, FILE#KEY"


def chosen_in(file: str, selection: Selection) -> Callable[[str], bool]:
    """Tells by its name if a schedule of a file is in a selection."""
    globs = selection.only or ("*",)
    # a glob may name the values of a sweep behind the schedule
    return lambda name: any(
        fnmatchcase(each, glob) or glob.startswith(f"{each} ")
        for glob in globs
        for each in (name, f"{_short(file)}:{name}")
    )


def _read(source: str | None, *, regular: bool) -> bytes:
    if source is None:
        from importlib.resources import files

        return files("lrviz.gallery").joinpath(STARTER).read_bytes()
    return read_stdin() if source == "-" else read_file(source, regular=regular)


NO_FILES = "there is no *.yaml or *.yml in this folder"


def files_of(named: Sequence[str], notes: Notes, wrong: Callable[[Problem], object]) -> Iterator[str | None]:
    """Files by name and folders as the files in them, each file once; None for the starter inside the package.

    `wrong` is called with the problem of a folder.
    """
    if not named:
        usual = next(filter(os.path.isfile, USUAL), None)
        if usual is None:
            notes.say(f"lrviz: no {USUAL[0]} here, so these are the schedules of lrviz's own starter file")
        yield usual
        return
    seen: set[object] = set()
    for name in named:
        inside = _folder(name, wrong) if name != "-" and os.path.isdir(name) else [name]
        if not inside:
            wrong(Problem(Position(name), NO_FILES))
        for file in inside:
            path, key = file_and_key(file)
            once = file if path == "-" else (os.path.realpath(path), key)
            if once not in seen:
                seen.add(once)
                yield file


def _folder(folder: str, wrong: Callable[[Problem], object]) -> list[str]:
    """The schedule files of a folder and of those inside it, sorted; hidden ones are skipped, and so are pipes, sockets
    and devices."""

    def unreadable(error: OSError) -> None:
        hint = "you may not list it; name files in it, or another folder" if isinstance(error, PermissionError) else ""
        wrong(Problem(Position(error.filename), f"the folder cannot be read: {error.strerror}", hint))

    found = []
    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(place, name) for name in names if name.endswith(SUFFIXES) and not name.startswith(".")]
    return sorted(file.removeprefix(f".{os.sep}") for file in found if not _waits(file))


def _waits(file: str) -> bool:
    """True for a pipe, socket or device. (A broken link is none: that it cannot be read is an error.)"""
    return os.path.exists(file) and not os.path.isfile(file)


def _named(schedules: Sequence[Schedule]) -> list[tuple[str, Schedule]]:
    """Schedules with unique names: `name`, or `file:name` if several files, or keys of one, have that name."""
    count = Counter(schedule.name for schedule in schedules)
    keys = {schedule.file: set[str]() for schedule in schedules}
    for schedule in schedules:
        keys[schedule.file].add(schedule.key)

    def place(schedule: Schedule) -> str:
        key = f"#{schedule.key}" if len(keys[schedule.file]) > 1 and schedule.key else ""
        return f"{_short(schedule.file)}{key}"

    return [
        (schedule.name if count[schedule.name] == 1 else f"{place(schedule)}:{schedule.name}", schedule)
        for schedule in schedules
    ]


def _short(file: str) -> str:
    return file if file == STDIN else os.path.relpath(file) if os.path.isabs(file) else file


def _called(name: str, schedule: Schedule) -> list[str]:
    """The names by which a schedule may be chosen: with and without its file, with and without its sweep values."""
    names = [name, schedule.name]
    return names + [each.removesuffix(f" {schedule.swept}") for each in names if schedule.swept]


def _only(named: list[tuple[str, Schedule]], globs: Sequence[str]) -> list[tuple[str, Schedule]]:
    if not globs:
        return named
    return [
        (name, schedule)
        for name, schedule in named
        if any(fnmatchcase(each, glob) for each in _called(name, schedule) for glob in globs)
    ]


def _none_chosen(named: list[tuple[str, Schedule]], globs: Sequence[str], *, everything: bool) -> Problem:
    """That no schedule has a chosen name; not `everything` could be read."""
    what = "no schedule" if everything else "no schedule that could be read"
    hint = valid_names([name for name, _ in named])
    return Problem(Position("lrviz"), f"{what} matches --only {' '.join(globs)}", hint)
