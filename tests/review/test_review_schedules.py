"""What a review says of schedules: which changed, what is other, what came and went, and what did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden
from review.repositories import STEP, Repo

GOLDEN = Path(__file__).parent / "golden"


def reviewed(repo: Repo, *arguments: str, status: int) -> dict[str, dict[str, Any]]:
    """The schedules of a review by name."""
    done = repo.review("--format", "json", *arguments)
    assert (done.status, done.err) == (status, "")
    return {each["name"]: each for each in json.loads(done.out)["schedules"]}


def verdicts(repo: Repo, *arguments: str, status: int) -> dict[str, str]:
    return {name: each["verdict"] for name, each in reviewed(repo, *arguments, status=status).items()}


MANY = """\
epochs: 100
optimizer: {type: SGD, lr: 0.1}
schedules:
  step: {scheduler: {type: StepLR, step_size: 30}}
  cosine: {scheduler: {type: CosineAnnealingLR}, expect: {at: {50: 0.05}}}
  hot: {optimizer: {lr: 0.5}, scheduler: {type: ExponentialLR, gamma: 0.95}, expect: {max: 0.5}}
"""

GROUPS = """\
epochs: 10
optimizer:
  type: SGD
  groups:
    - {name: body, lr: 0.01}
    - {name: head, lr: 0.1}
scheduler: {type: LinearLR, start_factor: 0.5, total_iters: 5}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.made(
        tmp_path / "repo",
        {
            "schedules/step.yaml": STEP,
            "schedules/many.yaml": MANY,
            "schedules/groups.yaml": GROUPS,
            "schedules/old.yaml": STEP.replace("90", "80"),
            "schedules/gone.yaml": "steps: 100\noptimizer: {type: SGD, lr: 0.3}\nscheduler: none\n",
            "schedules/broken.yaml": "epochs: [\noptimizer: {type: SGD, lr: 0.3}\nscheduler: none\n",
            "compose.yaml": "services: {web: {image: nginx}}\n",
        },
    )


def change(repo: Repo) -> None:
    """A change of every kind."""
    repo.replace("schedules/step.yaml", "gamma: 0.1", "gamma: 0.5")
    repo.replace("schedules/many.yaml", "max: 0.5", "max: 0.4")
    repo.replace("schedules/many.yaml", "type: CosineAnnealingLR", "type: LinearLR, total_iters: 50")
    repo.replace("schedules/groups.yaml", "name: head, lr: 0.1", "name: head, lr: 0.2")
    (repo.path / "schedules/old.yaml").rename(repo.path / "schedules/new-name.yaml")
    repo.replace("schedules/new-name.yaml", "80", "60")
    (repo.path / "schedules/gone.yaml").unlink()
    repo.write(
        {
            "schedules/broken.yaml": STEP,
            "schedules/added.yaml": "steps: 10\noptimizer: {type: Adam, lr: 3e-4}\nscheduler: none\n",
        }
    )


@pytest.mark.parametrize("format", ["text", "markdown", "json", "github"])
def test_every_kind_of_change_in_every_format(repo: Repo, format: str, golden: Golden) -> None:
    change(repo)
    done = repo.review("--format", format, "--expect-unchanged", "old", "--expect-unchanged", "step")
    assert (done.status, done.err) == (1, "")
    ending = {"markdown": "md", "json": "json"}.get(format, f"{format}.txt" if format != "text" else "txt")
    golden.same_text(GOLDEN / f"every-kind.{ending}", done.out)


def test_nothing_changed_says_so_in_a_line(repo: Repo) -> None:
    commit = repo.git("rev-parse", "HEAD")[:10]
    done = repo.review()
    assert done == (0, f"No curve changed: 0 of 6 schedule files changed against HEAD ({commit}).\n", "")
    assert repo.review("--format", "github") == (0, "", "")
    assert reviewed(repo, status=0) == {}


def test_a_change_and_its_reverse_swap_what_came_and_went(repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    repo.replace("schedules/step.yaml", "gamma: 0.1", "gamma: 2")
    repo.replace("schedules/many.yaml", "max: 0.5", "max: 0.4")
    repo.replace("schedules/many.yaml", "lr: 0.1", "lr: 0.2")
    there = reviewed(repo, status=1)
    repo.commit()
    after = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", before)
    back = reviewed(repo, "--base", after, status=1)
    assert there.keys() == back.keys() != set()

    def said(findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(each["code"], each["message"]) for each in findings]

    assert any(each["came"] for each in there.values())
    for name, one in there.items():
        other = back[name]
        assert (said(one["came"]), said(one["went"])) == (said(other["went"]), said(other["came"]))
        assert (one["old"], one["new"]) == (other["new"], other["old"])
        for cause, reverse in zip(one["causes"], other["causes"], strict=True):
            assert (cause["old"], cause["new"]) == (reverse["new"], reverse["old"])
        for group, same in zip(one["groups"], other["groups"], strict=True):
            assert (group["differing"], group["same"]) == (same["differing"], same["same"])


def test_the_numbers_are_those_of_arithmetic(repo: Repo) -> None:
    repo.replace("schedules/step.yaml", "gamma: 0.1", "gamma: 0.5")
    (one,) = reviewed(repo, status=1).values()
    (old,), (new,), (group,) = one["old"]["groups"], one["new"]["groups"], one["groups"]
    assert old["peak"] == new["peak"] == 0.1
    assert old["end"] == 0.1 * 0.1 * 0.1 * 0.1
    assert new["end"] == 0.1 * 0.5 * 0.5 * 0.5
    assert new["area"] == pytest.approx(30 * (0.1 + 0.05 + 0.025), rel=1e-12)
    assert group["first"] == {"epoch": 30, "step": None, "old": 0.1 * 0.1, "new": 0.05, "ratio": 0.05 / (0.1 * 0.1)}
    assert (group["largest"]["epoch"], group["differing"]) == (60, 60)
    assert one["causes"] == [
        {"key": "scheduler.gamma", "old": 0.1, "new": 0.5, "file": "schedules/step.yaml", "line": 3}
    ]


def test_only_what_can_have_changed_is_simulated(repo: Repo) -> None:
    """Once where one curve serves both sides, and nothing of a file but what changed in it."""
    commit = repo.git("rev-parse", "HEAD")[:10]
    repo.replace("schedules/step.yaml", "gamma: 0.1", "gamma: 0.5")
    repo.replace("schedules/many.yaml", "max: 0.5", "max: 0.4")
    repo.replace("schedules/groups.yaml", "epochs: 10", "# ten\nepochs: 10")
    done = repo.review("-v")
    simulated = [line for line in done.err.splitlines() if "of scheduler.step()" in line]
    assert [line.split(":")[1].strip() for line in simulated] == [
        "schedules/many.yaml",  # "hot", whose curve is the same
        "schedules/step.yaml",
        f"schedules/step.yaml at {commit}",
    ]


def test_comments_and_titles_leave_the_curve_alone(repo: Repo) -> None:
    repo.replace("schedules/step.yaml", "epochs: 90", "# a comment\nepochs:    90")
    repo.replace("schedules/groups.yaml", "epochs: 10", "title: ten\nepochs: 10")
    done = repo.review()
    assert done.status == 0
    assert done.out.splitlines()[:2] == [
        "schedules/groups.yaml: same curve (title: (none) -> ten)",
        "schedules/step.yaml: 1 schedule is the same in every value",
    ]


def test_a_finding_that_comes_without_another_curve_is_told(repo: Repo) -> None:
    repo.replace("schedules/many.yaml", "max: 0.5", "max: 0.4")
    found = reviewed(repo, status=0)
    assert {name: each["verdict"] for name, each in found.items()} == {
        "schedules/many.yaml: step": "same",
        "schedules/many.yaml: cosine": "same",
        "schedules/many.yaml: hot": "same",
    }
    (came,) = found["schedules/many.yaml: hot"]["came"]
    assert (came["code"], came["line"]) == ("expect.max", 6)


def test_a_momentum_alone_changes_the_curve(tmp_path: Path) -> None:
    text = """\
epochs: 10
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
scheduler: {type: OneCycleLR, max_lr: 0.1, max_momentum: 0.95}
"""
    repo = Repo.made(tmp_path, {"a.yaml": text})
    repo.replace("a.yaml", "0.95", "0.9")
    done = repo.review()
    assert done.status == 1
    assert done.out.splitlines()[0] == "a.yaml: the momentum changed, the learning rate is the same"


# --- files that schedules name ---------------------------------------------------------------------------------------

PLATEAU = """\
epochs: 4
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: ReduceLROnPlateau, patience: 0}
metric: {file: ../logs/run.csv, column: loss}
"""
HF = """\
output_dir: out
learning_rate: 2e-5
per_device_train_batch_size: 4
num_train_epochs: 3
lr_scheduler_type: cosine
warmup_steps: 10
"""
FOLLOWS = "config: {file: ../configs/sft.yaml, data: {samples: 1000, devices: 1}}\nexpect: {min: 0}\n"


@pytest.fixture
def naming(tmp_path: Path) -> Repo:
    """Schedules that name a metric, a config and a snapshot, which was written when the curve was so."""
    repo = Repo.made(tmp_path / "naming")
    repo.write(
        {
            "schedules/plateau.yaml": PLATEAU,
            "schedules/sft.yaml": FOLLOWS,
            "schedules/stored.yaml": STEP + "expect: {snapshot: stored.csv}\n",
            "logs/run.csv": "loss\n3\n2\n1\n0.5\n",
            "configs/sft.yaml": HF,
        }
    )
    from process import lrviz

    assert lrviz("check", "schedules/stored.yaml", "--update", cwd=repo.path).status == 0
    repo.commit()
    return repo


def test_what_a_schedule_names_is_read_at_the_revision(naming: Repo) -> None:
    assert verdicts(naming, "schedules", status=0) == {}
    naming.write({"logs/run.csv": "loss\n3\n4\n5\n6\n"})
    naming.replace("configs/sft.yaml", "2e-5", "3e-5")
    found = reviewed(naming, "schedules", status=1)
    assert {name: each["verdict"] for name, each in found.items()} == {
        "schedules/plateau.yaml": "curve",
        "schedules/sft.yaml": "curve",
    }
    assert found["schedules/plateau.yaml"]["causes"] == [{"file": "logs/run.csv", "was_there": True, "is_there": True}]
    assert found["schedules/sft.yaml"]["causes"] == [
        {"key": "learning_rate", "old": 2e-5, "new": 3e-5, "file": "configs/sft.yaml", "line": 2}
    ]


DEEPSPEED = """\
{
  "scheduler": {
    "type": "WarmupLR",
    "params": {"warmup_max_lr": "auto", "warmup_num_steps": "auto", "warmup_min_lr": 0, "warmup_type": "log"}
  }
}
"""


def test_what_a_config_names_in_turn_is_read_at_the_revision_too(naming: Repo) -> None:
    naming.write({"configs/sft.yaml": HF + "deepspeed: zero.json\n", "configs/zero.json": DEEPSPEED})
    naming.replace("schedules/sft.yaml", "devices: 1", 'devices: 1, deepspeed: "0.15.3"')
    naming.commit()
    assert verdicts(naming, "schedules", status=0) == {}
    naming.replace("configs/zero.json", '"log"', '"linear"')
    (one,) = reviewed(naming, "schedules", status=1).values()
    assert (one["name"], one["verdict"]) == ("schedules/sft.yaml", "curve")
    (cause,) = one["causes"]
    assert (cause["file"], cause["old"], cause["new"]) == ("configs/zero.json", "log", "linear")
    assert one["groups"][0]["first"]["new"] == pytest.approx(2e-5 / 10)  # a tenth of the warmup, after the first call


def test_only_the_schedules_that_name_a_file_follow_it(naming: Repo) -> None:
    text = """\
epochs: 4
optimizer: {type: SGD, lr: 0.1}
schedules:
  plateau: {scheduler: {type: ReduceLROnPlateau, patience: 0}, metric: {file: run.csv, column: loss}}
  other: {scheduler: {type: ReduceLROnPlateau, patience: 0}, metric: {file: fixed.csv, column: loss}}
  step: {scheduler: {type: StepLR, step_size: 2}}
"""
    naming.write({"many.yaml": text, "run.csv": "loss\n3\n2\n1\n0\n", "fixed.csv": "loss\n3\n2\n1\n0\n"})
    naming.commit()
    naming.write({"run.csv": "loss\n3\n4\n5\n6\n"})
    found = reviewed(naming, "many.yaml", status=1)
    assert {name: (each["verdict"], each["causes"]) for name, each in found.items()} == {
        "many.yaml: plateau": ("curve", [{"file": "run.csv", "was_there": True, "is_there": True}]),
        "many.yaml: other": ("same", []),
        "many.yaml: step": ("same", []),
    }


def test_a_snapshot_is_that_of_the_revision(naming: Repo) -> None:
    """The old curve holds against the old snapshot, the new one not against a snapshot that was not renewed."""
    naming.replace("schedules/stored.yaml", "gamma: 0.1", "gamma: 0.5")
    (one,) = reviewed(naming, status=1).values()
    assert [each["code"] for each in one["came"]] == ["expect.snapshot"]
    assert one["went"] == []
    naming.replace("schedules/stored.yaml", "gamma: 0.5", "gamma: 0.1")
    (naming.path / "schedules/stored.csv").unlink()
    (one,) = reviewed(naming, status=0).values()
    assert one["causes"] == [{"file": "schedules/stored.csv", "was_there": True, "is_there": False}]
    assert [each["code"] for each in one["came"]] == ["expect.snapshot"]


def test_a_named_file_that_is_gone_is_an_error_of_today(naming: Repo) -> None:
    (naming.path / "logs/run.csv").unlink()
    done = naming.review("schedules")
    assert done.status == 2
    assert done.err.startswith("schedules/plateau.yaml:4:16: error: metric: ")


def test_a_named_file_that_git_ignores_has_no_revision(naming: Repo) -> None:
    """It is read as it is now on both sides, so that what changed is what the schedule says."""
    naming.write({".gitignore": "ignored/\n", "schedules/p.yaml": PLATEAU.replace("logs", "ignored")})
    naming.write({"ignored/run.csv": "loss\n3\n4\n5\n6\n", "ignored/a.yaml": STEP})
    naming.commit()
    assert verdicts(naming, status=0) == {}  # and an ignored schedule is none that was added
    naming.replace("schedules/p.yaml", "lr: 0.1", "lr: 0.2")
    (one,) = reviewed(naming, status=1).values()
    assert [cause["key"] for cause in one["causes"]] == ["optimizer.lr"]


def test_links_lead_where_they_led(naming: Repo) -> None:
    (naming.path / "logs/a.csv").write_text("loss\n3\n2\n1\n0.5\n")
    (naming.path / "logs/b.csv").write_text("loss\n3\n4\n5\n6\n")
    (naming.path / "logs/run.csv").unlink()
    (naming.path / "logs/run.csv").symlink_to("a.csv")
    naming.commit()
    assert verdicts(naming, "schedules", status=0) == {}
    (naming.path / "logs/run.csv").unlink()
    (naming.path / "logs/run.csv").symlink_to("b.csv")
    assert verdicts(naming, "schedules", status=1) == {"schedules/plateau.yaml": "curve"}


def test_what_a_schedule_may_not_name_now_it_may_not_name_at_the_revision(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("loss\n1\n2\n3\n4\n")
    outside = PLATEAU.replace("../logs/run.csv", "../secret.csv")
    link = PLATEAU.replace("../logs/run.csv", "link.csv")
    repo = Repo.made(tmp_path / "repo", {"a.yaml": outside, "b.yaml": link})
    (repo.path / "link.csv").symlink_to("../secret.csv")
    repo.commit()
    repo.write({"a.yaml": STEP, "b.yaml": STEP})
    (repo.path / "link.csv").unlink()
    done = repo.review("--format", "json")
    assert done.status == 0
    unread = json.loads(done.out)["unread"]
    assert [each["problems"][0]["message"].rpartition("csv ")[2] for each in unread] == [
        "lies outside of the project",
        "lies outside of the project",
    ]
