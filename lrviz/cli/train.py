"""`lrviz train`: what does it do to training?"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lrviz.cli import options, signals
from lrviz.cli.destination import kind_of
from lrviz.cli.failures import COMMAND
from lrviz.cli.find import find as run_find
from lrviz.cli.find import ramp_of, refuse_mixed
from lrviz.cli.printed import print_as
from lrviz.cli.streams import Notes, progress
from lrviz.cli.verb import OneOf, reads_schedules
from lrviz.cli.writing import check_place, write_picture
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import DEFAULT_PROBLEM, OWN_PROBLEM, PROBLEMS
from lrviz.words import counted, listed

if TYPE_CHECKING:
    from lrviz.cli.arranged import Arranged
    from lrviz.cli.failures import Failures
    from lrviz.cli.sources import Loaded, Selection
    from lrviz.lessons.results import TrainedSchedule
    from lrviz.lessons.sessions import Progress


def _formats() -> Iterable[str]:
    from lrviz.checks.report import FORMATS
    from lrviz.cli.shown_by_training import TABLES

    return dict.fromkeys((*TABLES, *FORMATS))


@reads_schedules(without="engine")
def train(
    selection: Selection,
    notes: Notes,
    failures: Failures,
    problem: Annotated[
        str | None,
        typer.Option(
            "--problem",
            metavar="NAME",
            help=f"What is trained: {', '.join(PROBLEMS.values())}, or with --trust your own {OWN_PROBLEM}.",
            show_default=f"the file's, or {DEFAULT_PROBLEM}",
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(
            "--length",
            metavar="EPOCHS",
            min=1,
            help="Epochs of training, to which every schedule is stretched.",
            show_default="the file's, or the problem's",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            "--batch-size", metavar="N", min=1, help="Samples of a batch.", show_default="the file's, or the problem's"
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            metavar="N",
            min=1,
            help="Train with so many seeds, and show the spread.",
            show_default="the file's, or 1",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            max=2**32 - 1,
            help="The first seed: of weights and of the order of the data.",
            show_default="the file's, or 0",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Also save a picture: loss and accuracy above, learning rates below (.png, .svg or .pdf).",
            show_default=False,
        ),
    ] = None,
    find: Annotated[
        bool,
        typer.Option(
            "--find",
            help="Look for a learning rate instead, with the range test: it rises from very small to far too large.",
        ),
    ] = False,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--between", metavar="LOW HIGH", help="With --find: where it begins and ends.", show_default="1e-6 10"
        ),
    ] = None,
    find_steps: Annotated[
        int | None,
        typer.Option("--find-steps", metavar="N", help="With --find: the steps in between.", show_default="200"),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Say whether what the files expect under `train` holds, in place of the table."),
    ] = False,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Format of the table: table, csv or json; with --check, one of `lrviz check`.",
            show_default="table, or text",
        ),
        OneOf(_formats),
    ] = None,
    *,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """Train a small real model under every schedule, and compare what comes out.

    Every schedule gets the same initial weights and the same batches, the file's own optimizer, and as many epochs as
    the problem has: it keeps its shape, and is stretched to that length. With --epochs or --steps, the training is as
    long as the run.

    \b
    lrviz train schedule.yaml -o train.png
    lrviz train schedule.yaml --seeds 5
    lrviz train schedule.yaml --problem quadratic
    lrviz train schedules/ --check    do trainings show what the files expect?
    lrviz train schedule.yaml --find  which learning rate suits the optimizer?
    """
    from lrviz.cli.arranged import arranged_of, refuse_mixture
    from lrviz.cli.shown_by_training import expecting, format_of, report_on
    from lrviz.cli.sources import load_all, refuse_starter
    from lrviz.lessons.settings import Arrangement

    refuse_mixed(
        find, ("--between", between), ("--find-steps", find_steps), beside=(("--check", check), ("--length", length))
    )
    kind = kind_of(output)
    if output is not None:
        check_place(output)
    shown = format_of(format, check)
    if check:
        refuse_starter(selection)
    loaded = load_all(selection, notes, failures, real_metric=True)
    if not loaded.schedules and not check:
        return
    epochs, steps = _length(selection, loaded, length)
    arrangement = Arrangement(problem, seeds, seed, epochs, steps, batch_size, selection.trust)
    arranged = arranged_of(arrangement, loaded, failures)
    if find:
        refuse_mixture(arranged)
        run_find(arranged, ramp_of(between, find_steps), notes, failures, output, kind, shown, color)
        return
    if check:
        arranged = expecting(arranged, selection, notes, failures)
    if not check or output is not None:
        refuse_mixture(arranged)
    _say_stretched(arranged, notes)
    found: list[TrainedSchedule] = []
    stop = signals.Stop()
    with stop.kept():
        _train(arranged, found, notes, failures)
    if found and output is not None:
        with stop.kept(), failures.caught(Position(output)):
            write_picture(output, lambda: _picture(found, kind), notes)
    if check:
        with stop.kept():
            report_on(found, arranged, loaded, notes, failures, shown, color, interrupted=stop.came)
    elif found:
        with stop.kept():
            from lrviz.render.tables import train as write

            print_as(shown, found, write, color)
    stop.raise_any()


def _length(selection: Selection, loaded: Loaded, length: int | None) -> tuple[int | None, int | None]:
    """The epochs or the steps of the training, if an option says either: that of the runs is that of the training."""
    given = [name for name in ("epochs", "steps") if getattr(selection, name) is not None]
    if not given or not loaded.schedules:
        return length, None
    (name,) = given
    if length is not None:
        what = f"--{name} and --length both set the length of the training"
        raise ScheduleError.at(COMMAND, what, f"give one of them; --{name} changes the plan, too")
    found = {getattr(schedule.run, name): shown for shown, schedule in loaded.schedules}
    if len(found) > 1:
        what = ", ".join(f"{counted(each, name.removesuffix('s'))} for {shown}" for each, shown in found.items())
        raise ScheduleError.at(COMMAND, f"--{name} is {what}; all are trained as long", "train them one by one: --only")
    (each,) = found
    return (each, None) if name == "epochs" else (None, each)


def _train(arranged: Sequence[Arranged], found: list[TrainedSchedule], notes: Notes, failures: Failures) -> None:
    """Trains every schedule; also if it is interrupted, what was done is in `found`."""
    from lrviz.lessons.sessions import InterruptedTrainingError

    gc.freeze()  # what is loaded stays loaded
    gc.enable()  # the code of a problem may make circles, such as a model that holds itself
    try:
        with progress(notes) as progress_of:
            for name, schedule, sessions, _ in arranged:
                with failures.caught(schedule.where, name):
                    found.append(sessions.train(name, schedule, _attentive(progress_of(name))))
    except KeyboardInterrupt as stop:
        if isinstance(stop, InterruptedTrainingError) and stop.kept is not None:
            found.append(stop.kept)
        if found:
            notes.say(f"lrviz: interrupted; what was done of {counted(len(found), 'schedule')} is kept")
        raise
    finally:
        gc.disable()
        warned = (warning for each in found for training in each.trainings for warning in training.warned)
        for warning in dict.fromkeys(warned):
            notes.remark(warning)


def _attentive(progress: Progress | None) -> Progress:
    """Progress that also ends the training after a signal that its code has swallowed."""

    def tell(done: int, total: int) -> None:
        signals.check()
        if progress is not None:
            progress(done, total)

    return tell


def _say_stretched(arranged: Sequence[Arranged], notes: Notes) -> None:
    """Says which schedules are stretched to the length of the training, by the length that they have."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for name, schedule, sessions, _ in arranged:
        tempo = sessions.tempo(schedule)
        if tempo.stretched:
            names.setdefault((tempo.words, str(sessions.length), sessions.problem.name), []).append(name)
    for (words, length, problem), each in names.items():
        notes.say(f"lrviz: {listed(each)}: {words}, stretched to {length} of {problem}")


def _picture(found: Sequence[TrainedSchedule], kind: str) -> bytes:
    from lrviz.render.picture.train import render

    return render(found, kind)
