"""Feeds lrviz random input until the time is over, and writes every fault as a file that reproduces it.

    python -m tests.fuzz --seconds 3600             all kinds of input, for an hour
    python -m tests.fuzz --only texts --only logs   only these
    python -m tests.fuzz --replay FILE              runs one input again

The same seed gives the same inputs of each kind in the same order. The exit status is 1 if there was a fault.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from fuzz import kinds
from fuzz.case import Case
from fuzz.guard import attempt
from fuzz.run import Plan, Summary, run

FOUND = Path(__file__).parent / "found"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, help="default: a random one, which is printed")
    parser.add_argument("--only", action="append", choices=sorted(kinds.ALL), metavar="KIND", help=kinds.listing())
    parser.add_argument("--found", type=Path, default=FOUND, help="where to write faults (default: tests/fuzz/found)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run the input of this file, and nothing else")
    given = parser.parse_args(arguments)
    if given.replay is not None:
        return replay(given.replay)
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    plan = Plan(seed, given.seconds, tuple(given.only or sorted(kinds.ALL)), given.found)
    print(f"seed {seed}, {given.seconds:g} s: {', '.join(plan.kinds)}", flush=True)
    summary = run(plan)
    report(summary, plan)
    return 1 if any(summary.faults.values()) else 0


def replay(file: Path) -> int:
    found = attempt(Case.read(file))
    print(found.text if found else "no fault")
    return 1 if found else 0


def report(summary: Summary, plan: Plan) -> None:
    print(f"{'kind':<14}{'inputs':>10}{'per second':>12}{'faults':>8}")
    for kind in plan.kinds:
        inputs, seconds = summary.inputs[kind], summary.seconds[kind]
        print(f"{kind:<14}{inputs:>10,}{inputs / seconds if seconds else 0:>12,.1f}{summary.faults[kind]:>8,}")
    for file in summary.files:
        case = Case.read(file)
        print(f"\n{case.fault}\n  python -m tests.fuzz --replay {file}")


if __name__ == "__main__":
    sys.exit(main())
