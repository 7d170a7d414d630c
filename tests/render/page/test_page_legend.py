"""The legend of a page: the names of the other pictures, each with all that it hides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from curves import curve
from documents import figure_of, lines_of, page_of
from pages import Opened

from lrviz.render.drawing.plan import drawing_of
from lrviz.render.page import render
from lrviz.render.shown import Shown
from lrviz.render.style import Look

MANY = curve(*([rate, rate / 2] for rate in (0.1, 0.2, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)))
"""Nine lines of ten param groups, the lowest first."""


def test_many_param_groups_have_three_names() -> None:
    figure = figure_of(page_of(MANY))
    named = sorted((trace for trace in figure["data"] if trace["showlegend"]), key=lambda trace: trace["legendrank"])
    assert [trace["name"] for trace in named] == ["g9", "8 more", "g0"]
    drawing = drawing_of([MANY], Look())
    assert [trace["name"] for trace in named] == [key.name for key in drawing.keys(drawing.panels[0])]
    lines = lines_of(figure)
    families = [line["legendgroup"] for line in lines]
    assert families == [named[2]["legendgroup"], *[named[1]["legendgroup"]] * 8, named[0]["legendgroup"]]
    assert [line["group"] for line in figure["hover"]["lines"]] == families
    colors = named[1]["marker"]
    assert (colors["color"], colors["gradient"]["color"]) == (lines[8]["line"]["color"], lines[1]["line"]["color"])


def test_groups_that_share_a_line_share_a_name() -> None:
    shared = curve(*([rate, rate / 2] for rate in [0.1] * 5 + [0.2] * 4))
    lines = lines_of(figure_of(page_of(shared)))
    assert [line["name"] for line in lines if line["showlegend"]] == ["g0 and 4 more", "g5 and 3 more"]
    assert len({line["legendgroup"] for line in lines[:5]}) == len({line["legendgroup"] for line in lines[5:]}) == 1


def test_a_group_with_the_line_of_the_highest_belongs_to_the_others() -> None:
    """`8 more` counts it, so it is hidden with them."""
    twins = curve(*([rate, rate / 2] for rate in (1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)))
    lines = lines_of(figure_of(page_of(twins)))
    assert lines[1]["legendgroup"] == lines[2]["legendgroup"] != lines[0]["legendgroup"]


def test_a_click_on_a_name_hides_all_that_it_stands_for(tmp_path: Path, opened: Callable[..., Opened]) -> None:
    (tmp_path / "many.html").write_bytes(render([Shown(MANY)], {}, Look()))
    page = opened(tmp_path / "many.html", width=1100)
    assert page.page.locator("#chart .legendtext").all_text_contents() == ["g9", "8 more", "g0"]
    style = page.page.locator("#chart .legendpoints path").get_attribute("style")
    assert style is not None
    assert style.count("url(") == 1  # its colours
    assert page.lines(10)
    page.page.locator("#chart .legendtoggle").nth(1).click()
    assert page.lines(2)
    assert list(page.told(0)["values"]) == ["g0", "g9"]
