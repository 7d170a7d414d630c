"""`lrviz.guard`: holds a training to its plan, through the hooks of its optimizer.

`plan` says what every step should use, `guard` compares, `position` and `scaler` count the steps. `causes` tells what
fits what was `seen` at a first deviation, `story` what explains the next ones; `log` writes what was used.
"""

from __future__ import annotations

from lrviz.training.guard.deviation import Deviation, DeviationError, DeviationWarning
from lrviz.training.guard.guard import Guard
from lrviz.training.guard.make import make_guard

__all__ = ["Deviation", "DeviationError", "DeviationWarning", "Guard", "make_guard"]
