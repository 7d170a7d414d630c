"""A shell script -> the commands in it, split into words as the shell would, each with its place. Nothing runs.

`$NAME` is replaced where the script assigns it a literal before; a word with anything else that only the shell knows
(`$1`, `$(date)`, a variable of the environment) keeps it as text, `$` included. What a loop, a condition or a function
assigns counts inside of it alone. The shlex of the standard library says no places, and not what was in quotes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from lrviz.configs.text.word import Word, Words, closing
from lrviz.errors import Position, ScheduleError

MAX_EXPANDED: Final = 1_000_000
"""Characters that variables may add to a script."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_BRACED = re.compile(r"\$\{([A-Za-z_]\w*)(\[[@*]\])?\}")
_REDIRECT = re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|<&|<|>>|>&|>\||>)")
_OPERATOR = re.compile(r"&&|\|\||;;|[;|&()\n]")
_DECLARING: Final = ("export", "declare", "local", "readonly", "typeset")
_OPENING: Final = ("if", "for", "while", "until", "case", "select", "{", "function")
_CLOSING: Final = ("fi", "done", "esac", "}")
_BETWEEN: Final = ("then", "else", "elif", "do", "!", "time")


class Script:
    """The text of a script; `commands` runs through it once."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self.variables: dict[str, Sequence[Word]] = {}
        self.blocks: list[set[str]] = []
        self.expanded = 0
        self.here_documents: list[str] = []

    def position(self, offset: int) -> Position:
        """The line and column, both from 1, of an offset in the text."""
        line = bisect_right(self.lines, offset)
        return Position(self.file, line, offset - self.lines[line - 1] + 1)

    def commands(self) -> Iterator[list[Word]]:
        """The words of each simple command, without keywords and assignments before it."""
        words: list[Word] = []
        maybe = False
        for token in self._tokens():
            if isinstance(token, Word):
                words.append(token)
                continue
            found = self._run(words, maybe=maybe)
            maybe = token in ("&&", "||") and bool(found or maybe)
            if found:
                yield found
            words = []

    # --- variables -------------------------------------------------------------------------------------------------

    def _run(self, words: list[Word], *, maybe: bool) -> list[Word]:
        """A command without what the shell itself does with it: keywords, and assignments, which are remembered.

        What runs only `maybe`, after `&&` or `||`, leaves its names unknown.
        """
        while words and words[0].text in (*_OPENING, *_CLOSING, *_BETWEEN):
            keyword = words.pop(0).text
            if keyword in _OPENING:
                self.blocks.append(set())
            elif keyword in (*_CLOSING, "else", "elif") and self.blocks:
                for name in self.blocks[-1]:
                    self.variables.pop(name, None)
                self.blocks[-1].clear()
                if keyword in _CLOSING:
                    self.blocks.pop()
            if keyword in ("for", "select", "case", "function"):
                self._forget([words[0].text] if words else [])
                return []
        assigned = 0
        while assigned < len(words) and _ASSIGNMENT.match(words[assigned].text):
            assigned += 1
        if assigned == len(words) or words[0].text in _DECLARING:
            self._assign([word for word in words if _ASSIGNMENT.match(word.text)], maybe=maybe)
        elif words[0].text in ("unset", "read"):
            self._forget(word.text for word in words[1:])
        else:
            return words[assigned:]
        return []

    def _assign(self, words: Sequence[Word], *, maybe: bool) -> None:
        for word in words:
            match = _ASSIGNMENT.match(word.text)
            assert match is not None
            name, more = match.groups()
            value = Word(word.text[match.end() :], word.places[match.end() :], word.offset(match.end()))
            before = self.variables.get(name) if more else ()
            known = word.members if word.members is not None else (value,)
            if maybe or before is None or (more and word.members is None):
                self.variables.pop(name, None)
            else:
                self.variables[name] = (*before, *known)
            for block in self.blocks[-1:]:
                block.add(name)

    def _forget(self, names: Sequence[str] | Iterator[str]) -> None:
        for name in names:
            self.variables.pop(name, None)

    # --- words -----------------------------------------------------------------------------------------------------

    def _tokens(self) -> Iterator[Word | str]:
        """Words, and the operators between commands. Variables are looked up as they stand at that point."""
        text, at, length = self.text, 0, len(self.text)
        while at < length:
            letter = text[at]
            if letter in " \t\r":
                at += 1
            elif text.startswith(("\\\n", "\\\r\n"), at):
                at = text.index("\n", at) + 1
            elif letter == "#":
                at = self._line_end(at)
            elif redirect := _REDIRECT.match(text, at):
                at = self._redirected(redirect)
            elif operator := _OPERATOR.match(text, at):
                yield operator[0]
                at = operator.end()
                if operator[0] == "\n":
                    at = self._after_here_documents(at)
            else:
                words, at = self._word(at)
                yield from words
        yield "\n"

    def _line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return found if found >= 0 else len(self.text)

    def _redirected(self, redirect: re.Match[str]) -> int:
        """The offset after the file of a redirection; a here-document is left out where its line ends."""
        at = redirect.end()
        while at < len(self.text) and self.text[at] in " \t":
            at += 1
        words, at = self._word(at)
        if redirect[0].endswith(("<<", "<<-")) and words:
            self.here_documents.append(words[0].text)
        return at

    def _after_here_documents(self, at: int) -> int:
        for end in self.here_documents:
            while at < len(self.text):
                line = self.text[at : self._line_end(at)].strip()
                at = min(len(self.text), self._line_end(at) + 1)
                if line == end:
                    break
        self.here_documents = []
        return at

    def _word(self, at: int, *, in_array: bool = False) -> tuple[list[Word], int]:
        """The word that begins here, and the offset after it; several, or none, where a variable is taken apart.

        A member of an array is no array.
        """
        text, length = self.text, len(self.text)
        words = Words(at)
        while at < length:
            letter = text[at]
            if letter in " \t\r\n;|&<>)":
                break
            if letter == "(":
                if in_array or not _ASSIGNMENT.fullmatch("".join(words.text)):
                    break
                members, at = self._array(at + 1)
                return words.end(at, members), at
            if text.startswith(("\\\n", "\\\r\n"), at):
                at = text.index("\n", at) + 1
            elif letter == "\\":
                words.add(text[at + 1 : at + 2], range(at + 1, min(at + 2, length)))
                at += 2
            elif letter == "'":
                end = text.find("'", at + 1)
                end = end if end >= 0 else length
                words.add(text[at + 1 : end], range(at + 1, end))
                at = end + 1
            elif letter == '"':
                at = self._quoted(at + 1, words)
            elif letter in "$`":
                values, at = self._expansion(at)
                self._split(values, words)
            else:
                words.add(letter, [at])
                at += 1
        return words.end(at), at

    def _quoted(self, at: int, words: Words) -> int:
        """Reads on to the closing double quote; only `"${NAME[@]}"` gives several words."""
        words.begun = True
        while at < len(self.text) and self.text[at] != '"':
            letter = self.text[at]
            if letter == "\\" and self.text[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
                if self.text[at + 1] != "\n":
                    words.add(self.text[at + 1], [at + 1])
                at += 2
            elif letter in "$`":
                values, at = self._expansion(at)
                for index, value in enumerate(values):
                    if index:
                        words.end(value.start)
                    words.add(value.text, value.places)
            else:
                words.add(letter, [at])
                at += 1
        return at + 1

    def _array(self, at: int) -> tuple[tuple[Word, ...], int]:
        """The members of `NAME=( ... )`, and the offset after it."""
        members: list[Word] = []
        while at < len(self.text) and self.text[at] != ")":
            if self.text[at] == "#":
                at = self._line_end(at)
            elif self.text[at] in " \t\r\n;|&<>":
                at += 1
            elif self.text.startswith(("\\\n", "\\\r\n"), at):
                at = self.text.index("\n", at) + 1
            else:
                words, after = self._word(at, in_array=True)
                members += words
                at = max(after, at + 1)
        return tuple(members), at + 1

    def _split(self, values: Sequence[Word], words: Words) -> None:
        """Adds what stands for an unquoted variable: blanks in it end words."""
        for index, value in enumerate(values):
            if index or value.text[:1].isspace():
                words.end(value.start)
            for number, piece in enumerate(re.finditer(r"\S+", value.text)):
                if number:
                    words.end(value.offset(piece.start()))
                if not words.begun:
                    words.begin(value.offset(piece.start()))
                words.add(piece[0], value.places[piece.start() : piece.end()])

    def _expansion(self, at: int) -> tuple[Sequence[Word], int]:
        """What a `$` or a backquote stands for, and the offset after it: itself, if the script does not say."""
        text = self.text
        match = _BRACED.match(text, at)
        name, end = (match[1], match.end()) if match else ("", at + 1)
        if not match and text[at] == "$" and (plain := _NAME.match(text, at + 1)):
            name, end = plain[0], plain.end()
        elif not match:
            end = closing(text, at)
        known = self.variables.get(name)
        if known is None:
            shown = text[at:end] if not re.search(r"\s", text[at:end]) else f"{text[at : at + 2]}...{text[end - 1]}"
            return (Word(shown, (at,) * len(shown), at),), end
        self.expanded += sum(len(word.text) for word in known)
        if self.expanded > MAX_EXPANDED:
            raise ScheduleError.at(self.position(at), "the variables of this script make it larger than 1 MB")
        return known, end
