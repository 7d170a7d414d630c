"""Swin: what is asked for, and what the file leaves open; its schedules are among the cases."""

from __future__ import annotations

from helpers.configs import errors, read, remarks

from lrviz.engine.simulate import simulate

TEXT = "TRAIN:\n  EPOCHS: 4\n  WARMUP_EPOCHS: 1\n  LR_SCHEDULER: {NAME: cosine}\n"


def test_batches_and_devices_are_asked_for() -> None:
    found = "".join(errors(TEXT))
    assert "`batches_per_epoch`" in found
    assert "`devices`" in found


def test_copies_differ_where_the_file_does_not_say_when_the_cosine_begins() -> None:
    (found,) = remarks(TEXT, batches_per_epoch=10, devices=4)
    assert found.endswith("[copies-differ]")
    assert remarks(TEXT.replace("cosine", "cosine, WARMUP_PREFIX: true"), batches_per_epoch=10, devices=4) == []


def test_the_command_line_sets_the_batch() -> None:
    schedule = read(TEXT, overrides=("--batch-size 64", "--opts TRAIN.EPOCHS 2"), batches_per_epoch=10, devices=4)
    found = simulate(schedule)
    assert found.run.total_steps == 20
    assert found.lr_at(0, 0) == 5e-7 * 64 * 4 / 512


def test_unknown_names_get_a_suggestion() -> None:
    (found,) = errors(TEXT.replace("cosine", "cosin"), batches_per_epoch=10, devices=4)
    assert "did you mean cosine?" in found
