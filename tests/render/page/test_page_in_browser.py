"""The page in Chromium: what the pointer is told, what a click does, that nothing is asked of the network."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from curves import curve
from pages import Opened, until
from process import lrviz
from watching import Watching

from lrviz.render.page import render
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look

Open = Callable[..., Opened]
NAMES = ["cosine", "stairs", "short"]


def made(folder: Path, *shown: Shown, look: Look | None = None, live: bool = False, **texts: bytes) -> Path:
    """A page of some curves, put in place whole."""
    path = folder / "made.html"
    path.with_suffix(".new").write_bytes(render(shown, texts, look or Look(), live=live))
    os.replace(path.with_suffix(".new"), path)
    return path


def falling(top: float, count: int = 50, name: str = "run") -> Shown:
    return Shown(curve([top * (1 - tick / count) for tick in range(count)], name=name))


# --- the pointer -------------------------------------------------------------------------------------------


def test_the_pointer_is_told_what_table_prints(table: dict[str, dict[str, str]], three: Opened) -> None:
    for epoch in (0, 7, 10, 19, 20, 33, 39):
        told, row = three.told(epoch), table[str(epoch)]
        assert told["moment"] == f"epoch {epoch} · step {50 * epoch:,}"
        assert told["values"] == {name: row[name] for name in NAMES if row[name]}
    assert "short" not in told["values"]


def test_between_the_rows_it_is_told_six_digits(folder: Path, three: Opened) -> None:
    done = lrviz("table", "three.yaml", "--by", "step", "--format", "csv", cwd=folder)
    by_step = {row["step"]: row["short"] for row in csv.DictReader(done.out.splitlines())}
    told = three.told(3.5)
    epoch, step = (word.replace(",", "") for word in told["moment"].split(" ")[1::3])
    assert float(epoch) * 50 == float(step)
    assert int(step) % 50
    assert told["values"]["short"] == f"{float(by_step[step]):.6g}" != by_step[step]


def test_it_is_told_the_same_wherever_the_chart_is_zoomed_to(table: dict[str, dict[str, str]], three: Opened) -> None:
    three.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [20, 30], 'yaxis.range': [0.001, 0.002]})")
    assert three.told(25)["values"] == {name: table["25"][name] for name in ("cosine", "stairs")}
    three.page.click("#reset")
    three.page.click("#log")
    assert three.told(39)["values"]["cosine"] == table["39"]["cosine"]


def test_zeros_are_told_on_a_logarithmic_axis_too(tmp_path: Path, opened: Open) -> None:
    page = opened(made(tmp_path, Shown(curve([0.0, 0.5, 1.0, 0.5])), look=Look(log=True)))
    assert page.told(0)["values"] == {"run": "0"}
    words = page.page.locator("figcaption").inner_text()
    assert "A logarithmic axis has no 0: run is 0 at epoch 0, and its line has a gap there." in words
    page.page.click("#log")
    assert "A logarithmic axis" not in page.page.locator("figcaption").inner_text()


def test_an_expectation_that_fails_is_told_where_it_is(three: Opened) -> None:
    (note,) = three.told(30)["notes"]
    assert note.startswith("✕ fails: cosine: at 30: 0.04 (")
    assert "not 0.04" in note
    assert three.told(20)["notes"] == []


def test_momentum_has_a_panel_of_its_own(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "one-cycle.yaml"
    path.write_text(
        "steps: 200\noptimizer: {type: Adam, lr: 1e-3}\nscheduler: {type: OneCycleLR, max_lr: 0.01}\n", "utf-8"
    )
    assert lrviz("plot", path.name, "-o", "one.html", cwd=tmp_path).status == 0
    page = opened(tmp_path / "one.html")
    assert page.layout("yaxis2.title.text") == "beta1"
    assert page.lines(2)
    below, above = page.told(0, "yaxis2"), page.told(0)
    assert below == above
    assert below["values"]["one-cycle, beta1"] == "0.95"


# --- names, buttons, zoom ----------------------------------------------------------------------------------


def name_of(page: Opened, name: str) -> tuple[float, float]:
    entry = page.page.locator("#chart .legend .traces", has_text=name).locator(".legendtoggle")
    box = entry.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_on_a_name_hides_its_curve(three: Opened) -> None:
    assert three.lines(3)
    three.page.mouse.click(*name_of(three, "stairs"))
    assert three.lines(2)
    assert sorted(three.told(5)["values"]) == ["cosine", "short"]
    three.page.click("#reset")
    assert three.lines(3)


def test_a_double_click_on_a_name_shows_it_alone(three: Opened) -> None:
    three.page.mouse.dblclick(*name_of(three, "cosine"))
    assert three.lines(1)
    assert list(three.told(5)["values"]) == ["cosine"]


def test_the_button_switches_the_axis_by_keyboard(three: Opened) -> None:
    button = three.page.locator("#log")
    assert (three.layout("yaxis.type") if "type" in three.layout("yaxis") else "linear") == "linear"
    three.page.focus("#reset")
    three.page.keyboard.press("Shift+Tab")
    assert three.page.evaluate("document.activeElement.id") == "log"
    assert three.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    three.page.keyboard.press("Enter")
    assert three.layout("yaxis.type") == "log"
    assert button.get_attribute("aria-pressed") == "true"
    assert "1e\u22122" in (three.page.locator("#chart .yaxislayer-above").text_content() or "")
    button.click()
    assert three.layout("yaxis.type") == "linear"


def test_drag_zooms_and_double_click_zooms_out_on_either_scale(three: Opened) -> None:
    for _ in range(2):
        whole = three.layout("yaxis.range")
        (left, y), (right, _) = three.place_of(10), three.place_of(20)
        three.page.mouse.move(left, y)
        three.page.mouse.down()
        three.page.mouse.move(right, y, steps=5)
        three.page.mouse.up()
        assert three.layout("xaxis.range") == pytest.approx([10, 20], abs=0.1)
        three.page.mouse.dblclick(*three.place_of(15))
        assert until(lambda: three.layout("xaxis.range") == [0, 40])
        assert three.layout("yaxis.range") == whole
        three.page.click("#log")


def test_the_chart_can_be_saved_as_a_picture(three: Opened) -> None:
    three.page.mouse.move(*three.place_of(5))
    with three.page.expect_download() as download:
        three.page.locator('#chart [data-title*="Download"]').click()
    assert download.value.suggested_filename == "lrviz.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


# --- text and looks ----------------------------------------------------------------------------------------


NASTY = '</script><b id="bold">&amp; ${x} <img src=x onerror=alert(1)> %{x}'


def test_a_nasty_name_stays_text(tmp_path: Path, opened: Open) -> None:
    shown = [Shown(curve([1.0, 0.5], name=NASTY, title=NASTY)), falling(1.0, name="other")]
    page = opened(made(tmp_path, *shown, look=Look(title=NASTY), nasty=NASTY.encode() + b"</pre><i id=i>"))
    assert page.page.locator("#bold, #i, main img").count() == 0
    assert page.page.title() == NASTY
    assert page.page.locator("h1").inner_text() == NASTY
    assert NASTY in page.page.locator("#chart .legendtext").all_text_contents()
    assert NASTY in page.page.locator(".numbers thead").inner_text()
    assert NASTY in page.page.locator("pre").inner_text()
    assert list(page.told(0)["values"]) == [NASTY, "other"]


@pytest.mark.parametrize("theme", ["dark", "paper"])
def test_a_theme_is_that_of_the_whole_page(tmp_path: Path, theme: str, opened: Open) -> None:
    look = Look(theme=theme)  # type: ignore[arg-type]
    page = opened(made(tmp_path, falling(1.0), look=look))
    palette = PALETTES[look.theme]
    rgb = "rgb({}, {}, {})".format(*(int(palette.background[at : at + 2], 16) for at in (1, 3, 5)))
    assert page.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == rgb
    assert page.page.evaluate("getComputedStyle(chart.querySelector('.main-svg')).backgroundColor") == rgb
    assert page.page.evaluate("chart.data[1].line.color") == palette.lines[0]


def test_a_phone_scrolls_in_one_direction_only(three: Opened) -> None:
    three.page.set_viewport_size({"width": 375, "height": 700})
    assert until(lambda: three.page.evaluate("document.documentElement.scrollWidth") == 375)
    three.told(10)
    box = three.page.locator("#readout").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 375)


def test_print_shows_all_of_the_table(three: Opened) -> None:
    heights = "[...document.querySelectorAll('.box')].map((box) => box.scrollHeight - box.clientHeight)"
    assert max(three.page.evaluate(heights)) > 100
    three.page.emulate_media(media="print")
    assert max(three.page.evaluate(heights)) <= 1
    assert not three.page.locator("#log").is_visible()


def test_a_finding_leads_to_its_line(three: Opened) -> None:
    three.page.locator(".findings .error a").click()
    target = three.page.evaluate("document.querySelector(':target').textContent")
    assert target.startswith("    expect: {at: {20: 0.05, 30: 0.04}}")


# --- live --------------------------------------------------------------------------------------------------


def first_value(page: Opened) -> float:
    return float(page.page.evaluate("chart.data.filter((trace) => trace.mode === 'lines')[0].y[0]"))


def test_a_live_page_shows_its_file_anew_and_stays_as_it_was(tmp_path: Path, opened: Open) -> None:
    page = opened(made(tmp_path, falling(1.0), falling(0.5, name="hidden"), live=True))
    page.page.mouse.click(*name_of(page, "hidden"))
    page.page.click("#log")
    page.page.evaluate("Plotly.relayout(chart, {'xaxis.range': [10, 20]}).then(() => scrollTo(0, 150))")
    page.page.wait_for_timeout(1500)
    assert page.page.evaluate("history.length") == 2  # asking leaves nothing to go back through
    made(tmp_path, falling(2.0), falling(0.5, name="hidden"), live=True)
    assert until(lambda: first_value(page) == 2.0)
    assert until(lambda: page.layout("yaxis.type") == "log" and page.page.evaluate("scrollY") == 150)
    assert page.layout("xaxis.range") == [10, 20]
    assert page.lines(1)
    page.page.click("#reset")
    made(tmp_path, falling(3.0, 80), falling(0.5, name="hidden"), live=True)
    assert until(lambda: first_value(page) == 3.0)
    assert until(lambda: page.layout("xaxis.range") == [0, 80])  # what was shown whole still is


def test_an_open_page_shows_an_error_until_it_is_mended(tmp_path: Path, opened: Open) -> None:
    file, text = tmp_path / "s.yaml", "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10}\n"
    file.write_text(text, "utf-8")
    with Watching("s.yaml", "-o", "s.html", cwd=tmp_path) as watching:
        watching.says("Ctrl-C ends it")
        page = opened(tmp_path / "s.html")
        banner = page.page.locator(".banner")
        assert banner.count() == 0
        page.page.click("#log")
        page.page.evaluate("scrollTo(0, 200)")
        file.write_text(text.replace("StepLR", "StpLR"), "utf-8")
        said = watching.says("hint")
        assert until(lambda: banner.is_visible())
        assert until(lambda: page.layout("yaxis.type") == "log" and page.page.evaluate("scrollY") == 200)
        assert banner.locator("pre").inner_text().splitlines() == said
        assert first_value(page) == 0.1
        box = banner.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 50  # in sight, wherever the page is scrolled to
        file.write_text(text.replace("0.1", "0.4"), "utf-8")
        assert until(lambda: first_value(page) == 0.4)
        assert banner.count() == 0
        assert watching.interrupt() == 130
