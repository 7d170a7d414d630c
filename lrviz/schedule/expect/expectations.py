"""The keys of one schedule together."""

from __future__ import annotations

from dataclasses import dataclass

from lrviz.alike import EXPECTED
from lrviz.schedule.expect.base import Expectation
from lrviz.schedule.expect.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Expectations:
    """All expectations of a schedule, in the order of the file; `tolerance` is relative."""

    expected: tuple[Expectation, ...] = ()
    snapshot: Snapshot | None = None
    tolerance: float = EXPECTED

    def __bool__(self) -> bool:
        return bool(self.expected) or self.snapshot is not None

    def __len__(self) -> int:
        return len(self.expected) + (self.snapshot is not None)
