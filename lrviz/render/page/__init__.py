"""Curves as a self-contained HTML page: an interactive chart, the table, the findings and the text of the files.

The page is one file that loads nothing from the network, and the same input always gives the same file.
"""

from lrviz.render.page.document import render, require

__all__ = ["render", "require"]
