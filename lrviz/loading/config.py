"""Configs of other programs -> schedules: a whole file, or what the key `config` of a file of ours names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lrviz.configs.facts import Given
from lrviz.configs.recognize import dialect_of
from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.files import UnreadableError
from lrviz.loading.recognized import RECOGNIZED
from lrviz.loading.sweep import each_of
from lrviz.reach import Reach
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.config import checked_config
from lrviz.schedule.reading.override import Override
from lrviz.schedule.reading.reader import read_schedules
from lrviz.schedule.reading.run import Length
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.text.document import Node, readable

if TYPE_CHECKING:
    from lrviz.configs.dialect import Dialect
    from lrviz.configs.releases import Reading


def of_config(
    dialect: Dialect,
    text: str | bytes,
    length: Length | None,
    overrides: Sequence[Override],
    given: Given,
    reach: Reach,
    *,
    trust: bool,
    stretch: Stretch | None = None,
) -> list[Schedule]:
    """The schedule of another program's config, once for every combination of values of a sweep."""
    from lrviz.configs import read as configs
    from lrviz.configs.settings import settings_of, with_length

    root = with_length(dialect, configs.parsed(dialect, text, given, reach), length)

    def read(document: Node) -> list[Schedule]:
        return read_document(dialect, document, given, reach, trust=trust, changed=bool(overrides), stretch=stretch)

    return each_of(settings_of(dialect, root, overrides), read, "", ())


def read_document(
    dialect: Dialect,
    document: Node,
    given: Given,
    reach: Reach,
    *,
    trust: bool,
    changed: bool = True,
    stretch: Stretch | None = None,
    length: Length | None = None,
) -> list[Schedule]:
    """The schedules of a config that was parsed; `length` is that of the plan when it has been stretched."""
    from lrviz.configs import read as configs

    reading = configs.read(dialect, document, given, reach)
    found = read_schedules(
        reading.root,
        length,
        trust=trust,
        changed=changed,
        allow_path=reach.allowed,
        base=reach.base,
        files=reach.files,
        stretch=stretch,
        of_config=True,
    )
    imported = reading.imported.stretched(stretch.written) if stretch is not None else reading.imported
    return [replace(each, remarks=(*each.remarks, *reading.remarks), imported=imported) for each in found]


def config_beside(length: Length | None, node: Node, metric: Node | None, reach: Reach) -> Reading:
    """The schedule of the config that the key `config` of a file names.

    Releases that are installed decide nothing here: the file must mean the same on every machine.
    """
    from lrviz.configs import read as configs
    from lrviz.configs.settings import check_names, with_length

    problems = Problems()
    file = checked_config(node, problems)
    if file is None:
        raise ScheduleError(problems)
    try:
        data = reach.read(file.value)
    except UnreadableError as error:
        raise ScheduleError.at(file.where, f"config: {file.value} {error}", error.hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScheduleError.at(file.where, f"config: {file.value} cannot be read: {reason}") from None
    path = _short(str(reach.path(file.value)))
    said, texts = node.get("data"), node.get("overrides")
    facts = {str(item.key.value): item.value for item in said.items()} if said is not None else {}
    check_names({str(item.key.value): item.key.where for item in said.items()} if said is not None else {})
    if metric is not None:
        facts["metric"] = metric
    wanted = node.get("from")
    given = Given(
        facts,
        str(wanted.value or "") if wanted is not None else "",
        tuple(str(each.value) for each in texts.value) if texts is not None and texts.is_list else (),
        installed=False,
    )
    beside = Reach(path, reach.allowed, files=reach.files)
    dialect = dialect_of(readable(data), path, given.dialect, beside, (wanted or node).where)
    if dialect is None:
        hint = RECOGNIZED.replace("--from NAME", "`from: NAME` beside `file`")
        raise ScheduleError.at(
            file.where, f"config: {file.value} is not recognized as the config of another program", hint
        )
    try:
        root = configs.parsed(dialect, data, given, beside)
        return configs.read(dialect, with_length(dialect, root, length), given, beside)
    except ScheduleError as error:
        raise ScheduleError(_placed(each, (texts or node).where) for each in error.problems) from None


def _placed(problem: Problem, overrides: Position) -> Problem:
    """A problem of an override at its place in a file of ours."""
    option = problem.where.file
    if not option.startswith("--override"):
        return problem
    return problem._replace(where=overrides, message=f"{option.replace('--override', 'overrides')}: {problem.message}")


def _short(path: str) -> str:
    """A path without `folder/..`, unless a link makes that another file."""
    short = os.path.normpath(path)
    return short if os.path.realpath(short) == os.path.realpath(path) else path
