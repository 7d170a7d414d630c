"""What a picture of trainings shows: lines, bands, limits and words, decided before anything is drawn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trainings import (
    DIGITS,
    FILE,
    PLANE,
    blown_up,
    over_seeds,
    rosenbrock,
    settling,
    trained,
    training,
)

from lrviz.lessons.results import TrainedSchedule
from lrviz.render.drawing.plane import plane_of
from lrviz.render.drawing.trained import TrainedDrawing, TrainedPanel, TrainedPanelKind, drawing_of_training
from lrviz.render.drawing.trained_lines import TrainedLine, smoothed
from lrviz.render.style import Look


def drawing(*schedules: TrainedSchedule, look: Look | None = None) -> TrainedDrawing:
    return drawing_of_training(schedules, look or Look())


def panel(kind: TrainedPanelKind, *schedules: TrainedSchedule) -> TrainedPanel:
    found = drawing(*schedules).panel(kind)
    assert found is not None
    return found


def lines(kind: TrainedPanelKind, *schedules: TrainedSchedule, schedule: int = 0) -> list[TrainedLine]:
    """The lines of one schedule, without those of batches."""
    return [line for line in panel(kind, *schedules).lines if line.schedule == schedule and line.role != "batches"]


def top(shown: TrainedPanel) -> float:
    assert shown.limits is not None
    return shown.limits[1]


# --- lines ---------------------------------------------------------------------------------------------------


def test_one_seed_is_a_line_of_its_validations_without_a_band() -> None:
    (line,) = lines("loss", trained("right", settling(0.1)))
    assert line.x.tolist() == [0, 1, 2, 3, 4]
    assert line.y.tolist() == pytest.approx([2.3, 1.0, 0.55, 0.11, 0.1])
    assert (line.role, line.low, line.high) == ("mean", None, None)


def test_seeds_are_their_mean_with_a_band_from_the_smallest_to_the_largest() -> None:
    (line,) = lines("loss", trained("right", settling(0.1, 0), settling(0.4, 1), settling(0.2, 2)))
    assert line.y[-1] == pytest.approx((0.1 + 0.4 + 0.2) / 3)
    assert line.low is not None
    assert line.high is not None
    assert (line.low[-1], line.high[-1]) == (0.1, 0.4)


def test_seeds_that_were_stopped_or_interrupted_are_lines_of_their_own_beside_the_mean() -> None:
    cut = training([2.3, 1.5], seed=3, accuracy=[0.1, 0.5], complete=False)
    mean, interrupted, stopped = lines(
        "loss", trained("hot", settling(0.1, 0), blown_up(1), settling(0.3, 2), cut)
    )  # fmt: skip
    assert mean.y[-1] == pytest.approx(0.2)
    assert stopped.role == interrupted.role == "seed"
    assert interrupted.x.tolist() == [0, 1]


def test_losses_of_batches_stand_beside_those_of_a_few_schedules_only() -> None:
    few = [trained(f"n{at}", settling(0.1)) for at in range(4)]
    assert {line.role for line in panel("loss", *few).lines} == {"mean", "batches"}
    assert {line.role for line in panel("loss", *few, trained("n4", settling(0.1))).lines} == {"mean"}


def test_the_expected_loss_takes_the_place_of_the_batches_and_is_once_for_seeds_that_share_it() -> None:
    exact = np.linspace(2.3, 0.1, 41)
    found = lines("loss", trained("noisy", *over_seeds(lambda seed: settling(0.1, seed, exact=exact))))
    assert [line.role for line in found] == ["mean", "exact"]
    assert found[1].y.tolist() == exact.tolist()
    assert found[1].x.tolist() == pytest.approx([step / 10 for step in range(41)])
    assert not any(line.role == "batches" for line in panel("loss", trained("n", settling(0.1, exact=exact))).lines)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(1, 12))
def test_smoothing_is_the_mean_of_the_values_in_a_window_around_each(values: list[float], window: int) -> None:
    before = (window - 1) // 2
    means = []
    for at in range(len(values)):
        near = values[max(0, at - before) : at + window - before]
        means.append(sum(near) / len(near))
    assert smoothed(np.array(values), window).tolist() == pytest.approx(means, abs=1e-9)


def test_learning_rates_are_stairs_of_every_step() -> None:
    rates = [0.1] * 15 + [0.01] * 25
    (line,) = lines("lr", trained("step", settling(0.1, lr=rates)))
    assert line.x[[0, -1]].tolist() == [0, 4]
    assert [(x, y) for x, y in zip(line.x, line.y, strict=True) if x == 1.5] == [(1.5, 0.1), (1.5, 0.01)]


def test_seeds_share_a_line_of_learning_rates_unless_a_plateau_saw_other_losses() -> None:
    early, late = ([0.1] * at + [0.01] * (40 - at) for at in (20, 30))
    assert len(lines("lr", trained("same", settling(0.1, 0), settling(0.2, 1)))) == 1
    assert len(lines("lr", trained("stopped", settling(0.1, 0, lr=3.0), blown_up(1)))) == 1
    found = lines("lr", trained("plateau", settling(0.1, 0, lr=early), settling(0.2, 1, lr=late)))
    assert [line.role for line in found] == ["seed", "seed"]


GROUPS = """
epochs: 4
optimizer: {type: SGD, groups: [{name: body, lr: 0.01}, {name: neck, lr: 0.01}, {name: head, lr: 0.1}]}
scheduler: none
"""


def test_param_groups_are_a_line_for_each_learning_rate_the_highest_first() -> None:
    rates = np.tile([0.01, 0.01, 0.1], (40, 1))
    schedule = trained("fine", settling(0.1, lr=rates), file=GROUPS)
    assert [(line.group, line.groups, line.title) for line in lines("lr", schedule)] == [
        (0, 2, "head"),
        (1, 2, "body, neck"),
    ]
    assert drawing(schedule).group_names == ["head", "body, neck"]
    both = drawing(schedule, trained("one", settling(0.2)))
    assert both.group_names == ["fine/head", "fine/body, neck", "one"]
    assert drawing(trained("one", settling(0.2))).group_names == []


def test_momentum_has_a_panel_only_where_it_moves() -> None:
    still, moving = [0.9] * 40, [0.95 - 0.0025 * step for step in range(40)]
    kinds = [each.kind for each in drawing(trained("still", settling(0.1, momentum=still))).panels]
    assert kinds == ["loss", "accuracy", "lr"]
    found = panel(
        "momentum", trained("still", settling(0.1, momentum=still)), trained("1", settling(0.1, momentum=moving))
    )
    assert (found.label, [line.schedule for line in found.lines]) == ("momentum", [1])


# --- axes ----------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_leaves_through_the_top_and_does_not_squeeze_the_others() -> None:
    shown = panel("loss", trained("right", settling(0.1)), trained("hot", blown_up(step=14)))
    (hot,) = (line for line in shown.lines if line.schedule == 1 and line.role == "mean")
    assert shown.log
    assert top(shown) <= 5 * 2.3
    assert (hot.x[-1], hot.y[-1]) == (1.4, top(shown))
    assert drawing(trained("hot", blown_up(step=14))).stops[0] == (0, 1.4, 14)


def test_losses_are_logarithmic_from_a_decade_on_and_never_if_one_is_negative() -> None:
    def log(*losses: float) -> bool:
        return panel("loss", trained("n", training(losses))).log

    assert log(2.3, 1.0, 0.2)
    assert not log(2.3, 1.0, 0.5)
    assert not log(2.3, 0.01, -0.1)
    assert not log(0.0, 0.0)


@given(
    st.lists(st.lists(st.floats(-1e6, 1e300), min_size=2, max_size=5), min_size=1, max_size=3),
    st.sampled_from([0, 1]),
)
def test_every_axis_has_limits_that_matplotlib_can_draw(losses: list[list[float]], offset: int) -> None:
    shown = panel(
        "loss", *(trained(f"n{at}", training([max(x, offset - 1e6) for x in each])) for at, each in enumerate(losses))
    )
    assert shown.limits is not None
    low, high = shown.limits
    assert low < high
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low > 0 or not shown.log


def test_where_all_trainings_leave_through_the_top_the_axis_shows_how_they_do() -> None:
    alone = panel("loss", trained("hot", blown_up(0), blown_up(1)))
    assert alone.log
    assert top(alone) > 1e28
    assert top(panel("loss", trained("hot", blown_up()), trained("right", settling(0.1)))) < 4 * 2.3 * 1.3
    assert top(panel("loss", trained("some", blown_up(0), settling(0.1, 1)))) < 4 * 2.3 * 1.3


def test_losses_that_come_to_nothing_do_not_take_hundreds_of_decades() -> None:
    shown = panel("loss", trained("n", training([1.0, 1e-100, 1e-300, 0.0])))
    assert shown.limits is not None
    assert shown.log
    assert 1e-31 < shown.limits[0] < shown.limits[1] < 10


def test_the_axis_of_accuracies_begins_below_the_lowest_at_the_end_of_those_that_converge() -> None:
    def bottom(*accuracies: float) -> float:
        runs = [trained(f"n{a}", training([2.3, 1.0], accuracy=[0.1, a])) for a in accuracies]
        limits = panel("accuracy", *runs, trained("hot", blown_up())).limits
        assert limits is not None
        assert limits[1] == 100
        return limits[0]

    assert bottom(0.97, 0.98) == 90
    assert bottom(0.5, 0.98) == pytest.approx(20)
    assert bottom(0.1) == 0


def test_learning_rates_far_apart_are_logarithmic_unless_asked_otherwise() -> None:
    far = [trained("low", settling(1.0, lr=0.001)), trained("high", settling(0.1, lr=0.1))]
    assert panel("lr", *far).log
    assert not panel("lr", trained("a", settling(0.1, lr=0.05)), trained("b", settling(0.1, lr=0.1))).log
    asked = drawing(*far, look=Look(log=False)).panel("lr")
    assert asked is not None
    assert not asked.log


# --- words ---------------------------------------------------------------------------------------------------


def test_names_say_how_a_training_ended() -> None:
    worse = training([2.3, 2.4, 2.4, 2.4, 2.31])
    cut = training([2.3, 1.5], complete=False)
    names = drawing(
        trained("right", settling(0.1)),
        trained("hot", blown_up(step=1214)),
        trained("worse", worse),
        trained("cut", cut),
        trained("some", settling(0.1, 0), blown_up(1), worse),
        trained("all", blown_up(0), blown_up(1)),
    ).names
    assert names == (
        "right",
        "hot\ndiverged at step 1,214",
        "worse\ndiverged",
        "cut\ninterrupted at step 10",
        "some\n2 of 3 seeds diverged",
        "all\nall 2 seeds diverged",
    )


def test_a_sweep_has_its_name_in_the_title_and_its_values_beside_the_lines() -> None:
    def swept(value: str) -> TrainedSchedule:
        each = trained(f"step lr={value}", settling(0.1))
        return replace(each, schedule=replace(each.schedule, name=each.name, swept=f"lr={value}"))

    found = drawing(swept("0.1"), swept("0.2"))
    assert (found.title, found.names) == ("step", ("lr=0.1", "lr=0.2"))


def test_the_title_is_that_of_the_file_or_what_is_asked_for() -> None:
    one = trained("a", settling(0.1), file=FILE + "title: Too high\n")
    assert drawing(one).title == "Too high"
    assert drawing(one, trained("b", settling(0.1))).title == ""
    assert drawing(trained("b", settling(0.1))).title == "b"
    assert drawing(one, look=Look(title="Mine")).title == "Mine"


def test_hidden_letters_of_names_are_visible() -> None:
    assert drawing(trained("a\u202eb", settling(0.1)), trained("c", settling(0.1))).names[0] == "a\\u202eb"


def test_the_caption_says_what_was_trained_and_what_the_lines_are() -> None:
    seeds = trained("right", *over_seeds(lambda seed: settling(0.1, seed)))
    said = drawing(seeds, trained("hot", *over_seeds(blown_up)), look=Look(title="")).captions
    assert said == [
        "Trained on digits for 4 epochs (40 steps), batches of 64, seeds 0 to 2.",
        "Thick: loss on the validation data; thin: of the batches. Line and band: mean of the seeds, and smallest to "
        "largest. ✗: the loss was not finite.",
    ]


def test_schedules_may_have_batches_of_several_sizes() -> None:
    small, large = trained("small", settling(0.1)), trained("large", settling(0.2))
    large = replace(large, batch_size=128, length=replace(large.length, steps=20, steps_per_epoch=5))
    found = drawing(small, large)
    assert found.captions[0] == "Trained on digits for 4 epochs, batches of 64 to 128, seed 0."
    assert found.steps_per_epoch is None
    assert found.extent == 4


# --- the plane -----------------------------------------------------------------------------------------------


def walk(lr: float, steps: int = 40) -> np.ndarray:
    at, path = np.array([-1.0, 1.0]), [(-1.0, 1.0)]
    for _ in range(steps):
        x, y = at
        with np.errstate(all="ignore"):
            at = at - lr * np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        path.append((float(at[0]), float(at[1])))
    return np.array(path)


def test_the_plane_has_the_paths_the_start_and_the_minimum() -> None:
    plane = plane_of([trained("a", training([4.0, 3.0, 2.0, 1.0, 0.5], path=walk(1e-3)), problem=PLANE)])
    assert plane is not None
    assert plane.starts == ((-1.0, 1.0),)
    assert plane.minimum == pytest.approx((1, 1), abs=1e-6)
    assert plane.x[0] < -1 < 1 < plane.x[-1]
    assert plane.y[0] < walk(1e-3)[:, 1].min() < 1 < plane.y[-1]
    assert plane.loss.shape == (len(plane.y), len(plane.x))
    assert plane.loss[7, 11] == pytest.approx(rosenbrock(plane.x[11], plane.y[7]))
    assert (np.diff(np.log(plane.levels)) > 0).all()


def test_a_path_that_leaves_does_not_widen_the_plane() -> None:
    near = trained("a", training([4.0, 3.0, 2.0, 1.0, 0.5], path=walk(1e-3)), problem=PLANE)
    far = trained("b", training([4.0], path=walk(0.1), stopped=4), problem=PLANE)
    alone, both = plane_of([near]), plane_of([near, far])
    assert alone is not None
    assert both is not None
    assert both.x[[0, -1]] == pytest.approx(alone.x[[0, -1]])
    assert np.isfinite(both.paths[1].points).all()
    assert len(both.paths[1].points) < 41


def test_a_problem_without_a_plane_has_none() -> None:
    assert plane_of([trained("a", settling(0.1), problem=DIGITS)]) is None
