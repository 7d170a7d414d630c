"""Command lines: which verbs read a schedule file, and what options there are."""

from __future__ import annotations

from random import Random

READING = [
    ["check"], ["check", "--format", "concise"], ["check", "--format", "json"], ["check", "--format", "github"],
    ["check", "--format", "junit"], ["check", "--format", "sarif"], ["check", "--strict", "--require-expect"],
    ["check", "--update"],
    ["table", "--end"], ["table", "--format", "csv"], ["table", "--format", "json"], ["table", "--format", "markdown"],
    ["table", "--by", "percent"], ["at", "50%"], ["at", "end", "--format", "json"], ["when", "lr < 0.01"],
    ["when", "lr > 0", "--all", "--format", "json"], ["stats"], ["stats", "--format", "csv"],
    ["stats", "--format", "markdown"], ["explain"], ["explain", "--format", "json"], ["plot", "--terminal"],
    ["plot", "--terminal", "--log"], ["plot", "--terminal", "--grid"], ["diff", "s.yaml"],
    ["table", "--stretch", "0.7"], ["check", "--stretch", "3", "--keep-warmup"], ["import", "--stretch", "1/3"],
    ["code"], ["diff", "s.yaml", "--format", "json"], ["solve", "optimizer.lr", "--target", "end = 0.01"],
]  # fmt: skip
SLOW = [
    ["resume", "--at", "50%"],
    ["resume", "--at", "last", "--code", "--format", "json"],
    ["plot", "-o", "x.svg"],
    ["plot", "-o", "x.png"],
    ["plot", "-o", "x.html"],
]


def reading(rng: Random, *files: str) -> list[str]:
    """A verb that reads these files, with options of its own."""
    return [*rng.choice(SLOW if rng.random() < 0.02 else READING), *files]
