"""The file that `accelerate config` writes: how a script is launched. It holds no learning rate, but the processes."""

from __future__ import annotations

from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11


def recognize(outline: Outline) -> str:
    marks = ("compute_environment", "distributed_type")
    return "compute_environment and distributed_type" if outline.has(*marks) else ""


def read(config: Config) -> Plan:
    processes = config.whole("num_processes", 1, low=1)
    config.error(
        config.where("compute_environment"),
        "a launch config of accelerate holds no learning rate: it says how a script is started, here as "
        f"{processes.value} process{'es' if processes.value != 1 else ''}",
        f"name the training config, with --data devices={processes.value}",
    )
    return Plan({}, "")


DIALECT: Final = Dialect(
    name="accelerate",
    title="accelerate launch",
    marks="`compute_environment` and `distributed_type`",
    recognize=recognize,
    read=read,
    keys=(Key("num_processes", "processes on all machines, which the hint of the error repeats", "1"),),
    surprises=("It is recognized only to say so: it holds no learning rate.",),
    source="accelerate: commands/config/config_args.py",
    example="compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\nnum_machines: 1\nnum_processes: 8\n",
    scalars=yaml11,
    without_schedule=True,
)
