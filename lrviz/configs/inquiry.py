"""What a dialect asks and says while it reads a config: facts, releases, derived values, errors and remarks."""

from __future__ import annotations

from typing import Any

from lrviz.configs.facts import FACTS, Fact
from lrviz.configs.session import Question, RefusedError, Session, version_of
from lrviz.errors import Position, Problem
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node


class Inquiry:
    """One mapping of a config, in the session that reads it."""

    def __init__(self, node: Node, session: Session) -> None:
        self.root = node
        self.session = session

    def _use(self, value: Value) -> Value:
        """The value, remembered as one from which the schedule follows."""
        self.session.used.setdefault(f"{value.key}@{value.origin}", value)
        return value

    def derived(self, name: str, value: Any, how: str, of: Value | Position | None = None) -> Value:
        """Something that follows from other values (`warmup steps`), with its calculation in words (`ceil(314 x
        0.03)`). `of` is the value that decides about it most, where an error points."""
        where = of.where if isinstance(of, Value) else of if of is not None else self.root.where
        return self._use(Value(value, name, where, "derived", how))

    # --- what the user has to add ----------------------------------------------------------------------------------

    def fact(self, name: str, where: Position | None = None, meaning: str = "") -> Value:
        """A fact that the curve depends on. If it is not given, it will be asked for, and a stand-in is returned.

        `where` is the place that makes it matter; `meaning` replaces that of `FACTS` where it is narrower here.
        """
        found = self.known(name)
        if found is not None:
            return found
        fact = FACTS[name]
        if meaning:
            fact = Fact(meaning, fact.example, fact.stand_in)
        self.session.questions.setdefault(name, Question(name, fact, where or self.root.where))
        return Value(fact.stand_in, name, where or self.root.where, "data")

    def known(self, name: str) -> Value | None:
        """A fact if it is given, without asking for it."""
        node = self.session.given.data.get(name)
        if node is None:
            return None
        read = FACTS[name].stand_in
        value: Any = node.value
        try:
            if isinstance(read, int):
                value = values.whole(node.value)
                if value < 1:
                    values.wrong("at least 1", node.value)
            elif name == "interval":
                value = values.words(node.value, ("epoch", "step"))
        except values.WrongValueError as error:
            self.error(node.where, f"{name} must be {error.wanted}", error.hint)
            value = read
        return self._use(Value(value, name, node.where, "data"))

    def metric(self, where: Position | None = None) -> Node | Value | None:
        """The metric of a plateau, as our own key `metric` has it; asked for if it is not given."""
        node = self.session.given.data.get("metric")
        if node is None:
            self.fact("metric", where)
            return None
        self._use(Value(node.plain(), "metric", node.where, "data"))
        return node

    # --- releases --------------------------------------------------------------------------------------------------

    def since(self, package: str, version: str) -> bool:
        """True if the file is read as this release of a package or a later one.

        The reading is repeated for the releases before and after it, and whether they differ decides if the user is
        asked which is installed.
        """
        if package in self.session.said:
            return self.session.said[package] >= version_of(version)
        self.session.asked.setdefault(package, set()).add(version)
        release = self.session.releases.get(package)
        return release is None or release >= version_of(version)

    def refuse(self, where: Position, message: str, hint: str = "") -> None:
        """Says that the release that the file is read as refuses it. Another one may take it."""
        raise RefusedError(Problem(where, message, hint))

    # --- what is said ----------------------------------------------------------------------------------------------

    def error(self, where: Position, message: str, hint: str = "", *, of_facts: bool = False) -> None:
        """An error of the config. One that follows `of_facts` is left out while one of them is missing, since what
        stands in for it is not the user's."""
        if not (of_facts and self.session.questions):
            self.session.problems.at(where, message, hint)

    def warn(self, where: Position, code: str, message: str, hint: str = "") -> None:
        """A warning; `code` is one of `CONFIG_REMARKS` in the catalogue, by which `ignore` accepts it."""
        self.session.remarks.at(where, message, hint, severity="warning", code=code)

    def note(self, where: Position, code: str, message: str, hint: str = "") -> None:
        """Notes something about the config that is no mistake."""
        self.session.remarks.at(where, message, hint, severity="note", code=code)
