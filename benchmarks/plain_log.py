"""Reads the learning rates of a text log as a script would that knows its format: a regular expression a line."""

from __future__ import annotations

import re
import sys

FORMATS = (
    re.compile(r"iteration +(\d+)/.*learning rate: (\S+)"),
    re.compile(r"'learning_rate': (\S+), 'epoch': (\S+)}"),
    re.compile(r"step +(\d+) .*\| lr (\S+)"),
)

with open(sys.argv[1], encoding="utf-8") as file:
    head = file.read(10_000)
    (found,) = [each for each in FORMATS if each.search(head)]
    file.seek(0)
    records = []
    for line in file:
        match = found.search(line)
        if match is not None:
            records.append((float(match[1]), float(match[2].rstrip(","))))
print(f"{len(records)} records, the last at {records[-1][0]:g}")
