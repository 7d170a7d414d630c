"""Schedule files, texts and dicts -> the schedules in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from os import PathLike, fspath
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from lrviz import sketch
from lrviz.configs.facts import Given
from lrviz.configs.settings import data_of
from lrviz.curve import Curve
from lrviz.engine.backend import Engine
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_document, load_text, read_file
from lrviz.reach import allowed
from lrviz.run import Interval
from lrviz.schedule import model
from lrviz.schedule.reading.override import override_of
from lrviz.schedule.reading.run import Length, whole_argument
from lrviz.schedule.reading.stretch.factor import Stretch, stretch_argument
from lrviz.schedule.text.document import MAX_BYTES, node_of
from lrviz.words import counted, listed

if TYPE_CHECKING:
    from lrviz.checked import Report

Source: TypeAlias = str | PathLike[str] | IO[str] | IO[bytes] | Mapping[str, Any]
"""A path, an open file, or a dict as a file would hold it."""

NO_FILE = "<schedule>"
"""The name of a text or dict in errors; a lone schedule of it is called `schedule`."""

MOST_DRAWN = 1_000_000
"""Learning rates that are computed for what a notebook shows: about a second."""

MOST_SHOWN = 12
"""Schedules of a file that a notebook shows."""


class Schedule:
    """One learning-rate schedule of a file. A notebook draws it, unless its run is long."""

    def __init__(self, schedule: model.Schedule, text: bytes) -> None:
        self._schedule = schedule
        self._text = text

    @property
    def name(self) -> str:
        """Its name in the file; the file's own name where the file holds one schedule."""
        return self._schedule.name

    def simulate(self, engine: Engine = "auto") -> Curve:
        """The learning rate of every tick of the run, by torch's own schedulers.

        `engine="torch"` imports all of torch, which takes longer and changes no bit. Raises `ScheduleError`
        with torch's own words for what torch refuses.

        >>> lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
        <Curve 'step-decay': 90 ticks x 1 group, peak 0.1 at epoch 0, end 1e-4>
        """
        return simulate(self._schedule, engine)

    def check(self, *, strict: bool = False, require_expect: bool = False, engine: Engine = "auto") -> Report:
        """What `lrviz check` finds: expectations and snapshot that do not hold, the lint, and what torch refuses.

        With `strict`, warnings fail too; with `require_expect`, so does a schedule that expects nothing. `engine` is
        that of `simulate`. In a test, `check().raise_if_failed()` fails with the report as its text.

        >>> report = lrviz.load("schedules/basics/step-decay.yaml").only.check()
        >>> report.ok
        True
        >>> print(report)
        All 7 expectations of 1 schedule in 1 file hold.
        """
        from lrviz.checked import Report, results_of
        from lrviz.engine.side_by_side import simulate_all

        (simulated,) = simulate_all([(self.name, self._schedule)], engine)
        found = results_of(simulated)
        file = self._schedule.file
        texts = {file: self._text}
        return Report.of(found, [(file, self.name)], texts, strict=strict, require_expect=require_expect)

    @property
    def interval(self) -> Interval:
        """After what training code calls `scheduler.step()`: "step", which is an optimizer step, or "epoch".

        It does so after every `every` of them: `if (step + 1) % schedule.every == 0: scheduler.step()`.
        """
        return self._schedule.run.interval

    @property
    def every(self) -> int:
        """After how many steps or epochs training code calls `scheduler.step()`: 1, or 500 with `interval: 500 steps`.

        A schedule in phases is called after each of them, and counts by itself.
        """
        return 1 if isinstance(self._schedule.scheduler, model.Phases) else self._schedule.run.every

    @property
    def takes_metric(self) -> bool:
        """True if training code passes the metric on: `scheduler.step(val_loss)`. It may do so at every call."""
        specs = self._schedule.scheduler.walk() if self._schedule.scheduler is not None else ()
        return any(spec.type == "ReduceLROnPlateau" for spec in specs)

    def build(
        self,
        optimizer: Any,
        *,
        loader: Any = None,
        steps_per_epoch: int | None = None,
        override: bool = False,
    ) -> Any:
        """The scheduler for training: torch's own class, or `PhasedLR`, on the optimizer of the training.

        Call its `step()` after every optimizer step or after every epoch, as `interval` and `every` say; with the
        metric, if `takes_metric`. A constant schedule gives a `ConstantLR` that changes nothing. It resumes as any
        scheduler of torch: build it first, then load the optimizer's state, then its own.

        - A file without `groups` fits any number of param groups. Otherwise they go by name, where both sides have
          names (the key `name` of a group), else by order.
        - `loader`: the data loader of the training, or `steps_per_epoch`: held against the file. A loader's length is
          batches; `accumulate` of the file divides it.
        - `override` sets the file's values in the optimizer's param groups, where they contradict it, and accepts
          another class. Without it a contradiction is an error. Of the file counts what it says: class, lr, betas,
          momentum and every other option, but not the implementation (`fused`). A group whose weight decay is 0
          keeps it.

        Raises `ScheduleError` for param groups, values and lengths that contradict the file, and for what torch
        refuses; the optimizer is then as it was.

        >>> import torch
        >>> schedule = lrviz.load("schedules/basics/step-decay.yaml").only
        >>> model = torch.nn.Linear(2, 1)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        >>> scheduler = schedule.build(optimizer)
        >>> type(scheduler).__name__, schedule.interval, schedule.every
        ('StepLR', 'epoch', 1)
        >>> schedule.build(torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9, weight_decay=1e-4))
        Traceback (most recent call last):
        ...
        lrviz.errors.ScheduleError: optimizer: error: lr of param group 0 is 1.0; the file says 0.1
          hint: override=True sets the file's value
        """
        from lrviz.training.build import build

        return build(self._schedule, optimizer, loader=loader, steps_per_epoch=steps_per_epoch, override=override)

    def __repr__(self) -> str:
        schedule = self._schedule
        run, unit = schedule.run, "epoch" if schedule.run.epochs is not None else "step"
        length = counted(run.epochs or run.steps or 0, unit)
        kind = schedule.scheduler.type if schedule.scheduler is not None else "constant"
        groups = counted(len(schedule.optimizer.groups), "group")
        return f"<Schedule {self.name!r} of {schedule.file}: {kind}, {length}, {groups}>"

    def _repr_html_(self) -> str:
        return self._drawn(MOST_DRAWN)[0]

    def _drawn(self, most: int) -> tuple[str, int]:
        """The schedule as a notebook shows it, and what that took of the `most` learning rates that it may compute."""
        rates = self._schedule.run.ticks * len(self._schedule.optimizer.groups)
        if rates > most:
            return sketch.html(None, repr(self)), 0
        try:
            return self.simulate()._repr_html_(), rates
        except ScheduleError as error:
            return sketch.html(None, f"{self!r}\n{error}"), rates


class Schedules(Mapping[str, Schedule]):
    """The schedules of a file by name, in the order of the file."""

    def __init__(self, schedules: Mapping[str, Schedule], file: str) -> None:
        self._schedules = dict(schedules)
        self._file = file

    @property
    def only(self) -> Schedule:
        """The schedule of a file that holds one. Raises `ScheduleError`, which lists the names, where it holds more.

        >>> lrviz.load("schedules/basics/side-by-side.yaml").only
        Traceback (most recent call last):
        ...
        lrviz.errors.ScheduleError: schedules/basics/side-by-side.yaml: error: the file holds 3 schedules
          hint: choose one by its name: step, cosine, hot
        """
        if len(self) != 1:
            raise ScheduleError.at(
                Position(self._file),
                f"the file holds {len(self)} schedules",
                f"choose one by its name: {', '.join(self)}",
            )
        return next(iter(self.values()))

    def __getitem__(self, name: str) -> Schedule:
        try:
            return self._schedules[name]
        except KeyError:
            raise KeyError(f"{self._file} has no schedule {name!r}; it has {', '.join(self)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    def __repr__(self) -> str:
        return f"<Schedules of {self._file}: {listed(self)}>"

    def _repr_html_(self) -> str:
        """The schedules, each with its chart, and this line above them; the first of them if there are very many."""
        drawn, left = [], MOST_DRAWN
        for schedule in islice(self.values(), MOST_SHOWN):
            text, took = schedule._drawn(left)
            drawn.append(text)
            left -= took
        return sketch.several_html(drawn, repr(self))


def given_schedule(given: object) -> Schedule:
    """The argument `schedule` of a function. Raises `ScheduleError` for anything but a schedule."""
    if isinstance(given, Schedule):
        return given
    hint = "lrviz.load('schedule.yaml').only"
    if isinstance(given, Schedules):
        hint = "take the only one: .only" if len(given) == 1 else f"choose one by its name: {', '.join(given)}"
    raise ScheduleError.at(Position("schedule"), f"expected a schedule (got {type(given).__name__})", hint)


def load(
    source: Source,
    *,
    key: str = "",
    epochs: int | None = None,
    steps: int | None = None,
    set: Mapping[str, Any] | None = None,
    base: str | PathLike[str] | None = None,
    data: Mapping[str, Any] | None = None,
    program: str = "",
    overrides: Iterable[str] = (),
    stretch: float | Fraction | str | None = None,
    keep_warmup: bool = False,
    trust: bool = False,
    allow_path: Iterable[str | PathLike[str]] = (),
) -> Schedules:
    """The schedules of a file: of its path, of an open file, or of a dict that holds what a file would.

    The file is a schedule file, or the config of another program.

    - `key`: where in a larger file they stand: `trainer.schedule`, `jobs[0].schedule`.
    - `epochs`, `steps`: the length of every run, in place of the file's; one of them.
    - `set`: other values, each by its path or the end of it, as with `--set`: `{"optimizer.lr": 0.3, "gamma": 0.5}`.
    - `base`: the folder where the relative names of files (a metric, a snapshot) begin, if not beside the file; of a
      dict, by default the working directory.
    - `data`: what the config of another program does not say, such as `{"samples": 52002, "devices": 8}` or the release
      of the program, `{"transformers": "4.57"}`; in a schedule file, values under its key `data`.
    - `program`: which program's config the file is, where that is not certain, as with `--from`.
    - `overrides`: what that program's own command line was given.
    - `stretch`: the whole plan at another length, as with `--stretch`: 2, 0.5, "1/3". Run, lengths, milestones and
      decays of each call change, and what is expected of them; with `keep_warmup` the warmup keeps its length.
    - `trust` allows the file to name schedulers that are not torch's own, which runs their code.
    - `allow_path`: folders in which the file may name files, besides its project: the nearest folder upward with `.git`
      or `pyproject.toml`.

    Raises `ScheduleError` with every problem of the file at once.

    >>> lrviz.load("schedules/basics/side-by-side.yaml")
    <Schedules of schedules/basics/side-by-side.yaml: step, cosine, hot>
    >>> lrviz.load("schedules/basics/side-by-side.yaml", set={"schedules.hot.optimizer.lr": 0.4}, epochs=50)["hot"]
    <Schedule 'hot' of schedules/basics/side-by-side.yaml: ExponentialLR, 50 epochs, 1 group>
    >>> lrviz.load("schedules/basics/step-decay.yaml", stretch=2).only
    <Schedule 'step-decay' of schedules/basics/step-decay.yaml: StepLR, 180 epochs, 1 group>
    >>> lrviz.load({"epochs": 30, "optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 10}}).only
    <Schedule 'schedule' of <schedule>: StepLR, 30 epochs, 1 group>
    """
    longer = _stretch(stretch, keep_warmup, epochs=epochs, steps=steps)
    more = _more(epochs, steps, set, base, trust, allow_path, _given(data, program, overrides), longer)
    if isinstance(source, Mapping):
        where = Position(NO_FILE)
        return _schedules(load_document(node_of(source, where), key=key, **more), NO_FILE, b"")
    if isinstance(source, str | PathLike):
        file = fspath(source)
        text: str | bytes = read_file(file)
    elif callable(getattr(source, "read", None)):
        name = getattr(source, "name", None)
        file = name if isinstance(name, str) else NO_FILE
        text = source.read(MAX_BYTES + 1)
    else:
        raise TypeError(f"a source is a path, an open file or a dict (got {type(source).__name__})")
    return _loaded(text, file, key, more)


def loads(
    text: str | bytes,
    *,
    key: str = "",
    epochs: int | None = None,
    steps: int | None = None,
    set: Mapping[str, Any] | None = None,
    base: str | PathLike[str] | None = None,
    data: Mapping[str, Any] | None = None,
    program: str = "",
    overrides: Iterable[str] = (),
    stretch: float | Fraction | str | None = None,
    keep_warmup: bool = False,
    trust: bool = False,
    allow_path: Iterable[str | PathLike[str]] = (),
) -> Schedules:
    """The schedules of a text; the other arguments are those of `load`.

    `base` is the folder where the relative names of files in it begin, by default the working directory. Positions in
    errors have the file name `<schedule>`.

    >>> text = "{epochs: 90, optimizer: {lr: 0.1}, scheduler: {type: StepLR, step_size: 30}}"
    >>> lrviz.loads(text, set={"gamma": 0.5}).only.simulate().at(30)
    0.05
    """
    if not isinstance(text, str | bytes):
        raise TypeError(f"expected the text of a schedule file (got {type(text).__name__}); load takes files and dicts")
    longer = _stretch(stretch, keep_warmup, epochs=epochs, steps=steps)
    more = _more(epochs, steps, set, base, trust, allow_path, _given(data, program, overrides), longer)
    return _loaded(text, NO_FILE, key, more)


def _loaded(text: str | bytes, file: str, key: str, more: dict[str, Any]) -> Schedules:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _schedules(load_text(text, file, key=key, **more), file, data)


def _schedules(found: Iterable[model.Schedule], file: str, text: bytes) -> Schedules:
    return Schedules({schedule.name: Schedule(schedule, text) for schedule in found}, file)


def _more(
    epochs: int | None,
    steps: int | None,
    set: Mapping[str, Any] | None,
    base: str | PathLike[str] | None,
    trust: bool,
    allow_path: Iterable[str | PathLike[str]],
    given: Given,
    stretch: Stretch | None,
) -> dict[str, Any]:
    """What `load` and `loads` share, as the reader takes it."""
    if epochs is not None and steps is not None:
        raise ScheduleError.at(
            Position("epochs"), "epochs and steps both set the length of the run", "give one of them"
        )
    length = None
    if epochs is not None:
        length = Length(epochs=whole_argument(epochs, "epochs"))
    elif steps is not None:
        length = Length(steps=whole_argument(steps, "steps"))
    return {
        "length": length,
        "overrides": [override_of(name, value) for name, value in (set or {}).items()],
        "base": None if base is None else fspath(base),
        "trust": trust,
        "allow_path": allowed(allow_path),
        "given": given,
        "stretch": stretch,
    }


def _stretch(factor: Any, keep_warmup: bool, **lengths: int | None) -> Stretch | None:
    stretch = stretch_argument(factor, keep_warmup=keep_warmup)
    for name, value in lengths.items():
        if stretch is not None and value is not None:
            what = f"{name} and stretch both set the length of the run"
            raise ScheduleError.at(Position(name), what, f"give one of them; {name} changes the run alone")
    return stretch


def _given(data: Mapping[str, Any] | None, program: str, overrides: Iterable[str]) -> Given:
    """What is said of another program's config. Raises `ScheduleError` for an unknown fact."""
    return Given(data_of(data or {}), program, tuple(overrides))
