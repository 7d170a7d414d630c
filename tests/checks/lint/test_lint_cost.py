"""No rule costs more than n log n of what it looks at: milestones, schedulers, phases, groups, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pytest
from helpers.growth import grows_slowly

from lrviz.checks.lint import lint
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text


def _listed(members: Iterable[object]) -> str:
    return f"[{', '.join(map(str, members))}]"


def _steps(milestones: Iterable[object]) -> str:
    return f"{{type: MultiStepLR, gamma: 0.999, milestones: {_listed(milestones)}}}"


def _sequence(children: list[str], milestones: Iterable[object]) -> str:
    return f"{{type: SequentialLR, schedulers: {_listed(children)}, milestones: {_listed(milestones)}}}"


LINEAR = "{type: LinearLR, total_iters: 2}"
CONSTANT = "{type: ConstantLR, factor: 0.5, total_iters: 1}"
RISING = "{type: MultiplicativeLR, lr_lambda: 0.99}"
COSINE = "{type: CosineAnnealingLR, T_max: 2}"
STEP = "{type: StepLR, step_size: 1, gamma: 0.5}"
CHAIN = f"{{type: ChainedScheduler, schedulers: [{STEP}, {RISING}]}}"
ONE = "{type: OneCycleLR, max_lr: 0.5, total_steps: 4}"
INNER = f"{{type: SequentialLR, schedulers: [{CHAIN}, {STEP}], milestones: [1]}}"

SCHEDULERS: dict[str, Callable[[int], str]] = {
    "milestones": lambda n: _steps(range(n)),
    "milestones, repeated": lambda n: _steps(each // 2 for each in range(n)),
    "milestones, backwards": lambda n: _steps(range(n, 0, -1)),
    "milestones, beyond": lambda n: _steps(range(n // 2, n // 2 * 3)),
    "sequence": lambda n: _sequence([LINEAR] * n, range(2, 2 * n, 2)),
    "sequence, jumps": lambda n: _sequence([STEP, RISING] * (n // 2), range(2, 2 * n, 2)),
    "sequence, repeated": lambda n: _sequence([STEP] * n, (each // 2 for each in range(1, n))),
    "sequence, backwards": lambda n: _sequence([STEP] * n, range(n, 1, -1)),
    "sequence, beyond": lambda n: _sequence([STEP] * n, range(2 * n - 10, 3 * n - 11)),
    "sequence of chains": lambda n: _sequence([CHAIN] * n, range(2, 2 * n, 2)),
    "sequence of one-cycles": lambda n: _sequence([ONE, STEP] * (n // 2), range(2, 2 * n, 2)),
    "chain": lambda n: f"{{type: ChainedScheduler, schedulers: {_listed([STEP, COSINE] * (n // 2))}}}",
    "chain, absolute": lambda n: f"{{type: ChainedScheduler, schedulers: {_listed([STEP, LAMBDA] * (n // 2))}}}",
    "chain of sequences": lambda n: f"{{type: ChainedScheduler, schedulers: {_listed([INNER] * n)}}}",
    "phases": lambda n: _listed(each.replace("}", ", for: 2}") for each in [LINEAR, STEP, COSINE, RISING] * (n // 4)),
    "phases of sequences": lambda n: _listed(f"{each[:-1]}, for: 2}}" for each in [CHAIN, INNER] * (n // 2)),
    "plateaus": lambda n: _listed(["{type: ReduceLROnPlateau, patience: 0, for: 2}"] * n),
    "on and off": lambda n: '{type: LambdaLR, lr_lambda: "t % 2"}',
}
LAMBDA = '{type: LambdaLR, lr_lambda: "0.5 ** t"}'


def subject(name: str, size: int) -> Subject:
    """A schedule with one of `SCHEDULERS` of a size, over twice as many calls."""
    lines = ["optimizer: {lr: 0.1, groups: [{name: a}, {name: b, lr: 0.2}]}", f"scheduler: {SCHEDULERS[name](size)}"]
    lines += ["metric: 1 / (epoch + 1)"] if name == "plateaus" else []
    (schedule,) = load_text("\n".join([f"epochs: {2 * size}", *lines]), "s.yaml")
    try:
        return Subject(schedule, simulate(schedule, shortcut=True))
    except ScheduleError:
        return Subject(schedule, None)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_whole_lint(name: str) -> None:
    def run(subject: Subject) -> None:
        list(lint(subject.schedule, subject.curve, name))

    grows_slowly(partial(subject, name), run, 1_000 if name.startswith("milestones") else 60)
