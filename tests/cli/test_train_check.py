"""`lrviz train --check` on small real trainings, and that no other verb reads the key `train`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from process import Outcome
from typer.testing import CliRunner

from lrviz.cli.main import app

HEAD = "epochs: 1\noptimizer: {type: SGD, lr: 0.1}\n"
SCHEDULES = "schedules:\n  right: {scheduler: none}\n  hot: {optimizer: {lr: 1e30}, scheduler: none}\n"
HOLDS = "{diverges: hot, converges: right, better: {right: hot}, final_loss: {right: [0, 9]}, accuracy: {right: 0}}"


def lesson(expect: str, **more: object) -> str:
    """A file of two schedules that are trained in three steps: one learns, one is not finite after its first step."""
    keys = {"batch_size": 512, "epochs": 1, **more}
    return (
        f"{HEAD}train: {{{', '.join(f'{key}: {each}' for key, each in keys.items())}, expect: {expect}}}\n{SCHEDULES}"
    )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lesson.yaml").write_text(lesson(HOLDS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lrviz(*arguments: str) -> Outcome:
    """In this process, which imports torch once for all tests."""
    done = CliRunner().invoke(app, arguments)
    return Outcome(done.exit_code, done.stdout, done.stderr)


def check(*arguments: str) -> Outcome:
    return lrviz("train", "--check", *arguments)


# --- the verdict -----------------------------------------------------------------------------------------------


def test_what_holds_is_0() -> None:
    assert check("lesson.yaml") == (0, "All 5 expectations of 2 schedules in 1 file hold.\n", "")


def test_v_shows_the_numbers() -> None:
    done = check("lesson.yaml", "-v", "--seeds", "2")
    assert done.status == 0
    number = r"\d\.\d+ ± \S+"
    assert re.fullmatch(
        rf"""lesson\.yaml:3:56: holds: hot diverges with all 2 seeds \[train\.diverges\] \(hot\)
lesson\.yaml:3:72: holds: right diverges with none of 2 seeds \[train\.converges\] \(right\)
lesson\.yaml:3:95: holds: right ends with a loss of {number}, hot diverges with all 2 seeds; """
        rf"""that of right is lower with all 2 seeds \[train\.better\] \(right\)
lesson\.yaml:3:121: holds: the final loss of right is {number} \[train\.final_loss\] \(right\)
lesson\.yaml:3:148: holds: the accuracy of right is {number} \[train\.accuracy\] \(right\)

All 5 expectations of 2 schedules in 1 file hold\.
""",
        done.out,
    )


def test_a_stream_of_ascii_is_given_ascii() -> None:
    done = CliRunner(charset="ascii").invoke(app, ["train", "--check", "lesson.yaml", "-v", "--seeds", "2"])
    assert done.exit_code == 0
    assert " +/- " in done.stdout


def test_what_does_not_hold_is_1(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{converges: [right, hot]}"))
    assert check("lesson.yaml") == (
        1,
        """lesson.yaml:3:65: error: hot diverges [train.converges] (hot)
  3 | train: {batch_size: 512, epochs: 1, expect: {converges: [right, hot]}}
    |                                                                 ^
  hint: it diverged at step 1

2 schedules in 1 file: 1 expectation failed, 1 holds.
""",
        "",
    )


def test_the_formats_of_a_report(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{converges: hot}"))
    found = json.loads(check("lesson.yaml", "--format", "json").out)["findings"]
    assert [(each["code"], each["line"], each["schedule"]) for each in found] == [("train.converges", 3, "hot")]
    assert check("lesson.yaml", "--format", "concise").out == "lesson.yaml:3:57: train.converges hot diverges\n"
    assert '"train.converges"' in check("lesson.yaml", "--format", "sarif").out
    assert 'type="train.converges"' in check("lesson.yaml", "--format", "junit").out


@pytest.mark.parametrize(
    ("arguments", "other"), [(("--check", "--format", "csv"), "--check"), (("--format", "junit"), "table")]
)
def test_a_format_of_the_other_kind_is_refused(arguments: tuple[str, ...], other: str) -> None:
    done = lrviz("train", "lesson.yaml", *arguments)
    assert done.status == 2
    assert done.err.startswith(f"lrviz: error: --format {arguments[-1]} is not one of ")
    assert other in done.err


def test_without_check_nothing_is_judged(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{converges: hot}"))
    done = lrviz("train", "lesson.yaml")
    assert done.status == 0
    assert "converges" not in done.out + done.err


# --- what cannot be judged -------------------------------------------------------------------------------------


def test_the_key_is_read_before_anything_is_trained(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{converges: hott}", problem="digts"))
    done = check("lesson.yaml", "--format", "concise")
    assert done.status == 2
    assert done.out == (
        "lesson.yaml:3:46: input there is no problem 'digts'\nlesson.yaml:3:73: input there is no schedule 'hott'\n"
    )
    assert lrviz("train", "lesson.yaml", "--problem", "digits").err == (
        "lesson.yaml:3:73: error: there is no schedule 'hott'\n  hint: did you mean hot?\n"
    )


def test_a_file_that_is_named_must_expect_something(here: Path) -> None:
    (here / "other.yaml").write_text(f"{HEAD}{SCHEDULES}")
    done = check("lesson.yaml", "other.yaml")
    assert done.status == 2
    assert done.out == (
        "other.yaml: error: nothing is expected of the trainings of this file [input]\n"
        "  hint: train: {expect: {diverges: [hot], better: {cosine: constant}}}\n\n"
        "2 schedules in 2 files: 5 expectations hold, 1 input error.\n"
    )


def test_of_a_folder_it_is_passed_over(here: Path) -> None:
    (here / "other.yaml").write_text(f"{HEAD}{SCHEDULES}")
    done = check(".")
    assert done.status == 0
    assert done.out == "All 5 expectations of 2 schedules in 1 file hold.\n"
    assert done.err == "lrviz: passed over 1 file without `train.expect`\n"


def test_nothing_at_all_is_wrong(here: Path) -> None:
    (here / "lesson.yaml").write_text(f"{HEAD}{SCHEDULES}")
    done = check(".")
    assert done.status == 2
    assert "none of these files expects anything of its trainings" in done.out
    (here / "lesson.yaml").unlink()
    assert check().err.startswith("lrviz: error: there is nothing to check here")


def test_what_is_left_out_is_not_judged(here: Path) -> None:
    done = check("lesson.yaml", "--only", "right")
    assert done.status == 0
    assert done.out == "All 3 expectations of 1 schedule in 1 file hold.\n"
    assert done.err == "lrviz: lesson.yaml: 2 expectations not judged, since hot was not trained to the end\n"
    (here / "lesson.yaml").write_text(lesson("{diverges: hot}"))
    done = check("lesson.yaml", "--only", "right")
    assert done.status == 2
    assert "no expectation is about schedules that were trained" in done.out


def test_a_schedule_that_is_refused_is_an_error_of_the_input(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{diverges: hot}") + "  no: {optimizer: {type: LBFGS}, scheduler: none}\n")
    done = check("lesson.yaml", "--format", "concise")
    assert done.status == 2
    assert "LBFGS" in done.out


def test_each_schedule_of_a_sweep_is_judged(here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson("{diverges: hot}"))
    done = check("lesson.yaml", "--set", "schedules.hot.optimizer.lr=0.1,1e30", "--format", "concise")
    assert done.status == 1
    assert done.out == "lesson.yaml:3:56: train.diverges hot optimizer.lr=0.1 does not diverge\n"


# --- settings --------------------------------------------------------------------------------------------------


def trained(*arguments: str) -> list[tuple[str, int, int]]:
    """Each training: its schedule, its seed, the steps that it was to have."""
    done = lrviz("train", "--format", "csv", *arguments)
    assert done.status == 0, done.err
    rows = [line.split(",") for line in done.out.splitlines()]
    names = {name: index for index, name in enumerate(rows[0])}
    return [(row[names["schedule"]], int(row[names["seed"]]), int(row[names["steps"]])) for row in rows[1:]]


BATCHES = "schedules: {small: {scheduler: none}, large: {scheduler: none, train: {batch_size: 1024}}}\n"


def test_the_file_says_how_it_is_trained_and_options_go_first(here: Path) -> None:
    """Of the 1,437 digits, 512 in a batch are 3 steps an epoch, and 1,024 are 2."""
    (here / "a.yaml").write_text(f"{HEAD}train: {{seeds: 2, seed: 5, epochs: 2, batch_size: 512}}\n{BATCHES}")
    assert trained("a.yaml") == [("small", 5, 6), ("small", 6, 6), ("large", 5, 4), ("large", 6, 4)]
    assert trained("a.yaml", "--seeds", "1", "--seed", "0", "--length", "1", "--batch-size", "720") == [
        ("small", 0, 2),
        ("large", 0, 2),
    ]
    assert trained("a.yaml", "--set", "train.seeds=1", "--set", "train.batch_size=1437") == [
        ("small", 5, 2),
        ("large", 5, 4),
    ]


def test_a_sweep_of_batch_sizes(here: Path) -> None:
    (here / "a.yaml").write_text(f"{HEAD}train: {{batch_size: 512}}\nscheduler: none\n")
    assert trained("a.yaml", "--length", "1", "--set", "train.batch_size=512,1024") == [
        ("a train.batch_size=512", 0, 3),
        ("a train.batch_size=1024", 0, 2),
    ]


def test_a_bare_name_does_not_mean_what_stands_under_train(here: Path) -> None:
    (here / "a.yaml").write_text(f"{HEAD}train: {{epochs: 2, batch_size: 512}}\n{SCHEDULES}")
    assert lrviz("table", "a.yaml", "--set", "epochs=3").out.count("\n") == 7
    done = lrviz("table", "a.yaml", "--set", "batch_size=3")
    assert done == (2, "", "--set batch_size: error: 'batch_size' matches no key of a.yaml\n"
                           "  hint: did you mean train.batch_size?\n")  # fmt: skip


def test_one_table_is_of_one_problem_and_length(here: Path) -> None:
    for name, epochs in (("a", 1), ("b", 2)):
        (here / f"{name}.yaml").write_text(lesson("{diverges: hot}", epochs=epochs))
    done = lrviz("train", "a.yaml", "b.yaml")
    assert done.status == 2
    assert done.err == (
        "lrviz: error: the schedules are trained on several lengths (1, 2 epochs), and only those of one can be "
        "compared\n  hint: give --length for all of them, or --check, which trains each file on its own\n"
    )
    assert check("a.yaml", "b.yaml").status == 0


# --- all others pass over it -----------------------------------------------------------------------------------

BROKEN = "train: {problem: [3], seds: -1, expect: {diverges: nobody, at: {0: 1}}}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("table",),
        ("at", "0"),
        ("when", "lr>0.01"),
        ("stats",),
        ("explain",),
        ("check",),
        ("plot", "--terminal"),
        ("code",),
        ("solve", "optimizer.lr", "--target", "end=0.05"),
        ("resume", "--at", "2"),
        ("import", "-o", "-"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_other_verbs_pass_over_it(arguments: tuple[str, ...], here: Path) -> None:
    """They say of a file whose key `train` is wrong what they say of the file without it."""
    text = "epochs: 4\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, step_size: 2}\n"
    verb, *more = arguments
    outcomes = []
    for train in ("", BROKEN):
        (here / "a.yaml").write_text(text + train)
        if verb == "import":
            done = lrviz(verb, "a.yaml", "--stretch", "2", *more)
            assert (BROKEN.strip() in done.out) == bool(train), "what it writes keeps the key"
            done = done._replace(out=done.out.replace(BROKEN, ""))
        else:
            done = lrviz(verb, *more, "a.yaml")
        outcomes.append(done)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].status == 0


def test_what_is_written_anew_keeps_what_a_schedule_has_of_its_own(here: Path) -> None:
    (here / "a.yaml").write_text(f"{HEAD}train: {{seeds: 2, batch_size: 512}}\n{BATCHES}")
    (here / "a.yaml").write_text((here / "a.yaml").read_text().replace("}}}\n", "}}, other: {scheduler: none}}\n"))
    done = lrviz("import", "a.yaml", "--only", "small", "--only", "large", "--stretch", "2", "-o", "b.yaml")
    assert done.status == 0, done.err
    assert trained("b.yaml", "--length", "1") == [
        ("small", 0, 3), ("small", 1, 3), ("large", 0, 2), ("large", 1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ("right", "{converges: right, final_loss: {right: [0, 9]}, accuracy: {right: 0}}"),
        ("hot", "{diverges: hot}"),
        ("other", None),
    ],
)
def test_what_is_written_of_some_expects_nothing_of_others(only: str, expected: str | None, here: Path) -> None:
    (here / "lesson.yaml").write_text(lesson(HOLDS) + "  other: {scheduler: none}\n")
    done = lrviz("import", "lesson.yaml", "--only", only, "--stretch", "2", "-o", "b.yaml")
    assert done.status == 0, done.err
    written = (here / "b.yaml").read_text()
    assert "batch_size: 512" in written
    assert f"expect: {expected}" in written if expected else "expect" not in written
    assert lrviz("train", "b.yaml").status == 0


def test_the_codes_are_explained() -> None:
    done = lrviz("check", "--explain", "train.better")
    assert done.status == 0
    assert done.out.startswith("train.better: trainings that do not show what they should: schedules that end with")
