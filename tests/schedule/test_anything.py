"""Any change to a good file: it still loads, or it is refused with an error that points into it."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.reading.run import Length

GOOD: list[dict[str, Any]] = [
    {
        "epochs": 4,
        "steps_per_epoch": 5,
        "interval": "step",
        "title": "x",
        "source": "y",
        "ignore": ["A"],
        "metric": [0.5] * 20,
        "expect": {"at": {"0": 1}},
        "optimizer": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "groups": [{"name": "a"}, {"lr": 2}]},
        "scheduler": {
            "type": "SequentialLR",
            "milestones": [5],
            "schedulers": [
                {"type": "LinearLR", "total_iters": 5},
                {
                    "type": "ChainedScheduler",
                    "schedulers": [
                        {"type": "CosineAnnealingLR", "T_max": 3},
                        {"type": "OneCycleLR", "max_lr": [1, 2], "total_steps": 30},
                    ],
                },
            ],
        },
    },
    {
        "epochs": 3,
        "data": {"samples": 100, "batch_size": 10, "devices": 2, "accumulate": 2, "drop_last": False},
        "optimizer": {"type": "AdamW", "lr": 0.1, "betas": [0.9, 0.99]},
        "schedules": {
            "a": {"scheduler": {"type": "OneCycleLR", "max_lr": 1, "epochs": 3, "steps_per_epoch": 3}},
            "b": {"steps": 9, "optimizer": {"groups": [{"lr": 3}]}, "scheduler": {"type": "LambdaLR", "lr_lambda": 1}},
            "c": {"scheduler": "none", "expect": {"max": 3}},
            "d": {"scheduler": {"type": "ReduceLROnPlateau", "min_lr": [0.1]}, "metric": [1] * 9},
        },
    },
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inside:
        yield (*path, key)
        yield from places(member, (*path, key))


VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2.5, math.inf, math.nan, 10**30, 10**400, 10**5000, 1e18, 2**63, "", "x", "none",
    "SGD", "StepLR", ".nan", "1e3", "0b1", "0x1F", "1_000", "5 epochs", "\n", [], {}, [1], [[1]], [None], [True],
    ["x"], [{}], [[{}]], {"a": 1}, {"": 1}, {"type": "StepLR"}, {"type": "none"}, {"type": None}, {"type": {}},
    {"type": []}, {"lr": 1}, [{"lr": 1}] * 3, [{"type": "LinearLR"}], [[{"type": "LinearLR"}]],
]  # fmt: skip
NAMES = ["x", "lr", "type", "groups", "T_max", "schedulers", "milestones", "epochs", "steps", "data", "metric",
         "expect", "repeat", "for", "verbose", "name", "lr:1", "schedules", "optimizer", "scheduler"]  # fmt: skip


def changed(chance: random.Random) -> Any:
    """A good file with one to three of its values replaced, left out, or joined by another."""
    file = copy.deepcopy(chance.choice(GOOD))
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(list(places(file)) or [("x",)])
        parent: Any = file
        for key in path[:-1]:
            parent = parent[key]
        change = chance.random()
        if change < 0.6:
            parent[path[-1]] = copy.deepcopy(chance.choice(VALUES))
        elif change < 0.8 and isinstance(parent, dict):
            parent[chance.choice(NAMES)] = copy.deepcopy(chance.choice(VALUES))
        else:
            parent.pop(path[-1], None) if isinstance(parent, dict) else parent.pop(path[-1])
    return file


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf"
    return hex(value) if type(value) is int and value > 10**20 else json.dumps(value)


@pytest.mark.parametrize("seed", range(12))
def test_a_changed_file_loads_or_is_refused_at_a_place_in_it(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        text = written(changed(chance))
        length = chance.choice([None, Length(epochs=7), Length(steps=7)])
        try:
            assert load_text(text, "f.yaml", length)
        except ScheduleError as refused:
            problems = refused.problems
            assert problems
            assert all(place.where.line == 1 and place.where.column <= len(text) for place in problems)
        except Exception as fault:
            pytest.fail(f"{fault!r} for {text}")
