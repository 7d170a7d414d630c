"""two versions of a schedule file, of which git has the first, and the review of the change and of its reverse"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from fuzz import command
from fuzz.case import Data, Fault
from fuzz.mutate import latin, mutated, schedule_files
from lrviz.errors import ScheduleError
from lrviz.loading import load_text

COST = 60_000
"""No more learning rates than these are simulated on either side."""

FORMATS = ("text", "markdown", "json", "github")
SAFE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def draw(rng: Random) -> Data:
    files = schedule_files()
    old = rng.choice(files)
    new = mutated(rng, old, files)
    if rng.random() < 0.5:  # a digit is another one: most of such files are still schedules
        places = [at for at, byte in enumerate(old) if chr(byte).isdigit()]
        at = rng.choice(places or [0])
        new = old[:at] + rng.choice("0123456789").encode() + old[at + 1 :]
    if rng.random() < 0.2:
        old = mutated(rng, old, files)
    return {"old": latin(old), "new": latin(new), "format": rng.choice(FORMATS)}


def run(data: Data) -> None:
    """Reviews the change in a format, and in JSON there and back, of which one has come what has gone in the other."""
    texts = [data[side].encode("latin-1") for side in ("old", "new")]
    if any(map(_is_long, texts)):
        return
    argv = ["review", "--format", data["format"]]
    command.judge(argv, _reviewed(argv, *texts))
    as_json = ["review", "--format", "json"]
    there, back = (_reviewed(as_json, *sides) for sides in (texts, texts[::-1]))
    for outcome in (there, back):
        command.judge(as_json, outcome)
    if {there.status, back.status} <= {0, 1}:
        _compare(*(json.loads(outcome.out) for outcome in (there, back)))


def _is_long(text: bytes) -> bool:
    try:
        schedules = load_text(text, "s.yaml")
    except ScheduleError:
        return False
    return sum(each.run.calls * len(each.optimizer.groups) for each in schedules) > COST


def _reviewed(argv: list[str], old: bytes, new: bytes) -> command.Outcome:
    with TemporaryDirectory(prefix="lrviz-fuzz-") as folder:
        file = Path(folder, "s.yaml")
        file.write_bytes(old)
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "old"]):
            git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
            subprocess.run([*git, *words], cwd=folder, env={**os.environ, **SAFE}, check=True)
        file.write_bytes(new)
        return command.lrviz(argv, Path(folder), env=SAFE)


def _compare(there: Any, back: Any) -> None:
    """Raises `Fault` unless each side of a review is the other one of its reverse."""
    sides = ({each["schedule"]: each for each in page["schedules"]} for page in (there, back))
    first, second = sides
    if there["unread"] or back["unread"]:
        return
    if first.keys() != second.keys():
        raise Fault(f"a review and its reverse name other schedules: {sorted(first)}, {sorted(second)}")
    for name, one in first.items():
        other = second[name]
        if (one["old"], one["new"]) != (other["new"], other["old"]):
            raise Fault(f"the sides of {name!r} do not change places in the reverse\n{one}\n{other}")
        for this, that in (("came", "went"), ("went", "came")):
            if _said(one[this]) != _said(other[that]):
                raise Fault(f"of {name!r}, what {this} is not what {that} in the reverse\n{one}\n{other}")


def _said(findings: Any) -> list[tuple[str, str]]:
    return sorted((each["code"], each["message"]) for each in findings)
