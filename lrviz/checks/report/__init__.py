"""The formats of a report: one file per format, and the dict that names them.

A format is a module with `write(results, options)`, which returns the whole text and does nothing else. The text ends
with a line break, or is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lrviz.checks.finding import Results
from lrviz.checks.report import concise, github, json, junit, sarif, text
from lrviz.checks.report.options import ReportOptions

FORMATS: Final[dict[str, Callable[[Results, ReportOptions], str]]] = {
    "text": text.write,
    "concise": concise.write,
    "json": json.write,
    "github": github.write,
    "junit": junit.write,
    "sarif": sarif.write,
}
