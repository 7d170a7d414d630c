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
from same import CALLS, groups_of, hold

METRIC = st.lists(
    st.sampled_from([0.0, 0.3, 0.5, 1.0]) | st.floats(-5, 5, allow_subnormal=False), min_size=CALLS, max_size=CALLS
)
NEVER_REFUSED = {
    "LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "LinearLR", "ExponentialLR", "PolynomialLR",
    "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ReduceLROnPlateau", "SWALR",
}  # fmt: skip


def examples(count: int) -> Callable[[Any], Any]:
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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
