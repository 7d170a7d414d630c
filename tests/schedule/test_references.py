"""What a schedule file names outside of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrviz.schedule.reading.override import parse_override, variants
from lrviz.schedule.references import NamedFile, references_of
from lrviz.schedule.text.document import parse

FILE = """\
metric: {file: log.csv, column: loss}
expect: {snapshot: snapshots/a.csv}
optimizer: {type: torch.optim.SGD, lr: 0.1}
schedules:
  one: {scheduler: {type: StepLR}, metric: {file: /runs/log.csv, column: loss}}
  two: {scheduler: [{type: mine.Warmup}, {type: SequentialLR, schedulers: [{type: mine.inner.Other}]}]}
"""


def test_files_and_classes_are_found_wherever_they_stand() -> None:
    found = references_of(parse(FILE, "folder/s.yaml"))
    assert found.metrics == {
        NamedFile("log.csv", Path("folder/log.csv")),
        NamedFile("/runs/log.csv", Path("/runs/log.csv")),
    }
    assert found.snapshots == {NamedFile("snapshots/a.csv", Path("folder/snapshots/a.csv"))}
    assert found.classes == {"mine.Warmup", "mine.inner.Other"}


def test_a_metric_from_the_command_line_is_relative_to_the_working_directory() -> None:
    override = parse_override("schedules.one.metric={file: runs/log.csv, column: loss}")
    (variant,) = variants(parse(FILE, "folder/s.yaml"), [override])
    assert NamedFile("runs/log.csv", Path("runs/log.csv")) in references_of(variant.root).metrics


@pytest.mark.parametrize("text", ["3", "[1, 2]", "{metric: 3, expect: x, type: 5}", "metric: {file: [a]}"])
def test_a_document_that_is_wrong_names_what_it_names(text: str) -> None:
    assert not any(references_of(parse(text, "s.yaml")))
