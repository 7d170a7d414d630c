"""`docs/commands.md` has every command with every option, as `--help` prints them; `--renew` writes that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.commands_page import Help, one_section, parse, shared, table, which_files
from helpers.golden import Golden
from helpers.pages import DOCS, PAGES, ROOT, id_of
from process import lrviz

from lrviz.cli.main import app

PAGE = DOCS / "commands.md"
VERBS = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]


@pytest.fixture(scope="module")
def helps() -> dict[str, Help]:
    return {verb: parse(lrviz(verb, "--help").out) for verb in VERBS}


def same(golden: Golden, name: str, text: str) -> None:
    golden.same_part(PAGE, f"\n{text}\n\n", f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->\n")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_described_as_its_help_does(verb: str, helps: dict[str, Help], golden: Golden) -> None:
    same(golden, verb, one_section(helps[verb], shared(helps)))


def test_what_many_verbs_have_is_described_once(helps: dict[str, Help], golden: Golden) -> None:
    same(golden, "shared", table(shared(helps)))
    same(golden, "files", which_files(helps["table"]))


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_named_in_the_section_of_its_verb(verb: str) -> None:
    """By a look at the help that does not depend on how the page is made."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## lrviz {verb}\n")[2].partition("\n## ")[0]
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", lrviz(verb, "--help").out, re.MULTILINE))
    assert [option for option in options - {"--help"} if not re.search(rf"`[^`]*{option}\b[^`]*`", section)] == []


def test_the_sections_are_those_of_the_verbs_in_order() -> None:
    sections = re.findall(r"^## lrviz (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == VERBS


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=id_of)
def test_a_command_in_a_sentence_has_options_that_there_are(page: Path, helps: dict[str, Help]) -> None:
    """Such as `lrviz check --run train.log`: it may name files that nobody has, so it is not run."""
    unknown = []
    for command in re.findall(r"`lrviz\s([^`]+)`", page.read_text(encoding="utf-8")):
        verb, *words = command.split()
        if verb.startswith("-") or verb in ("COMMAND", "VERB"):
            continue
        known = {name for row in helps[verb].options for name in re.findall(r"--?[\w-]+", row.written)}
        unknown += [
            f"lrviz {command}" for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known
        ]
    assert unknown == []
