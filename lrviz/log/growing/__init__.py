"""Reads a log while the run still writes it, and compares it with the plan as it grows.

`arrivals` hands on the bytes that are new, `content` makes a `Log` of those so far, `logs` does both for each kind of
log (a file, a stream, JSON that is written anew each time, event files), `verdict` says when a deviation is sure, and
`following` is the loop.
"""

from __future__ import annotations

from lrviz.log.growing.following import Followed, FollowedRun, Stop

__all__ = ["Followed", "FollowedRun", "Stop"]
