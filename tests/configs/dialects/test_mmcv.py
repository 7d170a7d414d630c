"""mmcv 1.x: how a run is said, param groups, and what it refuses; its policies are among the cases."""

from __future__ import annotations

import pytest
from helpers.configs import errors, rates, read

from lrviz.engine.simulate import simulate

HEAD = "optimizer = dict(type='SGD', lr=0.1)\nrunner = dict(type='EpochBasedRunner', max_epochs=10)\n"


def py(policy: str, head: str = HEAD) -> str:
    return f"{head}lr_config = dict({policy})\n"


def test_older_files_say_total_epochs() -> None:
    text = py("policy='step', step=[3]", "optimizer = dict(lr=0.1)\ntotal_epochs = 5\n")
    found = simulate(read(text, "a.py"))
    assert found.run.total_epochs == 5
    assert found.lr_at(0, 3) == 0.1 * 0.1


def test_the_lowest_rate_is_the_same_for_every_group() -> None:
    head = HEAD.replace("lr=0.1", "lr=0.1, paramwise_cfg=dict(custom_keys=dict(neck=dict(lr_mult=0.5)))")
    found = rates(read(py("policy='poly', min_lr=0.01", head), "a.py"), "5 epochs")
    assert found == pytest.approx({"default": 0.09 * 0.5 + 0.01, "neck": 0.04 * 0.5 + 0.01}, rel=1e-15)


def test_a_warmup_counts_iterations_so_batches_are_asked_for() -> None:
    text = py("policy='fixed', warmup='linear', warmup_iters=5")
    assert "`batches_per_epoch`" in errors(text, "a.py")[0]
    assert simulate(read(text, "a.py", batches_per_epoch=4)).lr_at(0, 1) == 0.1 * (1 - (1 - 1 / 5) * 0.9)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("policy='stp', step=[3]", "lr_config.policy: mmcv has no policy 'stp'"),
        ("policy='cosine', min_lr=0", "lr_config.policy: mmcv has no policy 'cosine'"),
        ("policy='step', step=[3], gama=0.1", "the policy Step has no argument 'gama'"),
        ("policy='CosineAnnealing'", "lr_config needs one of min_lr and min_lr_ratio"),
        ("policy='CosineAnnealing', min_lr=0, min_lr_ratio=0", "lr_config needs one of min_lr and min_lr_ratio"),
        ("policy='cyclic', by_epoch=True", "the policy Cyclic works with by_epoch=False only"),
        ("policy='OneCycle', max_lr=1.0, total_steps=5", "lr_config.total_steps must be at least the 40 iterations"),
        ("policy='CosineRestart', periods=[5], min_lr=0", "lr_config.periods end after 5 of 10"),
        ("policy='fixed', warmup='linear'", "lr_config.warmup needs warmup_iters above 0"),
        ("policy='fixed', warmup='lin', warmup_iters=3", "lr_config.warmup must be one of constant, linear, exp"),
        ("policy='step', step=[0]", "lr_config.step must be above 0 (got 0)"),
    ],
)
def test_what_mmcv_refuses(policy: str, message: str) -> None:
    found = errors(py(policy), "a.py", batches_per_epoch=4)
    assert any(message in each for each in found), found
    assert all(each.startswith("a.py:3:") for each in found), found


def test_both_generations_in_one_file_are_a_contradiction() -> None:
    text = py("policy='step', step=[3]") + "param_scheduler = []\n"
    assert "lr_config is mmcv 1.x, which mmengine does not read" in "".join(errors(text, "a.py"))
    assert "param_scheduler is mmengine, which reads no lr_config" in errors(text, "a.py", dialect="mmcv")[0]
