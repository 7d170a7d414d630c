"""Lightning CLI: `trainer`, `optimizer` and `lr_scheduler` with `class_path` and `init_args`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, FileReader, Key, Plan
from lrviz.configs.helpers import closed_forms, lightning, torch_classes
from lrviz.configs.helpers.torch_classes import Named
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import with_value
from lrviz.configs.text.arguments import flags_of
from lrviz.configs.text.merge import merged
from lrviz.configs.text.scalars import omegaconf
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULERS
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Item, Node
from lrviz.words import show

_LISTS: Final = ("SequentialLR", "ChainedScheduler")
_CLASSES: Final = ("optimizer", "lr_scheduler", "model", "data")
_NESTED: Final = tuple(
    f"{above}{key}" for above in ("", "model.", "model.init_args.") for key in ("optimizer", "lr_scheduler")
)


def recognize(outline: Outline) -> str:
    for top in ("", "fit."):
        if not outline.has(f"{top}trainer"):
            continue
        for key in ("optimizer", "lr_scheduler"):
            if str(outline.at(f"{top}{key}")).startswith("torch.optim."):
                return f"{top}{key} with a {top}trainer"
        for key in _NESTED:
            if outline.has(f"{top}{key}.class_path") or outline.has(f"{top}{key}.scheduler.class_path"):
                return f"{top}{key}.class_path with a {top}trainer"
        if outline.has(f"{top}seed_everything"):
            return f"{top}seed_everything with a {top}trainer"
        if outline.has(f"{top}model.class_path"):
            return f"{top}model.class_path with a {top}trainer"
    return ""


def compose(root: Node, overrides: Sequence[str], read_file: FileReader) -> Node:
    """The config of `fit`, with the arguments of the command line, of which `--config` may name more files."""
    config = _of_fit(root)
    for text in overrides:
        words = text.replace("=", " ", 1).split()
        where = Position(f"--override {words[0]}" if words else "--override")
        if words[:1] != ["--config"]:
            for key, value in flags_of(text, where.file).items():
                config = _set(config, str(key.value), value)
            continue
        for name in words[1:]:
            found = read_file(name, where)
            if found is None or not found.root.is_mapping:
                raise ScheduleError.at(where, f"{name} is no config that can be read")
            config = Node(merged(_of_fit(found.root), config).value, root.where)
    return config


def _of_fit(root: Node) -> Node:
    fit = root.get("fit")
    return fit if fit is not None and fit.is_mapping else root


def _set(config: Node, path: str, value: Node) -> Node:
    """A config with an argument of the command line: `--optimizer Adam` names a class and keeps the arguments that it
    has too, and `--optimizer.lr` is one of its arguments."""
    first, _, rest = path.partition(".")
    if first not in _CLASSES:
        return with_value(config, path, value)
    old = config.get(first)
    there = old if old is not None and old.is_mapping else _mapping("class_path", old)
    if rest:
        inside = rest if rest.partition(".")[0] in ("class_path", "init_args", "dict_kwargs") else f"init_args.{rest}"
        return with_value(config, first, with_value(there, inside, value))
    kept = there.get("init_args") or Node({}, value.where)
    entry = {**OPTIMIZERS, **SCHEDULERS}.get(str(value.value).rpartition(".")[2])
    if entry is not None:
        arguments = {key: item for key, item in kept.value.items() if entry.argument(str(key)) is not None}
        kept = Node(arguments, kept.where)
    named = _mapping("class_path", value)
    return with_value(config, first, with_value(named, "init_args", kept))


def _mapping(key: str, value: Node | None) -> Node:
    if value is None:
        return Node({}, Position(""))
    return Node({key: Item(Node(key, value.where), value)}, value.where)


def read(config: Config) -> Plan:
    trainer = config.section("trainer")
    if trainer.has("class_path"):
        trainer = trainer.section("init_args")
    optimizer = _class(config, "optimizer") or _of_model(config, "optimizer")
    found = _class(config, "lr_scheduler")
    calls = lightning.Calls(
        config.known("interval") or Value("epoch", "interval", config.where("lr_scheduler"), "default", "LightningCLI"),
        Value(1, "frequency", config.where("lr_scheduler"), "default"),
    )
    if found is None:
        found, calls = _nested(config, calls)
    if optimizer is None:
        others = [str(key) for key in config.root.value if "optimizer" in str(key)]
        message = (
            f"several optimizers ({', '.join(others)}) are for a manual loop" if others else "there is no optimizer"
        )
        config.error(
            config.where(*others),
            f"{message}; lrviz reads the one under `optimizer`",
            "optimizer: {class_path: torch.optim.AdamW, init_args: {lr: 1e-3}}",
        )
        return Plan({}, "")
    calls = calls._replace(varies=found is not None)
    run = lightning.length(trainer, calls)
    if trainer.root.get("callbacks") is not None and trainer.root.value["callbacks"].value.is_list:
        callbacks = [each for each in trainer.root.value["callbacks"].value.value if each.get("class_path") is not None]
        paths = [Config(each, config.session, "trainer.callbacks").text("class_path") for each in callbacks]
        lightning.warn_of_callbacks(config, paths)
    document: dict[str, Any] = {**run.document, "optimizer": torch_classes.optimizer(optimizer), "scheduler": "none"}
    lost = torch_classes.lost(optimizer)
    if found is None:
        return Plan(document, f"no lr_scheduler, so the learning rate is constant for {run.words}", lost)
    document |= _scheduler(config, found, calls)
    if run.called and document["scheduler"] != "none":
        document["scheduler"] = closed_forms.scheduler(
            found, document["scheduler"], document["optimizer"]["lr"], run.called
        )
    return Plan(document, f"{found.name} called {calls}, {run.words}", lost)


def _class(config: Config, key: str) -> Named | None:
    """A class with its arguments, as jsonargparse has it: a mapping, or the path alone."""
    node = config.node(key)
    if node is None:
        return None
    if not node.is_mapping:
        return Named(config.text(key), Config(Node({}, node.where), config.session, f"{config.path}.{key}".strip(".")))
    inside = config.section(key)
    arguments = inside.section("init_args")
    more = inside.section("dict_kwargs")
    both = Node({**arguments.root.value, **more.root.value}, arguments.root.where)
    return Named(inside.text("class_path"), Config(both, config.session, arguments.path))


def _of_model(config: Config, wanted: str) -> Named | None:
    """The optimizer that is an argument of the model: `OptimizerCallable`."""
    arguments = config.section("model").section("init_args") if _is_class(config, "model") else config.section("model")
    keys = [str(key) for key in arguments.root.value if wanted in str(key) or "optim" in str(key)]
    keys = [key for key in keys if _is_class(arguments, key) and "schedule" not in key]
    return _class(arguments, keys[0]) if len(keys) == 1 else None


def _is_class(config: Config, key: str) -> bool:
    node = config.node(key)
    return node is not None and node.get("class_path") is not None


def _nested(config: Config, calls: lightning.Calls) -> tuple[Named | None, lightning.Calls]:
    """The scheduler that is an argument of the model. When it is called stands in the module's code, unless the file
    says it beside it."""
    arguments = config.section("model").section("init_args") if _is_class(config, "model") else config.section("model")
    for key in map(str, arguments.root.value):
        node = arguments.node(key)
        if node is None or "schedule" not in key:
            continue
        if _is_class(arguments, key):
            where = node.where
            found, around = _class(arguments, key), arguments
        elif node.is_mapping and _is_class(arguments.section(key), "scheduler"):
            around = arguments.section(key)
            found, where = _class(around, "scheduler"), node.where
        else:
            continue
        if around.has("interval"):
            return found, lightning.calls_of(around, default=calls.interval)
        interval = config.fact("interval", where)
        return found, lightning.Calls(interval, around.whole("frequency", 1, low=1))
    return None, calls


def _scheduler(config: Config, found: Named, calls: lightning.Calls) -> dict[str, Any]:
    """The scheduler and its metric."""
    path, where = str(found.kind.value), found.kind.where
    if found.name in _LISTS and found.arguments.has("schedulers"):
        config.error(
            where,
            f"LightningCLI cannot build {found.name}: only the outer scheduler is given the optimizer",
            "return it from configure_optimizers of the module, or write the schedule as a file of lrviz",
        )
        return {"scheduler": "none"}
    if found.name == "OneCycleLR" and calls.interval.value == "epoch":
        sized = found.arguments.root.get("total_steps")
        size = f" (total_steps {show(sized.value)})" if sized is not None else ""
        config.warn(
            where,
            "called-each-epoch",
            f"OneCycleLR{size} is called once an epoch here, not after every step",
            "total_steps must be the number of epochs, or the module must return the scheduler with interval: step",
        )
    if found.name != "ReduceLROnPlateau":
        return {"scheduler": torch_classes.scheduler(found)}
    nested = found.kind.key.startswith("model.")
    if path.startswith("torch.") and not nested:
        config.error(
            where,
            "torch's ReduceLROnPlateau has no `monitor`, without which Lightning stops",
            "write class_path: lightning.pytorch.cli.ReduceLROnPlateau, with monitor: val_loss",
        )
    elif not nested and not found.arguments.has("monitor"):
        config.error(where, "ReduceLROnPlateau needs `monitor`, the metric that it watches", "monitor: val_loss")
    named = found._replace(kind=Value("ReduceLROnPlateau", found.kind.key, where))
    return {
        "scheduler": torch_classes.scheduler(named, leave_out=("monitor",)),
        "metric": lightning.metric(config, calls, where),
    }


DIALECT: Final = Dialect(
    name="lightning",
    title="Lightning CLI",
    marks="`trainer` beside `optimizer`, `lr_scheduler` or `model` with `class_path`, or beside `seed_everything`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.class_path", "class of the optimizer"),
        Key("optimizer.init_args", "its arguments, `lr` among them"),
        Key("lr_scheduler.class_path", "class of the scheduler", "none: a constant learning rate"),
        Key("lr_scheduler.init_args", "its arguments"),
        Key("trainer.max_epochs", "length of the run", "1000, if max_steps is not given"),
        Key("trainer.max_steps", "length of the run in optimizer steps; with max_epochs, what is first ends it", "-1"),
        Key("trainer.accumulate_grad_batches", "batches per optimizer step", "1"),
        Key("trainer.limit_train_batches", "batches of an epoch: a number, or a share", "1.0"),
    ),
    facts=("batches_per_epoch", "interval", "metric"),
    surprises=(
        "Any scheduler of a plain file is called once an epoch, OneCycleLR too.",
        "A run without max_epochs and max_steps has 1000 epochs.",
        "SequentialLR with a list of class_path schedulers cannot be built.",
        "`frequency` counts batches, not optimizer steps, and begins anew in each epoch.",
        "ReduceLROnPlateau must be that of lightning.pytorch.cli, with `monitor`.",
    ),
    source="lightning: pytorch/cli.py, pytorch/loops/training_epoch_loop.py, pytorch/loops/utilities.py",
    example=(
        "trainer: {max_epochs: 40}\n"
        "model: {class_path: flowers.LitClassifier}\n"
        "optimizer: {class_path: torch.optim.AdamW, init_args: {lr: 5e-4}}\n"
        "lr_scheduler: {class_path: torch.optim.lr_scheduler.CosineAnnealingLR, init_args: {T_max: 40}}\n"
    ),
    scalars=omegaconf,
    epochs=("trainer.max_epochs", ("trainer.max_steps",)),
    steps=("trainer.max_steps", ("trainer.max_epochs",)),
    compose=compose,
)
