"""Schedules in the trainers of others, a library a module: `lrviz.lightning` and `lrviz.huggingface`.

They import their libraries only when a callback is made.
"""

from __future__ import annotations

from lrviz.trainers import huggingface, lightning

__all__ = ["huggingface", "lightning"]
