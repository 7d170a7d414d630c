"""The formats that are recognized by themselves, a program or family of programs a module."""

from __future__ import annotations

from lrviz.log.text.format import Format
from lrviz.log.text.formats import (
    bars,
    deepspeed,
    detectron2,
    fairseq,
    huggingface,
    keras,
    megatron,
    nanogpt,
    openclip,
    openmmlab,
    timm,
    torchvision,
    yolox,
)

FORMATS: tuple[Format, ...] = (
    *huggingface.FORMATS,
    *megatron.FORMATS,
    *openmmlab.FORMATS,
    *detectron2.FORMATS,
    *fairseq.FORMATS,
    *timm.FORMATS,
    *openclip.FORMATS,
    *deepspeed.FORMATS,
    *keras.FORMATS,
    *yolox.FORMATS,
    *torchvision.FORMATS,
    *nanogpt.FORMATS,
    *bars.FORMATS,
)
"""All of them; where two could read a line, the first does."""
