"""Simulates many schedules, on several cores if that is faster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from lrviz.curve import Curve
from lrviz.engine.backend import Engine, choose
from lrviz.engine.simulate import Progress, simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

MIN_PARALLEL_COST = 400_000
"""Fewer learning rates (calls x groups) take less time than starting a second process."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome for one schedule: its curve and the name of the backend that ran it, or why there is none.

    `refusal` is why torch refuses it, `fault` an exception that nobody expected. `name` distinguishes the schedule from
    the others of the call; the curve has the schedule's own name.
    """

    name: str
    schedule: Schedule
    curve: Curve | None = None
    backend: str = ""
    refusal: ScheduleError | None = None
    fault: Exception | None = None

    @property
    def named(self) -> Curve:
        """The curve under `name`. Raises the refusal or the fault."""
        if self.curve is None:
            raise self.refusal or self.fault or AssertionError("an outcome without a curve has a reason")
        return replace(self.curve, name=self.name)


class DiedError(Exception):
    """The process that simulates a schedule ended without an answer."""


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
            try:
                outcome = _outcome(schedule, engine, progress_of(name))
            except Exception as fault:
                yield Simulated(name, schedule, fault=fault)
            else:
                yield Simulated(name, schedule, *outcome)
        return
    for simulated in _in_parallel(named, engine, processes):
        progress, calls = progress_of(simulated.name), simulated.schedule.run.ticks
        if progress:
            progress(calls, calls)
        yield simulated


Outcome: TypeAlias = tuple[Curve | None, str, ScheduleError | None]
"""What a process answers: curve, backend and refusal of a `Simulated`."""


def _outcome(schedule: Schedule, engine: Engine, progress: Progress | None = None) -> Outcome:
    try:
        backend = choose(schedule, engine)
        return simulate(schedule, progress=progress, backend=backend), backend.name, None
    except ScheduleError as error:
        return None, "", error


def _cost(schedule: Schedule) -> int:
    return schedule.run.ticks * len(schedule.optimizer.groups)


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- processes -------------------------------------------------------------------------------------------------


def _in_parallel(named: Sequence[tuple[str, Schedule]], engine: Engine, processes: int) -> Iterator[Simulated]:
    from concurrent.futures.process import BrokenProcessPool

    with _pool(processes) as pool:
        longest_first = sorted(range(len(named)), key=lambda index: -_cost(named[index][1]))
        with _signals_held():
            futures = {index: pool.submit(_outcome, named[index][1], engine) for index in longest_first}
        for index, (name, schedule) in enumerate(named):
            try:
                simulated = _answer(futures.pop(index), name, schedule)
            except BrokenProcessPool:  # one process died, and took the others' work with it
                break
            yield simulated
        else:
            return
    for name, schedule in named[index:]:
        yield _alone(name, schedule, engine)


def _alone(name: str, schedule: Schedule, engine: Engine) -> Simulated:
    """The outcome for a schedule in a process of its own, whose death is that of no other."""
    from concurrent.futures.process import BrokenProcessPool

    with _pool(1) as pool:
        with _signals_held():
            future = pool.submit(_outcome, schedule, engine)
        try:
            return _answer(future, name, schedule)
        except BrokenProcessPool:
            died = DiedError("the process that simulates it died; it may have run out of memory")
            return Simulated(name, schedule, fault=died)


def _answer(future: Future[Outcome], name: str, schedule: Schedule) -> Simulated:
    """The outcome that a process gives, or the exception that it raises. Raises `BrokenProcessPool`."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        return Simulated(name, schedule, *future.result())
    except BrokenProcessPool:
        raise
    except Exception as fault:
        return Simulated(name, schedule, fault=fault)


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block: if it raises, nobody waits for schedules that are still running."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children

    pool = ProcessPoolExecutor(processes, initializer=_die_with_the_first)
    try:
        yield pool
    except BaseException:
        for process in active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


SIGNALS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def _signals_held() -> Iterator[None]:
    """Holds signals back while processes start, so that none gets one before it knows what to do with it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with_the_first() -> None:
    """A signal ends a worker without a message, which the first process prints; and a worker ends with the first."""
    from multiprocessing import parent_process

    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    first = parent_process()
    assert first is not None

    def follow() -> None:
        first.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()
