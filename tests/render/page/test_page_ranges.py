"""Expectations of ranges and limits on a page, marked where the other pictures have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lxml.html
from documents import figure_of, text_of
from process import lrviz

TEXT = """\
epochs: 20
optimizer: {lr: 1.0}
scheduler: {type: OneCycleLR, max_lr: 1.0}
"""


def page(folder: Path, expect: str, *options: str) -> Any:
    (folder / "s.yaml").write_text(f"{TEXT}expect: {expect}\n", "utf-8")
    assert lrviz("plot", "s.yaml", *options, "-o", "s.html", cwd=folder).status == 0
    return lxml.html.parse(str(folder / "s.html"))


def kind(figure: dict[str, Any], meta: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace.get("meta") == meta]


def notes_of(figure: dict[str, Any]) -> dict[float, list[str]]:
    return {figure["data"][0]["x"][int(at)]: words for at, words in figure["hover"]["notes"].items()}


def test_a_range_that_holds_is_a_band_along_the_line(tmp_path: Path) -> None:
    document = page(tmp_path, "{increasing: [0, 4]}")
    figure = figure_of(document)
    (band,) = kind(figure, "range")
    line = next(trace for trace in figure["data"] if trace["mode"] == "lines" and trace is not band)
    assert (band["x"][0], band["x"][-1]) == (0, 4)
    covered = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if 0 < x < 4]
    assert [(round(x, 9), float(f"{y:.9g}")) for x, y in zip(band["x"], band["y"], strict=True) if 0 < x < 4] == covered
    assert band["legendgroup"] == line["legendgroup"]
    notes = notes_of(figure)
    assert all(any(note.startswith("○ holds: increasing") for note in notes[at]) for at in (0, 4))
    assert "A pale band is a range." in text_of(document, "//figcaption")


def test_a_range_that_fails_is_a_bar_with_a_cross(tmp_path: Path) -> None:
    document = page(tmp_path, "{increasing: [0, 15]}")
    figure = figure_of(document)
    (bar,) = [shape for shape in figure["layout"]["shapes"] if shape.get("name") == "fails"]
    assert (bar["x0"], bar["x1"], bar["yref"], bar["label"]["text"]) == (0, 15, "y domain", "✕")
    assert not kind(figure, "range")
    notes = notes_of(figure)
    assert any(note.startswith("✕ fails: increasing: [0, 15] (") for note in notes[15])
    said = text_of(document, "//figcaption")
    assert "✕ An expectation that fails." in said
    assert "pale band" not in said


def test_a_range_ends_at_the_edge_of_the_window(tmp_path: Path) -> None:
    (band,) = kind(figure_of(page(tmp_path, "{increasing: [0, 4]}", "--window", "2..10 epochs")), "range")
    assert (band["x"][0], band["x"][-1]) == (2, 4)


def test_limits_are_dotted_lines_across_the_chart(tmp_path: Path) -> None:
    document = page(tmp_path, "{between: [0, 1.02]}")
    figure = figure_of(document)
    assert [(each["x"], each["y"]) for each in kind(figure, "limit")] == [([0, 20], [0, 0]), ([0, 20], [1.02, 1.02])]
    assert "A dotted line is a limit." in text_of(document, "//figcaption")
    assert not {"range", "limit"} & {trace.get("meta") for trace in figure_of(page(tmp_path, "{}", "--plain"))["data"]}


def test_a_limit_is_not_drawn_across_the_words_and_flattens_no_line(tmp_path: Path) -> None:
    def top(limit: float) -> float:
        return float(figure_of(page(tmp_path, f"{{between: [0, {limit}]}}"))["limits"]["linear"]["yaxis"][1])

    plain = top(50)  # far above, it is seen where the chart is zoomed out
    assert plain < 1.5
    words = plain - 1.05  # the height that words take
    between = 1.05 + words / 2
    assert top(between) >= between + words
