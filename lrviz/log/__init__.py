"""What a real run logged, against the plan: whether it followed, where it left, and the usual cause that explains it.

`read_log` reads a file into a `Log`; `follow` holds the log against the curve of a schedule.
"""

from __future__ import annotations

from lrviz.log.follow import follow
from lrviz.log.log import Log
from lrviz.log.read import read_log

__all__ = ["Log", "follow", "read_log"]
