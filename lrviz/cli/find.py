"""`lrviz train --find`: which learning rate suits the optimizer?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrviz.cli import options, signals
from lrviz.cli.printed import print_as
from lrviz.cli.streams import Notes, progress
from lrviz.cli.writing import write_picture
from lrviz.errors import Position, ScheduleError
from lrviz.words import counted

if TYPE_CHECKING:
    from lrviz.cli.arranged import Arranged
    from lrviz.cli.failures import Failures
    from lrviz.lessons.find import Ramp, RangeTest

BETWEEN = Position("--between")


def ramp_of(between: tuple[str, str] | None, steps: int | None) -> Ramp:
    """What `--between` and `--find-steps` ask for. Raises `ScheduleError`."""
    from lrviz.lessons.find import FEWEST_STEPS, HIGH, LOW, STEPS, Ramp
    from lrviz.schedule.text import values

    try:
        low, high = (values.real(each) for each in between) if between is not None else (LOW, HIGH)
    except values.WrongValueError as error:
        raise ScheduleError.at(BETWEEN, f"a learning rate must be {error.wanted}", error.hint) from None
    if not 0 < low < high:
        what = f"the first must be above 0, and the second larger (got {low:g} and {high:g})"
        raise ScheduleError.at(BETWEEN, what, "--between 1e-5 1")
    if steps is not None and steps < FEWEST_STEPS:
        raise ScheduleError.at(Position("--find-steps"), f"at least {FEWEST_STEPS} steps (got {steps})")
    return Ramp(low, high, steps or STEPS)


def refuse_mixed(find: bool, *own: tuple[str, object], beside: Sequence[tuple[str, object]]) -> None:
    """Raises `ScheduleError` if its `own` options are given without `--find`, or with it one that it has no use for."""
    for option, value in () if find else own:
        if value is not None:
            raise ScheduleError.at(Position(option), f"{option} is an option of the range test", f"--find {option} ...")
    for option, value in beside if find else ():
        if value is not None and value is not False:
            what = f"{option} is about a training, and --find runs the range test in its place"
            raise ScheduleError.at(Position(option), what, "give one of them")


def find(
    arranged: Sequence[Arranged],
    ramp: Ramp,
    notes: Notes,
    failures: Failures,
    output: str | None,
    kind: str,
    format: str,
    color: options.Color,
) -> None:
    """Runs a range test for each optimizer of some schedules, and writes what they say, as far as no signal ends it."""
    found: list[RangeTest] = []
    stop = signals.Stop()
    with stop.kept():
        _test(arranged, ramp, found, notes, failures)
    if found and output is not None:
        with stop.kept(), failures.caught(Position(output)):
            write_picture(output, lambda: _picture(found, kind), notes)
    if found:
        with stop.kept():
            from lrviz.render.tables import find as write

            print_as(format, found, write, color)
    stop.raise_any()


def _test(arranged: Sequence[Arranged], ramp: Ramp, found: list[RangeTest], notes: Notes, failures: Failures) -> None:
    """Tests every optimizer; also if it is interrupted, the tests that were done are in `found`."""
    from lrviz.lessons.find import optimizers_of, range_test

    try:
        with progress(notes) as progress_of:
            for each in optimizers_of([(one.name, one.schedule, one.sessions) for one in arranged]):
                signals.check()
                name, schedule, _ = each[0]
                with failures.caught(schedule.where, name):
                    found.append(range_test(each, ramp, progress_of(", ".join(name for name, _, _ in each))))
    except KeyboardInterrupt:
        if found:
            notes.say(f"lrviz: interrupted; what was done is kept: {counted(len(found), 'range test')}")
        raise


def _picture(found: Sequence[RangeTest], kind: str) -> bytes:
    from lrviz.render.picture.find import render

    return render(found, kind)
