"""What a file is: a schedule file of ours, the config of another program, or neither."""

from __future__ import annotations

import re

from lrviz.configs.recognize import dialect_of, marks_of
from lrviz.configs.registry import DIALECTS
from lrviz.errors import ScheduleError
from lrviz.schedule.text.document import readable
from lrviz.schedule.text.quoting import is_meant_as_schedule

CONFIGS = (".toml", ".py", ".sh", ".md", ".txt")
"""Suffixes of configs of other programs, which schedule files do not have."""


RECOGNIZED = "`lrviz import --list` says what is read, and by which marks; --from NAME says what a file is"


def is_config(data: bytes, file: str, program: str = "") -> bool:
    """True for the content of a file that is read as the config of another program."""
    try:
        return dialect_of(readable(data), file, program) is not None
    except ScheduleError:  # of several programs
        return True


def is_recognized(data: bytes, file: str) -> bool:
    """True for the content of a file that is read when it is found in a folder: a schedule, or a config of another
    program."""
    text = readable(data)
    marks = marks_of(text, file)
    if marks or _PART.search(text) is not None:
        return any(not DIALECTS[name].without_schedule for name in marks)
    return is_meant_as_schedule(text)


_PART = re.compile(r"^\s*(?:- )?[\"']?(?:_target_|_component_|_self_|class_path)[\"']?\s*:|- _self_\b", re.MULTILINE)
"""What configs of other programs say: one that is no whole config is a part of one, such as a group of Hydra's."""
