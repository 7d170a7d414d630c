"""snapshots of curves, right and damaged: compared by check and diff, and written anew by --update"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from fuzz import command
from fuzz.case import Data
from fuzz.kinds.logs import PLANS
from fuzz.mutate import latin, mutated


def draw(rng: Random) -> Data:
    plan = rng.choice(PLANS)
    schedule = f"{plan}expect: {{snapshot: curve.csv}}\n"
    tokens = ["#", "# ", "\n", ",", '"', "end", "nan", "inf", "checksum: ", "\x1b[0m", "# run: 9 calls, one a step\n"]
    snapshot = _snapshot(plan)
    if rng.random() < 0.9:
        snapshot = mutated(rng, snapshot, [_snapshot(each) for each in PLANS], tokens)
    verbs = [["check", "s.yaml"], ["check", "s.yaml", "--update"], ["diff", "curve.csv", "s.yaml"]]
    verbs += [["check", "s.yaml", "--format", form] for form in ("json", "github", "junit", "sarif", "concise")]
    verbs += [["diff", "s.yaml", "curve.csv"], ["diff", "curve.csv", "s.yaml", "--format", "json"]]
    return {"files": {"s.yaml": schedule, "curve.csv": latin(snapshot)}, "argv": rng.choice(verbs)}


def run(data: Data) -> None:
    command.run(data)


@cache
def _snapshot(plan: str) -> bytes:
    with TemporaryDirectory() as folder:
        Path(folder, "s.yaml").write_text(f"{plan}expect: {{snapshot: curve.csv}}\n", encoding="utf-8")
        command.lrviz(["check", "s.yaml", "--update"], Path(folder))
        return Path(folder, "curve.csv").read_bytes()
