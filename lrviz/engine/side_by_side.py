"""Many schedules at once: each simulated once, on as many cores as there are where that pays."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Thread

from lrviz.curve import Curve
from lrviz.engine.backend import Engine, choose
from lrviz.engine.simulate import Progress, simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule

PAYS = 400_000
"""So many learning rates (calls x groups) take longer than it takes to start a second process."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What became of a schedule: its curve and the name of the torch that ran it, or why torch refuses it."""

    curve: Curve | None
    backend: str = ""
    refusal: ScheduleError | None = None


def simulate_all(
    schedules: Sequence[Schedule],
    engine: Engine = "auto",
    progress_of: Callable[[int], Progress | None] = lambda index: None,
    *,
    processes: int | None = None,
) -> Iterator[Simulated]:
    """What becomes of each schedule, in their order; the bits do not depend on how many processes there are.

    `progress_of` gives what is told of the progress of a schedule, by its index. `processes` is for tests: as many as
    there are cores, unless there is too little to do.
    """
    if processes is None:
        processes = min(cores(), len(schedules)) if sum(map(_cost, schedules)) >= PAYS else 1
    if processes <= 1:
        for index, schedule in enumerate(schedules):
            yield _simulated(schedule, engine, progress_of(index))
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children

    with ProcessPoolExecutor(processes, initializer=_die_with_the_first) as pool:
        longest_first = sorted(range(len(schedules)), key=lambda index: -_cost(schedules[index]))
        futures = {index: pool.submit(_simulated, schedules[index], engine) for index in longest_first}
        try:
            for index in range(len(schedules)):
                simulated = futures.pop(index).result()
                tell, calls = progress_of(index), schedules[index].run.calls
                if tell:
                    tell(calls, calls)
                yield simulated
        except BaseException:
            for process in active_children():  # nobody waits for what is still being simulated
                process.terminate()
            pool.shutdown(cancel_futures=True)
            raise


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cost(schedule: Schedule) -> int:
    return schedule.run.calls * len(schedule.optimizer.groups)


def _simulated(schedule: Schedule, engine: Engine, progress: Progress | None = None) -> Simulated:
    try:
        backend = choose(schedule, engine)
        return Simulated(simulate(schedule, progress=progress, backend=backend), backend.name)
    except ScheduleError as error:
        return Simulated(None, refusal=error)


def _die_with_the_first() -> None:
    """A Ctrl-C goes to every process, and only the first one is to speak of it; when that is killed, none stays."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    first = parent_process()
    assert first is not None

    def follow() -> None:
        first.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()
