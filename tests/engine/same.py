"""A drawn schedule on every way against a plain torch loop: the same bits, or torch's own words."""

from __future__ import annotations

import drawn
from loop_cases import OPTIMIZERS
from loops import WAYS, curve_bits, loop_bits, run

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule

CALLS = 36


def groups_of(optimizer: str) -> int:
    return 3 if "three" in optimizer else 1


def read(data: drawn.Data, optimizer: str, metric: list[float] | None = None) -> Schedule:
    text = f"epochs: {CALLS}\noptimizer: {OPTIMIZERS[optimizer][0]}\nscheduler: {drawn.text(data)}\n"
    (schedule,) = load_text(text + (f"metric: {drawn.text(metric)}\n" if metric else ""), "test.yaml")
    return schedule


def outcomes(schedule: Schedule, on_source: bool) -> list[Curve | str]:
    """The curve of each way, or the error as people read it."""
    found: list[Curve | str] = []
    for way, (backend, shortcut) in WAYS.items():
        if on_source or way.startswith("import"):
            try:
                found.append(simulate(schedule, backend=backend(), shortcut=shortcut))
            except ScheduleError as error:
                found.append(str(error))
    return found


def hold(data: drawn.Data, optimizer: str, metric: list[float] | None = None, on_source: bool = True) -> bool:
    """Asserts that all do the same; whether torch ran the schedule to its end."""
    plain = run(drawn.make(data), OPTIMIZERS[optimizer][1](), CALLS, metric)
    found = outcomes(read(data, optimizer, metric), on_source)
    if plain.refusal is None:
        assert [curve if isinstance(curve, str) else curve_bits(curve) for curve in found] == [loop_bits(plain)] * len(
            found
        )
        return True
    call = f" fails at call {plain.call} of {CALLS} of scheduler.step(): "
    words = call if plain.call else ": torch refuses to construct "
    for error in found:
        assert isinstance(error, str), plain.words()
        assert words in error
        assert plain.words() in error
    assert len(set(found)) == 1
    return False
