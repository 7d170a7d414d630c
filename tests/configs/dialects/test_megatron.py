"""Rules of Megatron-LM and GPT-NeoX that no case of `cases/` covers."""

from __future__ import annotations

from math import cos, exp, pi

import pytest
from helpers.configs import course, errors, remarks

ITERS = "MODEL_ARGS:\n  --train-iters: 20\n  --lr: 0.1\n  --lr-decay-style: {style}\n{more}"
SAMPLES = "lr_decay_style: cosine\nlr: 0.1\ntrain_samples: 100\n{more}"
NEOX = '{{"train_iters": 20, "lr-decay-style": "{style}", "warmup": {warmup}{more},' \
       ' "optimizer": {{"params": {{"lr": 0.1}}}}}}'  # fmt: skip


def test_after_the_decay_the_floor_is_held() -> None:
    found = course(ITERS.format(style="linear", more="  --min-lr: 0.01\n  --lr-decay-iters: 10\n"))
    assert found[10] == 0.01 + (1.0 - 10 / 10) * (0.1 - 0.01)
    assert found[11] == found[19] == 0.01


def test_constant_and_inverse_square_root_have_no_end() -> None:
    assert course(ITERS.format(style="constant", more="  --lr-warmup-iters: 4\n"))[2:6] == [0.05, 0.1 * 3 / 4, 0.1, 0.1]
    root = course(ITERS.format(style="inverse-square-root", more="  --lr-warmup-iters: 4\n"))
    assert root[16] == 0.1 * 4**0.5 / (16**0.5)


def test_in_samples_the_batch_decides_and_is_asked_for() -> None:
    found = course(SAMPLES.format(more="global_batch_size: 8\n"))
    assert len(found) == 100 // 8
    assert found[5] == 0.0 + 0.5 * (cos(pi * (5 * 8 / 100)) + 1.0) * 0.1
    text = SAMPLES.format(more="micro_batch_size: 2\n")
    assert course(text, devices=4) == found
    (asked,) = errors(text)
    assert "`devices`" in asked


@pytest.mark.parametrize("written", ["[4, 4, 24]", "4 4 24"])
def test_a_batch_that_grows(written: str) -> None:
    """4 samples a step up to 12, 8 up to 24 and at it, then 12: 4 + 4 + 4 + 8 + 8 = 28, and 6 times 12 of the 72."""
    text = "MODEL_ARGS: {--lr: 0.1, --lr-decay-style: linear, --train-samples: 100, --global-batch-size: 12, " \
           f"--rampup-batch-size: {written}}}\n"  # fmt: skip
    found = course(text)
    seen = [0, 4, 8, 12, 20, 28, 40, 52, 64, 76, 88]
    assert found == [0.0 + (1.0 - now / 100) * 0.1 for now in seen]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ITERS.format(style="cosin", more=""), "lr_decay_style must be a decay style of Megatron-LM (got 'cosin')"),
        (ITERS.format(style="WSD", more=""), "lr_wsd_decay_iters is missing"),
        (ITERS.format(style="cosine", more="  --lr-decay-samples: 5\n"), "lr_decay_samples cannot stand beside"),
        (ITERS.format(style="cosine", more="  --lr-warmup-iters: 2\n  --lr-warmup-fraction: 0.1\n"), "two ways"),
        (ITERS.format(style="cosine", more="  --lr-warmup-iters: 20\n"), "the warmup (20) must be shorter than"),
        (ITERS.format(style="cosine", more="  --min-lr: 0.2\n"), "min_lr (0.2) must not be above lr (0.1)"),
        (SAMPLES.format(more="global_batch_size: 8\nlr_warmup_iters: 3\n"), "lr_warmup_iters cannot stand beside"),
    ],
)
def test_what_its_assertions_refuse_is_an_error(text: str, message: str) -> None:
    assert message in errors(text)[0]


def test_what_the_curve_leaves_out_is_said() -> None:
    (said,) = remarks(ITERS.format(style="cosine", more="  --decoupled-lr: 0.2\n"))
    assert "decoupled_lr" in said


def test_the_command_line_counts_more_than_the_file() -> None:
    assert course(ITERS.format(style="constant", more=""), overrides=("--lr 0.3",))[0] == 0.3


def test_gpt_neox_decays_to_zero_and_is_cut_or_ends_at_its_floor() -> None:
    linear = course(NEOX.format(style="linear", warmup=0, more=', "min_lr": 0.02'))
    assert linear[5] == max(0.1 * (20.0 - 5) / 20.0, 0.02)
    assert linear[19] == 0.02
    assert linear[0] == linear[1]
    decayed = course(NEOX.format(style="exponential", warmup=0.1, more=""))
    assert decayed[1] == 0.1 * 1 / 2.0
    assert decayed[10] == max(0.1 * exp(-0.693 * (10 - 2.0) / 18.0), 0.0)


def test_gpt_neox_takes_one_of_two_lengths_of_the_decay() -> None:
    text = NEOX.format(style="cosine", warmup=0.1, more=', "lr_decay_iters": 10, "lr-decay-fraction": 0.5')
    assert "say the same in two ways" in errors(text)[0]


def test_a_cosine_of_gpt_neox_rises_again_after_its_end() -> None:
    text = NEOX.format(style="cosine", warmup=0, more=', "lr_decay_iters": 10')
    found = course(text)
    assert found[10] == 0.0
    assert found[15] == max(0.0 + 0.1 / 2.0 * (cos(pi * 15.0 / 10.0) + 1), 0.0)
    (said,) = remarks(text)
    assert "the cosine ends at iteration 10 of 20, and rises again after it" in said
