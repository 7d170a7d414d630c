"""timm's rules that no case of `cases/` covers."""

from __future__ import annotations

import re
from math import cos, pi, sqrt

import pytest
from helpers.configs import course, errors, read, remarks

FULL = "model: m\nopt: {opt}\nsched: {sched}\nlr: {lr}\nepochs: 10\nwarmup_epochs: 0\nwarmup_lr: 0\nmin_lr: 0\n" \
       "cooldown_epochs: 0\ndecay_epochs: 4\ndecay_milestones: [3, 6]\n{more}\n"  # fmt: skip


def full(sched: str = "cosine", more: str = "", lr: str = "0.1", opt: str = "sgd") -> str:
    return FULL.format(sched=sched, more=more, lr=lr, opt=opt)


def test_multistep_drops_an_epoch_early() -> None:
    drops = {epoch: rate for epoch, rate in enumerate(course(full("multistep"), "timm")) if epoch in (1, 2, 4, 5)}
    assert drops == {1: 0.1, 2: 0.1 * 0.1**1, 4: 0.1 * 0.1**1, 5: 0.1 * 0.1**2}


def test_a_warmup_in_front_makes_the_run_longer() -> None:
    text = full(more="warmup_prefix: true").replace("warmup_epochs: 0", "warmup_epochs: 2")
    found = course(text, "timm")
    assert len(found) == 12
    assert found[:3] == [0.0, 0.05, 0.1]
    assert found[3] == 0.0 + 0.5 * 0.1 * (1 + cos(pi * 1 / 10))


def test_before_0_5_decay_rate_shrinks_the_cycles_and_their_floor() -> None:
    """Values of timm 0.4.12."""
    text = """
sched: cosine
lr: 0.016
epochs: 10
lr_cycle_limit: 3
decay_rate: 0.3
min_lr: 1.0e-4
warmup_lr: 1.0e-6
warmup_epochs: 2
"""
    found = course(text, "timm", timm="0.4.12")
    assert len(found) == 40  # cooldown_epochs were 10
    seen = {2: 0.014481685105280832, 10: 0.0048, 25: 0.0007245, 29: 4.401906259081765e-05, 30: 0.0001}
    assert {epoch: found[epoch] for epoch in seen} == seen


def test_a_file_that_leaves_out_what_changed_asks_for_the_release() -> None:
    (found,) = errors("sched: cosine\nlr: 0.1\nwarmup_lr: 0.0\nepochs: 100\n")
    assert "the curve depends on `timm`" in found
    assert "before 0.5: cosine, lr 0.1, warmup 3 of 110 epochs; from 0.5: another curve" in found  # its floor
    assert "from 0.9: cosine, lr 0.1, warmup 5 of 100 epochs" in found


@pytest.mark.parametrize(
    ("version", "length", "first"), [("0.4.12", 200, 0.01), ("0.6.13", 310, 0.05), ("1.0", 300, 0.1 * 128 * 2 / 256)]
)
def test_the_defaults_are_those_of_the_release(version: str, length: int, first: float) -> None:
    found = course("model: m\nopt: sgd\nwarmup_epochs: 0\n", "timm", timm=version, devices=2)
    assert (len(found), found[0]) == (length, first)


@pytest.mark.parametrize(
    ("opt", "more", "ratio"),
    [
        ("sgd", "", 64 * 8 * 2 / 256),
        ("lamb", "", sqrt(64 * 8 * 2 / 256)),
        ("adamw", "", sqrt(64 * 8 * 2 / 256)),
        ("adamw", "lr_base_scale: linear", 64 * 8 * 2 / 256),
        ("sgd", "lr_base_scale: sqrt", sqrt(64 * 8 * 2 / 256)),
        ("sgd", "lr_base_size: 512", 64 * 8 * 2 / 512),
    ],
)
def test_without_lr_the_base_is_scaled_by_the_batch(opt: str, more: str, ratio: float) -> None:
    text = full(lr="null", opt=opt, more=f"batch_size: 64\ngrad_accum_steps: 2\nlr_base: 0.4\n{more}")
    assert course(text, "timm", devices=8)[0] == pytest.approx(0.4 * ratio, rel=1e-15)
    (asked,) = errors(text)
    assert "`devices`" in asked
    assert course(text + "world_size: 8\n", "timm")[0] == pytest.approx(0.4 * ratio, rel=1e-15)


def test_updates_are_counted_in_whole_accumulations() -> None:
    text = full("step", "sched_on_updates: true\ngrad_accum_steps: 4")
    found = course(text, "timm", batches_per_epoch=9)
    assert len(found) == 10 * 3
    assert (found[4 * 3 - 1], found[4 * 3]) == (0.1, 0.1 * 0.1**1)
    (asked,) = errors(text)
    assert "`batches_per_epoch`" in asked


@pytest.mark.parametrize(("more", "what"), [("layer_decay: 0.75", "layer_decay"), ("lr_noise: [0.4, 0.9]", "lr_noise"),
                                            ("start_epoch: 5", "later epoch")])  # fmt: skip
def test_what_the_curve_leaves_out_is_said(more: str, what: str) -> None:
    (said,) = remarks(full(more=more))
    assert what in said
    assert said.endswith("[left-out]")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (full("cosin"), "sched must be a scheduler of timm (got 'cosin')", "did you mean cosine?"),
        (full(more="blr: 1e-3"), "blr is no key of timm", "own train.py"),
        (full("plateau", "sched_on_updates: true"), "plateau counts epochs", "sched_on_updates: false"),
        (full("multistep").replace("[3, 6]", "[6, 3]"), "decay_milestones must increase", ""),
        (full("rsqrt", "decay_epochs_: 1"), "rsqrt without a warmup needs a timescale", "lr_stable_timescale"),
        (full("wsd").replace("decay_epochs: 4", "decay_epochs: 14"), "decay_epochs must fit into the run", ""),
    ],
)
def test_what_timm_refuses_is_an_error(text: str, message: str, hint: str) -> None:
    found = errors(text, batches_per_epoch=5, metric=[1.0] * 10, timm="1.0.31")[0]
    assert message in found
    assert hint in found
    assert re.match(r"a.yaml:\d+:", found)


@pytest.mark.parametrize(("key", "meant"), [("warmup-epochs", "warmup_epochs"), ("learning_rate", "lr"),
                                            ("decay_epoch", "decay_epochs")])  # fmt: skip
def test_a_key_that_is_nearly_timms_is_named(key: str, meant: str) -> None:
    (said,) = (each for each in read(full(more=f"{key}: 3")).remarks if each.code == "unknown-key")
    assert said.message == f"{key} is no key of timm, so it has no effect"
    assert said.hint == f"write {meant}"


def test_a_scheduler_that_a_release_does_not_have_is_refused() -> None:
    (found,) = remarks(full("poly"), timm="0.4.12")
    assert "timm before 0.5 has no scheduler 'poly'" in found
    assert found.endswith("[refused]")


def test_a_script_and_the_command_line() -> None:
    script = "torchrun --nproc_per_node=4 train.py data --opt sgd --sched step --epochs 6 --warmup-epochs 0 " \
             "-b 64 --decay-epochs 2 --lr-base 0.2\n"  # fmt: skip
    found = course(script, "timm", "train.sh", timm="1.0")
    assert found[:3] == [0.2, 0.2, 0.2 * 0.1**1]
    assert course(full(), "", overrides=("--sched step --lr 0.3",))[0] == 0.3


@pytest.mark.parametrize("text", ["optimizer: {sched: {name: cosine}}\nsched: {name: x}\nwarmup_lr: 1\n",
                                  "sched: cosine\nlr: 1\n"])  # fmt: skip
def test_other_files_are_not_timms(text: str) -> None:
    assert "timm" not in str(errors(text))


def test_a_file_is_recognized_by_its_keys() -> None:
    found = read(full()).imported
    assert found is not None
    assert found.dialect == "timm"
