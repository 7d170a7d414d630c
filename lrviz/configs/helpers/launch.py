"""What the command that launches a program says (`torchrun --nproc_per_node=8 train.py`): how many processes it is."""

from __future__ import annotations

from lrviz.configs.config import Config
from lrviz.configs.text.arguments import LAUNCHER
from lrviz.errors import Position
from lrviz.schedule.imported import Value


def devices(config: Config, where: Position) -> Value:
    """The data parallel processes: those that the user says, else those of the launcher; asked for if both are silent.

    `where` is the place that makes them matter.
    """
    launcher = config.node(LAUNCHER)
    if config.known("devices") is None and launcher is not None:
        found = _launched(Config(launcher, config.session))
        if found is not None:
            return found
    return config.fact("devices", where)


def _launched(launcher: Config) -> Value | None:
    """`accelerate launch` counts the processes of all machines, torchrun and deepspeed those of one."""
    if _is_count(launcher, "num_processes"):
        return launcher.whole("num_processes", low=1)
    for one, nodes in (("nproc_per_node", "nnodes"), ("num_gpus", "num_nodes")):
        if _is_count(launcher, one) and (not launcher.has(nodes) or _is_count(launcher, nodes)):
            each, machines = launcher.whole(one, low=1), launcher.whole(nodes, 1, low=1)
            if machines.value == 1:
                return each
            how = f"{each.value} x {machines.value} machines"
            return launcher.derived("devices", each.value * machines.value, how, each)
    return None


def _is_count(launcher: Config, key: str) -> bool:
    found = launcher.node(key)
    return found is not None and type(found.value) is int
