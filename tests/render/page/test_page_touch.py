"""The page on a phone: a tap tells the values until the next one elsewhere, and a finger scrolls the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import until
from playwright.sync_api import Browser, Page


@pytest.fixture
def phone(browser: Browser, folder: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((folder / "three.html").as_uri())
    page.evaluate("() => drawn.then(() => true)")
    yield page
    context.close()
    assert said == []


def place_of(page: Page, epoch: float) -> tuple[float, float]:
    x, y = page.evaluate(
        """(x) => {
            const box = chart.getBoundingClientRect(), { xaxis, yaxis } = chart._fullLayout;
            return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis._length / 2];
        }""",
        epoch,
    )
    return x, y


def told(page: Page) -> dict[str, str] | None:
    """What the page tells, and whether it is still told when everything that follows a tap is over."""
    page.wait_for_timeout(700)
    if page.locator("#readout").is_hidden():
        return None
    names = page.locator("#readout .name").all_text_contents()
    values = page.locator("#readout .value").all_text_contents()
    return {"moment": page.locator("#readout .moment").inner_text(), **dict(zip(names, values, strict=True))}


def test_a_tap_tells_the_values_until_the_next_one_elsewhere(table: dict[str, dict[str, str]], phone: Page) -> None:
    for epoch in (10, 33, 20):
        phone.touchscreen.tap(*place_of(phone, epoch))
        row = table[str(epoch)]
        values = {name: row[name] for name in ("cosine", "stairs", "short") if row[name]}
        assert told(phone) == {"moment": f"epoch {epoch} · step {50 * epoch:,}"} | values
        assert phone.locator("#chart .spikeline").count() > 0
    phone.touchscreen.tap(200, 20)
    assert told(phone) is None
    phone.touchscreen.tap(*place_of(phone, 7))
    assert told(phone) is not None


def test_a_finger_on_the_chart_scrolls_the_page(phone: Page) -> None:
    phone.touchscreen.tap(*place_of(phone, 10))
    before = told(phone)
    x, y = place_of(phone, 25)
    client = phone.context.new_cdp_session(phone)
    moves: list[tuple[str, list[Any]]] = [("touchStart", [{"x": x, "y": y}])]
    moves += [("touchMove", [{"x": x, "y": y - 10 * step}]) for step in range(1, 21)]
    for kind, points in [*moves, ("touchEnd", [])]:
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        phone.wait_for_timeout(16)
    assert until(lambda: phone.evaluate("scrollY") > 100)
    assert told(phone) == before is not None


def test_a_name_is_tapped_to_hide_its_curve(phone: Page) -> None:
    entry = phone.locator("#chart .legend .traces", has_text="stairs").locator(".legendtoggle")
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    assert box is not None
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert until(lambda: phone.locator("#chart .scatterlayer path.js-line").count() == 2)
    phone.evaluate("scrollTo(0, 0)")
    phone.touchscreen.tap(*place_of(phone, 10))
    values = told(phone)
    assert values is not None
    assert set(values) == {"moment", "cosine", "short"}
