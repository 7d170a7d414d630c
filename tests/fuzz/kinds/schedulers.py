"""any scheduler and composition that the catalogue allows, against a plain torch loop, bit for bit"""

from __future__ import annotations

from random import Random

import drawn
from hypothesis import strategies as st
from loop_cases import OPTIMIZERS
from same import CALLS, groups_of, hold

from fuzz import strategies
from fuzz.case import Data, Fault

_METRIC = st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0]) | st.floats(-5, 5), min_size=CALLS, max_size=CALLS)
_LEAVES = {(name, groups): drawn.leaf(name, groups) for name in drawn.LEAVES for groups in (1, 3)}
_COMPOSED = {groups: drawn.composition(groups, drawn.ON_SOURCE, willing=True) for groups in (1, 3)}


def draw(rng: Random) -> Data:
    optimizer = rng.choice(sorted(OPTIMIZERS))
    groups = groups_of(optimizer)
    name = rng.choice(drawn.LEAVES)
    strategy = _COMPOSED[groups] if rng.random() < 0.5 else _LEAVES[name, groups]
    scheduler = strategies.draw(strategy, rng)
    metric = strategies.draw(_METRIC, rng) if scheduler["type"] == "ReduceLROnPlateau" else None
    return {"scheduler": scheduler, "optimizer": optimizer, "metric": metric}


def run(data: Data) -> None:
    try:
        hold(data["scheduler"], data["optimizer"], data["metric"], on_source=data["scheduler"]["type"] != "SWALR")
    except AssertionError as error:
        raise Fault(f"{data['scheduler']['type']} differs from torch\n{error}") from error
