"""What `lrviz train` can train: the names of its problems, for the command line, the messages and files."""

from __future__ import annotations

from typing import Final

DEFAULT_PROBLEM: Final = "digits"

PROBLEMS: Final = {
    "digits": "digits",
    "mnist": "mnist:DIR",
    "quadratic": "quadratic",
    "rosenbrock": "rosenbrock",
}
"""Each problem of lrviz by its name, with the form in which it is written; what stands behind a colon is its own."""

OWN_PROBLEM: Final = "module:function"
"""The form of a problem of the user's own, which runs with `--trust` only."""
