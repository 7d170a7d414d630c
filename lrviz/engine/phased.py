"""PhasedLR: schedulers one after the other, each constructed when its phase begins, starting where the last one ended.

torch's own SequentialLR constructs all of its schedulers at once, starts each at the base learning rate, and takes
neither composites nor metrics. `phased_class` derives the class from the `LRScheduler` in use: that of the imported
torch (`lrviz.PhasedLR`), or that of torch's source alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from lrviz.alike import ROUNDING
from lrviz.words import counted

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler

TENSOR_ROUNDING = 64
"""The rounding error of a warmup on a learning rate that is a tensor, in the last digits of its precision."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase in training code: `make(optimizer)` constructs its scheduler; with None the learning rate is held.

    PhasedLR calls `make` when the phase begins, and again where the phase begins at the optimizer's own learning rate
    although the one before reached it only nearly.

    `calls` is its length in calls of `PhasedLR.step()`; only the last phase may omit it. `start` is the learning rate
    that it begins from: the one that the phase before "reached", the optimizer's own ("base"), a number, or a number
    for each param group. With `every` n, its scheduler is stepped only at every n-th call of the run: once an epoch, if
    the run is stepped once a step and n is the number of steps in an epoch. Where training calls `PhasedLR.step()` only
    after every 500th step (`interval: 500 steps` in a file), `calls` counts these calls, and n is 1.
    """

    make: Callable[[Any], Any] | None
    calls: int | None = None
    start: Literal["reached", "base"] | float | Sequence[float] = "reached"
    every: int = 1


@cache
def phased_class(base: type[Any]) -> type[Any]:
    """PhasedLR as a subclass of `base`, which is torch's `LRScheduler`."""
    names = base.step.__globals__
    return type(
        "PhasedLR",
        (_Phased, base),
        {
            "_one_cycle": names["OneCycleLR"],
            "_plateau": names["ReduceLROnPlateau"],
            "_from_base": (names["LambdaLR"], names["CosineAnnealingWarmRestarts"]),
            "__module__": "lrviz",
        },
    )


class _Phased:
    """A learning-rate scheduler that runs phases one after the other:

        scheduler = lrviz.PhasedLR(optimizer, [
            lrviz.Phase(lambda opt: LinearLR(opt, 0.1, total_iters=5), calls=5),
            lrviz.Phase(lambda opt: CosineAnnealingLR(opt, T_max=85)),
        ])

    A phase begins from the learning rate that the one before reached after as many calls as that phase is long (a
    OneCycleLR ends one call earlier, because torch does not define its next value). This learning rate becomes the base
    of the new phase in every param group, as if the optimizer had been created with it.

    One rule of rounding makes a warmup and what follows equal to torch's SequentialLR, which begins every scheduler at
    the optimizer's own learning rate: where the phase before reached this learning rate but for rounding (1e-12 of it),
    a scheduler that begins from its base begins exactly there, with the value that SequentialLR gives it. Such
    schedulers are LambdaLR, CosineAnnealingWarmRestarts, and all that have a closed form. Everything else continues
    from what was reached, to the last bit: a phase that holds, MultiplicativeLR, ReduceLROnPlateau, SWALR, composites.

    When a phase ends, momentum that it changed is reset. `step(metrics)` passes metrics on to a phase that needs them.
    `state_dict` resumes exactly at any call; load it after the optimizer's own. Raises `ValueError` or `TypeError` for
    invalid phases.
    """

    _one_cycle: type[Any]
    _plateau: type[Any]
    _from_base: tuple[type[Any], ...]
    _last_lr: list[Any]

    def __init__(self, optimizer: Any, phases: Sequence[Phase]) -> None:
        _check(phases, len(optimizer.param_groups))
        self.optimizer = optimizer
        self.last_epoch = 0
        self._phases = tuple(phases)
        self._stepper: Callable[[Any], Callable[[], object]] = _own_step
        self._ends = list(accumulate(phase.calls or 0 for phase in phases[:-1]))
        self.base_lrs = [_copy(group.get("initial_lr", group["lr"])) for group in optimizer.param_groups]
        self._momentum = [_momentum(group) for group in optimizer.param_groups]
        self._initial_step()

    def _initial_step(self) -> None:
        """Begins the first phase, at the base. SequentialLR calls this too if PhasedLR is its first scheduler."""
        self.last_epoch = 0
        start = self._phases[0].start
        self._begin(0, self._base_of("base" if start == "reached" else start))

    def _update_lr(self, epoch: int | None = None) -> None:
        """SequentialLR calls this at a milestone, with `epoch` 0."""
        if epoch is None:
            self.step()
        else:
            self._initial_step()

    def get_lr(self) -> list[Any]:
        """The learning rate of each param group now."""
        return self._lrs()

    def step(self, metrics: Any = None) -> None:
        """Makes one call. `metrics` goes to the scheduler of a phase that is driven by a metric."""
        if metrics is None and self.reads_metric():
            raise TypeError("PhasedLR: this phase is a ReduceLROnPlateau, and step() needs its metric")
        self.last_epoch += 1
        index = self._index
        ends = index < len(self._ends) and self.last_epoch == self._ends[index]
        start = self._phases[index + 1].start if ends else None
        if not ends or start == "reached":
            self._step_inside(metrics)
        if ends:
            self._put_momentum_back()
            self._begin(index + 1, self._base_of(start))
        self._last_lr = self._lrs()

    def get_last_lr(self) -> list[Any]:
        """The learning rate of each param group after the last call."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs, in plain values: the position in the run, and the phase's state."""
        return {
            "last_epoch": self.last_epoch,
            "phase": self._index,
            "base_lrs": list(self.base_lrs),
            "phase_lrs": list(self._phase_lrs),
            "momentum": [None if each is None else list(each) for each in self._momentum],
            "scheduler": self._inside.state_dict() if self._inside is not None else None,
            "last_lr": list(self._last_lr),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Resumes where the state was taken. Load the optimizer's state first; this call does not change its values."""
        groups = self.optimizer.param_groups
        held = [
            ({**group}, {key: _copy(group[key]) for key in ("lr", "initial_lr") if key in group}) for group in groups
        ]
        self.base_lrs = list(state_dict["base_lrs"])
        self._momentum = [None if each is None else (each[0], each[1]) for each in state_dict["momentum"]]
        self._begin(state_dict["phase"], state_dict["phase_lrs"])
        if self._inside is not None:
            self._inside.load_state_dict(state_dict["scheduler"])
        for group, (before, lrs) in zip(groups, held, strict=True):
            group.update(before)
            for key, lr in lrs.items():
                _set(group, key, lr)
        self.last_epoch = state_dict["last_epoch"]
        self._last_lr = list(state_dict["last_lr"])

    def use(self, stepper: Callable[[Any], Callable[[], object]]) -> None:
        """For simulations: `stepper(scheduler)` returns what to call in place of the scheduler's own `step`."""
        self._stepper = stepper
        self._inside_step = stepper(self._inside)

    def simple_steps(self) -> tuple[Callable[[], object] | None, float]:
        """For simulations: what to call in place of `step`, and the first call at which `step` itself is due again."""
        simple = self._phases[self._index].every == 1 and not isinstance(self._inside, (self._one_cycle, self._plateau))
        if not simple:
            return None, 0
        ends = self._ends[self._index] if self._index < len(self._ends) else inf
        return self._inside_step if self._inside is not None else None, ends

    def reads_metric(self) -> bool:
        """For simulations: True if the next `step` needs a metric."""
        return isinstance(self._inside, self._plateau) and self._is_due(self.last_epoch + 1)

    # --- how it works ------------------------------------------------------------------------------------------

    def _begin(self, index: int, lrs: Sequence[Any]) -> None:
        self._index = index
        self._phase_lrs = list(lrs)
        self._inside = self._made(lrs)
        if index:
            self._begin_as_sequential_lr(lrs)
        self._inside_step = self._stepper(self._inside)
        self._last_lr = self._lrs()

    def _lrs(self) -> list[Any]:
        """The learning rates now; of tensors, copies."""
        return [_copy(group["lr"]) for group in self.optimizer.param_groups]

    def _made(self, lrs: Sequence[Any]) -> Any:
        """The scheduler of the phase, made as over a new optimizer with these learning rates; None holds them."""
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            _set(group, "lr", lr)
            group.pop("initial_lr", None)  # without it a scheduler begins from lr
        make = self._phases[self._index].make
        inside = make(self.optimizer) if make is not None else None
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            group.setdefault("initial_lr", _copy(lr))
        return inside

    def _begin_as_sequential_lr(self, lrs: Sequence[Any]) -> None:
        """Where SequentialLR would begin the scheduler of the phase at the same base, gives it the same bits."""
        closed_form = getattr(self._inside, "_get_closed_form_lr", None)
        if closed_form is None and not isinstance(self._inside, self._from_base):
            return
        bases = list(lrs)
        if self._phases[self._index].start == "reached":
            bases = [_snapped(lr, own) for lr, own in zip(lrs, self.base_lrs, strict=True)]
        if bases != list(lrs):
            self._inside = self._made(bases)
            closed_form = getattr(self._inside, "_get_closed_form_lr", None)
        if closed_form is None:
            return
        for group, lr, base, own in zip(self.optimizer.param_groups, closed_form(), bases, self.base_lrs, strict=True):
            if base == own:
                _set(group, "lr", lr)

    def _step_inside(self, metrics: Any) -> None:
        inside = self._inside
        if inside is None or not self._is_due(self.last_epoch):
            return
        if isinstance(inside, self._one_cycle) and inside.last_epoch >= inside.total_steps - 1:
            return
        if isinstance(inside, self._plateau):
            inside.step(metrics)
        else:
            self._inside_step()

    def _is_due(self, call: int) -> bool:
        """True if the phase's scheduler is stepped at this call of the run."""
        return call % self._phases[self._index].every == 0

    def _base_of(self, start: Any) -> list[Any]:
        if start == "base":
            return list(self.base_lrs)
        if start == "reached":
            return self._lrs()
        return list(start) if isinstance(start, Sequence) else [start] * len(self.base_lrs)

    def _put_momentum_back(self) -> None:
        for group, own in zip(self.optimizer.param_groups, self._momentum, strict=True):
            if own is not None:
                group[own[0]] = (own[1], *group["betas"][1:]) if own[0] == "betas" else own[1]


if TYPE_CHECKING:

    class PhasedLR(_Phased, LRScheduler):
        """What `phased_class` makes over the imported torch, for the type checker."""


def _own_step(scheduler: Any) -> Any:
    return scheduler.step if scheduler is not None else None


def _check(phases: Sequence[Phase], groups: int) -> None:
    if not phases:
        raise ValueError("PhasedLR needs at least one phase")
    for index, phase in enumerate(phases):
        if not isinstance(phase, Phase):
            raise TypeError(f"phase {index} must be a lrviz.Phase (got {type(phase).__name__})")
        start = phase.start
        if isinstance(start, str) and start not in ("reached", "base"):
            raise ValueError(f"phase {index}: start must be 'reached', 'base', or learning rates (got {start!r})")
        if not isinstance(start, str) and isinstance(start, Sequence) and len(start) != groups:
            raise ValueError(
                f"phase {index}: start has {counted(len(start), 'learning rate')} for {counted(groups, 'param group')}"
            )
        if phase.calls is None and index == len(phases) - 1:
            continue
        if not isinstance(phase.calls, int) or isinstance(phase.calls, bool) or phase.calls < 1:
            raise ValueError(f"phase {index} must last a whole number of calls, at least 1 (got {phase.calls!r})")
        if not isinstance(phase.every, int) or phase.every < 1:
            raise ValueError(f"phase {index}: every must be a whole number, at least 1 (got {phase.every!r})")


def _momentum(group: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The key whose value schedulers change as momentum, and that value now."""
    if "betas" in group:
        return "betas", group["betas"][0]
    return ("momentum", group["momentum"]) if "momentum" in group else None


def _snapped(lr: Any, base: Any) -> Any:
    """The base itself where a learning rate is the same but for rounding."""
    return base if abs(lr - base) <= _rounding(lr) * abs(base) else lr


def _rounding(lr: Any) -> float:
    """The rounding error of a warmup, relative to what it reaches: of a tensor, in its own precision."""
    if not _is_tensor(lr):
        return ROUNDING
    import torch

    return max(ROUNDING, TENSOR_ROUNDING * torch.finfo(lr.dtype).eps)


def _copy(lr: Any) -> Any:
    """A learning rate that no scheduler changes in place, as torch changes those that are tensors."""
    return lr.detach().clone() if _is_tensor(lr) else lr


def _set(group: dict[str, Any], key: str, lr: Any) -> None:
    """Gives a group a learning rate; one that is a tensor keeps being the same tensor, as compiled code needs it."""
    if _is_tensor(group.get(key)):
        group[key].fill_(float(lr))
    else:
        group[key] = lr


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "fill_")  # torch need not be imported to tell
