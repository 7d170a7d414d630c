"""What is no checkpoint, is damaged, sharded, or built to do harm: a clear error, soon, and little memory."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tempfile
import time
import tracemalloc
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pickles import archive_of, saved

from lrviz.errors import ScheduleError
from lrviz.training.checkpoint import read_checkpoint, unpickle
from lrviz.training.checkpoint.refused import WHAT_WE_READ
from lrviz.training.checkpoint.unpickle import MAX_INSTRUCTIONS

STATE = {"param_groups": [{"lr": 0.1, "params": []}]}
WHOLE = saved(STATE)
INSIDE = pickle.dumps(STATE, 2)[2:-1]
"""The instructions that push the state of an optimizer."""

DAMAGED = "is damaged: its pickle cannot be read"
NO_TABLE = "is cut off: it was still being written, or was copied only in part"
WRONG_TABLE = "is damaged: its table of contents is wrong"


def text(size: int) -> bytes:
    return b"X" + struct.pack("<I", size)


def with_end(count: int, size: int, begin: int) -> bytes:
    """An archive whose record at the end says that its table has these entries, bytes, and place."""
    whole = archive_of(b"\x80\x02" + INSIDE + b".")
    at = whole.rfind(b"PK\5\6")
    return whole[:at] + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, begin, 0)


def with_header(header: int) -> bytes:
    """An archive whose table says that the first entry begins elsewhere."""
    at = WHOLE.find(b"PK\1\2")
    return WHOLE[: at + 42] + struct.pack("<L", header) + WHOLE[at + 46 :]


def with_size(size: int) -> bytes:
    """An archive whose table says that the pickle, its first entry, has so many bytes."""
    whole = archive_of(b"\x80\x02" + INSIDE + b".")
    at = whole.find(b"PK\1\2")
    return whole[: at + 20] + struct.pack("<LL", size, size) + whole[at + 28 :]


def compressed() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**7))
    return made.getvalue()


FILES = {
    "empty": (b"", "is empty"),
    "text": (b"epochs: 90\noptimizer: {lr: 0.1}\n", "is no checkpoint"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "is no checkpoint"),
    "onnx": (b"\x08\x07\x12\x07pytorch\x1a\x052.1.0", "is no checkpoint"),
    "safetensors": (
        struct.pack("<Q", 20) + b'{"a":{"dtype":"F32"}}',
        "is a file of safetensors, which holds weights only",
    ),
    "hdf5": (b"\x89HDF\r\n\x1a\n", "is a file of HDF5, not of torch.save"),
    "a tar of torch 0.1": (bytes(257) + b"ustar\0", "is a tar file, as torch wrote until 0.1"),
    "weights only": (saved({"weight": torch.ones(2)}), "has no state of an optimizer or scheduler (its keys: weight)"),
    "no dict": (saved([1, 2]), "has no state of an optimizer or scheduler"),
    "torchscript": (
        archive_of(b"N.", **{"constants.pkl": b"N."}),
        "is a TorchScript program, which holds weights only",
    ),
    "another archive": (archive_of(b"N.").replace(b"data.pkl", b"word.xml"), "is an archive, but none of torch.save"),
    "compressed": (compressed(), "is compressed, which torch.save never does"),
    "truncated": (WHOLE[:-100], NO_TABLE),
    "truncated early": (WHOLE[:20], NO_TABLE),
    "a table beyond the file": (with_end(1, 100, 2**31), WRONG_TABLE),
    "a table larger than the file": (with_end(1, 2**31, 0), WRONG_TABLE),
    "a table that is none": (with_end(5, 100, 0), WRONG_TABLE),
    "an entry beyond the file": (with_header(2**31), WRONG_TABLE),
    "an entry that is none": (with_header(7), WRONG_TABLE),
    "an entry larger than the file": (with_size(10**6), WRONG_TABLE),
    "a sharded tensor": (
        archive_of(b"\x80\x02ctorch.distributed._shard.sharded_tensor.api\nShardedTensor\n0" + INSIDE + b"."),
        "is part of a sharded checkpoint of FSDP, of which each process wrote a part",
    ),
    "deepspeed": (
        saved({"ds_version": "0.15", **STATE}),
        "is part of a sharded checkpoint of DeepSpeed, of which each process wrote a part",
    ),
    "megatron": (
        saved({"opt_param_scheduler": {}, "optimizer": STATE}),
        "is part of a sharded checkpoint of Megatron, of which each process wrote a part",
    ),
}

PICKLES = {
    "no instructions": b"",
    "no end": b"\x80\x02}",
    "an unknown instruction": b"\x80\x02\xff.",
    "an empty stack": b"\x80\x02.",
    "a call without a class": b"\x80\x02R.",
    "a text longer than the file": b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b"a.",
    "bytes longer than the file": b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"a.",
    "a bytearray longer than the file": b"\x80\x05\x96" + struct.pack("<Q", 2**60) + b"a.",
    "a whole number longer than the file": b"\x80\x02\x8b" + struct.pack("<I", 2**31 - 1) + b"a.",
    "a frame longer than the file": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.",
    "a mark that is missing": b"\x80\x02t.",
    "an unknown memo": b"\x80\x02h\x07.",
    "items without values": b"\x80\x02}(K\x01u.",
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    data, words = FILES[name]
    assert refusal(tmp_path, data) == f"error: this file {words}"


@pytest.mark.parametrize("name", PICKLES)
def test_a_damaged_pickle_is_an_error(tmp_path: Path, name: str) -> None:
    words = "has no state of an optimizer or scheduler" if name == "a frame longer than the file" else DAMAGED
    assert refusal(tmp_path, archive_of(PICKLES[name])) == f"error: this file {words}"


def refusal(tmp_path: Path, data: bytes) -> str:
    """The first line of the error about a file, without its name."""
    path = tmp_path / "a.pt"
    path.write_bytes(data)
    with pytest.raises(ScheduleError) as caught:
        read_checkpoint(str(path))
    return str(caught.value).partition("\n")[0].removeprefix(f"{path}: ")


# --- bombs ---------------------------------------------------------------------------------------------------


def doubled(begin: bytes, again: bytes, times: int) -> bytes:
    """A pickle that takes two of what it made before, again and again."""
    return b"\x80\x02" + begin + b"".join(b"q\x01" + again for _ in range(times)) + b"."


def in_list(instructions: bytes) -> bytes:
    """A list of an optimizer's state and of what these instructions push."""
    return b"\x80\x02](" + INSIDE + instructions + b"e."


LONG = text(10**6) + b"a" * 10**6 + b"q\x09"
"""Pushes a text of a million letters, which instructions of two bytes push again."""

BOMBS = {
    "a billion laughs": doubled(b"]", b"](h\x01h\x01e", 60),
    "a wide billion laughs": doubled(b"]", b"](" + b"h\x01" * 40 + b"e", 8),
    "a billion laughs of tuples": doubled(b")", b"h\x01\x86", 60),
    "a billion laughs that are keys": doubled(b")", b"h\x01\x86", 60)[:-1] + b"q\x02}h\x02K\x01s.",
    "a deep list": b"\x80\x02" + b"](" * 30_000 + b"e" * 30_000 + b".",
    "a deep tuple that is a key": b"\x80\x02})" + b"\x85" * 50_000 + b"K\x01s.",
    "a deep state": in_list(b"}(X\x0a\0\0\0last_epochK\x01X\x08\0\0\0base_lrs" + b"](" * 3_000 + b"e" * 3_000 + b"u"),
    "a bytearray of a terabyte": in_list(b"cbuiltins\nbytearray\n\x8a\x06\0\0\0\0\0\x01\x85R"),
    "texts that are encoded again and again": in_list(
        LONG + b"0" + b"c_codecs\nencode\nh\x09X\x06\0\0\0latin1\x86R" * 5_000
    ),
    "names from long texts": in_list(LONG + b"0" + b"h\x09h\x09\x93" * 5_000),
    "long keys in a path": in_list(LONG + b"0" + (b"}(h\x09" + INSIDE + b"u") * 300),
    "whole numbers of one hash": in_list(
        b"}(" + b"".join(b"\x8a\x0a" + (k * (2**61 - 1)).to_bytes(10, "little") + b"N" for k in range(1, 10**5)) + b"u"
    ),
    "copies of a dict": in_list(
        b"}q\x08(" + b"".join(b"J" + struct.pack("<i", k) + b"N" for k in range(50_000)) + b"u0"
        + b"ccollections\nCounter\nh\x08\x85R" * 5_000
    ),
    "a memo of any size": in_list(b"Nr\xff\xff\xff\xff"),
    "a tensor of a terabyte": in_list(
        b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
        b"0X\x03\0\0\0cpu\x8a\x06\0\0\0\0\0\x01tQK\0\x8a\x06\0\0\0\0\0\x01\x85K\x01\x85\x89}tR"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(archive_of(BOMBS[name]))
    tracemalloc.start()
    begun = time.process_time()
    try:
        with suppress(ScheduleError):
            read_checkpoint(str(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000 + 60 * len(BOMBS[name])
    assert time.process_time() - begun < 20


def test_a_long_pickle_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_INSTRUCTIONS == 10_000_000
    monkeypatch.setattr(unpickle, "MAX_INSTRUCTIONS", 1000)
    words = "error: this file has a pickle of more than 1,000 instructions"
    assert refusal(tmp_path, archive_of(b"\x80\x02" + b"N0" * 500 + INSIDE + b".")) == words


def test_a_command_in_a_pickle_does_not_run(tmp_path: Path) -> None:
    owned = tmp_path / "owned"
    command = f"touch {owned}".encode()
    harmful = b"cposix\nsystem\n" + text(len(command)) + command + b"\x85R0"
    path = tmp_path / "a.pt"
    path.write_bytes(archive_of(b"\x80\x02" + harmful + INSIDE + b"."))
    assert read_checkpoint(str(path)).optimizers[0].lr == (0.1,)
    assert not owned.exists()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(INSIDE)))
def test_any_bytes_in_a_pickle_are_read_or_refused(more: bytes, at: int) -> None:
    hold(archive_of(b"\x80\x02" + INSIDE[:at] + more + INSIDE[at:] + b"."))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_any_bytes_in_an_archive_are_read_or_refused(at: int, more: bytes) -> None:
    hold(WHOLE[:at] + more + WHOLE[at + len(more) :])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(WHOLE)))
def test_an_archive_that_is_cut_anywhere_is_refused(length: int) -> None:
    assert hold(WHOLE[:length]) == (length == len(WHOLE))


def hold(data: bytes) -> bool:
    """True if a file is read, False for a `ScheduleError`; whatever else is raised fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.pt")
        path.write_bytes(data)
        try:
            read_checkpoint(str(path))
        except ScheduleError:
            return False
        return True


# --- folders -------------------------------------------------------------------------------------------------

FOLDERS = {
    "fsdp": (
        [".metadata", "__0_0.distcp", "__1_0.distcp"],
        "error: this folder is a sharded checkpoint of FSDP, of which each process wrote a part",
    ),
    "fsdp of accelerate": (
        ["optimizer_0/", "pytorch_model_fsdp_0/", "scheduler.bin"],
        "error: this folder is a sharded checkpoint of FSDP, of which each process wrote a part",
    ),
    "deepspeed": (
        ["latest", "global_step500/", "zero_to_fp32.py"],
        "error: this folder is a sharded checkpoint of DeepSpeed, of which each process wrote a part",
    ),
    "a step of deepspeed": (
        ["mp_rank_00_model_states.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt"],
        "error: this folder is a sharded checkpoint of DeepSpeed, of which each process wrote a part",
    ),
    "megatron": (
        ["latest_checkpointed_iteration.txt", "iter_0000100/"],
        "error: this folder is a sharded checkpoint of Megatron, of which each process wrote a part",
    ),
    "a rank of megatron": (
        ["mp_rank_00/", "mp_rank_01/"],
        "error: this folder is a sharded checkpoint of Megatron, of which each process wrote a part",
    ),
    "runs": (
        ["checkpoint-500/", "checkpoint-1000/", "config.json"],
        "error: this folder has none of optimizer.pt, scheduler.pt, optimizer.bin and scheduler.bin",
    ),
    "nothing": (
        [],
        "error: this folder has none of optimizer.pt, scheduler.pt, optimizer.bin and scheduler.bin",
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_is_no_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    names, words = FOLDERS[name]
    for each in names:
        (tmp_path / each).mkdir() if each.endswith("/") else (tmp_path / each).write_bytes(b"")
    with pytest.raises(ScheduleError) as caught:
        read_checkpoint(str(tmp_path))
    assert str(caught.value).partition("\n")[0] == f"{tmp_path}: {words}"
    if name == "runs":
        assert str(caught.value).endswith("hint: name one in it: checkpoint-500, checkpoint-1000")
    if name == "fsdp of accelerate":
        assert str(caught.value).endswith("hint: the learning rates alone are in scheduler.bin: hand that in")


@pytest.mark.parametrize(
    "name", ["__0_0.distcp", "zero_pp_rank_0_mp_rank_00_optim_states.pt", "mp_rank_00_model_states.pt"]
)
def test_a_part_of_a_sharded_checkpoint_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WHOLE)
    with pytest.raises(ScheduleError, match="this file is part of a sharded checkpoint of "):
        read_checkpoint(str(tmp_path / name))


def test_the_scheduler_of_a_sharded_folder_is_read(tmp_path: Path) -> None:
    """What the hint says works, though the optimizer beside it is sharded or cannot be read."""
    scheduler = torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.zeros(1)], 0.1), 3)
    torch.save(scheduler.state_dict(), tmp_path / "scheduler.pt")
    (tmp_path / "optimizer.pt").write_bytes(b"no")
    (tmp_path / ".metadata").write_bytes(b"")
    found = read_checkpoint(str(tmp_path / "scheduler.pt"))
    assert (found.schedulers[0].calls, found.optimizers) == (0, ())
    assert found.notes == ("optimizer.pt beside it is left out: it is no checkpoint",)


def test_what_the_hints_say_to_save_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    monkeypatch.chdir(tmp_path)
    exec(WHAT_WE_READ, {"torch": torch, "optimizer": optimizer, "scheduler": scheduler})
    found = read_checkpoint("lr.pt")
    assert ([each.lr for each in found.optimizers], [each.calls for each in found.schedulers]) == ([(0.1,)], [0])


def test_a_sharded_checkpoint_that_is_gathered_as_the_hint_says_is_read(tmp_path: Path) -> None:
    from torch.distributed.checkpoint import format_utils
    from torch.distributed.checkpoint.state_dict_saver import save

    optimizer = torch.optim.SGD([torch.zeros(1)], 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is one process
        save({"optimizer": optimizer.state_dict()}, checkpoint_id=tmp_path / "parts")
        with pytest.raises(ScheduleError, match=r"-m torch\.distributed\.checkpoint\.format_utils dcp_to_torch "):
            read_checkpoint(str(tmp_path / "parts"))
        format_utils.dcp_to_torch_save(tmp_path / "parts", tmp_path / "one.pt")
    assert read_checkpoint(str(tmp_path / "one.pt")).optimizers[0].lr == (0.1,)


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pt")
    with pytest.raises(ScheduleError, match="this file is not a regular file"):
        read_checkpoint(str(tmp_path / "a.pt"))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match="this file cannot be read: No such file or directory"):
        read_checkpoint(str(tmp_path / "a.pt"))
