"""The examples in `schedules/basics/`: each runs, and its curve is the one that its comment tells, by arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

import lrviz
from lrviz.curve import Curve

FOLDER = Path(__file__).parent.parent / "schedules" / "basics"
FILES = sorted(FOLDER.glob("*.yaml"))


def cosine(part: float) -> float:
    return (1 + math.cos(math.pi * part)) / 2


def triangle(step: int) -> float:
    return 1 - abs(step / 2000 % 2 - 1)


RATES: dict[str, Callable[[int], float]] = {
    "smallest": lambda epoch: 0.1 * 0.9 ** (epoch // 10),
    "step": lambda epoch: 0.1 * 0.1 ** sum(epoch >= milestone for milestone in (30, 60, 90)),
    "cosine": lambda epoch: 0.1 * cosine(epoch / 100),
    "hot": lambda epoch: 0.5 * 0.95**epoch,
    "step-decay": lambda epoch: 0.1 * 0.1 ** (epoch // 30),
    "cosine-annealing": lambda epoch: 0.1 * cosine(epoch / 90),
    "warmup-cosine": lambda epoch: (
        0.1 * (0.01 + 0.99 * epoch / 5) if epoch < 5 else 0.1 * cosine((epoch - 5) / 85)
    ),
    "exponential": lambda epoch: 0.045 * 0.98**epoch,
    "triangular": lambda step: 0.001 + 0.005 * triangle(step),
    "triangular2": lambda step: 0.001 + 0.005 * triangle(step) / 2 ** (step // 4000),
    "exp_range": lambda step: 0.001 + 0.005 * triangle(step) * 0.99994**step,
    "warm-restarts": lambda epoch: (
        0.05 * cosine(epoch / 10 if epoch < 10 else (epoch - 10) / 20 if epoch < 30
                      else (epoch - 30) / 40 if epoch < 70 else (epoch - 70) / 80)
    ),
}  # fmt: skip


def curves() -> list[tuple[str, Curve]]:
    found = []
    for file in FILES:
        for name, schedule in lrviz.load(file).items():
            found.append((name, schedule.simulate()))
    return found


CURVES = curves()


@pytest.mark.parametrize(("name", "curve"), CURVES, ids=[name for name, _ in CURVES])
def test_no_rate_is_negative_or_not_finite(name: str, curve: Curve) -> None:
    assert all(math.isfinite(rate) and rate >= 0 for column in curve.columns for rate in column)


@pytest.mark.parametrize("name", RATES)
def test_the_curve_is_the_formula(name: str) -> None:
    curve = dict(CURVES)[name]
    expected = [RATES[name](tick) for tick in range(len(curve))]
    assert list(curve.columns[0]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_one_cycle_rises_for_a_third_of_its_epochs_and_moves_momentum_the_other_way() -> None:
    curve = dict(CURVES)["one-cycle"]
    assert len(curve) == 30 * math.ceil(50_000 / 128)
    rates = curve.lr[:, 0]
    assert (rates[0], rates.max()) == pytest.approx((0.1 / 25, 0.1))
    assert int(rates.argmax()) == pytest.approx(0.3 * len(curve), abs=2)
    assert rates[-1] == pytest.approx(0.1 / 25 / 1e4)
    assert curve.momentum is not None
    assert int(curve.momentum[:, 0].argmin()) == int(rates.argmax())
    assert curve.momentum.min() == pytest.approx(0.85)


def test_fine_tuning_keeps_the_proportions_of_its_groups() -> None:
    curve = dict(CURVES)["fine-tuning"]
    assert curve.groups == ("embeddings", "encoder", "head")
    warmup, decay = [0.01 + 0.99 * step / 300 for step in range(300)], [1 - step / 2700 for step in range(2700)]
    for column, base in zip(curve.columns, (5e-6, 1e-5, 1e-4), strict=True):
        assert list(column) == pytest.approx([base * factor for factor in warmup + decay], rel=1e-9)


def test_every_example_says_what_it_is() -> None:
    assert len(FILES) >= 6
    for file in FILES:
        assert file.read_text(encoding="utf-8").startswith("# ")
