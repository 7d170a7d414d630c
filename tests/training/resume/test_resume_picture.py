"""The picture of restarts: a panel for each curve that follows, the plan beneath, the seam, and two colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from restarts import quiet

from lrviz.loading import load_text
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.restarts import drawing_of_restarts
from lrviz.render.picture.grid import LEAVES
from lrviz.render.picture.resume import draw, render
from lrviz.render.style import COLORS, settings
from lrviz.schedule.reading.run import Length
from lrviz.training.resume.results import Resumed
from lrviz.training.resume.resume import resume

STEP = "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 4, gamma: 0.5}\n"
CYCLE = (
    "epochs: 12\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\n"
    "scheduler: {type: CyclicLR, base_lr: 0.1, max_lr: 0.1, step_size_up: 4, base_momentum: 0.5}\n"
)
ONE_CYCLE = "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: OneCycleLR, max_lr: 0.1}\n"
GROUPS = (
    "epochs: 12\noptimizer: {groups: [{name: a, lr: 0.1}, {name: b, lr: 0.4}]}\n"
    "scheduler: {type: ExponentialLR, gamma: 0.9}\n"
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


def found_of(text: str, tick: int, *, twice: bool = True) -> list[Resumed]:
    (schedule,) = load_text(text, "test.yaml")
    (longer,) = load_text(text, "test.yaml", Length(epochs=24))
    return resume(schedule, tick, ("epochs=24", longer) if twice else None)


def panels(drawing: Drawing) -> dict[str, str]:
    """What is said of each way, by its name."""
    return {name: panel.words[-1] for panel in drawing.panels for name in panel.name.split("\n")}


def test_ways_with_the_same_curve_share_a_panel() -> None:
    found = found_of(STEP, 6)
    drawing = drawing_of_restarts(found)
    names = [set(panel.name.split("\n")) for panel in drawing.panels]
    assert {"full state", "full state, late scheduler", "optimizer state, last_epoch=5", "calls replayed"} in names
    assert {"scheduler state", "last_epoch=5, initial_lr set"} in names
    assert drawing.title == "test, restarted at epoch 6"
    assert drawing.remarks[-1] == "Refused: last_epoch=5."
    said = panels(drawing)
    assert said["full state"] == "follows the plan"
    assert said["nothing"] == "from epoch 6 on, up to 4 times it"
    assert said["full state, calls replayed"] == "from epoch 6 on, down to 0.25 of it"
    assert said["full state, a call lost"] == "only in epoch 8, up to 2 times it"
    assert said["optimizer state"] == "in epochs 8 to 9, up to 2 times it"
    assert not any("epochs=24" in name for name in said), "the full state follows the plan of the longer run too"


def test_the_plan_and_the_restart_are_in_every_panel() -> None:
    (found,) = found_of(STEP, 6, twice=False)
    drawing = drawing_of_restarts([found])
    for panel in drawing.panels:
        assert panel.beneath is not None
        assert [list(values) for values in panel.beneath.values] == [list(found.plan.columns[0])]
        assert (panel.beneath.seam, panel.beneath.tick) == (6.0, 6)
        assert panel.beneath.leaves == ("full state" not in panel.name.split("\n"))
        assert any(values is panel.beneath.values[0] for values in drawing.values), "the axis has room for the plan"


def test_what_leaves_has_another_colour_than_what_follows() -> None:
    found = found_of(GROUPS, 6, twice=False)
    with settings():
        figure = draw(found)
    axes = {ax.get_title(loc="left"): ax for ax in figure.axes if ax.get_title(loc="left")}
    colors = {title: {line.get_color() for line in ax.lines} for title, ax in axes.items()}
    following = next(title for title in axes if title.startswith("full state\n"))
    assert len(axes[following].lines) == 2 * 2 + 2 + 1, "two groups before and after, their plans, the seam"
    leaving = next(each for title, each in colors.items() if "nothing" in title.split("\n"))
    assert len(leaving - colors[following]) == 2
    assert COLORS[LEAVES] != COLORS[0]


def test_momentum_and_refusals_are_told() -> None:
    said = panels(drawing_of_restarts(found_of(CYCLE, 6)))
    assert said["full state, a call lost"].startswith("momentum from epoch 6 on, down to ")
    said = panels(drawing_of_restarts(found_of(ONE_CYCLE, 6)))
    assert said["full state, a call repeated"].endswith(", refused at 11")
    assert said["epochs=24: full state"].endswith(", refused at 12")
    assert "epochs=24: optimizer state, calls replayed" in said


def test_an_axis_on_which_the_plan_would_be_flat_is_logarithmic() -> None:
    assert not drawing_of_restarts(found_of(STEP, 6)).log
    climbs = "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: LinearLR, start_factor: 0.01, total_iters: 4}\n"
    assert drawing_of_restarts(found_of(climbs, 6)).log


def test_the_same_restarts_give_the_same_bytes() -> None:
    found = found_of(STEP, 6)
    assert render(found, "svg") == render(found_of(STEP, 6), "svg")
