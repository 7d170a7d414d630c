"""`docs/check.md` has a heading for every code and a row for every key; `pytest --renew` writes what rules say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from helpers.golden import Golden
from helpers.pages import DOCS
from process import lrviz

from lrviz.checks.explanation import summary
from lrviz.checks.lint import RULES
from lrviz.schedule.catalogue import CHECKPOINT, CODES, CONFIG_REMARKS, READING
from lrviz.schedule.expect import EXPECT

PAGE = DOCS / "check.md"
REMARKS = {
    "Remarks on a file": ("Found while a schedule file is read.", READING),
    "Remarks on the config of another program": (
        "Found while [such a config](configs.md) is read; `ignore` takes these codes too.",
        CONFIG_REMARKS,
    ),
    "Findings in a checkpoint": ("Found by `--checkpoint`.", CHECKPOINT),
}


def rules(folder: Path) -> Iterator[str]:
    """All codes, each with a heading: what it means, and of a rule its examples and what it says of them."""
    yield "## The rules"
    for code in sorted(RULES):
        yield f"### {code}"
        explained = inspect.cleandoc(RULES[code].__doc__ or "")
        for paragraph in re.split(r"\n\n(?=\S)", explained):
            if found := re.fullmatch(r"(PASS|FAIL):\n\n(.*)", paragraph, re.DOTALL):
                snippet = dedent(found[2]).strip("\n")
                yield {"PASS": "Passes:", "FAIL": "Found in:"}[found[1]]
                yield f"```yaml\n{snippet}\n```"
                if found[1] == "FAIL":
                    yield f"```text\n{said(snippet, code, folder)}\n```"
            else:
                yield paragraph
    for title, (words, codes) in REMARKS.items():
        yield f"## {title}"
        yield words
        for code in codes:
            yield f"### {code}"
            text = summary(code)
            yield f"{text[:1].upper()}{text[1:]}."


def said(snippet: str, code: str, folder: Path) -> str:
    """What `lrviz check` prints of a schedule that breaks a rule, about this rule."""
    (folder / "schedule.yaml").write_text(snippet, encoding="utf-8")
    printed = lrviz("check", "schedule.yaml", cwd=folder)
    findings = re.split(r"^(?=schedule\.yaml:)|\n\n", printed.out + printed.err, flags=re.MULTILINE)
    about = [each.rstrip() for each in findings if f"[{code}]" in each.partition("\n")[0]]
    assert about, f"{code} finds nothing in its own example:\n{printed.out}{printed.err}"
    return "\n".join(about)


def test_every_code_is_explained_as_its_rule_does(golden: Golden, tmp_path: Path) -> None:
    text = "\n\n".join(rules(tmp_path))
    golden.same_part(PAGE, f"\n{text}\n\n", "<!-- begin: rules -->\n", "<!-- end: rules -->\n")


def test_every_code_has_a_heading() -> None:
    """`helpUri` of SARIF leads there."""
    assert set(CODES) <= set(re.findall(r"^### (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_key_of_expect_has_a_row() -> None:
    rows = "\n".join(re.findall(r"^\|.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert [key.name for key in EXPECT.arguments if not re.search(rf"^\|.*`{key.name}\b", rows, re.MULTILINE)] == []
