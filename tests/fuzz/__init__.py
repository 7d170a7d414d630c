"""A fuzzer of lrviz: `python -m tests.fuzz`. What it can do is in `__main__`, a kind of input is a file in `kinds/`."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parent.parent
for folder in (str(_TESTS / "engine"), str(_TESTS / "configs"), str(_TESTS)):  # what tests compare with; this package
    if folder not in sys.path:
        sys.path.insert(0, folder)
