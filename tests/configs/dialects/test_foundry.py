"""llm-foundry's rules that no case of `cases/` covers. Composer says what is refused."""

from __future__ import annotations

import pytest
from helpers.configs import course, errors

TEXT = "scheduler: {{name: {name}, t_warmup: {warmup}{more}}}\noptimizer: {{lr: 0.1}}\nmax_duration: {length}\n" \
       "global_train_batch_size: 4\nmax_seq_len: 8\n"  # fmt: skip


def text(name: str = "constant_with_warmup", warmup: str = "2ba", length: str = "10ba", more: str = "") -> str:
    return TEXT.format(name=name, warmup=warmup, length=length, more=more)


@pytest.mark.parametrize(
    ("length", "steps"), [("10ba", 10), ("1e1ba", 10), ("1_0 ba", 10), ("41sp", 11), ("321tok", 11), ("2ep", 6)]
)
def test_a_length_in_any_unit_is_so_many_batches(length: str, steps: int) -> None:
    assert len(course(text(warmup="0dur", length=length), batches_per_epoch=3)) == steps


def test_a_part_of_the_run_is_rounded_down_to_batches() -> None:
    found = course(text(warmup="0.29dur", length="10ba"))
    assert found[:3] == [0.0, 0.1 * 0.5, 0.1]
    assert course(text(warmup="0.3dur", length="3ep"), batches_per_epoch=3)[:3] == [0.0, 0.1 * 0.5, 0.1]  # 2.7 of 9


def test_inverse_square_root_with_a_cooldown() -> None:
    found = course(text("inv_sqrt_with_warmup", more=", t_scale: 4ba, t_cooldown: 4ba, alpha_f_decay: 0.2"))
    assert found[1] == 0.1 * 0.5
    assert found[5] == 0.1 * (0.2 + 1 / ((5 + 2) / 4) ** 0.5 * 0.8)
    start = 0.2 + 1 / ((6 + 2) / 4) ** 0.5 * 0.8
    assert found[8] == 0.1 * (start + 0.5 * (0.0 - start))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (text(warmup="0.5ep"), "scheduler.t_warmup must be a whole number of epochs (got 0.5)"),
        (text(more=", alpha_f: 0.1"), "scheduler has no key 'alpha_f', says constant_with_warmup of llm-foundry"),
        (text(warmup="10"), "scheduler.t_warmup must be a number with a unit, such as 100ba (got 10)"),
        (text(warmup="nanba"), "scheduler.t_warmup: 'nan' is no number"),
        (text(warmup="1e400ba"), "scheduler.t_warmup: '1e400' is no number"),
        (text(length="90sec"), "max_duration in 'sec' says no number of batches"),
        (text(more=", t_max: 5ba"), "t_max is shorter than max_duration"),
        (text(warmup="100ba", length="1000tok"), "the warmup is in batches and the schedule in tokens"),
        (text("cosine"), "scheduler.name must be a scheduler of llm-foundry (got 'cosine')"),
        (text("inv_sqrt_with_warmup", more=", t_scale: 1ep, t_cooldown: 1ba"), "t_scale is in epochs"),
    ],
)
def test_what_composer_refuses_is_an_error(config: str, message: str) -> None:
    found = errors(config, dialect="foundry", batches_per_epoch=3)
    assert message in found[0]


def test_variables_stand_for_values_and_parameters_may_surround_them() -> None:
    inside = "variables: {lr: 0.3}\n" + text().replace("{lr: 0.1}", "{lr: '${variables.lr}'}")
    assert course(inside)[2] == 0.3
    whole = "name: run\nparameters:\n" + "".join(f"  {line}\n" for line in inside.splitlines())
    assert course(whole)[2] == 0.3
    assert course(whole, overrides=("variables.lr=0.5",))[2] == 0.5
