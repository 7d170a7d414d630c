"""The picture of trainings as matplotlib has it: axes, lines, names and marks, and one of them as an image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.golden import Golden
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from test_trained_drawing import GROUPS, walk
from trainings import PLANE, blown_up, over_seeds, settling, trained, training

from lrviz.lessons.results import TrainedSchedule
from lrviz.render.picture.train import draw, render
from lrviz.render.style import COLORS, FORMATS, PALETTES, Look, settings

BASELINE = Path(__file__).parent / "baseline_train"


def rates() -> list[TrainedSchedule]:
    """One that is right, one that diverges in its second epoch, and one that crawls; each with a rate of its own."""
    return [
        trained("right", settling(0.1, lr=0.1)),
        trained("hot", blown_up()),
        trained("low", training([2.3, 2.29, 2.28, 2.27, 2.26], 1e-3, accuracy=[0.1, 0.1, 0.1, 0.12, 0.13])),
    ]


def seeds() -> list[TrainedSchedule]:
    stairs = [0.1] * 20 + [0.01] * 20
    return [
        trained("step", *over_seeds(lambda seed: settling(0.1 + 0.02 * seed, seed, lr=stairs))),
        trained("hot", blown_up(0), blown_up(1, 17), settling(1.0, 2, lr=3.0)),
        trained("groups", settling(0.2, lr=np.tile([0.01, 0.02, 0.1], (40, 1))), file=GROUPS),
    ]


def plane() -> list[TrainedSchedule]:
    losses = [4.0, 2.0, 1.0, 0.5, 0.25]
    return [
        trained("small", training(losses, 5e-4, path=walk(5e-4)), problem=PLANE),
        trained("right", training(losses, 2e-3, path=walk(2e-3)), problem=PLANE),
        trained("hot", training([4.0], 0.1, stopped=4, path=walk(0.1)), problem=PLANE),
    ]


def many() -> list[TrainedSchedule]:
    """More than one picture can hold: nine that settle and one that does not."""
    settled = [trained(f"n{at}", settling(0.1 + 0.1 * at, lr=0.01 * (at + 1))) for at in range(9)]
    return [*settled, trained("hot", blown_up())]


CASES: dict[str, Callable[[], list[TrainedSchedule]]] = {"rates": rates, "seeds": seeds, "plane": plane, "many": many}


def drawn(found: list[TrainedSchedule], look: Look | None = None) -> Figure:
    with settings(look):
        return draw(found, look or Look())


def axes_of(figure: Figure) -> dict[str, Axes]:
    return {ax.get_ylabel().replace("\n", " "): ax for ax in figure.axes}


def words(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_loss_and_accuracy_are_above_and_learning_rates_below_over_the_same_epochs() -> None:
    figure = drawn(rates())
    axes = axes_of(figure)
    assert list(axes) == ["loss", "accuracy, %", "learning rate"]
    heights = [ax.get_position().y0 for ax in axes.values()]
    assert heights == sorted(heights, reverse=True)
    assert {ax.get_xlim() for ax in axes.values()} == {(0, 4)}
    assert axes["learning rate"].get_xlabel() == "epoch"
    assert axes["loss"].get_yscale() == axes["learning rate"].get_yscale() == "log"


def test_a_schedule_has_one_colour_and_one_dash_in_all_panels() -> None:
    axes = axes_of(drawn(rates()))
    for index, lr in enumerate((0.1, 3.0, 1e-3)):
        (line,) = (line for line in axes["learning rate"].lines if float(line.get_ydata()[0]) == lr)  # type: ignore[index, arg-type]
        same = [each for each in axes["accuracy, %"].lines if each.get_color() == line.get_color()]
        assert to_hex(line.get_color()).upper() == COLORS[index]
        assert [each.get_linestyle() for each in same] == [line.get_linestyle()]
    assert len({str(line._unscaled_dash_pattern) for line in axes["accuracy, %"].lines}) == 3  # type: ignore[attr-defined]


def test_a_training_that_diverged_has_a_cross_at_the_top_and_says_so_beside_the_lines() -> None:
    axes = axes_of(drawn(rates()))
    (cross,) = (line for line in axes["loss"].lines if line.get_label() == "_diverged")
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (1.4, 1.0)  # type: ignore[index]
    names = {text.get_text(): text.get_color() for text in axes["loss"].texts}
    assert names["hot\ndiverged at step 14"] == PALETTES["light"].fails
    assert names["right"] == PALETTES["light"].ink
    assert len(names) == 3


def test_seeds_are_a_band() -> None:
    axes = axes_of(drawn(seeds()))
    assert len(axes["loss"].collections) == len(axes["accuracy, %"].collections) == 1
    assert len(axes_of(drawn(rates()))["loss"].collections) == 0


def test_param_groups_are_named_beside_their_learning_rates() -> None:
    found = words(drawn(seeds()))
    assert {"groups/head", "groups/neck", "groups/body"} <= set(found)


def test_a_problem_in_the_plane_has_its_paths_instead_of_accuracy() -> None:
    figure = drawn(plane())
    above, loss, rate = figure.axes
    assert [ax.get_ylabel() for ax in (above, loss, rate)] == ["y", "loss", "learning rate"]
    ends = {tuple(np.round(np.ravel(line.get_xydata()), 6)) for line in above.lines if line.get_label() == "_mark"}
    assert ends == {(-1.0, 1.0), (1.0, 1.0)}
    assert [text.get_text() for text in above.texts] == ["start", "minimum"]
    assert len(above.collections) == 2  # filled and as lines


def test_many_schedules_have_a_pair_of_panels_each_over_the_losses_of_the_others() -> None:
    figure = drawn(many())
    pairs = [ax for ax in figure.axes if ax.axison]
    assert len(pairs) == 20
    titles = [ax.get_title(loc="left") for ax in pairs if ax.get_title(loc="left")]
    assert sorted(titles) == sorted([*(f"n{at}" for at in range(9)), "hot"])
    losses = [ax for ax in pairs if ax.get_title(loc="left")]
    others = [[each for each in ax.collections if each.get_label() == "_other"] for ax in losses]
    assert {len(each.get_paths()) for (each,) in others} == {9}
    assert len({ax.get_ylim() for ax in losses}) == 1
    said = {text.get_text(): text.get_color() for text in (text for ax in losses for text in ax.texts)}
    assert said["0.1, 97.0 %"] == PALETTES["light"].quiet
    assert said["diverged at step 14"] == PALETTES["light"].fails
    assert len([line for ax in losses for line in ax.lines if line.get_label() == "_diverged"]) == 1


@pytest.mark.parametrize("size", [(7.2, 6.0), (3.5, 3.0)])
@pytest.mark.parametrize("case", CASES)
def test_all_words_are_inside_the_picture(case: str, size: tuple[float, float]) -> None:
    figure = drawn(CASES[case](), Look(size=size))
    box = figure.bbox
    for ax in figure.axes:
        for text in [*ax.texts, ax.title, ax.yaxis.label, *figure.texts]:
            if text.get_text() and text.get_visible():
                inside = (
                    Annotation.get_window_extent(text) if isinstance(text, Annotation) else text.get_window_extent()
                )
                assert inside.x0 >= -1
                assert inside.x1 <= box.x1 + 1
                assert inside.y1 <= box.y1 + 1


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_trainings_give_the_same_bytes(format: str) -> None:
    assert render(plane(), format) == render(plane(), format)
    assert render(seeds(), format, Look(theme="dark")) != render(seeds(), format)


def test_words_of_an_svg_are_text() -> None:
    svg = render(rates(), "svg", Look(title="A rate too high")).decode()
    for each in ("A rate too high", "diverged at step 14", "learning rate", "Trained on digits"):
        assert f">{each}" in svg


@pytest.mark.parametrize("case", CASES)
def test_picture(case: str, golden: Golden) -> None:
    theme = {"seeds": Look(theme="dark", dpi=70), "plane": Look(theme="paper", dpi=70)}
    png = render(CASES[case](), "png", theme.get(case, Look(title="One too high, one too low", dpi=70)))
    golden.same_picture(BASELINE / f"{case}.png", png, tolerance=1)


def test_there_is_no_picture_of_trainings_without_a_case(golden: Golden) -> None:
    golden.no_orphans(BASELINE, (BASELINE / f"{name}.png" for name in CASES), "*.png")
