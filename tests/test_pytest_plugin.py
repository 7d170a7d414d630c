"""`pytest --lrviz`: schedule files as tests, in a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from textwrap import indent

import pytest
from helpers import forked

GOOD = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: StepLR, step_size: 10, gamma: 0.9}
expect:
  at: {0: 0.1, 10: 0.09}
  constant: [[0, 9], [10, 19]]
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = ("-p", "no:cacheprovider", "-v", "--no-header", *arguments)
    done = forked.run("pytest", *words, cwd=folder, env=dict(os.environ))
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def results(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What became of each test, by its id."""
    return dict(re.findall(r"^(.+::.+) (PASSED|FAILED|SKIPPED)(?: .*)?\[ *[0-9]+%\]$", done.stdout, re.MULTILINE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def test_it_is_off_until_it_is_asked(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 5, done.stdout
    assert "collected 0 items" in done.stdout


def test_every_expectation_is_a_test_and_the_lint_one_more(folder: Path) -> None:
    done = run(folder, "--lrviz", ".")
    assert results(done) == dict.fromkeys(
        [
            "good.yaml::good::lint",
            "good.yaml::good::at 0",
            "good.yaml::good::at 10",
            "good.yaml::good::constant 0 to 9",
            "good.yaml::good::constant 10 to 19",
        ],
        "PASSED",
    )
    assert done.returncode == 0


def test_a_failure_shows_the_line_and_the_hint(folder: Path) -> None:
    (folder / "good.yaml").write_text(GOOD.replace("10: 0.09", "10: 0.1"))
    done = run(folder, "--lrviz", "good.yaml")
    assert done.returncode == 1
    assert [test for test, result in results(done).items() if result == "FAILED"] == ["good.yaml::good::at 10"]
    assert (
        """\
good.yaml:5:20: error: the learning rate at epoch 10 is 0.09, not 0.1 [expect.at]
  5 |   at: {0: 0.1, 10: 0.1}
    |                    ^
  hint: the curve has `10: 0.09000000000000001`; epoch 9 has the expected value: off by one?
"""
        in done.stdout
    )
    assert "Traceback" not in done.stdout


def test_one_test_can_be_chosen(folder: Path) -> None:
    assert list(results(run(folder, "--lrviz", "good.yaml::good::at 10"))) == ["good.yaml::good::at 10"]


def test_of_a_folder_only_schedules_are_collected(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services: {web: {image: nginx}}\n")
    (folder / "broken.yml").write_text("epochs: 30\nscheduler: {type: StepLR\n")
    done = run(folder, "--lrviz", ".")
    files = {test.partition("::")[0] for test in results(done)}
    assert files == {"broken.yml", "good.yaml"}
    assert results(done)["broken.yml::file"] == "FAILED"
    named = run(folder, "--lrviz", "compose.yaml")
    assert results(named) == {"compose.yaml::file": "FAILED"}


def test_a_warning_is_a_warning_and_fails_when_it_is_strict(folder: Path) -> None:
    (folder / "warns.yaml").write_text(
        "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 40}\n"
    )
    done = run(folder, "--lrviz", "warns.yaml")
    assert results(done) == {"warns.yaml::warns::lint": "PASSED"}
    assert "warns.yaml:3: LrvizWarning: " in done.stdout
    assert "[cut-short]" in done.stdout
    strict = run(folder, "--lrviz", "--lrviz-strict", "warns.yaml")
    assert results(strict) == {"warns.yaml::warns::lint": "FAILED"}
    assert "nothing-expected" not in strict.stdout


def test_a_schedule_without_expectations_fails_where_they_are_required(folder: Path) -> None:
    (folder / "bare.yaml").write_text(
        "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10, gamma: 0.5}\n"
    )
    required = run(folder, "--lrviz", "--lrviz-require-expect", "bare.yaml", "good.yaml")
    assert {test for test, outcome in results(required).items() if outcome == "FAILED"} == {"bare.yaml::bare::lint"}
    assert "error: this schedule has no expectations" in required.stdout


def test_what_torch_refuses_fails_once(folder: Path) -> None:
    (folder / "refused.yaml").write_text(
        "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: ConstantLR, factor: 0}\nexpect: {at: {0: 0}, max: 0.1}\n"
    )
    done = run(folder, "--lrviz", "refused.yaml")
    assert sorted(results(done).values()) == ["FAILED", "SKIPPED", "SKIPPED"]
    assert "ZeroDivisionError" in done.stdout


def test_own_classes_run_only_when_they_are_trusted(folder: Path) -> None:
    (folder / "own.yaml").write_text(
        "epochs: 3\noptimizer: {lr: 1}\nscheduler: {type: somebody.Halves}\nexpect: {at: {1: 0.5}}\n"
    )
    (folder / "somebody.py").write_text(
        "from torch.optim.lr_scheduler import LRScheduler\n"
        "class Halves(LRScheduler):\n"
        "    def get_lr(self):\n"
        "        return [base * 0.5**self.last_epoch for base in self.base_lrs]\n"
    )
    assert results(run(folder, "--lrviz", "own.yaml")) == {"own.yaml::file": "FAILED"}
    trusted = run(folder, "--lrviz", "--lrviz-trust", "own.yaml")
    assert results(trusted) == {"own.yaml::own::lint": "PASSED", "own.yaml::own::at 1": "PASSED"}


def test_a_name_is_no_command_to_the_ci_system_that_reads_the_log(folder: Path) -> None:
    (folder / "odd.yaml").write_text(f"schedules:\n  '::error::x ##[y]':\n{indent(GOOD.replace('0.09', '1'), '    ')}")
    done = run(folder, "--lrviz", "odd.yaml")
    assert results(done)["odd.yaml::\\x3a\\x3aerror:\\x3ax #\\x23[y]::at 10"] == "FAILED"
    assert not re.search(r"##\w*\[|^\s*::|::error", done.stdout, re.MULTILINE)


def test_files_that_a_schedule_names_lie_in_its_project_or_in_an_open_folder(folder: Path) -> None:
    plans = folder / "plans"
    plans.mkdir()
    (folder / "runs").mkdir()
    (folder / "runs/log.csv").write_text("loss\n3\n")
    (plans / "pyproject.toml").touch()
    os.mkfifo(plans / "pipe.yaml")
    (plans / "p.yaml").write_text(
        "epochs: 1\noptimizer: {lr: 1}\nscheduler: {type: ReduceLROnPlateau}\n"
        "metric: {file: ../runs/log.csv, column: loss}\n"
    )
    refused = run(folder, "--lrviz", "plans")
    assert results(refused) == {"plans/p.yaml::file": "FAILED"}
    assert "lies outside of the project" in refused.stdout
    allowed = run(folder, "--lrviz", "--lrviz-allow-path", "runs", "plans")
    assert results(allowed) == {"plans/p.yaml::p::lint": "PASSED"}


def test_a_fault_in_one_file_takes_no_tests_of_others_away(folder: Path) -> None:
    (folder / "also.yaml").write_text(GOOD)
    (folder / "conftest.py").write_text(
        "from lrviz import loading as load\n"
        "real = load.load_file\n"
        "def load_file(path, **more):\n"
        "    assert path != 'also.yaml', 'boom'\n"
        "    return real(path, **more)\n"
        "load.load_file = load_file\n"
    )
    done = run(folder, "--lrviz", ".")
    found = results(done)
    assert (found.pop("also.yaml::file"), set(found.values())) == ("FAILED", {"PASSED"}), done.stdout
    assert len(found) == 5
    assert "boom" in done.stdout


def test_a_schedule_inside_of_a_larger_file_is_named_by_its_key(folder: Path) -> None:
    """As for the verbs: of the file nothing else is read, and a file of that very name wins."""
    (folder / "train.yaml").write_text("trainer:\n  one:\n" + indent(GOOD, "    ") + "  other: 3\n")
    done = run(folder, "--lrviz", "train.yaml#trainer.one", "train.yaml#trainer.other")
    assert results(done)["train.yaml::trainer.one:train::at 10"] == "PASSED"
    assert results(done)["train.yaml::#trainer.other"] == "FAILED"
    assert len(results(done)) == 6
    assert "train.yaml:9:10: error: a schedule file must be a mapping of keys" in done.stdout
    test = "train.yaml#trainer.one::trainer.one:train::lint"
    assert results(run(folder, "--lrviz", test)) == {"train.yaml::trainer.one:train::lint": "PASSED"}
    (folder / "train.yaml#trainer.one").with_suffix(".yaml").write_text(GOOD)
    done = run(folder, "--lrviz", "train.yaml#trainer.yaml::train.yaml#trainer::lint")
    assert list(results(done).values()) == ["PASSED"]


def test_what_the_project_sets_counts_and_an_option_goes_before(folder: Path) -> None:
    (folder / "warns.yaml").write_text(
        "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 40}\n"
    )

    def lint(table: str, *options: str) -> str:
        (folder / "pyproject.toml").write_text(f"[tool.lrviz]\n{table}\n")
        return results(run(folder, "--lrviz", "warns.yaml", *options))["warns.yaml::warns::lint"]

    assert lint("strict = true") == "FAILED"
    assert lint("strict = true", "--no-lrviz-strict") == "PASSED"
    assert lint('strict = true\nignore = ["cut-short"]') == "PASSED"
    assert lint("require-expect = true") == "FAILED"
    assert lint("require-expect = true", "--no-lrviz-require-expect") == "PASSED"
    (folder / "pyproject.toml").write_text("[tool.lrviz]\nstric = true\n")
    wrong = run(folder, "--lrviz", "warns.yaml")
    assert wrong.returncode == 4
    assert "ERROR: pyproject.toml:2:1: error: [tool.lrviz] has no key 'stric'\n  hint: did you mean strict?" in (
        wrong.stdout + wrong.stderr
    )
    assert run(folder).returncode == 5  # without --lrviz, nobody reads it
