"""Random phases, bit for bit, on every way: torch's own SequentialLR where phases equal it, loops by hand elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from phase_cases import Planned, assert_equal_on_every_way, at_base, by_hand, elsewhere, rates, sequential

pytestmark = pytest.mark.filterwarnings("ignore:Detected call of")


@given(at_base(), rates)
@settings(max_examples=30, deadline=None)
def test_phases_that_begin_at_the_base_are_sequential_lr(plan: list[Planned], own: list[float]) -> None:
    assert_equal_on_every_way(plan, own, sequential(plan, own))


@given(elsewhere(), rates)
@settings(max_examples=30, deadline=None)
def test_other_phases_are_schedulers_switched_by_hand(plan: list[Planned], own: list[float]) -> None:
    expected = by_hand(plan, own)
    assume(expected is not None)
    assert expected is not None
    assert_equal_on_every_way(plan, own, expected)
