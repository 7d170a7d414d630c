"""Values that commas cut into pieces: YAML reads `{a: min(1, t)}` as a value `min(1` and a key `t)` without a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_PIECES = 16
"""A value is put together of at most so many pieces."""


class Piece(NamedTuple):
    """Where a plain scalar begins and ends in the text; `start` is -1 for a value of another kind."""

    start: int
    stop: int

    @property
    def empty(self) -> bool:
        """True if nothing is between the commas."""
        return self.start == self.stop


NO_PIECE = Piece(-1, -2)


def opens(text: str, piece: Piece) -> bool:
    """True if a piece opens a bracket that it does not close."""
    return piece.start >= 0 and _depth(text, piece) > 0


def pieces_of(text: str, first: Piece, others: Sequence[Piece]) -> int:
    """How many of the pieces after `first`, which opens a bracket, belong to it: all up to where it is closed, or 0."""
    depth = _depth(text, first)
    for count, piece in enumerate(others[:MOST_PIECES], 1):
        if piece.start < 0:
            return 0
        depth += _depth(text, piece)
        if depth <= 0:
            return count
    return 0


def _depth(text: str, piece: Piece) -> int:
    return text.count("(", piece.start, piece.stop) - text.count(")", piece.start, piece.stop)
