"""mmcv 1.x, the engine of OpenMMLab 1.x (mmdet 2, mmseg 0, mmdet3d 0, ...): Python, YAML or JSON with `lr_config`."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.lr_updaters import ARGUMENTS, BY_ITERATION, rate_of
from lrviz.configs.helpers.openmmlab import batches_per_epoch, compose, is_mmcv, optimizer_type, param_groups
from lrviz.configs.helpers.param_schedulers import Clock
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value
from lrviz.schedule.text.suggest import did_you_mean

_COMMON: Final = ("policy", "type", "by_epoch", "warmup", "warmup_iters", "warmup_ratio", "warmup_by_epoch")


def recognize(outline: Outline) -> str:
    if not is_mmcv(outline) or outline.any("param_scheduler"):
        return ""
    return "`lr_config` with `policy`" if outline.has("lr_config.policy") else "names of mmcv 1.x"


def read(config: Config) -> Plan:
    if config.has("param_scheduler"):
        where = config.where("param_scheduler")
        config.error(where, "param_scheduler is mmengine, which reads no lr_config", "keep the one of your version")
    optimizer, policy_config = config.section("optimizer"), config.section("lr_config")
    lr = _scaled(config, optimizer.number("lr", low=0))
    policy = _policy(policy_config) if config.has("lr_config") else "Fixed"
    by_epoch, length = _run(config)
    lost = ("momentum",) if config.has("momentum_config") else ()
    per_epoch = bool(policy_config.flag("by_epoch", policy not in BY_ITERATION).value)
    if per_epoch and policy in BY_ITERATION:
        config.error(
            policy_config.where("by_epoch"), f"the policy {policy} works with by_epoch=False only", "leave by_epoch out"
        )
    warmup = policy_config.choice("warmup", ("constant", "linear", "exp"), None)
    accumulate = _accumulate(config)
    in_epochs = by_epoch and per_epoch and warmup.value is None
    if in_epochs:
        known = config.known("batches_per_epoch")
        clock = Clock(length.value, in_epochs=True, batches=known.value if known is not None else 0)
        at, count = "t", length.value
    elif by_epoch:
        batches = batches_per_epoch(config, policy_config.where("warmup", "policy"), _per_device(config))
        clock = Clock(length.value * batches.value, batches=batches.value, accumulate=accumulate)
        at, count = (f"({clock.tick} // {batches.value})", length.value) if per_epoch else (clock.tick, clock.count)
    else:
        clock = Clock(length.value, accumulate=accumulate)
        at, count = clock.tick, clock.count
        if per_epoch and policy != "Fixed":
            config.warn(
                policy_config.where("by_epoch", "policy"),
                "never-called",
                f"lr_config of {policy} is by_epoch, and an IterBasedRunner has no epochs: the rate stays",
                "write by_epoch=False",
            )
            policy, warmup = "Fixed", Value(None, warmup.key, warmup.where, "default")
    groups = param_groups(config, optimizer, lr, optimizer.section("paramwise_cfg"))
    rate = rate_of(policy, policy_config, at, count)
    texts = [_warmed(policy_config, warmup, rate(each.value), clock) for _, each in groups]
    document: dict[str, Any] = {
        **_length(config, clock, length, in_epochs),
        "optimizer": _optimizer(optimizer, groups),
        "scheduler": _scheduler(policy_config, policy, warmup, texts, groups),
    }
    unit = "epochs" if by_epoch else "iterations"
    warmed = f", {warmup.value} warmup" if warmup.value is not None else ""
    return Plan(document, f"{policy}{warmed}, {length.value:,} {unit}", lost)


def _policy(config: Config) -> str:
    """The name of the policy; one in lower case is capitalized, as mmcv does it."""
    given = config.text("policy" if config.has("policy") or not config.has("type") else "type")
    name = str(given.value).removesuffix("LrUpdaterHook")
    name = name.title() if name == name.lower() else name
    if name not in ARGUMENTS:
        hint = did_you_mean(str(given.value), [*ARGUMENTS, *map(str.lower, ARGUMENTS)], {"cosine": "CosineAnnealing"})
        config.error(given.where, f"lr_config.policy: mmcv has no policy {given.value!r}", hint)
        return "Fixed"
    known = (*_COMMON, *ARGUMENTS[name])
    for item in config.root.items():
        if item.key.value not in known:
            hint = did_you_mean(str(item.key.value), known)
            config.error(item.key.where, f"lr_config: the policy {name} has no argument {str(item.key.value)!r}", hint)
    return name


def _run(config: Config) -> tuple[bool, Value]:
    """True for a run by epochs, and its length."""
    runner = config.section("runner")
    if not config.has("runner"):
        return True, config.whole("total_epochs", low=1)
    name = str(runner.text("type", "EpochBasedRunner").value)
    by_epoch = "Iter" not in name and not (runner.has("max_iters") and not runner.has("max_epochs"))
    if by_epoch and not runner.has("max_epochs") and config.has("total_epochs"):
        return True, config.whole("total_epochs", low=1)
    return by_epoch, runner.whole("max_epochs" if by_epoch else "max_iters", low=1)


def _scaled(config: Config, lr: Value) -> Value:
    """The learning rate after mmdet's `auto_scale_lr`."""
    scale = config.section("auto_scale_lr")
    if not scale.flag("enable", False).value:
        return lr
    base, devices = scale.number("base_batch_size", above=0), config.fact("devices", scale.where("enable"))
    batch = _per_device(config) or config.section("data").whole("samples_per_gpu", low=1)
    ratio = devices.value * batch.value / base.value
    return config.derived(
        "lr", lr.value * ratio, f"{lr.value:g} x {devices.value} x {batch.value} / {base.value:g}", lr
    )


def _per_device(config: Config) -> Value | None:
    data = config.section("data")
    loader = data.section("train_dataloader")
    found = loader if loader.has("samples_per_gpu") else data
    return found.whole("samples_per_gpu", low=1) if found.has("samples_per_gpu") else None


def _accumulate(config: Config) -> int:
    """Iterations per optimizer step, of which the learning rate takes no notice."""
    hook = config.section("optimizer_config")
    if not str(hook.text("type", "OptimizerHook").value).startswith("GradientCumulative"):
        return 1
    return int(hook.whole("cumulative_iters", 1, low=1).value)


def _warmed(config: Config, warmup: Value, rate: str, clock: Clock) -> str:
    """A rate with the warmup, which multiplies what it would be without one, iteration by iteration."""
    if warmup.value is None:
        return rate
    length = config.whole("warmup_iters", 0)
    ratio = config.number("warmup_ratio", 0.1, above=0, high=1).value
    if length.value <= 0:
        config.error(
            config.where("warmup_iters", "warmup"),
            "lr_config.warmup needs warmup_iters above 0",
            "write warmup_iters=500",
        )
        return rate
    iterations = length.value
    if config.flag("warmup_by_epoch", False).value:
        if not clock.batches:
            config.error(
                config.where("warmup_by_epoch"),
                "warmup_by_epoch needs a run by epochs",
                "write warmup_iters in iterations",
            )
        iterations *= clock.batches or 1
        config.derived("warmup iterations", iterations, f"{length.value} x {clock.batches}", length)
    at = clock.tick
    factor = {
        "constant": repr(ratio),
        "linear": f"(1 - (1 - {at} / {iterations}) * {1 - ratio!r})",
        "exp": f"{ratio!r} ** (1 - {at} / {iterations})",
    }[warmup.value]
    return f"({rate}) * {factor} if {at} < {iterations} else {rate}"


def _length(config: Config, clock: Clock, length: Value, in_epochs: bool) -> dict[str, Any]:
    whole = clock.batches % clock.accumulate == 0
    per_epoch = clock.batches // clock.accumulate or None if whole else None
    if in_epochs:
        return {"epochs": length, "steps_per_epoch": per_epoch}
    how = f"{length.value} x {clock.batches}" if clock.batches else str(length.value)
    how = how if clock.accumulate == 1 else f"ceil({how} / {clock.accumulate})"
    return {"steps": config.derived("steps", clock.steps, how, length), "steps_per_epoch": per_epoch}


def _optimizer(optimizer: Config, groups: list[tuple[str, Value]]) -> dict[str, Any]:
    kind = optimizer_type(optimizer)
    if len(groups) == 1:
        return {"type": kind, "lr": groups[0][1]}
    return {"type": kind, "groups": [{"name": name, "lr": rate} for name, rate in groups]}


def _scheduler(config: Config, policy: str, warmup: Value, texts: list[str], groups: list[tuple[str, Value]]) -> Any:
    """The rates of all groups, each as a factor of its own."""
    if policy == "Fixed" and warmup.value is None:
        return "none"
    if any(not lr.value for _, lr in groups):
        return "none"
    factors = [f"({text}) / {lr.value!r}" for text, (_, lr) in zip(texts, groups, strict=True)]
    names = [name for name, _ in groups]
    whole: Any = factors[0] if len(factors) == 1 else dict(zip(names, factors, strict=True))
    return {
        "type": "LambdaLR",
        "lr_lambda": Value(whole, "lr_config", config.where("policy"), "derived", f"{policy} of mmcv"),
    }


DIALECT: Final = Dialect(
    name="mmcv",
    title="mmcv 1.x (OpenMMLab)",
    marks="`lr_config` with `policy`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.lr", "the learning rate without warmup and decay"),
        Key("optimizer.paramwise_cfg", "rates of param groups: custom_keys with lr_mult, bias_lr_mult"),
        Key(
            "lr_config.policy",
            "step, poly, cyclic, exp, inv, fixed, CosineAnnealing, OneCycle, ...; its arguments beside it",
        ),
        Key("lr_config.by_epoch", "set the rate once an epoch", "True"),
        Key("lr_config.warmup", "linear, constant or exp", "None"),
        Key("lr_config.warmup_iters", "iterations of the warmup, or epochs with warmup_by_epoch"),
        Key("lr_config.warmup_ratio", "the part of the rate at which the warmup begins", "0.1"),
        Key("runner.max_epochs", "length of a run by epochs; total_epochs in older files"),
        Key("runner.max_iters", "length of a run by iterations (IterBasedRunner)"),
        Key("optimizer_config.cumulative_iters", "iterations per optimizer step", "1"),
    ),
    facts=("batches_per_epoch", "devices"),
    surprises=(
        "The warmup multiplies the rate without one: with a cosine by epochs it climbs on stairs, to a peak below lr.",
        "poly and CosineAnnealing divide by the whole length, so that min_lr is not reached.",
        "With by_epoch, which is the default, nothing happens in an IterBasedRunner.",
    ),
    source="mmcv 1.7: runner/hooks/lr_updater.py, runner/base_runner.py",
    example=(
        "optimizer = dict(type='SGD', lr=0.01)\n"
        "lr_config = dict(policy='step', step=[8, 11])\n"
        "runner = dict(type='EpochBasedRunner', max_epochs=12)\n"
    ),
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("runner.max_epochs", ("total_epochs",)),
    steps=("runner.max_iters", ()),
    compose=compose,
)
