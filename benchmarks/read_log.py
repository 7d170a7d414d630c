"""Reads the learning rates of a log, as `lrviz check --run` does."""

from __future__ import annotations

import sys

from lrviz.log import read_log

log = read_log(sys.argv[1])
print(f"{len(log.lr)} records, the last at {log.clocks[0].at[-1]:g}")
