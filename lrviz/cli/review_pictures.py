"""The pictures of a review: one of each curve that changed, old and new."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from lrviz.cli.destination import refuse_foreign
from lrviz.cli.streams import Notes
from lrviz.cli.writing import write_file
from lrviz.errors import Position, ScheduleError
from lrviz.review.repository import Base
from lrviz.review.result import Review, Reviewed


def save_pictures(folder: str, review: Review, notes: Notes) -> None:
    """Saves a picture of each changed curve in a folder, which is made. Only pictures of lrviz are replaced."""
    pictured = [each for each in review.schedules if each.verdict == "curve" and each.difference is not None]
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise ScheduleError.at(Position(folder), f"the folder cannot be made: {error.strerror}") from None
    if not pictured:
        return
    from lrviz.render.picture.ratio import render  # matplotlib takes longer than many a review

    named = list(zip(_names(pictured), pictured, strict=True))
    targets = [os.path.join(folder, name) for name, _ in named]
    for target in targets:
        refuse_foreign(target, "name another folder, or move it away")
    for target, (_, each) in zip(targets, named, strict=True):
        assert each.difference is not None
        if isinstance(review.base, Base):
            sides = (f"old, at {review.base.short}", "new")
        else:
            sides = (f"torch {review.base.own}", f"torch {review.base.other}")
        write_file(target, render(each.difference, sides, "png", change=each.name))
        notes.say(f"lrviz: wrote {target}")


def _names(schedules: Iterable[Reviewed]) -> list[str]:
    """The names of the pictures, each once: those of the schedules, of letters that every file system takes."""
    found: list[str] = []
    taken: set[str] = set()
    for each in schedules:
        stem = re.sub(r"[^\w.=-]+", "-", each.name.removesuffix(".yaml")).strip("-.")[:MOST_LETTERS] or "schedule"
        name, count = f"{stem}.png", 2
        while name.casefold() in taken:
            name, count = f"{stem}-{count}.png", count + 1
        found.append(name)
        taken.add(name.casefold())
    return found


MOST_LETTERS = 80
