"""Drawn schedules: whatever the catalogue allows, a plain torch loop and lrviz on every way do the same.

Either all have the same bits, or torch raises and lrviz says so in torch's words, with the number of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import drawn
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loop_cases import OPTIMIZERS
from loops import WAYS, curve_bits, loop_bits, run

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.load import load_text
from lrviz.schedule.model import Schedule

CALLS = 36

METRIC = st.lists(
    st.sampled_from([0.0, 0.3, 0.5, 1.0]) | st.floats(-5, 5, allow_subnormal=False), min_size=CALLS, max_size=CALLS
)
NEVER_REFUSED = {
    "LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "LinearLR", "ExponentialLR", "PolynomialLR",
    "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ReduceLROnPlateau", "SWALR",
}  # fmt: skip


def examples(count: int) -> Callable[[Any], Any]:
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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


@pytest.mark.parametrize("name", drawn.LEAVES)
def test_any_arguments_do_what_torch_does(name: str) -> None:
    @given(data=st.data(), optimizer=st.sampled_from(sorted(OPTIMIZERS)))
    @examples(25)
    def do_the_same(data: st.DataObject, optimizer: str) -> None:
        scheduler = data.draw(drawn.leaf(name, groups_of(optimizer)))
        metric = data.draw(METRIC) if name == "ReduceLROnPlateau" else None
        ran = hold(scheduler, optimizer, metric, on_source=name != "SWALR")
        assert ran or name not in NEVER_REFUSED

    do_the_same()


@pytest.mark.parametrize("willing", [True, False], ids=["willing", "any"])
@given(data=st.data(), optimizer=st.sampled_from(sorted(OPTIMIZERS)))
@examples(100)
def test_compositions_do_what_torch_does(willing: bool, data: st.DataObject, optimizer: str) -> None:
    hold(data.draw(drawn.composition(groups_of(optimizer), drawn.ON_SOURCE, willing)), optimizer)


@given(data=st.data(), optimizer=st.sampled_from(sorted(OPTIMIZERS)))
@examples(40)
def test_compositions_with_swalr_do_what_torch_does(data: st.DataObject, optimizer: str) -> None:
    groups = groups_of(optimizer)
    inner = data.draw(drawn.composition(groups, [*drawn.ON_SOURCE, "SWALR"], willing=True, depth=2))
    swa = data.draw(drawn.leaf("SWALR", groups))
    milestone = data.draw(st.integers(0, CALLS))
    hold({"type": "SequentialLR", "schedulers": [inner, swa], "milestones": [milestone]}, optimizer, on_source=False)
