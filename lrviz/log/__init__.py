"""Compares what a real run logged with the plan: did it follow, where did it deviate, and which usual cause fits.

`read_log` reads a file into a `Log`; `follow` compares the log with the curve of a schedule.
"""

from __future__ import annotations

from lrviz.log.follow import follow
from lrviz.log.log import Log
from lrviz.log.read import read_log

__all__ = ["Log", "follow", "read_log"]
