"""Files of many columns and few cells."""

from __future__ import annotations

import json
from pathlib import Path


def wide_csv(path: Path, size: int, name: str = "c", head: str = "") -> Path:
    """A CSV of `size` columns, `name0`, `name1`, ..., and `size` rows that fill only the first."""
    header = head + ",".join(f"{name}{index}" for index in range(size))
    path.write_text(header + "\n" + f"{'1,' * head.count(',')}1\n" * size)
    return path


def wide_jsonl(path: Path, size: int, name: str) -> Path:
    """JSON lines of `size` records, each with an lr, an epoch and a column of its own."""
    lines = (json.dumps({"lr": 0.1, "epoch": index, name.format(index // 2): index % 2}) for index in range(size))
    path.write_text("\n".join(lines) + "\n")
    return path
