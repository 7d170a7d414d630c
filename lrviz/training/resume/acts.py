"""What people write to resume a training: each act is its lines of code, and what these do with real torch objects.

optimizer = SGD(model.parameters(), ...)
scheduler = StepLR(optimizer, ...)
checkpoint = torch.load("checkpoint.pt", weights_only=True)
optimizer.load_state_dict(checkpoint["optimizer"])
scheduler.load_state_dict(checkpoint["scheduler"])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lrviz.schedule.model import Phases, Scheduler
from lrviz.training.resume.restart import CHECKPOINT, EARLY, Restart

Lines: TypeAlias = Callable[[Restart], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Act:
    """Some lines of a script that resumes: `lines` writes them for a schedule, `do` does them."""

    lines: Lines
    do: Callable[[Restart], None]


def written(line: str) -> Lines:
    """Lines that are the same for every schedule."""
    return lambda restart: (line,)


# --- making -------------------------------------------------------------------------------------------------------

MAKE_OPTIMIZER = Act(
    lambda restart: (f"optimizer = {restart.schedule.optimizer.type}(model.parameters(), ...)",),
    Restart.make_optimizer,
)
MAKE_SCHEDULER = Act(lambda restart: (f"scheduler = {made(restart)}",), lambda restart: restart.make_scheduler())


def make_at(later: int) -> Act:
    """The scheduler with `last_epoch=`, so many calls after the one before the restart."""
    return Act(
        lambda restart: (f"scheduler = {made(restart, f'last_epoch={restart.start - 1 + later}')}",),
        lambda restart: restart.make_scheduler(restart.start - 1 + later),
    )


def made(restart: Restart, more: str = "") -> str:
    """The call that constructs the scheduler of a schedule, with its own arguments left out."""
    spec = restart.schedule.scheduler
    if isinstance(spec, Phases):
        return f"lrviz.PhasedLR({', '.join(filter(None, ['optimizer', 'phases', more]))})"
    assert isinstance(spec, Scheduler)
    first = "[...]" if spec.type == "ChainedScheduler" else "optimizer"
    rest = [] if spec.type == "ChainedScheduler" or (not spec.arguments and not spec.children) else ["..."]
    return f"{spec.type}({', '.join(filter(None, [first, *rest, more]))})"


# --- loading ------------------------------------------------------------------------------------------------------


def _load(restart: Restart) -> None:
    restart.load(CHECKPOINT)


def _load_early(restart: Restart) -> None:
    restart.load(EARLY)


def _load_optimizer(restart: Restart) -> None:
    restart.optimizer.load_state_dict(restart.checkpoint["optimizer"])


def _load_scheduler(restart: Restart) -> None:
    restart.scheduler.load_state_dict(restart.checkpoint["scheduler"])


LOAD = Act(written(f'checkpoint = torch.load("{CHECKPOINT}", weights_only=True)'), _load)
LOAD_EARLY = Act(
    written(f'checkpoint = torch.load("{CHECKPOINT}", weights_only=True)  # saved before scheduler.step()'), _load_early
)
LOAD_OPTIMIZER = Act(written('optimizer.load_state_dict(checkpoint["optimizer"])'), _load_optimizer)
LOAD_SCHEDULER = Act(written('scheduler.load_state_dict(checkpoint["scheduler"])'), _load_scheduler)

# --- by hand ------------------------------------------------------------------------------------------------------


def _set_initial_lr(restart: Restart) -> None:
    for group in restart.optimizer.param_groups:
        group["initial_lr"] = group["lr"]


def _set_last_epoch(restart: Restart) -> None:
    restart.scheduler.last_epoch = restart.start - 1


def _keep_rates(restart: Restart) -> None:
    restart.rates = [group["lr"] for group in restart.optimizer.param_groups]


def _put_rates_back(restart: Restart) -> None:
    for group, lr in zip(restart.optimizer.param_groups, restart.rates, strict=True):
        group["lr"] = lr
        group.pop("initial_lr", None)


def _replayed(restart: Restart) -> Sequence[str]:
    if restart.schedule.metric is not None:
        return f"for metric in logged[:{restart.start}]:", "    scheduler.step(metric)"
    return f"for _ in range({restart.start}):", "    scheduler.step()"


SET_INITIAL_LR = Act(
    lambda restart: ("for group in optimizer.param_groups:", '    group["initial_lr"] = group["lr"]'), _set_initial_lr
)
SET_LAST_EPOCH = Act(lambda restart: (f"scheduler.last_epoch = {restart.start - 1}",), _set_last_epoch)
KEEP_RATES = Act(written('rates = [group["lr"] for group in optimizer.param_groups]'), _keep_rates)
PUT_RATES_BACK = Act(
    lambda restart: (
        "for group, lr in zip(optimizer.param_groups, rates, strict=True):",
        '    group["lr"] = lr',
        '    group.pop("initial_lr", None)',
    ),
    _put_rates_back,
)
CALL_AGAIN = Act(
    lambda restart: ("scheduler.step(metric)" if restart.schedule.metric is not None else "scheduler.step()",),
    Restart.call_again,
)
REPLAY = Act(_replayed, Restart.replay)


# --- around it ----------------------------------------------------------------------------------------------------


def saved(restart: Restart) -> tuple[str, ...]:
    """How the first training has to save: after the call of the scheduler."""
    if restart.schedule.scheduler is None:
        return (f'torch.save({{"optimizer": optimizer.state_dict()}}, "{CHECKPOINT}")',)
    return (
        'state = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}',
        f'torch.save(state, "{CHECKPOINT}")  # after scheduler.step()',
    )


def loop(restart: Restart) -> tuple[str, ...]:
    """The loop of the training that goes on."""
    schedule, run = restart.schedule, restart.schedule.run
    does = (
        "train_one_epoch()  # with an optimizer.step() for each batch"
        if run.interval == "epoch"
        else "train_one_step()"
    )
    lines = [f"for {run.interval} in range({restart.tick}, {run.ticks}):", f"    {does}"]
    if schedule.scheduler is not None:
        metric = "metric" if schedule.metric is not None else ""
        often = isinstance(schedule.scheduler, Phases) or run.every == 1
        if not often:
            lines.append(f"    if ({run.interval} + 1) % {run.every} == 0:")
        lines.append(f"{'    ' if often else '        '}scheduler.step({metric})")
    return tuple(lines)
