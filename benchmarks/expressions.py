"""Compares expressions of a schedule file with the same Python lambdas: seconds for a million calls, in one run.

    python benchmarks/expressions.py

It prints a Markdown table, and exits with 1 if an expression takes longer than `MAX_RATIO` times its lambda.
"""

from __future__ import annotations

import math
import sys
import timeit
from collections.abc import Callable
from statistics import median

from lrviz.schedule.text.expression import parse

MAX_RATIO = 2.0
PAIRS: dict[str, Callable[[float], float]] = {
    "min((t + 1) ** -0.5, (t + 1) * 10 ** -1.5)": lambda t: min((t + 1) ** -0.5, (t + 1) * 10**-1.5),
    "t / 1000 if t < 1000 else 0.5 * (1 + cos(pi * (t - 1000) / 9000))": lambda t: (
        t / 1000 if t < 1000 else 0.5 * (1 + math.cos(math.pi * (t - 1000) / 9000))
    ),
    "0.97 ** (t / 2.4)": lambda t: 0.97 ** (t / 2.4),
}


def seconds(function: Callable[[float], float]) -> float:
    return median(timeit.repeat(lambda: function(77), number=200_000, repeat=7)) * 5


def main() -> int:
    print("| expression | lrviz | lambda | ratio |")
    print("| --- | ---: | ---: | ---: |")
    ratios = []
    for text, plain in PAIRS.items():
        ours, theirs = seconds(parse(text, ["t"]).function("t")), seconds(plain)
        ratios.append(ours / theirs)
        print(f"| `{text}` | {ours:.2f} s | {theirs:.2f} s | {ours / theirs:.2f} |")
    return 0 if max(ratios) <= MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
