"""configs of other programs: cases of the tests and examples of the dialects, with values, keys and facts changed"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from test_cases import CASES, HERE, Case

from fuzz import command, verbs
from fuzz.case import Data, Fault
from fuzz.config_outcome import COST, judge, judge_read
from fuzz.kinds.logs import PLANS
from fuzz.mutate import NUMBERS, WORDS, YAML, latin, mutated, nasty
from lrviz.configs.facts import FACTS, Given
from lrviz.configs.registry import DIALECTS, LISTED
from lrviz.configs.settings import parse_data
from lrviz.duration import parse_duration
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text.document import node_of

VALUES = [
    "null", "~", "", '""', "[]", "{}", "[1, 2]", "[[1]]", "[null]", "{a: 1}", '{"a": 1}', "{type: StepLR}", "true",
    "no", "5e-5", '"1e-3"', "0", "-1", "1", "2", "3.7", "0.03", "1.5", "1e308", "1e400", "-1e-3", "nan", ".nan",
    "NaN", "inf", ".inf", "Infinity", "9" * 30, "1" * 5000, "${a.b}", "${oc.env:HOME}", "${learning_rate}", "???",
    "None", "auto", "!!python/object:os.system x", "!tag x", "*a", "&a 1", "&a [*a]", "'", "10%", "5ep", "100ba",
    "1ba", "2**70", "dict()", "dict(type='StepLR')", "lambda x: x", "1 / 0", "f()", "os.environ['X']", "(1, 2)",
    "$LR", "$(nproc)", "1_000", "0x10", "cosine", "linear", "constant", "polynomial", "reduce_lr_on_plateau",
    "CosineAnnealingLR", "torch.optim.SGD", "adamw", "../x.yaml", "config.yaml", "/etc/passwd", ".", "1970-01-01",
    "1:30", "\ufeff", "\t",
]  # fmt: skip

_ENTRY = re.compile(rb'(?P<key>["\']?[A-Za-z_][\w.-]*["\']?)(?P<sep>[ \t]*[:=][ \t]*|[ \t]+)(?P<value>[^\n,}\])\\]*)')


class Fed(NamedTuple):
    """A config as it is fed: files by name, which of them is named, and what the user adds."""

    files: Mapping[str, bytes]
    entry: str
    facts: Mapping[str, object]
    overrides: tuple[str, ...] = ()


# --- what is fed -----------------------------------------------------------------------------------------------------


def draw(rng: Random) -> Data:
    fed = rng.choice(_all_fed())
    files = dict(fed.files)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
        name = fed.entry if rng.random() < 0.8 else rng.choice(sorted(files))
        files[name] = rng.choice(_CHANGES)(rng, files[name])
    facts, overrides = _facts(rng, fed.facts), list(fed.overrides)
    if rng.random() < 0.1:
        overrides.append(_override(rng, fed))
    data: Data = {
        "files": {name: latin(content) for name, content in files.items()},
        "entry": fed.entry if rng.random() < 0.97 else _renamed(rng, fed.entry, files),
        "facts": facts,
        "overrides": overrides,
        "from": rng.choice([*DIALECTS]) if rng.random() < 0.05 else "",
        "length": rng.choice([["epochs", 3], ["steps", 50], ["steps", "1e6 tokens"], ["epochs", 10**12]])
        if rng.random() < 0.1
        else [],
        "installed": rng.random() < 0.5,
    }
    if data["entry"] not in data["files"]:
        data["files"][data["entry"]] = data["files"].pop(fed.entry)
    if rng.random() < 0.15:
        data["argv"] = verbs.reading(rng, data["entry"])
    return data


def _renamed(rng: Random, entry: str, files: Mapping[str, bytes]) -> str:
    stem = entry.rpartition(".")[0]
    return stem + rng.choice([".yaml", ".json", ".toml", ".py", ".sh", ".md", ".txt", ""])


@cache
def _all_fed() -> list[Fed]:
    return [*map(_of_case, CASES), *_examples()]


def _of_case(case: Case) -> Fed:
    """The files of a case, as they stand in its folder: of a lone file those with its name."""
    folder = case.file.parent
    while folder.parent.parent != HERE and folder.parent != HERE:
        folder = folder.parent
    if folder.parent == HERE:
        found, root = folder.glob(f"{case.file.stem}.*"), folder
    else:
        found, root = folder.rglob("*"), folder.parent
    files = {path.relative_to(root).as_posix(): path for path in found if path.is_file()}
    content = {name: path.read_bytes() for name, path in files.items() if not name.endswith((".csv", ".facts.yaml"))}
    return Fed(content, case.file.relative_to(root).as_posix(), case.facts, case.overrides)


def _examples() -> Iterator[Fed]:
    for dialect in DIALECTS.values():
        facts = {name: FACTS[name].example for name in dialect.facts if name in FACTS and name != "metric"}
        name = f"example{LISTED[dialect.name].suffixes[0]}"
        yield Fed({name: dialect.example.encode()}, name, facts)


# --- changes ---------------------------------------------------------------------------------------------------------


def _value(rng: Random, data: bytes) -> bytes:
    """Another value for a key."""
    new = rng.choice([*VALUES, *VALUES, nasty(rng)]).encode(errors="replace")
    return _at_entry(rng, data, lambda found: found["key"] + found["sep"] + new)


def _key(rng: Random, data: bytes) -> bytes:
    """Another key for a value: misspelt, of another dialect, or its own in another place."""
    new = rng.choice(_keys()).encode()

    def changed(found: re.Match[bytes]) -> bytes:
        key = found["key"].strip(b"\"'")
        other = rng.choice([key[:-1], key + b"s", key.upper(), new, new, key[1:]])
        return found["key"].replace(key, other or b"x") + found["sep"] + found["value"]

    return _at_entry(rng, data, changed)


def _added(rng: Random, data: bytes) -> bytes:
    """One more line of the file, with a key of any dialect."""
    line = f"{rng.choice(_keys())}{rng.choice([': ', ' = ', '='])}{rng.choice(VALUES)}".encode(errors="replace")
    lines = data.splitlines()
    at = rng.randrange(len(lines) + 1)
    indent = re.match(rb"[ \t]*", lines[at - 1] if at else b"")
    lines.insert(at, (indent[0] if indent else b"") + line)
    return b"\n".join(lines) + b"\n"


def _at_entry(rng: Random, data: bytes, change: Callable[[re.Match[bytes]], bytes]) -> bytes:
    found = [each for each in _ENTRY.finditer(data) if each["value"].strip()]
    if not found:
        return data
    chosen = rng.choice(found)
    return data[: chosen.start()] + change(chosen) + data[chosen.end() :]


def _bytes(rng: Random, data: bytes) -> bytes:
    return mutated(rng, data, [next(iter(each.files.values())) for each in _all_fed()], [*YAML, *VALUES])


def _large(rng: Random, data: bytes) -> bytes:
    """A part of the file many times: lines, brackets, keys."""
    many = rng.choice([30, 300, 3_000])
    lines = data.splitlines(keepends=True) or [b"\n"]
    at = rng.randrange(len(lines))
    new = rng.choice(
        [
            lines[at],
            b"".join(b"k%d: %d\n" % (number, number) for number in range(many // 2)),
            b"[" * many,
            b"{a: " * many,
            b"(" * many,
            b"${a" * many,
            b"- " * many,
            b"a." * many,
            b"+1" * many,
        ]
    )
    return b"".join([*lines[:at], new * (many if new == lines[at] else 1), *lines[at:]])


def _encoded(rng: Random, data: bytes) -> bytes:
    """The same text as other editors save it."""
    if rng.random() < 0.3:
        return data.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\n\t"]))
    text = data.decode(errors="replace")
    return text.encode(rng.choice(["utf-8-sig", "utf-16", "utf-16-be", "utf-32"]))


_CHANGES: list[Callable[[Random, bytes], bytes]] = [
    *[_value] * 8, *[_key] * 3, *[_added] * 3, *[_bytes] * 3, _large, _encoded,
]  # fmt: skip


@cache
def _keys() -> list[str]:
    """The keys of all dialects, and the last parts of their paths."""
    names = [part for each in DIALECTS.values() for key in each.keys for part in re.split(r",\s*", key.name)]
    return sorted({*names, *(name.rpartition(".")[2] for name in names)})


def _facts(rng: Random, facts: Mapping[str, object]) -> dict[str, object]:
    given = dict(facts)
    if rng.random() < 0.15 and given:
        del given[rng.choice(sorted(given))]
    if rng.random() < 0.15:
        name = rng.choice([*FACTS, "transformers", "deepspeed", "torch"])
        given[name] = rng.choice([*NUMBERS, *WORDS, "epoch", "5.23", "4.40", "sft", "m.csv:loss", "none"])
    return given


def _override(rng: Random, fed: Fed) -> str:
    key, value = rng.choice([*_keys(), "a", "optimizer", "trainer.max_epochs"]), rng.choice(VALUES)
    return rng.choice(
        [f"{key}={value}", f"--{key} {value}", f"+{key}={value}", f"~{key}", f"{key}", value, f"--{key}={value}"]
    )


# --- what it makes of it ---------------------------------------------------------------------------------------------


def run(data: Data) -> None:
    with TemporaryDirectory(prefix="lrviz-fuzz-") as folder, _inside(Path(folder)):
        for name, text in data["files"].items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("latin-1"))
        read = _read(data)
        if (once := _told(read)) != (again := _told(_read(data))):
            raise Fault(f"the same input has two outcomes\n{once}\n{again}")
        if isinstance(read, ScheduleError):
            for problem in read.problems:
                judge(problem, data)
            cost = 0
        else:
            for schedule in read:
                judge_read(schedule, data)
            cost = max(schedule.run.calls * len(schedule.optimizer.groups) for schedule in read)
    if "argv" in data and cost <= COST:
        more = [text for name, value in data["facts"].items() for text in ("--data", f"{name}={value}")]
        more += [f"--override={text}" for text in data["overrides"]]
        argv = [*data["argv"], *(argument.replace("\x00", "") for argument in more if data["argv"][0] != "diff")]
        command.run({"files": {"s.yaml": PLANS[0], **data["files"]}, "argv": argv})


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    kept = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(kept)


def _read(data: Data) -> list[Schedule] | ScheduleError:
    try:
        facts = {name: value for name, value in data["facts"].items() if isinstance(value, str)}
        nodes = {name: node_of(value, Position(f"--data {name}")) for name, value in data["facts"].items()}
        nodes |= parse_data(f"{name}={value}" for name, value in facts.items())
        given = Given(nodes, data["from"], tuple(data["overrides"]), installed=data["installed"])
        length = _length(*data["length"]) if data["length"] else None
        return load_file(data["entry"], length, given=given)
    except ScheduleError as error:
        return error


def _length(unit: str, value: int | str) -> Length:
    if unit == "epochs":
        return Length(epochs=int(value))
    return Length(steps=parse_duration(value) if isinstance(value, str) else value)


def _told(read: list[Schedule] | ScheduleError) -> list[str]:
    """An outcome as text that is the same for the same outcome."""
    if isinstance(read, ScheduleError):
        return [*map(str, read.problems)]
    return [f"{each.imported} {each.run} {each.optimizer} {[*map(str, each.remarks)]}" for each in read]
