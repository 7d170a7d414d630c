"""llm-foundry's YAML: Composer's schedulers, whose durations are texts with a unit (`100ba`, `3ep`, `0.06dur`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any, Final, NamedTuple

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, FileReader, Key, Plan
from lrviz.configs.helpers.formula import factor
from lrviz.configs.helpers.keys import only
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import omegaconf
from lrviz.errors import Position
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

_NAMES: Final = (
    "constant_with_warmup",
    "cosine_with_warmup",
    "linear_decay_with_warmup",
    "inv_sqrt_with_warmup",
)
_WARMUP: Final = ("name", "t_warmup", "t_max", "scale_warmup")
_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "constant_with_warmup": (*_WARMUP, "alpha"),
    "cosine_with_warmup": (*_WARMUP, "alpha_f"),
    "linear_decay_with_warmup": (*_WARMUP, "alpha_i", "alpha_f"),
    "inv_sqrt_with_warmup": ("name", "t_warmup", "t_scale", "t_cooldown", "t_max", "alpha_f_decay", "alpha_f_cooldown"),
}
_TIME = re.compile(r"(?P<number>.+?)(?P<unit>iter|ep|ba|sp|tok|dur|sec)", re.IGNORECASE)
_UNITS: Final = {"ep": "epochs", "ba": "batches", "sp": "samples", "tok": "tokens", "dur": "parts of the run"}


@dataclass(frozen=True, slots=True)
class Time:
    """A duration of Composer, with the place where it stands."""

    count: float
    unit: str
    where: Position


class _Run(NamedTuple):
    """How long a run is, in its own unit, and its clock: how much of that unit a batch is."""

    longest: Time
    config: Config

    @property
    def clock(self) -> str:
        """The unit that schedules are computed in: batches where the run counts epochs."""
        return "ba" if self.longest.unit == "ep" else self.longest.unit

    def batches(self, where: Position) -> int:
        return int(self.config.fact("batches_per_epoch", where, "batches of all devices together in an epoch").value)

    def per_batch(self, unit: str) -> int:
        """Samples or tokens of a batch."""
        if unit == "ba":
            return 1
        samples = int(self.config.whole("global_train_batch_size", low=1).value)
        return samples if unit == "sp" else samples * int(self.config.whole("max_seq_len", low=1).value)

    def converted(self, time: Time) -> Time:
        """A duration of the scheduler, as Composer converts it: rounded down."""
        if time.unit == "dur" and self.longest.unit == "ep":
            count = int(time.count * self.batches(self.longest.where) * self.longest.count)
            return Time(count, "ba", time.where)
        if time.unit == "dur":
            return Time(int(time.count * self.longest.count), self.longest.unit, time.where)
        if time.unit == "ep":
            return Time(int(time.count * self.batches(time.where)), "ba", time.where)
        return Time(int(time.count), time.unit, time.where)


def recognize(outline: Outline) -> str:
    if outline.has("optimizer.learning_rate"):  # OLMo's
        return ""
    for prefix in ("", "parameters."):
        length, name = outline.at(f"{prefix}max_duration"), outline.at(f"{prefix}scheduler.name")
        warmup = outline.at(f"{prefix}scheduler.t_warmup")
        if isinstance(length, str) and _TIME.fullmatch(length.strip()) and name:
            return f"`max_duration: {length}` with `scheduler.name`"
        if length is not None and isinstance(warmup, str) and _TIME.fullmatch(warmup.strip()):
            return f"`scheduler.t_warmup: {warmup}`"
    return ""


def compose(root: Node, texts: Sequence[str], read_file: FileReader) -> Node:
    """The config inside of a file that starts a run of it, which has the whole under `parameters`."""
    inside = root.get("parameters")
    inner = inside if inside is not None and inside.is_mapping else root
    return overrides.dotted(omegaconf)(inner, texts)


def read(config: Config) -> Plan:
    given = config.section("scheduler")
    name = given.choice("name", _NAMES, what="scheduler of llm-foundry")
    only(given, _ARGUMENTS[name.value], f"{name.value} of llm-foundry")
    lr = config.section("optimizer").number("lr", above=0)
    longest = _time(config, "max_duration", ("ep", "ba", "sp", "tok"))
    run = _Run(longest, config)
    if longest.unit == "ep":
        batches = run.batches(longest.where)
        steps = config.derived("steps", int(longest.count) * batches, f"{longest.count:g} x {batches}", longest.where)
    else:
        per, how = run.per_batch(longest.unit), f"{longest.count:g} {_UNITS[longest.unit]}"
        count = -(-int(longest.count) // per)
        steps = config.derived("steps", count, f"ceil({how} / {per})" if per > 1 else how, longest.where)
    warmup = _time(given, "t_warmup", tuple(_UNITS))
    formula = (_inverse_sqrt if name.value == "inv_sqrt_with_warmup" else _warmed)(given, run, name.value, warmup)
    document: dict[str, Any] = {"steps": Value(max(1, steps.value), steps.key, steps.where, steps.origin, steps.how)}
    document |= {"steps_per_epoch": config.known("batches_per_epoch"), **factor(formula, lr, name, "llm-foundry")}
    return Plan(
        document,
        f"{name.value}, warmup {warmup.count:g}{warmup.unit} of {longest.count:g}{longest.unit}, {steps.value:,} steps",
        ("betas, weight decay and other hyper-parameters of the optimizer",),
    )


def _time(config: Config, key: str, units: tuple[str, ...], default: str | None = None) -> Time:
    """A duration, whose unit is one of `units`."""
    value = config.text(key, default) if default is not None else config.plain(key)
    where = config.where(key)
    if value is None:
        config.error(where, f"{config.path}.{key}".removeprefix(".") + " is missing, and it has no default")
        return Time(1, units[-1] if "dur" not in units else "dur", where)
    match = _TIME.fullmatch(str(value.value).strip())
    path = value.key
    if match is None:
        config.error(where, f"{path} must be a number with a unit, such as 100ba (got {value.value!r})",
                     "ba batches, ep epochs, sp samples, tok tokens, dur a part of the run")  # fmt: skip
        return Time(1, units[0], where)
    unit = match["unit"].lower()
    try:
        count = float(match["number"])
    except ValueError:
        count = nan
    if not isfinite(count):
        config.error(where, f"{path}: {match['number'].strip()!r} is no number")
        return Time(1, unit if unit in units else units[0], where)
    if unit not in units:
        config.error(where, f"{path} in {unit!r} says no number of batches", "write it in ba, ep, sp or tok")
        return Time(1, units[0], where)
    if unit != "dur" and count != int(count):
        config.error(where, f"{path} must be a whole number of {_UNITS[unit]} (got {count:g}), says Composer")
        count = 1
    return Time(count, unit, where)


def _now(run: _Run, unit: str) -> str:
    per = run.per_batch(unit)
    return "t" if per == 1 else f"(t * {per})"


def _checked(given: Config, run: _Run, warmup: Time) -> tuple[Time, Time]:
    """The warmup and the end of the schedule, in one unit."""
    longest = _time(given, "t_max", tuple(_UNITS), "1dur")
    begin, end = run.converted(warmup), run.converted(longest)
    if begin.unit != end.unit:
        message = (
            f"the warmup is in {_UNITS[begin.unit]} and the schedule in {_UNITS[end.unit]}, which Composer refuses"
        )
        given.error(warmup.where, message, "write both in one unit, or the warmup in dur")
        return Time(0, end.unit, begin.where), end
    if longest.unit != "dur" and run.converted(run.longest).unit == end.unit and end.count < run.converted(
            run.longest).count:  # fmt: skip
        given.error(longest.where, "t_max is shorter than max_duration, which Composer refuses", "leave t_max out")
    return begin, end


def _warmed(given: Config, run: _Run, name: str, warmup: Time) -> str:
    """A linear warmup to `alpha_i`, and a decay to `alpha_f` from there to the end."""
    begin, end = _checked(given, run, warmup)
    rise, last = int(begin.count), int(end.count)
    now = _now(run, end.unit)
    top = given.number("alpha", 1.0).value if name == "constant_with_warmup" else 1.0
    top = given.number("alpha_i", 1.0).value if name == "linear_decay_with_warmup" else top
    low = given.number("alpha_f", 0.0).value
    progress = f"min(1.0, ({now} - {rise}) / {last - rise})" if last > rise else "0.0"
    after = {
        "constant_with_warmup": f"{top!r}",
        "linear_decay_with_warmup": f"{top!r} + {progress} * {low - top!r}",
        "cosine_with_warmup": f"{low!r} + {1.0 - low!r} * (1 + cos({progress} * pi)) / 2",
    }[name]
    return f"min(1.0, {now} / {rise}) * {top!r} if {now} < {rise} else {after}" if rise else after


def _inverse_sqrt(given: Config, run: _Run, name: str, warmup: Time) -> str:
    """1 / sqrt, scaled by `t_scale`, then a linear cooldown over the last `t_cooldown`."""
    scale, cooldown = (_time(given, key, tuple(_UNITS)) for key in ("t_scale", "t_cooldown"))
    for key, time in {"t_warmup": warmup, "t_scale": scale, "t_cooldown": cooldown}.items():
        if time.unit != run.longest.unit:
            message = f"{key} is in {_UNITS[time.unit]} and max_duration in {_UNITS[run.longest.unit]}"
            given.error(time.where, f"{message}, which llm-foundry refuses", f"write it in {run.longest.unit}")
    end = int(run.converted(_time(given, "t_max", tuple(_UNITS), "1dur")).count)
    rise, size, tail = (int(run.converted(each).count) for each in (warmup, scale, cooldown))
    low, last = given.number("alpha_f_decay", 0.0).value, given.number("alpha_f_cooldown", 0.0).value
    if low < last:
        given.error(given.where("alpha_f_cooldown"), "alpha_f_cooldown must not be above alpha_f_decay")
    now = _now(run, run.clock)
    begin = max(rise, end - tail)
    shift = size - rise
    decay = f"{low!r} + 1 / (({now} + {shift}) / {max(1, size)}) ** 0.5 * {1.0 - low!r}"
    start = low + 1 / max(1e-300, (begin + shift) / max(1, size)) ** 0.5 * (1.0 - low)
    ending = f"{start!r}"
    if tail:
        ending = f"{start!r} + min(1.0, ({now} - {begin}) / {tail}) * {last - start!r}"
    after = f"{decay} if {now} < {begin} else {ending}"
    return f"min(1.0, {now} / {rise}) if {now} < {rise} else {after}" if rise else after


_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "optimizer.lr": ("the peak", ""),
    "scheduler.name": ("the scheduler", ""),
    "scheduler.t_warmup": ("length of the warmup", ""),
    "scheduler.t_max": ("length of the schedule", "1dur"),
    "scheduler.alpha_f": ("the floor as a part of the peak", "0"),
    "scheduler.alpha_i": ("linear: the factor at the end of the warmup", "1"),
    "scheduler.t_scale": ("inverse square root: its time scale", ""),
    "scheduler.t_cooldown": ("inverse square root: length of the linear cooldown", ""),
    "max_duration": ("length of the run", ""),
    "global_train_batch_size": ("samples of a batch, which is a step", ""),
    "max_seq_len": ("tokens of a sample", ""),
}

DIALECT: Final = Dialect(
    name="foundry",
    title="llm-foundry",
    marks="`max_duration` with a unit (`2000ba`) and `scheduler.name`, or `scheduler.t_warmup` with a unit",
    recognize=recognize,
    read=read,
    keys=tuple(Key(name, *rest) for name, rest in _KEYS.items()),
    facts=("batches_per_epoch",),
    surprises=(
        "Warmup and schedule must be in one unit: a warmup in batches in a run in tokens is refused.",
        "The first batch trains with a learning rate of 0.",
        "A part of the run is rounded down to whole batches.",
    ),
    source="composer/optim/scheduler.py, llmfoundry/optim/scheduler.py",
    example="scheduler: {name: cosine_with_warmup, t_warmup: 100ba, alpha_f: 0.1}\n"
    "optimizer: {name: decoupled_adamw, lr: 6.0e-4}\nmax_duration: 2000ba\nglobal_train_batch_size: 64\n",
    scalars=omegaconf,
    interpolation=True,
    compose=compose,
)
