"""What lrviz is held against: plain torch training loops, and how the two are compared bit for bit.

Nothing here uses lrviz to make or to step an optimizer or a scheduler.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from lrviz.curve import Curve
from lrviz.engine import torch_source
from lrviz.engine.backend import Backend, imported_backend, source_backend
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule

Rows = list[list[float]]


@dataclass
class Loop:
    """What the param groups held before each call of `scheduler.step()`, and after the last one.

    `refusal` is what torch raised, and `call` the number of the call that raised it; 0 is the constructor.
    """

    lr: Rows = field(default_factory=list)
    momentum: list[list[float | None]] = field(default_factory=list)
    refusal: Exception | None = None
    call: int = 0

    def words(self) -> str:
        """What torch raised, as a traceback's last line says it."""
        text = " ".join(str(self.refusal).split())
        return f"{type(self.refusal).__name__}: {text}" if text else type(self.refusal).__name__


def parameter() -> torch.nn.Parameter:
    """One weight; a matrix, because Muon takes nothing else."""
    return torch.nn.Parameter(torch.zeros(1, 1))


def run(
    make: Callable[[Any], Any],
    optimizer: torch.optim.Optimizer,
    calls: int,
    metric: Sequence[float] | None = None,
) -> Loop:
    """The loop of a tutorial: `optimizer.step()`, then `scheduler.step()`, so many times."""
    loop = Loop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _note_momentum(loop, optimizer)
        own = loop.momentum.pop()
        try:
            scheduler = make(optimizer)
            for loop.call in range(1, calls + 1):
                _note(loop, optimizer)
                optimizer.step(lambda: 0.0)
                if metric is None:
                    scheduler.step()
                else:
                    scheduler.step(metric[loop.call - 1])
        except Exception as error:
            loop.refusal = error
    _note(loop, optimizer)
    if all(row == own for row in loop.momentum):
        loop.momentum = []
    return loop


def _note(loop: Loop, optimizer: torch.optim.Optimizer) -> None:
    loop.lr.append([group["lr"] for group in optimizer.param_groups])
    _note_momentum(loop, optimizer)


def _note_momentum(loop: Loop, optimizer: torch.optim.Optimizer) -> None:
    loop.momentum.append(
        [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]
    )


def bits(rows: Iterable[Iterable[float | None]]) -> list[list[str]]:
    """Every bit of every value, readable where two of them differ."""
    return [[float(value).hex() for value in row if value is not None] for row in rows]


def curve_bits(curve: Curve) -> tuple[list[list[str]], list[list[str]]]:
    """The learning rates and the momentum of a curve with the end as the last row; no momentum is no row."""
    lr = [*curve.lr.tolist(), list(curve.end_lr)]
    if curve.momentum is None:
        assert curve.end_momentum is None
        return bits(lr), []
    assert curve.end_momentum is not None
    return bits(lr), bits([*curve.momentum.tolist(), list(curve.end_momentum)])


def loop_bits(loop: Loop) -> tuple[list[list[str]], list[list[str]]]:
    assert loop.refusal is None, loop.words()
    return bits(loop.lr), bits(loop.momentum)


def source() -> Backend:
    """Torch's scheduler source without torch."""
    module = torch_source.load()
    assert module is not None
    return source_backend(module)


WAYS: dict[str, tuple[Callable[[], Backend], bool]] = {
    "source": (source, False),
    "source-shortcut": (source, True),
    "import": (imported_backend, False),
    "import-shortcut": (imported_backend, True),
}
"""Every way on which the engine can run one schedule."""


def ways(schedule: Schedule) -> Iterator[tuple[str, Curve | ScheduleError]]:
    """The curve of a schedule, or what is refused, on each way."""
    for name, (backend, shortcut) in WAYS.items():
        try:
            yield name, simulate(schedule, backend=backend(), shortcut=shortcut)
        except ScheduleError as error:
            yield name, error
