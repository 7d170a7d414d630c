"""The page about scikit-learn: its network in torch trains as `MLPClassifier` does, or differs as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from helpers.pages import DOCS, named

pytest.importorskip("sklearn", reason="pip install 'lrviz[train]'")

EPOCHS, RATE = 8, 0.2
CLOSE = 1e-8
"""Between rounding, which is 1e-15 here, and another training, which is 1e-2."""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """The program of the page."""
    names: dict[str, Any] = {}
    exec(named(DOCS / "scikit-learn.md", "digits_mlp.py"), names)
    return names


def theirs(page: dict[str, Any], way: str, momentum: float) -> Any:
    from sklearn.neural_network import MLPClassifier

    estimator = MLPClassifier(
        (100,), solver="sgd", learning_rate=way, learning_rate_init=RATE, batch_size=page["BATCH"], max_iter=EPOCHS,
        random_state=3, momentum=momentum, nesterovs_momentum=momentum > 0,
    )  # fmt: skip
    with pytest.warns(UserWarning, match="Maximum iterations"):
        return estimator.fit(page["x"].numpy(), page["y"].numpy())


def ours(
    page: dict[str, Any], factor: Callable[[int], float], momentum: float, *, velocity: bool = False
) -> tuple[Any, tuple[float, float]]:
    """A plain torch loop. With `velocity`, a change of the rate leaves alone what momentum does with past gradients."""
    model, batches, loss, validate = page["problem"](3)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=momentum, nesterov=momentum > 0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    for _ in range(EPOCHS):
        for batch in batches:
            optimizer.zero_grad()
            loss(model, batch).backward()
            optimizer.step()
        before = optimizer.param_groups[0]["lr"]
        scheduler.step()
        if velocity:
            for state in optimizer.state.values():
                state["momentum_buffer"] *= before / optimizer.param_groups[0]["lr"]
    with torch.no_grad():
        return model, validate(model)


def apart(model: Any, estimator: Any) -> float:
    """The largest difference of a weight."""
    pairs = zip((model[0], model[2]), estimator.coefs_, estimator.intercepts_, strict=True)
    return max(
        float(np.abs(mine - its).max())
        for layer, weight, bias in pairs
        for mine, its in ((layer.weight.detach().numpy().T, weight), (layer.bias.detach().numpy(), bias))
    )


def invscaling(epoch: int) -> float:
    return float((1437 * epoch + 1) ** -0.5)


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_constant_is_the_same_training(page: dict[str, Any], momentum: float) -> None:
    from sklearn.metrics import log_loss

    estimator = theirs(page, "constant", momentum)
    model, (loss, accuracy) = ours(page, lambda epoch: 1, momentum)
    assert apart(model, estimator) < CLOSE
    x, y = page["x_validation"].numpy(), page["y_validation"].numpy()
    assert loss == pytest.approx(log_loss(y, estimator.predict_proba(x)), rel=CLOSE)
    assert accuracy == estimator.score(x, y)


def test_invscaling_differs_by_the_momentum_and_by_nothing_else(page: dict[str, Any]) -> None:
    assert apart(ours(page, invscaling, 0)[0], theirs(page, "invscaling", 0)) < CLOSE
    estimator = theirs(page, "invscaling", 0.9)
    assert apart(ours(page, invscaling, 0.9)[0], estimator) > 1e-2
    assert apart(ours(page, invscaling, 0.9, velocity=True)[0], estimator) < CLOSE


def test_partial_fit_of_a_linear_model_is_never_adaptive() -> None:
    from sklearn.linear_model import SGDRegressor

    estimator = SGDRegressor(
        loss="epsilon_insensitive", epsilon=0, penalty=None, fit_intercept=False, learning_rate="adaptive", eta0=0.5,
        tol=1e9, n_iter_no_change=1,
    )  # fmt: skip
    weights = [float(estimator.partial_fit([[1.0]], [1e3]).coef_.item()) for _ in range(6)]
    assert weights == [0.5, 1, 1.5, 2, 2.5, 3]
