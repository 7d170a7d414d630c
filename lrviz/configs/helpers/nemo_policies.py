"""The schedulers of NeMo (`nemo/core/optim/lr_scheduler.py`), in its own order of operations.

All are a factor of the learning rate as a function of the optimizer step `t`, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value
from lrviz.schedule.text.suggest import did_you_mean

NOT_ARGUMENTS: Final = (
    "name", "max_steps", "monitor", "reduce_on_plateau", "iters_per_batch", "last_epoch", "args", "t_max_epochs",
    "t_accumulate_grad_batches", "t_limit_train_batches", "t_num_workers",
)  # fmt: skip
"""Keys of `sched` that are no arguments of a scheduler."""


class _Parts(NamedTuple):
    """A policy: its factor after the warmup, the default of `min_lr`, the arguments that only it has."""

    factor: Callable[[Policy], str]
    arguments: tuple[str, ...] = ()
    min_lr: float = 0.0


class Policy:
    """A scheduler of NeMo as a factor of the step `t`: a warmup of (t + 1) / (W + 1) up to t = W, then its own course
    up to `total`, and `min_lr` behind it."""

    def __init__(self, config: Config, arguments: Config, name: Value, lr: float, total: int) -> None:
        self.config, self.arguments, self.name, self.lr, self.total = config, arguments, name, lr, total
        self.parts = POLICIES[name.value]
        self._check()
        self._lengths: dict[str, float] = {}
        self.warmup = self.length("warmup", 0)
        floor = arguments.number("min_lr", self.parts.min_lr)
        if name.value in ("CosineAnnealing", "NoamAnnealing") and lr < floor.value:
            config.error(floor.where, f"{floor.key} ({floor.value:g}) is above the learning rate ({lr:g}): NeMo stops")
        self.floor = floor.value / lr

    def _check(self) -> None:
        names = ("warmup_steps", "warmup_ratio", "min_lr", *self.parts.arguments)
        for key, item in self.arguments.root.value.items():
            if key not in (*names, *NOT_ARGUMENTS):
                hint = did_you_mean(str(key), names)
                self.config.error(item.key.where, f"{self.name.value} has no argument {key!r}", hint)

    def length(self, kind: str, default: float) -> float:
        """`warmup_steps`, or `warmup_ratio` of all steps, rounded down; one of the two."""
        if kind not in self._lengths:
            self._lengths[kind] = self._length(kind, default)
        return self._lengths[kind]

    def _length(self, kind: str, default: float) -> float:
        steps, ratio = f"{kind}_steps", f"{kind}_ratio"
        arguments = self.arguments
        if arguments.has(steps) and arguments.has(ratio):
            message = f"{steps} and {ratio} say the same in two ways"
            arguments.error(arguments.where(ratio), message, "set one of them to null")
        if arguments.has(ratio) and not arguments.has(steps):
            share = arguments.number(ratio, low=0)
            count = int(share.value * self.total)
            return float(
                self.config.derived(f"{kind} steps", count, f"int({share.value:g} x {self.total})", share).value
            )
        return float(arguments.number(steps, default, low=0).value)

    def factor(self) -> tuple[str, float]:
        """The factor, and the length of the warmup in steps."""
        after = self.parts.factor(self)
        if self.name.value in ("NoamAnnealing", "T5InverseSquareRootAnnealing"):
            return after, self.warmup
        after = f"{_text(self.floor)} if t > {self.total} else {after}"
        if not self.warmup:
            return after, 0
        rise = f"(t + 1) / {_text(self.warmup + 1)}"
        if self.name.value == "CosineAnnealing" and self.length("constant", 0):
            rise = f"t / {_text(self.warmup)}"
        return f"{rise} if t <= {_text(self.warmup)} else {after}", self.warmup

    @property
    def passed(self) -> str:
        """The steps since the warmup, as an expression in `t`."""
        return f"(t - {_text(self.warmup)})" if self.warmup else "t"

    @property
    def rest(self) -> str:
        """The steps that are left after the warmup, at least 1, as text of an expression."""
        return _text(max(1.0, self.total - self.warmup))


def _text(value: float) -> str:
    return repr(int(value) if value == int(value) else value)


def _between(policy: Policy, factor: str) -> str:
    """A factor from 1 to 0 as one from 1 to `min_lr`."""
    return f"{1 - policy.floor!r} * ({factor}) + {policy.floor!r}" if policy.floor else factor


def _constant(policy: Policy) -> str:
    return "1.0"


def _square(policy: Policy) -> str:
    return f"max((({policy.rest} - {policy.passed}) / {policy.rest}) ** 2, {policy.floor!r})"


def _square_root(policy: Policy) -> str:
    return f"max((({policy.total} - t) / {policy.total}) ** 0.5, {policy.floor!r})"


def _cosine(policy: Policy) -> str:
    constant = policy.length("constant", 0)
    if not constant:
        return _between(policy, f"0.5 * (1 + cos(pi * {policy.passed} / {policy.rest}))")
    decay = policy.total - (constant + policy.warmup)
    if decay <= 0:
        where = policy.arguments.where("constant_steps", "constant_ratio")
        message = f"warmup and constant steps are {policy.total - decay:g}, but the schedule has {policy.total:,} steps"
        policy.config.error(where, message, of_facts=True)
        return "1.0"
    if not policy.lr * policy.floor < policy.lr:
        policy.config.error(policy.arguments.where("min_lr"), "min_lr must be smaller than the learning rate")
    cosine = _between(policy, f"0.5 * (cos(pi * ({policy.passed} / {_text(decay)})) + 1.0)")
    return f"{_text(policy.floor)} if t > {_text(policy.warmup + decay)} else {cosine}"


def _noam(policy: Policy) -> str:
    scale = policy.arguments.number("d_model", above=0).value ** -0.5
    step = "max(1, t)"
    rest = f"{scale!r} * {step} ** -0.5"
    if policy.warmup:
        rest = f"{scale!r} * min({step} ** -0.5, {step} * {policy.warmup**-1.5!r})"
    return f"max({rest}, {policy.floor!r}) if {step} > {_text(policy.warmup)} else {rest}" if policy.floor else rest


def _hold(policy: Policy) -> float:
    """The step at which the hold ends; 0 without one."""
    hold = policy.length("hold", 0)
    given = policy.arguments.has("hold_steps") or policy.arguments.has("hold_ratio")
    return policy.warmup + hold if given else 0.0


def _noam_hold(policy: Policy) -> str:
    if not policy.warmup:
        policy.config.error(
            policy.name.where, "NoamHoldAnnealing cannot be used without a warmup", "warmup_steps: 1000"
        )
        return "1.0"
    until = _hold(policy)
    rate = policy.arguments.number("decay_rate", 0.5).value
    hold = until - policy.warmup if until else 0.0
    top = max(1.0, policy.warmup**rate)
    fall = f"max({top!r} / max(1, (t - {_text(hold)}) ** {rate!r}), {policy.floor!r})"
    return f"1.0 if t < {_text(until)} else {fall}"


def _warmup_annealing(policy: Policy) -> str:
    return _between(policy, f"1 - {policy.passed} / {policy.rest}")


def _inverse_sqrt(policy: Policy) -> str:
    return f"1 / ((t + 1) / {_text(policy.warmup + 1)}) ** 0.5"


def _t5(policy: Policy) -> str:
    """It sets the learning rate itself: `lr` plays no part."""
    arguments = policy.arguments
    if arguments.has("constant_ratio"):
        where = arguments.where("constant_ratio")
        arguments.error(where, "T5InverseSquareRootAnnealing stops at a constant_ratio", "write constant_steps")
    constant = arguments.number("constant_steps", above=0).value
    until = f"{_text(policy.floor)} if t > {policy.total} else 1 / max(1, t) ** 0.5 / {policy.lr!r}"
    return f"{1 / constant**0.5!r} / {policy.lr!r} if t <= {_text(constant)} else {until}"


def _polynomial(policy: Policy) -> str:
    return _power(policy, policy.passed, policy.rest)


def _power(policy: Policy, passed: str, length: str) -> str:
    """`cycle` has no effect up to the end of the schedule, behind which `min_lr` holds."""
    policy.arguments.flag("cycle", False)
    power = policy.arguments.number("power", 1.0).value
    return _between(policy, f"(1.0 - min({passed}, {length}) / {length}) ** {power!r}")


def _polynomial_hold(policy: Policy) -> str:
    until = _hold(policy)
    length = _text(max(1.0, policy.total - max(policy.warmup, until)))
    return f"1.0 if t < {_text(until)} else {_power(policy, f'(t - {_text(until)})', length)}"


_POWERS: Final = ("power", "cycle")
_HOLDS: Final = ("hold_steps", "hold_ratio")
_CONSTANTS: Final = ("constant_steps", "constant_ratio")
POLICIES: Final[Mapping[str, _Parts]] = {
    "CosineAnnealing": _Parts(_cosine, _CONSTANTS),
    "NoamAnnealing": _Parts(_noam, ("d_model",)),
    "NoamHoldAnnealing": _Parts(_noam_hold, (*_HOLDS, "decay_rate")),
    "WarmupAnnealing": _Parts(_warmup_annealing),
    "InverseSquareRootAnnealing": _Parts(_inverse_sqrt),
    "T5InverseSquareRootAnnealing": _Parts(_t5, _CONSTANTS),
    "SquareAnnealing": _Parts(_square, (), 1e-5),
    "SquareRootAnnealing": _Parts(_square_root),
    "PolynomialDecayAnnealing": _Parts(_polynomial, _POWERS),
    "PolynomialHoldDecayAnnealing": _Parts(_polynomial_hold, (*_HOLDS, *_POWERS)),
    "WarmupPolicy": _Parts(_constant),
    "WarmupHoldPolicy": _Parts(_constant, _HOLDS),
}
