"""A schedule inside of a larger YAML is named by its key, wherever a file is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from process import lrviz

from lrviz.cli.sources import Selection
from lrviz.cli.watched import Watched
from lrviz.errors import ScheduleError
from lrviz.loading import file_and_key, load_text
from lrviz.schedule.text.document import parse
from lrviz.schedule.text.key import text_at, value_of

LARGER = """\
# settings of a training
model: {name: vit, secret: hunter2}
shared: &sgd {type: SGD, lr: 0.1}
trainer:
  devices: 8
  schedule:
    epochs: 10
    optimizer: *sgd
    scheduler: {type: StepLR, step_size: 4, gamma: 0.5}
    expect: {at: {0: 0.1, 4: 0.05}, snapshot: curve.csv}
jobs:
  - name: small
    schedule: {epochs: 5, optimizer: {lr: 1}, scheduler: {type: StepLR, step_size: 2}}
  - name: large
    schedule: {epochs: 6, optimizer: {lr: 1}, scheduler: {type: StepLR, step_sizee: 2}}
a.b: {c: 1}
"""
KEYED = "train.yaml#trainer.schedule"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "train.yaml").write_text(LARGER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- the key -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trainer.devices", 8),
        ("jobs[0].name", "small"),
        ("jobs.0.name", "small"),
        ("jobs.small.name", "small"),
        ("jobs[1].schedule.epochs", 6),
        ("a.b.c", 1),
    ],
)
def test_a_key_leads_to_a_value(key: str, value: object) -> None:
    assert value_of(parse(LARGER, "t.yaml"), key).value == value


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("trainer.schedul", "t.yaml:5:3: error: there is no schedul in trainer\n  hint: did you mean schedule?"),
        ("jobs[2].name", "t.yaml:12:3: error: there is no [2] in jobs, a list\n  hint: its members are [0] to [1]"),
        ("jobs.large.lr", "t.yaml:14:5: error: there is no lr in jobs.large"),
        ("trainer.devices.lr", "t.yaml:5:12: error: there is no lr in trainer.devices, which is no mapping of keys"),
        ("passwords", "t.yaml:2:1: error: there is no passwords"),
        ("..", "t.yaml:2:1: error: there is no .."),
    ],
)
def test_a_key_that_leads_nowhere_says_how_far_it_leads_and_lists_nothing(key: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        value_of(parse(LARGER, "t.yaml"), key)
    assert str(caught.value) == message


def test_the_schedule_is_that_of_a_file_of_its_own() -> None:
    (schedule,) = load_text(LARGER, "train.yaml", key="trainer.schedule")
    assert (schedule.name, schedule.key, schedule.where) == ("train", "trainer.schedule", ("train.yaml", 7, 5))
    with pytest.raises(ScheduleError, match=r"train\.yaml:15:73: error: StepLR has no argument 'step_sizee'"):
        load_text(LARGER, "train.yaml", key="jobs[1].schedule")


# --- the command line ----------------------------------------------------------------------------------------


def test_a_file_of_that_very_name_wins(folder: Path) -> None:
    assert file_and_key(KEYED) == ("train.yaml", "trainer.schedule")
    assert file_and_key("-#a.b") == ("-", "a.b")
    assert file_and_key("nowhere.yaml#a.b") == ("nowhere.yaml#a.b", "")
    assert file_and_key("train.yaml#") == ("train.yaml#", "")
    (folder / KEYED).write_text("epochs: 3\noptimizer: {lr: 7}\nscheduler: none\n")
    assert file_and_key(KEYED) == (KEYED, "")
    assert lrviz("at", "0", KEYED, cwd=folder).out == "7.0\n"


VERBS = {
    "table": (["table"], "0.1"),
    "at": (["at", "4"], "0.05"),
    "when": (["when", "lr < 0.1"], "epoch 4"),
    "stats": (["stats"], "train"),
    "explain": (["explain"], "train  (train.yaml)"),
    "code": (["code"], "\ndef make_scheduler(optimizer: Optimizer) -> LRScheduler:\n"),
    "solve": (["solve", "gamma", "--target", "end = 0.1"], "scheduler.gamma = 1"),
    "plot": (["plot", "--terminal"], "learning rate"),
    "diff": (["diff", KEYED], f"{KEYED} and {KEYED} are the same"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_a_key(verb: str, folder: Path) -> None:
    arguments, shown = VERBS[verb]
    done = lrviz(*arguments, KEYED, cwd=folder)
    assert done.status == 0, done.err
    assert shown in done.out


def test_check_shows_the_lines_of_the_larger_file_and_writes_the_snapshot_beside_it(folder: Path) -> None:
    missing = lrviz("check", KEYED, cwd=folder)
    assert missing.status == 2
    assert "train.yaml:10:47: error: there is no snapshot 'curve.csv' yet" in missing.out
    assert "10 |     expect: {at: {0: 0.1, 4: 0.05}, snapshot: curve.csv}" in missing.out
    assert lrviz("check", KEYED, "--update", cwd=folder).status == 0
    assert (folder / "curve.csv").is_file()
    assert lrviz("check", KEYED, cwd=folder).status == 0


def test_values_are_set_inside_of_the_schedule(folder: Path) -> None:
    swept = lrviz("table", KEYED, "--set", "gamma=0.1,0.2", "--format", "json", cwd=folder)
    assert list(json.loads(swept.out)["records"][4]["lr"]) == ["train gamma=0.1", "train gamma=0.2"]
    assert lrviz("table", KEYED, "--set", "devices=2", cwd=folder).status == 2


def test_two_keys_of_a_file_are_told_apart(folder: Path) -> None:
    done = lrviz("stats", KEYED, "train.yaml#jobs[0].schedule", KEYED, "--format", "csv", cwd=folder)
    assert [line.split(",")[0] for line in done.out.splitlines()[1:]] == [
        "train.yaml#trainer.schedule:train",
        "train.yaml#jobs[0].schedule:train",
    ]


def test_the_files_that_it_names_are_watched(folder: Path) -> None:
    larger = LARGER.replace("StepLR, step_size: 4, gamma: 0.5}", "ReduceLROnPlateau}\n    metric: {file: m.csv}")
    (folder / "train.yaml").write_text(larger)
    (folder / "m.csv").write_text("loss\n1\n")
    assert set(Watched(Selection([KEYED]), snapshots=True).look()) == {"train.yaml", "m.csv", "curve.csv"}


def test_a_page_shows_only_the_lines_of_the_schedule() -> None:
    lines = text_at(LARGER.encode(), "t.yaml", ["trainer.schedule"]).decode().splitlines()
    shown = LARGER.splitlines()
    assert lines == [line if number in (2, *range(6, 10)) else "" for number, line in enumerate(shown)][: len(lines)]
    assert "hunter2" not in "".join(lines)


def test_the_larger_file_is_quoted_nowhere_else(folder: Path) -> None:
    done = lrviz("check", "train.yaml#model", "train.yaml", cwd=folder)
    assert done.status == 2
    assert "is it inside? FILE#trainer.schedule names it" in done.out
    assert "hunter2" not in done.out + done.err
