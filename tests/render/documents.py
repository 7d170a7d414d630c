"""Pages of curves by hand as trees of elements, and what they say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import lxml.html
from curves import curve

from lrviz.curve import Curve
from lrviz.render.page import render
from lrviz.render.shown import Shown
from lrviz.render.style import Look

NOTHING: Mapping[str, bytes] = {}


def page_of(
    *shown: Shown | Curve, look: Look | None = None, texts: Mapping[str, bytes] = NOTHING, live: bool = False,
    error: str | None = None,
) -> Any:  # fmt: skip
    """The page of some curves as a tree of elements."""
    everything = [each if isinstance(each, Shown) else Shown(each) for each in shown]
    return lxml.html.fromstring(render(everything, texts, look or Look(), live=live, error=error).decode())


def figure_of(page: Any) -> Any:
    (figure,) = page.xpath("//script[@id='figure']/text()")
    return json.loads(figure)


def text_of(page: Any, path: str) -> str:
    """What an element says, with one blank for each gap."""
    (found,) = page.xpath(path)
    return " ".join(" ".join(found.itertext()).split())


def lines_of(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["mode"] == "lines"]


def cosine(count: int = 40, **more: Any) -> Curve:
    return curve([0.05 * (1 + math.cos(math.pi * tick / count)) for tick in range(count)], **more)
