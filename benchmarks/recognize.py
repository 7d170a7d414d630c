"""Recognizes every config of a folder, as the commands do with what they find in one."""

from __future__ import annotations

import sys
from pathlib import Path

from lrviz.loading import is_recognized

files = sorted(Path(sys.argv[1]).iterdir())
found = [file for file in files if is_recognized(file.read_bytes(), str(file))]
print(f"{len(found)} of {len(files)}")
