"""Runs one input within limits of time and memory, and tells what is wrong with the outcome."""

from __future__ import annotations

import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fuzz import kinds
from fuzz.case import Case, Fault

SECONDS, SECONDS_A_BYTE = 10.0, 100e-6
"""Processor time that an input may take: for 100 KB twice as long as for nothing."""

MEGABYTES, BYTES_A_BYTE = 400, 1_000
"""How much an input may raise the largest memory that the process ever had."""

ADDRESSES = 4_000
"""Megabytes of addresses beyond those at the start, above which the system gives no more."""

SHRINKING = 3.0
"""Seconds for making an input smaller that has a fault."""


class TooLongError(BaseException):
    """Not an `Exception`, so that no handler of lrviz takes it for one of its own."""


class Found(NamedTuple):
    """A fault: the line that tells it from others, and all that is known."""

    key: str
    text: str


def attempt(case: Case) -> Found | None:
    """Runs a case; what is wrong, if anything."""
    before = _peak()
    try:
        with _time_limit(SECONDS + SECONDS_A_BYTE * case.size):
            kinds.ALL[case.kind].run(case.data)
    except TooLongError as error:
        return Found("takes too long", "".join(traceback.format_exception(error)))
    except Fault as error:
        return Found(str(error).splitlines()[0], str(error))
    except (Exception, SystemExit) as error:
        return Found(_where(error), "".join(traceback.format_exception(error)))
    more = _peak() - before
    if more > MEGABYTES * 1e6 + BYTES_A_BYTE * case.size:
        return Found("takes too much memory", f"{more / 1e6:,.0f} MB more than any input before it")
    return None


def shrink(case: Case, key: str) -> Case:
    """A case with the same fault and fewer lines."""
    until = time.monotonic() + SHRINKING
    smaller = True
    while smaller and not key.startswith("takes too"):
        smaller = False
        for candidate in case.smaller():
            if time.monotonic() > until:
                return case
            found = attempt(candidate)
            if found is not None and found.key == key:
                case, smaller = candidate, True
                break
    return case


def limit_addresses() -> None:
    """Makes an allocation beyond `ADDRESSES` fail in this process, instead of taking the machine's memory."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return  # only Linux tells how many there are
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ADDRESSES * 1_000_000,) * 2)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupts the block after so much processor time; waiting for something counts six times less."""

    def stop(*_: Any) -> None:
        raise TooLongError(f"more than {seconds:.1f} s")

    kept = {number: signal.signal(number, stop) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 6 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in kept.items():
            signal.signal(number, handler)


def _peak() -> int:
    """The largest memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _where(error: BaseException) -> str:
    """An exception by its type and the innermost line of lrviz in its traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/lrviz/" in frame.filename]
    place = f" in {frames[-1].filename.rpartition('/lrviz/')[2]}, {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}"
