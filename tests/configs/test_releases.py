"""Which release's reading of a config counts, and what is said of the others."""

from __future__ import annotations

from collections.abc import Callable

from lrviz.configs import releases
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Plan
from lrviz.configs.facts import Given
from lrviz.configs.releases import Reading
from lrviz.configs.session import Session
from lrviz.errors import Position
from lrviz.reach import Reach
from lrviz.schedule.text.document import node_of, parse


def reading(read: Callable[[Config], Plan], **data: str) -> Reading:
    """A config without keys, as a dialect of this test reads it, by the releases that are given."""
    dialect = Dialect(
        name="own", title="Own", marks="", recognize=lambda outline: "", read=read, keys=(), source="", example=""
    )
    given = Given({name: node_of(text, Position("--data")) for name, text in data.items()}, installed=False)
    root = parse("{}", "a.yaml")
    return releases.read(dialect, root, lambda as_releases: Session(given, Reach("a.yaml"), as_releases), given)


def two_packages(config: Config) -> Plan:
    """Refused by releases of `a` before 2 only; `b` changes the words, not the document."""
    summary = "new words" if config.since("b", "3.0") else "old words"
    if not config.since("a", "2.0"):
        config.refuse(config.where(), "no such key")
    return Plan({"epochs": 3}, summary)


def test_the_package_that_refuses_a_file_is_named() -> None:
    (refused,) = reading(two_packages, a="1.5", b="4.0").remarks
    assert refused.message == "a 1.5 refuses this file: no such key; the curve is that of releases that take it"


def test_the_summary_is_that_of_the_release_that_was_said() -> None:
    assert reading(two_packages).imported.summary == "new words"
    assert reading(two_packages, b="3.1").imported.summary == "new words"
    assert reading(two_packages, b="2.9").imported.summary == "old words"
    assert reading(two_packages, a="2.0", b="2.9").imported.decided == ""
