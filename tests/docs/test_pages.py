"""README and documentation say what is true: their commands print what they show, their files load, their Python runs.

`helpers/pages.py` says how a page is written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from helpers.pages import PAGES, ROOT, Session, blocks, files_of, id_of

from lrviz.loading import load_text

OWNERS = {
    "try": ".ci/run",
    "test": ".ci/run",
    "config commands": "tests/configs/test_docs.py",
}
"""Blocks that another test, or CI, holds to the truth, by the names that comments give them."""

OF_OTHERS = {
    "README.md": "tests/test_readme.py",
    "docs/accelerate.md": "tests/trainers/test_accelerate.py",
    "docs/configs.md": "tests/configs/test_docs.py",
    "docs/huggingface.md": "tests/trainers/test_huggingface.py",
    "docs/lightning.md": "tests/trainers/test_trainer_lightning.py",
    "docs/review.md": "tests/review/test_review_docs.py",
    "docs/training.md": "tests/training/test_training_docs.py",
}
"""Pages that a test of their own runs: they need other libraries, a repository, or a look at each step."""

RUN = [page for page in PAGES if id_of(page) not in OF_OTHERS]


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
        elif block.language == "yaml":
            assert load_text(block.text, where)
        else:
            pytest.fail(f"{where}: a block of {block.language or 'no language'} that no test looks at")
    assert session.status == 0


@pytest.mark.parametrize("page", RUN, ids=id_of)
def test_every_program_of_a_page_is_run_by_it(page: Path) -> None:
    commands = "\n".join(block.text for block in blocks(page) if block.language in ("console", "sh"))
    programs = [name for name in files_of(page) if name.endswith(".py")]
    assert [name for name in programs if not re.search(rf"\b{re.escape(name)}\b", commands)] == []


def test_the_tests_of_other_pages_exist() -> None:
    owners = {**OWNERS, **OF_OTHERS}
    assert [file for file in owners.values() if not (ROOT / file).is_file()] == []
    assert [page for page in OF_OTHERS if not (ROOT / page).is_file()] == []
    assert set(OWNERS) - {block.name for page in PAGES for block in blocks(page)} == set()
