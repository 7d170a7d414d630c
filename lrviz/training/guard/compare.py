"""A step that follows the plan nowhere -> what deviates there, and the causes that fit."""

from __future__ import annotations

from typing import Any

from lrviz.engine.recorder import momentum
from lrviz.training.guard.causes import causes_of
from lrviz.training.guard.deviation import Deviation, What
from lrviz.training.guard.plan import Plan
from lrviz.training.guard.seen import Seen
from lrviz.words import counted

Groups = list[dict[str, Any]]


def deviation_at(
    plan: Plan, groups: Groups, step: int, begun: int, *, knows_skips: bool, trusted: tuple[str, ...]
) -> tuple[Deviation, int]:
    """The deviation of a step, and the index of the param group that it is told of.

    The steps from `begun` on followed the plan. `knows_skips` is True where the guard knows of the steps that AMP
    skipped; `trusted` is what it had to believe.
    """
    group, others, what, planned, causes = _unplanned(plan, groups, step) or _off(
        plan, groups, step, begun, knows_skips
    )
    value = groups[group]["lr"] if what == "lr" else momentum(groups[group])
    per_epoch = plan.run.steps_per_epoch
    return Deviation(
        step=step,
        epoch=step / per_epoch if per_epoch else None,
        group=plan.names[group],
        others=others,
        what=what,
        used=float(value or 0.0),
        planned=planned,
        followed=step - begun,
        causes=causes,
        plan=f"{plan.schedule.name} of {plan.schedule.file}",
        trusted=trusted,
        where=plan.place(step),
    ), group


Found = tuple[int, int, What, float | None, tuple[str, ...]]
"""A param group, how many others deviate, what does, its planned value, and the causes."""


def _unplanned(plan: Plan, groups: Groups, step: int) -> Found | None:
    """A step for which there is no plan; None where there is one."""
    if len(groups) != len(plan.match):
        had, has = len(plan.match), counted(len(groups), "param group")
        cause = f"the optimizer has {has} now, and had {had}: make the guard after the last add_param_group()"
    elif step >= plan.steps:
        length = counted(plan.steps, "step")
        cause = f"the run went on after the plan ended: the plan has {length}, the last is {plan.steps - 1:,}"
    else:
        return None
    return 0, 0, "lr", None, (cause,)


def _off(plan: Plan, groups: Groups, step: int, begun: int, knows_skips: bool) -> Found:
    """The param groups that are off the plan, by their learning rates, else by momentum."""
    tick = plan.run.tick_of_step(step)
    off = [index for index, group in enumerate(groups) if not plan.near(index, tick, group["lr"])]
    if off:
        used = tuple(group["lr"] for group in groups)
        causes = causes_of(Seen(plan, begun, step, used, knows_skips))
        return off[0], len(off) - 1, "lr", plan.columns[off[0]][tick], causes
    off = [index for index, group in enumerate(groups) if not plan.near_momentum(index, tick, momentum(group))]
    cause = "the learning rate follows the plan: is cycle_momentum off, or the momentum set by hand?"
    return off[0], len(off) - 1, "momentum", plan.momenta[off[0]][tick], (cause,)
