"""`log=`: every step is in the file at once, and `lrviz check FILE --run` reads it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler as torch_lr
from trained import per_epoch, schedule, sgd, told, train
from typer.testing import CliRunner

import lrviz
from lrviz.cli.main import app

lr: Any = torch_lr

EXPONENTIAL = {"type": "ExponentialLR", "gamma": 0.9}


def checked(folder: Path, run: str, keys: dict[str, Any], *options: str) -> tuple[int, str]:
    """What `lrviz check plan.yaml --run LOG` says."""
    file = folder / "plan.yaml"
    file.write_text(json.dumps(keys))
    done = CliRunner().invoke(app, ["check", str(file), "--run", run, *options])
    return done.exit_code, done.output.replace(f"{folder}/", "")


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_it_holds_what_every_step_used(tmp_path: Path) -> None:
    optimizer, log = sgd(), tmp_path / "run.csv"
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    used = []
    with lrviz.guard(optimizer, schedule(scheduler=EXPONENTIAL), log=log):
        for step in range(20):
            used.append(optimizer.param_groups[0]["lr"])
            train(optimizer, scheduler, 1)
            assert len(lines(log)) == step + 2  # at once
    rows = list(csv.DictReader(lines(log)))
    assert [(int(row["step"]), float(row["lr"])) for row in rows] == list(enumerate(used))


KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "per step": ({"steps": 20}, {}, 1),
    "per step, with epochs": ({"epochs": 4, "steps_per_epoch": 5, "interval": "step"}, {}, 1),
    "per epoch": ({"epochs": 5, "steps_per_epoch": 4}, {}, 4),
    "per epoch, known from the training": ({"epochs": 5}, {"steps_per_epoch": 4}, 4),
    "every 3 steps": ({"steps": 20, "interval": "3 steps"}, {}, 3),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("dtype", [None, torch.float32], ids=["float", "float32"])
def test_the_command_reads_it(tmp_path: Path, kind: str, groups: int, dtype: torch.dtype | None) -> None:
    length, known, every = KINDS[kind]
    keys = {**length, "optimizer": {"lr": 0.1}, "scheduler": EXPONENTIAL}
    plan, log = lrviz.load(keys).only, tmp_path / "run.csv"
    optimizer = sgd(*[0.1 if dtype is None else torch.tensor(0.1, dtype=dtype)] * groups, foreach=False)
    with lrviz.guard(optimizer, plan, log=str(log), **known):
        train(optimizer, lr.ExponentialLR(optimizer, 0.9), 20, per_epoch(every))
    status, said = checked(tmp_path, str(log), keys)
    assert status == 0, said

    wrong = tmp_path / "wrong.csv"
    optimizer = sgd(*[0.1] * groups)
    with lrviz.guard(optimizer, plan, log=wrong, on="record", **known):
        train(optimizer, lr.ExponentialLR(optimizer, 0.9), 20, per_epoch(every, times=2))
    status, said = checked(tmp_path, str(wrong), keys)
    assert status == 1, said
    assert "as if scheduler.step() were called 2 times" in said or every == 3, said


def test_param_groups_have_columns_with_their_names(tmp_path: Path) -> None:
    groups = [{"name": "decay", "lr": 0.1}, {"name": "no_decay", "lr": 0.2}]
    keys = {"steps": 20, "optimizer": {"groups": groups}, "scheduler": EXPONENTIAL}
    optimizer, log = sgd(0.1, 0.2), tmp_path / "run.csv"
    for group, name in zip(optimizer.param_groups, ("decay", "no_decay"), strict=True):
        group["name"] = name
    with lrviz.guard(optimizer, lrviz.load(keys).only, log=log):
        train(optimizer, lr.ExponentialLR(optimizer, 0.9), 20)
    assert lines(log)[0] == "step,lr/decay,lr/no_decay"
    for options in ((), ("--group", "no_decay"), ("--group", "decay")):
        status, said = checked(tmp_path, str(log), keys, *options)
        assert (status, "followed the plan" in said or "expect" in said or not said) == (0, True), said
    status, said = checked(tmp_path, str(log), keys, "--group", "decay", "--column", "lr/no_decay")
    assert status == 1


def test_one_file_for_named_groups(tmp_path: Path) -> None:
    """The usual case: the file has no groups, the training two that decay differently."""
    keys = {"steps": 20, "optimizer": {"lr": 0.1}, "scheduler": EXPONENTIAL}
    optimizer, log = sgd(0.1, 0.1), tmp_path / "run.csv"
    for group, name in zip(optimizer.param_groups, ("decay", "no_decay"), strict=True):
        group["name"] = name
    with lrviz.guard(optimizer, lrviz.load(keys).only, log=log):
        train(optimizer, lr.ExponentialLR(optimizer, 0.9), 20)
    assert checked(tmp_path, str(log), keys)[0] == 0


def test_momentum_has_a_column_where_the_plan_moves_it(tmp_path: Path) -> None:
    spec = {"type": "OneCycleLR", "max_lr": 0.3, "total_steps": 21}
    keys = {"steps": 20, "optimizer": {"lr": 0.1, "momentum": 0.9}, "scheduler": spec}
    optimizer, log = sgd(0.1, momentum=0.9), tmp_path / "run.csv"
    with lrviz.guard(optimizer, lrviz.load(keys).only, log=log):
        train(optimizer, lr.OneCycleLR(optimizer, 0.3, 21), 20)
    first, *rows = lines(log)
    assert first == "step,lr,momentum"
    assert [float(row.split(",")[2]) for row in rows] == lrviz.load(keys).only.simulate().momentum[:, 0].tolist()  # type: ignore[index]
    assert checked(tmp_path, str(log), keys)[0] == 0


# --- going on ------------------------------------------------------------------------------------------------


def test_a_resumed_run_goes_on_in_its_file(tmp_path: Path) -> None:
    plan, log = schedule(scheduler=EXPONENTIAL), tmp_path / "run.csv"
    optimizer = sgd()
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    with lrviz.guard(optimizer, plan, log=log) as guard:
        train(optimizer, scheduler, 12)
        state = guard.state_dict()
    with lrviz.guard(optimizer, plan, log=log) as guard:
        guard.load_state_dict(state)
        train(optimizer, scheduler, 8)
    assert [line.split(",")[0] for line in lines(log)] == ["step", *map(str, range(20))]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
def test_steps_that_a_crash_lost_are_there_twice(tmp_path: Path) -> None:
    """The checkpoint is older than the last line, which was cut off: it goes, and the steps are run again."""
    keys = {"steps": 20, "optimizer": {"lr": 0.1}, "scheduler": EXPONENTIAL}
    plan, log = lrviz.load(keys).only, tmp_path / "run.csv"
    optimizer = sgd()
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    with lrviz.guard(optimizer, plan, log=log):
        train(optimizer, scheduler, 12)
    log.write_bytes(log.read_bytes()[:-4])
    optimizer = sgd()
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    for _ in range(10):
        scheduler.step()
    with lrviz.guard(optimizer, plan, log=log, at=10):
        train(optimizer, scheduler, 10)
    assert [line.split(",")[0] for line in lines(log)] == ["step", *map(str, [*range(11), *range(10, 20)])]
    assert checked(tmp_path, str(log), keys)[0] == 0


def test_a_run_from_the_start_does_not_go_on_in_another(tmp_path: Path) -> None:
    plan, log = schedule(), tmp_path / "run.csv"
    optimizer = sgd()
    with lrviz.guard(optimizer, plan, log=log):
        train(optimizer, lr.StepLR(optimizer, 5), 3)
    before = log.read_text()
    optimizer = sgd()
    with lrviz.guard(optimizer, plan, log=log) as guard, pytest.raises(lrviz.ScheduleError) as raised:
        optimizer.step()
    assert str(raised.value) == (
        f"log: error: {log} holds a run already, and this one begins at step 0\n"
        "  hint: name another file, or delete this one; a resumed run goes on in it: guard.load_state_dict(...), at= "
        "or scheduler="
    )
    assert (guard.step, log.read_text()) == (0, before)


@pytest.mark.parametrize("text", ["notes of mine\n", "step,loss\n0,1.0\n", "x", "step,lr"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, text: str) -> None:
    log, optimizer = tmp_path / "run.csv", sgd()
    log.write_text(text)
    with pytest.raises(lrviz.ScheduleError, match="holds something else"):
        lrviz.guard(optimizer, schedule(), log=log)
    assert log.read_text() == text
    assert not optimizer._optimizer_step_pre_hooks


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("nowhere/run.csv", "log: error: there is no folder {folder}/nowhere\n  hint: make it first"),
        ("", 'log: error: {folder} is a folder\n  hint: log="{folder}/run.csv"'),
    ],
)
def test_a_path_that_cannot_be(tmp_path: Path, log: str, message: str) -> None:
    optimizer = sgd()
    with pytest.raises(lrviz.ScheduleError) as raised:
        lrviz.guard(optimizer, schedule(), log=tmp_path / log)
    assert str(raised.value) == message.format(folder=tmp_path)
    assert not optimizer._optimizer_step_pre_hooks


def test_no_path_at_all() -> None:
    with pytest.raises(lrviz.ScheduleError, match="expected the path of a file"):
        lrviz.guard(sgd(), schedule(), log=5)  # type: ignore[arg-type]


def test_an_empty_file_is_begun(tmp_path: Path) -> None:
    log, optimizer = tmp_path / "run.csv", sgd()
    log.touch()
    with lrviz.guard(optimizer, schedule(), log=log):
        train(optimizer, lr.StepLR(optimizer, 5), 2)
    assert lines(log) == ["step,lr", "0,0.1", "1,0.1"]


def test_nothing_is_written_before_the_first_step(tmp_path: Path) -> None:
    log = tmp_path / "run.csv"
    lrviz.guard(sgd(), schedule(), log=log).remove()
    assert not log.exists()


def test_a_full_disk_does_not_end_a_training(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    log, optimizer = tmp_path / "run.csv", sgd()
    scheduler = lr.StepLR(optimizer, 5)
    with told() as texts, lrviz.guard(optimizer, schedule(), on="warn", log=log) as guard:
        train(optimizer, scheduler, 3)
        assert guard._log is not None
        guard._log._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
        train(optimizer, scheduler, 17)
    assert texts == [f"{log} cannot be written (No space left on device); the guard goes on without it"]
    assert guard.first is None


def test_a_log_ends_where_the_param_groups_change(tmp_path: Path) -> None:
    log, optimizer = tmp_path / "run.csv", sgd()
    scheduler = lr.StepLR(optimizer, 5)
    with told() as texts, lrviz.guard(optimizer, schedule(), on="warn", log=log) as guard:
        train(optimizer, scheduler, 3)
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.1})
        scheduler.base_lrs.append(0.1)
        train(optimizer, scheduler, 3)
    assert texts == [f"{log} ends here: the optimizer has other param groups now"]
    assert (guard.first, lines(log)) == (None, ["step,lr", "0,0.1", "1,0.1", "2,0.1"])


def test_the_step_that_deviates_is_written_too(tmp_path: Path) -> None:
    """With `on="raise"` it is not: it was not made."""
    for on, count in (("record", 20), ("raise", 5)):
        log, optimizer = tmp_path / f"{on}.csv", sgd()
        guard = lrviz.guard(optimizer, schedule(), on=on, log=log)  # type: ignore[arg-type]
        try:
            train(optimizer, lr.StepLR(optimizer, 5), 20, lambda step: 0)
        except lrviz.DeviationError:
            assert on == "raise"
        guard.remove()
        assert len(lines(log)) == count + 1
