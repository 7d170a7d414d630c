"""What an unquoted scalar means to the reader of a program: the families of YAML.

A family is a function from the text to None, a bool, an int, a float or the text itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from lrviz.number import check_length, integer
from lrviz.schedule.text.document import resolve

Scalars: TypeAlias = Callable[[str], Any]

CORE: Scalars = resolve
"""The core schema of YAML 1.2: ours, ruamel's, and JSON's."""

_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
for _yes, _no in (("yes", "no"), ("true", "false"), ("on", "off")):
    for _word, _value in ((_yes, True), (_no, False)):
        _WORDS |= {_word: _value, _word.capitalize(): _value, _word.upper(): _value}
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_ANY_EXPONENT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)"
)


def yaml11(text: str) -> Any:
    """PyYAML: YAML 1.1, where a float needs a dot and a signed exponent: `5e-5` and `1.0e5` are text."""
    return _read(text, _FLOAT)


def omegaconf(text: str) -> Any:
    """OmegaConf, and jsonargparse: YAML 1.1 with floats as everyone writes them."""
    return _read(text, _ANY_EXPONENT)


def yacs(text: str) -> Any:
    """yacs and fvcore: PyYAML, and text that is a Python literal is what it says: `1e-3`, `(60000, 80000)`."""
    value = yaml11(text)
    if isinstance(value, str) and text[:1] in tuple("([{'\"-+.0123456789") and len(text) <= 10_000:
        try:
            read = ast.literal_eval(text)
            return read if isinstance(read, tuple | list | dict | str | int | float) else value
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return value
    return value


def _read(text: str, floats: re.Pattern[str]) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    check = text.replace("_", "")
    if _INT.fullmatch(text):
        sign, digits = ("-", check[1:]) if check[:1] == "-" else ("", check.removeprefix("+"))
        base = {"0b": 2, "0x": 16}.get(digits[:2], 8 if digits[:1] == "0" and len(digits) > 1 else 10)
        return integer(sign + (digits[2:] if base in (2, 16) else digits), base)
    if floats.fullmatch(text):
        check_length(text)
        return float(check)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "", 1))
    if _SEXAGESIMAL.fullmatch(text):
        check_length(text)
        total = 0.0
        for part in check.lstrip("+-").split(":"):
            total = total * 60 + float(part or 0)
        total = -total if text[0] == "-" else total
        return total if "." in text else int(total)
    return text
