"""`check` and `plot` with the text that a training printed: exit status, standard output, standard error."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from helpers.golden import Golden
from process import lrviz

GOLDEN = Path(__file__).parent / "golden_text_log"

PLAN = "steps: 100\noptimizer: {lr: 1e-3}\nscheduler: {type: CosineAnnealingLR}\nexpect: {at: {end: 0}}\n"


def lr(step: int) -> float:
    return 0.5e-3 * (1 + math.cos(math.pi * step / 100))


def megatron(stop: int = 100) -> str:
    """What Megatron prints every tenth iteration: with the iterations made, the learning rate of the next. From `stop`
    on, nobody calls the scheduler."""
    lines = ["building GPT model ...\n"]
    for done in range(10, 101, 10):
        line = f" iteration {done:8d}/{100:8d} | consumed samples: {done * 256:12d} |"
        lines.append(
            f"{line} learning rate: {lr(min(done, stop)):.6E} | global batch size:   256 | lm loss: 9.1E+00 |\n"
        )
    return "".join(lines)


OWN = "".join(f"it {step}; rate={lr(step):.4e}; loss=0.5\n" for step in range(0, 100, 10))
ALONE = "epoch 1 done\nrate 0.1\nlr: 0.001\nlr: 0.0009\n"

CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "follows": (megatron(), ("check", "plan.yaml", "--run", "train.log")),
    "follows-quiet": (megatron(), ("check", "plan.yaml", "--run", "train.log", "-q")),
    "stopped": (megatron(50), ("check", "plan.yaml", "--run", "train.log")),
    "shifted": (megatron(), ("check", "plan.yaml", "--run", "train.log", "--shift", "-1")),
    "own-words": (OWN, ("check", "plan.yaml", "--run", "train.log")),
    "own-words-with-pattern": (OWN, ("check", "plan.yaml", "--run", "train.log", "--pattern", "it {step}; rate={lr};")),
    "wrong-pattern": (OWN, ("check", "plan.yaml", "--run", "train.log", "--pattern", "it {step}")),
    "other-pattern": (OWN, ("check", "plan.yaml", "--run", "train.log", "--pattern", "step {step} ... rate={lr}")),
    "pattern-without-run": (OWN, ("check", "plan.yaml", "--pattern", "it {step}; rate={lr};")),
    "nothing": (ALONE, ("check", "plan.yaml", "--run", "train.log")),
    "nothing-github": (ALONE, ("check", "plan.yaml", "--run", "train.log", "--format", "github")),
    "plotted": (megatron(50), ("plot", "plan.yaml", "--run", "train.log", "-o", "picture.png")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_command_with_a_text_log(name: str, tmp_path: Path, golden: Golden) -> None:
    text, arguments = CASES[name]
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "train.log").write_text(text)
    done = lrviz(*arguments, cwd=tmp_path)
    golden.same_text(GOLDEN / f"{name}.txt", f"status {done.status}\n--- stdout\n{done.out}--- stderr\n{done.err}")


def test_every_text_has_its_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, [GOLDEN / f"{name}.txt" for name in CASES], "*.txt")


@pytest.mark.parametrize("text", ["step,lr\n0,0.001\n", '{"step": 0, "lr": 0.001}\n', "step 0 lr 0.001\n"])
def test_standard_input(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    done = lrviz("check", "plan.yaml", "--run", "-", "-v", cwd=tmp_path, text=text)
    assert (done.status, "<stdin>: holds: the log followed the plan: 1 record, step 0" in done.out) == (0, True)
    done = lrviz("plot", "plan.yaml", "--run", "-", "--terminal", cwd=tmp_path, text=text)
    assert (done.status, "<stdin> follows the plan" in done.out) == (0, True)


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    done = lrviz("check", "-", "--run", "-", cwd=tmp_path, text=PLAN)
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "lrviz: error: the schedule and the log of --run cannot both be standard input\n  hint: name the file of one\n"
    )
    (tmp_path / "plan.yaml").write_text(PLAN)
    done = lrviz("plot", "plan.yaml", "--run", "-", "--watch", cwd=tmp_path, text="step 0 lr 0.001\n")
    assert (done.status, "--watch cannot read the log on standard input again" in done.err) == (2, True)
