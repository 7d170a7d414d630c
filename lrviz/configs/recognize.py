"""Which program's config a file is, by its marks.

A schedule of ours has to pass here quickly, so what is only needed for configs is imported where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lrviz.configs.registry import DIALECTS, listed
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show

if TYPE_CHECKING:
    from lrviz.configs.dialect import Dialect
    from lrviz.configs.outline import Outline
    from lrviz.reach import Reach


FROM: Final = Position("--from")
"""Where a command line says what a file is."""


def dialect_of(
    text: str, file: str, wanted: str = "", reach: Reach | None = None, said: Position = FROM
) -> Dialect | None:
    """The dialect of a file; None for a schedule of ours, and for what has no marks at all.

    `wanted` is what `--from` says, or the place `said`. Through `reach`, files that it names are looked at. Raises
    `ScheduleError`, which names the candidates and their marks, for a file that could be several things.
    """
    if wanted:
        if wanted not in DIALECTS:
            raise ScheduleError.at(said, f"there is no program {show(wanted)}", did_you_mean(wanted, DIALECTS))
        return DIALECTS[wanted]
    marks = marks_of(text, file, reach)
    if not marks:
        return None
    if len(marks) > 1:
        seen = "; ".join(f"{DIALECTS[name].title} ({name}), because of {mark}" for name, mark in marks.items())
        option = "--from " if said == FROM else "from: "
        hint = f"say {' or '.join(f'{option}{name}' for name in marks)}"
        raise ScheduleError.at(Position(file), f"this could be the config of several programs: {seen}", hint)
    return DIALECTS[next(iter(marks))]


def marks_of(text: str, file: str, reach: Reach | None = None) -> dict[str, str]:
    """The dialects that a file could be, each with the mark that says so; those that yield to another are left out.

    Empty for a schedule of ours.
    """
    names = listed(text, file)
    if not names:
        return {}
    from lrviz.configs.outline import Outline

    outline = Outline(text, file, reach)
    if is_ours(outline):
        return {}
    marks = {name: mark for name in names if (mark := DIALECTS[name].recognize(outline))}
    return {name: mark for name, mark in marks.items() if marks.keys().isdisjoint(DIALECTS[name].yields_to)}


def is_ours(outline: Outline) -> bool:
    """True for a schedule file of lrviz, which may have keys of other programs too (`epochs`, `optimizer`)."""
    tree = outline.tree
    scheduler, schedules = tree.get("scheduler"), tree.get("schedules")
    if isinstance(schedules, dict) or isinstance(scheduler, list):
        return True
    if scheduler in ("none", "None"):
        return bool(outline.any("optimizer", "epochs", "steps"))
    if isinstance(scheduler, dict) and "params" not in scheduler and "type" in scheduler:
        return outline.any("zero_optimization", "train_micro_batch_size_per_gpu", "train_batch_size") == ""
    if isinstance(scheduler, dict):
        return False
    return isinstance(tree.get("config"), dict) and "file" in tree["config"]
