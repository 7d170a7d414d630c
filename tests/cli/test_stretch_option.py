"""`--stretch` as it is typed: every verb takes it, notes say what rounds, and what it cannot do is an error."""

from __future__ import annotations

import csv
import io
import shlex
from pathlib import Path

import pytest
from process import lrviz

FILE = """\
epochs: 30
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: StepLR, step_size: 15, gamma: 0.1}
expect: {at: {14: 0.1, 15: 0.01}, epochs: 30}
"""
SFT = "learning_rate: 2.0e-5\nlr_scheduler_type: cosine\nwarmup_steps: 30\nmax_steps: 300\n"
FORMULA = "steps: 100\noptimizer: {lr: 1}\nscheduler: {type: LambdaLR, lr_lambda: t / 100}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(FILE)
    (tmp_path / "sft.yaml").write_text(SFT)
    (tmp_path / "formula.yaml").write_text(FORMULA)
    return tmp_path


def rates(folder: Path, *words: str) -> list[str]:
    status, out, _ = lrviz(
        "table", *words, "--format", "csv", "--by", "step" if "sft.yaml" in words else "epoch", cwd=folder
    )
    assert status == 0
    return [row[-1] for row in csv.reader(io.StringIO(out))][1:]


def test_the_whole_plan_is_longer(folder: Path) -> None:
    assert rates(folder, "s.yaml", "--stretch", "2") == ["0.1"] * 30 + ["0.010000000000000002"] * 30
    status, out, err = lrviz("check", "s.yaml", "--stretch", "2", cwd=folder)
    assert (status, out, err) == (0, "All 3 expectations of 1 schedule in 1 file hold.\n", "")


def test_what_rounds_is_said_on_standard_error(folder: Path) -> None:
    said = lrviz("at", "8", "s.yaml", "--stretch", "50%", cwd=folder)
    assert said == (
        0,
        "0.010000000000000002\n",
        "s.yaml:3:38: note: StepLR: step_size: 15 x 0.5 = 7.5 calls, rounded to 8 [stretch-rounded]\n"
        "  hint: it repeats, so what is rounded adds up; milestones and phases are rounded from the start\n",
    )
    assert lrviz("at", "8", "s.yaml", "--stretch", "50%", "-q", cwd=folder).err == ""


def test_explain_shows_where_the_length_comes_from(folder: Path) -> None:
    out = lrviz("explain", "s.yaml", "--stretch", "1/4", cwd=folder).out
    assert (
        "run        8 epochs, scheduler.step() after every epoch: 8 calls\n  30 x 0.25 = 7.5 epochs, rounded to 8\n"
        in out
    )
    assert "  30 x 2 = 60 epochs\n" in lrviz("explain", "s.yaml", "--stretch", "2", cwd=folder).out


def test_a_formula_that_holds_lengths_is_refused(folder: Path) -> None:
    assert lrviz("table", "formula.yaml", "--stretch", "2", cwd=folder) == (
        2,
        "",
        "formula.yaml:3:40: error: LambdaLR: lr_lambda holds lengths that cannot be stretched: by 2, `t / 100` is 2 at "
        "call 200, where the plan has 1\n"
        "  hint: write lengths as parts of T, the length of this scheduler, or of N, that of the run: `t / T`; or "
        "stretch it by hand: `(t / 2) / 100`\n",
    )


def test_a_config_of_another_program_is_stretched_too(folder: Path) -> None:
    """Its formulas are not the user's to write: time in them is slower."""
    short, long = rates(folder, "sft.yaml"), rates(folder, "sft.yaml", "--stretch", "2")
    assert (len(short), len(long)) == (300, 600)
    assert long[::2] == short
    said = lrviz("at", "0", "sft.yaml", "--stretch", "2", cwd=folder).err
    assert said == "sft.yaml: Hugging Face TrainingArguments: cosine, warmup 30 of 300 steps, stretched by 2\n"


def test_a_config_that_a_file_follows_is_stretched_with_it(folder: Path) -> None:
    (folder / "follows.yaml").write_text("config: {file: sft.yaml}\nexpect: {steps: 300, peak: 30}\n")
    status, out, _ = lrviz("check", "follows.yaml", "--stretch", "3", cwd=folder)
    assert (status, out) == (0, "All 2 expectations of 1 schedule in 1 file hold.\n")


def test_factor_1_is_no_change(folder: Path) -> None:
    (folder / "s.yaml").write_text(FILE.replace("epochs: 30}", "epochs: 30, snapshot: s.csv}"))
    assert lrviz("check", "s.yaml", "--update", cwd=folder).status == 0
    assert lrviz("check", "s.yaml", cwd=folder) == lrviz("check", "s.yaml", "--stretch", "1", cwd=folder)
    status, out, _ = lrviz("check", "s.yaml", "--stretch", "2", cwd=folder)
    assert status == 2
    assert "a snapshot belongs to the run in the file" in out
    assert "leave out --epochs, --steps, --stretch and --set" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--stretch 0", "--stretch: error: a factor is above 0, and at most 100,000,000 (got '0')\n"),
        ("--stretch soon", "--stretch: error: expected a number above 0 (got 'soon')\n"),
        ("--keep-warmup", "--keep-warmup: error: --keep-warmup needs a factor beside it\n  hint: --stretch 2\n"),
        ("--stretch 2 --epochs 9", "lrviz: error: --epochs and --stretch both set the length of the run\n"),
        ("--stretch 2 --steps 9", "lrviz: error: --steps and --stretch both set the length of the run\n"),
        (
            "--stretch 2 --keep-warmup",
            "s.yaml:3:12: error: s: --keep-warmup: there is no warmup that can be told from ",
        ),
    ],
)
def test_what_cannot_be_done_is_an_error(folder: Path, options: str, said: str) -> None:
    status, out, err = lrviz("table", "s.yaml", *shlex.split(options), cwd=folder)
    assert (status, out) == (2, "")
    assert err.startswith(said)


def test_solve_finds_the_value_of_the_file(folder: Path) -> None:
    """`--set`, and what solve finds, are in the file's own numbers, which are then stretched."""
    words = ["solve", "step_size", "--target", "30 = 0.01", "s.yaml", "--stretch", "2"]
    status, out, _ = lrviz(*words, cwd=folder)
    assert status == 0
    assert out.startswith("scheduler.step_size = 8 to 15, and all between\n")
    assert rates(folder, "s.yaml", "--stretch", "2", "--set", "step_size=10")[19:21] == ["0.1", "0.010000000000000002"]


def test_a_restart_is_of_the_stretched_plan(folder: Path) -> None:
    """The longer run with which it is restarted is twice that of the plan, and nothing else of it changes."""
    status, out, _ = lrviz("resume", "--at", "50", "s.yaml", "--stretch", "2", "--format", "json", cwd=folder)
    assert status == 0
    assert "epochs=120" in out


def test_the_command_for_the_same_schedules_has_it(folder: Path) -> None:
    from lrviz.cli.sources import Selection

    selection = Selection(["s.yaml"], factor="1/2", keep_warmup=True)
    assert selection.command("check") == "lrviz check s.yaml --stretch 1/2 --keep-warmup"
