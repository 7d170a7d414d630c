"""The keys of `expect`, which say what must hold of a curve: one module per key.

To add a key: a module here, which reads it, a module in `checks/expect/`, which judges it, and a line in each registry.
"""

from __future__ import annotations

from typing import Final

from lrviz.schedule.catalogue import Argument, Entry
from lrviz.schedule.expect import area, at, between, direction, extremes, length, max_jump, peak, warmup
from lrviz.schedule.expect.area import Area
from lrviz.schedule.expect.at import At
from lrviz.schedule.expect.base import Expectation, Form, Level, Point, Span, Write
from lrviz.schedule.expect.between import Between
from lrviz.schedule.expect.direction import Direction
from lrviz.schedule.expect.expectations import Expectations
from lrviz.schedule.expect.extremes import Extreme
from lrviz.schedule.expect.length import RunLength
from lrviz.schedule.expect.max_jump import MaxJump
from lrviz.schedule.expect.peak import Peak
from lrviz.schedule.expect.snapshot import Snapshot
from lrviz.schedule.expect.warmup import Warmup

__all__ = [
    "EXPECT",
    "FORMS",
    "READERS",
    "Area",
    "At",
    "Between",
    "Direction",
    "Expectation",
    "Expectations",
    "Extreme",
    "Form",
    "Level",
    "MaxJump",
    "Peak",
    "Point",
    "RunLength",
    "Snapshot",
    "Span",
    "Warmup",
    "Write",
]

_KEYS = (at, extremes, between, peak, direction, max_jump, length, area, warmup)

READERS: Final = {key: module.read for module in _KEYS for key in module.MEANINGS}
"""The function that reads each key."""

FORMS: Final[dict[str, Form]] = {key: module.FORM for module in _KEYS for key in module.MEANINGS}

EXPECT: Final = Entry(
    name="expect",
    summary="What must hold of the curve.",
    arguments=tuple(
        Argument(name=name, kind="any", default=None, meaning=meaning)
        for name, meaning in (
            *((key, meaning) for module in _KEYS for key, meaning in module.MEANINGS.items()),
            ("snapshot", "a stored curve"),
            ("tolerance", "relative tolerance of values"),
        )
    ),
)
"""`expect` as an entry of the catalogue."""
