"""Pages for tests: made from curves by hand or by the real command, read as a document or opened in Chromium."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright
from process import lrviz

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 30.0
"""Seconds to wait for what a page should come to show: far more than a busy machine needs."""


def until(question: Callable[[], object]) -> bool:
    """True as soon as the answer is yes, False if it is not within `PATIENCE`; a page that is loading has no answer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(Error):
            if question():
                return True
        time.sleep(0.02)
    return False


@dataclass
class Opened:
    """A page in a browser, and all that it said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def place_of(self, x: float, axis: str = "yaxis") -> tuple[float, float]:
        """Where on the screen a value of the axis of time is, halfway up an axis of values."""
        return tuple(
            self.page.evaluate(
                """([x, axis]) => {
                    const box = chart.getBoundingClientRect(), full = chart._fullLayout;
                    return [box.left + full.xaxis._offset + full.xaxis.l2p(x),
                            box.top + full[axis]._offset + full[axis]._length / 2];
                }""",
                [x, axis],
            )
        )

    def told(self, x: float, axis: str = "yaxis") -> Any:
        """What the pointer is told at a value of the axis of time: the moment, the value of each line, and notes."""
        self.page.mouse.move(*self.place_of(x, axis))
        return self.page.evaluate(
            """async (x) => {
                const told = () => document.querySelector("#readout:not([hidden]) .moment");
                const away = () => {
                    const words = told() && told().textContent.replaceAll(",", "");
                    return words ? Math.abs(Number(words.match(/[\\d.]+/)[0]) - x) : Infinity;
                };
                const [from, to] = chart.layout.xaxis.range;
                for (let wait = 0; wait < 1000 && away() > (to - from) / 400; ++wait) {
                    await new Promise((resolve) => setTimeout(resolve, 20)); // plotly looks every 50 ms
                }
                return {
                    moment: told().textContent,
                    values: Object.fromEntries([...document.querySelectorAll("#readout .rows > div")].map(
                        (row) => [row.querySelector(".name").textContent, row.querySelector(".value").textContent])),
                    notes: [...document.querySelectorAll("#readout > p:not(.moment)")].map((note) => note.textContent),
                };
            }""",
            x,
        )

    def lines(self, count: int) -> bool:
        """True if this number of lines is drawn, or comes to be."""
        drawn = self.page.locator("#chart .scatterlayer path.js-line")
        return until(lambda: drawn.count() == count)

    def layout(self, path: str) -> Any:
        return self.page.evaluate("(path) => path.split('.').reduce((at, key) => at[key], chart.layout)", path)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window, once for all tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        words = "no chromium on PATH, which opens the page (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens a file; when the test is over, it must have complained of nothing and asked for nothing but itself."""
    all_opened: list[tuple[Opened, Path]] = []

    def open_page(path: Path, width: int = 1200, height: int = 800) -> Opened:
        all_opened.append((open_in(browser, path, width, height), path))
        return all_opened[-1][0]

    yield open_page
    for it, path in all_opened:
        it.page.close()
        assert_content(it, path)


@pytest.fixture(scope="session")
def three_open(browser: Browser, folder: Path) -> Iterator[Opened]:
    opened = open_in(browser, folder / "three.html")
    yield opened
    opened.page.close()


@pytest.fixture
def three(three_open: Opened, folder: Path) -> Iterator[Opened]:
    """The page of `folder`, open and as it was when it was opened."""
    page = three_open.page
    page.set_viewport_size({"width": 1200, "height": 800})
    page.emulate_media(media="screen")
    page.mouse.move(0, 0)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); return reset().then(() => setLog(false)); }")
    yield three_open
    assert_content(three_open, folder / "three.html")


def open_in(browser: Browser, path: Path, width: int = 1200, height: int = 800) -> Opened:
    page = browser.new_page(viewport={"width": width, "height": height})
    it = Opened(page)
    page.on("console", lambda message: it.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: it.said.append(f"error: {error}"))
    page.on("request", lambda request: it.asked.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("() => drawn.then(() => true)")
    return it


def assert_content(it: Opened, path: Path) -> None:
    """That a page complained of nothing, and asked for no more than its file and what it made itself."""
    assert it.said == []
    asked = {url.partition("?")[0].partition("#")[0] for url in it.asked if not url.startswith("blob:")}
    assert asked == {path.as_uri()}


FILE = """\
epochs: 40
steps_per_epoch: 50
title: Three ways
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
expect: {max: 0.1}
schedules:
  cosine:
    scheduler: {type: CosineAnnealingLR}
    expect: {at: {20: 0.05, 30: 0.04}}
  stairs:
    scheduler: {type: StepLR, step_size: 10}
  short:
    epochs: 20
    interval: step
    scheduler: {type: ExponentialLR, gamma: 0.995}
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of three schedules, two of which end later than the third, and its page `three.html`."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "three.yaml").write_text(FILE, encoding="utf-8")
    done = lrviz("plot", "three.yaml", "-o", "three.html", cwd=folder)
    assert done.status == 0, done.err
    return folder


def printed(folder: Path, *arguments: str) -> dict[str, dict[str, str]]:
    """What `lrviz table` prints of that file: for each row by its first column, each cell by its title."""
    done = lrviz("table", "three.yaml", "--format", "markdown", *arguments, cwd=folder)
    assert done.status == 0, done.err
    head, _, *rows = ([cell.strip() for cell in line.strip()[1:-1].split("|")] for line in done.out.splitlines())
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


@pytest.fixture(scope="session")
def table(folder: Path) -> dict[str, dict[str, str]]:
    return printed(folder)
