"""A review for programs: JSON, and the workflow commands of GitHub Actions."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

from lrviz.calculator.difference import GroupDifference, Pair, Point
from lrviz.calculator.stats import Stats
from lrviz.checks.finding import Finding
from lrviz.checks.report.github import command
from lrviz.errors import Position, Problem
from lrviz.files import STDIN
from lrviz.foreign import escaped, json_text
from lrviz.render.tables.numbers import json_number
from lrviz.render.tables.review import heading
from lrviz.render.tables.review_rows import cause_words, short_words
from lrviz.review.causes import MISSING, Cause, shown_key
from lrviz.review.repository import Base
from lrviz.review.result import Review, Reviewed, Side, Torches
from lrviz.run import Run


def write_json(review: Review, stream: IO[str]) -> None:
    """`{"version": 1, "base", "files", "changed", "moved", "schedules": [...], "unread": [...]}`.

    `base` is `{"commit", "revision", "how"}`, or the versions `{"own", "other"}` of torch.

    `moved` are the names of the schedules for which the exit status is 1. NaN and infinities are text; what one side
    does not have is null or, of a value in a file, left out.
    """
    page = {
        "version": 1,
        "base": asdict(review.base) if isinstance(review.base, Torches) else _base(review.base),
        "files": review.files,
        "changed": review.changed,
        "moved": [each.name for each in review.moved],
        "schedules": [_schedule(each) for each in review.schedules],
        "unread": [{"file": each.file, "problems": list(map(_problem, each.problems))} for each in review.unread],
    }
    stream.write(json_text(page, indent=2, allow_nan=False) + "\n")


def _base(base: Base) -> dict[str, str]:
    return {"commit": base.commit, "revision": base.named, "how": base.how}


def _schedule(one: Reviewed) -> dict[str, Any]:
    pair = one.difference
    return {
        "name": one.name,
        "file": one.schedule.file,
        "schedule": one.schedule.name,
        "was": one.old_name or None,
        "verdict": one.verdict,
        "identical": one.untouched or (pair is not None and pair.identical),
        "must_not_move": one.frozen,
        "causes": [_cause(each) for each in one.causes],
        "old": _side(one.old) if not one.untouched else None,
        "new": _side(one.new) if not one.untouched else None,
        "apart": one.apart or None,
        "groups": [_group(each, pair.clock.run) for each in pair.groups] if pair is not None else [],
        "came": list(map(_finding, one.came)),
        "went": list(map(_finding, one.went)),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    if cause.is_file:
        return {"file": cause.key, "was_there": cause.old, "is_there": cause.new}
    values = {name: _plain(value) for name, value in (("old", cause.old), ("new", cause.new)) if value is not MISSING}
    place = cause.where or cause.old_where
    return {"key": shown_key(cause.key)} | values | ({} if place is None else {"file": place.file, "line": place.line})


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    run = side.schedule.run
    groups = [_stats(each) for each in side.stats]
    return {"epochs": run.total_epochs, "steps": run.total_steps, "refused": side.curve is None, "groups": groups}


def _stats(stats: Stats) -> dict[str, Any]:
    numbers = ("peak", "peak_epoch", "peak_step", "end", "mean", "area", "warmup")
    found = {name: json_number(getattr(stats, name)) for name in numbers}
    return {"group": stats.group, "unit": stats.unit, **found}


def _group(group: GroupDifference, run: Run) -> dict[str, Any]:
    return {
        "group": group.group,
        "same": group.same,
        "differing": group.differing,
        "first": _point(group.first, run),
        "largest": _point(group.largest, run),
    }


def _point(point: Point | None, run: Run) -> dict[str, Any] | None:
    if point is None:
        return None
    epoch = None if run.total_epochs is None else run.time(point.tick, "epoch")
    return {"epoch": epoch, "step": run.step(point.tick), **_pair(point.lr)}


def _pair(pair: Pair) -> dict[str, Any]:
    return {"old": json_number(pair.a), "new": json_number(pair.b), "ratio": json_number(pair.ratio)}


def _finding(finding: Finding) -> dict[str, Any]:
    return _problem(finding.problem)


def _problem(problem: Problem) -> dict[str, Any]:
    where = problem.where
    return {
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
    }


# --- GitHub ------------------------------------------------------------------------------------------------------


def write_github(review: Review, stream: IO[str]) -> None:
    """A notice on the line that changed a curve, and an error where it must not move.

    Findings are left to `lrviz check --format github`, which has them on their lines.
    """
    for each in review.told:
        if each.verdict == "same":
            continue
        moves = each.frozen and each.moved
        where = each.where if each.new is not None else Position(STDIN)  # what is gone has no line
        title = f"learning rate ({each.schedule.name})"
        causes = [": ".join(cause_words(cause)) for cause in each.causes[:3]]
        lines = [heading(each), *causes, short_words(each)]
        shown = [escaped(line) for line in lines if line]
        stream.write(command("error" if moves else "notice", where, title, shown))
