"""plateau-mode by the name of a metric's column, whatever the shape of its values says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrviz.checks.lint import lint
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file

RISES = (0.30, 0.42, 0.50, 0.55, 0.58, 0.59, 0.60, 0.60, 0.61, 0.61)
"""As an accuracy does, or the loss of a model that overfits from the first epoch on."""

EVENLY = tuple(0.3 + 0.05 * epoch for epoch in range(10))


@pytest.mark.parametrize(
    ("column", "mode", "values", "found"),
    [
        ("val_acc", "min", RISES, True),
        ("val_acc", "max", RISES, False),
        ("val_loss", "min", RISES, False),
        ("val_loss", "max", RISES, False),
        ("val_loss", "max", RISES[::-1], True),
        ("val/Top1", "min", EVENLY, True),
        ("val/Top1", "max", EVENLY, False),
        ("metric", "min", RISES, True),
        ("metric", "min", EVENLY, False),
        ("accuracy_loss", "min", EVENLY, False),
        ("lossless", "min", RISES, True),
    ],
)
def test_the_name_of_a_column_says_which_way_is_better(
    tmp_path: Path, column: str, mode: str, values: tuple[float, ...], found: bool
) -> None:
    (tmp_path / "log.csv").write_text("\n".join([f"epoch,{column}", *(f"{i},{v}" for i, v in enumerate(values))]))
    text = (
        "epochs: 10\noptimizer: {type: SGD, lr: 0.1}\n"
        f"scheduler: {{type: ReduceLROnPlateau, mode: {mode}, patience: 2}}\n"
        f"metric: {{file: log.csv, column: {column}}}\n"
    )
    (tmp_path / "s.yaml").write_text(text)
    (schedule,) = load_file(tmp_path / "s.yaml")
    codes = [each.code for each in lint(schedule, simulate(schedule), schedule.name)]
    assert ("plateau-mode" in codes) == found
