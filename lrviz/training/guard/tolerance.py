"""How far a learning rate may be from the planned one: by what its own number type rounds, and no more."""

from __future__ import annotations

from typing import Any, Final

from lrviz.alike import ROUNDING

DOUBLE: Final = 1e-10
"""Of a Python float, as a fraction of the planned one.

Torch's own schedulers give the planned number itself. A loop that computes the same formula in another way differs by
rounding, which adds up to 1e-12 in 200,000 steps; one step late is more than this from the first steps on.
"""

EPSILONS: Final = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""The rounding of number types that are less exact than a Python float, by torch's and numpy's names."""

MOST: Final = 0.01
"""The most that may add up: a learning rate that is farther off has left its plan, whatever the reason."""


def epsilon(value: Any) -> float:
    """The rounding of a learning rate's type; 0 for a Python float and what is as exact."""
    dtype = getattr(value, "dtype", None)
    return EPSILONS.get(str(dtype).rpartition(".")[2], 0.0) if dtype is not None else 0.0


def slack(planned: float, peak: float, eps: float, calls: int) -> float:
    """How far a value may be from a planned one, after so many calls of the scheduler.

    A scheduler of torch computes each value from the one before, so with a type of rounding `eps` every call may add
    as much; at most `MOST` of the planned value. Near 0 the largest value of the plan, `peak`, counts.
    """
    if not eps:
        return max(DOUBLE * abs(planned), ROUNDING * peak)
    return max(max(2 * eps, min(eps * (2 + calls), MOST)) * abs(planned), min(eps, 1e-6) * peak)
