"""NeMo: a `sched` inside of `optim`, in YAML that Hydra composes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import lightning
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.helpers.hydra_compose import compose
from lrviz.configs.helpers.nemo_policies import NOT_ARGUMENTS, POLICIES, Policy
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value

_OPTIMS: Final = ("model.optim", "optim")
_BY_EPOCH: Final = ("ExponentialLR", "ReduceLROnPlateau")
_OF_TORCH: Final = ("StepLR", "ExponentialLR", "ReduceLROnPlateau", "CyclicLR")


def recognize(outline: Outline) -> str:
    return outline.any(*(f"{optim}.sched.name" for optim in _OPTIMS))


def read(config: Config) -> Plan:
    optim = next((config.section(path) for path in _OPTIMS if config.has(path)), config.section("model.optim"))
    lr = optim.number("lr", above=0)
    sched = optim.section("sched")
    name = sched.choice(
        "name", [*POLICIES, *_OF_TORCH], what="scheduler of NeMo", aliases={"cosine": "CosineAnnealing"}
    )
    arguments = _arguments(sched)
    by_epoch = name.value in _BY_EPOCH
    interval = Value("epoch" if by_epoch else "step", name.key, name.where, "derived", f"{name.value} of NeMo")
    calls = lightning.Calls(interval, Value(1, "frequency", name.where, "default"))
    trainer = config.section("trainer")
    batches = _Batches(config, trainer)
    limit = _max_steps(config, trainer, sched, needed=name.value in POLICIES and name.value != "NoamAnnealing")
    run = lightning.length(trainer, calls._replace(varies=limit is not None), batches)
    kind = "SGD" if optim.text("name", "").value == "sgd" else "AdamW"
    document: dict[str, Any] = {**run.document, "optimizer": {"type": kind, "lr": lr}, "scheduler": "none"}
    lost = ("the hyper-parameters of the optimizer",)
    if limit is None:
        return Plan(document, f"no scheduler is made, so the learning rate is constant for {run.words}", lost)
    if name.value in _OF_TORCH:
        items = {key: item for key, item in arguments.root.value.items() if key not in NOT_ARGUMENTS}
        document["scheduler"] = {"type": name, **{str(key): item.value for key, item in items.items()}}
        if name.value == "ReduceLROnPlateau":
            document["metric"] = config.metric(name.where)
        return Plan(document, f"{name.value} called {calls}, {run.words}", lost)
    total = _total(config, run, trainer, batches, limit)
    policy = Policy(config, arguments, name, lr.value, total.value)
    factor, warmup = policy.factor()
    document["scheduler"] = lambda_lr(factor, name, f"{name.value} of NeMo")
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
        if not train.has("batch_size") and train.has("dataloader_params.batch_size"):
            train = train.section("dataloader_params")
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
            config.note(own.where, "overridden", f"{limit.key} ({limit.value:,}) takes the place of {own.key}")
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


DIALECT: Final = Dialect(
    name="nemo",
    title="NeMo",
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
