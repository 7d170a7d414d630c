"""The words on a chart in Chromium: none covers another, whatever the width and the zoom; and straight lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from curves import curve
from pages import Opened, until
from process import lrviz

from lrviz.render.page import render
from lrviz.render.shown import Shown
from lrviz.render.style import Look

Open = Callable[..., Opened]

WARM = """\
epochs: 100
optimizer: {type: SGD, lr: 0.5}
scheduler:
  type: SequentialLR
  milestones: [5]
  schedulers: [{type: LinearLR, start_factor: 0.01, total_iters: 5}, {type: CosineAnnealingLR, T_max: 95}]
"""
MANY = "epochs: 90\noptimizer: {lr: 0.1}\nscheduler: {type: MultiStepLR, milestones: [10, 12, 14, 16, 18, 50, 52]}\n"
RESTARTS = "epochs: 150\noptimizer: {lr: 0.5}\nscheduler: {type: CosineAnnealingWarmRestarts, T_0: 10, T_mult: 2}\n"

WORDS = "#chart .annotation-text, #chart .textpoint text"


def page_of(folder: Path, text: str) -> Path:
    (folder / "s.yaml").write_text(text, "utf-8")
    assert lrviz("plot", "s.yaml", "-o", "s.html", cwd=folder).status == 0
    return folder / "s.html"


def words_of(page: Opened) -> set[str]:
    """The words that are on the chart. Raises where two of them touch, or a label leaves it."""
    page.page.wait_for_timeout(300)
    found = page.page.evaluate(
        """(words) => [...document.querySelectorAll(words)].map((each) => {
            const box = each.getBoundingClientRect();
            return [each.textContent, box.left, box.right, box.top, box.bottom, each.matches(".annotation-text")];
        })""",
        WORDS,
    )
    plot = page.page.locator("#chart .nsewdrag").first.bounding_box()
    assert plot is not None
    for a, b in combinations(found, 2):
        assert a[2] <= b[1] or b[2] <= a[1] or a[4] <= b[3] or b[4] <= a[3], (a, b)
    for words, left, right, top, _, label in found:
        if label:
            assert plot["x"] - 1 <= left, words
            assert right <= plot["x"] + plot["width"] + 1, words
            assert plot["y"] - 1 <= top, words
    return {words for words, *_ in found}


@pytest.mark.parametrize(
    ("text", "wide", "narrow"),
    [
        (WARM, {"warmup", "decay"}, {"warmup", "decay"}),
        (RESTARTS, {"warm restarts", "restart 10", "30", "70"}, {"warm restarts", "restart 10", "70"}),
        (MANY, {"milestone 10", "16", "18", "50", "52"}, {"milestone 10", "50"}),
    ],
)
def test_labels_are_written_as_far_as_there_is_room(
    tmp_path: Path, text: str, wide: set[str], narrow: set[str], opened: Open
) -> None:
    page = opened(page_of(tmp_path, text), width=1100)
    assert wide <= words_of(page)
    page.page.set_viewport_size({"width": 390, "height": 844})
    assert until(lambda: page.page.evaluate("chart._fullLayout.width") < 390)
    assert narrow <= words_of(page)
    page.page.click("#log")
    words_of(page)
    page.page.set_viewport_size({"width": 1100, "height": 844})
    assert until(lambda: page.page.evaluate("chart._fullLayout.width") > 800)
    page.page.click("#log")
    assert wide <= words_of(page)


def test_labels_follow_the_zoom(tmp_path: Path, opened: Open) -> None:
    page = opened(page_of(tmp_path, MANY), width=1100)
    page.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [11, 20]})")
    assert {"milestone 12", "14", "16", "18"} <= words_of(page)
    assert "milestone 10" not in words_of(page)
    page.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [60, 90]})")
    assert "milestone" not in " ".join(words_of(page))
    page.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [30, 49], 'yaxis.range': [-0.01, 0.01]})")
    words_of(page)


def test_a_word_without_room_at_its_first_mark_stands_with_the_name_of_its_phase(tmp_path: Path, opened: Open) -> None:
    text = "epochs: 90\noptimizer: {lr: 0.1}\nscheduler: {type: MultiStepLR, milestones: [3, 60]}\n"
    page = opened(page_of(tmp_path, text), width=1100)
    assert {"step decay", "milestone 3", "60"} <= words_of(page)
    page.page.evaluate(  # the words at the peak move up to where the word would stand
        """() => {
            const height = document.querySelector("#chart .nsewdrag").getBoundingClientRect().height;
            return Plotly.relayout(chart, {"yaxis.range": [0, 0.1 / (1 - 42 / height)]});
        }"""
    )
    words = words_of(page)
    assert {"step decay, milestones", "60"} <= words
    assert "milestone" not in {each.split()[0] for each in words}


def test_the_tick_at_the_end_of_the_run_has_its_number(tmp_path: Path, opened: Open) -> None:
    shown = [Shown(curve([1.0] * 200, name=name, steps_per_epoch=1000)) for name in ("one", "two")]
    (tmp_path / "x.html").write_bytes(render(shown, {}, Look(x="step")))
    page = opened(tmp_path / "x.html", width=1100)
    for width in (1100, 390):
        page.page.set_viewport_size({"width": width, "height": 844})
        page.page.wait_for_timeout(300)
        hidden = page.page.evaluate(
            """() => [...document.querySelectorAll("#chart .xtick text")]
                .filter((tick) => !tick.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
                .map((tick) => tick.textContent)"""
        )
        assert hidden == []
        assert "200k" in page.page.locator("#chart .xtick text").all_text_contents()


# --- straight lines ----------------------------------------------------------------------------------------

STEPS_OF_IT, WARMUP, HOLD = 200_000, 2_000, 150_000
LONG = f"""\
steps: {STEPS_OF_IT}
optimizer: {{type: AdamW, lr: 3.0e-4}}
scheduler:
  type: SequentialLR
  milestones: [{WARMUP}, {HOLD}]
  schedulers:
    - {{type: LinearLR, start_factor: 0.001, total_iters: {WARMUP}}}
    - {{type: ConstantLR, factor: 1.0, total_iters: 1}}
    - {{type: LinearLR, start_factor: 1.0, end_factor: 0.0, total_iters: {STEPS_OF_IT - HOLD}}}
"""


def test_a_long_run_is_straight_wherever_it_is_zoomed(tmp_path: Path, opened: Open) -> None:
    page = opened(page_of(tmp_path, LONG), width=1100)

    def off() -> float:
        """By how many pixels the path that is drawn leaves the three straight lines."""
        path = page.page.evaluate("document.querySelector('#chart .scatterlayer path.js-line').getAttribute('d')")
        points = [tuple(map(float, point.split(","))) for point in re.findall(r"[\d.-]+,[\d.-]+", path)]
        assert len(points) > 20
        full = "chart._fullLayout"
        corners = page.page.evaluate(
            f"""(xs) => xs.map(([x, y]) => [{full}.xaxis.l2p(x), {full}.yaxis.l2p(y)])""",
            [[0, 3e-7], [WARMUP, 3e-4], [HOLD, 3e-4], [STEPS_OF_IT, 0]],
        )
        worst = 0.0
        width, height = page.page.evaluate(f"[{full}.xaxis._length, {full}.yaxis._length]")
        for x, y in ((x, y) for x, y in points if 0 <= x <= width and 0 <= y <= height):  # elsewhere it is cut
            for (a, top), (b, bottom) in pairwise(corners):
                if a <= x <= b:
                    worst = max(worst, abs(y - (top + (x - a) / (b - a) * (bottom - top))))
        return worst

    assert off() < 0.5
    page.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [0, 3000]})")
    assert off() < 0.5
    page.page.click("#reset")
    (left, y), (right, _) = page.place_of(0), page.place_of(STEPS_OF_IT)
    page.page.mouse.move(left + 1, y)
    page.page.mouse.down()
    page.page.mouse.move(left + (right - left) / 20, y, steps=5)
    page.page.mouse.up()
    assert until(lambda: page.layout("xaxis.range")[1] < 20_000)
    assert off() < 0.5
