"""logs of runs with --run: CSV, JSON lines, JSON, trainer_state.json, TensorBoard events, text; right and damaged"""

from __future__ import annotations

import struct
from random import Random

from fuzz import command, tables
from fuzz.case import Data
from fuzz.mutate import NUMBERS, WORDS, files_of, latin, mutated, nasty
from lrviz.engine.simulate import simulate
from lrviz.loading import load_text

PLANS = [
    "steps: 100\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n",
    "epochs: 10\nsteps_per_epoch: 7\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 3, gamma: 0.5}\n",
    "epochs: 6\nsteps_per_epoch: 5\ninterval: step\noptimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 0.01}]}\n"
    "scheduler: [{type: LinearLR, for: 2 epochs}, {type: none, for: 10%}, {type: ExponentialLR, gamma: 0.9}]\n",
]


def draw(rng: Random) -> Data:
    plan = rng.choice(PLANS)
    if rng.random() < 0.3:
        files = files_of("tests/log/positive/*", "tests/log/negative/*", "tests/log/text/*/*.log")
        name, log = rng.choice(["run.csv", "run.jsonl", "run.json", "run.txt", "run.log"]), rng.choice(files)
    elif rng.random() < 0.2:
        name, log = "events.out.tfevents.1", _events(rng, plan)
    elif rng.random() < 0.4:
        name, log = rng.choice(["train.log", "slurm.out", "run.txt", "run"]), _text(rng, plan)
    else:
        name, log = tables.written(rng, tables.strange(rng, _rows(rng, plan)))
    if rng.random() < 0.6:
        log = mutated(rng, log, files_of("tests/log/positive/*"), _PIECES)
    argv = ["check", "s.yaml", "--run", name]
    for option, values in _OPTIONS.items():
        if rng.random() < 0.15:
            argv += [option, rng.choice(values)]
    return {"files": {"s.yaml": plan, name: latin(log)}, "argv": argv}


_PIECES = [
    ",",
    "\n",
    "\r",
    '"',
    "{",
    "}",
    "NaN",
    "\t",
    "\x1b[0m",
    " | ",
    "=",
    "[",
    "lr",
    "step ",
    "0: ",
    "[rank3]:",
    "%|",
]

_OPTIONS = {
    "--pattern": [
        "step {step} lr {lr}",
        "{epoch} ... {lr}",
        "{lr:a} ... {lr:b}",
        "{lr}",
        "{lr",
        "{step}{lr}",
        "{x} {lr}",
        "",
    ],
    "--column": ["lr", "a", *(word for word in WORDS if "\x00" not in word)],
    "--step-column": ["step", "epoch", "x"],
    "--group": ["a", "b", "0", "::x"],
    "--shift": ["0", "-1", "5", *NUMBERS],
    "--format": ["json", "github", "junit", "sarif", "concise"],
}


def run(data: Data) -> None:
    command.run(data)


def _rows(rng: Random, plan: str) -> list[tables.Row]:
    """What a run of the plan would log, or nearly."""
    curve = simulate(load_text(plan, "s.yaml")[0])
    factor, late, every = rng.choice([1, 1, 1, 10, 0.5, -1]), rng.choice([0, 0, 0, 1, 7]), rng.choice([1, 1, 3])
    digits = rng.choice([17, 17, 6, 2])
    column = list(curve.columns[rng.randrange(len(curve.columns))])
    name, clock = rng.choice(["lr", "learning_rate", "train/lr"]), rng.choice(["step", "epoch", "iter", "x", ""])
    rows: list[tables.Row] = []
    for tick in range(0, len(column), every):
        row: tables.Row = {clock: tick} if clock else {}
        rows.append({**row, name: float(f"{column[max(0, tick - late)] * factor:.{digits}g}"), "loss": 1 / (tick + 1)})
    return rows


def _text(rng: Random, plan: str) -> bytes:
    """What a program would print of it, or a launcher of several."""
    written = rng.choice(_WRITTEN)
    before = rng.choice(["", "", "[2024-05-01 10:00:00] ", "\x1b[32mINFO\x1b[0m ", "[rank0]: ", "0: "])
    lines = []
    for at, row in enumerate(_rows(rng, plan)):
        lr = next(value for name, value in row.items() if "l" in str(name) and name != "loss")
        line = before + written.format(n=at, m=at + 1, e=at // 7, i=at % 7, f=at / 7, lr=lr, loss=row["loss"])
        lines += [line] * rng.choice([1, 1, 1, 2]) + ["talk"] * rng.choice([0, 0, 2])
    end = rng.choice(["\n", "\n", "\r\n", "\r"])
    return (end.join(lines) + rng.choice(["", end])).encode(rng.choice(["utf-8", "utf-8", "utf-16"]))


_WRITTEN = [
    "{{'loss': {loss}, 'learning_rate': {lr!r}, 'epoch': {f:.2f}}}",
    "{{'loss': '{loss:.4g}', 'learning_rate': '{lr:.4g}', 'epoch': '{f:.4g}'}}",
    "iteration {m:8d}/{m:8d} | loss: {loss} | learning rate: {lr:.6E} | x",
    "Epoch(train)  [{e}][{i}/7]  lr: {lr:.4e}  loss: {loss}",
    "Epoch [{e}][{i}/7]\tlr: {lr:.3e}, loss: {loss}",
    "num_updates={n}, lr={lr:g}, loss={loss}",
    "step={m}, skipped=0, lr=[{lr!r}, {lr!r}], mom=[0.9]",
    "Epoch {e}:  50%|##  | {i}/7 [00:10<00:10, 4.9it/s, lr={lr:.3g}]",
    "step {n} | loss {loss} | lr {lr:.2e}",
    "Epoch {m}/9\n7/7 [===] - 1s - loss: {loss:.4f} - lr: {lr:.4f}",
    "epoch={e} iteration={n} learning rate: {lr}",
]


def _events(rng: Random, plan: str) -> bytes:
    """Frames of TensorBoard, whose checksums lrviz does not read."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    frames = [Event(file_version="brain.Event:2").SerializeToString()]
    for row in _rows(rng, plan):
        values = [Summary.Value(tag=str(tag), simple_value=float(value)) for tag, value in row.items()]
        step = int(row.get("step", rng.randrange(100)))
        frames.append(Event(step=step, summary=Summary(value=values)).SerializeToString())
    if rng.random() < 0.2:
        frames.insert(rng.randrange(len(frames)), nasty(rng).encode(errors="replace"))
    return b"".join(struct.pack("<QI", len(frame), 0) + frame + struct.pack("<I", 0) for frame in frames)
