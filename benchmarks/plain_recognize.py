"""Reads every config of a folder with PyYAML, which a script that looks for keys would do."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

for file in sorted(Path(sys.argv[1]).iterdir()):
    try:
        yaml.load(file.read_bytes(), yaml.SafeLoader)
    except yaml.YAMLError:
        continue
