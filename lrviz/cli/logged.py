"""`--run` and `--checkpoint`: the options of verbs that compare a schedule with what real runs wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from lrviz.cli import options
from lrviz.errors import Position, ScheduleError
from lrviz.files import STDIN
from lrviz.schedule.text.suggest import did_you_mean

if TYPE_CHECKING:
    from lrviz.cli.sources import Loaded
    from lrviz.log.logged import LoggedRun
    from lrviz.training.checkpoint.compare import NamedCheckpoint

RunOption = Annotated[
    list[str] | None,
    typer.Option(
        "--run",
        metavar="LOG",
        help="What a real run logged: CSV, JSON lines, trainer_state.json, TensorBoard events, or the text that "
        "training printed; - is standard input (repeatable).",
        show_default=False,
    ),
]
ColumnOption = Annotated[
    str | None,
    typer.Option("--column", metavar="NAME", help="The log's column of the learning rate.", show_default="by its name"),
]
StepColumnOption = Annotated[
    str | None,
    typer.Option("--step-column", metavar="NAME", help="Its column of steps or epochs.", show_default="by its name"),
]
GroupOption = Annotated[
    str | None,
    typer.Option("--group", metavar="NAME", help="The param group that was logged.", show_default="the first"),
]
PatternOption = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        metavar="TEXT",
        help='How a line of a text log reads: "it {step} ... lr={lr}"; also {epoch} and {lr:GROUP}.',
        show_default="as the program prints it, or by names",
    ),
]
ShiftOption = Annotated[
    int | None,
    typer.Option(
        "--shift",
        parser=options.any_whole_number,
        metavar="N",
        help="The log's step s is the plan's s + N; -1 if it counts from 1.",
        show_default="as its program counts, else 0",
    ),
]


CheckpointOption = Annotated[
    list[str] | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="A checkpoint of a real run: torch, Lightning, Hugging Face, Accelerate; FILE#PART if it has several "
        "optimizers (repeatable).",
        show_default=False,
    ),
]


class RunOptions(NamedTuple):
    """The values of these options."""

    run: Sequence[str] = ()
    column: str | None = None
    step_column: str | None = None
    group: str | None = None
    shift: int | None = None
    pattern: str | None = None

    def runs_of(self, loaded: Loaded) -> list[LoggedRun]:
        """The logs to compare with the one schedule of a selection.

        Raises `ScheduleError` if there are logs and several schedules, or no logs to which the other options apply.
        """
        if not self.run:
            if self.column or self.step_column or self.group is not None or self.shift or self.pattern is not None:
                needing = "--column, --step-column, --group, --shift and --pattern need --run"
                raise ScheduleError.at(Position("lrviz"), needing)
            return []
        if "-" in self.run and any(schedule.file == STDIN for _, schedule in loaded.schedules):
            message = "the schedule and the log of --run cannot both be standard input"
            raise ScheduleError.at(Position("lrviz"), message, "name the file of one")
        _is_one("--run", loaded)
        from lrviz.log.logged import LoggedRun

        for _, schedule in loaded.schedules:
            groups = [group.name for group in schedule.optimizer.groups]
            if self.group is not None and self.group not in groups:
                message = f"--group: {schedule.name} has no param group {self.group!r}"
                raise ScheduleError.at(Position("lrviz"), message, did_you_mean(self.group, groups))
        # standard input is read once
        paths = dict.fromkeys(self.run)
        files = [path for path in paths if path != "-"]
        return [LoggedRun(path, *self[1:], tuple(each for each in files if each != path)) for path in paths]


def checkpoints_of(named: Sequence[str], loaded: Loaded) -> list[NamedCheckpoint]:
    """The checkpoints to compare with the one schedule of a selection. Raises `ScheduleError` if it holds several."""
    if not named:
        return []
    from lrviz.training.checkpoint.compare import NamedCheckpoint

    _is_one("--checkpoint", loaded)
    return [NamedCheckpoint.of(each) for each in dict.fromkeys(named)]


def _is_one(option: str, loaded: Loaded) -> None:
    if len(loaded.schedules) > 1:
        names = ", ".join(name for name, _ in loaded.schedules)
        raise ScheduleError.at(
            Position("lrviz"),
            f"{option} is compared with one schedule, but these are several",
            f"choose with --only: {names}",
        )
