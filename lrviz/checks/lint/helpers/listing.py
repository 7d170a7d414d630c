"""Lists in messages, which are short however many members there are, so that a rule may repeat them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

MAX_MEMBERS: Final = 50


def listed_shortly(texts: Iterable[str]) -> str:
    """`[1, 2, 3]`, or `[1, 2, ...]` of more than `MAX_MEMBERS`."""
    return f"[{', '.join(shortened(texts))}]"


def shortened(texts: Iterable[str]) -> list[str]:
    """The texts; of more than `MAX_MEMBERS` the first, and `...`."""
    first = list(islice(texts, MAX_MEMBERS + 1))
    return first if len(first) <= MAX_MEMBERS else [*first[:MAX_MEMBERS], "..."]
