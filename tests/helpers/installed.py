"""Tests that need a library of the extra `trainers`, which the main suite runs without."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def needs(library: str) -> pytest.MarkDecorator:
    """Skips tests where a library is missing, and says how it is installed."""
    missing = find_spec(library) is None
    return pytest.mark.skipif(missing, reason=f"{library} is not installed: pip install 'lrviz[trainers]'")
