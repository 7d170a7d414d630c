"""The ways to restart a training for programs, as CSV and as JSON; `resume_page` is for people.

Every writer takes the results of all schedules and a text stream.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import IO, Any

from lrviz.foreign import json_text
from lrviz.render.tables.numbers import csv_cell, json_number
from lrviz.run import Run
from lrviz.training.resume.departure import Apart
from lrviz.training.resume.results import Followed, Resumed

FIELDS = (
    "schedule", "into", "way", "name", "follows", "identical", "refusal", "refused_epoch", "refused_step", "what",
    "group", "epoch", "step", "value", "plan", "ratio", "largest_group", "largest_epoch", "largest_step",
    "largest_value", "largest_plan", "largest_ratio", "apart", "until_epoch", "until_step",
)  # fmt: skip
"""The fields of the CSV and JSON output. `what` (lr or momentum) is apart first at `epoch` and `step`, and most at
`largest_epoch` and `largest_step`, for `apart` ticks, and the same again from `until_epoch` and `until_step` on (null:
not before the end)."""


def write_csv(found: Sequence[Resumed], stream: IO[str]) -> None:
    """A column for each of `FIELDS`; numbers read back to the same bits, a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in found:
        for way in each.ways:
            record = _record(each, way)
            writer.writerow([_csv(record[name]) for name in FIELDS])


def _csv(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else csv_cell(value)


def write_json(found: Sequence[Resumed], stream: IO[str]) -> None:
    """`{"version": 1, "resumes": [{"schedule", "into", "checkpoint", "epoch", "step", "calls", "right", "saving",
    "loop", "ways"}]}`; a way with the keys of `FIELDS` and its `code`, a list of lines; NaN and infinities are text."""
    page = {
        "version": 1,
        "resumes": [
            {
                "schedule": each.name,
                "into": each.into or None,
                "checkpoint": each.checkpoint or None,
                **_clock(each.run, each.tick),
                "calls": each.start,
                "right": each.right.way if each.right is not None else None,
                "saving": list(each.saving),
                "loop": list(each.loop),
                "ways": [
                    {
                        name: _json(value)
                        for name, value in _record(each, way).items()
                        if name not in ("schedule", "into")
                    }
                    | {"code": list(way.lines)}
                    for way in each.ways
                ],
            }
            for each in found
        ],
    }
    stream.write(json_text(page, indent=2, allow_nan=False) + "\n")


def _json(value: Any) -> Any:
    return json_number(value) if isinstance(value, float) else value


def _record(resumed: Resumed, way: Followed) -> dict[str, Any]:
    run, left = resumed.run, way.departure
    record: dict[str, Any] = {
        "schedule": resumed.name, "into": resumed.into or None, "way": way.way, "name": way.name,
        "follows": way.follows, "identical": way.identical, "refusal": way.refusal or None,
        **_clock(run, way.refused_at, "refused_"),
    }  # fmt: skip
    if left is None:
        return dict.fromkeys(FIELDS) | record
    return record | {
        "what": left.what,
        **_point(resumed, left.first, ""),
        **_point(resumed, left.largest, "largest_"),
        "apart": left.apart,
        **_clock(run, left.until, "until_"),
    }


def _point(resumed: Resumed, point: Apart, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}group": resumed.plan.groups[point.group],
        **_clock(resumed.run, point.tick, prefix),
        f"{prefix}value": point.value,
        f"{prefix}plan": point.plan,
        f"{prefix}ratio": point.ratio,
    }


def _clock(run: Run, tick: int | None, prefix: str = "") -> dict[str, int | float | None]:
    return {
        f"{prefix}epoch": None if tick is None or run.total_epochs is None else run.epoch(tick),
        f"{prefix}step": None if tick is None else run.step(tick),
    }
