"""The address of the documentation is one constant; what would link to it is left out while it is empty."""

from __future__ import annotations

import tomllib

from helpers.pages import ROOT

from lrviz.address import SITE


def test_the_package_links_to_the_documentation_if_it_has_an_address() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project.get("urls", {}) == ({"Documentation": SITE} if SITE else {})
    assert not SITE or (SITE.startswith("https://") and SITE.endswith("/"))


def test_no_other_file_has_an_address_of_its_own() -> None:
    """The site takes it from the constant (`.ci/site.py`)."""
    assert "site_url" not in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
