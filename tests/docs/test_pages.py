"""README and documentation say what is true: their commands print what they show, their files load, their Python runs.

`helpers/pages.py` says how a page is written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from helpers.pages import DOCS, PAGES, ROOT, Session, blocks, files_of, id_of

from lrviz.loading import load_text

OWNERS = {
    "try": ".ci/run",
    "github": "tests/docs/test_ci_snippets.py",
    "gitlab": "tests/docs/test_ci_snippets.py",
    "guarded": "tests/training/test_training_docs.py",
    "pre-commit": "tests/docs/test_ci_snippets.py",
}
"""Blocks that another test, or CI, holds to the truth, by the names that comments give them."""

OF_OTHERS = {
    "docs/accelerate.md": "tests/trainers/test_accelerate.py",
    "docs/configs.md": "tests/configs/test_docs.py",
    "docs/huggingface.md": "tests/trainers/test_huggingface.py",
    "docs/lightning.md": "tests/trainers/test_trainer_lightning.py",
    "docs/review.md": "tests/review/test_review_docs.py",
    "docs/training.md": "tests/training/test_training_docs.py",
}
"""Pages that a test of their own runs: they need other libraries, a repository, or a look at each step."""

PICTURES = DOCS / "pictures"

OF_LESSONS = "why-"
"""How the names of pictures begin that `tests/lessons/test_learning.py` makes: it trains once for all of them."""

ROUNDING = 0.02
"""A processor without AVX-512 rounds some pixels to the next level of gray, which is an RMS of 0.004.

One pixel that is 20 levels off is more than this.
"""

RUN = [page for page in PAGES if id_of(page) not in OF_OTHERS]


def pictures(page: Path) -> list[Path]:
    """The pictures that a page shows; a command of the page makes each, under its name."""
    shown = re.findall(r"!\[[^]]+\]\((.+?)\)", page.read_text(encoding="utf-8"))
    found = [path for path in ((page.parent / each).resolve() for each in shown) if path.parent == PICTURES]
    return [path for path in found if not path.name.startswith(OF_LESSONS)]


def test_every_picture_is_shown() -> None:
    """And none stays that no page shows, and so no command makes."""
    stored = {path.name for path in PICTURES.iterdir() if not path.name.startswith(OF_LESSONS)}
    assert stored == {path.name for page in RUN for path in pictures(page)}


@pytest.mark.parametrize("page", RUN, ids=id_of)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    session = Session.made(tmp_path / "here", files_of(page))
    monkeypatch.chdir(session.folder)
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        where = f"{id_of(page)}:{block.line}"
        if block.name:
            assert block.is_file or block.name in OWNERS, f"{where}: which test is about `{block.name}`?"
        elif block.language == "console":
            session.console(block, golden)
        elif block.language == "sh":
            for command in block.text.splitlines():
                assert "error: " not in session.run(command)
        elif block.language == "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)
        elif block.language == "text" and block.made:
            continue  # the test that writes this part
        elif block.language == "yaml":
            assert load_text(block.text, where)
        else:
            pytest.fail(f"{where}: a block of {block.language or 'no language'} that no test looks at")
    session.assert_said()
    for picture in pictures(page):
        golden.same_picture(picture, (session.folder / picture.name).read_bytes(), tolerance=ROUNDING)


@pytest.mark.parametrize("page", RUN, ids=id_of)
def test_every_program_of_a_page_is_run_by_it(page: Path) -> None:
    commands = "\n".join(block.text for block in blocks(page) if block.language in ("console", "sh"))
    programs = [name for name in files_of(page) if name.endswith(".py")]
    assert [name for name in programs if not re.search(rf"\b{re.escape(name)}\b", commands)] == []


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_readers_see_the_name_of_every_file(page: Path) -> None:
    """In the paragraph before it, or in the command after it; the comment is not shown."""
    text = page.read_text(encoding="utf-8")
    unnamed = []
    for name in files_of(page):
        before, _, after = text.partition(f"<!-- {name} -->\n")
        commands = [re.search(rf"^```{language}\n(.*)$", after, re.MULTILINE) for language in ("console", "sh")]
        seen = "\n".join([before.rstrip().rpartition("\n\n")[2], *(found[1] for found in commands if found)])
        if not re.search(rf"(?<![\w/.-]){re.escape(name)}\b", seen):
            unnamed.append(name)
    assert unnamed == []


@pytest.mark.parametrize("page", OF_OTHERS)
def test_python_that_is_only_shown_is_part_of_what_runs(page: str) -> None:
    """A block without a name, on a page of another test, is an excerpt of a program of the page or of that test."""
    run = [text for name, text in files_of(ROOT / page).items() if name.endswith(".py")]
    run.append((ROOT / OF_OTHERS[page]).read_text(encoding="utf-8"))
    shown = [block.text for block in blocks(ROOT / page) if block.language == "python" and not block.name]
    lines = [line.strip() for text in shown for line in text.splitlines()]
    assert [line for line in lines if not any(line in text for text in run)] == []


def test_the_tests_of_other_pages_exist() -> None:
    owners = {**OWNERS, **OF_OTHERS}
    assert [file for file in owners.values() if not (ROOT / file).is_file()] == []
    assert [page for page in OF_OTHERS if not (ROOT / page).is_file()] == []
    assert set(OWNERS) - {block.name for page in PAGES for block in blocks(page)} == set()
