"""checkpoints with --checkpoint: states of optimizers and schedulers, with strange values, and damaged files"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from random import Random
from typing import Any

from fuzz import command
from fuzz.case import Data
from fuzz.mutate import WORDS, files_of, latin, mutated, nasty
from lrviz.engine.simulate import reached
from lrviz.loading import load_text

PLANS = [
    "steps: 100\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler: {type: CosineAnnealingLR}\n",
    "epochs: 10\nsteps_per_epoch: 7\noptimizer: {lr: 0.1}\nscheduler: {type: OneCycleLR, max_lr: 0.3}\n",
    "epochs: 10\noptimizer: {type: AdamW, lr: 0.1}\nmetric: [1, 2, 3, 3, 3, 3, 3, 3, 3, 3]\n"
    "scheduler: {type: ReduceLROnPlateau, patience: 1}\n",
    "epochs: 9\noptimizer: {lr: 0.1}\nscheduler: {type: SequentialLR, milestones: [3], schedulers: "
    "[{type: LinearLR, total_iters: 3}, {type: MultiStepLR, milestones: [2, 2, 5]}]}\n",
    "epochs: 6\nsteps_per_epoch: 5\ninterval: step\noptimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 0.01}]}\n"
    "scheduler: [{type: LinearLR, for: 2 epochs}, {type: none, for: 10%}, {type: LambdaLR, lr_lambda: 0.9 ** t}]\n",
    "steps: 50\noptimizer: {lr: 0.1}\nscheduler: none\n",
]

STRANGE: list[Any] = [
    None, True, 0, -1, 7, 10**30, -(10**400), 0.1, -0.0, 1e308, math.nan, math.inf, -math.inf, (), [], {}, [[]], [None],
    (0.1, "x"), {"last_epoch": 3}, {"a": {"b": [1]}}, b"\x00", 3 + 4j, {1, 2}, frozenset({"x"}), [0.1] * 50,
]  # fmt: skip

SAMPLES = ("tests/training/checkpoint/samples/*", "tests/training/checkpoint/samples/*/*")


def draw(rng: Random) -> Data:
    plan = rng.choice(PLANS)
    samples = files_of(*SAMPLES)
    data = rng.choice(samples) if rng.random() < 0.2 else _file(rng, _checkpoint(rng, plan))
    if rng.random() < 0.2:
        data = mutated(rng, data, samples, _PIECES)
    name = rng.choice(["a.pt", "a.pt", "a.ckpt", "ckpt/optimizer.bin", "ckpt/scheduler.pt", "ckpt/scheduler_1.bin"])
    named = rng.choice([name, name, name.rpartition("/")[0] or name])
    named += f"#{rng.choice(_PARTS)}" if rng.random() < 0.2 else ""
    files = {"s.yaml": plan, name: latin(data)}
    if rng.random() < 0.2:
        files["ckpt/trainer_state.json"] = latin(
            nasty(rng) if rng.random() < 0.5 else f'{{"global_step": {nasty(rng)}}}'
        )
    if rng.random() < 0.2:
        files |= {f"ckpt/random_states_{rank}.pkl": "" for rank in range(rng.randrange(5))}
    argv = ["check", "s.yaml", "--checkpoint", named]
    if rng.random() < 0.3:
        argv += ["--format", rng.choice(["json", "github", "junit", "sarif", "concise"])]
    return {"files": files, "argv": argv}


_PARTS = [
    "optimizer",
    "scheduler",
    "optimizers[1]",
    "schedulers[0]",
    "",
    *(word for word in WORDS if "\x00" not in word),
]
_PIECES = [
    "PK\x01\x02",
    "PK\x05\x06",
    "PK\x06\x06",
    "last_epoch",
    "param_groups",
    "q\x01h\x01",
    "](",
    "}(",
    "\x85R",
    "N.",
]


def run(data: Data) -> None:
    command.run(data)


def _checkpoint(rng: Random, plan: str) -> Any:
    """What a training of the plan would save, or nearly."""
    (schedule,) = load_text(plan, "s.yaml")
    built = reached(schedule, rng.randrange(schedule.run.ticks + 1))
    groups = [{**group, "params": [0]} for group in built.optimizer.param_groups]
    optimizer: dict[str, Any] = {"state": {0: {"step": rng.choice([0, 4.0, 10**9])}}, "param_groups": groups}
    scheduler: dict[str, Any] = built.scheduler.state_dict() if built.scheduler is not None else {}
    for _ in range(rng.choice([0, 0, 1, 1, 3])):
        inside = scheduler.get("scheduler")
        _change(rng, rng.choice([optimizer, scheduler, *groups, inside if isinstance(inside, dict) else scheduler]))
    pack = rng.randrange(5)
    if pack == 0:
        return rng.choice([optimizer, scheduler])
    if pack == 1:
        return {"optimizers": [optimizer, optimizer], "schedulers": [scheduler] * rng.randrange(3)}
    more = {"pytorch-lightning_version": "2.6", "epoch": rng.choice(STRANGE), "global_step": rng.choice(STRANGE)}
    whole = {"optimizer": optimizer, "scheduler": scheduler, **(more if pack == 2 else {})}
    return whole if pack < 4 else {rng.choice(WORDS): [whole], "x": rng.choice(STRANGE)}


def _change(rng: Random, state: dict[str, Any]) -> None:
    """Gives a key another value, takes it away, or adds one."""
    key = rng.choice([*state, rng.choice(WORDS)] if state else WORDS)
    if rng.random() < 0.2:
        state.pop(key, None)
    else:
        state[key] = rng.choice([*STRANGE, nasty(rng), list(state.values())[:3]])


def _file(rng: Random, value: Any) -> bytes:
    """An archive as torch writes it, or a bare pickle."""
    data = pickle.dumps(value, rng.choice([2, 2, 3, 4, 5]))
    if rng.random() < 0.05:
        return data
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if rng.random() < 0.05 else zipfile.ZIP_STORED) as archive:
        for name, entry in {"data.pkl": data, "byteorder": rng.choice([b"little", b"big"])}.items():
            archive.writestr(f"archive/{name}", entry)
    return made.getvalue()
