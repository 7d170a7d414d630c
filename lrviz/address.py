"""Where the documentation can be read."""

from __future__ import annotations

from typing import Final

SITE: Final = ""
"""The address of the site that `mkdocs build` makes of `docs/`, with a slash at its end; empty while it is nowhere.

What would link to it (`helpUri` in SARIF, the urls of the package) is left out while it is empty.
"""
