"""The loop: a worker process takes one input after the other, and this one watches that it gets on."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import MutableSequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzz import kinds
from fuzz.case import Case
from fuzz.guard import Found, attempt, limit_addresses, shrink

STUCK = 180.0
"""Seconds of silence after which a worker is ended: it does not even react to its time limit."""

ENDS = ("does not end, and cannot be interrupted", "ends the process")
"""How the faults begin that must not be tried again, in order to make them smaller."""

OWN_FAULT = 70
"""The exit status of a worker that could not make an input, or not keep one."""


class Plan(NamedTuple):
    seed: int
    seconds: float
    kinds: tuple[str, ...]
    found: Path


class Summary(NamedTuple):
    """By kind: how many inputs, in how many seconds, and how many of them were faults; a file for each fault."""

    inputs: dict[str, int]
    seconds: dict[str, float]
    faults: dict[str, int]
    files: list[Path]


@dataclass
class _Board:
    """Numbers that both processes see, one for each kind; `now` is the kind that runs, and since when."""

    inputs: MutableSequence[float]
    seconds: MutableSequence[float]
    faults: MutableSequence[float]
    now: MutableSequence[float]


def drawn(plan: Plan, kind: str, number: int) -> Case:
    """The input of a kind with this number, from 0. It depends on the seed and nothing else."""
    return Case(kind, kinds.ALL[kind].draw(Random(f"{plan.seed} {kind} {number}")))


def run(plan: Plan) -> Summary:
    """Runs inputs until the time is over. A worker that a case ends, or that hangs, is replaced."""
    context = multiprocessing.get_context("fork")
    board = _Board(*(context.Array("d", count, lock=False) for count in (*[len(plan.kinds)] * 3, 2)))
    plan.found.mkdir(parents=True, exist_ok=True)
    began = time.time()
    while time.time() - began < plan.seconds:
        board.now[:] = [0, time.time()]
        worker = context.Process(target=_worker, args=(plan, board, began + plan.seconds))
        worker.start()
        while worker.is_alive() and time.time() - board.now[1] < STUCK:
            worker.join(0.2)
            _show(plan, board, began)
        hangs = worker.is_alive()
        if hangs:
            worker.kill()
        worker.join()
        if worker.exitcode == OWN_FAULT:
            raise SystemExit("the fuzzer itself fails, as shown above")
        if hangs or worker.exitcode:
            fault = ENDS[0] if hangs else f"{ENDS[1]} with {worker.exitcode}"
            index = int(board.now[0])
            keep(plan, drawn(plan, plan.kinds[index], int(board.inputs[index]) - 1), Found(fault, fault))
            board.faults[index] += 1
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return _summary(plan, board, began)


def _summary(plan: Plan, board: _Board, began: float) -> Summary:
    files = [file for file in sorted(plan.found.glob("*.json")) if file.stat().st_mtime >= began - 1]
    inputs, faults = (dict(zip(plan.kinds, map(int, each), strict=True)) for each in (board.inputs, board.faults))
    return Summary(inputs, dict(zip(plan.kinds, board.seconds, strict=True)), faults, files)


def _work(plan: Plan, board: _Board, until: float) -> None:
    """Runs inputs, always of the kind that has had the least time."""
    while time.time() < until:
        index = min(range(len(plan.kinds)), key=lambda each: (board.seconds[each], each))
        begun = time.monotonic()
        case = drawn(plan, plan.kinds[index], int(board.inputs[index]))
        board.inputs[index] += 1
        board.now[:] = [index, time.time()]
        found = attempt(case)
        if found is not None:
            board.faults[index] += 1
            keep(plan, case, found)
        board.seconds[index] += time.monotonic() - begun


def _worker(plan: Plan, board: _Board, until: float) -> None:
    limit_addresses()
    try:
        _work(plan, board, until)
    except KeyboardInterrupt:
        pass
    except BaseException:
        traceback.print_exc()
        os._exit(OWN_FAULT)


def keep(plan: Plan, case: Case, found: Found) -> Path:
    """The file of this fault, in which the first case that has it is written, made smaller."""
    case = replace(case, fault=found.key)
    file = case.file_in(plan.found)
    if file.exists():
        os.utime(file)
        return file
    case.write(plan.found)
    return file if found.key.startswith(ENDS) else shrink(case, found.key).write(plan.found)


def _show(plan: Plan, board: _Board, began: float) -> None:
    if not sys.stderr.isatty():
        return
    line = f"{time.time() - began:6.0f} s  {int(sum(board.inputs)):,} inputs  {int(sum(board.faults)):,} faults"
    print(f"\r{line}  {plan.kinds[int(board.now[0])]:<14}", end="", file=sys.stderr, flush=True)
