"""lengths, places, conditions and targets: texts that name a time, or a value at one"""

from __future__ import annotations

from contextlib import suppress
from random import Random

from fuzz import command
from fuzz.case import Data
from fuzz.mutate import LENGTHS, NUMBERS, nasty
from lrviz.duration import DurationError, parse_duration
from lrviz.place import PlaceError, parse_place
from lrviz.schedule.text.values import WrongValueError, number

PIECES = [
    "epochs", "steps", "%", "ep", "last", "end", " ", "\t", "e", "E", ".", "-", "+", "1", "0", "9", "/", "<", "<=",
    "=", "lr", "momentum", "epoch", "max", "mean", " and ", " or ", "not ", "(", ")", "10", "50%", "1e-5", "\u00a0",
]  # fmt: skip
FILE = "epochs: 10\nsteps_per_epoch: 7\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.5}\n"


def draw(rng: Random) -> Data:
    shape = rng.random()
    if shape < 0.3:
        text = rng.choice([*LENGTHS, *NUMBERS])
    elif shape < 0.9:
        text = "".join(rng.choice([*PIECES, nasty(rng)]) for _ in range(rng.choice([1, 2, 4, 8])))
    else:
        text = rng.choice(PIECES) * rng.choice([1_000, 20_000, 100_000]) + rng.choice(["", " x", "epochs"])
    verbs = [["at", text], ["when", text], ["when", f"lr < {text}"], ["solve", "gamma", "--target", text]]
    verbs += [
        ["solve", "gamma", "--target", f"{text} = 0.01"],
        ["table", "--set", f"gamma={text}"],
        ["table", "--set", text],
    ]
    argv = rng.choice(verbs) if rng.random() < 0.3 and "\x00" not in text and len(text) < 30_000 else None
    return {"text": text, "argv": argv and [*argv, "s.yaml"]}


def run(data: Data) -> None:
    with suppress(DurationError):
        parse_duration(data["text"])
    with suppress(PlaceError, WrongValueError):
        parse_place(data["text"], number, end=True)
    if data["argv"]:
        command.run({"files": {"s.yaml": FILE}, "argv": data["argv"]})
