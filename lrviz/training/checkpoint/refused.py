"""Checkpoints that no single process wrote whole: by which names they are known, and what to hand in instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

WHAT_WE_READ: Final = (
    'torch.save({"optimizer": {"param_groups": optimizer.state_dict()["param_groups"]}, '
    '"scheduler": scheduler.state_dict()}, "lr.pt")'
)
"""The line that saves all that is read of a checkpoint, in any training."""

_FSDP: Final = (
    "gather it into one file, `python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER one.pt`, "
    f"or save what is read of it in one process: {WHAT_WE_READ}"
)
_ONE_PROCESS: Final = f"save what is read of it in one process: {WHAT_WE_READ}"

INSTEAD: Final = {"FSDP": _FSDP, "DeepSpeed": _ONE_PROCESS, "Megatron": _ONE_PROCESS}
"""What to hand in instead of a checkpoint of each program that shards."""

_FOLDERS: Final = (
    (re.compile(r"\.metadata|.*\.distcp|pytorch_model_fsdp_\d+|optimizer_\d+|fsdp_.*"), "FSDP"),
    (re.compile(r"zero_pp_rank_.*|bf16_zero_pp_rank_.*|zero_to_fp32\.py|global_step\d+"), "DeepSpeed"),
    (re.compile(r"latest_checkpointed_iteration\.txt|iter_\d{7}|mp_rank_\d+(_\d+)?|distrib_optim\.pt"), "Megatron"),
    (re.compile(r"mp_rank_\d+_model_states\.pt"), "DeepSpeed"),
)
"""Names of files and folders that only a sharded checkpoint has, and of which program they are."""

_KEYS: Final = (("ds_version", "DeepSpeed"), ("ds_config", "DeepSpeed"), ("opt_param_scheduler", "Megatron"))
"""Keys of files that only these programs write."""


def sharded_by_name(names: Collection[str]) -> str:
    """The program whose sharded checkpoint has files of these names; "" if none has."""
    for pattern, program in _FOLDERS:
        if any(map(pattern.fullmatch, names)):
            return program
    return ""


def sharded_by_key(keys: Collection[str]) -> str:
    """The program whose sharded checkpoint has a file with these keys; "" if none has."""
    return next((program for key, program in _KEYS if key in keys), "")
