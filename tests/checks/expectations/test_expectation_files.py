"""Whole files: `positive/` must hold in the words of its `.txt`, `negative/` must fail in the words of its `.txt`.

Adding a case is adding a file, `pytest --renew` writes its `.txt`; a file is called after the key it is about.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.checks.examine import examine
from lrviz.checks.finding import Finding, Held
from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.reading.run import Length

HERE = Path(__file__).parent
POSITIVE = sorted((HERE / "positive").glob("*.yaml"))
NEGATIVE = sorted((HERE / "negative").glob("*.yaml"))


def outcome(text: str | bytes, file: str = "s.yaml", length: Length | None = None) -> list[Finding | Held]:
    """What becomes of the expectations of every schedule of a file; the lint is left out."""
    found = []
    for schedule in load_text(text, file, length):
        found += list(examine(schedule, simulate(schedule), schedule.name, "2.13.0"))
    return [each for each in found if isinstance(each, Held) or each.kind != "lint"]


def written(found: list[Finding | Held]) -> str:
    lines = []
    for each in found:
        if isinstance(each, Held):
            lines.append(f"{each.where}: holds: {each.message} [{each.code}]\n")
        else:
            lines.append(f"{each.problem}\n")
    return "".join(lines)


@pytest.mark.parametrize("file", POSITIVE, ids=lambda file: file.stem)
def test_it_holds(file: Path, golden: Golden) -> None:
    found = outcome(file.read_bytes(), file.name)
    assert [each for each in found if isinstance(each, Finding)] == []
    golden.same_text(file.with_suffix(".txt"), written(found))


@pytest.mark.parametrize("file", NEGATIVE, ids=lambda file: file.stem)
def test_it_fails(file: Path, golden: Golden) -> None:
    found = outcome(file.read_bytes(), file.name)
    assert [each for each in found if isinstance(each, Held)] == []
    golden.same_text(file.with_suffix(".txt"), written(found))


@pytest.mark.parametrize("files", [POSITIVE, NEGATIVE], ids=["positive", "negative"])
def test_every_text_has_its_file(files: list[Path], golden: Golden) -> None:
    golden.no_orphans(files[0].parent, (file.with_suffix(".txt") for file in files), "*.txt")


def test_every_key_has_a_file_that_holds_and_one_that_fails() -> None:
    keys = {argument.name for argument in EXPECT.arguments}
    assert {file.stem.partition("--")[0] for file in POSITIVE} == keys - {"snapshot"}
    assert {file.stem.partition("--")[0] for file in NEGATIVE} == keys - {"snapshot"}


SHORTER = (
    "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10}\nexpect: {at: {0: 0.1, 20: 1e-3}}\n"
)


def test_a_place_outside_of_a_run_that_the_command_line_made_shorter_is_an_input_that_is_wrong() -> None:
    first, second = outcome(SHORTER, length=Length(epochs=15))
    assert isinstance(first, Held)
    assert isinstance(second, Finding)
    assert (second.kind, second.message) == ("input", "20 is outside the run: its last place is epoch 14")


def test_in_a_run_that_the_command_line_made_longer_everything_is_looked_at() -> None:
    assert all(isinstance(each, Held) for each in outcome(SHORTER, length=Length(epochs=40)))
