"""What somebody may have meant by a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


def suggest(wrong: str, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The one of `names` that `wrong` most likely stands for, or None.

    Case and separators do not count (`steplr`, `T_Max`, `cosine-annealing`); an alias leads to the name
    it belongs to (`cosine`), whether it is met exactly, nearly, or as the beginning of a longer name.
    """
    candidates = {plain(name): name for name in names}
    for alias, name in (aliases or {}).items():
        if name in candidates.values():
            candidates.setdefault(plain(alias), name)
    asked = plain(wrong)
    if asked in candidates:
        return candidates[asked]
    for cutoff in (0.85, 0.7):
        near = difflib.get_close_matches(asked, candidates, n=1, cutoff=cutoff)
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
    """A hint: the suggestion where there is one, else the names that there are."""
    names = list(names)
    suggestion = suggest(wrong, names, aliases)
    if suggestion is not None:
        return f"did you mean {suggestion}?"
    return "there is " + ", ".join(names) if names else ""


def plain(name: str) -> str:
    """A name as names are compared here: letters and digits, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
