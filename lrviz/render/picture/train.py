"""What trainings saw as a picture: loss and accuracy above, learning rates below, one colour a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrviz.lessons.results import TrainedSchedule
from lrviz.render.picture.figure import save
from lrviz.render.style import COLORS, Look, settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (7.2, 6.4)


def render(trained: Sequence[TrainedSchedule], format: str) -> bytes:
    """The picture as the bytes of a PNG, SVG or PDF file; the same trainings give the same bytes."""
    with settings():
        return save(draw(trained), format, Look().dpi)


def draw(trained: Sequence[TrainedSchedule]) -> Figure:
    """The figure: panels over the same epochs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    has_accuracy = any(each.trainings[0].validations[0].accuracy is not None for each in trained)
    axes = list(figure.subplots(3 if has_accuracy else 2, 1, sharex=True))
    for index, each in enumerate(trained):
        color, per_epoch = COLORS[index % len(COLORS)], each.length.steps_per_epoch
        for training in each.trainings:
            epochs = [one.step / per_epoch for one in training.validations]
            axes[0].plot(epochs, [one.loss for one in training.validations], color=color)
            if has_accuracy:
                axes[1].plot(epochs, [one.accuracy for one in training.validations], color=color)
        first = each.trainings[0]
        axes[-1].plot(np.arange(len(first.lr)) / per_epoch, first.lr, color=color, label=each.name)
    axes[0].set_yscale("log")
    axes[0].set_ylabel("validation loss")
    if has_accuracy:
        axes[1].set_ylabel("accuracy")
    axes[-1].set_ylabel("learning rate")
    axes[-1].set_xlabel("epoch")
    axes[-1].legend()
    return figure
