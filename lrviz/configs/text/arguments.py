"""The arguments of a command line -> a mapping, as argparse reads them: `--a=b`, `--a b`, `--a b c`, `--flag`.

Dashes inside of a name become underscores, as in the namespace of argparse, so that a dialect reads a command line as
it reads a file. A value that looks like a number is one, as are `true` and `false`; anything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.number import NumberError, check_length, integer
from lrviz.schedule.text.document import MAX_BYTES, Item, Node, readable

if TYPE_CHECKING:
    from lrviz.configs.text.shell import Script
    from lrviz.configs.text.word import Word

LAUNCHER: Final = "launcher "
"""The key under which a command's mapping holds the arguments of what launches its program (`nproc_per_node`). No
argument can have it: it ends in a blank."""

PROGRAM: Final = "program "
"""The key of the program itself: `train.py`, or the first words of a command that names none (`trl sft`)."""

_FLAG = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)(?P<equals>=)?")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final = {"true": True, "True": True, "false": False, "False": False}
_LAUNCHERS: Final = ("torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch")
"""Modules after `python -m` that launch the program named behind them."""


class Command(NamedTuple):
    """A command with its arguments: a mapping by name, with `PROGRAM` and `LAUNCHER` among them."""

    arguments: Node

    def named(self, names: Iterable[str]) -> bool:
        """True if it has any of these arguments, or is one of these programs, whose names end in a blank (`trl `)."""
        return any(
            self.program.startswith(name) if name.endswith(" ") else name_of(name) in self.arguments.value
            for name in names
        )

    @property
    def program(self) -> str:
        """The script that the command runs, as it is written there."""
        return str(self.arguments.value[PROGRAM].value.value)


def name_of(flag: str) -> str:
    """An argument as it is called in the mapping: `--lr-min` as `lr_min`."""
    return flag.lstrip("-").replace("-", "_")


def commands(text: str, file: str) -> Iterator[Command]:
    """The commands of a script that have arguments."""
    from lrviz.configs.text.shell import Script  # most configs are no scripts

    script = Script(text, file)
    for words in script.commands():
        at = _program(words)
        arguments = _arguments(words[at + 1 :], script)
        if not arguments:
            continue
        where = script.position(words[at].start)
        first = [each.text for each in words[: at + 1]] if at == 0 else [words[at].text]
        plain = [] if at else [word.text for word in _until_flag(words[1:])]
        arguments[PROGRAM] = _item(PROGRAM, " ".join((*first, *plain)), where)
        launcher = _arguments(words[:at], script)
        arguments[LAUNCHER] = Item(Node(LAUNCHER, where), Node(launcher, where))
        yield Command(Node(arguments, where))


def command_of(data: bytes | str, file: str, names: Sequence[str]) -> Node:
    """The mapping of the one command of a script that has any of these arguments.

    Raises `ScheduleError` if there is none, or more than one.
    """
    if len(data) > MAX_BYTES:
        raise ScheduleError.at(Position(file), "the file is larger than 1 MB, the limit for a config")
    found = list(commands(readable(data), file))
    fit = [each for each in found if each.named(names)] or [each for each in found if each.program.endswith(".py")]
    if not fit:
        raise ScheduleError.at(Position(file), "no command of this script has arguments that say a learning rate")
    if len(fit) > 1:
        lines = ", ".join(str(each.arguments.where.line) for each in fit[:10])
        message = f"this script trains more than once (the commands in lines {lines})"
        raise ScheduleError.at(fit[1].arguments.where, message, "put each of them into a script of its own")
    return fit[0].arguments


def flags_of(text: str, file: str) -> Node:
    """The arguments in a piece of a command line, such as the text of `--override`."""
    from lrviz.configs.text.shell import Script  # most configs are no scripts

    script = Script(text, file)
    words = [word for words in script.commands() for word in words]
    where = Position(file)
    first = _until_flag(words)
    if first or not words:
        raise ScheduleError.at(where, f"expected --NAME VALUE (got {text!r})", "write it as on the command line")
    return Node(_arguments(words, script, where), where)


def is_script(file: str) -> bool:
    """True for the name of a shell script, `*.sh`."""
    return PurePath(file).suffix.lower() == ".sh"


def unknown_in(arguments: Node) -> Mapping[Position, Problem]:
    """The arguments of a command that only a shell knows (`$LR`, `$(...)`), by their place."""
    unknown = {}
    for item in arguments.items():
        for node in item.value.value if item.value.is_list else (item.value,):
            if isinstance(node.value, str) and ("$" in node.value or "`" in node.value):
                message = f"--{item.key.value}: only a shell knows what {node.value} is, and nothing in a script runs"
                hint = "write the value itself, or assign the name a literal before this command"
                unknown[node.where] = Problem(node.where, message, hint)
    return unknown


def _program(words: Sequence[Word]) -> int:
    """The index of the word that names the program: a `.py` file, a module after `-m`, else the first."""
    for index, word in enumerate(words):
        if PurePath(word.text).suffix == ".py":
            return index
        if index and words[index - 1].text == "-m" and word.text not in _LAUNCHERS:
            return index
    return 0


def _until_flag(words: Sequence[Word]) -> list[Word]:
    count = next((index for index, word in enumerate(words) if _FLAG.match(word.text)), len(words))
    return list(words[:count])


def _arguments(words: Sequence[Word], script: Script, where: Position | None = None) -> dict[Any, Item]:
    """The arguments by name; the last of two with one name counts, as for argparse. `where` replaces their places."""
    found: dict[Any, Item] = {}
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        match = _FLAG.match(word.text)
        if match is None or (not match["equals"] and match.end() < len(word.text)):
            continue
        key = Node(name_of(match["name"]), where or script.position(word.start))
        if match["equals"]:
            place = where or script.position(word.offset(match.end()))
            value = Node(_scalar(word.text[match.end() :], place), place)
        else:
            following = _until_flag(words[index:])
            index += len(following)
            members = [_node(each, script, where) for each in following]
            lone = members[0] if members else Node(True, key.where)
            value = lone if len(members) < 2 else Node(tuple(members), lone.where)
        found[key.value] = Item(key, value)
    return found


def _node(word: Word, script: Script, where: Position | None) -> Node:
    place = where or script.position(word.offset(0))
    return Node(_scalar(word.text, place), place)


def _item(key: str, value: str, where: Position) -> Item:
    return Item(Node(key, where), Node(value, where, quoted=True))


def _scalar(text: str, where: Position) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    try:
        if re.fullmatch(r"[-+]?[0-9]+", text):
            return integer(text)
        if _FLOAT.fullmatch(text):
            check_length(text)
            return float(text)
    except NumberError as error:
        raise ScheduleError.at(where, str(error), error.hint) from None
    return text
