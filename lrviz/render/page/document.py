"""The whole page: its sections in order, its scripts, and its content security policy."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files
from string import Template

from lrviz.errors import Position, ScheduleError
from lrviz.render.drawing.plan import Drawing, drawing_of
from lrviz.render.drawing.said import findings_of, length_words
from lrviz.render.page.cells import Cells, cells_of
from lrviz.render.page.chart import Chart, chart_of
from lrviz.render.page.files import Files, called
from lrviz.render.page.findings import expectations_section, findings_section
from lrviz.render.page.html import Markup, html, join, table_section, tag
from lrviz.render.page.layout import font_of
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look, Theme


def require() -> str:
    """The text of plotly.js. Raises `ScheduleError` where plotly is not installed."""
    try:
        from plotly.offline import get_plotlyjs  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        raise ScheduleError.at(Position("lrviz"), "an html page needs plotly", "pip install 'lrviz[html]'") from None
    return str(get_plotlyjs())


def render(
    shown: Sequence[Shown], texts: Mapping[str, bytes], look: Look, *, live: bool = False, error: str | None = None
) -> bytes:
    """The page of some curves and of the files that they come from (bytes by name), as the bytes of an HTML file.

    The same input gives the same bytes. A page has one chart, whatever `look.grid` says, which fills the width of the
    window. A `live` page reloads itself when its file changes. An `error` is shown at the top: it is about the current
    content of the files, while everything else shows their previous content. Raises `ScheduleError` if plotly is not
    installed, or if the picture cannot be drawn.
    """
    plotly = require()
    drawing = drawing_of(shown, look, multiples=False)
    cells = cells_of(drawing.curves)
    chart = chart_of(drawing, cells, look.theme)
    sources, found = Files(texts), findings_of(shown)
    title = _title(drawing)
    body = join(
        _banner(error) if error is not None else "",
        _header(drawing, title, sources),
        _figure(chart),
        _schedules_section(shown) if len(shown) > 1 else "",
        findings_section(shown, sources),
        expectations_section(drawing, sources),
        _table_section(cells),
        sources.sections(found),
    )
    figure = json.dumps(chart.figure, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    scripts = [plotly, _part("labels.js"), _part("page.js")]
    style = _part("page.css").replace("/* theme */", _variables(look.theme))
    first = ""
    if live:
        parts = [title, str(body), figure, style, *scripts]
        digest = sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        first = Template(_part("newer.js")).substitute(digest=digest)
        scripts.append(_part("live.js"))
    page = Template(_part("page.html")).substitute(
        policy=_policy([first, *scripts] if live else scripts, live=live),
        first=tag("script", Markup(first)) + "\n" if live else "",
        title=join(title),
        style=style,
        body=body,
        figure=figure,
        scripts="\n".join(tag("script", Markup(script)) for script in scripts),
    )
    return page.encode("utf-8", "replace")


def _part(name: str) -> str:
    return files("lrviz.render.page").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _policy(scripts: Sequence[str], *, live: bool) -> str:
    """The content security policy: only these scripts run, and nothing is loaded; a live page may load itself in a
    frame."""
    allowed = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    policy = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"
    return f"{policy}; frame-src 'self' file:" if live else policy


def _variables(theme: Theme) -> str:
    """The colours and font of a theme as CSS properties."""
    palette = asdict(PALETTES[theme])
    names = ("background", "ink", "quiet", "faint", "holds", "fails")
    scheme = "dark" if theme == "dark" else "light"
    return f"color-scheme: {scheme}; --text: {font_of(theme)}; " + " ".join(
        f"--{name}: {palette[name]};" for name in names
    )


# --- sections ----------------------------------------------------------------------------------------------


def _title(drawing: Drawing) -> str:
    """The title of the drawing; if it has none, the names of the schedules, or their number if they are many."""
    names = [curve.name for curve in drawing.curves]
    return drawing.title or (", ".join(names) if len(names) <= 3 else f"{len(names)} schedules")


def _header(drawing: Drawing, title: str, sources: Files) -> Markup:
    lines: list[Markup] = []
    shown = drawing.shown
    if len(shown) == 1:
        name, file = shown[0].curve.name, shown[0].schedule.file if shown[0].schedule else None
        where = join(" in ", tag("code", called(file, sources.texts))) if file is not None else ""
        lines.append(tag("p", tag("strong", name), where, ": ", length_words(shown[0].curve), class_="run"))
    if drawing.source:
        lines.append(tag("p", "Source: ", linked(drawing.source), class_="quiet"))
    return tag("header", tag("h1", title), *lines)


def _banner(error: str) -> Markup:
    return tag(
        "aside",
        tag("strong", "The files have an error and cannot be drawn."),
        tag("pre", error, tabindex="0"),
        tag("p", "Below is their last good drawing."),
        class_="banner",
        role="alert",
    )


def _figure(chart: Chart) -> Markup:
    buttons = [tag("button", "Reset view", type="button", id="reset")]
    if chart.can_log:
        pressed = "true" if chart.log else "false"
        buttons.insert(0, tag("button", "Logarithmic", type="button", id="log", aria_pressed=pressed))
    words = [tag("span", sentence) for sentence in chart.words]
    log_words = [tag("span", sentence, class_="on-log", hidden=None) for sentence in chart.log_words]
    how, by_touch = "Drag to zoom in, double-click to zoom out", "Tap the chart for its values"
    if len(chart.names) > 1:
        how += "; click a name to hide its curve, double-click it to see it alone"
        by_touch += ", a name to hide its curve"
    return tag(
        "figure",
        tag("div", *buttons, class_="buttons", role="group", aria_label="Chart"),
        tag(
            "div",
            tag(
                "div",
                tag("noscript", tag("p", "The chart needs JavaScript. The numbers are in the table below.")),
                id="chart",
                role="group",
                aria_label=f"Chart of {', '.join(chart.names)}; its numbers are in the table below",
                style=f"--wide-rows: {_legend_rows(chart, 1100)}; --narrow-rows: {_legend_rows(chart, 330)}",
            ),
            tag("div", id="readout", hidden="", aria_hidden="true"),
            class_="stage",
        ),
        tag(
            "figcaption",
            *words,
            *log_words,
            tag("span", f"{how}.", class_="how"),
            tag("span", f"{by_touch}.", class_="how by-touch"),
        ),
    )


def _legend_rows(chart: Chart, width: int) -> int:
    """The approximate number of rows, `width` pixels wide, of the chart's legend."""
    columns = max(1, width // (50 + 8 * max(map(len, chart.names))))
    return -(-len(chart.names) // columns) if len(chart.names) > 1 else 0


def _schedules_section(shown: Sequence[Shown]) -> Markup:
    """A table of several schedules: the run of each, and titles and sources if any of them has one."""
    curves = [each.curve for each in shown]
    cells = {
        "title": [join(curve.title or "") for curve in curves],
        "run": [join(length_words(curve)) for curve in curves],
        "source": [linked(curve.source) if curve.source else Markup("") for curve in curves],
    }
    told = {title: column for title, column in cells.items() if any(column)}
    rows = [
        tag("tr", tag("th", curve.name, scope="row"), *(tag("td", column[at]) for column in told.values()))
        for at, curve in enumerate(curves)
    ]
    return table_section("Schedules", ["schedule", *told], rows, "words")


def _table_section(cells: Cells) -> Markup:
    """The table that `lrviz table` prints; a long one with only every n-th row, as its caption says."""
    mark = tag("span", " \u2022", class_="turn", title="begins to change or reverses")
    rows = []
    for at, row in enumerate(cells.rows):
        clock = [tag("th", cells.columns[0][at], scope="row")]
        clock += [tag("td", cells.columns[column][at]) for column in range(1, cells.clock)]
        if row.marked:
            clock[-1] = tag("th" if cells.clock == 1 else "td", cells.columns[cells.clock - 1][at], mark)
        values = (tag("td", cells.columns[column][at]) for column in range(cells.clock, len(cells.titles)))
        rows.append(tag("tr", *clock, *values))
    caption = cells.caption[:1].upper() + cells.caption[1:] + "."
    titles = map(_foldable, cells.titles)
    return table_section("Table", titles, rows, "numbers", above=tag("p", caption, class_="quiet"))


def _foldable(title: str) -> Markup:
    """A name that may be folded after separators."""
    return Markup("<wbr>".join(map(html, re.findall(r"[^-/_: ]*[-/_: ]*", title))))


def linked(source: str) -> Markup:
    """A source as text, or as a link if it is a URL."""
    if not re.fullmatch(r"https?://[^\s<>\"]+", source):
        return join(source)
    return tag("a", source, href=source, rel="noopener noreferrer")
