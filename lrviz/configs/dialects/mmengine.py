"""mmengine, the engine of OpenMMLab 2.x (mmdet 3, mmseg 1, mmpose 1, mmpretrain, ...): Python, YAML or JSON."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.openmmlab import batches_per_epoch, compose, is_mmcv, optimizer_type, param_groups
from lrviz.configs.helpers.param_arguments import is_of_rate, kind_of, scheduler_of
from lrviz.configs.helpers.param_classes import torch_of
from lrviz.configs.helpers.param_formulas import expression_of
from lrviz.configs.helpers.param_schedulers import Clock, Scheduler
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value


def recognize(outline: Outline) -> str:
    if is_mmcv(outline) and not outline.any("param_scheduler"):
        return ""
    if outline.has("param_scheduler", "lr_config"):
        return "`param_scheduler` beside `lr_config`"
    if outline.has("param_scheduler", "optim_wrapper"):
        return "`param_scheduler` and `optim_wrapper`"
    mark = outline.any("train_cfg.max_epochs", "train_cfg.max_iters", "optim_wrapper.optimizer", "_base_")
    if mark or "read_base()" in outline.text:
        return f"`{mark or 'read_base()'}`"
    return ""


def read(config: Config) -> Plan:
    if config.has("lr_config"):
        config.error(
            config.where("lr_config"),
            "lr_config is mmcv 1.x, which mmengine does not read; beside param_scheduler the two contradict each other",
            "keep the one of your version",
        )
    wrapper = config.section("optim_wrapper")
    optimizer = wrapper.section("optimizer")
    accumulate = wrapper.whole("accumulative_counts", 1, low=1)
    by_epoch, length = _loop(config)
    lr = _scaled(config, optimizer.number("lr", low=0))
    lost: list[str] = []
    members = [each for each in config.members("param_scheduler") if is_of_rate(each, lost)]
    document: dict[str, Any] = {}
    document["optimizer"] = {"type": optimizer_type(optimizer), "lr": lr}
    groups = param_groups(config, optimizer, lr, wrapper.section("paramwise_cfg"))
    if len(groups) > 1:
        document["optimizer"] = {
            "type": optimizer_type(optimizer),
            "groups": [{"name": name, "lr": rate} for name, rate in groups],
        }
    if wrapper.has("constructor") and wrapper.text("constructor").value != "DefaultOptimWrapperConstructor":
        lost.append(f"rates of layers that {wrapper.text('constructor').value} sets, which needs the model")
    kinds = [kind_of(each) for each in members]
    if "ReduceOnPlateauLR" in kinds:
        document |= _plateau(config, members, kinds, length, by_epoch)
        return Plan(document, _summary(kinds, length, by_epoch), tuple(dict.fromkeys(lost)))
    clock = _clock(config, members, length, by_epoch, accumulate)
    schedulers = [
        found
        for each, kind in zip(members, kinds, strict=True)
        if (found := scheduler_of(each, kind, clock, lr)) is not None
    ]
    document |= _run(config, clock, length)
    if len(schedulers) == len(members):
        document["scheduler"] = _written(config, schedulers, clock, groups)
    return Plan(document, _summary(kinds, length, by_epoch), tuple(dict.fromkeys(lost)))


def _summary(kinds: list[str], length: Value, by_epoch: bool) -> str:
    return (
        f"{' and '.join(dict.fromkeys(kinds)) or 'constant'}, {length.value:,} {'epochs' if by_epoch else 'iterations'}"
    )


# --- the run -------------------------------------------------------------------------------------------------------


def _loop(config: Config) -> tuple[bool, Value]:
    """True for a run in epochs, and its length in epochs or iterations."""
    loop = config.section("train_cfg")
    if not config.has("train_cfg"):
        config.error(
            config.where(),
            "train_cfg is missing, so there is no training",
            "write train_cfg=dict(by_epoch=True, max_epochs=12)",
        )
        return True, Value(1, "train_cfg.max_epochs", config.where())
    if loop.has("type") and loop.has("by_epoch"):
        config.error(
            loop.where("by_epoch"), "train_cfg has both type and by_epoch, which mmengine refuses", "keep one of them"
        )
    if loop.has("type"):
        name = str(loop.text("type").value).rpartition(".")[2]
        by_epoch = "Iter" not in name and (name == "EpochBasedTrainLoop" or loop.has("max_epochs"))
    else:
        if not loop.has("by_epoch"):
            config.error(loop.where(), "train_cfg needs type or by_epoch", "write by_epoch=True")
        by_epoch = bool(loop.flag("by_epoch", True).value)
    return by_epoch, loop.whole("max_epochs" if by_epoch else "max_iters", low=1)


def _scaled(config: Config, lr: Value) -> Value:
    """The learning rate after `auto_scale_lr`."""
    scale = config.section("auto_scale_lr")
    if not scale.flag("enable", False).value:
        return lr
    base = scale.number("base_batch_size", above=0)
    batch = config.section("train_dataloader").whole("batch_size", low=1)
    devices = config.fact("devices", scale.where("enable"))
    ratio = float(devices.value * batch.value) / base.value
    return config.derived(
        "lr", lr.value * ratio, f"{lr.value:g} x {devices.value} x {batch.value} / {base.value:g}", lr
    )


def _clock(config: Config, members: list[Config], length: Value, by_epoch: bool, accumulate: Value) -> Clock:
    if not by_epoch:
        for each in members:
            if each.flag("by_epoch", True).value and not each.flag("convert_to_iter_based", False).value:
                config.warn(
                    each.where("by_epoch", "type"),
                    "never-called",
                    f"{each.path} is called once an epoch, and a run by iterations has none: its first value stays",
                    "write by_epoch=False",
                )
        return Clock(length.value, accumulate=accumulate.value)
    finer = next((each for each in members if not _in_epochs(each)), None)
    if finer is None:
        return Clock(length.value, in_epochs=True, accumulate=1)
    batches = _batches(config, finer)
    return Clock(length.value * batches.value, batches=batches.value, accumulate=accumulate.value)


def _in_epochs(member: Config) -> bool:
    return bool(member.flag("by_epoch", True).value) and not member.flag("convert_to_iter_based", False).value


def _batches(config: Config, member: Config) -> Value:
    loader = config.section("train_dataloader")
    per_device = loader.whole("batch_size", low=1) if loader.has("batch_size") else None
    return batches_per_epoch(config, member.where("by_epoch", "convert_to_iter_based", "type"), per_device)


def _run(config: Config, clock: Clock, length: Value) -> dict[str, Any]:
    accumulate = config.section("optim_wrapper").whole("accumulative_counts", 1, low=1)
    batches = clock.batches
    if clock.in_epochs:
        known = config.known("batches_per_epoch")
        batches = known.value if known is not None else 0
    per_epoch = batches // accumulate.value if batches % accumulate.value == 0 else 0
    if clock.in_epochs:
        return {"epochs": length, "steps_per_epoch": per_epoch or None}
    iterations = f"{length.value} x {batches}" if batches else str(length.value)
    how = iterations if accumulate.value == 1 else f"ceil({iterations} / {accumulate.value})"
    return {"steps": config.derived("steps", clock.steps, how, length), "steps_per_epoch": per_epoch or None}


# --- in our words ---------------------------------------------------------------------------------------------------


def _written(config: Config, schedulers: list[Scheduler], clock: Clock, groups: list[tuple[str, Value]]) -> Any:
    """The schedulers in our words."""
    if not schedulers:
        return "none"
    made = torch_of(schedulers, clock, one_group=len(groups) == 1)
    if made is not None:
        return made
    texts = [expression_of([_of_group(each, lr) for each in schedulers], clock, lr.value) for _, lr in groups]
    where = config.where("param_scheduler")
    if None in texts:
        config.error(
            where,
            "two of these schedulers change the learning rate at the same time, one towards an eta_min, and no formula "
            "says what comes of it",
            "let the second begin where the first ends",
        )
        return "none"
    names = [name for name, _ in groups]
    whole: Any = texts[0] if len(set(texts)) == 1 else dict(zip(names, texts, strict=True))
    return {
        "type": "LambdaLR",
        "lr_lambda": Value(whole, "param_scheduler", where, "derived", "all schedulers at once"),
    }


def _of_group(each: Scheduler, lr: Value) -> Scheduler:
    """A scheduler as a param group with this rate has it."""
    found = dict(each.values)
    if "ratio" in found:
        found["eta_min"] = Value(lr.value * found["ratio"].value, "eta_min", found["ratio"].where)
    if "base" in found:
        found["base"] = lr
    return Scheduler(each.kind, each.begin, each.end, each.epochs, found)


def _plateau(config: Config, members: list[Config], kinds: list[str], length: Value, by_epoch: bool) -> dict[str, Any]:
    """torch's ReduceLROnPlateau, called after each validation."""
    member = members[kinds.index("ReduceOnPlateauLR")]
    where = member.where("type")
    if len(members) > 1 or member.whole("begin", 0, low=0).value:
        config.error(where, "ReduceOnPlateauLR beside other schedulers, or later than at the start, cannot be drawn")
    if not by_epoch or not member.flag("by_epoch", True).value:
        config.error(where, "ReduceOnPlateauLR needs a run by epochs, and by_epoch=True")
    loop = config.section("train_cfg")
    every, begin = loop.whole("val_interval", 1, low=1), loop.whole("val_begin", 1, low=1)
    if begin.value > every.value:
        config.error(begin.where, "a plateau with val_begin cannot be drawn", "leave val_begin out")
    rule = {"less": "min", "greater": "max"}[member.choice("rule", ("less", "greater"), "less").value]
    return {
        "epochs": length,
        "interval": "epoch" if every.value == 1 else Value(f"{every.value} epochs", every.key, every.where),
        "scheduler": {
            "type": "ReduceLROnPlateau",
            "mode": Value(rule, "rule", member.where("rule", "type")),
            "factor": member.number("factor", 0.1),
            "patience": member.whole("patience", 10, low=0),
            "threshold": member.number("threshold", 1e-4, low=0),
            "threshold_mode": member.choice("threshold_rule", ("rel", "abs"), "rel"),
            "cooldown": member.whole("cooldown", 0, low=0),
            "min_lr": member.number("min_value", 0.0),
            "eps": member.number("eps", 1e-8),
        },
        "metric": config.metric(where),
    }


DIALECT: Final = Dialect(
    name="mmengine",
    title="mmengine (OpenMMLab)",
    marks="`param_scheduler` and `optim_wrapper`, or `train_cfg` with `max_epochs` or `max_iters`; or `_base_` alone",
    recognize=recognize,
    read=read,
    keys=(
        Key("optim_wrapper.optimizer.lr", "the learning rate that the schedulers change"),
        Key("optim_wrapper.accumulative_counts", "iterations per optimizer step; schedulers count iterations", "1"),
        Key("optim_wrapper.paramwise_cfg", "rates of param groups: custom_keys with lr_mult, bias_lr_mult"),
        Key("param_scheduler", "a scheduler or a list; each changes what the ones before it leave"),
        Key("train_cfg.type", "EpochBasedTrainLoop or IterBasedTrainLoop; by_epoch=True or False says the same"),
        Key("train_cfg.max_epochs", "length of a run by epochs"),
        Key("train_cfg.max_iters", "length of a run by iterations"),
        Key("train_cfg.val_interval", "epochs between validations, after which a plateau is called", "1"),
        Key("auto_scale_lr.enable", "scale lr by the batch of all devices", "False"),
        Key("auto_scale_lr.base_batch_size", "the batch for which lr was meant"),
        Key("train_dataloader.batch_size", "batch of one device"),
    ),
    facts=("batches_per_epoch", "devices", "metric"),
    surprises=(
        "LinearLR, ConstantLR and PolyLR divide by end - begin - 1: a warmup with end=500 peaks in iteration 499.",
        "The milestones of a MultiStepLR count from its begin.",
        "A scheduler that ends early keeps the value of its call before end.",
        "In a run by iterations, a scheduler with by_epoch=True is never called, and by_epoch=True is the default.",
        "auto_scale_lr does nothing unless enable is True; gradient accumulation is not part of its batch.",
    ),
    source="mmengine: optim/scheduler/param_scheduler.py, runner/runner.py, config/config.py",
    example=(
        "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02))\n"
        "train_cfg = dict(by_epoch=True, max_epochs=12)\n"
        "param_scheduler = [\n"
        "    dict(type='LinearLR', start_factor=0.1, end=2),\n"
        "    dict(type='MultiStepLR', milestones=[8, 11], gamma=0.1),\n"
        "]\n"
    ),
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("train_cfg.max_epochs", ()),
    steps=("train_cfg.max_iters", ()),
    compose=compose,
)
