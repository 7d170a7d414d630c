"""What a hint says to somebody whose schedule stands in another program's config."""

from __future__ import annotations

import re
from typing import Final

_OURS: Final = re.compile(
    r"\bphases?\b|\blr_lambda\b|\bfactor above 0\b|`interval: |`data`|\bscheduler: \[|: \d[\d,]* (steps?|epochs?)\b"
)
"""What only a schedule file can hold: phases, lengths with a unit, and formulas, which are the program's own there."""


def hint_for_config(hint: str) -> str:
    """The parts of a hint that the config of another program can follow.

    >>> hint_for_config("T_max: 50; or, to stay at the floor, use phases: `scheduler: [...]`")
    'T_max: 50'
    """
    if "`expect: {" in hint:
        return hint  # of a schedule file that follows the config
    return "; ".join(part for part in hint.split("; ") if not _OURS.search(part))
