"""Suggestions for names that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

MAX_LENGTH = 100
"""A longer name is not misspelled but something else: comparing it letter by letter would take too long."""

MAX_COMPARED = 200
"""So many names are compared letter by letter."""

MAX_LISTED = 50
"""So many names are listed in a hint."""


def suggest(wrong: str, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The one of `names` that `wrong` most likely means, or None.

    Case and separators are ignored (`steplr`, `T_Max`, `cosine-annealing`). An alias (`cosine`) leads to the name it
    belongs to, even if `wrong` matches it only nearly, or begins with it.
    """
    candidates = {plain(name): name for name in names}
    known = set(candidates.values())
    for alias, name in (aliases or {}).items():
        if name in known:
            candidates.setdefault(plain(alias), name)
    asked = plain(wrong)
    if asked in candidates:
        return candidates[asked]
    if len(asked) > MAX_LENGTH:
        return None
    compared = list(islice((plain for plain in candidates if len(plain) <= MAX_LENGTH), MAX_COMPARED))
    for cutoff in (0.85, 0.7):
        near = difflib.get_close_matches(asked, compared, n=1, cutoff=cutoff)
        if near:
            return candidates[near[0]]
        begins = max(
            (plain for plain in candidates if len(plain) > 2 and asked.startswith(plain)), key=len, default=None
        )
        if begins:
            return candidates[begins]
    begun = sorted(name for plain, name in candidates.items() if len(asked) > 2 and plain.startswith(asked))
    return begun[0] if begun else None


def did_you_mean(wrong: str, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """A hint: the suggestion if there is one, else all names."""
    names = list(names)
    suggestion = suggest(wrong, names, aliases)
    if suggestion is not None:
        return f"did you mean {suggestion}?"
    return valid_names(names)


def valid_names(names: Sequence[str]) -> str:
    """A hint that lists the names, up to `MAX_LISTED`; empty if there is none."""
    if len(names) == 1:
        return f"the only valid name is {names[0]}"
    more = ", ..." if len(names) > MAX_LISTED else ""
    return "valid names are " + ", ".join(names[:MAX_LISTED]) + more if names else ""


def plain(name: str) -> str:
    """A name in the form that is compared: its letters and digits, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
