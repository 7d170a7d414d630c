"""`--run`: the options of verbs that compare a schedule with what real runs logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from lrviz.cli import options
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.suggest import did_you_mean

if TYPE_CHECKING:
    from lrviz.cli.sources import Loaded
    from lrviz.log.logged import LoggedRun

RunOption = Annotated[
    list[str] | None,
    typer.Option(
        "--run",
        metavar="LOG",
        help="What a real run logged: CSV, JSON lines, trainer_state.json, TensorBoard events (repeatable).",
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
ShiftOption = Annotated[
    int,
    typer.Option(
        "--shift",
        parser=options.any_whole_number,
        metavar="N",
        help="The log's step s is the plan's s + N; -1 if it counts from 1.",
    ),
]


class RunOptions(NamedTuple):
    """The values of these options."""

    run: Sequence[str] = ()
    column: str | None = None
    step_column: str | None = None
    group: str | None = None
    shift: int = 0

    def runs_of(self, loaded: Loaded) -> list[LoggedRun]:
        """The logs to compare with the one schedule of a selection.

        Raises `ScheduleError` if there are logs and several schedules, or no logs to which the other options apply.
        """
        if not self.run:
            if self.column or self.step_column or self.group is not None or self.shift:
                raise ScheduleError.at(Position("lrviz"), "--column, --step-column, --group and --shift need --run")
            return []
        if len(loaded.schedules) > 1:
            names = ", ".join(name for name, _ in loaded.schedules)
            raise ScheduleError.at(
                Position("lrviz"),
                "--run is compared with one schedule, but these are several",
                f"choose with --only: {names}",
            )
        from lrviz.log.logged import LoggedRun

        for _, schedule in loaded.schedules:
            groups = [group.name for group in schedule.optimizer.groups]
            if self.group is not None and self.group not in groups:
                message = f"--group: {schedule.name} has no param group {self.group!r}"
                raise ScheduleError.at(Position("lrviz"), message, did_you_mean(self.group, groups))
        return [LoggedRun(path, *self[1:]) for path in dict.fromkeys(self.run)]
