"""The fixtures of `pages.py`, for all tests of pages."""

from pages import browser, folder, opened, table, three, three_open  # noqa: F401
