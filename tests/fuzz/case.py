"""One input, the file that reproduces it, and the exception for an outcome that is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

Data = dict[str, Any]
"""What JSON can hold. Bytes are text in Latin-1, a character a byte."""


class Fault(Exception):  # noqa: N818 - the fault is lrviz's
    """An outcome that is wrong; the first line says what kind of fault it is."""


@dataclass(frozen=True)
class Case:
    """An input of a kind; `fault` is the first line of what is wrong with it, once that is known."""

    kind: str
    data: Data
    fault: str = ""

    @property
    def size(self) -> int:
        """Characters of the input."""
        return len(json.dumps(self.data))

    @classmethod
    def read(cls, file: Path) -> Case:
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    def file_in(self, folder: Path) -> Path:
        """Where a case with this fault is written; further cases with the same fault have the same name."""
        return folder / f"{self.kind}-{sha256(self.fault.encode()).hexdigest()[:8]}.json"

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        file = self.file_in(folder)
        content = {"kind": self.kind, "fault": self.fault, "data": self.data}
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return file

    def smaller(self) -> list[Case]:
        """The case without some lines of one of its texts: halves first, then quarters, and so on."""
        return [replace(self, data=data) for data in _cut(self.data)]


def _cut(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [{**value, key: less} for key, inside in value.items() for less in _cut(inside)]
    if isinstance(value, list):
        return [[*value[:at], less, *value[at + 1 :]] for at, inside in enumerate(value) for less in _cut(inside)]
    lines = value.splitlines(keepends=True) if isinstance(value, str) else []
    found, length = [], len(lines)
    while length > 1:
        length = (length + 1) // 2
        found += ["".join(lines[:at] + lines[at + length :]) for at in range(0, len(lines), length)]
    return found
