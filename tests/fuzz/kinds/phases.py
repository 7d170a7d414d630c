"""schedules in phases, against torch's SequentialLR or schedulers switched by hand, bit for bit"""

from __future__ import annotations

import warnings
from random import Random

from phase_cases import Planned, assert_equal_on_every_way, at_base, by_hand, elsewhere, rates, sequential

from fuzz import strategies
from fuzz.case import Data, Fault

_AT_BASE, _ELSEWHERE = at_base(), elsewhere()


def draw(rng: Random) -> Data:
    base = rng.random() < 0.5
    plan = strategies.draw(_AT_BASE if base else _ELSEWHERE, rng)
    return {"at base": base, "phases": [each._asdict() for each in plan], "lr": strategies.draw(rates, rng)}


def run(data: Data) -> None:
    plan = [Planned(**each) for each in data["phases"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = (sequential if data["at base"] else by_hand)(plan, data["lr"])
        if expected is None:
            return
        try:
            assert_equal_on_every_way(plan, data["lr"], expected)
        except AssertionError as error:
            raise Fault(f"phases differ from torch\n{error}") from error
