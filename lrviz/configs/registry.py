"""Every dialect that is read: one line each. Its module is imported only for a file that it could be the config of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from lrviz.files import suffix_of

if TYPE_CHECKING:
    from lrviz.configs.dialect import Dialect

_YAML: Final = (".yaml", ".yml")


class Listed(NamedTuple):
    """What rules a dialect out without importing it: the suffixes of its files, and texts of which each file has at
    least one. Of several commands in a shell script, `words` tell which one trains."""

    suffixes: tuple[str, ...]
    words: tuple[str, ...]


LISTED: Final[Mapping[str, Listed]] = {
    "hf": Listed(
        (*_YAML, ".json", ".sh"),
        ("per_device_train_batch_size", "lr_scheduler_type", "warmup_ratio", "num_train_epochs"),
    ),
    "trl": Listed(
        (*_YAML, ".sh"),
        (
            "dataset_name",
            "dataset_mixture",
            "dataset_mixer",
            "packing",
            "max_length",
            "use_peft",
            "num_generations",
            "beta",
            "trl ",
        ),
    ),
    "llamafactory": Listed((*_YAML, ".json"), ("stage", "train_dataset")),
    "axolotl": Listed(_YAML, ("base_model",)),
    "autotrain": Listed(_YAML, ("project_name",)),
    "hf-model-card": Listed((".md",), ("- lr_scheduler_type:",)),
    "st-model-card": Listed((".md",), ("- `lr_scheduler_type`:",)),
    "diffusers": Listed((".sh",), ("lr_warmup_steps", "max_train_steps", "lr_num_cycles")),
    "accelerate": Listed((*_YAML, ".json"), ("compute_environment",)),
    "deepspeed": Listed(
        (".json",), ("scheduler", "train_batch_size", "zero_optimization", "train_micro_batch_size_per_gpu")
    ),
    "lightning": Listed((*_YAML, ".json"), ("class_path", "seed_everything", "torch.optim.")),
    "hydra": Listed(_YAML, ("_target_", "defaults:")),
    "nemo": Listed(_YAML, ("sched:",)),
    "timm": Listed((*_YAML, ".sh"), ("sched",)),
    "torchvision": Listed(
        (".sh",), ("lr-scheduler", "lr_scheduler", "lr-warmup-epochs", "lr_warmup_epochs", "lr-steps", "lr_steps")
    ),
    "swin": Listed(_YAML, ("TRAIN:", "MODEL:")),
    "open_clip": Listed((".txt",), ("skip_scheduler",)),
    "ultralytics": Listed(_YAML, ("lr0",)),
    "mmengine": Listed(
        (".py", *_YAML, ".json"), ("param_scheduler", "optim_wrapper", "train_cfg", "_base_", "read_base")
    ),
    "mmcv": Listed((".py", *_YAML, ".json"), ("lr_config", "_base_")),
    "detectron2": Listed(_YAML, ("SOLVER", "_BASE_")),
    "torchtitan": Listed((".toml",), ("training",)),
    "torchtune": Listed(_YAML, ("_component_",)),
    "nanotron": Listed(_YAML, ("learning_rate_scheduler",)),
    "megatron": Listed((*_YAML, ".sh"), ("lr-decay-style", "lr_decay_style")),
    "neox": Listed((*_YAML, ".json"), ("lr-decay-style", "lr_decay_style", "train-iters", "train_iters")),
    "olmo": Listed(_YAML, ("learning_rate",)),
    "olmo-core": Listed((".json", *_YAML), ("olmo_core",)),
    "foundry": Listed(_YAML, ("max_duration",)),
    "litgpt": Listed(_YAML, ("micro_batch_size",)),
    "fairseq": Listed((*_YAML, ".sh"), ("_name", "--lr-scheduler", "--max-update", "--warmup-updates")),
    "espnet": Listed(_YAML, ("optim_conf",)),
    "speechbrain": Listed(_YAML, ("!new:", "!name:", "!ref")),
    "kohya": Listed(
        (".toml", ".sh"),
        (
            "network_module",
            "lr_scheduler_num_cycles",
            "lr_scheduler_power",
            "max_train_steps",
            "max_train_epochs",
            "datasets",
            "dataset_config",
            "config_file",
        ),
    ),
    "kohya-gui": Listed((".json",), ("LoRA_type", "lr_warmup")),
}
"""By name, in the order of the documentation. The dialect is `DIALECT` in `dialects/NAME.py`, with `_` for each `-`."""


class _Dialects(Mapping[str, "Dialect"]):
    """Every dialect by its name, imported when it is looked up."""

    def __getitem__(self, name: str) -> Dialect:
        if name not in LISTED:
            raise KeyError(name)
        dialect: Dialect = import_module(f"lrviz.configs.dialects.{name.replace('-', '_')}").DIALECT
        return dialect

    def __contains__(self, name: object) -> bool:
        return name in LISTED

    def __iter__(self) -> Iterator[str]:
        return iter(LISTED)

    def __len__(self) -> int:
        return len(LISTED)


DIALECTS: Final[Mapping[str, Dialect]] = _Dialects()


def listed(text: str, file: str) -> list[str]:
    """The names of the dialects that the suffix and the words of a file leave."""
    suffix = suffix_of(file, text)
    return [
        name for name, each in LISTED.items() if suffix in each.suffixes and any(word in text for word in each.words)
    ]
