"""Reads what a training printed: lines of any program that hold a learning rate and a step, epoch or iteration.

A block of text becomes lines (`lines`), a line becomes a record by the format of the program that wrote it (`format`,
a program a module in `formats/`), by the names on it (`names`) or by a pattern of the user (`pattern`); `Reader` takes
the blocks as they come, and keeps the records of each format and rank (`kept`), from which `log_of` makes a `Log`.
"""

from __future__ import annotations

from lrviz.log.text.format import Format
from lrviz.log.text.pattern import pattern_format
from lrviz.log.text.read import NoRecordsError, log_found, text_log
from lrviz.log.text.reader import Reader
from lrviz.log.text.whole import Wanted, log_of

__all__ = ["Format", "NoRecordsError", "Reader", "Wanted", "log_found", "log_of", "pattern_format", "text_log"]
