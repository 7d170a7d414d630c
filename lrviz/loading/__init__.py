"""A file, a text or standard input -> the schedules in it. It is a schedule file, or the config of another program."""

from __future__ import annotations

from lrviz.loading.editable import Editable, editable
from lrviz.loading.files import SUFFIXES, file_and_key, read_file, read_stdin
from lrviz.loading.recognized import CONFIGS, is_config, is_recognized
from lrviz.loading.schedules import load_document, load_file, load_text

__all__ = [
    "CONFIGS",
    "SUFFIXES",
    "Editable",
    "editable",
    "file_and_key",
    "is_config",
    "is_recognized",
    "load_document",
    "load_file",
    "load_text",
    "read_file",
    "read_stdin",
]
