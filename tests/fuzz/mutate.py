"""Material for random input: files that are in the tests, changes to bytes, and values that once broke something."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random

ROOT = Path(__file__).parent.parent.parent

NUMBERS = [
    "0", "-1", "1", "-0.0", "5e-324", "1e-320", "1e308", "1e400", "nan", ".nan", ".inf", "-inf", "null", "1_000",
    "1,000", "0x1F", "0b11", "1e-3", "1e2", "99.5", "2**63", "10**299", "10**400", "1/0", "9" * 25, "1" * 400,
    "7" * 5000, "0.1 + 0.2", "True", "1e", "1e+", ".", "-", "+5", " 7 ", "\u09ed", "½", "\uff11\uff10",
    "1.7976931348623157e308", "9223372036854775807",
]  # fmt: skip
LENGTHS = [
    "5 epochs", "2.5ep", "500 steps", "10%", "101%", "-1 epoch", "0 steps", "last", "end", "50 e", "1e3 steps",
    "1/3 epochs", "5  epochs ", "% ", "1e999 epochs", "9" * 400 + " steps", "1e-400%", "epochs", "5 epoch steps",
]  # fmt: skip
WORDS = [
    "", "x", "a/b", "../x", "~", "*", "[", "]", "{", "}", "[]", "{}", "a b", "é", "\u202ex", "\x1b[31mred\x1b[0m",
    "\x1b]0;t\x07", "::error::x", "  ::stop-commands::t", "##[error]x", "=1+1", "@x", "a\nb", "a\tb", "a\rb", "\x00",
    "\x85", "\u2028", "-", "--", "-q", "lr", "base", "none", "reached", "😀", "a" * 300, "%s", "{x}", "$HOME", "`x`",
    "<b>", "'", '"',
]  # fmt: skip
YAML = [
    "&a ", "*a", "<<: *a", "<<: [*a, *a]", "!!str ", "!!python/object:os.system ", "? ", "- ", ": ", "| ", "> ", "# ",
    "---\n", "...\n", "%YAML 1.1\n", "\t", "{", "}", "[", "]", ",", '"', "'", "\\", "\x00", "\ufeff", "for: 5 epochs",
    "from: base", "interval: step", "epochs: 3\n", "steps: 100\n", "scheduler: none\n", "type: StepLR", "step_size: 1",
    "lr_lambda: t", "repeat: 3", "schedules:\n", "expect: {at: {end: 0}}\n", "metric: 1 / (epoch + 1)\n",
    "metric: {file: m.csv, column: loss}\n", "snapshot: s.csv", "ignore: [cosine-climbs]\n",
    "optimizer: {type: AdamW, lr: 1e-3}\n", "groups: [{lr: 1}, {lr: 2}]",
]  # fmt: skip

_NUMBER = re.compile(rb"\d[\d.]*(?:e[+-]?\d+)?")


def latin(data: bytes | str) -> str:
    """Bytes as a case holds them."""
    return (data.encode(errors="surrogatepass") if isinstance(data, str) else data).decode("latin-1")


@cache
def files_of(*patterns: str) -> tuple[bytes, ...]:
    """The files of this repository that match, up to 20 KB each."""
    found = sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()})
    return tuple(path.read_bytes() for path in found if path.stat().st_size <= 20_000)


@cache
def schedule_files() -> tuple[bytes, ...]:
    """The gallery, and the schedules of tests that pass and that fail."""
    return files_of("schedules/*/*.yaml", "tests/**/positive/*.yaml", "tests/**/negative/*.yaml")


def nasty(rng: Random) -> str:
    """A value for any place."""
    return rng.choice(rng.choice([NUMBERS, NUMBERS, LENGTHS, WORDS]))


def mutated(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str] = YAML) -> bytes:
    """The data after a few random changes."""
    for _ in range(rng.choice([1, 1, 2, 3, 6])):
        data = rng.choice(_CHANGES)(rng, data, others, tokens)
    return data


_Change = Callable[[Random, bytes, Sequence[bytes], Sequence[str]], bytes]


def _flip(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice([*tokens, nasty(rng)]).encode(errors="replace") + data[at:]


def _number(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    start, end = rng.choice(found).span()
    return data[:start] + nasty(rng).encode(errors="replace") + data[end:]


def _cut(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice([1, 1, 5, 40]) :]


def _lines(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    """Drops, repeats or moves a line."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    line = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.choice([0, 1, 2, 2])):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b"".join(lines)


def _splice(rng: Random, data: bytes, others: Sequence[bytes], tokens: Sequence[str]) -> bytes:
    other = rng.choice(others) if others else b""
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


_CHANGES: list[_Change] = [_flip, _insert, _insert, _number, _number, _number, _cut, _lines, _lines, _splice]
