"""HTML from plain text: everything except the markup of this module is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lrviz.foreign import visible


class Markup(str):
    """Text that already is HTML."""

    __slots__ = ()


def seen(text: str) -> str:
    """A text whose hidden characters, other than the tabs and line breaks that HTML takes for blanks, are escaped."""
    return visible(text, keep="\t\n")


def html(child: str) -> str:
    """A text as HTML; `Markup` stays as it is."""
    return child if isinstance(child, Markup) else escape(seen(child))


def join(*children: str) -> Markup:
    """Texts and elements joined together."""
    return Markup("".join(map(html, children)))


def tag(name: str, *children: str, **attributes: str | None) -> Markup:
    """An element. An attribute that is None is left out; `class_` is `class`, `aria_label` is `aria-label`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def table_section(
    heading: str, titles: Iterable[str], rows: Iterable[Markup], kind: str, *, count: str = "", above: str = ""
) -> Markup:
    """A section with a table of class `kind` in a scrollable box."""
    name = f"{heading.lower()}-title"
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))
    table = tag("table", head, tag("tbody", *rows), class_=kind)
    box = tag("div", table, class_="box", tabindex="0", role="region", aria_labelledby=name)
    return tag("section", tag("h2", heading, count, id=name), above, box, aria_labelledby=name)


def markup(text: str) -> str:
    """A text escaped for plotly, which would take `<b>` and `&amp;` for markup, and `$x$` for mathematics."""
    return seen(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
