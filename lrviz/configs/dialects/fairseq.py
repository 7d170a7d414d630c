"""fairseq: `lr_scheduler._name` beside `optimization`, in YAML that Hydra composes, or the flags of `fairseq-train`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, FileReader, Key, Plan
from lrviz.configs.helpers.fairseq_schedules import SCHEDULES, Run, Schedule
from lrviz.configs.helpers.hydra_compose import compose as composed
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node


def recognize(outline: Outline) -> str:
    if outline.suffix == ".sh":
        return "fairseq-train" if "fairseq" in outline.text and outline.any("lr_scheduler", "max_update") else ""
    if outline.has("lr_scheduler._name", "optimization"):
        return "lr_scheduler._name beside optimization"
    return ""


def compose(root: Node, overrides: Sequence[str], read_file: FileReader) -> Node:
    """Hydra's composition; a command line of the older `fairseq-train` takes flags."""
    old = [text for text in overrides if text.startswith("--")]
    return flags(composed(root, [text for text in overrides if text not in old], read_file), old)


def read(config: Config) -> Plan:
    is_flat = not config.has("lr_scheduler._name")
    sched = config if is_flat else config.section("lr_scheduler")
    optimization = config if is_flat else config.section("optimization")
    name = sched.choice("lr_scheduler" if is_flat else "_name", SCHEDULES, "fixed", what="scheduler of fairseq")
    lrs = (sched if sched.has("lr") else optimization).list_of("lr", values.real, [0.25])
    rates = [each if isinstance(each, Value) else Value(each, lrs.key, lrs.where, "default") for each in lrs.value]
    if not rates or any(rate.value <= 0 for rate in rates):
        config.error(lrs.where, f"{lrs.key} must hold learning rates above 0")
        return Plan({}, "")
    kind = SCHEDULES[name.value]
    run = Run(config, optimization)
    schedule = Schedule(config, sched, name, rates, run)
    if len(rates) > 1 and not kind.takes_lists:
        config.error(
            rates[1].where, f"{name.value} takes one learning rate (got {len(rates)})", "a list of them is for `fixed`"
        )
    if name.value == "reduce_lr_on_plateau":
        document = _plateau(schedule)
    else:
        factor = kind.factor(schedule)
        document = {
            **run.document(needs_epochs=schedule.per_epoch is not None),
            "interval": "step",
            "scheduler": {
                "type": "LambdaLR",
                "lr_lambda": Value(factor, name.key, name.where, "derived", f"{name.value} of fairseq"),
            },
        }
    document["optimizer"] = {"type": "AdamW", "lr": rates[0]}
    warmup = f", warmup {schedule.warmup:,} updates" if schedule.warmup else ""
    return Plan(document, f"{name.value}{warmup}, {run.words}", ("the hyper-parameters of the optimizer",))


def _plateau(schedule: Schedule) -> dict[str, Any]:
    """torch's ReduceLROnPlateau, called at the end of each epoch."""
    sched, run = schedule.sched, schedule.run
    if schedule.read_warmup():
        where = sched.whole("warmup_updates")
        schedule.stop(where, "reduce_lr_on_plateau with a warmup cannot be said by a schedule", "warmup_updates: 0")
    best = schedule.config.section("checkpoint").flag("maximize_best_checkpoint_metric", False)
    return {
        **run.document(needs_epochs=True),
        "interval": "epoch",
        "scheduler": {
            "type": "ReduceLROnPlateau",
            "mode": Value("max" if best.value else "min", best.key, best.where, best.origin),
            "factor": sched.number("lr_shrink", 0.1),
            "patience": sched.whole("lr_patience", 0, low=0),
            "threshold": sched.number("lr_threshold", 1e-4),
        },
        "metric": schedule.config.metric(schedule.name.where),
    }


DIALECT: Final = Dialect(
    name="fairseq",
    title="fairseq",
    marks="`lr_scheduler._name` beside `optimization`; in a script `fairseq-train` with --lr-scheduler",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimization.lr", "the peak: a list of one number; `fixed` takes one an epoch", "[0.25]"),
        Key("optimization.max_update", "length of the run in updates (optimizer steps)"),
        Key("optimization.max_epoch", "length of the run; with max_update, what is first ends it"),
        Key("optimization.update_freq", "batches per update", "[1]"),
        Key("lr_scheduler._name", f"the scheduler: {', '.join(SCHEDULES)}"),
        Key("lr_scheduler.warmup_updates", "updates of the warmup", "0; inverse_sqrt 4000"),
        Key("lr_scheduler.warmup_init_lr", "where the warmup begins", "0; cosine and step: min_lr"),
        Key("lr_scheduler.total_num_update", "where polynomial_decay ends", "max_update"),
        Key("lr_scheduler.phase_ratio", "shares of warmup, hold and decay of tri_stage"),
        Key("lr_scheduler.lr_period_updates", "period of cosine", "max_update - warmup_updates"),
    ),
    facts=("batches_per_epoch", "metric"),
    surprises=(
        "The first update of a warmup trains with a learning rate of 0 (polynomial_decay, inverse_sqrt).",
        "The shares of phase_ratio must add up to exactly 1 in floating point.",
        "Each later period of cosine is a tenth as high as the one before: lr_shrink is 0.1.",
        "`fixed` with a list of learning rates begins with the second, since fairseq counts epochs from 1.",
    ),
    source="fairseq: fairseq/optim/lr_scheduler/*.py, fairseq/trainer.py",
    example=(
        "optimization: {max_update: 1000, lr: [0.0005]}\n"
        "lr_scheduler: {_name: polynomial_decay, warmup_updates: 80, end_learning_rate: 1e-5}\n"
    ),
    scalars=omegaconf,
    text_numbers="OmegaConf",
    epochs=("optimization.max_epoch", ("optimization.max_update",)),
    steps=("optimization.max_update", ("optimization.max_epoch",)),
    compose=compose,
    interpolation=True,
)
