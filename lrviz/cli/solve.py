"""`lrviz solve`: which value gets me there?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, progress
from lrviz.cli.verb import reads_schedules
from lrviz.errors import Position, ScheduleError
from lrviz.words import show

if TYPE_CHECKING:
    from lrviz.calculator.solve.target import Target
    from lrviz.calculator.solve.variable import Number, Variable
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Loaded, Selection
    from lrviz.curve import Curve
    from lrviz.schedule.model import Schedule


@reads_schedules()
def solve(
    argument: Annotated[
        str,
        typer.Argument(metavar="ARGUMENT", help="The number to find, by its path or bare name.", show_default=False),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--target",
            metavar="CONDITION",
            help='What the learning rate should be: "end = 1e-6", "50% <= 0.01"; a place, or max, min, mean or area '
            "(as stats has them), with =, <, <=, > or >= and a number.",
            show_default=False,
        ),
    ],
    selection: Selection,
    notes: Notes,
    failures: Failures,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--between",
            metavar="LOW HIGH",
            help="Range to search; lengths are in the unit of the file.",
            show_default="depends on the argument",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="NAME", help="The param group to look at, if they differ.", show_default=False),
    ] = None,
    format: Annotated[options.TextFormat, typer.Option("--format", help="Format of the answer.")] = "text",
) -> None:
    """Find every value of an argument with which the learning rate meets a target.

    Whole numbers are tried one by one. Real numbers are found by bisection, to the last bit, between values spread
    over the range.

    \b
    lrviz solve gamma --target "end = 1e-6" schedule.yaml
    lrviz solve optimizer.lr --target "50% = 0.01" --between 0 1 schedule.yaml
    lrviz solve step_size --target "last < 1e-3" schedule.yaml
    """
    from lrviz.calculator.solve.search import solve as find
    from lrviz.calculator.solve.target import parse_target
    from lrviz.calculator.solve.variable import range_of
    from lrviz.cli.sources import load_all
    from lrviz.engine.simulate import simulate
    from lrviz.render.tables.solve import as_json, limit, text

    wanted, engine = parse_target(target), selection.engine
    loaded = load_all(selection, notes, failures)
    failures.raise_any()
    name, schedule = _one(loaded)
    variable = _variable(argument, schedule, loaded, selection)
    curve = simulate(schedule, engine)
    _check(wanted, group, schedule, curve)
    low, high = range_of(variable, schedule, curve) if between is None else _range(between, variable)
    with progress(notes) as progress_of:
        answer = find(variable, wanted, low, high, group, engine, progress_of(name))
    if between is None:
        present = f" (it is {variable.written(variable.present)} now)" if variable.present is not None else ""
        limits = f"{limit(variable, low)} to {limit(variable, high)}"
        notes.say(f"lrviz: searched {variable} from {limits}{present}; --between LOW HIGH sets another range")
    notes.detail(f"lrviz: {name}: {answer.tried:,} values tried")
    with standard_output():
        sys.stdout.write(text(answer) if format == "text" else as_json(answer, name, group))


def _one(loaded: Loaded) -> tuple[str, Schedule]:
    """The one schedule that there is."""
    if len(loaded.schedules) > 1:
        names = ", ".join(name for name, _ in loaded.schedules)
        raise ScheduleError.at(
            Position("lrviz"), "solve works on one schedule, but these are several", f"choose with --only: {names}"
        )
    return loaded.schedules[0]


def _variable(key: str, schedule: Schedule, loaded: Loaded, selection: Selection) -> Variable:
    """The value to solve for, in the document of the schedule with the changes of --set."""
    from lrviz.calculator.solve.variable import variable_of
    from lrviz.loading import editable
    from lrviz.schedule.reading.override import parse_overrides

    document = editable(
        schedule,
        loaded.texts[schedule.file],
        selection.length,
        parse_overrides(selection.settings),
        trust=selection.trust,
        given=selection.given,
        stretch=selection.stretch,
    )
    return variable_of(document, schedule, key, selection.length)


def _check(target: Target, group: str | None, schedule: Schedule, curve: Curve) -> None:
    """Refuses what has no answer for any value: a place outside the run, or differing param groups without --group."""
    from lrviz.calculator.at import places_of
    from lrviz.calculator.solve.target import MEASURES
    from lrviz.schedule.text.suggest import valid_names

    if target.measure not in MEASURES:
        places_of(schedule, [target.measure])
    names = ", ".join(curve.groups)
    if group is not None and group not in curve.groups:
        raise ScheduleError.at(Position("lrviz"), f"there is no param group {show(group)}", valid_names(curve.groups))
    if group is None and not curve.uniform:
        raise ScheduleError.at(
            Position("lrviz"), "the learning rates of the param groups differ", f"name one with --group: {names}"
        )


def _range(between: tuple[str, str], variable: Variable) -> tuple[Number, Number]:
    from lrviz.schedule.text import values

    where = Position("--between")
    try:
        low, high = (values.whole(text) if variable.whole else values.real(text) for text in between)
    except values.WrongValueError as error:
        raise ScheduleError.at(where, f"each end of the range must be {error.wanted}", error.hint) from None
    if low > high:
        raise ScheduleError.at(where, f"{low!r} is above {high!r}", f"--between {high!r} {low!r}")
    return low, high
