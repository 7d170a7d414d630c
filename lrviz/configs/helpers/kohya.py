"""The schedulers of kohya's sd-scripts (`library/train_util.py`, `get_scheduler_fix`), and their param groups.

The scheduler is made for the steps of all processes together, and accelerate calls it once a process: a warmup in whole
steps is that much shorter with several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Plan
from lrviz.configs.helpers import launch, trainer, transformers
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.session import version_of
from lrviz.configs.words import as_node
from lrviz.number import NumberError
from lrviz.schedule.catalogue.schedulers import LR_SCHEDULER, SCHEDULERS
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node, resolve
from lrviz.words import show

NAMES: Final = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "cosine_with_min_lr",
    "warmup_stable_decay",
    "piecewise_constant",
)
"""The names that `lr_scheduler` takes; others of transformers fail, because sd-scripts passes them too much."""

ALIASES: Final = {"cosine_annealing": "cosine", "restarts": "cosine_with_restarts", "wsd": "warmup_stable_decay"}

SELF_SIMILAR: Final = ("linear", "cosine", "cosine_with_restarts", "polynomial", "cosine_with_min_lr")
"""Schedulers that look alike for every number of processes, if they have no warmup."""

OWN_RATE: Final = ("dadapt", "prodigy", "adafactor")
"""Optimizers to which the learning rate is not the size of a step."""


def plan(config: Config, lr: Value, steps: Value, devices: Value | None) -> Plan:
    """The schedule of a run of this many steps. `devices` is known if the steps were counted with them."""
    document: dict[str, Any] = {"steps": steps, "optimizer": optimizer(config, lr), "scheduler": "none"}
    kind = config.text("optimizer_type", "AdamW")
    if kind.value.lower().endswith("schedulefree"):
        _say_own_rate(config, kind, "lr_scheduler has no effect")
        return Plan(document, f"constant, since {kind.value} has no schedule, {steps.value:,} steps")
    if kind.value.lower().startswith(OWN_RATE):
        _say_own_rate(config, kind, "the learning rate is a factor of its own one")
    if config.has("lr_scheduler_type") and config.text("lr_scheduler_type").value:
        return _of_class(config, document, devices)
    name = config.choice("lr_scheduler", NAMES, "constant", what="scheduler of sd-scripts", aliases=ALIASES)
    if devices is None:
        devices = _processes(config, name)
    total = steps
    if devices.value > 1:
        how = f"{steps.value} x {devices.value}"
        total = config.derived("scheduler steps", steps.value * devices.value, how, devices)
    warmup = _share(config, "lr_warmup_steps", total)
    if name.value == "constant" and warmup.value:
        config.error(warmup.where, "constant takes no warmup, and sd-scripts refuses it",
                     'write lr_scheduler = "constant_with_warmup"')  # fmt: skip
        return Plan(document, "")
    factor = _factor(config, name, lr, warmup, total)
    if factor is not None:
        if devices.value > 1:
            factor = re.sub(r"\bt\b", f"(t * {devices.value})", factor)
        document["scheduler"] = lambda_lr(factor, name, f"{name.value} of sd-scripts")
        trainer.warn_of_long_warmup(config, warmup, total)
    return Plan(document, _summary(name, warmup, steps, devices.value))


def _summary(name: Value, warmup: Value, steps: Value, devices: int) -> str:
    ends = warmup.value / devices
    each = f" ({warmup.value:,} calls, {devices} a step)" if devices > 1 and warmup.value else ""
    return f"{name.value}, warmup {ends:,.6g} of {steps.value:,} steps{each}"


def _processes(config: Config, name: Value) -> Value:
    """The processes, asked for where they change the curve."""
    warmup = config.node("lr_warmup_steps")
    without = warmup is None or not warmup.value
    if without and name.value in (*SELF_SIMILAR, "constant", "constant_with_warmup"):
        return Value(1, "devices", name.where, "default")
    return launch.devices(config, config.where("lr_warmup_steps", "lr_decay_steps", "lr_scheduler"))


def _say_own_rate(config: Config, kind: Value, what: str) -> None:
    config.warn(kind.where, "optimizer-own-rate", f"with the optimizer {kind.value}, {what}")


def _share(config: Config, key: str, total: Value) -> Value:
    """A length: a whole number is that many calls, a float is a share of the run, whatever its size."""
    node = config.node(key)
    if node is None:
        return config.whole(key, 0)
    written = _resolved(node)
    if isinstance(written, int) and not isinstance(written, bool):
        return config.whole(key, low=0)
    if isinstance(written, str) and written.endswith("%"):
        config.error(
            node.where,
            f"{key} {written} is text in a file: only the command line takes percent",
            "write 0.1 for a tenth of the run",
        )
        return Value(0, key, node.where)
    share = config.number(key, low=0)
    if share.value >= 1:
        config.warn(
            share.where,
            "share-of-run",
            f"{key} {node.value} is no whole number, so sd-scripts takes it as {share.value:g} times the run",
            f"write {share.value:.0f} for steps",
        )
    count = int(share.value * total.value)
    return config.derived(key.removeprefix("lr_").replace("_", " "), count,
                          f"{key}: floor({share.value:g} x {total.value})", share)  # fmt: skip


def _resolved(node: Node) -> Any:
    """A value as its text means it: the files of the GUI hold numbers as text."""
    if not isinstance(node.value, str):
        return node.value
    try:
        return resolve(node.value)
    except NumberError:
        return node.value


def _factor(config: Config, name: Value, lr: Value, warmup: Value, total: Value) -> str | None:
    """The factor of a scheduler as a function of its calls; None for a constant."""
    given = arguments(config)
    if name.value == "piecewise_constant":
        return _piecewise(config, name, given)
    own: dict[str, Any] = {}
    cycles = config.whole("lr_scheduler_num_cycles", 1, low=0)
    if name.value == "cosine_with_restarts":
        own["num_cycles"] = cycles
    elif name.value == "polynomial":
        own["power"] = config.number("lr_scheduler_power", 1.0)
    elif name.value == "inverse_sqrt":
        own["timescale"] = config.whole("lr_scheduler_timescale", None, low=1)
    elif name.value in ("cosine_with_min_lr", "warmup_stable_decay"):
        own["num_cycles"] = replace(cycles, value=cycles.value / 2)
        floor = config.number("lr_scheduler_min_lr_ratio", None, low=0, high=1)
        if name.value == "cosine_with_min_lr":
            own["min_lr_rate"] = floor
        else:
            decay = _share(config, "lr_decay_steps", total)
            stable = total.value - warmup.value - decay.value
            if stable < 0:
                message = f"warmup ({warmup.value}) and decay ({decay.value}) are longer than the run ({total.value})"
                config.error(decay.where, message)
            own |= {"num_decay_steps": decay, "num_stable_steps": max(0, stable), "min_lr_ratio": floor}
    both = [key for key in given if own.get(key) is not None and getattr(own[key], "value", 0) is not None]
    for key in both:
        config.error(given[key].where, f"lr_scheduler_args: {key} is already given by a key of its own", "leave it out")
    where = config.where("lr_scheduler_args", "lr_scheduler")
    # sd-scripts calls the functions of transformers itself, and passes on what their own `get_scheduler` did not
    fixed = replace(config.session, releases={"transformers": version_of("5.4")}, asked={})
    kwargs = Config(as_node({**given, **own}, where), fixed, "lr_scheduler_args")
    found = transformers.get_scheduler(Config(config.root, fixed, config.path), name, lr, warmup, total, kwargs)
    return None if found is None else str(found["lr_lambda"].value)


def arguments(config: Config) -> dict[str, Value]:
    """`lr_scheduler_args`: a list of `key=value`, or a text of several."""
    node = config.node("lr_scheduler_args")
    if node is None:
        return {}
    members = list(node.value) if node.is_list else [Node(each, node.where) for each in str(node.value).split()]
    found = {}
    for member in members:
        key, is_pair, value = str(member.value).partition("=")
        if not is_pair:
            config.error(member.where, f"lr_scheduler_args must be key=value (got {show(member.value)})")
            continue
        found[key] = Value(_literal(value), f"lr_scheduler_args: {key}", member.where)
    return found


def _literal(text: str) -> Any:
    """A literal of Python, as far as arguments of schedulers are any."""
    if text[:1] in ("'", '"') and text[-1:] == text[:1]:
        return text[1:-1]
    words = {"True": True, "False": False, "None": None}
    if text in words:
        return words[text]
    if text[:1] in ("[", "(") and text[-1:] in ("]", ")"):
        return [_literal(each.strip()) for each in text[1:-1].split(",") if each.strip()]
    try:
        return resolve(text)
    except NumberError:
        return text


def _piecewise(config: Config, name: Value, given: Mapping[str, Value]) -> str | None:
    """diffusers' `step_rules`: `1:10,0.1:20,0.01` is a factor until each step, and one for the rest."""
    rules = given.get("step_rules")
    *until, last = str(rules.value if rules is not None else "").split(",")
    try:
        pairs = sorted((int(step), float(factor)) for factor, step in (each.split(":") for each in until))
        factor = repr(float(last))
    except ValueError:
        config.error(
            rules.where if rules is not None else name.where,
            "piecewise_constant needs step_rules, such as 1:10,0.1:20,0.01 for a factor until each step, and one for "
            "the rest",
            """write lr_scheduler_args = ["step_rules='1:10,0.1:20,0.01'"]""",
        )
        return None
    for step, value in reversed(pairs):
        factor = f"{value!r} if t < {step} else {factor}"
    return factor


def _of_class(config: Config, document: dict[str, Any], devices: Value | None) -> Plan:
    """`lr_scheduler_type`: any class by its dotted name, with `lr_scheduler_args` as arguments."""
    name = config.text("lr_scheduler_type")
    module, _, kind = name.value.rpartition(".")
    if module not in ("", LR_SCHEDULER) or kind not in SCHEDULERS or SCHEDULERS[kind].module != LR_SCHEDULER:
        config.error(
            name.where,
            f"lr_scheduler_type {name.value} is no scheduler of torch, and nothing of a config runs",
            "write it as a schedule file of lrviz, which takes your own classes with --trust",
        )
    warmup = config.node("lr_warmup_steps")
    if warmup is not None and warmup.value:
        config.error(
            warmup.where, "a scheduler named by lr_scheduler_type takes no warmup", "leave lr_warmup_steps out"
        )
    devices = devices or launch.devices(config, name.where)
    if devices.value > 1:
        config.error(devices.where, f"{kind} is called {devices.value} times a step here, which is not read")
    document["scheduler"] = {"type": Value(kind, name.key, name.where), **arguments(config)}
    return Plan(document, f"{kind} of torch, {document['steps'].value:,} steps")


# --- param groups ----------------------------------------------------------------------------------------------------


def optimizer(config: Config, lr: Value) -> dict[str, Any]:
    """The optimizer; of a network, its text encoders and the U-Net are param groups where their rates differ."""
    found: dict[str, Any] = {"type": "AdamW", "lr": lr}
    if not config.has("unet_lr") and not config.has("text_encoder_lr"):
        return found
    groups = []
    if not config.flag("network_train_unet_only", False).value:
        groups += _text_encoders(config, lr)
    if not config.flag("network_train_text_encoder_only", False).value:
        groups.append(("unet", config.number("unet_lr", lr, low=0)))
    kept = [{"name": name, "lr": rate} for name, rate in groups if rate.value]
    if not kept:
        config.error(config.where("unet_lr", "text_encoder_lr"), "no part of the network has a learning rate above 0")
    elif len(kept) == 1:
        return found | {"lr": kept[0]["lr"]}
    else:
        found["groups"] = kept
    return found


def _text_encoders(config: Config, lr: Value) -> list[tuple[str, Value]]:
    node = config.node("text_encoder_lr")
    if node is None or not node.is_list:
        return [("text_encoder", config.number("text_encoder_lr", lr, low=0))]
    rates = config.list_of("text_encoder_lr", values.real).value
    if len(rates) == 1:
        return [("text_encoder", rates[0])]
    return [(f"text_encoder_{index}", rate) for index, rate in enumerate(rates, 1)]
