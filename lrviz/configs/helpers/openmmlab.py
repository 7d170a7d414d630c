"""What configs of mmengine and of mmcv 1.x have in common: how they are composed, the command line, param groups."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath

from lrviz.configs.config import Config
from lrviz.configs.dialect import FileReader, roots
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import dotted, with_value
from lrviz.configs.text.merge import with_bases
from lrviz.configs.text.python import BASE, DELETE, composed, refuse_mapping
from lrviz.configs.text.scalars import omegaconf
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

ONLY_MMCV = ("lr_config", "runner", "total_epochs", "optimizer_config", "checkpoint_config", "log_config", "evaluation")
"""Names that configs of mmcv 1.x have, and those of mmengine do not."""


_MMENGINE = ("param_scheduler", "optim_wrapper", "train_cfg.max_epochs", "train_cfg.max_iters")

MOST_BASES = 20
"""Files that are looked at for the marks of one that has none itself."""


def is_mmcv(outline: Outline) -> bool:
    """True for a config of mmcv 1.x; of a file with nothing but `_base_`, the files that it names tell."""
    if outline.has("lr_config.policy"):
        return True
    waiting, seen = [outline], 0
    while waiting and seen < MOST_BASES:
        each, seen = waiting.pop(0), seen + 1
        if each.any(*_MMENGINE):
            return False
        if each.any(*ONLY_MMCV) and (each.suffix == ".py" or each.has("lr_config.policy")):
            return True
        named = each.at("_base_")
        names = named if isinstance(named, list) else [named]
        waiting += [found for name in names if isinstance(name, str) and (found := each.beside(name)) is not None]
    return False


def compose(root: Node, overrides: Sequence[str], read_file: FileReader) -> Node:
    """The whole config: its bases, and what `--cfg-options` and its like were given."""
    read = roots(read_file)
    name = PurePath(root.where.file).name
    if PurePath(name).suffix.lower() == ".py":
        root = composed(root, read, chain=(name,))
    else:
        root = with_bases(root, BASE, read, delete=DELETE, clash=refuse_mapping, disjoint=True, chain=(name,))
    return _options(root, overrides)


def _options(root: Node, texts: Sequence[str]) -> Node:
    put = dotted(omegaconf)
    for text in texts:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ScheduleError.at(Position("--override"), f"{error} in {text!r}") from None
        for word in words:
            if word == "--auto-scale-lr":
                where = Position(f"--override {word}")
                root = with_value(root, "auto_scale_lr.enable", Node(True, where))
            elif word not in ("--cfg-options", "--options"):
                root = put(root, [word])
    return root


def optimizer_type(optimizer: Config) -> str | None:
    """The class of torch's that it is; None for any other, whose learning rate follows the same schedule."""
    name = str(optimizer.text("type", "SGD").value).rpartition(".")[2]
    return name if name in OPTIMIZERS else None


def param_groups(config: Config, optimizer: Config, lr: Value, paramwise: Config) -> list[tuple[str, Value]]:
    """The param groups whose learning rates differ, with these; the first one is that of all other parameters.

    Which parameters a key of `custom_keys` reaches is known to the model only; each is a group of its name.
    """
    groups = [("default", lr)]
    keys = paramwise.section("custom_keys")
    for item in keys.root.items():
        name = str(item.key.value)
        if not item.value.is_mapping:
            continue
        own = Config(item.value, config.session, f"{keys.path}.{name}")
        if own.has("lr"):
            groups.append((name, own.number("lr", low=0)))
        elif own.has("lr_mult"):
            groups.append((name, _multiplied(config, name, lr, own.number("lr_mult", low=0))))
    for key, name in (("bias_lr_mult", "bias"), ("dcn_offset_lr_mult", "dcn_offset")):
        if paramwise.has(key):
            groups.append((name, _multiplied(config, name, lr, paramwise.number(key, low=0))))
    return [groups[0], *(each for each in groups[1:] if each[1].value != lr.value)]


def _multiplied(config: Config, name: str, lr: Value, mult: Value) -> Value:
    return config.derived(f"lr of {name}", lr.value * mult.value, f"{lr.value:g} x {mult.value:g}", mult)


def batches_per_epoch(config: Config, where: Position, per_device: Value | None = None) -> Value:
    """The batches that one device draws in an epoch; of samples and devices, if these are given instead."""
    known = config.known("batches_per_epoch")
    samples, devices = config.known("samples"), config.known("devices")
    if known is None and samples is not None and devices is not None and per_device is not None:
        together = per_device.value * devices.value
        how = f"ceil({samples.value} / ({per_device.value} x {devices.value}))"
        return config.derived("batches per epoch", -(-samples.value // together), how, per_device)
    return config.fact("batches_per_epoch", where)
