"""What a program's own command line was given stands in place of the config's values."""

from __future__ import annotations

import pytest

from lrviz.configs.overrides import dotted, flags, with_value
from lrviz.configs.text.scalars import omegaconf, yaml11
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import node_of, parse

CONFIG = parse("lr: 0.1\ntrainer: {epochs: 3}\nsteps: [{n: 1}, {n: 2}]\nempty:\n", "a.yaml")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("--lr 1e-4", "lr", 1e-4),
        ("--lr=1e-4", "lr", 1e-4),
        ("--learning-rate 1e-4", "learning_rate", 1e-4),
        ("--trainer.epochs 5", "trainer", {"epochs": 5}),
        ("--empty.a 5", "empty", {"a": 5}),
        ("--lr 1 --kwargs '{\"a\": 1}'", "kwargs", '{"a": 1}'),
        ("--ema", "ema", True),
    ],
)
def test_flags_replace_values(text: str, key: str, value: object) -> None:
    assert flags(CONFIG, [text]).plain()[key] == value


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("lr=1e-4", "lr", 1e-4),
        ("trainer.epochs=5", "trainer", {"epochs": 5}),
        ("trainer={epochs: 7}", "trainer", {"epochs": 7}),
        ("steps.1.n=5", "steps", [{"n": 1}, {"n": 5}]),
        ("new.a.b=x=y", "new", {"a": {"b": "x=y"}}),
        ("lr=", "lr", None),
    ],
)
def test_dotted_keys_replace_values(text: str, key: str, value: object) -> None:
    assert dotted(omegaconf)(CONFIG, [text]).plain()[key] == value


def test_values_are_read_as_the_program_reads_them() -> None:
    assert dotted(yaml11)(CONFIG, ["lr=1e-4"]).plain()["lr"] == "1e-4"


def test_an_override_is_the_place_of_its_value() -> None:
    node = dotted(omegaconf)(CONFIG, ["lr=1e-4"]).get("lr")
    assert node is not None
    assert node.where == Position("--override lr")
    node = flags(CONFIG, ["--lr 1e-4"]).get("lr")
    assert node is not None
    assert node.where == Position("--override --lr")


def test_every_wrong_override_is_an_error() -> None:
    with pytest.raises(ScheduleError) as caught:
        dotted(omegaconf)(CONFIG, ["lr", "lr.a=1", "=3"])
    assert [str(each).split("\n")[0] for each in caught.value.problems] == [
        "--override lr: error: expected KEY=VALUE (got 'lr')",
        "--override lr.a: error: 'a' leads into something that is no mapping (0.1)",
        "--override: error: expected KEY=VALUE (got '=3')",
    ]
    with pytest.raises(ScheduleError, match="expected --NAME VALUE"):
        flags(CONFIG, ["lr=1"])


def test_a_value_in_a_list_that_is_too_short_is_an_error() -> None:
    with pytest.raises(ScheduleError, match="leads into something"):
        with_value(CONFIG, "steps.2.n", node_of(1, Position("here")))
