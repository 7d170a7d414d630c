"""NeMo: a `sched` inside of `optim`, in YAML that Hydra composes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import lightning
from lrviz.configs.helpers.hydra_compose import compose
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text.suggest import did_you_mean

_OPTIMS: Final = ("model.optim", "optim")
_NOT_ARGUMENTS: Final = (
    "name", "max_steps", "monitor", "reduce_on_plateau", "iters_per_batch", "last_epoch", "args", "t_max_epochs",
    "t_accumulate_grad_batches", "t_limit_train_batches", "t_num_workers",
)  # fmt: skip
_BY_EPOCH: Final = ("ExponentialLR", "ReduceLROnPlateau")
_OF_TORCH: Final = ("StepLR", "ExponentialLR", "ReduceLROnPlateau", "CyclicLR")


def recognize(outline: Outline) -> str:
    return outline.any(*(f"{optim}.sched.name" for optim in _OPTIMS))


def read(config: Config) -> Plan:
    optim = next((config.section(path) for path in _OPTIMS if config.has(path)), config.section("model.optim"))
    lr = optim.number("lr", above=0)
    sched = optim.section("sched")
    name = sched.choice(
        "name", [*_POLICIES, *_OF_TORCH], what="scheduler of NeMo", aliases={"cosine": "CosineAnnealing"}
    )
    arguments = _arguments(sched)
    by_epoch = name.value in _BY_EPOCH
    interval = Value("epoch" if by_epoch else "step", name.key, name.where, "derived", f"{name.value} of NeMo")
    calls = lightning.Calls(interval, Value(1, "frequency", name.where, "default"))
    trainer = config.section("trainer")
    batches = _Batches(config, trainer)
    limit = _max_steps(config, trainer, sched, needed=name.value in _POLICIES and name.value != "NoamAnnealing")
    run = lightning.length(trainer, calls._replace(varies=limit is not None), batches)
    kind = "SGD" if optim.text("name", "").value == "sgd" else "AdamW"
    document: dict[str, Any] = {**run.document, "optimizer": {"type": kind, "lr": lr}, "scheduler": "none"}
    lost = ("the hyper-parameters of the optimizer",)
    if limit is None:
        return Plan(document, f"no scheduler is made, so the learning rate is constant for {run.words}", lost)
    if name.value in _OF_TORCH:
        items = {key: item for key, item in arguments.root.value.items() if key not in _NOT_ARGUMENTS}
        document["scheduler"] = {"type": name, **{str(key): item.value for key, item in items.items()}}
        if name.value == "ReduceLROnPlateau":
            document["metric"] = config.metric(name.where)
        return Plan(document, f"{name.value} called {calls}, {run.words}", lost)
    total = _total(config, run, trainer, batches, limit)
    policy = _Policy(config, arguments, name, lr.value, total.value)
    factor, warmup = policy.factor()
    document["scheduler"] = {
        "type": "LambdaLR",
        "lr_lambda": Value(factor, name.key, name.where, "derived", f"{name.value} of NeMo"),
    }
    return Plan(document, f"{name.value}, warmup {warmup:g} of {total.value:,} steps, {run.words}", lost)


def _arguments(sched: Config) -> Config:
    """The arguments of the scheduler, which may be nested: `args: {name: auto, params: {...}}`."""
    if not sched.has("args"):
        return sched
    args = sched.section("args")
    return args.section("params") if args.has("name") else args


# --- the length of the schedule ------------------------------------------------------------------------------------


class _Batches:
    """The batches that one rank draws in an epoch."""

    def __init__(self, config: Config, trainer: Config) -> None:
        self.config, self.trainer = config, trainer

    def __call__(self) -> Value:
        config, where = self.config, self.trainer.where("max_epochs", "max_steps")
        train = config.section("model.train_ds")
        if config.known("batches_per_epoch") is not None or not train.has("batch_size"):
            return config.fact("batches_per_epoch", where)
        batch, drop_last = train.whole("batch_size", low=1), train.flag("drop_last", False)
        samples, ranks = config.fact("samples", where), self._ranks()
        each = -(-samples.value // ranks.value)
        kind = "floor" if drop_last.value else "ceil"
        count = each // batch.value if drop_last.value else -(-each // batch.value)
        how = f"{kind}(ceil({samples.value} / {ranks.value}) / {batch.value})"
        return config.derived("batches per epoch", count, how, batch)

    def _ranks(self) -> Value:
        """The data parallel processes, which the trainer may say."""
        known = self.config.known("devices")
        if known is not None:
            return known
        trainer = self.trainer
        key = "devices" if trainer.has("devices") else "gpus"
        node = trainer.node(key)
        if node is None or not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 1:
            return self.config.fact("devices", trainer.where(key))
        devices, nodes = trainer.whole(key), trainer.whole("num_nodes", 1, low=1)
        model = self.config.section("model")
        parts = 1
        for name in ("tensor_model_parallel_size", "pipeline_model_parallel_size"):
            parts *= model.whole(name, 1, low=1).value if model.has(name) else 1
        ranks = max(1, devices.value * nodes.value // parts)
        divided = f" / {parts}" if parts > 1 else ""
        return trainer.derived("ranks", ranks, f"{devices.value} x {nodes.value}{divided}", devices)


def _max_steps(config: Config, trainer: Config, sched: Config, *, needed: bool) -> Value | None:
    """The `max_steps` of the scheduler; 0 if they follow from the epochs; None if NeMo makes no scheduler."""
    limit = trainer.whole("max_steps", -1, low=-1)
    if limit.value >= 0:
        if sched.has("max_steps") and sched.whole("max_steps").value not in (limit.value, -1) and needed:
            own = sched.whole("max_steps")
            config.note(own.where, "lr-overridden", f"{limit.key} ({limit.value:,}) takes the place of {own.key}")
        return limit
    own = sched.whole("max_steps", Value(0, "max_steps", sched.where(), "default"), low=-1)
    if own.value == -1:
        config.warn(own.where, "no-scheduler", f"{own.key} is -1: NeMo makes no scheduler", "leave it out")
        return None
    if own.value == 0 and trainer.node("max_epochs") is None:
        config.warn(
            sched.where(),
            "no-scheduler",
            "neither max_steps nor max_epochs is given: NeMo makes no scheduler",
            "trainer: {max_steps: 100000}",
        )
        return None
    return own


def _total(config: Config, run: lightning.Length, trainer: Config, batches: Callable[[], Value], limit: Value) -> Value:
    """The steps to which the scheduler goes."""
    if limit.value:
        return limit
    epochs, per_epoch = run.document["epochs"], run.document["steps_per_epoch"]
    return config.derived(
        "max_steps", epochs.value * per_epoch.value, f"{epochs.value} x {per_epoch.value} steps", epochs
    )


# --- the factor of each policy -------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    """A policy: its factor after the warmup, the default of `min_lr`, the arguments that only it has."""

    factor: Callable[[_Policy], str]
    arguments: tuple[str, ...] = ()
    min_lr: float = 0.0


class _Policy:
    """A scheduler of NeMo as a factor of the step `t`: a warmup of (t + 1) / (W + 1) up to t = W, then its own course
    up to `total`, and `min_lr` behind it."""

    def __init__(self, config: Config, arguments: Config, name: Value, lr: float, total: int) -> None:
        self.config, self.arguments, self.name, self.lr, self.total = config, arguments, name, lr, total
        self.parts = _POLICIES[name.value]
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
            if key not in (*names, *_NOT_ARGUMENTS):
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
        return f"(t - {_text(self.warmup)})" if self.warmup else "t"

    @property
    def rest(self) -> str:
        return _text(max(1.0, self.total - self.warmup))


def _text(value: float) -> str:
    return repr(int(value) if value == int(value) else value)


def _between(policy: _Policy, factor: str) -> str:
    """A factor from 1 to 0 as one from 1 to `min_lr`."""
    return f"{1 - policy.floor!r} * ({factor}) + {policy.floor!r}" if policy.floor else factor


def _constant(policy: _Policy) -> str:
    return "1.0"


def _square(policy: _Policy) -> str:
    return f"max((({policy.rest} - {policy.passed}) / {policy.rest}) ** 2, {policy.floor!r})"


def _square_root(policy: _Policy) -> str:
    return f"max((({policy.total} - t) / {policy.total}) ** 0.5, {policy.floor!r})"


def _cosine(policy: _Policy) -> str:
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


def _noam(policy: _Policy) -> str:
    scale = policy.arguments.number("d_model", above=0).value ** -0.5
    step = "max(1, t)"
    rest = f"{scale!r} * {step} ** -0.5"
    if policy.warmup:
        rest = f"{scale!r} * min({step} ** -0.5, {step} * {policy.warmup**-1.5!r})"
    return f"max({rest}, {policy.floor!r}) if {step} > {_text(policy.warmup)} else {rest}" if policy.floor else rest


def _hold(policy: _Policy) -> float:
    """The step at which the hold ends; 0 without one."""
    hold = policy.length("hold", 0)
    given = policy.arguments.has("hold_steps") or policy.arguments.has("hold_ratio")
    return policy.warmup + hold if given else 0.0


def _noam_hold(policy: _Policy) -> str:
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


def _warmup_annealing(policy: _Policy) -> str:
    return _between(policy, f"1 - {policy.passed} / {policy.rest}")


def _inverse_sqrt(policy: _Policy) -> str:
    return f"1 / ((t + 1) / {_text(policy.warmup + 1)}) ** 0.5"


def _t5(policy: _Policy) -> str:
    """This one sets the learning rate itself: `lr` plays no part."""
    arguments = policy.arguments
    if arguments.has("constant_ratio"):
        where = arguments.where("constant_ratio")
        arguments.error(where, "T5InverseSquareRootAnnealing stops at a constant_ratio", "write constant_steps")
    constant = arguments.number("constant_steps", above=0).value
    until = f"{_text(policy.floor)} if t > {policy.total} else 1 / max(1, t) ** 0.5 / {policy.lr!r}"
    return f"{1 / constant**0.5!r} / {policy.lr!r} if t <= {_text(constant)} else {until}"


def _polynomial(policy: _Policy) -> str:
    return _power(policy, policy.passed, policy.rest)


def _power(policy: _Policy, passed: str, length: str) -> str:
    """`cycle` has no effect up to the end of the schedule, behind which `min_lr` holds."""
    policy.arguments.flag("cycle", False)
    power = policy.arguments.number("power", 1.0).value
    return _between(policy, f"(1.0 - min({passed}, {length}) / {length}) ** {power!r}")


def _polynomial_hold(policy: _Policy) -> str:
    until = _hold(policy)
    length = _text(max(1.0, policy.total - max(policy.warmup, until)))
    return f"1.0 if t < {_text(until)} else {_power(policy, f'(t - {_text(until)})', length)}"


_POWERS: Final = ("power", "cycle")
_HOLDS: Final = ("hold_steps", "hold_ratio")
_CONSTANTS: Final = ("constant_steps", "constant_ratio")
_POLICIES: Final[Mapping[str, _Parts]] = {
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


DIALECT: Final = Dialect(
    name="nemo",
    title="NeMo config",
    marks="a `sched` with a `name` inside of `model.optim` or `optim`",
    recognize=recognize,
    read=read,
    keys=(
        Key("model.optim.lr", "the peak; for NoamAnnealing a factor"),
        Key("model.optim.sched.name", "the scheduler"),
        Key("model.optim.sched.warmup_steps", "steps of the warmup; or warmup_ratio of all steps, rounded down", "0"),
        Key("model.optim.sched.constant_steps", "steps at min_lr at the end; or constant_ratio", "0"),
        Key("model.optim.sched.hold_steps", "steps at the peak after the warmup; or hold_ratio"),
        Key("model.optim.sched.min_lr", "the floor", "0; SquareAnnealing 1e-5"),
        Key("model.optim.sched.max_steps", "length of the schedule; trainer.max_steps wins, -1 means no scheduler"),
        Key("trainer.max_steps", "length of the run in optimizer steps", "-1"),
        Key("trainer.max_epochs", "length of the run"),
        Key("trainer.devices", "devices of one machine, times num_nodes"),
        Key("trainer.accumulate_grad_batches", "batches per optimizer step", "1"),
        Key("model.train_ds.batch_size", "batch of one device"),
    ),
    facts=("samples", "devices", "batches_per_epoch", "metric"),
    surprises=(
        "The warmup is (step + 1) / (warmup + 1): the first step does not train with 0.",
        "With constant_steps, CosineAnnealing warms up from 0.",
        "The lr of NoamAnnealing is a factor, and that of T5InverseSquareRootAnnealing plays no part.",
        "max_steps: -1 in sched switches the scheduler off.",
        "ExponentialLR and ReduceLROnPlateau are called once an epoch, all others after every step.",
    ),
    source="NeMo: nemo/core/optim/lr_scheduler.py, nemo/core/classes/modelPT.py",
    example=(
        "trainer: {max_steps: 3000}\n"
        "model:\n"
        "  optim:\n"
        "    name: adamw\n"
        "    lr: 1e-3\n"
        "    sched: {name: CosineAnnealing, warmup_steps: 200, min_lr: 1e-5}\n"
    ),
    scalars=omegaconf,
    text_numbers="OmegaConf",
    epochs=("trainer.max_epochs", ("trainer.max_steps",)),
    steps=("trainer.max_steps", ("trainer.max_epochs",)),
    compose=compose,
    interpolation=True,
)
