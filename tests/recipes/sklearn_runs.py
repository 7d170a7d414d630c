"""The learning rates that scikit-learn itself uses, read off real runs of its estimators.

`python tests/recipes/sklearn_runs.py` writes them as references of the recipes, and the accuracies of `adaptive`.

- `MLPClassifier` says its own: `_optimizer.learning_rate`.
- `SGDClassifier` and `SGDRegressor` keep theirs to themselves. On one sample, from weights of 0, with a loss whose
  slope there is 1 and without regularization, the step is the learning rate times the sample, to the last bit.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

SAMPLE = 2.0**-20
"""A power of two, so that dividing by it is exact, and so small that the hinge stays on its slope."""


class Fit(NamedTuple):
    """What a fit of `MLPClassifier` did: the rate of every epoch, the one after the last, and what it looked at."""

    rates: list[float]
    end: float
    seen: list[float]
    """The validation accuracy of every epoch with `early_stopping`, else the training loss."""


def mlp_fit(kind: str, rate: float, epochs: int, samples: int | None = None, **arguments: Any) -> Fit:
    """`MLPClassifier` on the digits, or on the first of them."""
    from sklearn.datasets import load_digits
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    x, y = load_digits(return_X_y=True)
    estimator = MLPClassifier(
        solver="sgd", learning_rate=kind, learning_rate_init=rate, max_iter=epochs, random_state=0, **arguments
    )
    with warnings.catch_warnings(), _rates() as rates:
        warnings.simplefilter("ignore", ConvergenceWarning)  # it does not know that we only want so many epochs
        estimator.fit(x[:samples] / 16, y[:samples])
    seen = estimator.validation_scores_ if estimator.early_stopping else estimator.loss_curve_
    return Fit(rates, estimator._optimizer.learning_rate, list(seen))


@contextmanager
def _rates() -> Iterator[list[float]]:
    """Collects the rate with which each epoch was trained: before what happens at its end."""
    from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

    found: list[float] = []
    ends = SGDOptimizer.iteration_ends

    def iteration_ends(self: Any, time_step: int) -> None:
        found.append(self.learning_rate)
        ends(self, time_step)

    with mock.patch.object(SGDOptimizer, "iteration_ends", iteration_ends):
        yield found


def optimal(steps: list[int]) -> list[float]:
    """The rates of `SGDClassifier` at some steps, from 0."""
    from sklearn.linear_model import SGDClassifier

    return _revealed(SGDClassifier(penalty=None, fit_intercept=False), steps)


def invscaling(steps: list[int]) -> list[float]:
    """The rates of `SGDRegressor` at some steps, from 0."""
    from sklearn.linear_model import SGDRegressor

    return _revealed(SGDRegressor(penalty=None, fit_intercept=False), steps)


def _revealed(estimator: Any, steps: list[int]) -> list[float]:
    from sklearn.base import is_classifier

    classes = {"classes": [0, 1]} if is_classifier(estimator) else {}
    rates = []
    for step in steps:
        if step:
            estimator.coef_[:] = 0
            estimator.t_ = 1.0 + step  # its own count of weight updates; without a gap, it is there already
        estimator.partial_fit(np.array([[SAMPLE]]), [1], **classes)
        rates.append(float(estimator.coef_.item()) / SAMPLE)
    return rates


SMALL = {"hidden_layer_sizes": (4,), "n_iter_no_change": 200}
"""What the rates do not depend on: a network that trains quickly, and does not stop early."""

MLP: dict[str, Callable[[], Fit]] = {
    "sklearn_mlp_constant": lambda: mlp_fit("constant", 1e-3, 200, 1437, **SMALL),
    "sklearn_mlp_invscaling": lambda: mlp_fit("invscaling", 1e-3, 200, 1437, **SMALL),
    "sklearn_mlp_adaptive": lambda: mlp_fit("adaptive", 0.1, 100, early_stopping=True),
}

SGD: dict[str, tuple[Callable[[list[int]], list[float]], int]] = {
    "sklearn_sgd_optimal": (optimal, 5 * 1797),
    "sklearn_sgd_invscaling": (invscaling, 20 * 442),
}
"""How the rates of a recipe are read off, and how many steps it has."""


def steps_of(name: str) -> list[int]:
    """The steps of a recipe that its reference has."""
    _, steps = SGD[name]
    return [*range(20), *range(20, steps - 1, 97), steps - 1, steps]


def main() -> None:
    here = Path(__file__).parent
    for name, fitted in MLP.items():
        fit = fitted()
        _write(here / f"{name}.csv", ("step", "lr"), [*enumerate(fit.rates), ("end", fit.end)])
        if name == "sklearn_mlp_adaptive":
            accuracies = here.parents[1] / "schedules" / "libraries" / "sklearn_mlp_accuracy.csv"
            _write(accuracies, ("epoch", "accuracy"), list(enumerate(round(each, 6) for each in fit.seen)))
    for name, (rates, length) in SGD.items():
        steps = steps_of(name)
        named = ["end" if step == length else step for step in steps]
        _write(here / f"{name}.csv", ("step", "lr"), list(zip(named, rates(steps), strict=True)))


def _write(file: Path, header: tuple[str, str], rows: list[tuple[Any, float]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *((at, repr(float(value))) for at, value in rows)])


if __name__ == "__main__":
    main()
