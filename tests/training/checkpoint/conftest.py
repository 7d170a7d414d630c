"""These tests use the loops of `tests/engine` and the processes of `tests/cli`."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "engine"), str(TESTS / "cli"), str(Path(__file__).parent)]
