"""Text that is not ours, made safe to print.

Names of files, schedules, param groups and columns, arguments, and the words of torch, the system, a parser or a user's
class may hold anything. On its way to a terminal, a picture or a report, each such text passes through this module
once or more (what is escaped stays as it is), so that it can neither move the cursor nor hide or reorder what is beside
it, nor begin a line of its own, nor speak to the CI system that reads the output.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

HIDDEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of control and format characters, lone surrogates, and separators of lines and paragraphs."""

JOINERS: Final = "\u200c\u200d"
"""Format characters that words of some scripts and emoji need, and that move nothing."""

NOT_IN_XML: Final = "\ufffe\uffff"
"""The only characters of no hidden category that XML 1.0 does not allow."""

_BRACKET = r"(?<=#)#(?=\w*\[)"

_COMMAND = re.compile(rf"^\s*:|(?<=:):|{_BRACKET}")
"""Each match ends in the character that, escaped, keeps a text from being a command of a CI system.

GitHub reads a line that begins with `::` after blanks, and `##[` anywhere in a line; Azure Pipelines `##vso[`, TeamCity
`##teamcity[`. The first colon of a text is escaped too, since what stands before it or after it may be a colon of ours.
"""

_FORMULA: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
"""The characters with which a formula of a spreadsheet begins, also in the width of CJK letters."""

_MARKDOWN = re.compile(r"[\\`*<>|~$&]|\](?=[(\[])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown may take for markup; an underscore only where it is not inside of a word."""


def visible(text: str, keep: str = "") -> str:
    """A text with its hidden characters escaped as in Python, except those in `keep`.

    >>> print(visible("loss\\u202e\\x07"))
    loss\\u202e\\x07
    """
    if text.isprintable():
        return text
    return "".join(letter if letter in keep else _visible(letter) for letter in text)


def escaped(text: str) -> str:
    """A text for one line of output: its hidden characters and line breaks, and commands to CI systems, are escaped.

    >>> print(escaped("a\\n::error::b"), escaped("##[group]"))
    a\\n:\\x3aerror:\\x3ab #\\x23[group]
    """
    if text.isprintable() and _COMMAND.search(text) is None:
        return text
    return "".join(pieces(text))


def pieces(text: str) -> list[str]:
    """The text that stands for each character in `escaped(text)`."""
    found = list(map(_visible, text))
    for match in _COMMAND.finditer(text):
        found[match.end() - 1] = f"\\x{ord(text[match.end() - 1]):02x}"
    return found


def _visible(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    if unicodedata.category(letter) in HIDDEN or letter in NOT_IN_XML:
        return letter.encode("unicode_escape").decode()
    return letter


# --- formats --------------------------------------------------------------------------------------------------


def csv_text(text: str) -> str:
    """A name as a cell of CSV: escaped, and after an apostrophe where a spreadsheet would take it for a formula.

    >>> csv_text("=1+1"), csv_text("cosine")
    ("'=1+1", 'cosine')
    """
    shown = escaped(text)
    return f"'{shown}" if shown.lstrip().startswith(tuple(_FORMULA)) else shown


def markdown_text(text: str) -> str:
    """A text as a cell of a table in Markdown, which is shown letter by letter.

    >>> print(markdown_text("lr_max|`a`"))
    lr_max\\|\\`a\\`
    """
    return _MARKDOWN.sub(r"\\\g<0>", escaped(text))


def json_text(data: Any, **options: Any) -> str:
    """Data as JSON in ASCII, which reads back to the same data, and is no command to a CI system.

    >>> json_text("##[group]")
    '"#\\\\u0023[group]"'
    """
    import json  # imported late: every message passes through this module, and few commands write JSON

    text = json.dumps(data, **options)
    return re.sub(_BRACKET, r"\\u0023", text) if "##" in text else text
