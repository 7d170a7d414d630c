"""litgpt: what pretrain and finetune make of a config, beyond the case that it has itself."""

from __future__ import annotations

from math import ceil, cos, pi

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of

LR = 2e-4


def load(
    train: str, more: str = "checkpoint_dir: c", optimizer: str = "{init_args: {lr: 2e-4}}", **data: int
) -> Schedule:
    text = f"{more}\ndevices: 2\noptimizer: {optimizer}\ntrain: {{micro_batch_size: 2, {train}}}\n"
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()})
    (schedule,) = load_text(text, "l.yaml", given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(rate) for rate in simulate(schedule).lr[:, 0]]


def test_a_step_of_pretrain_has_the_rate_of_its_last_micro_batch() -> None:
    train = "global_batch_size: 12, lr_warmup_steps: null, lr_warmup_fraction: .11, max_tokens: 1e5, max_seq_length: 64"
    found = rates(load(train, "model_name: m", batches_per_epoch=300))
    iterations = 100_000 // 2 // (2 * 64)  # 390 of 3 in each step
    warmup = ceil(0.11 * 300)

    def rate(it: int) -> float:
        if it < warmup:
            return LR * it / warmup
        return 4e-5 + 0.5 * (1 + cos(pi * (it - warmup) / (iterations - warmup))) * (LR - 4e-5)

    assert found == pytest.approx([rate(3 * step + 2) for step in range(iterations // 3)], rel=1e-12)


def test_finetune_can_make_more_steps_than_it_sizes_the_cosine_by() -> None:
    found = rates(load("global_batch_size: 16, lr_warmup_steps: 5, epochs: 3", batches_per_epoch=31))
    sized, made = 3 * (31 // 4), 3 * 31 // 4
    assert (sized, made, len(found)) == (21, 23, 23)
    assert found[:6] == pytest.approx([LR * t / 5 for t in range(6)])
    assert found[5:22] == pytest.approx([LR * (1 + cos(pi * (t - 5) / 16)) / 2 for t in range(5, 22)], abs=1e-15)
    assert found[22] > found[21]


def test_max_steps_of_finetune_end_the_cosine_too() -> None:
    found = rates(load("global_batch_size: 4, lr_warmup_steps: 5, epochs: 3, max_steps: 20", batches_per_epoch=100))
    assert len(found) == 20
    assert found[-1] == pytest.approx(LR * (1 + cos(pi * 14 / 15)) / 2)


def test_the_name_of_an_optimizer_has_its_own_rate() -> None:
    train = "global_batch_size: 4, lr_warmup_steps: 5, epochs: 1"
    assert max(rates(load(train, optimizer="Adagrad", batches_per_epoch=10))) == 1e-2


def test_what_is_not_read_has_a_warning() -> None:
    train = "global_batch_size: 4, max_tokens: 1000000, max_seq_length: 8, max_steps: 5, lr_warmup_steps: 3"
    schedule = load(train, "model_name: m")
    assert [each.code for each in schedule.remarks] == ["argument-ignored"]


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (
            "lr_warmup_fraction: 0.1, global_batch_size: 4, max_tokens: 1e6, max_seq_length: 8",
            "not both, and 2000 is its default\n  hint: write lr_warmup_steps: null",
        ),
        ("max_tokens: 1e6, epochs: 3, global_batch_size: 4, max_seq_length: 8", "litgpt pretrain takes no epochs"),
        ("lr_warmup_fraction: 0.1, global_batch_size: 4, lr_warmup_steps: 3", "takes no lr_warmup_fraction"),
        ("epochs: null, max_steps: 9, global_batch_size: 4", "litgpt finetune needs epochs"),
        ("global_batch_size: 2", "global_batch_size (2) is smaller than micro_batch_size x devices (2 x 2)"),
        ("global_batch_size: 4, lr_warmup_steps: 0", "litgpt finetune divides by lr_warmup_steps, so 0 stops it"),
        ("global_batch_size: 4, epochs: 1", "the warmup (100 steps) is as long as the schedule (50 steps)"),
    ],
)
def test_what_litgpt_refuses(train: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        load(train, batches_per_epoch=50)
    assert message in str(caught.value)


def test_the_devices_of_auto_are_asked_for() -> None:
    with pytest.raises(ScheduleError, match="`devices`"):
        load_text(
            "model_name: m\ndevices: auto\ntrain: {micro_batch_size: 2, global_batch_size: 4, max_tokens: 1e6,"
            " max_seq_length: 8}\n",
            "l.yaml",
        )
