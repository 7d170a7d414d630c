"""The fixtures of `pages.py`, for all tests of pages."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "render"), str(TESTS / "cli")]  # for `curves` and `process`

from pages import browser, folder, opened, table, three, three_open  # noqa: E402, F401
