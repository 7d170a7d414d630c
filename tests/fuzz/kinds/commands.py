"""command lines: every verb with random options and values, over a few files"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import typer

from fuzz import command
from fuzz.case import Data
from fuzz.kinds.logs import PLANS
from fuzz.mutate import latin, nasty, schedule_files
from lrviz.cli.main import app

NEVER = {"--watch", "--open", "--trust", "--install-completion", "--show-completion"}
"""They wait for ever, open a browser, run code of a file, or change the user's shell."""

OUTPUTS = [
    "x.png", "x.svg", "x.html", "x.pdf", "x.yaml", "-", "x", "x.gif", "none/x.svg", ".", "", "s.yaml", "é\u202e.svg",
    "\x1b[31m.svg", "x\n::error::.svg", "/dev/null",
]  # fmt: skip
VALUES = [
    "s.yaml", "t.yaml", "curve.csv", "none.yaml", ".", "-", "lr", "gamma", "gamma=0.5,0.9", "scheduler.gamma", "50%",
    "end", "3", "cosine", "StepLR", "resnet50", "lr < 0.01", "end = 0.01", "json", "csv", "markdown", "table", "text",
    "epoch", "step", "percent", "dark", "paper", "momentum", "both", "relative", "concise", "github", "junit", "sarif",
    "3.3x2.2", "100", "always", "torch",
]  # fmt: skip


def draw(rng: Random) -> Data:
    verb = rng.choice(sorted(_commands()))
    argv = [verb] if rng.random() < 0.97 else [nasty(rng)]
    for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
        argv += _option(rng, _commands()[verb]) if rng.random() < 0.6 else [_value(rng)]
    if rng.random() < 0.6:
        argv.append("s.yaml")
    files = {"s.yaml": latin(rng.choice([PLANS[0], PLANS[1], PLANS[2]])), "t.yaml": latin(rng.choice(schedule_files()))}
    env = rng.choice([{}, {}, {}, {"COLUMNS": nasty(rng)}, {"LINES": "0"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}])
    return {
        "files": {**files, "curve.csv": "epoch,step,s\n0,,0.1\nend,,0.01\n"},
        "argv": [argument.replace("\x00", "") for argument in argv],
        "stdin": rng.choice(["", PLANS[0], latin(nasty(rng))]),
        "env": {name: value.replace("\x00", "") for name, value in env.items()},
    }


def run(data: Data) -> None:
    command.run(data)


@cache
def _commands() -> dict[str, list[Any]]:
    """The options of every verb, as click knows them."""
    group: Any = typer.main.get_command(app)
    return {
        name: [each for each in verb.params if each.param_type_name == "option"]
        for name, verb in group.commands.items()
    }


def _option(rng: Random, options: list[Any]) -> list[str]:
    option = rng.choice(options)
    name = rng.choice(option.opts)
    if set(option.opts) & NEVER:
        return []
    if option.is_flag:
        return [name]
    if {"-o", "--output"} & set(option.opts):
        return [name, rng.choice(OUTPUTS)]
    return [name, *(_value(rng) for _ in range(option.nargs))]


def _value(rng: Random) -> str:
    return rng.choice(VALUES) if rng.random() < 0.7 else nasty(rng)
