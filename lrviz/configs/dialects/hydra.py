"""Hydra with classes of torch: `_target_: torch.optim...`, in the layout of lightning-hydra-template and its kin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import closed_forms, lightning, torch_classes, transformers_functions
from lrviz.configs.helpers.hydra_compose import compose
from lrviz.configs.helpers.torch_classes import Named
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Item, Node
from lrviz.words import show

_TARGET: Final = "_target_"
_SCHEDULERS: Final = ("scheduler", "lr_scheduler", "sched")
_OPTIMIZERS: Final = ("optimizer", "optim", "opt")
_BESIDE: Final = ("interval", "frequency", "monitor")
_LISTS: Final = ("SequentialLR", "ChainedScheduler")
_FOR_STEPS: Final = ("OneCycleLR",)


def recognize(outline: Outline) -> str:
    """A file of a group, which is a part of a config, has no mark: it is a class itself, or overrides other groups."""
    if outline.has(_TARGET) and not outline.has("trainer"):
        return ""
    defaults = outline.at("defaults") if isinstance(outline.at("defaults"), list) else ()
    groups = [str(next(iter(each))) for each in defaults if isinstance(each, dict) and len(each) == 1]
    if groups and all(each.startswith("override ") for each in groups):
        return ""
    for key, value in outline.items:
        if key == _TARGET and isinstance(value, str) and value.startswith("torch.optim."):
            return f"{_TARGET}: {value}"
    return "the list `defaults` of groups" if groups else ""


class _Place(NamedTuple):
    """A class in the config, with the mappings that it stands in, from the outside."""

    path: tuple[str, ...]
    config: Config
    around: tuple[Config, ...]

    @property
    def named(self) -> Named:
        return Named(self.config.text(_TARGET), self.config)

    def __str__(self) -> str:
        return ".".join(self.path)


def read(config: Config) -> Plan:
    places = list(_places(config))
    schedulers = [each for each in places if _is_scheduler(each)]
    optimizers = [each for each in places if _is_optimizer(each)]
    if len(schedulers) > 1:
        _several(config, schedulers, "schedulers")
        return Plan({}, "")
    scheduler = schedulers[0] if schedulers else None
    optimizer = _nearest(config, optimizers, scheduler)
    if optimizer is None:
        return Plan({}, "")
    calls = _calls(config, scheduler)
    run = lightning.length(_trainer(config, places), calls)
    for place in (optimizer, scheduler):
        if place is not None and place.config.has("_args_"):
            where = place.config.where("_args_")
            config.error(where, "arguments without a name are not read", "write each with its name, not in _args_")
    lightning.warn_of_callbacks(config, [each.config.text(_TARGET) for each in places])
    document: dict[str, Any] = {
        **run.document,
        "optimizer": torch_classes.optimizer(optimizer.named),
        "scheduler": "none",
    }
    lost = torch_classes.lost(optimizer.named)
    if scheduler is None:
        return Plan(document, f"no scheduler, so the learning rate is constant for {run.words}", lost)
    lr = document["optimizer"]["lr"]
    document |= _scheduler(config, scheduler, lr, calls)
    if run.called and document["scheduler"] != "none":
        document["scheduler"] = closed_forms.scheduler(scheduler.named, document["scheduler"], lr, run.called)
    return Plan(document, f"{scheduler.named.name} called {calls}, {run.words}", lost)


# --- where the classes are -----------------------------------------------------------------------------------------


def _places(config: Config, path: tuple[str, ...] = (), around: tuple[Config, ...] = ()) -> Iterator[_Place]:
    """Every mapping with a `_target_`, the outer ones first; the members of a scheduler are part of it."""
    root = config.root
    target = root.get(_TARGET)
    place = _Place(path, config, around)
    if target is not None and isinstance(target.value, str):
        yield place
        if _is_scheduler(place):
            return
    for key, item in root.value.items():
        if item.value.is_mapping:
            inside = Config(item.value, config.session, ".".join((*path, str(key))))
            yield from _places(inside, (*path, str(key)), (*around, config))


def _target(place: _Place) -> str:
    node = place.config.root.get(_TARGET)
    return str(node.value) if node is not None else ""


def _is_scheduler(place: _Place) -> bool:
    path = _target(place)
    if torch_classes.is_scheduler(path) or transformers_functions.is_one(path):
        return True
    own = place.path[-1:] and place.path[-1] in _SCHEDULERS and not path.startswith(("torch.optim.", "diffusers."))
    return bool(own) and any("optim" in key for parent in place.around[-2:] for key in map(str, parent.root.value))


def _is_optimizer(place: _Place) -> bool:
    path = _target(place)
    if torch_classes.is_optimizer(path):
        return True
    return place.path[-1:] != () and place.path[-1] in _OPTIMIZERS and place.config.has("lr")


def _nearest(config: Config, optimizers: list[_Place], scheduler: _Place | None) -> _Place | None:
    """The optimizer that a scheduler belongs to: of several, the one that stands nearest to it."""
    if not optimizers:
        config.error(
            config.where(),
            "this config names no optimizer of torch, from whose lr a schedule begins",
            "name the first config of the run (train.yaml), or hand in the composed one (--cfg job --resolve)",
        )
        return None
    if len(optimizers) == 1:
        return optimizers[0]
    if scheduler is not None:

        def shared(place: _Place) -> int:
            pairs = zip(place.path, scheduler.path, strict=False)
            return next(
                (index for index, (a, b) in enumerate(pairs) if a != b), min(len(place.path), len(scheduler.path))
            )

        most = max(map(shared, optimizers))
        optimizers = [each for each in optimizers if shared(each) == most]
    if len(optimizers) > 1:
        _several(config, optimizers, "optimizers")
    return optimizers[0]


def _several(config: Config, places: list[_Place], what: str) -> None:
    names = ", ".join(f"{place} ({place.named.name}, line {place.config.where(_TARGET).line})" for place in places)
    config.error(
        places[1].config.where(_TARGET),
        f"this config has several {what}, and a schedule has one: {names}",
        f"leave the others out: --override '~{places[1]}'",
    )


# --- when it is called ---------------------------------------------------------------------------------------------


def _calls(config: Config, scheduler: _Place | None) -> lightning.Calls:
    """`interval` and `frequency` that stand beside the scheduler, else once an epoch, as in the template."""
    default = Value("epoch", "interval", config.where(), "default", "as lightning-hydra-template calls it")
    if scheduler is None:
        return lightning.Calls(default, Value(1, "frequency", config.where(), "default"), varies=False)
    where = scheduler.config.where(_TARGET)
    default = Value("epoch", "interval", where, "default", default.how)
    beside = scheduler.around[-1] if scheduler.around else config
    if scheduler.path[-1] in _SCHEDULERS and any(beside.has(key) for key in _BESIDE):
        if not beside.has("interval"):
            default = config.known("interval") or default
        return lightning.calls_of(beside, default=default)
    known = config.known("interval")
    name = scheduler.named.name
    if known is None and (name in _FOR_STEPS or transformers_functions.is_one(_target(scheduler))):
        known = config.fact("interval", where)
    return lightning.Calls(known or default, Value(1, "frequency", where, "default"))


def _trainer(config: Config, places: list[_Place]) -> Config:
    """The mapping that says how long the run is."""
    if config.has("trainer"):
        trainer = config.section("trainer")
    else:
        trainers = [each.config for each in places if _target(each).endswith("Trainer")]
        trainer = trainers[0] if trainers else Config(Node({}, config.where()), config.session, "trainer")
    kind = trainer.root.get(_TARGET)
    is_lightning = kind is not None and "lightning" in str(kind.value)
    if not is_lightning and not trainer.has("max_epochs") and not trainer.has("max_steps"):
        lengths = [
            f"{key} ({node.value})" for key in ("epochs", "num_epochs", "n_epochs") if (node := _number(trainer, key))
        ]
        seen = f"; it has {', '.join(lengths)}" if lengths else ""
        config.error(
            trainer.where(),
            f"no max_epochs or max_steps of a trainer says how long the run is{seen}",
            "add --epochs N or --steps N",
        )
        stand_in = Item(Node("max_epochs", config.where()), Node(1, config.where()))
        return Config(Node({"max_epochs": stand_in}, config.where()), config.session, "trainer")
    return trainer


def _number(config: Config, key: str) -> Node | None:
    node = config.node(key)
    return node if node is not None and isinstance(node.value, int) else None


# --- the scheduler -------------------------------------------------------------------------------------------------


def _scheduler(config: Config, place: _Place, lr: Value, calls: lightning.Calls) -> dict[str, Any]:
    """The scheduler and its metric."""
    named, where = place.named, place.config.where(_TARGET)
    steps = named.arguments.node("total_steps") or named.arguments.node("num_training_steps")
    if calls.interval.value == "epoch" and (named.name in _FOR_STEPS or transformers_functions.is_one(_target(place))):
        size = f" (for {show(steps.value)} calls)" if steps is not None else ""
        config.warn(
            where,
            "called-each-epoch",
            f"{named.name}{size} is called once an epoch here, not after every step",
            "return it with interval: step",
        )
    if transformers_functions.is_one(_target(place)):
        return {"scheduler": transformers_functions.scheduler(named, lr) or "none"}
    if named.name in _LISTS and named.arguments.has("schedulers"):
        return {"scheduler": _members(config, named)}
    made = torch_classes.scheduler(named, leave_out=("monitor",))
    if named.name == "ReduceLROnPlateau":
        return {"scheduler": made, "metric": lightning.metric(config, calls, where)}
    return {"scheduler": made}


def _members(config: Config, named: Named) -> dict[str, Any]:
    """A scheduler of schedulers. `instantiate` alone gives the members no optimizer, so the project's code must."""
    config.warn(
        named.kind.where,
        "members-built",
        f"{named.name}: instantiate gives its members no optimizer, which the project's own code must do",
    )
    members = []
    for member in named.arguments.members("schedulers"):
        members.append(torch_classes.scheduler(Named(member.text(_TARGET), member)))
    return {**torch_classes.scheduler(named), "schedulers": members}


DIALECT: Final = Dialect(
    name="hydra",
    title="Hydra",
    marks="`_target_: torch.optim...`, or a list `defaults` of groups",
    recognize=recognize,
    read=read,
    yields_to=("nemo", "fairseq"),
    keys=(
        Key("model.optimizer._target_", "class of the optimizer; it may stand under any key"),
        Key("model.optimizer.lr", "its learning rate", "that of torch's class"),
        Key("model.scheduler._target_", "class of the scheduler, torch's or a function of transformers", "none"),
        Key("model.scheduler", "its arguments; or {scheduler, interval, frequency, monitor}"),
        Key("trainer.max_epochs", "length of the run", "1000, if max_steps is not given"),
        Key("trainer.max_steps", "length of the run in optimizer steps; with max_epochs, what is first ends it", "-1"),
        Key("trainer.accumulate_grad_batches", "batches per optimizer step", "1"),
        Key("defaults", "configs of groups, in folders beside the file"),
    ),
    facts=("batches_per_epoch", "interval", "metric"),
    packages=("transformers",),
    surprises=(
        "Unless `interval` stands beside the scheduler, it is called once an epoch, as lightning-hydra-template does.",
        "Environment variables and resolvers are not asked: hand in the composed config of the run.",
        "SequentialLR gets members without an optimizer, unless the project's own code builds them.",
    ),
    source="hydra: _internal/defaults_list.py; lightning-hydra-template: src/models/mnist_module.py",
    example=(
        "trainer: {_target_: lightning.pytorch.Trainer, max_epochs: 50}\n"
        "model:\n"
        "  optimizer: {_target_: torch.optim.AdamW, _partial_: true, lr: 4e-4}\n"
        "  scheduler:\n"
        "    _target_: torch.optim.lr_scheduler.CosineAnnealingLR\n"
        "    _partial_: true\n"
        "    T_max: ${trainer.max_epochs}\n"
    ),
    scalars=omegaconf,
    text_numbers="OmegaConf",
    epochs=("trainer.max_epochs", ("trainer.max_steps",)),
    steps=("trainer.max_steps", ("trainer.max_epochs",)),
    compose=compose,
    interpolation=True,
)
