"""Hundreds of schedules as files write them: the cases of loops, and random compositions and phases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import product
from random import Random

import phase_cases
from drawn import LEAVES, composition, leaf
from fuzz.strategies import draw
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS

THREE = [name for name in OPTIMIZERS if "three" in name]


def loop_texts() -> Iterator[tuple[str, str]]:
    """Every case of `loop_cases.py` with every optimizer that it fits, by name."""
    for cases, optimizers in ((FOR_ANY_GROUPS, OPTIMIZERS), (FOR_THREE_GROUPS, THREE)):
        for (name, case), optimizer in product(cases.items(), optimizers):
            yield f"{name}, {optimizer}", text(case.text, optimizer, case.metric)


def drawn_texts(rng: Random, count: int) -> Iterator[str]:
    """Random schedulers, most of them composed; torch refuses some."""
    for _ in range(count):
        optimizer = rng.choice(sorted(OPTIMIZERS))
        groups = 3 if "three" in optimizer else 1
        strategy = leaf(rng.choice(LEAVES), groups) if rng.random() < 0.3 else composition(groups, LEAVES, willing=True)
        yield text(json.dumps(draw(strategy, rng)), optimizer, [0.5] * CALLS)


def phase_texts(rng: Random, count: int) -> Iterator[str]:
    """Random schedules in phases."""
    for _ in range(count):
        plan = draw(rng.choice([phase_cases.at_base(), phase_cases.elsewhere()]), rng)
        yield phase_cases.text(plan, draw(phase_cases.rates, rng))


def text(scheduler: str, optimizer: str, metric: Iterable[float] | None = None) -> str:
    metric_line = f"metric: {list(metric)}\n" if metric and "Plateau" in scheduler else ""
    return f"epochs: {CALLS}\noptimizer: {OPTIMIZERS[optimizer][0]}\nscheduler: {scheduler}\n{metric_line}"
