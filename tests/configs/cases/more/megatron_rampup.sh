#!/bin/bash
# the batch grows from 8 to 40 over the first 1500 samples; everything counts samples
LR=4e-4
OPTIM_ARGS=(
    --lr $LR
    --min-lr 4e-5
    --lr-decay-style WSD
    --lr-wsd-decay-style minus_sqrt
    --lr-wsd-decay-samples 1000
    --lr-decay-samples 5500
    --lr-warmup-samples 300
)
torchrun --nproc_per_node 8 pretrain_gpt.py \
    "${OPTIM_ARGS[@]}" \
    --micro-batch-size 1 --global-batch-size 40 --rampup-batch-size 8 8 1500 \
    --train-samples 6000 --bf16
