"""scikit-learn's own learning rates: those of real runs are those of the recipes, to the last bits.

A rate may be two units in the last place away: torch multiplies the base LR by a factor, where scikit-learn divides.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np
import pytest
from helpers.gallery import GALLERY

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file, load_text

pytest.importorskip("sklearn", reason="pip install 'lrviz[train]'")

import sklearn_runs

LIBRARIES = GALLERY / "libraries"
TOL, PATIENCE = 1e-4, 10
"""The defaults of `MLPClassifier`: `tol` and `n_iter_no_change`."""


def rates_of(curve: Curve) -> list[float]:
    """The rates of all calls, and the one after the last."""
    return [*curve.columns[0], curve.end[0]]


def assert_same(rates: Sequence[float], theirs: Sequence[float]) -> None:
    assert len(rates) == len(theirs)
    np.testing.assert_array_max_ulp(np.array(rates), np.array(theirs), maxulp=2)


def curve_of(name: str) -> Curve:
    (schedule,) = load_file(LIBRARIES / f"{name}.yaml")
    return simulate(schedule)


def plateau(rate: float, seen: Sequence[float], **arguments: object) -> list[float]:
    """The rates of torch's ReduceLROnPlateau on what scikit-learn has seen."""
    given = {"factor": 0.2, "patience": PATIENCE, "threshold": TOL, "threshold_mode": "abs", **arguments}
    text = ", ".join(f"{key}: {value}" for key, value in given.items())
    (schedule,) = load_text(
        f"epochs: {len(seen)}\noptimizer: {{lr: {rate!r}}}\nscheduler: {{type: ReduceLROnPlateau, {text}}}\n"
        f"metric: {[float(each) for each in seen]}\n",
        "plateau.yaml",
    )
    return rates_of(simulate(schedule))


@pytest.mark.parametrize("name", ["sklearn_mlp_constant", "sklearn_mlp_invscaling"])
def test_the_rate_of_each_epoch_is_the_one_that_the_optimizer_of_an_mlp_says(name: str) -> None:
    fit = sklearn_runs.MLP[name]()
    assert_same(rates_of(curve_of(name)), [*fit.rates, fit.end])


def test_adaptive_cuts_the_rate_where_torch_does_on_the_same_accuracies() -> None:
    """They are those of this machine's run: another processor's may differ from the file's."""
    fit = sklearn_runs.MLP["sklearn_mlp_adaptive"]()
    assert len(set(fit.rates)) >= 4
    assert_same(plateau(0.1, fit.seen, mode="max"), [*fit.rates, fit.end])


def test_the_accuracies_of_the_file_cut_the_rate_as_scikit_learn_does() -> None:
    """Its rule, written out: the best moves with every rise, and only a rise by `tol` is one that counts."""
    with (LIBRARIES / "sklearn_mlp_accuracy.csv").open(encoding="utf-8") as stream:
        accuracies = [float(row["accuracy"]) for row in csv.DictReader(stream)]
    rate, best, waited, rates = 0.1, -np.inf, 0, [0.1]
    for accuracy in accuracies:
        waited = waited + 1 if accuracy < best + TOL else 0
        best = max(best, accuracy)
        if waited > PATIENCE:
            rate, waited = rate / 5, 0
        rates.append(rate)
    assert_same(rates_of(curve_of("sklearn_mlp_adaptive")), rates)


def test_a_slow_fall_of_the_training_loss_cuts_the_rate_of_scikit_learn_and_not_that_of_torch() -> None:
    tol, rate = 0.1, 5e-3
    fit = sklearn_runs.mlp_fit("adaptive", rate, 13, samples=400, tol=tol)
    falls = -np.diff(fit.seen)
    assert falls.min() > 0
    assert falls.max() < tol < fit.seen[0] - fit.seen[-1] - tol
    assert fit.rates == [rate] * 12 + [rate / 5]
    assert plateau(rate, fit.seen, threshold=tol) == [rate] * 14


@pytest.mark.parametrize("name", sklearn_runs.SGD)
def test_the_rate_of_each_step_is_the_one_that_moves_the_weight_of_one_sample(name: str) -> None:
    rates, length = sklearn_runs.SGD[name]
    steps = sklearn_runs.steps_of(name)
    ours = rates_of(curve_of(name))
    assert len(ours) == length + 1
    assert_same([ours[step] for step in steps], rates(steps))


def test_linear_models_count_samples_and_mlps_change_once_an_epoch() -> None:
    from sklearn.linear_model import SGDClassifier

    estimator = SGDClassifier(max_iter=3, tol=None, random_state=0).fit(np.eye(4), [0, 1, 0, 1])
    assert estimator.t_ == 1 + 3 * 4  # the next rate is that of update 13
    fit = sklearn_runs.mlp_fit("invscaling", 0.1, 3, samples=100, batch_size=10)
    assert fit.rates == pytest.approx([0.1, 0.1 / 101**0.5, 0.1 / 201**0.5], rel=1e-15)


def test_adaptive_of_a_linear_model_waits_one_epoch_less() -> None:
    """It cuts at the n_iter_no_change'th epoch without progress, an MLP after it: patience is 4 for its 5.

    With so large a `tol` nothing but the first epoch is progress; the loss whose slope is 1 shows the rate.
    """
    from sklearn.linear_model import SGDRegressor

    weights = [0.0]
    for epochs in range(1, 18):
        estimator = SGDRegressor(
            loss="epsilon_insensitive", epsilon=0, penalty=None, fit_intercept=False, learning_rate="adaptive",
            eta0=0.5, tol=1e9, max_iter=epochs, n_iter_no_change=5,
        )  # fmt: skip
        with pytest.warns(UserWarning, match="Maximum number of iteration"):
            estimator.fit([[1.0]], [1e3])
        weights.append(float(estimator.coef_.item()))
    rates = np.diff(weights)
    assert np.flatnonzero(np.diff(rates) < -1e-3).tolist() == [5, 10, 15]
    assert rates == pytest.approx(plateau(0.5, [0.0] * 17, patience=4)[:17], rel=1e-9)
