"""Handwritten digits: the 1,797 pictures of 8x8 pixels that ship with scikit-learn, and a small network.

The data is that of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (1998).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lrviz.errors import Position, ScheduleError
from lrviz.lessons.problems.pictures import Pictures, classifier
from lrviz.lessons.setup import Setup, TrainingProblem

EPOCHS, BATCH_SIZE = 20, 64
HIDDEN = (64, 64, 64)
"""The widths of the hidden layers; four layers have weights."""

NOISE = 0.5
"""The noise on the pixels (0 to 1) of every batch. Without it, the network soon knows all pictures by heart, the
gradients vanish, and no learning rate is too high to settle: what decay is for could not be seen."""

WIDTH = 1.5
"""The initial weights are this much wider than He's. So the loss is steepest at the start, as that of large networks
is, and a learning rate that the rest of the training can bear may be too high for its first steps: what warmup is
for."""

VALIDATION = 0.2
"""The part of the pictures that is not trained on. It is always the same, whatever the seed."""


def problem(rest: str, where: Position) -> TrainingProblem:
    """The problem `digits`. Raises `ScheduleError` if scikit-learn is not installed."""
    try:
        import sklearn.datasets  # noqa: F401
    except ImportError:
        message = "the problem digits needs scikit-learn, which is not installed"
        raise ScheduleError.at(where, message, "pip install 'lrviz[train]', or --problem quadratic") from None
    return TrainingProblem("digits", EPOCHS, BATCH_SIZE, _make)


def _make(seed: int, batch_size: int | None) -> Setup:
    return classifier(_pictures(), HIDDEN, batch_size or BATCH_SIZE, seed, noise=NOISE, width=WIDTH)


@cache
def _pictures() -> Pictures:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32)
    split: list[Any] = train_test_split(images, labels, test_size=VALIDATION, stratify=labels, random_state=0)
    x, x_validation, y, y_validation = split
    return Pictures.of(x, y, x_validation, y_validation)
