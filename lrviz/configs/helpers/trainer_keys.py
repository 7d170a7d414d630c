"""Keys of a Trainer's config that mislead: those of other programs, misspelled ones, optimizers with their own rate."""

from __future__ import annotations

from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Key
from lrviz.configs.helpers import keys
from lrviz.schedule.text.suggest import suggest

LENGTHS: Final = (
    Key("warmup_steps", "steps of the warmup; below 1, since transformers 5, a share of the run", "0"),
    Key("warmup_ratio", "the warmup as a share of the run; gone since transformers 5.15", "0"),
    Key("num_train_epochs", "length of the run", "3"),
    Key("max_steps", "length of the run in optimizer steps, in place of epochs", "-1"),
    Key("per_device_train_batch_size", "batch of one device", "8"),
    Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
)
"""The keys of a run's and a warmup's length, for the documentation of every dialect that has them."""

MISTAKEN: Final = {
    "lr": "learning_rate",
    "lr_scheduler": "lr_scheduler_type",
    "scheduler": "lr_scheduler_type",
    "warmup": "warmup_steps",
    "lr_warmup_steps": "warmup_steps",
    "num_warmup_steps": "warmup_steps",
    "epochs": "num_train_epochs",
    "num_epochs": "num_train_epochs",
    "max_train_steps": "max_steps",
    "batch_size": "per_device_train_batch_size",
    "train_batch_size": "per_device_train_batch_size",
    "micro_batch_size": "per_device_train_batch_size",
    "gradient_accumulation": "gradient_accumulation_steps",
}
"""Keys of other programs, and what the Trainer calls the same."""

CURVE_KEYS: Final = (
    "learning_rate", "lr_scheduler_type", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio", "num_train_epochs",
    "max_steps", "per_device_train_batch_size", "gradient_accumulation_steps", "dataloader_drop_last",
)  # fmt: skip

NEIGHBOURS: Final = (
    "logging_steps", "eval_steps", "save_steps", "per_device_eval_batch_size", "per_gpu_train_batch_size",
    "per_gpu_eval_batch_size", "eval_accumulation_steps", "learning_rate_mapping", "gradient_checkpointing",
    "gradient_checkpointing_kwargs", "generation_batch_size", "num_train_samples", "dataloader_pin_memory",
)  # fmt: skip
"""Keys that are no misspelling of the ones above."""


def check(config: Config, *, stops: str = "", own: tuple[str, ...] = ()) -> None:
    """Reports keys that the Trainer does not know and that look as if they were meant for it; `own` are known.

    They are errors to a program that `stops` on them.
    """
    for item in config.root.items():
        key = str(item.key.value)
        if key in CURVE_KEYS or key in NEIGHBOURS or key in own:
            continue
        meant = MISTAKEN.get(key)
        if meant is None and (near := suggest(key, (*CURVE_KEYS, *NEIGHBOURS))) in CURVE_KEYS and _is_near(key, near):
            meant = near
        if meant is not None and not config.has(meant):
            keys.unknown(config, item.key, "argument of the Trainer", meant, stops=stops)


def _is_near(key: str, meant: str) -> bool:
    """True for a misspelling, not for another word: nearly as long, with the same beginning."""
    return abs(len(key) - len(meant)) <= 2 and key[:2] == meant[:2]


_OWN_RATE: Final = {
    "schedule_free": "averages the weights itself, and is meant for a constant learning rate",
    "lomo": "updates the weights during the backward pass",
    "layerwise": "has one optimizer and one scheduler a layer, and the rate that the Trainer logs is not theirs",
}


def note_own_rate(config: Config, key: str = "optim") -> None:
    """Notes optimizers whose steps the learning rate alone does not describe; `key` has the name of the optimizer."""
    found = config.node(key)
    if found is None or not isinstance(found.value, str):
        return
    why = next((why for part, why in _OWN_RATE.items() if part in found.value), "")
    args = config.node("optim_args")
    if "adafactor" in found.value and args is not None and "relative_step=true" in str(args.value).lower():
        why = "chooses its own rate with relative_step=True"
    if why:
        config.note(found.where, "optimizer-own-rate", f"{found.value} {why}: the curve is the number that it is given")
