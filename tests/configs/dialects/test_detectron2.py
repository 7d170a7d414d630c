"""detectron2: devices, biases, bases, and SOLVER keys of other programs; its schedules are among the cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.configs import errors, rates, read, remarks, summary

from lrviz.engine.simulate import simulate
from lrviz.loading import load_file

HEAD = "SOLVER:\n  BASE_LR: 0.01\n  MAX_ITER: 100\n  STEPS: (50,)\n  WARMUP_ITERS: 0\n"


def test_other_devices_than_those_of_the_reference_change_rate_and_length() -> None:
    text = HEAD + "  IMS_PER_BATCH: 16\n  REFERENCE_WORLD_SIZE: 8\n"
    assert "`devices`" in errors(text)[0]
    assert summary(text, devices=8).endswith("of 100 iterations")
    found = simulate(read(text, devices=4))
    assert found.run.total_steps == 200
    assert [found.lr_at(0, step) for step in (0, 99, 100)] == [0.005, 0.005, 0.005 * 0.1]


def test_biases_are_a_group_of_their_own() -> None:
    assert rates(read(f"{HEAD}  BIAS_LR_FACTOR: 2\n"), "0 steps") == {"weight": 0.01, "bias": 0.02}


def test_pairs_of_the_command_line() -> None:
    assert simulate(read(HEAD, overrides=("SOLVER.MAX_ITER 60 SOLVER.BASE_LR=1e-3",))).run.total_steps == 60
    assert "expected KEY VALUE" in errors(HEAD, overrides=("SOLVER.MAX_ITER",))[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("MAX_EPOCH: 3", "detectron2 has no SOLVER.MAX_EPOCH, so this is the config of another program"),
        ("LR_POLICY: cosine", "it is one of SlowFast"),
        ("WARMUP_FACTR: 0.1", "did you mean WARMUP_FACTOR?"),
        ("LR_SCHEDULER_NAME: CosineLR", "a scheduler of detectron2"),
        ("WARMUP_METHOD: exp", "must be one of linear, constant"),
        ("STEPS: (60, 50)", "SOLVER.STEPS must rise"),
        ("STEPS: (100,)", "SOLVER.STEPS: 100 must be below MAX_ITER (100)"),
        ("REFERENCE_WORLD_SIZE: 5", "must be a multiple of REFERENCE_WORLD_SIZE"),
    ],
)
def test_what_is_refused(line: str, message: str) -> None:
    text = HEAD.replace("  STEPS: (50,)\n", "") if line.startswith("STEPS") else HEAD
    found = errors(f"{text}  {line}\n", devices=8)
    assert any(message in each for each in found), found


def test_a_milestone_beyond_the_run_is_dropped_with_a_warning() -> None:
    assert remarks(HEAD.replace("(50,)", "(50, 200)")) == [
        "a.yaml:4:10: warning: SOLVER.STEPS: 200 is beyond MAX_ITER (100), so detectron2 drops it [milestone-dropped]"
    ]


def test_a_file_may_have_nothing_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "Base.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "a.yaml").write_text("_BASE_: Base.yaml\nMODEL: {MASK_ON: true}\n", encoding="utf-8")
    assert simulate(load_file(tmp_path / "a.yaml")[0]).run.total_steps == 100
    (tmp_path / "Base.yaml").write_text("_BASE_: ./a.yaml\n", encoding="utf-8")
    assert (
        "a file is its own base: a.yaml -> Base.yaml -> a.yaml"
        in errors((tmp_path / "a.yaml").read_text(encoding="utf-8"), str(tmp_path / "a.yaml"))[0]
    )
