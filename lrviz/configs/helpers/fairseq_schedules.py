"""The schedules of fairseq (`fairseq/optim/lr_scheduler/*.py`), in its own order of operations, and the length of runs.

All but the plateau are a factor of the learning rate as a function of the update `t`, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values

_MOST_RATES: Final = 40
"""Learning rates of a list, one an epoch, that an expression can hold."""


class Run:
    """Updates are optimizer steps. Where both are given, the first of max_update and max_epoch ends the run."""

    def __init__(self, config: Config, optimization: Config) -> None:
        self.config, self.optimization = config, optimization
        self.updates = optimization.whole("max_update", 0)
        self.epochs = optimization.whole("max_epoch", 0)
        if self.updates.value <= 0 and self.epochs.value <= 0:
            message = "neither max_update nor max_epoch ends the run"
            config.error(optimization.where(), message, "optimization: {max_update: 100000}, or --steps N")
        self._per_epoch: Value | None = None

    @property
    def words(self) -> str:
        """The length as a summary says it: `50,000 updates`, or in epochs where no updates are given."""
        return f"{self.updates.value:,} updates" if self.updates.value > 0 else f"{self.epochs.value:,} epochs"

    def per_epoch(self) -> Value:
        """The updates of an epoch: batches / update_freq, rounded up."""
        if self._per_epoch is None:
            frequencies = self.optimization.list_of("update_freq", values.whole, [1])
            each = [one.value if isinstance(one, Value) else one for one in frequencies.value] or [1]
            if len(set(each)) > 1:
                self.config.error(
                    frequencies.where, "update_freq changes from epoch to epoch, which a schedule cannot say",
                    "write one number",
                )  # fmt: skip
            together = max(1, each[0])
            batches = self.config.fact("batches_per_epoch", self.optimization.where("max_epoch", "update_freq"))
            count = -(-batches.value // together)
            how = f"ceil({batches.value} / {together})"
            self._per_epoch = self.config.derived("updates per epoch", count, how, frequencies)
        return self._per_epoch

    def document(self, *, needs_epochs: bool) -> dict[str, Any]:
        """The keys of our file for the length: whichever of updates and epochs ends the run first."""
        both = self.updates.value > 0 and self.epochs.value > 0
        if both and self.epochs.value * self.per_epoch().value < self.updates.value:
            return {"epochs": self.epochs, "steps_per_epoch": self.per_epoch()}
        if self.updates.value > 0:
            known = needs_epochs or both or self.config.known("batches_per_epoch") is not None
            return {"steps": self.updates, "steps_per_epoch": self.per_epoch() if known else None}
        return {"epochs": self.epochs, "steps_per_epoch": self.per_epoch()}


# --- the schedules ---------------------------------------------------------------------------------------------------


class Schedule:
    """What the factor of a schedule is made of. `per_epoch` is set where it depends on the epoch."""

    def __init__(self, config: Config, sched: Config, name: Value, rates: list[Value], run: Run) -> None:
        self.config, self.sched, self.name, self.rates, self.run = config, sched, name, rates, run
        self.lr: float = rates[0].value
        self.warmup = 0
        self.per_epoch: Value | None = None

    def read_warmup(self, default: int = 0) -> int:
        """Reads `warmup_updates`, keeps it for the summary, and gives it."""
        self.warmup = self.sched.whole("warmup_updates", default, low=0).value
        return self.warmup

    def rate(self, key: str, default: float) -> float:
        """A learning rate as a part of the first one."""
        return float(self.sched.number(key, default).value / self.lr)

    def first(self, otherwise: float) -> float:
        """`warmup_init_lr` as a part of the learning rate; below 0 it is something else."""
        first = self.rate("warmup_init_lr", -1.0)
        return otherwise if first < 0 else first

    def rise(self, first: float) -> str:
        """A straight line from a factor to 1 over the warmup."""
        step = (1 - first) / self.warmup
        return f"{first!r} + t * {step!r}" if first else f"t / {self.warmup}"

    def epoch_rate(self) -> str:
        """The factor of the epoch: fairseq counts epochs from 1, so the second of a list is that of the first epoch."""
        force = self.sched.whole("force_anneal", None)
        factors = [rate.value / self.lr for rate in self.rates]
        if len(factors) == 1 and force.value is None:
            return "1.0"
        if len(factors) > _MOST_RATES:
            self.config.error(self.rates[-1].where, f"more than {_MOST_RATES} learning rates, one an epoch")
            return "1.0"
        self.per_epoch = self.run.per_epoch()
        epoch = f"(t // {self.per_epoch.value} + 1)"
        text = repr(factors[-1])
        for index in range(len(factors) - 2, -1, -1):
            text = f"{factors[index]!r} if {epoch} <= {index} else {text}"
        if force.value is None:
            return f"({text})"
        shrink = self.sched.number("lr_shrink", 0.1).value
        shrunk = f"{factors[-1]!r} * {shrink!r} ** ({epoch} + 1 - {force.value})"
        return f"({shrunk} if {epoch} >= {force.value} else {text})"

    def stop(self, where: Value, message: str, hint: str = "") -> str:
        """Reports what fairseq stops at; the factor stands in for one."""
        self.config.error(where.where, message, hint)
        return "1.0"


def _fixed(schedule: Schedule) -> str:
    warmup, rate = schedule.read_warmup(), schedule.epoch_rate()
    return f"(t + 1) / {warmup} * {rate} if t < {warmup} else {rate}" if warmup else rate


def _polynomial(schedule: Schedule) -> str:
    warmup, sched = schedule.read_warmup(), schedule.sched
    total = sched.whole("total_num_update", schedule.run.updates)
    if total.value <= 0:
        return schedule.stop(
            total, "polynomial_decay needs total_num_update, or max_update", "total_num_update: 100000"
        )
    end, power = schedule.rate("end_learning_rate", 0.0), sched.number("power", 1.0).value
    rate = schedule.epoch_rate() if len(schedule.rates) > 1 or sched.has("force_anneal") else "1.0"
    passed = f"(t - {warmup})" if warmup else "t"
    length = max(1, total.value - warmup)
    above = f"({rate} - {end!r})" if end or rate != "1.0" else "1.0"
    fall = f"{above} * (1 - {passed} / {length}) ** {power!r} + {end!r}"
    after = f"{end!r} if t >= {total.value} else {fall}"
    rising = f"t / {warmup}" + (f" * {rate}" if rate != "1.0" else "")
    return f"{rising} if t <= {warmup} else {after}" if warmup else after


def _inverse_sqrt(schedule: Schedule) -> str:
    warmup = schedule.read_warmup(4000)
    if not warmup:
        at = schedule.sched.whole("warmup_updates")
        return schedule.stop(at, "inverse_sqrt divides by warmup_updates, so 0 stops it", "warmup_updates: 1")
    return f"{schedule.rise(schedule.first(0.0))} if t < {warmup} else {warmup**0.5!r} * t ** -0.5"


def _cosine(schedule: Schedule) -> str:
    warmup, sched = schedule.read_warmup(), schedule.sched
    floor = schedule.rate("min_lr", 0.0)
    if not floor < 1:
        return schedule.stop(sched.number("min_lr"), "min_lr must be smaller than the learning rate")
    period = sched.number("lr_period_updates", -1.0)
    length = period.value
    if length <= 0:
        length = float(schedule.run.updates.value - warmup)
        if length <= 0:
            where = sched.number("warmup_updates", 0.0)
            return schedule.stop(where, "cosine needs a max_update above warmup_updates, or lr_period_updates")
    growth, shrink = sched.number("t_mult", 1.0, above=0).value, sched.number("lr_shrink", 0.1).value
    passed = f"(t - {warmup})" if warmup else "t"
    if growth == 1:
        cycle = f"floor({passed} / {length!r})"
        here, whole = f"({passed} - {length!r} * {cycle})", repr(length)
    else:
        cycle = f"floor(log(1 - {passed} / {length!r} * {1 - growth!r}) / {log(growth)!r})"
        here = f"({passed} - (1 - {growth!r} ** {cycle}) / {1 - growth!r} * {length!r})"
        whole = f"({growth!r} ** {cycle} * {length!r})"
    wave = f"{floor!r} + 0.5 * {1 - floor!r} * (1 + cos(pi * {here} / {whole}))"
    after = f"({wave}) * {shrink!r} ** {cycle}"
    return f"{schedule.rise(schedule.first(floor))} if t < {warmup} else {after}" if warmup else after


def _tri_stage(schedule: Schedule) -> str:
    sched, run = schedule.sched, schedule.run
    first, last = sched.number("init_lr_scale", 0.01).value, sched.number("final_lr_scale", 0.01, above=0).value
    ratios = sched.list_of("phase_ratio", values.real, None) if sched.has("phase_ratio") else None
    if ratios is not None:
        shares = [each.value for each in ratios.value]
        if len(shares) != 3 or sum(shares) != 1:
            message = f"phase_ratio must be three numbers that add up to exactly 1 (got {sum(shares)!r})"
            return schedule.stop(ratios, message, "phase_ratio: [0.1, 0.4, 0.5]")
        if run.updates.value <= 0:
            return schedule.stop(ratios, "phase_ratio needs max_update")
        warmup, hold, decay = (int(run.updates.value * share) for share in shares)
        how = ", ".join(f"int({run.updates.value} x {share:g})" for share in shares)
        schedule.config.derived("stages", f"{warmup}, {hold}, {decay} updates", how, ratios)
    else:
        warmup = sched.whole("warmup_steps", 4000, low=0).value
        hold, decay = sched.whole("hold_steps", 20000, low=0).value, sched.whole("decay_steps", 60000, low=0).value
    if decay == 0:
        return schedule.stop(ratios or sched.whole("decay_steps"), "tri_stage divides by the decay, so 0 steps stop it")
    schedule.warmup = warmup
    held = warmup + hold
    fall = f"exp({log(last) / decay!r} * (t - {held})) if t <= {held + decay} else {last!r}"
    after = f"1.0 if t < {held} else {fall}" if held else fall
    return f"{first!r} + {(1 - first) / warmup!r} * t if t < {warmup} else {after}" if warmup else after


def _step(schedule: Schedule) -> str:
    warmup, sched = schedule.read_warmup(), schedule.sched
    floor = schedule.rate("min_lr", 0.0)
    if not floor < 1:
        return schedule.stop(sched.number("min_lr"), "min_lr must be smaller than the learning rate")
    period, decay = sched.whole("lr_decay_period", 25000, low=1).value, sched.number("lr_decay", 0.5, high=1).value
    passed = f"(t - {warmup})" if warmup else "t"
    after = f"max({decay!r} ** ({passed} // {period}), {floor!r})"
    return f"{schedule.rise(schedule.first(floor))} if t < {warmup} else {after}" if warmup else after


def _triangular(schedule: Schedule) -> str:
    sched = schedule.sched
    peak = sched.number("max_lr")
    if not peak.value > schedule.lr:
        return schedule.stop(peak, f"max_lr ({peak.value:g}) must be above the learning rate ({schedule.lr:g})")
    half = sched.number("lr_period_updates", 5000.0, low=2).value // 2
    shrink = sched.number("lr_shrink", 0.1).value
    cycle = f"floor(t / {2 * half!r})"
    low = f"{shrink!r} ** {cycle}" if sched.flag("shrink_min", False).value else "1.0"
    high = f"{peak.value / schedule.lr!r} * {shrink!r} ** {cycle}"
    return f"{low} + ({high} - {low}) * max(0, 1 - abs(t / {half!r} - 2 * ({cycle} + 1) + 1))"


def _pass_through(schedule: Schedule) -> str:
    return schedule.stop(
        schedule.name, "pass_through leaves the schedule to each group of a composite optimizer, which is not read",
        "hand in the lr_scheduler of one group as that of the config",
    )  # fmt: skip


class Kind(NamedTuple):
    """The factor of a schedule as a function of the update `t`; `takes_lists` if `lr` may hold one an epoch."""

    factor: Callable[[Schedule], str]
    takes_lists: bool = False


SCHEDULES: Final[Mapping[str, Kind]] = {
    "fixed": Kind(_fixed, takes_lists=True),
    "polynomial_decay": Kind(_polynomial, takes_lists=True),
    "inverse_sqrt": Kind(_inverse_sqrt),
    "cosine": Kind(_cosine),
    "tri_stage": Kind(_tri_stage),
    "step": Kind(_step),
    "triangular": Kind(_triangular),
    "reduce_lr_on_plateau": Kind(_pass_through),
    "pass_through": Kind(_pass_through),
}
