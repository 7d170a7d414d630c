"""The plan of a picture of trainings: its panels, the limits of their axes, marks and sentences.

Above is the loss, then accuracy, or the path of a problem in the plane; below are learning rates, and momentum where it
moves. A training that diverges leaves through the top of the axis of losses instead of squeezing the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from lrviz.foreign import visible
from lrviz.lessons.results import TrainedSchedule, Training, Validation
from lrviz.render.drawing.clock import within
from lrviz.render.drawing.panels import RATES_APART, spans_decades
from lrviz.render.drawing.said import LOG_BY_ITSELF, sentence
from lrviz.render.drawing.trained_lines import (
    Array,
    TrainedLine,
    batch_lines,
    exact_lines,
    held_lines,
    validated,
    window_of,
)
from lrviz.render.outcome import outcome
from lrviz.render.shown import momentum_of
from lrviz.render.style import Look
from lrviz.words import short_rate

TrainedPanelKind: TypeAlias = Literal["loss", "accuracy", "lr", "momentum"]

MOST_TOGETHER = 8
"""More schedules than this have a panel each."""

MOST_WITH_BATCHES = 4
"""With more schedules than this on one axis, the losses of batches are not drawn beside those of validation."""

CEILING = {True: 4.0, False: 1.5}
"""How high the axis of losses reaches at most, as a multiple of the loss at the start; by whether it is logarithmic."""

LOG_FROM = 10
"""The axis of losses is logarithmic if the largest loss is more than this many times the smallest."""

BELOW_VALIDATION = 4
"""The axis shows the losses of batches down to this part of the smallest one of validation."""

MOST_LOSS_DECADES = 30
"""What is further below the largest loss is below the axis: a problem without noise can come to 0."""

LEAST_ACCURACIES = 10.0
"""The axis of accuracies has at least so many percent."""


class Stop(NamedTuple):
    """Where the loss of a training was not finite, in epochs; `step` is that of the training."""

    schedule: int
    x: float
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class TrainedPanel:
    """An axis with its lines. `limits` are chosen where they are None."""

    kind: TrainedPanelKind
    label: str
    lines: tuple[TrainedLine, ...]
    log: bool = False
    limits: tuple[float, float] | None = None

    @property
    def values(self) -> list[Array]:
        """The values of all lines and bands."""
        return [edge for line in self.lines for edge in line.edges]


@dataclass(frozen=True, eq=False)
class TrainedDrawing:
    """Everything that a picture shows of some trainings: `panels` from the top, over the same epochs."""

    trained: tuple[TrainedSchedule, ...]
    title: str
    names: tuple[str, ...]
    panels: tuple[TrainedPanel, ...]
    stops: tuple[Stop, ...]

    def panel(self, kind: TrainedPanelKind) -> TrainedPanel | None:
        """The panel of this kind; None if there is none."""
        return next((panel for panel in self.panels if panel.kind == kind), None)

    @property
    def multiples(self) -> bool:
        """True if every schedule has a panel of its own."""
        return len(self.trained) > MOST_TOGETHER

    @property
    def results(self) -> tuple[str, ...]:
        """The final loss of each schedule in few letters, and its accuracy; empty if the loss was not finite."""
        return tuple(map(_result, self.trained))

    @property
    def steps_per_epoch(self) -> int | None:
        """The steps of an epoch; None if the sizes of batches differ."""
        found = {each.length.steps_per_epoch for each in self.trained}
        return found.pop() if len(found) == 1 else None

    @property
    def extent(self) -> float:
        """The end of the axis of time, in epochs."""
        return max(each.length.epochs for each in self.trained)

    @property
    def group_names(self) -> list[str]:
        """What the learning rates are called, a name a line, if some param groups differ; else nothing."""
        rates = self.panel("lr")
        if rates is None or all(line.groups == 1 for line in rates.lines):
            return []
        several = len(self.trained) > 1
        titles = [(self.trained[line.schedule].name if several else "", line.title) for line in rates.lines]
        return [visible("/".join(filter(None, title))) for title in titles]

    @cached_property
    def captions(self) -> list[str]:
        """The sentences of a caption: what was trained, what the lines are, and the axes."""
        return list(_captions(self))


def drawing_of_training(trained: Sequence[TrainedSchedule], look: Look) -> TrainedDrawing:
    """The plan of the picture of some trainings on one problem, each schedule with as many seeds."""
    title, names = _names(trained, look)
    panels = [_loss_panel(trained)]
    if any(one.accuracy is not None for each in trained for training in each.trainings for one in training.validations):
        panels.append(_accuracy_panel(trained))
    rates = [line for at, each in enumerate(trained) for line in held_lines(at, each, lambda training: training.lr)]
    panels.append(_rates_panel(rates, look))
    moving = [
        line
        for at, each in enumerate(trained)
        for line in held_lines(at, each, lambda training: training.momentum, moving=True)
    ]
    if moving:
        called = {momentum_of(trained[line.schedule].schedule) for line in moving}
        label = called.pop() if len(called) == 1 else "momentum or beta1"
        panels.append(TrainedPanel("momentum", label, tuple(moving)))
    stops = tuple(
        Stop(at, training.stopped / each.length.steps_per_epoch, training.stopped)
        for at, each in enumerate(trained)
        for training in each.trainings
        if training.stopped is not None
    )
    return TrainedDrawing(tuple(trained), title, names, tuple(panels), stops)


# --- panels --------------------------------------------------------------------------------------------------


def _loss_panel(trained: Sequence[TrainedSchedule]) -> TrainedPanel:
    lines, leaving = [], []
    few, many = len(trained) <= MOST_WITH_BATCHES, len(trained) > MOST_TOGETHER
    for index, each in enumerate(trained):
        for line, stopped in validated(index, each, lambda one: one.loss):
            if stopped is None:
                lines.append(line)
            else:
                leaving.append((line, stopped))
        lines += exact_lines(index, each)
    if not any(line.role == "exact" for line in lines) and (few or many):
        lines += [line for index, each in enumerate(trained) for line in batch_lines(index, each)]
    log, limits = _loss_limits(trained, [*lines, *(line for line, _ in leaving)])
    lines += [_to_the_top(line, training, trained[line.schedule], limits[1]) for line, training in leaving]
    return TrainedPanel("loss", "loss", tuple(sorted(lines, key=lambda line: line.schedule)), log, limits)


def _to_the_top(line: TrainedLine, training: Training, each: TrainedSchedule, top: float) -> TrainedLine:
    """The line of a training that was stopped, up to the top of the axis where its loss was not finite."""
    assert training.stopped is not None
    return replace(line, x=np.append(line.x, training.stopped / each.length.steps_per_epoch), y=np.append(line.y, top))


def _loss_limits(
    trained: Sequence[TrainedSchedule], lines: Sequence[TrainedLine]
) -> tuple[bool, tuple[float, float]]:  # fmt: skip
    """Whether the axis of losses is logarithmic, and its limits: up to `CEILING` times the loss at the start,
    unless there is nothing but trainings that leave through the top."""
    seen = np.concatenate([edge[np.isfinite(edge)] for line in lines for edge in line.edges] or [np.zeros(1)])
    validation = [edge[edge > 0] for line in lines if line.role != "batches" for edge in line.edges]
    if any(map(len, validation)) and seen.min() > 0:
        seen = seen[seen >= min(float(each.min()) for each in validation if len(each)) / BELOW_VALIDATION]
    starts = [one.loss for each in trained for training in each.trainings for one in training.validations[:1]]
    start, lowest, highest = max(starts, default=1.0), float(seen.min()), float(seen.max())
    all_leave = all(training.stopped is not None for each in trained for training in each.trainings)
    if lowest < 0 or start <= 0:
        top = min(highest, start + (CEILING[False] - 1) * (start - lowest))
        margin = 0.05 * ((top - lowest) or 1.0)
        return False, (lowest - margin, top + margin)
    top = min(highest, start * (10.0**MOST_LOSS_DECADES if all_leave else CEILING[True]))
    above = seen[seen > top * 10.0**-MOST_LOSS_DECADES]
    if top > LOG_FROM * float(above.min()):
        return True, (float(above.min()) / 1.25, top * 1.25)
    top = min(highest, CEILING[False] * start)
    return False, (lowest - 0.05 * ((top - lowest) or top), top + 0.05 * ((top - lowest) or top))


def _accuracy_panel(trained: Sequence[TrainedSchedule]) -> TrainedPanel:
    """Accuracies in percent. The axis begins below the lowest of those at the end, and lines may enter from below."""

    def percent(one: Validation) -> float | None:
        return None if one.accuracy is None else 100 * one.accuracy

    lines = [line for index, each in enumerate(trained) for line, _ in validated(index, each, percent)]
    ends = [
        100 * training.final.accuracy
        for each in trained
        for training in each.trainings
        if training.final.accuracy is not None and not training.diverged
    ]
    seen = [float(np.nanmax(line.y)) for line in lines if np.isfinite(line.y).any()]
    lowest = min(ends, default=min(seen, default=0.0))
    bottom = max(0.0, min(lowest - 0.6 * (100 - lowest), 100 - LEAST_ACCURACIES))
    return TrainedPanel("accuracy", "accuracy, %", tuple(lines), limits=(bottom, 100.0))


def _rates_panel(lines: Sequence[TrainedLine], look: Look) -> TrainedPanel:
    values = [line.y for line in lines]
    peaks = [float(np.nanmax(each, initial=0.0)) for each in values]
    above = all(peak > 0 for peak in peaks) and not any((each < 0).any() for each in values)
    by_itself = spans_decades(values) or (above and not within(peaks, 5 * RATES_APART))
    return TrainedPanel("lr", "learning rate", tuple(lines), log=by_itself if look.log is None else look.log)


# --- words ---------------------------------------------------------------------------------------------------


def _names(trained: Sequence[TrainedSchedule], look: Look) -> tuple[str, tuple[str, ...]]:
    """The title, and what each line is called: of a sweep the values, with how it ended."""
    schedules = [each.schedule for each in trained]
    sweep = len(trained) > 1 and all(each.swept for each in schedules)
    swept = {each.name_in_file for each in schedules}
    sweep = sweep and len(swept) == 1
    names = [visible(each.schedule.swept if sweep else each.name) for each in trained]
    titles = {each.title for each in schedules}
    title = look.title if look.title is not None else titles.pop() if len(titles) == 1 else None
    if title is None:
        title = trained[0].name if len(trained) == 1 else swept.pop() if sweep else ""
    ends = (f"{name}\n{words}" if words else name for name, words in zip(names, map(outcome, trained), strict=True))
    return visible(title), tuple(ends)


def _result(each: TrainedSchedule) -> str:
    if not np.isfinite(each.final_loss.mean):
        return ""
    loss = short_rate(each.final_loss.mean)
    return loss if each.accuracy is None else f"{loss}, {100 * each.accuracy.mean:.1f} %"


def _captions(drawing: TrainedDrawing) -> Iterator[str]:
    first = drawing.trained[0]
    seeds = sorted({training.seed for each in drawing.trained for training in each.trainings})
    length = str(first.length) if drawing.steps_per_epoch else f"{first.length.epochs:g} epochs"
    yield f"Trained on {visible(first.problem.name)} for {length}{_batches(drawing.trained)}, {_seeds(seeds)}."
    loss, rates = drawing.panel("loss"), drawing.panel("lr")
    assert loss is not None
    assert rates is not None
    roles = {line.role for line in loss.lines}
    said = []
    if "batches" in roles and first.problem.surface is not None:
        said.append("thick: the loss after every epoch; thin: in every step")
    elif "batches" in roles:
        windows = {window_of(each) for each in drawing.trained}
        over = f", the mean of {_range(windows)} steps" if windows != {1} else ""
        said.append(f"thick: loss on the validation data; thin: of the batches{over}")
    elif "exact" in roles:
        said.append("thick: the loss that was sampled; thin: its exact expectation")
    else:
        said.append("loss and accuracy on the validation data" if drawing.panel("accuracy") else "validation loss")
    if drawing.multiples:
        said.append("pale: all others")
    if any(line.low is not None for line in loss.lines):
        said.append("line and band: mean of the seeds, and smallest to largest")
    if drawing.stops:
        said.append("✗: the loss was not finite")
    yield " ".join(map(sentence, said))
    if any(line.groups > 1 for line in rates.lines):
        yield "The learning rates of param groups are shades of their schedule's colour, the highest the strongest."
    if rates.log and spans_decades(rates.values):
        yield sentence(LOG_BY_ITSELF)
    sources = {each.schedule.source for each in drawing.trained}
    if len(sources) == 1 and (source := sources.pop()):
        yield f"Source: {visible(source)}"


def _range(numbers: Collection[int]) -> str:
    """`64`, or `32 to 512` of several."""
    return f"{min(numbers):,}" if len(set(numbers)) == 1 else f"{min(numbers):,} to {max(numbers):,}"


def _batches(trained: Sequence[TrainedSchedule]) -> str:
    sizes = {each.batch_size for each in trained if each.batch_size is not None}
    return f", batches of {_range(sizes)}" if sizes else ""


def _seeds(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    return f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) == seeds[-1] - seeds[0] + 1 else f"{len(seeds)} seeds"
