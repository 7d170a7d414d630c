"""A file, a text or standard input -> the schedules in it. It is a schedule file, or the config of another program."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrviz.configs.facts import NOTHING_GIVEN, Given
from lrviz.configs.recognize import dialect_of, marks_of
from lrviz.configs.registry import DIALECTS
from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.files import STDIN, UnreadableError, open_regular
from lrviz.reach import Reach
from lrviz.schedule.catalogue import DATA
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.config import checked_config
from lrviz.schedule.reading.override import Chosen, KeyPath, Override, Variant, find_path, places, variants
from lrviz.schedule.reading.reader import read_schedules
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text.document import MAX_BYTES, Item, Node, parse, readable
from lrviz.schedule.text.key import value_of
from lrviz.schedule.text.quoting import OWN_KEYS, is_meant_as_schedule
from lrviz.schedule.text.suggest import suggest

if TYPE_CHECKING:
    from lrviz.configs.dialect import Dialect
    from lrviz.configs.releases import Reading

CONFIGS = (".toml", ".py", ".sh", ".md", ".txt")
"""Suffixes of configs of other programs, which schedule files do not have."""

SUFFIXES = (".yaml", ".yml")
"""Suffixes of schedule files."""


def load_file(
    path: str | Path,
    length: Length | None = None,
    overrides: Sequence[Override] = (),
    chosen: Chosen = lambda name: True,
    *,
    trust: bool = False,
    allow_path: Sequence[str] = (),
    given: Given = NOTHING_GIVEN,
    key: str = "",
) -> list[Schedule]:
    """The schedules of a file, in its order; `length` replaces the length of every run. `key` is as in `load_text`.

    `overrides` replace values of the file. If they have several values, each schedule that they reach is returned once
    for every combination, with the values in its name. Schedules that are not `chosen` take no override. `trust`
    allows schedulers that are not torch's own; their code runs when they are used. `allow_path` are folders outside of
    the project of the file in which it may name files. `given` is what is said of the config of another program.

    Raises `ScheduleError` if the file cannot be read, or with every problem in it.
    """
    text, file = read_file(path), str(path)
    return load_text(text, file, length, overrides, chosen, trust=trust, allow_path=allow_path, given=given, key=key)


def load_text(
    text: str | bytes,
    file: str,
    length: Length | None = None,
    overrides: Sequence[Override] = (),
    chosen: Chosen = lambda name: True,
    *,
    trust: bool = False,
    allow_path: Sequence[str] = (),
    key: str = "",
    base: str | None = None,
    given: Given = NOTHING_GIVEN,
) -> list[Schedule]:
    """The schedules of a text; `file` is its name in errors, and a lone schedule is named after it.

    With `key`, they stand inside of a larger document (`trainer.schedule`), of which nothing else is read. `base` is
    the folder where the names of files in it begin, by default that of `file`. `given` is what is said of the config of
    another program.
    """
    reach = Reach(file, tuple(allow_path), base)
    dialect = dialect_of(readable(text), file, given.dialect, reach) if not key else None
    if dialect is not None:
        return _of_config(dialect, text, length, overrides, given, reach, trust=trust)
    if file.endswith(CONFIGS) and not is_meant_as_schedule(readable(text)):
        raise ScheduleError.at(Position(file), "this is not recognized as the config of a program", RECOGNIZED)
    problems = Problems()
    root = parse(text, file, problems, discreet=True)
    return load_document(
        root,
        length,
        overrides,
        chosen,
        trust=trust,
        allow_path=allow_path,
        key=key,
        base=base,
        problems=problems,
        given=given,
    )


def load_document(
    root: Node,
    length: Length | None = None,
    overrides: Sequence[Override] = (),
    chosen: Chosen = lambda name: True,
    *,
    trust: bool = False,
    allow_path: Sequence[str] = (),
    key: str = "",
    base: str | None = None,
    problems: Sequence[Problem] = (),
    given: Given = NOTHING_GIVEN,
) -> list[Schedule]:
    """The schedules of a document. `problems` were found in it before; if there are any, they are raised too.

    What is `given` as `data` replaces values under the key `data`.
    """
    root = value_of(root, key)
    if root.is_mapping and root.value.keys().isdisjoint((*OWN_KEYS, "config")):
        raise ScheduleError([*problems, _no_schedule(root)])
    overrides = [*overrides, *_own_data(root, given)]
    try:
        documents = variants(root, overrides, chosen)
    except ScheduleError as error:
        raise ScheduleError([*problems, *error.problems]) from None

    def read(document: Node) -> list[Schedule]:
        return read_schedules(
            document,
            length,
            trust=trust,
            changed=bool(overrides),
            allow_path=allow_path,
            base=base,
            read_config=partial(_config_beside, length),
        )

    return _each(documents, read, key, problems)


def _each(
    documents: Sequence[Variant], read: Callable[[Node], list[Schedule]], key: str, problems: Sequence[Problem]
) -> list[Schedule]:
    """The schedules of every document of a sweep, each once, in the order of the file."""
    problems = Problems(problems)
    schedules: dict[str, dict[str, Schedule]] = {}
    for document in documents:
        try:
            for schedule in read(document.root):
                swept = document.swept_of(schedule.name)
                named = replace(schedule, name=f"{schedule.name} {swept}".strip(), swept=swept, key=key)
                schedules.setdefault(schedule.name, {}).setdefault(swept, named)
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    return [schedule for variants_of_one in schedules.values() for schedule in variants_of_one.values()]


def _own_data(root: Node, given: Given) -> list[Override]:
    """What `--data` says of a file of ours: values under `data`, or under that of the config that the file names."""
    inside = "config.data" if root.get("config") is not None else "data"
    if inside == "data" and not any(path.keys[-1:] == ("data",) for path, _ in places(root)):
        return []  # a file without `data` depends on none of it
    known = {argument.name for argument in DATA.arguments}
    return [
        Override(f"{inside}.{name}", (("", node),), node.where)
        for name, node in given.data.items()
        if inside != "data" or name in known
    ]


# --- configs of other programs -------------------------------------------------------------------------------------


def _of_config(
    dialect: Dialect,
    text: str | bytes,
    length: Length | None,
    overrides: Sequence[Override],
    given: Given,
    reach: Reach,
    *,
    trust: bool,
) -> list[Schedule]:
    """The schedule of another program's config, once for every combination of values of a sweep."""
    from lrviz.configs import read as configs
    from lrviz.configs.settings import settings_of, with_length

    root = with_length(dialect, configs.parsed(dialect, text, given, reach), length)

    def read(document: Node) -> list[Schedule]:
        return _read_config(dialect, document, given, reach, trust=trust, changed=bool(overrides))

    return _each(settings_of(dialect, root, overrides), read, "", ())


def _read_config(
    dialect: Dialect, document: Node, given: Given, reach: Reach, *, trust: bool, changed: bool = True
) -> list[Schedule]:
    from lrviz.configs import read as configs

    reading = configs.read(dialect, document, given, reach)
    found = read_schedules(reading.root, trust=trust, changed=changed, allow_path=reach.allowed, base=reach.base)
    return [replace(each, remarks=(*each.remarks, *reading.remarks), imported=reading.imported) for each in found]


def _config_beside(length: Length | None, node: Node, metric: Node | None, reach: Reach) -> Reading:
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
    beside = Reach(path, reach.allowed)
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


RECOGNIZED = "`lrviz import --list` says what is read, and by which marks; --from NAME says what a file is"


def is_config(data: bytes, file: str, program: str = "") -> bool:
    """True for the content of a file that is read as the config of another program."""
    try:
        return dialect_of(readable(data), file, program) is not None
    except ScheduleError:  # of several programs
        return True


def is_recognized(data: bytes, file: str) -> bool:
    """True for the content of a file that is read when it is found in a folder: a schedule, or a config of another
    program."""
    text = readable(data)
    marks = marks_of(text, file)
    if marks or _PART.search(text) is not None:
        return any(not DIALECTS[name].without_schedule for name in marks)
    return is_meant_as_schedule(text)


_PART = re.compile(r"^\s*(?:- )?[\"']?(?:_target_|_component_|_self_|class_path)[\"']?\s*:|- _self_\b", re.MULTILINE)
"""What configs of other programs say: one that is no whole config is a part of one, such as a group of Hydra's."""


def _no_schedule(root: Node) -> Problem:
    """That a mapping is no schedule. Nothing of it is quoted, but a key that is nearly right is pointed at."""
    message = f"this is not a schedule: it has none of the keys {', '.join(OWN_KEYS)}"
    for item in islice(root.items(), 20):
        meant = suggest(str(item.key.value), OWN_KEYS)
        if meant is not None:
            return Problem(item.key.where, message, f"did you mean {meant}?")
    hint = (
        "the smallest schedule has `epochs`, `optimizer` and `scheduler`; is it inside? FILE#trainer.schedule names it;"
        " `lrviz import --list` says which configs of other programs are read"
    )
    return Problem(root.where, message, hint)


class Editable(NamedTuple):
    """The document of one schedule, to read it again with other values.

    `root` is the document, `find` finds the one place that a key means, as `--set` does, and `read` reads the schedule
    of such a document.
    """

    root: Node
    find: Callable[[str, Position], KeyPath]
    read: Callable[[Node], Schedule]


def editable(
    schedule: Schedule,
    text: str | bytes,
    length: Length | None = None,
    overrides: Sequence[Override] = (),
    *,
    trust: bool = False,
    given: Given = NOTHING_GIVEN,
) -> Editable:
    """The document of a schedule that was loaded from a text with the same arguments: of another program's config its
    own keys, of a file of ours the file with this schedule alone."""
    name, reach = schedule.name_in_file, schedule.reach
    dialect = dialect_of(readable(text), schedule.file, given.dialect, reach) if not schedule.key else None
    if dialect is not None:
        from lrviz.configs import read as configs
        from lrviz.configs.settings import path_in, settings_of, with_length

        root = with_length(dialect, configs.parsed(dialect, text, given, reach), length)
        documents = settings_of(dialect, root, overrides)
        chosen = next(each.root for each in documents if each.swept_of(name) == schedule.swept)

        def read_other(document: Node) -> Schedule:
            return _read_config(dialect, document, given, reach, trust=trust)[0]

        return Editable(chosen, partial(path_in, dialect, chosen), read_other)
    root = value_of(parse(text, schedule.file), schedule.key)
    overrides = [*overrides, *_own_data(root, given)]
    documents = variants(root, overrides, lambda other: other == name)
    alone = _alone(next(each.root for each in documents if each.swept_of(name) == schedule.swept), name)

    def read(document: Node) -> Schedule:
        (found,) = read_schedules(
            document,
            length,
            trust=trust,
            changed=True,
            allow_path=reach.allowed,
            base=reach.base,
            read_config=partial(_config_beside, length),
        )
        return found

    return Editable(alone, partial(find_path, alone), read)


def _alone(root: Node, name: str) -> Node:
    """The document without its other schedules, so that a value may be invalid for them."""
    members = root.value.get("schedules")
    if members is None:
        return root
    one = Node({name: members.value.value[name]}, members.value.where)
    return Node({**root.value, "schedules": Item(members.key, one)}, root.where)


def file_and_key(named: str) -> tuple[str, str]:
    """`train.yaml#trainer.schedule` as a file and the key of a schedule in it; a file of that very name wins."""
    file, _, key = named.rpartition("#")
    inside = file and key and (file == "-" or os.path.exists(file)) and not os.path.lexists(named)
    return (file, key) if inside else (named, "")


def read_stdin() -> bytes:
    """The text of standard input, at most one byte more than a schedule file may have."""
    if sys.stdin is None:
        raise ScheduleError.at(Position(STDIN), "standard input is closed")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def read_file(path: str | Path, *, regular: bool = False) -> bytes:
    """The text of a file, at most one byte more than a schedule file may have.

    What a command names may be a pipe, for which it waits; only a `regular` file is read of what it found in a folder.
    Raises `ScheduleError` if it cannot be read.
    """
    where = Position(str(path))
    try:
        with open_regular(path) if regular else open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ScheduleError.at(where, "this is a folder, not a file", "name a file in it") from None
    except FileNotFoundError:
        raise ScheduleError.at(where, "there is no such file") from None
    except UnreadableError as error:
        raise ScheduleError.at(where, f"this {error}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ScheduleError.at(where, f"the file cannot be read: {reason}") from None
