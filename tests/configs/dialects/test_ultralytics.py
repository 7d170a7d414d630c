"""ultralytics' rules that no case of `cases/` covers."""

from __future__ import annotations

import pytest
from helpers.configs import course, errors, remarks, summary

TEXT = "epochs: {epochs}\nbatch: 64\noptimizer: {optimizer}\nlr0: 0.02\nlrf: 0.1\nwarmup_epochs: 0\n{more}"


def text(optimizer: str = "SGD", epochs: int = 4, more: str = "") -> str:
    return TEXT.format(optimizer=optimizer, epochs=epochs, more=more)


def test_the_floor_would_be_that_of_the_epoch_after_the_last() -> None:
    found = course(text(), samples=128)
    assert found == [0.02 * (max(1 - epoch / 4, 0) * 0.9 + 0.1) for epoch in range(4) for _ in range(2)]


@pytest.mark.parametrize(("device", "batches"), [("'0'", 4), ("'0,1'", 4), ("[0, 1, 2]", 4), ("cpu", 4)])
def test_devices_share_a_batch(device: str, batches: int) -> None:
    assert len(course(text(more=f"device: {device}\n"), samples=200)) == 4 * batches


def test_auto_chooses_the_learning_rate_by_classes_or_length() -> None:
    (asked,) = errors(text("auto"), samples=640)
    assert "`classes`" in asked
    assert course(text("auto"), samples=640, classes=6)[0] == round(0.002 * 5 / 10, 6)
    (said,) = remarks(text("auto"), samples=640, classes=6)
    assert "lr0 has no effect" in said
    long = text("auto", epochs=300, more="warmup_bias_lr: 0.3\n")
    assert summary(long, samples=64 * 40).startswith("MuSGD, linear from 0.01 ")


def test_before_8_4_105_the_warmup_has_a_hundred_batches() -> None:
    config = text(more="").replace("warmup_epochs: 0", "warmup_epochs: 1")
    assert "warmup 100 of 8 batches" in summary(config, samples=128, ultralytics="8.3")
    assert "warmup 2 of 8 batches" in summary(config, samples=128, ultralytics="8.4.190")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (text().replace("batch: 64", "batch: -1"), "AutoBatch"),
        (text().replace("batch: 64", "batch: 0.7"), "AutoBatch"),
        (text(more="time: 3.5\n"), "`time` ends the run after so many hours"),
        (text("adamq"), "optimizer must be an optimizer of ultralytics (got 'adamq')"),
        (text(more="learning_rate: 0.1\n"), "learning_rate is no key of ultralytics, which stops on it"),
        (text(more="anchor_t: 4.0\n"), "anchor_t belongs to a file of hyper-parameters of YOLOv5"),
    ],
)
def test_what_cannot_be_known_is_an_error(config: str, message: str) -> None:
    assert message in errors(config, samples=128)[0]


def test_a_learning_rate_without_a_dot_is_text() -> None:
    assert any("lr0: 2e-2 is text to PyYAML" in each for each in remarks(text().replace("0.02", "2e-2"), samples=128))
