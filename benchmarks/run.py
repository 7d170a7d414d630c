"""Measures what docs/performance.md says of speed: lrviz beside plain torch scripts that do the same work.

    python benchmarks/run.py            # prints a table, and the limits
    python benchmarks/run.py --write    # and writes it into docs/performance.md

Every time is the median over whole processes; lrviz and the plain script take turns, so that both see the same load.
The peak memory of the long run is measured as well. It exits with 1 if any limit is exceeded, and then writes
nothing.
"""

from __future__ import annotations

import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from statistics import median

from lrviz.engine.torch_source import torch_version
from lrviz.errors import Problems
from lrviz.lessons.settings import Arrangement
from lrviz.loading import load_file
from lrviz.schedule.train.reading import read_training

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
SCHEDULES = HERE.parent / "schedules"
LRVIZ = [sys.executable, "-m", "lrviz"]
MAX_MEGABYTES = 200
"""The most memory that the run of a million steps may use."""

LOG_BYTES = 60_000_000
"""The size of each text log."""

MIN_MEGABYTES_A_SECOND = 30
"""A text log is read at least so fast, beside the start of the process."""

START_SECONDS = 0.5
"""How long the start of a process that reads a log may take."""

MAX_REDRAW_SECONDS = 0.5
"""The longest that `plot --watch` may take from a save to the new picture."""


MAX_GUARD_MICROSECONDS = 5
"""The most that `lrviz.guard` may add to a training step with one param group."""


LESSONS = "`lrviz train --check` of all lessons on digits"
MAX_LESSONS_SECONDS, MAX_LESSONS_RATIO = 120, 1.5
"""The longest that the lessons may take, and how many times as long as the same steps in a plain loop."""


@dataclass(frozen=True)
class Work:
    """One comparison: `ours` may take at most `limit` times as long as `plain`, and at most `seconds`.

    `status` is the exit status expected of `ours`, and `runs` the number of processes. With `steps`, the steps of
    training in a second are said as well.
    """

    name: str
    ours: list[str]
    plain: list[str]
    limit: float
    status: int = 0
    runs: int = 7
    seconds: float | None = None
    steps: int | None = None


def works(folder: Path) -> list[Work]:
    imports = [sys.executable, "-c", "import typer, rich, yaml, pydantic"]  # typer loads pydantic when it reads options
    files = sorted(SCHEDULES.rglob("*.yaml"))
    calls = sum(schedule.run.calls for file in files for schedule in load_file(file))
    configs = folder_of_configs(folder / "configs")
    reviewed, changed = folder_to_review(folder / "reviewed")
    logs = text_logs(folder)
    million = [*LRVIZ, "table", str(HERE / "million.yaml"), "--every", "100000"]
    return [
        Work(
            "`lrviz table`, 30 epochs",
            [*LRVIZ, "table", str(SCHEDULES / "basics/smallest.yaml")],
            [sys.executable, str(HERE / "plain_table.py")],
            0.12,
        ),
        Work(
            "`lrviz plot`, three schedules, 100 epochs, PNG",
            [*LRVIZ, "plot", str(SCHEDULES / "basics/side-by-side.yaml"), "-o", str(folder / "ours.png")],
            [sys.executable, str(HERE / "plain_plot.py"), str(folder / "plain.png")],
            0.27,
        ),
        Work(
            "a million steps, every 100,000th", million, [sys.executable, str(HERE / "plain_million.py")], 0.5, runs=3
        ),
        Work(
            f"`lrviz check` of the gallery, {calls / 1e6:.1f} million calls",
            [*LRVIZ, "check", str(SCHEDULES)],
            [sys.executable, str(HERE / "plain_gallery.py"), str(calls)],
            0.6,
            runs=3,
            seconds=10,
        ),
        Work(
            "`lrviz table` of a Hugging Face config, against the same in our format",
            [*LRVIZ, "table", str(HERE / "sft.yaml")],
            [*LRVIZ, "table", str(HERE / "sft_imported.yaml")],
            1.2,
        ),
        Work(
            "recognizing a folder of 200 configs, against PyYAML",
            [sys.executable, str(HERE / "recognize.py"), str(configs)],
            [sys.executable, str(HERE / "plain_recognize.py"), str(configs)],
            3,
            seconds=1,
        ),
        Work(
            "`lrviz review` of 80 files of which three changed, against `lrviz check` of the three",
            [*LRVIZ, "review", str(reviewed)],
            [*LRVIZ, "check", *map(str, changed)],
            2,
            status=1,
        ),
        *(
            Work(
                f"a text log of {megabytes_of(log):.0f} MB: {what}, against a regular expression a line",
                [sys.executable, str(HERE / "read_log.py"), str(log)],
                [sys.executable, str(HERE / "plain_log.py"), str(log)],
                limit,
                runs=3,
                seconds=START_SECONDS + megabytes_of(log) / MIN_MEGABYTES_A_SECOND,
            )
            for what, log, limit in logs
        ),
        *lessons(),
        Work("`lrviz --help`, against its imports", [*LRVIZ, "--help"], imports, 2),
        Work(
            "an error in the file, against the imports",
            [*LRVIZ, "table", str(HERE / "wrong.yaml")],
            imports,
            2,
            status=2,
        ),
    ]


def lessons() -> list[Work]:
    """All lessons on `digits` with all their seeds, as `train --check` trains them; their number of steps in the name.

    A training that diverges ends early, and the plain loop does not.
    """
    files, trainings = [], []
    for file in sorted(SCHEDULES.glob("learning/*.yaml")):
        schedules = load_file(file)
        found = [Arrangement().sessions_of(each, read_training(each.train, Problems())) for each in schedules]
        if found[0].problem.name == "digits":
            files.append(str(file))
            sizes = [(each.batch_size or each.problem.batch_size, each.length.steps, each.seeds) for each in found]
            trainings += [f"{size}x{steps}" for size, steps, seeds in sizes for _ in seeds]
    if not files:
        return []
    steps = sum(int(each.partition("x")[2]) for each in trainings)
    return [
        Work(
            f"{LESSONS}, {len(files)} files, {len(trainings)} trainings, {steps:,} steps",
            [*LRVIZ, "train", *files, "--check"],
            [sys.executable, str(HERE / "plain_lessons.py"), *trainings],
            MAX_LESSONS_RATIO,
            runs=1,
            seconds=MAX_LESSONS_SECONDS,
            steps=steps,
        )
    ]


def text_logs(folder: Path) -> list[tuple[str, Path, float]]:
    """Text logs with what they hold, and how many times as long as a plain script lrviz may take."""
    bar = "\r 5%|#         | {0}/200000 [00:01<00:10, 9.8it/s]" * 3
    kinds = {
        "Megatron": (
            " [2025-01-01 00:00:00] iteration {0:8d}/  200000 | consumed samples: {0:12d} | elapsed time per iteration "
            "(ms): 812.4 | throughput per GPU (TFLOP/s/GPU): 412.3 | learning rate: {1:.6E} | global batch size:   256 "
            "| lm loss: 9.123456E+00 | loss scale: 1.0 | grad norm: 1.234 | number of skipped iterations:   0 |\n",
            4,
        ),
        "the Trainer with its bar": (bar + "\r{{'loss': 1.0, 'learning_rate': {1!r}, 'epoch': {2:.2f}}}\n", 3),
        "short lines": (
            "step {0:5d} | loss: 3.912345 | lr {1:.4e} | norm: 0.3123 | dt: 100.12ms | tok/sec: 100.12\n",
            3,
        ),
        "one line in a hundred": (
            "step {0:5d} | loss: 3.912345 | lr {1:.4e}\n"
            + "2025-01-01 INFO worker: fetched batch 12, queue size 12\n" * 99,
            3,
        ),
    }
    found: list[tuple[str, Path, float]] = []
    for what, (line, limit) in kinds.items():
        log = folder / f"{what.replace(' ', '-')}.log"
        with open(log, "w", encoding="utf-8") as file:
            step = 0
            while file.tell() < LOG_BYTES:
                file.write(line.format(step, 1e-3 * (1 + math.cos(step / 1e5)), step / 1e3))
                step += 1
        found.append((what, log, limit))
    return found


def megabytes_of(file: Path) -> float:
    return file.stat().st_size / 1e6


def folder_of_configs(folder: Path, count: int = 200) -> Path:
    """A folder of configs of many programs, those of the tests again and again."""
    folder.mkdir()
    cases = HERE.parent / "tests" / "configs" / "cases"
    found = [file for file in sorted(cases.glob("*/*.yaml")) if not file.name.endswith(".facts.yaml")]
    for index, file in zip(range(count), cycle(found), strict=False):
        (folder / f"{index}.yaml").write_bytes(file.read_bytes())
    return folder


def folder_to_review(folder: Path, count: int = 80) -> tuple[Path, list[Path]]:
    """A repository of many schedules, those of the gallery again and again, of which three changed since."""
    folder.mkdir()
    shutil.copy(SCHEDULES / "libraries" / "plateau_metric.csv", folder)
    for index, file in zip(range(count), cycle(sorted(SCHEDULES.rglob("*.yaml"))), strict=False):
        shutil.copy(file, folder / f"{index}-{file.name}")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    changed = [next(folder.glob(f"*-{name}.yaml")) for name in ("exponential", "step-decay", "warmup-cosine")]
    for file in changed:
        file.write_text(file.read_text().partition("expect:")[0].replace("lr: 0.", "lr: 0.1"))
    return folder, changed


def seconds(command: list[str], status: int) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - began
    if done.returncode != status:
        sys.exit(f"{' '.join(command)} exited with {done.returncode}")
    return took


def main() -> int:
    os.environ["MPLBACKEND"] = "agg"
    kept = True
    rows = []
    print("| work | lrviz | plain script | ratio | at most |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for work in works(Path(folder)):
            pairs = [(seconds(work.ours, work.status), seconds(work.plain, 0)) for _ in range(work.runs)]
            ours, plain = (median(times) for times in zip(*pairs, strict=True))
            kept &= ours / plain <= work.limit and (work.seconds is None or ours <= work.seconds)
            rate = f", {work.steps / ours:,.0f} steps a second" if work.steps is not None else ""
            rows.append(f"| {work.name}{rate} | {ours:.2f} s | {plain:.2f} s | {ours / plain:.2f} |")
            print(f"{rows[-1]} {work.limit:.2f} |")
        redraw = redraw_seconds(Path(folder))
    kept &= redraw < MAX_REDRAW_SECONDS
    kept &= (used := megabytes()) < MAX_MEGABYTES
    plain, guarded = guard_microseconds()
    kept &= guarded - plain < MAX_GUARD_MICROSECONDS
    said = [
        f"A redraw of `lrviz plot --watch`, from the save to the new picture: {redraw:.2f} s.",
        f"Peak memory of the million steps: {used:.0f} MB.",
        f"What `lrviz.guard` adds to a training step: {guarded - plain:.1f} µs.",
    ]
    limits = (f"{MAX_REDRAW_SECONDS} s", f"{MAX_MEGABYTES} MB", f"{MAX_GUARD_MICROSECONDS} µs")
    print(*(f"{line} At most {limit}." for line, limit in zip(said, limits, strict=True)), sep="\n")
    if kept and "--write" in sys.argv[1:]:
        write(rows, said)
    return 0 if kept else 1


def write(rows: list[str], said: list[str]) -> None:
    """Puts what was measured into the page."""
    machine = f"{os.cpu_count()} cores, no GPU, Python {platform.python_version()}, torch {torch_version()}"
    table = ["| work | lrviz | plain script | ratio |", "| --- | ---: | ---: | ---: |", *rows]
    lines = [f"Measured on {date.today()}: {machine}.", "", *table, "", *(f"- {line}" for line in said)]
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition("<!-- begin: measured -->\n")
    _, end, after = rest.partition("<!-- end: measured -->\n")
    PAGE.write_text("\n".join([f"{before}{begin}", *lines, "", f"{end}{after}"]), encoding="utf-8")


def redraw_seconds(folder: Path, saves: int = 7) -> float:
    """The median time from a save of a file of 100 epochs to its new picture, while `lrviz plot --watch` runs."""
    file, picture = folder / "watched.yaml", folder / "watched.png"
    text = "epochs: 100\noptimizer: {{type: SGD, lr: 0.{}}}\nscheduler: {{type: StepLR, step_size: 30}}\n"
    file.write_text(text.format(1))
    watching = subprocess.Popen(
        [*LRVIZ, "plot", str(file), "-o", str(picture), "--watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        times = []
        for save in range(saves + 1):
            before = picture.read_bytes() if picture.exists() else b""
            began = time.perf_counter()
            if save:
                file.write_text(text.format(save + 1))
            while not picture.exists() or picture.read_bytes() == before:
                if watching.poll() is not None or time.perf_counter() - began > 60:
                    sys.exit("lrviz plot --watch draws nothing")
                time.sleep(0.002)
            times.append(time.perf_counter() - began)
            time.sleep(0.5)  # a person would look at the picture
    finally:
        watching.kill()
        watching.wait()
    return median(times[1:])


def guard_microseconds() -> tuple[float, float]:
    """The time of a training step with one param group, without the guard and with it, in turns in one process."""
    done = subprocess.run([sys.executable, str(HERE / "guard.py")], capture_output=True, text=True, check=True)
    plain, guarded = map(float, done.stdout.split())
    return plain, guarded


def megabytes() -> float:
    """Peak memory of the long run in a process of its own, as the operating system counts it."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [*LRVIZ, "table", str(HERE / "million.yaml"), "--every", "100000"]
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / (1024 if sys.platform != "darwin" else 1024**2)


if __name__ == "__main__":
    sys.exit(main())
