"""A file, a text or a document -> the schedules in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from lrviz.configs.facts import NOTHING_GIVEN, Given
from lrviz.configs.recognize import dialect_of
from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.loading.config import config_beside, of_config
from lrviz.loading.files import read_file
from lrviz.loading.recognized import CONFIGS, RECOGNIZED
from lrviz.loading.sweep import each_of
from lrviz.reach import DISK, Files, Reach
from lrviz.schedule.catalogue import DATA
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import Chosen, Override, places, variants
from lrviz.schedule.reading.reader import read_schedules
from lrviz.schedule.reading.run import Length
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.text.document import Node, parse, readable
from lrviz.schedule.text.key import value_of
from lrviz.schedule.text.quoting import OWN_KEYS, is_meant_as_schedule
from lrviz.schedule.text.suggest import suggest


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
    stretch: Stretch | None = None,
) -> list[Schedule]:
    """The schedules of a file, in its order; `length` replaces the length of every run. `key` is as in `load_text`.

    `overrides` replace values of the file. If they have several values, each schedule that they reach is returned once
    for every combination, with the values in its name. Schedules that are not `chosen` take no override. `trust`
    allows schedulers that are not torch's own; their code runs when they are used. `allow_path` are folders outside of
    the project of the file in which it may name files. `given` is what is said of the config of another program.
    `stretch` makes every plan longer, after the overrides.

    Raises `ScheduleError` if the file cannot be read, or with every problem in it.
    """
    text, file = read_file(path), str(path)
    return load_text(
        text,
        file,
        length,
        overrides,
        chosen,
        trust=trust,
        allow_path=allow_path,
        given=given,
        key=key,
        stretch=stretch,
    )


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
    files: Files = DISK,
    stretch: Stretch | None = None,
    real_metric: bool = False,
) -> list[Schedule]:
    """The schedules of a text; `file` is its name in errors, and a lone schedule is named after it.

    With `key`, they stand inside of a larger document (`trainer.schedule`), of which nothing else is read. `base` is
    the folder where the names of files in it begin, by default that of `file`. `given` is what is said of the config of
    another program. The files that it names come from `files`. With a `real_metric`, that of a training, a
    ReduceLROnPlateau needs none in the file.
    """
    reach = Reach(file, tuple(allow_path), base, files=files)
    dialect = dialect_of(readable(text), file, given.dialect, reach) if not key else None
    if dialect is not None:
        return of_config(dialect, text, length, overrides, given, reach, trust=trust, stretch=stretch)
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
        files=files,
        stretch=stretch,
        real_metric=real_metric,
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
    files: Files = DISK,
    stretch: Stretch | None = None,
    real_metric: bool = False,
) -> list[Schedule]:
    """The schedules of a document. `problems` were found in it before; if there are any, they are raised too.

    What is `given` as `data` replaces values under the key `data`.
    """
    root = value_of(root, key)
    if root.is_mapping and root.value.keys().isdisjoint((*OWN_KEYS, "config")):
        raise ScheduleError([*problems, _no_schedule(root)])
    overrides = [*overrides, *own_data(root, given)]
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
            read_config=partial(config_beside, length),
            files=files,
            stretch=stretch,
            chosen=chosen,
            real_metric=real_metric,
        )

    return each_of(documents, read, key, problems)


def own_data(root: Node, given: Given) -> list[Override]:
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
