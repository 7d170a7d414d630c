"""Every dialect that is read: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lrviz.configs.dialect import Dialect
from lrviz.configs.dialects import (
    accelerate,
    autotrain,
    axolotl,
    deepspeed,
    detectron2,
    diffusers,
    fairseq,
    hf,
    hf_model_card,
    hydra,
    kohya,
    kohya_gui,
    lightning,
    litgpt,
    llamafactory,
    mmcv,
    mmengine,
    nanotron,
    nemo,
    olmo,
    olmo_core,
    open_clip,
    st_model_card,
    timm,
    torchtitan,
    torchtune,
    trl,
)

DIALECTS: Final[Mapping[str, Dialect]] = {
    each.name: each
    for each in (
        hf.DIALECT,
        trl.DIALECT,
        llamafactory.DIALECT,
        autotrain.DIALECT,
        hf_model_card.DIALECT,
        st_model_card.DIALECT,
        diffusers.DIALECT,
        accelerate.DIALECT,
        lightning.DIALECT,
        mmengine.DIALECT,
        mmcv.DIALECT,
        detectron2.DIALECT,
        deepspeed.DIALECT,
        hydra.DIALECT,
        axolotl.DIALECT,
        timm.DIALECT,
        nemo.DIALECT,
        kohya.DIALECT,
        kohya_gui.DIALECT,
        nanotron.DIALECT,
        torchtitan.DIALECT,
        olmo.DIALECT,
        olmo_core.DIALECT,
        torchtune.DIALECT,
        open_clip.DIALECT,
        fairseq.DIALECT,
        litgpt.DIALECT,
    )
}  # fmt: skip
"""By name, in the order of the documentation."""
