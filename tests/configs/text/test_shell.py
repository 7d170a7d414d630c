"""A script is split into words as the shell would split it, with the place of each; nothing in it runs."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.configs.text.arguments import LAUNCHER, PROGRAM, command_of, commands, unknown_in
from lrviz.errors import ScheduleError


def arguments(script: str) -> dict[Any, Any]:
    (command,) = commands(script, "run.sh")
    found: dict[Any, Any] = command.arguments.plain()
    return {key: value for key, value in found.items() if key not in (PROGRAM, LAUNCHER)}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("python a.py --lr=1e-4 --wd 0.1", {"lr": 1e-4, "wd": 0.1}),
        ("python a.py --lr-min -0.5 --steps -1 -b 8", {"lr_min": -0.5, "steps": -1, "b": 8}),
        ("python a.py --ema --lr 1", {"ema": True, "lr": 1}),
        ("python a.py --milestones 30 60 90 --lr 1", {"milestones": [30, 60, 90], "lr": 1}),
        ("python a.py --lr 1 --lr 2", {"lr": 2}),
        ("python a.py \\\n  --lr 1 \\\r\n  --wd 2\n", {"lr": 1, "wd": 2}),
        ("python a.py --name='a b' --note \"c # d\" --e= # comment", {"name": "a b", "note": "c # d", "e": ""}),
        ("python a.py --fp16 True --ema false", {"fp16": True, "ema": False}),
        ("python a.py --lr 1 > out.log 2>&1", {"lr": 1}),
        ("python a.py --lr 1_000 --date 1-2 --e 1e5", {"lr": "1_000", "date": "1-2", "e": 1e5}),
    ],
)
def test_arguments_are_read_as_argparse_reads_them(script: str, expected: dict[str, Any]) -> None:
    assert arguments(script) == expected


def test_a_pipe_begins_another_command() -> None:
    found = [each.arguments.plain() for each in commands("python a.py --lr 1 2>&1 | tee --append x && b --c", "run.sh")]
    assert [each[PROGRAM] for each in found] == ["a.py", "tee", "b"]
    assert found[0]["lr"] == 1


@pytest.mark.parametrize(
    ("script", "lr"),
    [
        ("LR=1e-4\npython a.py --lr $LR", 1e-4),
        ("export A=3 LR=1e-4; python a.py --lr=${LR}", 1e-4),
        ('LR=1e-4\npython a.py --lr "$LR"', 1e-4),
        ("LR=1e-4\npython a.py --lr '$LR'", "$LR"),
        ("LR=1e-4\npython a.py --lr \\$LR", "$LR"),
        ("python a.py --lr $LR", "$LR"),
        ("python a.py --lr $LR\nLR=1e-4", "$LR"),
        ("LR=1e-4 python a.py --lr $LR", "$LR"),
        ("LR=$1\npython a.py --lr $LR", "$1"),
        ("LR=${1:-1e-4}\npython a.py --lr $LR", "${1:-1e-4}"),
        ("LR=$(cat lr.txt)\npython a.py --lr $LR", "$(...)"),
        ("LR=`cat lr`\npython a.py --lr=$LR", "`c...`"),
        ("BASE=1e-4\nLR=$BASE\nBASE=2\npython a.py --lr $LR", 1e-4),
        ("E=4\npython a.py --lr 1e-$E", 1e-4),
        ("LR=1\nif [ $X = y ]; then LR=2; fi\npython a.py --lr $LR", "$LR"),
        ('LR=1\n[ -z "$X" ] && LR=2\npython a.py --lr $LR', "$LR"),
        ("LR=1 && WD=2\npython a.py --lr $WD", 2),
        ("for LR in 1 2; do\n python a.py --lr $LR\ndone", "$LR"),
        ("for X in 1 2; do\n LR=3\n python a.py --lr $LR\ndone", 3),
        ("run() {\n LR=3\n}\npython a.py --lr $LR", "$LR"),
        ("LR=1\nunset LR\npython a.py --lr $LR", "$LR"),
        ("LR=1\nread LR\npython a.py --lr $LR", "$LR"),
        ("cat <<END > x\nLR=7\npython b.py --lr 3\nEND\npython a.py --lr 1", 1),
    ],
)
def test_a_name_counts_where_it_is_assigned_a_literal_before(script: str, lr: Any) -> None:
    assert [each.arguments.plain()["lr"] for each in commands(script, "run.sh") if each.program == "a.py"] == [lr]


def test_arrays_and_texts_of_arguments_are_taken_apart() -> None:
    script = (
        'ARGS=(\n  --lr 1e-4  # the peak\n  --name "a b"\n)\nARGS+=(--wd 0.1)\n'
        'MORE="\n  --min-lr 1e-5 \\\n  --decay cosine\n"\n'
        'torchrun --nproc_per_node 8 --nnodes=2 train.py "${ARGS[@]}" $MORE ${ARGS[@]}x\n'
    )
    assert arguments(script) == {"lr": 1e-4, "name": ["a", "b"], "wd": "0.1x", "min_lr": 1e-5, "decay": "cosine"}


def test_each_value_keeps_its_place() -> None:
    script = "LR=1e-4\npython a.py \\\n  --lr $LR --wd=0.1 \\\n  --name 'x'\n"
    (command,) = commands(script, "run.sh")
    places = {
        str(item.key.value): (item.value.where.line, item.value.where.column) for item in command.arguments.items()
    }
    assert {name: places[name] for name in ("lr", "wd", "name")} == {"lr": (1, 4), "wd": (3, 17), "name": (4, 11)}


@pytest.mark.parametrize(
    ("script", "program", "launcher"),
    [
        (
            "accelerate launch --num_processes 8 --multi_gpu train.py --lr 1",
            "train.py",
            {"num_processes": 8, "multi_gpu": True},
        ),
        ("A=1 torchrun --nproc_per_node=4 -m pkg.train --lr 1", "pkg.train", {"nproc_per_node": 4}),
        ("python -m torch.distributed.run --nproc_per_node=4 x/train.py --lr 1", "x/train.py", {"nproc_per_node": 4}),
        ("trl sft --lr 1", "trl sft", {}),
    ],
)
def test_the_program_is_told_from_what_launches_it(script: str, program: str, launcher: dict[str, Any]) -> None:
    (command,) = commands(script, "run.sh")
    assert command.program == program
    found = command.arguments.plain()[LAUNCHER]
    assert {key: found[key] for key in launcher} == launcher
    assert "lr" not in found


def test_the_command_with_a_dialects_arguments_is_taken() -> None:
    script = "python prepare.py --size 3\npython train.py --lr-warmup 3\npython eval.py --size 1\n"
    assert command_of(script, "run.sh", ["lr_warmup"]).plain()[PROGRAM] == "train.py"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "python a.py --lr 1\npython b.py --lr 2\n",
            r"run\.sh:2:8: error: this script trains more than once .*lines 1, 2",
        ),
        ("ls --all\n", "no command of this script has arguments that say a learning rate"),
        (
            "A=" + "x" * 2000 + "\n" + "".join("A=$A$A\n" for _ in range(40)) + "python a.py --lr $A",
            "larger than 1 MB",
        ),
    ],
)
def test_what_cannot_be_told_is_an_error(script: str, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        command_of(script, "run.sh", ["lr"])


@pytest.mark.parametrize(
    "piece", ["'", '"', "$(", "${", "`", "\\", "<<X", "A=(", "$", "((", "if", "}", "fi fi", "&&", ">"]
)
def test_unfinished_text_ends_with_the_script(piece: str) -> None:
    assert list(commands(f"echo {piece}", "run.sh")) == []
    list(commands(f"python a.py --lr 1 {piece} {piece}\n{piece}", "run.sh"))


def test_what_only_a_shell_knows_is_named_with_its_place() -> None:
    (command,) = commands("python a.py --lr $LR --betas 0.9 $B --wd 1", "run.sh")
    assert {
        where.column: str(problem).split(", and")[0] for where, problem in unknown_in(command.arguments).items()
    } == {
        18: "run.sh:1:18: error: --lr: only a shell knows what $LR is",
        34: "run.sh:1:34: error: --betas: only a shell knows what $B is",
    }


@pytest.mark.parametrize("piece", ["A=(", "$(", "${", "((", "if ", "{ ", '"$A', "`", "<<X\n"])
def test_what_is_nested_deep_is_read(piece: str) -> None:
    list(commands(f"python a.py --lr 1 {piece * 3000}", "run.sh"))
