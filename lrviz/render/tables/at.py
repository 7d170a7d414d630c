"""The learning rate at places, as lines for people and a shell, as CSV and as JSON. Numbers read back to the same bits.

Every writer takes the rates of all schedules and a text stream.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import IO

from lrviz.calculator.at import Rate
from lrviz.foreign import json_text
from lrviz.render.tables.columns import lines_of
from lrviz.render.tables.numbers import csv_cell, json_number


def write_text(rates: Sequence[Rate], stream: IO[str]) -> None:
    """A line for each rate: schedule and place if there are several, group if groups differ, and the learning rate."""
    schedules = {rate.schedule for rate in rates}
    places = {rate.place for rate in rates}
    rows = [
        (
            rate.schedule if len(schedules) > 1 else "",
            rate.group or "",
            rate.place if len(places) > 1 else "",
            repr(rate.lr),
        )
        for rate in rates
    ]
    stream.write(lines_of(rows))


def write_csv(rates: Sequence[Rate], stream: IO[str]) -> None:
    """`schedule,group,place,epoch,step,lr`; a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    names = [field.name for field in fields(Rate)]
    writer.writerow(names)
    for rate in rates:
        writer.writerow([csv_cell(getattr(rate, name)) for name in names])


def write_json(rates: Sequence[Rate], stream: IO[str]) -> None:
    """`{"version": 1, "records": [{"schedule", "group", "place", "epoch", "step", "lr"}]}`."""
    records = [asdict(rate) | {"lr": json_number(rate.lr)} for rate in rates]
    stream.write(json_text({"version": 1, "records": records}, indent=2, allow_nan=False) + "\n")
