"""What is trained: a model, its batches, its loss, and how it is validated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule

if TYPE_CHECKING:
    import torch


class Batches(Protocol):
    """The batches of one epoch, such as a `DataLoader`: it has a length, and every `for` over it is an epoch."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Any: ...


class Setup(NamedTuple):
    """What a training needs besides its optimizer and scheduler; a function of your own returns one, or a plain tuple.

    - `model`: a module of torch. Its layers in the order of `model.modules()` are what param groups cut, input first.
    - `batches`: the batches of an epoch, with a length; a `for` over it is an epoch. An optimizer step takes one.
    - `loss`: takes the model and a batch, and returns the loss of that batch, a scalar tensor to go backward from.
    - `validate`: takes the model and returns its loss on the validation data, or a pair of loss and accuracy (0 to 1).
      It is called in `eval` mode and without gradients.

    Such a function takes the seed. It is called anew for every schedule and seed, after torch, numpy and `random` were
    seeded, so that all schedules begin with the same weights and see the same data in the same order:

    >>> import torch
    >>> def line(seed: int) -> lrviz.Setup:
    ...     x = torch.linspace(-1, 1, 32).reshape(-1, 1)
    ...     data = torch.utils.data.TensorDataset(x, 3 * x)
    ...     batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
    ...     loss = lambda model, batch: torch.nn.functional.mse_loss(model(batch[0]), batch[1])
    ...     return lrviz.Setup(torch.nn.Linear(1, 1), batches, loss, lambda model: float(loss(model, (x, 3 * x))))
    >>> len(line(seed=0).batches)
    4

    In `my_problem.py` it is trained with `lrviz train schedule.yaml --problem my_problem:line --trust`.
    """

    model: torch.nn.Module
    batches: Batches
    loss: Callable[[Any, Any], torch.Tensor]
    validate: Callable[[Any], float | tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Walk:
    """What the optimizer did in one training, for what a problem can say of it exactly: the learning rate and the
    momentum of every param group in each step (steps x groups)."""

    schedule: Schedule
    lr: NDArray[np.float64]
    momentum: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainingProblem:
    """What `--problem` names.

    - `make` makes a `Setup` from a seed and a batch size; a problem without data has no batch size (None).
    - `epochs` is the length of its training, unless another is asked for.
    - `exact`: the expected loss before each step and after the last (steps + 1 values); None where it is not known.
    - `surface`: the loss over the plane of a model with two parameters, for arrays of x and y.
    - `refused`: of a problem of the user's own, the error for an exception that its code raised doing something.
    """

    name: str
    epochs: int
    batch_size: int | None
    make: Callable[[int, int | None], Setup]
    exact: Callable[[Walk, int | None], NDArray[np.float64] | None] | None = None
    surface: Callable[[Any, Any], Any] | None = None
    refused: Callable[[str, BaseException], ScheduleError] | None = None
