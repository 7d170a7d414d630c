"""Proves printed code with another torch: written and simulated with one release, run in a plain loop with another.

    python tests/training/code/releases.py write code.json            # with the torch of lrviz's tests
    PYTHONPATH=OTHER python tests/training/code/releases.py run code.json

`run` needs nothing but torch (and lrviz for PhasedLR), and names every schedule that differs in a bit though its text
claims that it does not; of a release that no text names, all that differ. A release
in which none does is named in `lrviz/training/code/proof.py`, which knows where torch 2.4 differs.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).parents[2]
DRAWN = 400
"""Random compositions beside the gallery, the cases of loops, and phases."""


def write(file: str) -> None:
    sys.path[:0] = [str(TESTS / room) for room in (".", "engine", "configs", "cli", "training/code")]
    from many_schedules import drawn_texts, loop_texts, text
    from test_code_runs import FILES, PHASES

    from lrviz.errors import ScheduleError
    from lrviz.loading import load_file, load_text

    texts = [each for _, each in loop_texts()]
    texts += [text(phases, "SGD") for phases in PHASES.values()]
    texts += drawn_texts(Random(4), DRAWN)
    found = [_case(schedule) for path in FILES for schedule in load_file(path)]
    for each in texts:
        try:
            found += map(_case, load_text(each, "case.yaml"))
        except ScheduleError:
            continue  # what torch refuses is not printed
    Path(file).write_text(json.dumps(found))
    print(f"{len(found)} schedules")


def _case(schedule: Any) -> dict[str, Any]:
    from loops import curve_bits
    from printed import code, shortened

    from lrviz.engine.simulate import simulate
    from lrviz.schedule.model import Phases

    if isinstance(schedule.scheduler, Phases) and schedule.run.ticks > 1_500:
        schedule = shortened(schedule, 150)
    ticks, metric = min(1_500, schedule.run.ticks), schedule.metric
    lr, momentum = curve_bits(simulate(schedule, calls=ticks))
    return {
        "name": f"{schedule.file}:{schedule.name} {schedule.scheduler}",
        "text": code(schedule),
        "groups": [group.name for group in schedule.optimizer.groups],
        "every": schedule.run.every,
        "ticks": ticks,
        "metric": None if metric is None else [float(metric[call]) for call in range(ticks // schedule.run.every)],
        "lr": lr,
        "momentum": momentum,
    }


def run(file: str) -> int:
    import torch

    warnings.simplefilter("ignore")
    cases = json.loads(Path(file).read_text())
    release = f" {torch.__version__.partition('+')[0].rpartition('.')[0]}"
    claimed = [case for case in cases if release in " ".join(case["text"].split('"""')[1].split())]
    cases = claimed or cases  # of a new release nothing is claimed yet
    different = {case["name"]: why for case in cases if (why := _difference(case))}
    for name, why in different.items():
        print(f"{why}\n  {name[:600]}")
    print(f"torch {torch.__version__}: {len(cases) - len(different)} of {len(cases)} schedules are the same")
    return 1 if different else 0


def _difference(case: dict[str, Any]) -> str:
    """What differs from the curve of a case; nothing if it is the same to the last bit."""
    try:
        lr, momentum = _ran(case)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    ticks = [tick for tick, (got, wanted) in enumerate(zip(lr, case["lr"], strict=True)) if got != wanted]
    if ticks:
        return f"lr differs at {len(ticks)} ticks, first at {ticks[0]}"
    return "momentum differs" if case["momentum"] and momentum != case["momentum"] else ""


def _ran(case: dict[str, Any]) -> tuple[list[list[str]], list[list[str]]]:
    import torch

    names: dict[str, Any] = {}
    exec(case["text"], names)
    groups = {name: [torch.nn.Parameter(torch.zeros(1, 1))] for name in case["groups"]}
    by_name = "Mapping" in str(names["make_optimizer"].__annotations__["params"])
    optimizer = names["make_optimizer"](groups if by_name else groups["0"])
    scheduler = names["make_scheduler"](optimizer)
    lr, momentum = [], []
    for tick in range(case["ticks"] + 1):
        lr.append([float(group["lr"]).hex() for group in optimizer.param_groups])
        moving = [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]
        momentum.append([float(each).hex() for each in moving if each is not None])
        optimizer.step(lambda: 0.0)
        if tick < case["ticks"] and (tick + 1) % case["every"] == 0:
            scheduler.step(*([] if case["metric"] is None else [case["metric"][tick // case["every"]]]))
    return lr, momentum


if __name__ == "__main__":
    sys.exit({"write": write, "run": run}[sys.argv[1]](sys.argv[2]))
