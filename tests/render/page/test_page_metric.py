"""The metric of a plateau on a page: an axis of its own, its readings in words, and marks where they reduce."""

from __future__ import annotations

from documents import figure_of, lines_of, page_of, text_of

from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.render.shown import Shown

PHASED = (
    "steps: 40\nsteps_per_epoch: 5\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\nscheduler:\n"
    "  - {type: OneCycleLR, max_lr: 0.1, for: 20 steps}\n"
    "  - {type: ReduceLROnPlateau, patience: 1, factor: 0.5, interval: epoch}\nmetric: 1 + step / 100\n"
)
NAMED = (
    "epochs: 4\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\n"
    "metric: 1 if epoch < 3 else 2 if epoch > 5 else 3 if epoch > 6 else 4\n"
)


def shown_of(text: str) -> Shown:
    (schedule,) = load_text(text, "run.yaml")
    return Shown(simulate(schedule), schedule)


def test_the_metric_has_an_axis_below_and_its_readings_are_told() -> None:
    figure = figure_of(page_of(shown_of(PHASED)))
    layout = figure["layout"]
    assert [layout[axis]["title"]["text"] for axis in ("yaxis", "yaxis2", "yaxis3")] == [
        "learning rate", "momentum", "metric: 1 +<br>step / 100",
    ]  # fmt: skip
    edges = [edge for axis in ("yaxis3", "yaxis2", "yaxis") for edge in layout[axis]["domain"]]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (0, 1)
    assert lines_of(figure)[2]["yaxis"] == "y3"
    told, at = figure["hover"]["lines"][2], figure["data"][0]["x"]
    assert (told["name"], told["texts"][at.index(3.8)], told["texts"][at.index(4.0)]) == (
        "run, metric: 1 + step / 100", None, "1.24",
    )  # fmt: skip
    (triangle,) = [trace for trace in figure["data"] if trace.get("meta") == "reduction"]
    assert (triangle["x"], triangle["y"], triangle["yaxis"]) == ([7.0], [1.34], "y3")
    assert figure["hover"]["notes"][str(at.index(7.0))][-1] == "the learning rate is reduced"


def test_an_expression_is_no_markup_and_one_of_more_than_two_lines_is_below_the_chart() -> None:
    page = page_of(shown_of(NAMED))
    assert figure_of(page)["layout"]["yaxis2"]["title"]["text"] == "metric"
    assert "Metric: 1 if epoch < 3 else 2 if" in text_of(page, "//figcaption")
    short = figure_of(page_of(shown_of(NAMED.partition("metric:")[0] + "metric: 1 if epoch < 3 else 2\n")))
    assert short["layout"]["yaxis2"]["title"]["text"] == "metric: 1 if epoch<br>&lt; 3 else 2"
