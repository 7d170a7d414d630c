"""The words of a shell script while they are read: their characters, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command, without its quotes. `places` are the offsets of its characters in the script."""

    text: str
    places: Sequence[int]
    start: int
    members: tuple[Word, ...] | None = None

    def offset(self, index: int) -> int:
        """Where in the script a character of the word stands; of its end, where the last one does."""
        return self.places[index] if index < len(self.places) else self.start


class Words:
    """The words that are being read: those that are done, and the one at the end."""

    def __init__(self, start: int) -> None:
        self.done: list[Word] = []
        self.begin(start)

    def begin(self, start: int) -> None:
        """Begins a word at an offset; what was read of another one is dropped."""
        self.start = start
        self.text: list[str] = []
        self.places: list[int] = []
        self.begun = False

    def add(self, text: str, places: Sequence[int]) -> None:
        """Adds characters to the word, each with its offset in the script."""
        self.text += text
        self.places += places
        self.begun = True

    def end(self, next_start: int, members: tuple[Word, ...] | None = None) -> list[Word]:
        """Ends the last word, if there is one; all words so far."""
        if self.begun:
            self.done.append(Word("".join(self.text), tuple(self.places), self.start, members))
        self.begin(next_start)
        return self.done


def closing(text: str, at: int) -> int:
    """The offset after `$(...)`, `${...}`, a pair of backquotes, or a lone `$` with its letter."""
    if text[at] == "`":
        found = text.find("`", at + 1)
        return found + 1 if found >= 0 else len(text)
    pair = {"(": ")", "{": "}"}.get(text[at + 1 : at + 2])
    if pair is None:
        return min(len(text), at + 2) if text[at + 1 : at + 2] in tuple("@*#?$!-0123456789") else at + 1
    depth = 0
    for index in range(at + 1, len(text)):
        if text[index] == text[at + 1]:
            depth += 1
        elif text[index] == pair:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)
