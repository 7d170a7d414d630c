"""lrviz in Python: `load` a file, simulate and check its schedules; ask curves what the command line asks them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from lrviz.alike import ROUNDING
from lrviz.curve import Curve
from lrviz.engine.backend import Engine, imported_backend
from lrviz.engine.phased import Phase, phased_class
from lrviz.engine.record import record
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.reach import allowed
from lrviz.schedule import model
from lrviz.schedule.load import load_text, read_file

__all__ = ["Phase", "PhasedLR", "Schedule", "Schedules", "check", "diff", "load", "record", "stats", "when"]

if TYPE_CHECKING:
    from lrviz.calculator.condition import Occurrences
    from lrviz.calculator.difference import Difference
    from lrviz.calculator.stats import Stats
    from lrviz.checked import Report
    from lrviz.engine.phased import PhasedLR


def __getattr__(name: str) -> Any:
    """`PhasedLR`, made over the `LRScheduler` of the imported torch when it is first asked for."""
    if name != "PhasedLR":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return phased_class(imported_backend().scheduler_class("LRScheduler"))


# --- files ---------------------------------------------------------------------------------------------------


class Schedule:
    """One learning-rate schedule of a file."""

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
        <Curve 'step-decay': 90 ticks x 1 groups>
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

    def __repr__(self) -> str:
        return f"<Schedule {self.name!r} of {self._schedule.file}>"


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
        return f"<Schedules of {self._file}: {', '.join(self)}>"


def load(
    path: str | PathLike[str], *, trust: bool = False, allow_path: Iterable[str | PathLike[str]] = ()
) -> Schedules:
    """The schedules of a file. Raises `ScheduleError` with every problem of the file at once.

    `trust` allows the file to name schedulers that are not torch's own, which runs their code. The files that it names
    (a metric, a snapshot) must lie in its project, the nearest folder upward with `.git` or `pyproject.toml`;
    `allow_path` opens more folders.

    >>> lrviz.load("schedules/basics/side-by-side.yaml")
    <Schedules of schedules/basics/side-by-side.yaml: step, cosine, hot>
    >>> lrviz.load("schedules/basics/side-by-side.yaml")["cosine"]
    <Schedule 'cosine' of schedules/basics/side-by-side.yaml>
    """
    file = fspath(path)
    text = read_file(file)
    schedules = load_text(text, file, trust=trust, allow_path=allowed(allow_path))
    return Schedules({schedule.name: Schedule(schedule, text) for schedule in schedules}, file)


# --- curves --------------------------------------------------------------------------------------------------


def check(curve: Curve, *, expect: Mapping[str, Any]) -> Report:
    """Compares a curve with expectations, wherever it comes from.

    `expect` is the mapping that a schedule file has under `expect`, but for `snapshot`: places are those of the
    curve's run, param groups go by their names. Raises `ScheduleError`, whose position is `expect`, for what would be
    wrong in a file too.

    >>> curve = lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
    >>> lrviz.check(curve, expect={"at": {30: 0.01}, "decreasing": True, "max": 0.1}).ok
    True
    >>> print(lrviz.check(curve, expect={"at": {30: 0.05}}))
    expect: error: the learning rate at epoch 30 is 0.01, not 0.05 [expect.at]
      hint: the curve has `30: 0.010000000000000002`
    <BLANKLINE>
    1 schedule: 1 expectation failed.
    """
    from lrviz.checked import Report
    from lrviz.checks.expect import expectations
    from lrviz.schedule.reading.expect import expectations_of

    found = expectations(expectations_of(expect, curve.run, curve.groups), curve, curve.name)
    return Report.of(found, [("expect", curve.name)], {})


def stats(curves: Curve | Sequence[Curve]) -> list[Stats]:
    """Peak, end, mean, area, warmup and so on of curves: one for each param group, or one where they never differ.

    Times and areas are in epochs, or in steps where the run does not know its epochs.

    >>> curve = lrviz.load("schedules/basics/warmup-cosine.yaml").only.simulate()
    >>> [found] = lrviz.stats(curve)
    >>> found.peak, found.peak_epoch, found.warmup, found.unit
    (0.1, 5, 5, 'epoch')
    """
    from lrviz.calculator.stats import stats_of

    return stats_of([curves] if isinstance(curves, Curve) else curves)


def diff(a: Curve, b: Curve, *, tolerance: float = ROUNDING) -> Difference:
    """Where two curves differ, param group by param group.

    Two learning rates are the same where they differ by at most `tolerance`, as a fraction of the larger one. Raises
    `ScheduleError` where the runs have no clock in common: one in epochs, one in steps, and neither knows how many
    steps an epoch has.

    >>> schedules = lrviz.load("schedules/basics/side-by-side.yaml")
    >>> difference = lrviz.diff(schedules["step"].simulate(), schedules["cosine"].simulate())
    >>> difference.same
    False
    >>> difference.groups[0].first.tick
    1
    """
    from lrviz.calculator.difference import difference, side_of_curve

    return difference(side_of_curve(a), side_of_curve(b), tolerance)


def when(condition: str, curve: Curve) -> list[Occurrences]:
    """When a condition of `lr`, `epoch`, `step` and `momentum` holds: its stretches, for each param group.

    There is one for all groups where they do not differ. `first` and `last` of a stretch are ticks, from 0. Raises
    `ScheduleError` for a text that is no condition, and for a name that the run does not know.

    >>> curve = lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
    >>> [found] = lrviz.when("lr < 0.05", curve)
    >>> [(stretch.first, stretch.last, stretch.epochs) for stretch in found.stretches]
    [(30, 89, 60)]
    """
    from lrviz.calculator.condition import read_condition
    from lrviz.calculator.condition import when as occurrences_of

    return occurrences_of(read_condition(condition), [curve])
