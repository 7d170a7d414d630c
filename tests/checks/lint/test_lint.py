"""Every rule: its own snippets, and files.

A file is a case: `positive/` has nothing to find, `negative/` what is in its `.txt`, which `pytest --renew` writes.
Files are called after the code they are about (`cosine-climbs.yaml`, `cosine-climbs--in-a-phase.yaml`).
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
from helpers.golden import Golden

import lrviz.checks.lint
from lrviz.checks.finding import Finding
from lrviz.checks.lint import RULES, lint
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.catalogue import LINT, READING

HERE = Path(__file__).parent
POSITIVE = sorted((HERE / "positive").glob("*.yaml"))
NEGATIVE = sorted((HERE / "negative").glob("*.yaml"))


def findings(text: str | bytes, file: str = "s.yaml") -> list[Finding]:
    """What the lint finds in a file, that nothing is expected left out."""
    found = []
    for schedule in load_text(text, file):
        try:
            curve = simulate(schedule)
        except ScheduleError:
            curve = None
        found += list(lint(schedule, curve, schedule.name))
    return found


def written(found: list[Finding]) -> str:
    """Findings as people read them, each schedule's with its name."""
    return "".join(f"{each.problem}\n" for each in found if each.code != "nothing-expected")


def snippets(code: str) -> dict[str, list[str]]:
    """The PASS and FAIL snippets of a rule's docstring."""
    text = RULES[code].__doc__ or ""
    found: dict[str, list[str]] = {"PASS": [], "FAIL": []}
    for kind, body in re.findall(r"^(PASS|FAIL):\n\n((?:(?:    .*)?\n)+)", text, re.MULTILINE):
        found[kind].append(dedent(body))
    return found


def test_the_floor_that_is_a_part_of_each_rate_can_be_pasted() -> None:
    groups = "epochs: 30\noptimizer: {type: AdamW, groups: [{name: body, lr: 1e-5}, {name: head, lr: 1e-3}]}\n"
    text = f"{groups}scheduler: {{type: CosineAnnealingLR, eta_min: 1e-4}}\n"
    (found,) = (each for each in findings(text) if each.code == "eta-min-above")
    assert "one floor for all groups: eta_min: 1e-07, or 0; or one that is 0.1 of each group's own lr" in found.hint
    proposed = re.search(r"`(\{type: LambdaLR.*\})`", found.hint)
    assert proposed is not None
    (schedule,) = load_text(f"{groups}scheduler: {proposed[1]}\n", "s.yaml")
    assert simulate(schedule).end_lr == pytest.approx((1e-6, 1e-4))


@pytest.mark.parametrize("code", RULES)
def test_a_rule_explains_itself_with_snippets_that_do_what_they_say(code: str) -> None:
    examples = snippets(code)
    assert examples["PASS"]
    assert examples["FAIL"]
    for text in examples["PASS"]:
        found = findings(text)
        assert [each.code for each in found if each.code == code or each.severity != "note"] == []
    for text in examples["FAIL"]:
        assert code in [each.code for each in findings(text)]


def test_every_rule_is_in_the_catalogue_and_has_its_own_file() -> None:
    assert [*RULES] == sorted(LINT)
    files = {file.stem.replace("_", "-") for file in Path(lrviz.checks.lint.__file__).parent.glob("*.py")}
    assert files - {"--init--", "yields"} == {*RULES}
    for code, module in RULES.items():
        assert module.__name__ == f"lrviz.checks.lint.{code.replace('-', '_')}"
        assert len((module.__doc__ or "").splitlines()[0]) < 120
        assert re.match(r"[A-Z][a-z]* .*\.\n\n", module.__doc__ or "")  # also read in lower case, without the full stop
        assert callable(module.check)


@pytest.mark.parametrize("file", POSITIVE, ids=lambda file: file.stem)
def test_there_is_nothing_to_find(file: Path) -> None:
    assert written(findings(file.read_bytes(), file.name)) == ""


@pytest.mark.parametrize("file", NEGATIVE, ids=lambda file: file.stem)
def test_what_there_is_to_find(file: Path, golden: Golden) -> None:
    found = findings(file.read_bytes(), file.name)
    assert file.stem.partition("--")[0] in [each.code for each in found]
    golden.same_text(file.with_suffix(".txt"), written(found))


def test_every_text_has_its_file(golden: Golden) -> None:
    golden.no_orphans(HERE / "positive", [], "*.txt")
    golden.no_orphans(HERE / "negative", (file.with_suffix(".txt") for file in NEGATIVE), "*.txt")


def test_every_rule_has_a_file_that_passes_and_one_that_fails() -> None:
    for folder in (POSITIVE, NEGATIVE):
        about = {file.stem.partition("--")[0] for file in folder}
        assert about >= RULES.keys() - {"nothing-expected"}
        assert about <= RULES.keys() | READING.keys()


def test_an_accepted_finding_is_not_reported() -> None:
    text = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 20}\n"
    assert [each.code for each in findings(text)] == ["nothing-expected", "cosine-climbs"]
    assert [each.code for each in findings(text + "ignore: [cosine-climbs]\n")] == ["nothing-expected"]


def test_an_accepted_finding_takes_no_error_away_that_it_explains() -> None:
    """It is an error itself while it is shown in place of one; a warning that it explains goes with it."""
    text = "epochs: 400\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 100}\n"
    (_, grows) = findings(text)
    assert (grows.code, grows.severity) == ("gamma-above-one", "error")
    (_, infinite) = findings(text + "ignore: [gamma-above-one]\n")
    assert (infinite.code, infinite.severity) == ("lr-not-finite", "error")
    finite = text.replace("400", "100")
    assert [each.code for each in findings(finite + "ignore: [gamma-above-one]\n")] == ["nothing-expected"]


def test_what_several_rules_ask_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(module: ModuleType, name: str) -> None:
        function = getattr(module, name)

        def count(*arguments: object) -> object:
            asked.append(name)
            return function(*arguments)

        monkeypatch.setattr(module, name, count)

    counted(RULES["wrong-unit"], "_beside")
    counted(RULES["default-length"], "_few_calls")
    text = "epochs: 90\nsteps_per_epoch: 500\ninterval: step\noptimizer: {lr: 0.1}\nscheduler: {type: LinearLR}\n"
    assert [each.code for each in findings(text)] == ["nothing-expected", "default-length"]
    assert sorted(asked) == ["_beside", "_few_calls"]
