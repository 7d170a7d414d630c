"""Curves as one self-contained page: a chart to hover over and zoom, the table, the findings and the files' text.

The page is one file that asks nothing of the network, and holds nothing that changes from one run to the next.
"""

from lrviz.render.page.document import render, require

__all__ = ["render", "require"]
