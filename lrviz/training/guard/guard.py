"""The guard of a training: at every optimizer step it compares what the step uses with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal, TypeAlias

from lrviz.engine.recorder import names_of
from lrviz.errors import ScheduleError
from lrviz.training.groups import matched
from lrviz.training.guard.compare import deviation_at
from lrviz.training.guard.deviation import Deviation, DeviationError
from lrviz.training.guard.log import RunLog
from lrviz.training.guard.plan import Plan
from lrviz.training.guard.position import Counting, Position
from lrviz.training.guard.scaler import watch
from lrviz.training.guard.story import Records, Story
from lrviz.training.guard.warner import Warner
from lrviz.words import counted

On: TypeAlias = Literal["raise", "warn", "record"]


class Guard:
    """Compares a training with its plan. `lrviz.guard` makes it.

    - `step`: the next optimizer step, from 0, those that AMP skipped included.
    - `first`: the first deviation; None while the training follows its plan.
    - `off_plan`: the number of steps that deviated.
    - `notes`: what the guard had to believe, or does not compare.

    As a context manager it is removed at the end.
    """

    def __init__(
        self,
        optimizer: Any,
        plan: Plan,
        on: On,
        *,
        start: int = 0,
        notes: tuple[str, ...] = (),
        scaler: Any = None,
        log: RunLog | None = None,
    ) -> None:
        self.first: Deviation | None = None
        self.off_plan = 0
        self._plan, self._on, self._log, self._has_scaler = plan, on, log, scaler is not None
        self._trusted = notes
        self._notes = [*notes, *_notes(plan)]
        self._position = Position(start, plan.run.interval == "epoch")
        self._begun = start
        self._seen, self._looked = 0, False
        self._infinite: Any = None
        self._story: Story | None = None
        self._warn = Warner(silent=on == "record")
        self._prepare()
        import torch

        # a compiled step would be compiled again with every new number of the step
        hook = torch.compiler.disable(self._before_step)  # type: ignore[no-untyped-call]
        self._ends = [optimizer.register_step_pre_hook(hook).remove]
        if scaler is not None:
            self._ends.append(watch(scaler, optimizer, lambda: self._seen, self._skipped))

    @property
    def step(self) -> int:
        """The optimizer steps that the training has made, from the beginning of the plan."""
        return self._position.step

    @property
    def notes(self) -> tuple[str, ...]:
        """What the guard found worth saying that is no deviation."""
        return tuple(self._notes)

    def remove(self) -> None:
        """Ends the guard: its hooks are taken off, and its log is closed. A second call does nothing."""
        for end in self._ends:
            end()
        self._ends = []
        if self._log is not None:
            self._log.close()

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
        if error is None and not self._seen and not self._looked:
            self._warn("the guard saw no optimizer.step(): is it another optimizer that trains?")

    def __repr__(self) -> str:
        state = f"left it at step {self.first.step:,}" if self.first is not None else "followed it"
        plan = self._plan
        return f"<Guard of {plan.schedule.name!r}: {counted(self._seen, 'step')} seen, {state}, now at {self._now()}>"

    def _now(self) -> str:
        return f"step {self.step:,} of {self._plan.steps:,}"

    # --- resuming ----------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where the training is in its plan, in plain values, for a checkpoint."""
        self._settle()
        return {**self._position.state_dict(), "plan": self._plan.checksum}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Goes on where a state was taken. Raises `ScheduleError` for what is no state of a guard."""
        self._position.load_state_dict(state_dict)
        self._begun = self._position.step
        self._story, self._infinite, self._trusted = None, None, ()
        self._prepare()
        self._notes = _notes(self._plan)
        if state_dict.get("plan") != self._plan.checksum:
            self._notes.append("the plan is another one than when the state was saved")

    # --- at every step -----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """What `_before_step` reads, so that a step on the plan costs a look at its learning rates."""
        plan = self._plan
        self._quick = not (self._has_scaler or plan.momenta or self._story is not None)
        self._columns, self._count = plan.columns, len(plan.columns)
        self._known_steps, self._per_tick = plan.known_steps, plan.run.steps_per_tick

    def _before_step(self, optimizer: Any, args: object, kwargs: object) -> None:
        position = self._position
        step = position.step
        groups = optimizer.param_groups
        if self._quick and step < self._known_steps and len(groups) == self._count:
            tick = step // self._per_tick
            for group, column in zip(groups, self._columns, strict=True):
                if group["lr"] != column[tick]:
                    break
            else:
                if self._log is not None:
                    self._write(step, groups)
                position.step = step + 1
                self._seen += 1
                return
        self._look(optimizer, groups)
        position.step = step + 1
        self._seen += 1

    def _look(self, optimizer: Any, groups: list[dict[str, Any]]) -> None:
        """Compares a step with the plan, and tells of it."""
        self._looked = True
        self._settle()
        plan, position = self._plan, self._position
        if len(groups) != self._count:
            plan = self._regrouped(optimizer) or plan
            self._end_log()
        step = self._place(plan, groups)
        if step is not None and self._log is not None:
            self._write(step, groups)
        if step is None:
            self._deviated(plan, groups, position.candidates()[0][1])
        else:
            self._followed(step, groups)
        if self._has_scaler:
            self._infinite = getattr(optimizer, "found_inf", None)

    def _place(self, plan: Plan, groups: list[dict[str, Any]]) -> int | None:
        """The step of the plan that this step follows; None where it follows none."""
        position = self._position
        if len(groups) != len(plan.match):
            return None
        fits: list[tuple[Counting, int]] = []
        for counting, step in position.candidates():
            if plan.known_steps <= step < plan.steps:
                return step
            if step < plan.steps and plan.follows(groups, plan.run.tick_of_step(step)):
                fits.append((counting, step))
        if not fits:
            return None
        if len(fits) == 1:
            position.counting = fits[0][0]
        return fits[0][1]

    def _regrouped(self, optimizer: Any) -> Plan | None:
        """The plan for an optimizer whose param groups are no longer those of the start; None where it has none."""
        try:
            match = matched(self._plan.schedule, optimizer)
        except ScheduleError:
            return None
        self._plan = replace(self._plan, match=match, names=tuple(names_of(optimizer.param_groups)))
        self._prepare()
        return self._plan

    def _skipped(self) -> None:
        """A GradScaler did not step the optimizer."""
        self._position.step += 1
        self._position.skipped += 1

    def _settle(self) -> None:
        """Counts the last step of a fused optimizer as skipped, if `found_inf` said so: asked now, nothing waits."""
        if self._infinite is not None:
            self._position.skipped += bool(self._infinite)
            self._infinite = None

    def _write(self, step: int, groups: list[dict[str, Any]]) -> None:
        log, self._looked = self._log, True
        assert log is not None
        try:
            log.write(step, groups)
        except OSError as error:
            self._log = None
            self._warn(f"{log.path} cannot be written ({error.strerror}); the guard goes on without it")

    def _end_log(self) -> None:
        """Ends the log where the param groups are no longer those of its columns."""
        if self._log is not None:
            self._log.close()
            path, self._log = self._log.path, None
            self._warn(f"{path} ends here: the optimizer has other param groups now")

    # --- on and off the plan -----------------------------------------------------------------------------------

    def _followed(self, step: int, groups: list[dict[str, Any]]) -> None:
        story = self._story
        if story is None:
            return
        story.follow(step)
        if story.is_over:
            self._story = None
            self._begun = story.back
            self._prepare()
            self._warn(
                f"the training follows its plan again from {self._plan.place(story.back)} on; "
                f"{counted(story.off, 'step')} did not"
            )
        else:
            self._explain(step, groups)

    def _deviated(self, plan: Plan, groups: list[dict[str, Any]], step: int) -> None:
        if self._story is None:
            deviation, group = deviation_at(
                plan, groups, step, self._begun, knows_skips=self._has_scaler, trusted=self._trusted
            )
            self.first = self.first or deviation
            if self._on == "raise":
                raise DeviationError(deviation)
            self._warn(str(deviation))
            known = deviation.planned is not None and deviation.what == "lr" and self._on == "warn"
            self._story = Story(plan, step, Records(plan, group, self._begun, step) if known else None)
            self._prepare()
        if self._log is not None:
            self._write(step, groups)
        self.off_plan += 1
        self._story.leave()
        self._explain(step, groups)

    def _explain(self, step: int, groups: list[dict[str, Any]]) -> None:
        """Warns with the cause of a deviation as soon as the steps since then tell it."""
        assert self._story is not None
        records = self._story.records
        if records is None or step >= self._plan.known_steps or len(groups) != self._count:
            return
        cause = records.see(step, groups[records.group]["lr"])
        if cause:
            self._warn(
                f"the training left its plan at {self._plan.place(records.first)}, and this explains it up to "
                f"{self._plan.place(step)}: {cause}"
            )


def _notes(plan: Plan) -> list[str]:
    if plan.known_steps == plan.steps:
        return []
    return [f"from {plan.place(plan.known_steps)} on a metric drives the schedule: nothing is compared there"]
