"""Cases of other rooms, which are trained here: plain torch loops, and configs of other programs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / room) for room in ("engine", "configs", "cli", "training/code")]
