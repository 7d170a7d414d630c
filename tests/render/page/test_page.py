"""The page as a document: what it says, that it is always the same bytes, and what it needs."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from dataclasses import replace
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from curves import curve
from documents import NOTHING, cosine, figure_of, page_of, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import FILE, printed
from plotly.graph_objects import Figure
from process import lrviz, lrviz_bytes

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.render.page import render, require
from lrviz.render.page.files import called
from lrviz.render.page.html import tag
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look

# --- bytes -------------------------------------------------------------------------------------------------


def test_the_same_file_gives_the_same_bytes_in_another_folder_and_locale(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "three.yaml").write_text(FILE, encoding="utf-8")
    there = {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
    done = lrviz_bytes("plot", "three.yaml", "-o", "-", "--format", "html", cwd=other, **there)
    assert done.stdout == (folder / "three.html").read_bytes()
    by_path = lrviz_bytes("plot", other / "three.yaml", "-o", "-", "--format", "html", cwd=tmp_path)
    assert by_path.stdout == done.stdout
    assert str(tmp_path).encode() not in by_path.stdout


def test_a_page_may_run_its_own_scripts_and_load_nothing() -> None:
    for live in (False, True):
        page = page_of(curve([1.0, 0.5]), live=live)
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        scripts = [script.text for script in page.xpath("//script[not(@type)]")]
        allowed = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
        assert rules.pop("script-src").split() == [f"'sha256-{each}'" for each in allowed]
        assert rules.pop("default-src") == "'none'"
        assert rules.pop("frame-src", None) == ("'self' file:" if live else None)
        assert rules == {"style-src": "'unsafe-inline'", "img-src": "data: blob:"}
        own = [script for script in scripts if "plotly.js v" not in script]
        assert any('createElement("iframe")' in script for script in own) == live
        assert page.xpath("//link | //script[@src] | //img | //iframe") == []


def test_plotly_takes_the_figure(folder: Path) -> None:
    for name, look in (("three.html", None), ("", Look(log=True, y="relative", x="percent", theme="paper"))):
        page = lxml.html.parse(str(folder / name)) if name else page_of(cosine(), look=look)
        figure = figure_of(page)
        Figure(data=figure["data"], layout=figure["layout"])  # raises for what it does not know


def test_a_million_steps_are_a_light_page() -> None:
    steps = 1_000_000
    values = [1 - step / steps + (step % 7) / 1e3 for step in range(steps)]
    page = render([Shown(curve(values, interval="step", steps=steps))], NOTHING, Look())
    assert len(page) < len(require()) + 1_500_000
    tree: Any = lxml.html.fromstring(page.decode())
    caption = text_of(tree, "//section[h2='Table']/p")
    assert caption == "Learning rate every 500 optimizer steps; • it begins to change or reverses."
    assert len(tree.xpath("//table[@class='numbers']/tbody/tr")) == 2000


# --- without plotly ----------------------------------------------------------------------------------------


class _Refusing(MetaPathFinder):
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "plotly":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_without_plotly_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Refusing(), *sys.meta_path])
    for needs_plotly in (require, lambda: render([Shown(cosine())], NOTHING, Look())):
        with pytest.raises(ScheduleError) as caught:
            needs_plotly()
        assert str(caught.value) == "lrviz: error: an html page needs plotly\n  hint: pip install 'lrviz[html]'"


# --- table, findings, expectations, files ------------------------------------------------------------------


@pytest.fixture(scope="module")
def three_page(folder: Path) -> Any:
    return lxml.html.fromstring((folder / "three.html").read_text(encoding="utf-8"))


def test_the_table_is_that_of_the_command(folder: Path, three_page: Any, table: dict[str, dict[str, str]]) -> None:
    head = [cell.text_content() for cell in three_page.xpath("//table[@class='numbers']/thead//th")]
    rows = [
        [cell.text_content().replace("•", "").strip() for cell in row.xpath("*")]
        for row in three_page.xpath("//table[@class='numbers']/tbody/tr")
    ]
    assert [dict(zip(head, row, strict=True)) for row in rows] == list(table.values())
    assert text_of(three_page, "//section[h2='Table']/p").startswith("Learning rate at the first step of each epoch")
    people = lrviz("table", "three.yaml", cwd=folder).out.splitlines()
    marked = [line.split()[0] for line in people if "•" in line and line.split()[0].isdigit()]
    assert [row.xpath("th")[0].text for row in three_page.xpath("//tr[.//span[@class='turn']]")] == [
        number.rjust(2) for number in marked
    ]


def test_a_long_table_has_every_nth_row_as_the_command_prints_it(tmp_path: Path) -> None:
    (tmp_path / "three.yaml").write_text(
        "steps: 5000\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.999}\n", "utf-8"
    )
    assert lrviz("plot", "three.yaml", "-o", "page.html", cwd=tmp_path).status == 0
    page = lxml.html.parse(str(tmp_path / "page.html"))
    found = page.xpath("//table[@class='numbers']/tbody/tr")
    rows = [[cell.text_content().strip(" •") for cell in row] for row in found]
    all_rows = printed(tmp_path)
    assert rows == [list(all_rows[str(step)].values()) for step in range(0, 5000, 5)]


def test_findings_have_their_counts_places_and_hints(three_page: Any) -> None:
    assert text_of(three_page, "//h2[@id='findings-title']") == "Findings 1 error"
    finding = text_of(three_page, "//ol[@class='findings']/li")
    assert finding.startswith("error expect.at three.yaml:9:")
    assert "the learning rate at epoch 30 (step 1,500) is 0.0146447, not 0.04" in finding
    assert "hint: " in finding
    (link,) = three_page.xpath("//ol[@class='findings']//a/@href")
    assert text_of(three_page, f"//*[@id='{link[1:]}']") == "expect: {at: {20: 0.05, 30: 0.04}} expect.at"
    assert three_page.xpath(f"//*[@id='{link[1:]}']/@data-line") == ["9"]


def test_expectations_hold_or_not(three_page: Any) -> None:
    rows = three_page.xpath("//section[h2[@id='expectations-title']]//tbody/tr")
    said = {(row[0].text, row[1].text_content()): row[2].text_content() for row in rows}
    assert said["cosine", "at 20: 0.05"] == "○ holds"
    assert said["cosine", "at 30: 0.04"].startswith("✕ fails: the learning rate at epoch 30")
    assert said["short", "max: 0.1"] == "○ holds"
    assert len(said) == 5
    assert "4 of 5 hold" in text_of(three_page, "//h2[@id='expectations-title']")


def test_nothing_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "epochs: 4\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 2}\nexpect: {max: 0.1}\n", "utf-8"
    )
    assert lrviz("plot", "a.yaml", "-o", "a.html", cwd=tmp_path).status == 0
    page = lxml.html.parse(str(tmp_path / "a.html"))
    assert text_of(page, "//section[h2='Findings']/p") == "Nothing found."
    assert text_of(page, "//pre") == (
        "epochs: 4 optimizer: {lr: 0.1} scheduler: {type: StepLR, step_size: 2} expect: {max: 0.1}"
    )
    assert page.xpath("//section[h2[@id='expectations-title']]//tbody/tr[td[contains(., 'holds')]]") != []
    assert not page_of(cosine()).xpath("//h2[@id='findings-title']")  # a curve alone has nothing to check


def test_a_finding_of_several_schedules_is_said_once() -> None:
    problem = Problem(Position("a.yaml", 2, 1), "a word", "a hint", "warning", "lr-tiny")
    shown = [Shown(curve([1.0], name=name), _schedule(), findings=(problem,)) for name in ("one", "two")]
    page = page_of(*shown, texts={"a.yaml": b"x: 1\ny: 2\n"})
    assert text_of(page, "//ol[@class='findings']") == "warning lr-tiny a.yaml:2:1 one, two a word hint: a hint"
    assert page.xpath("//pre/span[2]/a/@href") == ["#finding-1"]


def _schedule() -> Any:
    from lrviz.loading import load_text

    return load_text("epochs: 1\noptimizer: {lr: 1}\nscheduler: none\n", "a.yaml")[0]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"a: 1\nb: 2\n", ["a: 1", "b: 2"]),
        (b"a: 1\r\nb: 2", ["a: 1", "b: 2"]),
        ("\ufeffa: ü".encode(), ["a: ü"]),
        ("a: ü\n".encode("utf-16"), ["a: ü"]),
        (b"a: \xff\x00\x1b[31m", ["a: \ufffd\\x00\\x1b[31m"]),
        ("a: \u202e1".encode(), ["a: \\u202e1"]),
        (b"", [""]),
        (b"x" * 3000, ["x" * 2000 + "… (1000 more letters)"]),
    ],
)
def test_any_text_has_its_lines(text: bytes, lines: list[str]) -> None:
    page = page_of(cosine(), texts={"a.yaml": text})
    assert [line.text for line in page.xpath("//pre/span")] == [line or None for line in lines]


def test_of_a_very_long_file_the_first_lines_are_shown() -> None:
    page = page_of(cosine(), texts={"a.yaml": b"- 1\n" * 5000})
    assert len(page.xpath("//pre/span")) == 3000
    assert "These are the first 3,000 of 5,000 lines." in text_of(page, "//section[pre]")


def test_an_absolute_path_is_called_by_as_little_as_tells_it_apart() -> None:
    names = ["/home/me/a/x.yaml", "/home/me/b/x.yaml", "/home/me/y.yaml", "z/x.yaml"]
    assert [called(name, names) for name in names] == ["a/x.yaml", "b/x.yaml", "y.yaml", "z/x.yaml"]


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("https://arxiv.org/abs/1608.03983", True),
        ("javascript:alert(1)", False),
        ("see https://arxiv.org", False),
        ('https://a"onclick="x', False),
        ("He et al. 2015", False),
    ],
)
def test_a_source_is_a_link_only_where_it_is_an_address(source: str, link: bool) -> None:
    page = page_of(replace(cosine(), source=source))
    assert text_of(page, "//header/p[last()]") == f"Source: {source}"
    assert page.xpath("//header//a/@href") == ([source] if link else [])
    assert page.xpath("//header//a/@rel") == (["noopener noreferrer"] if link else [])


def test_schedules_have_no_column_that_is_empty() -> None:
    titles = "//section[h2='Schedules']//thead//th/text()"
    one, two = cosine(name="one"), cosine(name="two")
    assert page_of(one, two).xpath(titles) == ["schedule", "run"]
    assert page_of(one, replace(two, source="He")).xpath(titles) == ["schedule", "run", "source"]
    page = page_of(replace(one, title="First"), two)
    assert page.xpath(titles) == ["schedule", "title", "run"]
    rows = [[cell.text or "" for cell in row] for row in page.xpath("//section[h2='Schedules']//tbody/tr")]
    assert rows == [["one", "First", "40 epochs"], ["two", "", "40 epochs"]]


def test_an_error_stands_above_the_last_good_drawing() -> None:
    error = "a.yaml:2:1: error: <b> is no scheduler\n  hint: write StepLR"
    page, well = page_of(cosine(), live=True, error=error), page_of(cosine(), live=True)
    assert page.xpath("//main/*[1]/pre/text()") == [error]
    assert "last good drawing" in text_of(page, "//main/*[1]")
    assert page.xpath("//main/*[1]/@role") == ["alert"]
    assert not well.xpath("//*[@class='banner']")
    assert figure_of(page) == figure_of(well)
    digests = {each.xpath("string(//head/script)").partition('digest = "')[2][:64] for each in (page, well)}
    assert len(digests) == 2  # so that an open page loads itself again


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"])))
@settings(max_examples=50, deadline=None)
def test_text_is_text_wherever_it_stands(text: str) -> None:
    element = lxml.html.fragment_fromstring(tag("p", text, title=text, class_=None))
    assert (element.text or "", element.get("title")) == (text, text)
    assert element.attrib.keys() == ["title"]


@pytest.mark.parametrize("theme", sorted(PALETTES))
def test_words_can_be_read_in_every_theme(theme: str) -> None:
    """By the contrast ratio of WCAG 2: 4.5 for text."""

    def light(color: str) -> float:
        channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    style = "".join(page_of(cosine(), look=Look(theme=theme)).xpath("//style/text()"))  # type: ignore[arg-type]
    colors = dict(re.findall(r"--(\w+): (#[0-9A-F]{6});", style))
    on_background = [(words, "background") for words in ("ink", "quiet", "holds", "fails")]
    for words, ground in [*on_background, ("ink", "faint"), ("quiet", "faint")]:
        low, high = sorted((light(colors[words]), light(colors[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (words, ground)
