"""Lengths that count batches, or the steps of all devices, where several of them make one optimizer step."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.checks.lint.helpers.subject import Placed
from lrviz.run import Data, Run
from lrviz.words import counted


class Otherwise(NamedTuple):
    """What a length counts instead of calls, as the end of a sentence; `certain` if it is exactly a length of the run.

    A part of the run is not certain: half of it may be meant.
    """

    text: str
    certain: bool


def counted_otherwise(placed: Placed, length: int, run: Run, data: Data) -> Otherwise | None:
    """What a length counts if it is the run, or the rest of it, times or divided by `accumulate` and `devices`."""
    if run.epochs is None or data.samples is None or data.batch_size is None:  # a step may not be made of batches
        return None
    batches_of_one = -(-data.samples // data.batch_size)
    steps_of_one = -(-batches_of_one // data.accumulate)
    for factor, what, unit, in_epoch in (
        (data.accumulate, f"accumulate: {data.accumulate} leaves", "batches", data.batches or 0),
        (data.devices, f"devices: {data.devices} leaves", "steps of all devices", steps_of_one),
        (data.accumulate * data.devices, "accumulate and devices leave", "batches of all devices", batches_of_one),
    ):
        if factor == 1:
            continue
        wholes = {run.epochs * in_epoch, run.calls * factor}
        if length in {placed.calls * factor} | wholes | {whole - placed.start for whole in wholes}:
            part = "whole run" if length in wholes else "rest of the run"
            return Otherwise(f"is the {part} in {unit}, of which {what} {counted(placed.calls, 'call')}", certain=True)
        ends_at_once = placed.type in ("CosineAnnealingLR", "OneCycleLR", "PolynomialLR")
        if ends_at_once and length in {run.calls // factor, placed.calls // factor}:
            of = f"is the run of {counted(run.calls, 'call')} divided by {factor}"
            return Otherwise(f"{of}, which that number already accounts for", certain=False)
    return None
