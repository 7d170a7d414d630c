"""When a condition holds, as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from lrviz.calculator.condition import Occurrences, Stretch
from lrviz.curve import Curve
from lrviz.foreign import json_text
from lrviz.render.tables.columns import lines_of
from lrviz.render.tables.numbers import json_number
from lrviz.run import plain
from lrviz.words import moment


def write_text(answers: Sequence[Occurrences], stream: IO[str], *, every: bool) -> None:
    """Schedule and group if there are several, then the first moment with its learning rate.

    With `every`, there is a line for each stretch: its first moment, its last, and its length. If the condition holds
    never or always, the line says `never` or `always` instead.
    """
    several = len({answer.curve.name for answer in answers}) > 1
    rows = [
        (answer.curve.name if several else "", answer.group or "", *cells)
        for answer in answers
        for cells in _cells(answer, every)
    ]
    stream.write(lines_of(rows))


def _cells(answer: Occurrences, every: bool) -> Iterator[tuple[str, str, str]]:
    if answer.never or answer.always:
        yield ("never" if answer.never else "always"), "", ""
    elif every:
        for stretch in answer.stretches:
            last = f"to {answer.curve.run.interval} {stretch.last:,}" if stretch.last > stretch.first else ""
            yield moment(answer.curve.run, stretch.first), last, _length(answer.curve, stretch)
    else:
        yield moment(answer.curve.run, answer.stretches[0].first), "", repr(answer.stretches[0].lr[0])


def _length(curve: Curve, stretch: Stretch) -> str:
    """`30 epochs (150,000 steps)`, with the unit of a tick first."""
    lengths = [("epoch", stretch.epochs), ("step", stretch.steps)]
    words = [
        f"{length:,.12g} {unit}{'' if length == 1 else 's'}"
        for unit, length in sorted(lengths, key=lambda each: each[0] != curve.run.interval)
        if length is not None
    ]
    return words[0] if len(words) == 1 else f"{words[0]} ({words[1]})"


def write_json(answers: Sequence[Occurrences], condition: str, stream: IO[str], *, every: bool) -> None:
    """`{"version": 1, "condition", "records": [{"schedule", "group", "holds", "stretches"}]}`.

    `holds` is "never", "always" or "sometimes". A stretch is `{"first", "last", "epochs", "steps"}`, its first and last
    tick each as `{"epoch", "step", "lr"}`; without `every`, there is only the first stretch.
    """
    records = [
        {
            "schedule": answer.curve.name,
            "group": answer.group,
            "holds": "never" if answer.never else "always" if answer.always else "sometimes",
            "stretches": [_record(answer.curve, each) for each in answer.stretches[: None if every else 1]],
        }
        for answer in answers
    ]
    page = {"version": 1, "condition": condition, "records": records}
    stream.write(json_text(page, indent=2, allow_nan=False) + "\n")


def _record(curve: Curve, stretch: Stretch) -> dict[str, Any]:
    first, last = (_moment(curve, tick, lr) for tick, lr in zip((stretch.first, stretch.last), stretch.lr, strict=True))
    return {
        "first": first,
        "last": last,
        "epochs": None if stretch.epochs is None else plain(stretch.epochs),
        "steps": stretch.steps,
    }


def _moment(curve: Curve, tick: int, lr: float) -> dict[str, Any]:
    return {"epoch": curve.run.epoch(tick), "step": curve.run.step(tick), "lr": json_number(lr)}
