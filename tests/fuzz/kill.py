"""Ends lrviz at random moments, and looks at what it leaves: `python -m tests.fuzz.kill --rounds 200`.

In each round one verb is killed (SIGKILL) and one is interrupted (Ctrl-C, or SIGTERM), each in a folder of its own; a
verb that writes half of the time at the moment in which a new file appears.
Right is: every file that the verb writes is the old one or the new one, whole; no other file has changed; only a killed
verb leaves its temporary file; an interrupted one ends with 130 or 143, without a traceback; no process is left behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from lrviz.cli.writing import TEMPORARY

ROOT = Path(__file__).parent.parent.parent

SCHEDULE = """\
epochs: 40
steps_per_epoch: 500
interval: step
optimizer: {lr: 0.1}
scheduler: [{type: LinearLR, start_factor: 0.1, for: 5 epochs}, {type: CosineAnnealingLR}]
expect: {snapshot: curve.csv}
"""

COMMANDS = [
    "plot s.yaml -o x.png",
    "plot s.yaml -o x.svg",
    "plot s.yaml -o x.pdf",
    "plot s.yaml -o x.html",
    "plot s.yaml",
    "check s.yaml --update",
    "check many --format junit",
    "diff s.yaml t.yaml -o x.svg",
    "init",
    "init resnet50 -o x.yaml",
    "schema -o lrviz.schema.json",
    "solve optimizer.lr --target max=0.3 s.yaml",
    "table s.yaml --by step",
    "stats many",
    "at 50% s.yaml",
    "when lr<0.01 s.yaml",
    "explain s.yaml",
    "code s.yaml -o x.py",
    "resume --at 50% s.yaml -o x.png",
    "train s.yaml --problem quadratic --length 2 -o x.png",
    "schedulers",
]
"""Every verb, those that write several times."""

SIGNALS = {"SIGKILL": -signal.SIGKILL, "SIGINT": 130, "SIGTERM": 143}
"""With what status a verb ends that does not end by itself before."""

Files = dict[str, bytes]


class Whole(NamedTuple):
    """What a command does that is left alone: the files before and after, its status and how long it takes."""

    before: Files
    after: Files
    status: int
    seconds: float


class Ended(NamedTuple):
    """What a signal left. `late` if the command had ended before it came, `orphans` if processes of it live on."""

    status: int
    err: str
    files: Files
    late: bool
    orphans: bool


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.kill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200, help="kills, and as many interrupts (default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = Random(given.seed)
    whole = {command: left_alone(command) for command in COMMANDS}
    seen: Counter[tuple[str, str, str]] = Counter()
    faults = []
    for number in range(2 * given.rounds):
        command = COMMANDS[number // 2 % len(COMMANDS)]
        name = "SIGKILL" if number % 2 else rng.choice(["SIGINT", "SIGTERM"])
        at_write = whole[command].before != whole[command].after and rng.random() < 0.5
        ended = interrupted(command, name, None if at_write else rng.random() * 1.1 * whole[command].seconds)
        wrong = list(judged(name, whole[command], ended))
        faults += [f"{name} {command}: {each}" for each in wrong]
        saw = "FAULT" if wrong else what_was_seen(name, ended)
        seen[command.split()[0], name, saw] += 1
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {2 * given.rounds}, {len(faults)} faults", end="", file=sys.stderr, flush=True)
    report(seen, faults)
    return 1 if faults else 0


def left_alone(command: str) -> Whole:
    with TemporaryDirectory() as folder:
        before = prepared(Path(folder))
        began = time.monotonic()
        status = started(command, Path(folder)).wait()
        return Whole(before, files_of(Path(folder)), status, time.monotonic() - began)


def interrupted(command: str, name: str, after: float | None) -> Ended:
    """Sends a signal so many seconds after the start; with None, as soon as a new file appears.

    Ctrl-C reaches every process, as from a terminal.
    """
    with TemporaryDirectory() as folder:
        prepared(Path(folder))
        process = started(command, Path(folder))
        if after is None:
            _wait_for_a_file(process, Path(folder))
        else:
            time.sleep(after)
        late = process.poll() is not None
        if not late:
            send = os.killpg if name == "SIGINT" else os.kill
            with suppress(ProcessLookupError):
                send(process.pid, signal.Signals[name])
        _, err = process.communicate(timeout=60)
        orphans = not _group_ends(process.pid)
        return Ended(process.returncode, err.decode(errors="replace"), files_of(Path(folder)), late, orphans)


def _wait_for_a_file(process: subprocess.Popen[bytes], folder: Path) -> None:
    known = set(os.listdir(folder))
    while process.poll() is None and not set(os.listdir(folder)) - known:
        time.sleep(0.0002)


def judged(name: str, whole: Whole, ended: Ended) -> list[str]:
    """What is wrong with what a signal left."""
    wrong = []
    for file in sorted({*whole.before, *whole.after, *ended.files}):
        content = ended.files.get(file)
        if is_temporary(file):
            if name != "SIGKILL":
                wrong.append(f"{file} is left behind")
        elif content not in (whole.before.get(file), whole.after.get(file)):
            wrong.append(f"{file} is neither the old nor the new one: {len(content or b'')} bytes")
    if ended.orphans:
        wrong.append("processes are left behind")
    if not too_early(name, ended):
        if ended.status not in (SIGNALS[name], whole.status):
            wrong.append(f"status {ended.status}: {ended.err[-300:]}")
        if "Traceback" in ended.err:
            wrong.append(f"a traceback: {ended.err[-1000:]}")
    return wrong


def too_early(name: str, ended: Ended) -> bool:
    """True if Python itself was still starting, whose traceback of Ctrl-C names no file of lrviz."""
    by_python = ended.status == -signal.Signals[name] or (ended.status == 1 and "KeyboardInterrupt" in ended.err)
    return name != "SIGKILL" and by_python and "lrviz" not in ended.err


def what_was_seen(name: str, ended: Ended) -> str:
    if ended.late:
        return "had ended"
    if too_early(name, ended):
        return "Python was starting"
    return "left a temporary file" if any(map(is_temporary, ended.files)) else "ended by it"


def is_temporary(file: str) -> bool:
    return TEMPORARY.fullmatch(Path(file).name) is not None


def prepared(folder: Path) -> Files:
    """The folder that every command finds: schedules, older outputs, and files of others."""
    (folder / "s.yaml").write_text(SCHEDULE, encoding="utf-8")
    (folder / "t.yaml").write_text(SCHEDULE.replace("0.1}", "0.2}").replace("expect", "# "), encoding="utf-8")
    shutil.copytree(ROOT / "schedules" / "generative", folder / "many")
    for name in ("x.svg", "lrviz.schema.json", "curve.csv"):
        (folder / name).write_text("the old one\n", encoding="utf-8")
    (folder / "notes.txt").write_text("of somebody else\n", encoding="utf-8")
    return files_of(folder)


def started(command: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "lrviz", *command.split()],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "LRVIZ_DEBUG"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_attentive,
    )


def _attentive() -> None:
    """A command started in the background of a shell would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def files_of(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _group_ends(group: int) -> bool:
    """True if every process of the group ends within 10 seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


def report(seen: Counter[tuple[str, str, str]], faults: list[str]) -> None:
    """A row for each verb and signal, with how often each outcome was seen."""
    for verb, name in sorted({(verb, name) for verb, name, _ in seen}):
        outcomes = {saw: count for (*key, saw), count in seen.items() if key == [verb, name]}
        print(f"{verb:<12}{name:<9}" + ", ".join(f"{count} {saw}" for saw, count in sorted(outcomes.items())))
    total = Counter(name for _, name, _ in seen.elements())
    print(", ".join(f"{count} {name}" for name, count in sorted(total.items())) + f": {len(faults)} faults")
    for fault in faults:
        print(f"\n{fault}")


if __name__ == "__main__":
    sys.exit(main())
