"""torchvision's references: rules that no case of `cases/` covers."""

from __future__ import annotations

import pytest
from helpers.configs import course, errors


def script(arguments: str) -> str:
    return f"torchrun --nproc_per_node=8 train.py --model resnet50 {arguments}\n"


def test_the_defaults_are_steps_after_a_constant_warmup() -> None:
    found = course(script("--lr-scheduler StepLR --epochs 6 --lr-step-size 2 --lr-warmup-epochs 1"), file="a.sh")
    assert found == pytest.approx([0.001, 0.1, 0.1, 0.01, 0.01, 0.001], rel=1e-12)


def test_detection_has_a_warmup_of_batches_in_its_first_epoch() -> None:
    text = script("--lr-steps 2 3 --epochs 4 --aspect-ratio-group-factor 3 --lr 0.02")
    found = course(text, file="a.sh", batches_per_epoch=5)
    assert found[0] == pytest.approx(0.02 / 1000, rel=1e-12)
    assert found[2] == pytest.approx(0.02 * (0.001 + 0.999 * 2 / 4), rel=1e-12)
    assert found[4:] == pytest.approx([0.02] * 6 + [0.002] * 5 + [0.0002] * 5, rel=1e-12)
    (asked,) = errors(text, "a.sh")
    assert "`batches_per_epoch`" in asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--lr-scheduler coslr --lr-warmup-epochs 1", "lr_scheduler must be a scheduler of torchvision's references"),
        ("--lr-scheduler steplr --lr-warmup-epochs 1 --lr-warmup-method exp", "must be a warmup of torchvision"),
        ("--lr-scheduler steplr --lr $LR", "only a shell knows what $LR is"),
    ],
)
def test_what_it_refuses_is_an_error(arguments: str, message: str) -> None:
    assert message in errors(script(arguments), "a.sh")[0]
