"""timm's schedulers (`timm/scheduler`), in its own order of operations, and the defaults of its train.py.

All but plateau are functions of a tick `t`, an epoch or an optimizer step, and set the learning rate itself, so their
expressions are for an optimizer with a learning rate of 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.expression import parse

NAMES: Final = ("cosine", "tanh", "step", "multistep", "plateau", "poly", "wsd", "rsqrt", "constant", "none")
ALIASES: Final = {"steplr": "step", "multisteplr": "multistep", "polynomial": "poly", "cosine_annealing": "cosine"}
CYCLES: Final = ("cosine", "tanh", "poly")
"""The schedulers that have cycles."""

KEYS: Final = (
    "sched", "sched_on_updates", "lr", "lr_base", "lr_base_size", "lr_base_scale", "batch_size", "world_size", "opt",
    "grad_accum_steps", "epochs", "warmup_epochs", "warmup_lr", "warmup_prefix", "min_lr", "cooldown_epochs",
    "decay_epochs", "decay_milestones", "decay_rate", "patience_epochs", "lr_cycle_mul", "lr_cycle_decay",
    "lr_cycle_limit", "lr_k_decay", "lr_noise", "lr_decay_fn", "lr_stable_timescale", "layer_decay", "start_epoch",
)  # fmt: skip
"""Keys that the learning rate depends on."""

MISTAKEN: Final = {
    "learning_rate": "lr",
    "scheduler": "sched",
    "lr_scheduler": "sched",
    "lr_scheduler_type": "sched",
    "num_epochs": "epochs",
    "max_epochs": "epochs",
    "num_train_epochs": "epochs",
    "warmup": "warmup_epochs",
    "warmup_steps": "warmup_epochs",
    "lr_min": "min_lr",
    "eta_min": "min_lr",
    "optimizer": "opt",
    "gradient_accumulation_steps": "grad_accum_steps",
}
"""Keys of other programs, and what timm calls the same."""

_DEFAULTS: Final[Mapping[str, tuple[Any, Any, Any]]] = {
    "sched": ("cosine", "cosine", "step"),
    "lr": (None, 0.05, 0.01),
    "epochs": (300, 300, 200),
    "warmup_epochs": (5, 3, 3),
    "warmup_lr": (1e-5, 1e-4, 1e-4),
    "min_lr": (0.0, 1e-6, 1e-5),
    "cooldown_epochs": (0, 10, 10),
    "decay_epochs": (90.0, 100.0, 30.0),
    "decay_milestones": ((90, 180, 270), (30, 60), (30, 60)),
}
"""The defaults of train.py that changed: since 0.9, since 0.5, and before."""


_SINCE_0_9: Final = (
    "lr_base",
    "lr_base_size",
    "lr_base_scale",
    "sched_on_updates",
    "warmup_prefix",
    "grad_accum_steps",
)
"""Keys that 0.9 brought: a file that has one is not older."""


class Clock(NamedTuple):
    """A schedule in its own ticks, epochs or updates; `length` is that of the first cycle."""

    sched: str
    per_epoch: int
    length: int
    warmup: int
    prefix: bool

    @property
    def t(self) -> str:
        """The tick that the schedule after the warmup is a function of."""
        return f"(t - {self.warmup})" if self.prefix and self.warmup else "t"


def scheduler_name(config: Config) -> Value:
    """The value of `sched`, or the release's default; a name that timm does not have is an error."""
    return config.choice("sched", NAMES, default(config, "sched"), what="scheduler of timm", aliases=ALIASES)


def default(config: Config, key: str) -> Any:
    """The default of a key that is missing, in the release that the file is read as."""
    new, middle, old = _DEFAULTS[key]
    if config.has(key) or new == middle == old:
        return new
    if since_0_9(config):
        return new
    return middle if middle == old or since_0_5(config) else old


def since_0_9(config: Config) -> bool:
    """True if the file is read as a release from 0.9 on; a key of theirs, or an `lr` that is null, says so too."""
    return _is_new(config) or config.since("timm", "0.9")


def since_0_5(config: Config) -> bool:
    """True for timm 0.5 and later, asked for only where the keys do not tell."""
    return _is_new(config) or config.since("timm", "0.5")


def _is_new(config: Config) -> bool:
    if "timm" in config.session.given.data:
        return False
    lr = config.root.get("lr")
    return any(config.has(key) for key in _SINCE_0_9) or (lr is not None and lr.value is None)


def warmed(config: Config, lr: float, clock: Clock, after: str) -> str:
    """The schedule after a warmup, which begins at an absolute learning rate; without one the first tick has `lr`,
    since timm's scheduler is not called before it."""
    if not clock.warmup:
        return after if _at(after, 0) == lr else f"{lr!r} if t == 0 else {after}"
    first = config.number("warmup_lr", default(config, "warmup_lr"), low=0).value
    goal = _at(after, clock.warmup) if clock.sched == "tanh" and not clock.prefix else lr
    return f"{first!r} + t * {(goal - first) / clock.warmup!r} if t < {clock.warmup} else {after}"


def _at(formula: str, tick: int) -> float:
    try:
        return parse(formula, ("t",)).value(t=tick)
    except ArithmeticError:
        return 0.0


def cycles(config: Config, sched: str) -> tuple[float, bool, int, float]:
    """How much each cycle lowers the peak, and whether the floor too; how many there are; what lengthens them."""
    limit, multiple = config.whole("lr_cycle_limit", 1).value, config.number("lr_cycle_mul", 1.0, above=0).value
    if limit == 1 or since_0_5(config):
        return config.number("lr_cycle_decay", 0.5, above=0).value, False, limit, multiple
    return config.number("decay_rate", 0.1).value if sched == "cosine" else 1.0, True, limit, multiple


def _cyclic(config: Config, lr: float, clock: Clock, curve: Callable[[str, str, str, str], str]) -> str:
    """Cycles of a curve, then the floor. `curve` takes the peak, the floor, and a cycle's tick and length."""
    decay, both, limit, multiple = cycles(config, clock.sched)
    floor_ = config.number("min_lr", default(config, "min_lr"), low=0).value
    t, length = clock.t, clock.length
    if multiple != 1:
        index = f"floor(log(1 - {t} / {length} * {1 - multiple!r}) / log({multiple!r}))"
        span = f"({multiple!r} ** {index} * {length})"
        tick = f"({t} - (1 - {multiple!r} ** {index}) / {1 - multiple!r} * {length})"
    else:
        index, span, tick = f"({t} // {length})", f"{length}", f"({t} - {length} * ({t} // {length}))"
    if limit == 1 and multiple == 1:
        return f"{curve(repr(lr), repr(floor_), t, span)} if {t} < {length} else {floor_!r}"
    gamma = f"{decay!r} ** {index}"
    lowest = f"({floor_!r} * {gamma})" if both else repr(floor_)
    body = curve(f"({lr!r} * {gamma})" if decay != 1 else repr(lr), lowest, tick, span)
    return f"{body} if {index} < {limit} else {floor_!r}"


def _k(config: Config, tick: str, span: str, turn: str = "") -> str:
    """The progress in a cycle, `turn * tick ** k / span ** k`."""
    k = config.number("lr_k_decay", 1.0).value
    if k == 1 or not since_0_5(config):
        return f"{turn}{tick} / {span}"
    return f"{turn}{tick} ** {k!r} / {span} ** {k!r}"


def _cosine(config: Config, lr: float, clock: Clock) -> str:
    def curve(top: str, low: str, tick: str, span: str) -> str:
        return f"{low} + 0.5 * ({top} - {low}) * (1 + cos({_k(config, tick, span, 'pi * ')}))"

    return _cyclic(config, lr, clock, curve)


def _tanh(config: Config, lr: float, clock: Clock) -> str:
    begin, end = ("-7.0", "3.0") if since_0_5(config) else ("-6.0", "4.0")

    def curve(top: str, low: str, tick: str, span: str) -> str:
        progress = f"{tick} / {span}"
        return f"{low} + 0.5 * ({top} - {low}) * (1 - tanh({begin} * (1.0 - {progress}) + {end} * ({progress})))"

    return _cyclic(config, lr, clock, curve)


def _poly(config: Config, lr: float, clock: Clock) -> str:
    power = config.number("decay_rate", 0.1).value

    def curve(top: str, low: str, tick: str, span: str) -> str:
        return f"{low} + ({top} - {low}) * (1 - {_k(config, tick, span)}) ** {power!r}"

    return _cyclic(config, lr, clock, curve)


def _step(config: Config, lr: float, clock: Clock) -> str:
    every = config.number("decay_epochs", default(config, "decay_epochs"), above=0).value * clock.per_epoch
    return f"{lr!r} * {_decay_rate(config)} ** ({clock.t} // {every!r})"


def _decay_rate(config: Config) -> str:
    return repr(config.number("decay_rate", 0.1, above=0).value)


def _multistep(config: Config, lr: float, clock: Clock) -> str:
    """A milestone counts from one tick before it on, in every release."""
    found = config.list_of("decay_milestones", values.whole, default(config, "decay_milestones"))
    milestones = [each.value if isinstance(each, Value) else each for each in found.value]
    if milestones != sorted(milestones):
        config.error(found.where, f"decay_milestones must increase (got {milestones})")
    passed = " + ".join(f"(1 if {each * clock.per_epoch} <= {clock.t} + 1 else 0)" for each in milestones) or "0"
    return f"{lr!r} * {_decay_rate(config)} ** ({passed})"


def _constant(config: Config, lr: float, clock: Clock) -> str:
    return repr(lr)


def _stable(config: Config, lr: float, clock: Clock) -> str:
    """wsd and rsqrt: the warmup is always in front, and without `warmup_prefix` the rest is shorter by it."""
    root = clock.sched == "rsqrt"
    length = clock.length if clock.prefix else clock.length - clock.warmup
    share = config.number("decay_epochs", 0.2, above=0)
    decay = round(share.value * length) if share.value < 1 else round(share.value * clock.per_epoch)
    if not 0 < decay <= length:
        config.error(share.where, f"decay_epochs must fit into the run after its warmup (got {share.value:g})")
        return "1.0"
    falls = {"linear": "1.0 - {0}", "1-sqrt": "1.0 - sqrt({0})", "cosine": "0.5 * (1.0 + cos(pi * {0}))",
             "power": "1.0 - ({0}) ** 0.5", "exp": "(0.1 ** ({0}) - 0.1) / 0.9"}  # fmt: skip
    fall = config.choice("lr_decay_fn", falls, "linear" if root else "1-sqrt").value
    floor_ = config.number("min_lr", 0.0, low=0).value
    passed = f"(t - {clock.warmup})"
    held = repr(max(lr, floor_))
    if root:
        scale = config.number("lr_stable_timescale", None, above=0)
        span = clock.warmup if scale.value is None else scale.value * clock.per_epoch
        if not span:
            config.error(scale.where, "rsqrt without a warmup needs a timescale", "write lr_stable_timescale: 10")
            return "1.0"
        held = f"max({lr!r} * (1.0 + {passed} / {span!r}) ** -0.5, {floor_!r})"
    begin = length - decay
    progress = f"(min(({passed} - {begin}) / {decay}, 1.0))"
    falling = f"{floor_!r} + ({held} - {floor_!r}) * ({falls[fall].format(progress)})"
    return f"{held} if {passed} <= {begin} else {falling}"


FORMULAS: Final[Mapping[str, Callable[[Config, float, Clock], str]]] = {
    "cosine": _cosine,
    "tanh": _tanh,
    "poly": _poly,
    "step": _step,
    "multistep": _multistep,
    "constant": _constant,
    "wsd": _stable,
    "rsqrt": _stable,
}
