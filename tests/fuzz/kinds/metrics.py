"""files that a ReduceLROnPlateau's `metric` names, right and damaged, and metrics written in the schedule"""

from __future__ import annotations

import json
from random import Random

from fuzz import command, tables, verbs
from fuzz.case import Data
from fuzz.mutate import NUMBERS, WORDS, latin, mutated, nasty

FILE = (
    "epochs: {epochs}\noptimizer: {{lr: 0.1}}\nscheduler: {{type: ReduceLROnPlateau, patience: 2}}\nmetric: {metric}\n"
)


def draw(rng: Random) -> Data:
    epochs = rng.choice([1, 5, 30])
    files = {}
    if rng.random() < 0.75:
        rows: list[tables.Row] = [
            {"epoch": epoch, "val/loss": rng.choice([1.0, 0.5, rng.random()])} for epoch in range(epochs)
        ]
        name, data = tables.written(rng, tables.strange(rng, rows))
        if rng.random() < 0.6:
            data = mutated(rng, data, [data], [",", "\n", '"', "{", "}", "NaN", "\t", "\x1b[0m"])
        files[name] = latin(data)
        where = {"file": rng.choice([name] * 9 + WORDS), "column": rng.choice(["val/loss"] * 6 + ["epoch", *WORDS])}
        metric = json.dumps(where)
    elif rng.random() < 0.5:
        metric = json.dumps(rng.choice(["1 / (epoch + 1)", "cos(epoch)", "epoch % 3", "1 / epoch", nasty(rng)]))
    else:
        metric = json.dumps([rng.choice([1, 0.5, rng.choice(NUMBERS), None, True]) for _ in range(epochs)])
    text = FILE.format(epochs=epochs, metric=metric)
    return {"files": {"s.yaml": latin(text), **files}, "argv": verbs.reading(rng, "s.yaml")}


def run(data: Data) -> None:
    command.run(data)
