"""The key `train` -> `TrainingSettings`."""

from __future__ import annotations

from typing import Any

from lrviz.errors import Problems
from lrviz.schedule.catalogue import OF_ONE_SCHEDULE, TRAIN
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import Node
from lrviz.schedule.train.expect import read_training_expect
from lrviz.schedule.train.settings import NamedProblem, TrainingSettings
from lrviz.schedule.train.written import WrittenTraining
from lrviz.words import show

EXAMPLE = "train: {problem: digits, seeds: 5, expect: {diverges: [hot]}}"


def read_training(written: WrittenTraining, problems: Problems) -> TrainingSettings:
    """The settings of a file, without what is wrong in them, which is added to `problems`."""
    keys = _keys(written.of_file, problems)
    sizes = {name: keys["batch_size"] for name in written.schedules if "batch_size" in keys}
    for name, node in written.of_schedules.items():
        own = _keys(node, problems)
        if node.is_mapping:
            _refuse_common(node, name, problems)
        if "batch_size" in own:
            sizes[name] = own["batch_size"]
    expect = written.of_file.get("expect") if written.of_file is not None else None
    expected = read_training_expect(expect, written.schedules, problems) if expect is not None else ()
    named = written.of_file.get("problem") if written.of_file is not None else None
    return TrainingSettings(
        NamedProblem(keys["problem"], named.where) if named is not None and "problem" in keys else None,
        keys.get("seeds"),
        keys.get("seed"),
        keys.get("epochs"),
        sizes,
        expected,
    )


def _keys(node: Node | None, problems: Problems) -> dict[str, Any]:
    if node is None:
        return {}
    if not node.is_mapping:
        problems.at(node, f"train must be a mapping (got {show(node.value)})", EXAMPLE)
        return {}
    return check(node, TRAIN, problems, partial=True)


def _refuse_common(node: Node, name: str, problems: Problems) -> None:
    """Refuses what a schedule has of its own and all schedules of a file must share."""
    for argument in TRAIN.arguments:
        item = node.value.get(argument.name)
        if item is not None and argument.name not in OF_ONE_SCHEDULE:
            problems.at(
                item.key,
                f"`{argument.name}` is for all schedules of a file; {name} cannot have its own",
                f"write it under `train` at the top of the file; a schedule may have its own {OF_ONE_SCHEDULE[0]}",
            )
