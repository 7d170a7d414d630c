"""Simulates many schedules, on several cores if that is faster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Thread

from lrviz.curve import Curve
from lrviz.engine.backend import Engine, choose
from lrviz.engine.simulate import Progress, simulate
from lrviz.errors import Problem, ScheduleError
from lrviz.schedule.model import Schedule

MIN_PARALLEL_COST = 400_000
"""Fewer learning rates (calls x groups) take less time than starting a second process."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome for one schedule: its curve and the name of the backend that ran it, or why torch refuses it.

    `name` distinguishes the schedule from the others of the call; the curve has the schedule's own name.
    """

    name: str
    schedule: Schedule
    curve: Curve | None
    backend: str = ""
    refusal: ScheduleError | None = None


def simulate_all(
    named: Sequence[tuple[str, Schedule]],
    engine: Engine = "auto",
    progress_of: Callable[[str], Progress | None] = lambda name: None,
    *,
    processes: int | None = None,
) -> Iterator[Simulated]:
    """The outcome for each schedule, in their order; the bits do not depend on the number of processes.

    Schedules come with their names. `progress_of(name)` returns the progress callback of a schedule. `processes` is for
    tests: by default it is the number of cores, or 1 if there is little to do.
    """
    schedules = [schedule for _, schedule in named]
    if processes is None:
        processes = min(cores(), len(schedules)) if sum(map(_cost, schedules)) >= MIN_PARALLEL_COST else 1
    if processes <= 1:
        for name, schedule in named:
            yield Simulated(name, schedule, *_outcome(schedule, engine, progress_of(name)))
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children

    with ProcessPoolExecutor(processes, initializer=_die_with_the_first) as pool:
        longest_first = sorted(range(len(schedules)), key=lambda index: -_cost(schedules[index]))
        futures = {index: pool.submit(_outcome, schedules[index], engine) for index in longest_first}
        try:
            for index, (name, schedule) in enumerate(named):
                outcome = futures.pop(index).result()
                progress, calls = progress_of(name), schedule.run.calls
                if progress:
                    progress(calls, calls)
                yield Simulated(name, schedule, *outcome)
        except BaseException:
            for process in active_children():  # nobody waits for the schedules that are still running
                process.terminate()
            pool.shutdown(cancel_futures=True)
            raise


def curves_of(simulated: Iterable[Simulated]) -> list[Curve]:
    """The curve of each schedule, under the name that the schedule was simulated with.

    Raises `ScheduleError` with every problem of every schedule that torch refuses.
    """
    curves: list[Curve] = []
    problems: list[Problem] = []
    for each in simulated:
        if each.refusal is not None:
            problems += each.refusal.problems
        elif each.curve is not None:
            curves.append(replace(each.curve, name=each.name))
    if problems:
        raise ScheduleError(problems)
    return curves


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cost(schedule: Schedule) -> int:
    return schedule.run.calls * len(schedule.optimizer.groups)


def _outcome(
    schedule: Schedule, engine: Engine, progress: Progress | None = None
) -> tuple[Curve | None, str, ScheduleError | None]:
    try:
        backend = choose(schedule, engine)
        return simulate(schedule, progress=progress, backend=backend), backend.name, None
    except ScheduleError as error:
        return None, "", error


def _die_with_the_first() -> None:
    """Ctrl-C ends a worker without a message, since the first process prints one; and a worker ends with the first."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    first = parent_process()
    assert first is not None

    def follow() -> None:
        first.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()
