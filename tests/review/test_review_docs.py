"""What the README and `docs/review.md` show of a review is what it prints."""

from __future__ import annotations

from pathlib import Path

from helpers.golden import Golden
from review.repositories import Repo

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_what_a_review_prints(tmp_path: Path, golden: Golden) -> None:
    basics = sorted((ROOT / "schedules/basics").glob("*.yaml"))
    repo = Repo.made(tmp_path, {f"schedules/basics/{file.name}": file.read_bytes() for file in basics})
    repo.replace("schedules/basics/step-decay.yaml", "gamma: 0.1", "gamma: 0.5")
    done = repo.review("schedules/")
    assert (done.status, done.err) == (1, "")
    golden.same_part(ROOT / "README.md", done.out, "$ lrviz review schedules/\n", "```\n")
