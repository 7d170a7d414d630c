"""The references of recipes whose source was read and not run: what it publishes, as plain arithmetic.

`python tests/recipes/formulas.py` writes their CSV files: the first and the last rows, those around the places where
the curve turns, and some between. Each formula is written the way that its source has it, and knows nothing of
schedulers.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Formula:
    """A curve of `rows` steps or epochs: `rates` gives the LR of each group in one of them.

    `turns` are the rows whose neighbourhood is kept, `end` says that the source goes on after the last of them.
    """

    rows: int
    rates: Callable[[int], list[float]]
    turns: tuple[int, ...] = ()
    groups: tuple[str, ...] = ("",)
    end: bool = True


def cosine(part: float) -> float:
    """The way from 1 to 0 as half a cosine."""
    return (1 + math.cos(math.pi * part)) / 2


def between(at: float, low: float, high: float, first: float, last: float) -> float:
    """The straight line from `first` at `low` to `last` at `high`."""
    return first + (last - first) * (at - low) / (high - low)


# --- vision ------------------------------------------------------------------------------------------------------


def wide_resnet(epoch: int) -> list[float]:
    """`epoch + 1 in epoch_step` at the start of an epoch: lr x lr_decay_ratio."""
    lr = 0.1
    for number in range(1, epoch + 2):
        if number in (60, 120, 160):
            lr *= 0.2
    return [lr]


def inception(epoch: int) -> list[float]:
    return [0.045 * 0.94 ** (epoch // 2)]


def cifar10_fast(step: int) -> list[float]:
    """PiecewiseLinear([0, 5, 24], [0, 0.4, 0]) of `step_number / len(train_batches)`, counted up before the step."""
    epoch = (step + 1) / (50000 // 512)
    lr = between(epoch, 0, 5, 0, 0.4) if epoch < 5 else between(min(epoch, 24), 5, 24, 0.4, 0)
    return [lr / 512]


def swa(epoch: int) -> list[float]:
    """`schedule` of train.py with lr_init 0.05, swa_lr 0.01 and swa_start 161."""
    t, ratio = epoch / 161, 0.01 / 0.05
    if t <= 0.5:
        return [0.05]
    return [0.05 * (1 - (1 - ratio) * (t - 0.5) / 0.4 if t <= 0.9 else ratio)]


def mae_finetune(step: int) -> list[float]:
    """`adjust_learning_rate` at a fraction of an epoch, and its `lr_scale` for each layer."""
    epoch, lr, floor = step / 1251, 5e-4 * 1024 / 256, 1e-6
    now = lr * epoch / 5 if epoch < 5 else floor + (lr - floor) * cosine((epoch - 5) / 95)
    return [now * 0.65 ** (13 - layer) for layer in range(14)]


def raft(step: int) -> list[float]:
    """torch's own linear OneCycleLR over 100,100 steps: its phases end at 0.05 * 100100 - 1 and 100100 - 1."""
    first, top = 4e-4 / 25, 4e-4
    if step <= 5004:
        return [between(step, 0, 5004, first, top)]
    return [between(step, 5004, 100099, top, first / 1e4)]


def nerf(step: int) -> list[float]:
    """`lrate * 0.1 ** (global_step / 250000)`, written after a step and used by the next one."""
    return [5e-4 if step == 0 else 5e-4 * 0.1 ** ((step - 1) / 250000)]


def gaussian_splatting(step: int) -> list[float]:
    """Log-linear between the two LRs of the positions, at iteration `step + 1` of 30,000."""
    t = (step + 1) / 30000
    xyz = math.exp(math.log(1.6e-4) * (1 - t) + math.log(1.6e-6) * t)
    return [xyz, 2.5e-3, 2.5e-3 / 20, 0.025, 5e-3, 1e-3]


# --- speech, language, and reinforcement learning ----------------------------------------------------------------


def hifigan(epoch: int) -> list[float]:
    return [2e-4 * 0.999**epoch]


def slanted_triangular(iteration: int) -> float:
    """Equation 3 of ULMFiT, with eta_max 0.01, cut_frac 0.1, ratio 32 and T = 50 x 391."""
    total, fraction, ratio = 50 * 391, 0.1, 32
    cut = math.floor(total * fraction)
    p = iteration / cut if iteration < cut else 1 - (iteration - cut) / (cut * (1 / fraction - 1))
    return 0.01 * (1 + p * (ratio - 1)) / ratio


def discriminative(iteration: int) -> list[float]:
    """Section 3.2: the LR of a layer is that of the layer above it, divided by 2.6."""
    return [slanted_triangular(iteration) / 2.6**below for below in (4, 3, 2, 1, 0)]


def t5(step: int) -> list[float]:
    return [1 / math.sqrt(max(step, 10000))]


def nanogpt(step: int) -> list[float]:
    if step < 2000:
        return [6e-4 * (step + 1) / (2000 + 1)]
    return [6e-5 + cosine((step - 2000) / (600000 - 2000)) * (6e-4 - 6e-5)]


def pythia(step: int) -> list[float]:
    """`AnnealingLR.get_lr` with 143,000 iterations, a hundredth of them warmup."""
    clipped = min(step, 143000 - 1430)
    if step <= 1430:
        return [6e-4 * clipped / 1430]
    return [max(6e-4 / 2 * (math.cos(math.pi * (clipped - 1430) / 143000) + 1), 6e-5)]


def llama3(step: int) -> list[float]:
    if step < 8000:
        return [8e-5 * step / 8000]
    return [8e-7 + (8e-5 - 8e-7) * cosine((step - 8000) / (1200000 - 8000))]


def deepseek_v2_lite(step: int) -> list[float]:
    """Drops at the nearest steps to 80 % and 90 % of the tokens."""
    if step < 2000:
        return [4.2e-4 * step / 2000]
    return [4.2e-4 * 0.316 ** ((step >= round(0.8 * 301997)) + (step >= round(0.9 * 301997)))]


def deepseek_v3(step: int) -> list[float]:
    """Each phase begins at the first step after its tokens."""
    constant, decay, low, last = (math.ceil(t * 1e12 / (15360 * 4096)) for t in (10, 14.3, 14.633, 14.8))
    assert last == 235240
    if step < 2000:
        return [2.2e-4 * step / 2000]
    if step < decay:
        return [2.2e-5 + (2.2e-4 - 2.2e-5) * cosine(max(0, step - constant) / (decay - constant))]
    return [2.2e-5 if step < low else 7.3e-6]


def olmo2(step: int) -> list[float]:
    """`get_lr` of CosWithWarmup in tokens, then of LinearWithWarmup in steps, counted up before the step."""
    batch = 1024 * 4096
    if step >= 928646:
        current = step - 928646 + 1
        return [6.1499e-5 * (1 - current / 11920) if current < 50e9 // batch else 0.0]
    tokens, warmup = (step + 1) * batch, 8388608000
    if tokens < warmup:
        return [3e-4 * tokens / warmup]
    return [3e-5 + (3e-4 - 3e-5) * cosine((tokens - warmup) / (5e12 - warmup))]


def one_minus_sqrt(step: int) -> list[float]:
    """`wsd_schedule` with n_warmup 300, init_div_factor 100, fract_decay 0.2 and decay_type sqrt."""
    if step < 300:
        return [1e-3 * (step / 300 + (1 - step / 300) / 100)]
    return [1e-3 * (1 if step < 12000 else 1 - math.sqrt((step - 12000) / 3000))]


def ppo(iteration: int) -> list[float]:
    """The code's iterations count from 1."""
    return [(1 - (iteration + 1 - 1) / 9765) * 2.5e-4]


LAYERS = tuple(f"layer{layer}" for layer in range(14))
ULMFIT = ("embedding", "lstm0", "lstm1", "lstm2", "classifier")
SPLATS = ("xyz", "f_dc", "f_rest", "opacity", "scaling", "rotation")

FORMULAS: dict[str, Formula] = {
    "cifar10_fast_dawnbench": Formula(24 * 97, cifar10_fast, (484, 1406)),
    "cleanrl_ppo_atari": Formula(9765, ppo, (4882,)),
    "deepseek_v2_lite": Formula(301997, deepseek_v2_lite, (2000, 241598, 271797), end=False),
    "deepseek_v3": Formula(235240, deepseek_v3, (2000, 158946, 193119, 227293, 232586), end=False),
    "gaussian_splatting": Formula(29999, gaussian_splatting, (14999,), SPLATS),
    "haegele_wsd_1sqrt": Formula(15000, one_minus_sqrt, (300, 12000, 12750)),
    "hifigan_v1": Formula(3100, hifigan, (693, 1000)),
    "inception_v3": Formula(100, inception, (2, 50)),
    "llama3_405b": Formula(1200000, llama3, (8000, 604000)),
    "mae_finetune_vit_b": Formula(100 * 1251, mae_finetune, (5 * 1251,), LAYERS),
    "nanogpt_gpt2_124m": Formula(600001, nanogpt, (2000, 301000), end=False),
    "nerf_llff": Formula(200000, nerf, (125001,)),
    "olmo2_7b": Formula(928646 + 11931, olmo2, (1999, 928646, 940565)),
    "pythia_160m": Formula(143000, pythia, (1430, 72930, 115141, 141570)),
    "raft_chairs_one_cycle": Formula(100001, raft, (2502, 5004)),
    "swa_vgg16_cifar100": Formula(300, swa, (81, 121, 145)),
    "t5_pretrain_inverse_sqrt": Formula(2**19, t5, (10000, 40000, 160000)),
    "ulmfit_discriminative": Formula(50 * 391, discriminative, (391, 1955, 7820), ULMFIT),
    "ulmfit_slanted_triangular": Formula(50 * 391, lambda step: [slanted_triangular(step)], (391, 1955, 7820)),
    "wide_resnet_28_10": Formula(200, wide_resnet, (59, 119, 159)),
}


def table(formula: Formula) -> list[list[str]]:
    """The rows of a reference, as the CSV file has them."""
    rows = formula.rows
    kept = {*range(5), *range(rows - 5, rows)} | {turn + near for turn in formula.turns for near in (-2, -1, 0, 1, 2)}
    kept |= {(2 * part + 1) * rows // 80 for part in range(40)}
    head = ["step", *(f"lr:{group}" if group else "lr" for group in formula.groups)]
    found = [[str(row), *map(repr, formula.rates(row))] for row in sorted(kept) if 0 <= row < rows]
    return [head, *found] + ([["end", *map(repr, formula.rates(rows))]] if formula.end else [])


if __name__ == "__main__":
    for name, formula in FORMULAS.items():
        with (Path(__file__).parent / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table(formula))
