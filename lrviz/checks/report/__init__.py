"""The formats of a report: one file per format, and the dict that names them.

A format is a module with `write(results, options)`, which returns the whole text and does nothing else. The text ends
with a line break, or is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from lrviz.checks.finding import Results
from lrviz.checks.report.options import ReportOptions


def _writer(module: str) -> Callable[[Results, ReportOptions], str]:
    """The `write` of a format, which is imported when it is called: one check writes in one format."""
    return lambda results, options: str(import_module(f"{__name__}.{module}").write(results, options))


FORMATS: Final = {name: _writer(name) for name in ("text", "concise", "json", "github", "junit", "sarif")}
