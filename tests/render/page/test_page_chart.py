"""The chart of a page, before any browser draws it: lines, axes, marks, and what the pointer is told."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from curves import curve
from documents import cosine, figure_of, lines_of, page_of, text_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from process import lrviz

from lrviz.errors import ScheduleError
from lrviz.render.drawing.plan import drawing_of
from lrviz.render.page.cells import cells_of
from lrviz.render.page.hover import places_of
from lrviz.render.style import PALETTES, Look
from lrviz.words import BY_SIZE


def test_lines_are_those_of_the_other_pictures() -> None:
    stairs = curve([1.0, 1.0, 0.5, 0.5], name="stairs", steps_per_epoch=10)
    figure = figure_of(page_of(stairs, curve([0.2] * 6, name="flat", steps_per_epoch=10)))
    first, second = lines_of(figure)
    assert (first["x"], first["y"]) == ([0, 1, 2, 2, 3, 4], [1, 1, 1, 0.5, 0.5, 0.5])  # upright, up to the end
    assert (first["line"]["color"], second["line"]["color"]) == PALETTES["light"].lines[:2]
    assert (first["line"]["dash"], second["line"]["dash"]) == ("solid", "10px,4px")
    assert figure["layout"]["xaxis"]["title"]["text"] == "epoch"
    over_steps = figure_of(page_of(stairs, look=Look(x="step")))
    assert lines_of(over_steps)[0]["x"][-1] == 40
    assert figure_of(page_of(stairs, look=Look(x="percent")))["layout"]["xaxis"]["range"] == [0, 100]


def test_what_is_straight_is_drawn_straight() -> None:
    """plotly leaves out points that it thinks make no difference: a hold would slope to where it ends."""
    assert [line["line"]["simplify"] for line in lines_of(figure_of(page_of(cosine())))] == [False]


def test_names_are_neither_markup_nor_mathematics() -> None:
    (line,) = lines_of(figure_of(page_of(cosine(name="$x$ <b>&amp;"))))
    assert line["name"] == "&#36;x&#36; &lt;b&gt;&amp;amp;"


def test_param_groups_are_a_family_of_one_colour() -> None:
    figure = figure_of(page_of(curve([1.0, 0.5], [2.0, 1.0], [3.0, 1.5])))
    names, colors, dashes = zip(
        *((line["name"], line["line"]["color"], line["line"]["dash"]) for line in lines_of(figure)), strict=True
    )
    assert names == ("g0", "g1", "g2")
    assert sorted(colors) == sorted(PALETTES["light"].family(0, 3))
    assert len(set(dashes)) == 3


@given(
    st.lists(st.lists(st.floats(1e-9, 10), min_size=1, max_size=30), min_size=1, max_size=3),
    st.sampled_from([None, "step", "percent"]),
    st.sampled_from([1, 7, 50]),
)
@example([[1.0], [1.0] * 21], None, 1)
@settings(max_examples=25, deadline=None)
def test_at_every_place_the_pointer_is_told_what_is_held_there(
    values: list[list[float]], clock: Any, steps_per_epoch: int
) -> None:
    """By the place alone: the value is that of the epoch that it lies in, as the table has it or in six digits."""

    curves = [curve(each, name=str(at), steps_per_epoch=steps_per_epoch) for at, each in enumerate(values)]
    drawing, cells = drawing_of(curves, Look(x=clock), multiples=False), cells_of(curves)
    places = places_of(drawing, cells, [])
    for column, own, known in zip(drawing.columns, values, cells.texts, strict=True):
        texts = places.texts(column.curve, column.curve.columns[0], known, BY_SIZE)
        for place, text in zip(places.at, texts, strict=True):
            epoch = place / {"epoch": 1, "step": steps_per_epoch, "percent": 100 / len(own)}[drawing.clock]
            held = int(epoch + 1e-6)
            assert (text is None) == (held >= len(own))
            if text is not None:
                said = Decimal(text.split(" at ")[0])
                last_digit = Decimal(10) ** int(said.as_tuple().exponent)
                six_digits = Decimal(10) ** (said.adjusted() - 5)
                assert abs(said - Decimal(own[held])) <= max(last_digit, six_digits) / 2
    assert drawing.clock in (clock, "epoch", "percent")  # percent by itself where one run is 20 times another
    if drawing.clock == "epoch":
        assert set(range(max(map(len, values)))) <= set(places.at)


def test_the_logarithmic_axis_is_chosen_and_said() -> None:
    falling = curve([10.0 ** (-tick / 10) for tick in range(60)])
    for look, log, said in ((Look(), True, True), (Look(log=False), False, False), (Look(log=True), True, False)):
        page = page_of(falling, look=look)
        assert (figure_of(page)["layout"]["yaxis"].get("type") == "log") == log
        assert ("more than three decades" in text_of(page, "//figcaption")) == said
        assert page.xpath("//button[@id='log']/@aria-pressed") == [str(log).lower()]
    flat = page_of(curve([0.0, 0.0]))
    assert not flat.xpath("//button[@id='log']")
    with pytest.raises(ScheduleError, match="no learning rate is above 0"):
        page_of(curve([0.0, 0.0]), look=Look(log=True))


def test_relative_is_a_part_of_the_peak_and_says_both() -> None:
    figure = figure_of(page_of(curve([0.2, 0.1, 0.05]), look=Look(y="relative")))
    assert lines_of(figure)[0]["y"] == [1, 1, 0.5, 0.5, 0.25, 0.25]
    (line,) = figure["hover"]["lines"]
    assert line["texts"] == ["0.2 (1 of the peak)", "0.1 (0.5 of the peak)", "0.05 (0.25 of the peak)"]


def test_plain_leaves_out_the_marks(folder: Path) -> None:
    text = "epochs: 90\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 30}\n"
    text += "expect: {at: {30: 0.01, 60: 0.1}}\n"
    (folder / "one.yaml").write_text(text, "utf-8")
    figures = {}
    for option in ("--plain", "--linear"):
        assert lrviz("plot", "one.yaml", option, "-o", "one.html", cwd=folder).status == 0
        figures[option] = figure_of(lxml.html.parse(str(folder / "one.html")))
    plain, told = figures["--plain"], figures["--linear"]
    assert (plain["layout"]["shapes"], plain["layout"]["annotations"], plain["hover"]["notes"]) == ([], [], {})
    assert [trace["mode"] for trace in plain["data"]] == ["markers", "lines"]
    assert plain["labels"] == {"phases": [], "events": []}
    assert told["labels"]["phases"] == [{"from": 0, "to": 90, "words": "step decay"}]
    assert told["labels"]["events"] == [{"at": at, "kind": "milestone", "words": f"{at}"} for at in (30, 60)]
    assert [label["text"] for label in told["layout"]["annotations"]] == ["step decay", "30", "60"]
    kinds = {trace["meta"]: trace for trace in told["data"] if "meta" in trace}
    assert set(kinds) == {"places", "ends", "holds", "fails"}
    assert (kinds["holds"]["marker"]["symbol"], kinds["fails"]["marker"]["symbol"]) == ("circle-open", "x-thin")
    assert (kinds["holds"]["x"], kinds["holds"]["y"]) == ([30], [0.01])
    assert (kinds["fails"]["x"], kinds["fails"]["y"]) == ([60], [0.1])
    assert (kinds["ends"]["x"], kinds["ends"]["text"]) == ([0, 90], ["peak 0.1", "last 0.001<br>end 1e-4"])
    places = kinds["places"]["x"]
    notes = {places[int(index)]: words for index, words in told["hover"]["notes"].items()}
    assert "milestone" in notes[30]
    assert any(word.startswith("✕ fails: at 60: 0.1 (") for word in notes[60])


def test_a_momentum_that_nothing_moves_is_refused() -> None:
    with pytest.raises(ScheduleError, match="--y both needs a schedule that changes momentum, and none does"):
        page_of(cosine(), look=Look(y="both"))


def test_what_no_axis_can_show_is_said() -> None:
    page = page_of(curve([1.0, math.nan, math.inf, 0.5], name="odd"))
    assert "The line of odd has a gap at epoch 1, where it is nan." in text_of(page, "//figcaption")
    figure = figure_of(page)
    (line,) = lines_of(figure)
    assert None in line["y"]
    assert figure["hover"]["lines"][0]["texts"] == ["1", "nan", "inf", "0.5"]


@pytest.mark.parametrize(
    "values", [[0.0], [1.0], [-1.0, 2.0], [math.nan] * 3, [math.inf, 1.0], [1e-300, 1e300], [1e200, 1.0]]
)
@pytest.mark.parametrize("look", [Look(), Look(y="relative"), Look(x="percent", plain=True)])
def test_every_curve_has_a_page(values: list[float], look: Look) -> None:
    figure = figure_of(page_of(curve(values), look=look))
    for low, high in [figure["limits"]["linear"]["yaxis"], figure["limits"]["xaxis"]]:
        assert low < high
