"""Tokens and samples on the command line: places, conditions, axes, and the derivation that `explain` shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lrviz.cli.main import app

FILE = """
steps: 400M tokens
data: {tokens: 100e6, sequence_length: 1000, batch_size: 25, devices: 4, accumulate: 10}
optimizer: {lr: 1.0}
scheduler: {type: StepLR, step_size: 50e6 tokens, gamma: 0.5}
"""


@pytest.fixture(autouse=True)
def schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(FILE)


def said(*arguments: str) -> str:
    """What lrviz prints, or what it refuses, with blanks and line breaks as one blank."""
    result = CliRunner().invoke(app, list(arguments))
    text = str(result.exception) if result.exception and not result.output else result.output
    return " ".join(text.split())


@pytest.mark.parametrize("place", ["50M tokens", "50e3 samples", "0.05k steps", "100 / 2 steps", "0.5 epochs"])
def test_a_place_in_any_unit(place: str) -> None:
    assert said("at", place, "t.yaml") == "0.5"


def test_a_place_with_digits_in_groups() -> None:
    assert "numbers are not written as 2_000 here; write 2000" in said("at", "2_000 steps", "t.yaml")


def test_a_condition_in_tokens_and_samples() -> None:
    assert said("when", "tokens >= 50e6 and samples > 50e3", "t.yaml") == "step 51 (epoch 0.51) 0.5"
    Path("t.yaml").write_text("steps: 9\noptimizer: {lr: 1}\nscheduler: none\n")
    assert "tokens is not known in this run hint: give `data` a `tokens_per_step`" in said(
        "when", "tokens > 3", "t.yaml"
    )


def test_the_axis_of_a_picture() -> None:
    assert "0 50M 100M 150M 200M 250M 300M 350M 400M tokens" in said("plot", "--terminal", "--x", "tokens", "t.yaml")
    assert "0 50k 100k 150k 200k 250k 300k 350k 400k samples" in said("plot", "--terminal", "--x", "samples", "t.yaml")
    assert said("plot", "t.yaml", "--x", "tokens", "-o", "t.svg") == "t.svg"
    assert said("plot", "t.yaml", "--x", "tokens", "-o", "t.html") == "t.html"
    assert "50,000,000 tokens" in Path("t.html").read_text()


def test_an_axis_that_a_run_does_not_know() -> None:
    Path("t.yaml").write_text("steps: 9\ndata: {batch_size: 2}\noptimizer: {lr: 1}\nscheduler: none\n")
    assert said("plot", "--terminal", "--x", "tokens", "t.yaml").endswith(
        "a picture over tokens needs the tokens of every schedule; not known for 't' hint: give `data` a "
        "`tokens_per_step`, or a `sequence_length` and a `batch_size`, or use --x percent"
    )


def test_the_derivation_of_the_run() -> None:
    assert (
        "run 400 steps, scheduler.step() after every step: 400 calls "
        "1,000 x 25 x 4 x 10 = 1,000,000 tokens per step "
        "100000000 tokens / (25 x 4 x 1000) = 1000 batches, / 10 = 100 steps per epoch "
        "400 steps / 100 = 4 epochs "
        "400 steps x 1,000,000 tokens = 400M tokens "
        "400 steps x 1,000 samples = 400k samples" in said("explain", "t.yaml")
    )
    assert "step_size = 50 50e6 tokens" in said("explain", "t.yaml")
