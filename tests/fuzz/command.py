"""Runs lrviz's command line in this process, in a folder of its own, and judges what comes out."""

from __future__ import annotations

import gc
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from fuzz.case import Data, Fault
from lrviz.cli import main as command_line

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029]")
"""Characters that steer a terminal, or change the order of others. Lines and tabs are lrviz's own."""

RUNNER = re.compile(r"^\s*::(?!(error|warning|notice) (title|file)=)|##\[", re.MULTILINE)
"""What GitHub's runner takes for a command, but for the annotations of `--format github`."""

ENVIRONMENT = {"LRVIZ_DEBUG": "1", "COLUMNS": "80", "LINES": "24"}
"""With `LRVIZ_DEBUG` the command line lets an exception through, so that its traceback can be written down."""


class Outcome(NamedTuple):
    status: int
    out: bytes
    err: bytes
    warned: list[str]


def run(data: Data) -> None:
    """Writes `files`, runs lrviz with `argv` and `stdin` beside them, and raises `Fault` for a wrong outcome."""
    with TemporaryDirectory(prefix="lrviz-fuzz-") as folder:
        for name, text in data.get("files", {}).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("latin-1"))
        outcome = lrviz(data["argv"], Path(folder), data.get("stdin", "").encode("latin-1"), data.get("env", {}))
    judge(data["argv"], outcome)


def lrviz(argv: Sequence[str], folder: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Outcome:
    """What `lrviz ARGV` gives in this folder."""
    out, err = BytesIO(), BytesIO()
    with _process(argv, folder, (BytesIO(stdin), out, err), {**ENVIRONMENT, **(env or {})}):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("ignore")
            for category in (RuntimeWarning, UserWarning):
                warnings.simplefilter("always", category)
            try:
                command_line.main()
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    return Outcome(status, out.getvalue(), err.getvalue(), [str(each.message) for each in warned])


def judge(argv: Sequence[str], outcome: Outcome) -> None:
    """Raises `Fault` unless the outcome is what any input may lead to."""
    shown = f"lrviz {' '.join(map(repr, argv))}\nstatus {outcome.status}\n"
    out, err = (stream.decode(errors="replace") for stream in (outcome.out, outcome.err))
    everything = f"{shown}{out}\n{err}"
    if outcome.status not in (0, 1, 2):
        raise Fault(f"status {outcome.status}: {' '.join(err.split())[:80]}\n{everything}")
    for words in ("Traceback (most recent call last)", "lrviz: internal error"):
        if words in out or words in err:
            raise Fault(f"prints {words!r}\n{everything}")
    if outcome.warned:
        raise Fault(f"Python warns: {outcome.warned[0]}\n{everything}")
    verb = argv[0] if argv else ""
    for name, text in ("standard output", out), ("standard error", err):
        if "-" in argv and name == "standard output":
            continue  # perhaps a picture
        raw = RAW.search(text)
        if raw and "always" not in argv:
            raise Fault(f"{verb} writes a raw character to {name}\n{raw[0]!r} in:\n{everything}")
        if RUNNER.search(text):
            raise Fault(f"{verb} writes what GitHub's runner takes for a command to {name}\n{everything}")


@contextmanager
def _process(
    argv: Sequence[str], folder: Path, streams: tuple[BytesIO, BytesIO, BytesIO], env: Mapping[str, str]
) -> Iterator[None]:
    """Gives this process arguments, folder, streams and environment, and takes all of them back."""
    kept = sys.argv, sys.stdin, sys.stdout, sys.stderr
    kept_folder, kept_environment = os.getcwd(), dict(os.environ)
    sys.argv = ["lrviz", *argv]
    sys.stdin, sys.stdout, sys.stderr = (TextIOWrapper(stream, encoding="utf-8") for stream in streams)
    os.environ.update(env)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(kept_folder)
        os.environ.clear()
        os.environ.update(kept_environment)
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.detach()
        sys.argv, sys.stdin, sys.stdout, sys.stderr = kept
        gc.unfreeze()
        gc.enable()
