"""Tables of numbers as training code writes them: CSV, JSON lines, whole JSON; and with columns that no one expects."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from fuzz.mutate import NUMBERS, WORDS

Row = dict[str, Any]


def written(rng: Random, rows: Sequence[Row]) -> tuple[str, bytes]:
    """A name whose suffix says the format, and the file."""
    form = rng.choice(["csv", "csv", "tsv", "jsonl", "json", "trainer_state.json"])
    if form in ("csv", "tsv"):
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(
            text, names, delimiter="," if form == "csv" else "\t", lineterminator=rng.choice(["\n", "\r\n"])
        )
        writer.writeheader()
        writer.writerows(rows)
        data = text.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"]), errors="replace")
    elif form == "jsonl":
        data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    else:
        data = json.dumps({"log_history": list(rows)} if form == "trainer_state.json" else list(rows)).encode()
    return (form if form == "trainer_state.json" else f"run.{form}"), data


def strange(rng: Random, rows: list[Row]) -> list[Row]:
    """The rows with odd columns, cells, gaps and repeats."""
    for _ in range(rng.randrange(4)):
        name = rng.choice([*WORDS, "lr", "learning_rate", "epoch", "step", "train/lr-SGD"])
        for row in rows:
            if rng.random() < 0.9:
                row[name] = rng.choice(
                    [0.1, 1, None, "nan", rng.choice(NUMBERS), rng.choice(WORDS), True, [1], {"a": 1}]
                )
    if rows and rng.random() < 0.3:
        rows[rng.randrange(len(rows))] = {
            rng.choice(WORDS): rng.choice(NUMBERS) for _ in range(rng.choice([0, 1, 300]))
        }
    return rows
