"""What is read of a checkpoint, held against `torch.load(weights_only=True)` and files of the libraries themselves."""

from __future__ import annotations

import argparse
import collections
import io
import pickle
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
import torch
from pickles import archive_of, saved, sparse
from torch.optim import Adam
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR, SequentialLR, StepLR

from lrviz.training.checkpoint import Checkpoint, read_checkpoint
from lrviz.training.checkpoint.inert import Rounded

SAMPLES = Path(__file__).parent / "samples"


def trained(*options: dict[str, Any], calls: int = 3, kind: Any = Adam, make: Any = None) -> tuple[Any, Any]:
    """An optimizer with a group for each of `options`, and a scheduler, after a few calls."""
    groups = [{"params": [torch.nn.Parameter(torch.ones(2))], **each} for each in options or [{"lr": 0.1}]]
    optimizer = kind(groups)
    scheduler = make(optimizer) if make else StepLR(optimizer, 2)
    for _ in range(calls):
        for group in optimizer.param_groups:
            for each in group["params"]:
                each.grad = torch.ones_like(each)
        optimizer.step()
        scheduler.step()
    return optimizer, scheduler


def read(tmp_path: Path, value: object, **options: bool) -> Checkpoint:
    path = tmp_path / "a.pt"
    path.write_bytes(saved(value, **options))
    return read_checkpoint(str(path))


def without_params(group: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "params"}


def several_schedulers(optimizer: Any) -> Any:
    return SequentialLR(optimizer, [LinearLR(optimizer, 0.1, total_iters=2), MultiStepLR(optimizer, [1, 1, 5])], [2])


@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
@pytest.mark.parametrize("make", [None, several_schedulers, lambda opt: CosineAnnealingLR(opt, 5)])
def test_a_state_is_what_torch_loads_with_weights_only(tmp_path: Path, make: Any, legacy: bool) -> None:
    optimizer, scheduler = trained({"lr": 0.1, "name": "body"}, {"lr": 0.3, "betas": (0.8, 0.99)}, make=make)
    saved_state = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    found = read(tmp_path, saved_state, _use_new_zipfile_serialization=not legacy)
    loaded = torch.load(tmp_path / "a.pt", weights_only=True)
    ((state,), (schedule,)) = found.optimizers, found.schedulers
    assert list(state.groups) == [without_params(group) for group in loaded["optimizer"]["param_groups"]]
    assert schedule.state == loaded["scheduler"] == scheduler.state_dict()
    assert (state.steps, schedule.calls, schedule.last_lr) == (3, 3, scheduler.get_last_lr())
    assert (found.kind, state.part, schedule.part) == ("torch", "optimizer", "scheduler")


KEYS = [
    lambda opt, sched: {"optimizer_state_dict": opt, "lr_scheduler": sched, "model": {"weight": torch.ones(2)}},
    lambda opt, sched: {"optim": opt, "sched": sched, "epoch": 4},
    lambda opt, sched: {"state": {"optimizers": [opt], "schedulers": [sched]}},
    lambda opt, sched: collections.OrderedDict(optimizer=opt, scheduler_state_dict=sched),
    lambda opt, sched: argparse.Namespace(trainer={"opt": opt, "sched": sched}),
    lambda opt, sched: [opt, sched],
]


@pytest.mark.parametrize("pack", KEYS)
def test_a_state_is_found_by_what_it_holds(tmp_path: Path, pack: Any) -> None:
    optimizer, scheduler = trained()
    found = read(tmp_path, pack(optimizer.state_dict(), scheduler.state_dict()))
    assert [each.lr for each in found.optimizers] == [(0.010000000000000002,)]
    assert [each.calls for each in found.schedulers] == [3]


def test_a_file_may_be_one_state_alone(tmp_path: Path) -> None:
    optimizer, scheduler = trained()
    assert read(tmp_path, optimizer.state_dict()).optimizers[0].part == ""
    assert read(tmp_path, scheduler.state_dict()).schedulers[0].calls == 3
    assert read(tmp_path, scheduler).schedulers[0].calls == 3  # the object itself, pickled


TENSORS = {
    torch.float64: 0.1,
    torch.float32: 0.10000000149011612,
    torch.float16: 0.0999755859375,
    torch.bfloat16: 0.10009765625,
}


@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
@pytest.mark.parametrize("dtype", TENSORS, ids=str)
def test_a_learning_rate_that_is_a_tensor_is_read(tmp_path: Path, dtype: torch.dtype, legacy: bool) -> None:
    view = torch.tensor([9.0, 0.1], dtype=dtype)[1]  # the second number of its storage
    rates = torch.tensor(0.1, dtype=dtype), view
    optimizer = {"param_groups": [{"lr": rate, "params": []} for rate in rates]}
    found = read(tmp_path, {"x": torch.ones(3), "opt": optimizer}, _use_new_zipfile_serialization=not legacy)
    lr = found.optimizers[0].lr
    assert lr == (TENSORS[dtype], TENSORS[dtype]) == tuple(map(float, rates))
    assert [isinstance(each, Rounded) for each in lr] == [dtype != torch.float64] * 2


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("protocol", [2, 4])
def test_numbers_of_numpy_are_read(tmp_path: Path, kind: Any, protocol: int) -> None:
    path = tmp_path / "a.pt"
    torch.save({"param_groups": [{"lr": kind(3), "params": []}]}, path, pickle_protocol=protocol)
    assert read_checkpoint(str(path)).optimizers[0].lr == (3,)


def test_larger_tensors_are_not_read(tmp_path: Path) -> None:
    (state,) = read(tmp_path, {"param_groups": [{"lr": torch.ones(3), "params": []}]}).optimizers
    assert repr(state.lr) == "(<tensor of shape [3]>,)"


# --- files of the libraries ----------------------------------------------------------------------------------


def test_lightning() -> None:
    """A Namespace and a Path are among its hyper-parameters, so that torch refuses it with `weights_only=True`."""
    path = str(SAMPLES / "lightning.ckpt")
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)
    found = read_checkpoint(path)
    assert (found.kind, found.counters) == ("Lightning", {"epoch": 1, "global_step": 8})
    assert [(each.part, each.lr, each.steps) for each in found.optimizers] == [("optimizer_states[0]", (0.005,), 8)]
    assert [(each.part, each.calls, each.state["step_size"]) for each in found.schedulers] == [
        ("lr_schedulers[0]", 2, 2)
    ]


@pytest.mark.parametrize("named", ["", "scheduler.pt", "optimizer.pt"])
def test_hugging_face(named: str) -> None:
    found = read_checkpoint(str(SAMPLES / "checkpoint-4" / named))
    assert (found.kind, found.counters) == ("Hugging Face", {"epoch": 0.5, "global_step": 4})
    assert [(each.part, each.lr, each.steps) for each in found.optimizers] == [("optimizer.pt", (0.00075, 0.00075), 4)]
    assert [(each.part, each.calls) for each in found.schedulers] == [("scheduler.pt", 4)]


def test_hugging_face_with_the_optimizer_of_fsdp(tmp_path: Path) -> None:
    """Gathered on one process, it is an optimizer.bin beside scheduler.pt."""
    for name, source in (("optimizer.bin", "optimizer.pt"), ("scheduler.pt", ""), ("trainer_state.json", "")):
        (tmp_path / name).write_bytes((SAMPLES / "checkpoint-4" / (source or name)).read_bytes())
    found = read_checkpoint(str(tmp_path))
    assert (found.kind, found.optimizers[0].steps, found.schedulers[0].calls) == ("Hugging Face", 4, 4)


@pytest.mark.parametrize("named", ["", "scheduler.bin"])
def test_accelerate(named: str) -> None:
    found = read_checkpoint(str(SAMPLES / "accelerate" / named))
    assert (found.kind, found.processes) == ("Accelerate", 2)
    assert [(each.part, each.lr) for each in found.optimizers] == [("optimizer.bin", (0.08535533905932736,))]
    assert [(each.part, each.calls) for each in found.schedulers] == [("scheduler.bin", 10)]


# --- nothing runs, and nothing large is read -------------------------------------------------------------------


class Runs:
    """Pickles as a call of a function of this module."""

    def __reduce__(self) -> Any:
        return run, ()


def run() -> None:
    raise AssertionError("it ran")


def test_nothing_in_a_checkpoint_runs(tmp_path: Path) -> None:
    optimizer, _ = trained()
    value = {"args": Runs(), "optimizer": optimizer.state_dict()}
    assert read(tmp_path, value).optimizers[0].lr == (0.010000000000000002,)
    with pytest.raises(AssertionError, match="it ran"):
        torch.load(tmp_path / "a.pt", weights_only=False)


def test_nothing_that_a_checkpoint_names_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    state = pickle.dumps({"param_groups": [{"lr": 0.1, "params": []}]}, 2)[2:-1]
    path.write_bytes(archive_of(b"\x80\x02(cantigravity\nfly\n)Rcidlelib.idle\nx\n" + state + b"t."))
    code = f"""
        import sys
        from lrviz.training.checkpoint import read_checkpoint

        (state,) = read_checkpoint({str(path)!r}).optimizers
        print(state.lr, sorted({{"antigravity", "idlelib", "torch"}} & set(sys.modules)))
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("(0.1,) []\n", "")


def test_50_gigabytes_of_tensors_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that are read are those of the table of contents, the pickle and the learning rate."""
    optimizer, scheduler = trained({"lr": torch.tensor(0.1)}, calls=0)
    checkpoint = saved({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()})
    path = tmp_path / "large.pt"
    sparse(path, checkpoint, 50 * 10**9)
    assert path.stat().st_size > 50 * 10**9
    count = 0

    class Counting(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal count
            data = super().read(size)
            count += len(data)
            return data

    from lrviz.training.checkpoint import read as module

    monkeypatch.setattr(module, "open_regular", lambda path: Counting(io.FileIO(path)))
    found = read_checkpoint(str(path))
    assert found.optimizers[0].lr == (0.10000000149011612,)
    assert count < 70_000 + len(checkpoint)
