"""What `docs/review.md` shows of a review is what it prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml
from helpers.golden import Golden
from process import lrviz
from review.repositories import SAFE, STEP, Repo

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "review.md"
PAGE = FILE.read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def test_the_page_shows_what_a_review_prints(tmp_path: Path, golden: Golden) -> None:
    basics = sorted((ROOT / "schedules/basics").glob("*.yaml"))
    repo = Repo.made(tmp_path, {f"schedules/basics/{file.name}": file.read_bytes() for file in basics})
    repo.replace("schedules/basics/step-decay.yaml", "gamma: 0.1", "gamma: 0.5")
    done = repo.review("schedules/")
    assert (done.status, done.err) == (1, "")
    golden.same_part(FILE, done.out, "$ lrviz review schedules/\n", "```\n")


def test_the_workflow_of_the_page_gives_the_action_what_it_takes() -> None:
    (text,) = re.findall(r"^<!-- workflow.yaml -->\n```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    checkout, action = yaml.safe_load(text)["jobs"]["learning-rates"]["steps"]
    assert checkout["with"] == {"fetch-depth": 0}
    assert set(action["with"]) <= set(ACTION["inputs"])
    rows = re.findall(r"^\| `([\w-]+)` \| .* \| (?:`(.*)`|.*) \|$", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} == set(ACTION["inputs"])
    for name, default in rows:
        if default:
            assert ACTION["inputs"][name]["default"] == default


def test_this_repository_reviews_itself() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "learning-rates.yml").read_text(encoding="utf-8"))
    checkout, action = workflow["jobs"]["review"]["steps"]
    assert checkout["with"] == {"fetch-depth": 0}
    assert action["uses"] == "./"
    assert set(action["with"]) <= set(ACTION["inputs"])


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"schedules/prod-a.yaml": STEP, "schedules/b.yaml": STEP})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.replace("schedules/b.yaml", "gamma: 0.1", "gamma: 0.5")
    (block,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    statuses = []
    for command in block.splitlines():
        words = shlex.split(command.partition(" > ")[0])
        done = lrviz(*words[1:], cwd=repo.path, **SAFE)
        assert done.err == ""
        statuses.append(done.status)
    assert statuses == [0, 0, 1]


def test_the_commands_of_git_are_those_that_the_page_names() -> None:
    (named,) = re.findall(r"reads its\nobjects and its index \((.*?)\)", PAGE)
    code = "".join(file.read_text() for file in (ROOT / "lrviz" / "review").glob("*.py"))
    called = set(re.findall(r"(?:git\.run|git\.line|command)\(\s*[\w.()]+,\s*\"([\w-]+)\"", code))
    assert called == set(re.findall(r"`([\w-]+)`", named))
