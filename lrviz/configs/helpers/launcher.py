"""What the launcher of a command line says: `torchrun --nproc_per_node=8 train.py`."""

from __future__ import annotations

from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.text.arguments import LAUNCHER
from lrviz.errors import Position
from lrviz.schedule.imported import Value

_ON_ONE_MACHINE: Final = ("nproc_per_node", "nproc-per-node", "num_processes")
_ON_ALL: Final = "num_processes"
"""The argument of `accelerate launch`, which counts the processes of all machines."""


def devices(config: Config, where: Position) -> Value:
    """The fact `devices`: what the user says, else what the launcher says, else it is asked for.

    `where` is the place that makes it matter.
    """
    known = config.known("devices")
    launcher = config.section(LAUNCHER)
    name = next((each for each in _ON_ONE_MACHINE if launcher.has(each)), "")
    if known is not None or not name or not isinstance(launcher.root.get(name).value, int):  # type: ignore[union-attr]
        return known if known is not None else config.fact("devices", where)
    processes = launcher.whole(name, low=1)
    machines = launcher.whole("nnodes", 1, low=1)
    if name == _ON_ALL or machines.value == 1:
        return processes
    return config.derived(
        "devices", processes.value * machines.value, f"{processes.value} x {machines.value}", processes
    )
