"""Facts: what a curve depends on and a config does not say, such as the size of the data set. The user adds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from lrviz.schedule.text.document import Node


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that `--data NAME=VALUE` gives. `example` is a value for the line that can be pasted.

    `stand_in` is the value with which a config is read on after it was found missing; nothing that follows from it is
    shown.
    """

    meaning: str
    example: str
    stand_in: Any = ""


FACTS: Final[Mapping[str, Fact]] = {
    "samples": Fact("samples of the training set, after filtering, splitting and packing", "52002", 52_002),
    "devices": Fact("data parallel processes: GPUs on all machines", "8", 8),
    "batches_per_epoch": Fact("batches that one device draws in an epoch, before accumulation", "1250", 1_250),
    "steps": Fact("optimizer steps of the whole run", "3000", 3_000),
    "steps_per_epoch": Fact("optimizer steps in an epoch", "625", 625),
    "interval": Fact("when the training code calls scheduler.step(): epoch or step", "step", "epoch"),
    "metric": Fact("what a plateau is stepped with: a column of a file, one value a call", "log.csv:val_loss"),
    "classes": Fact("classes of the data set", "80", 80),
    "model_max_seq_length": Fact("tokens of the longest sequence that the model takes", "2048", 2_048),
    "trainer": Fact("the trainer class that reads the file, such as sft or dpo", "sft", "sft"),
}
"""The facts that are asked for by name. Besides these, a release of a program goes by the name of its package
(`transformers=4.57`)."""


class Given(NamedTuple):
    """What the user says of a config besides its text.

    `data` are the facts by name, `dialect` is the name of what the file is ("" lets its marks decide), `overrides` are
    the texts that the program's own command line was given. If not `installed`, the releases of programs on this
    machine decide nothing.
    """

    data: Mapping[str, Node] = {}
    dialect: str = ""
    overrides: tuple[str, ...] = ()
    installed: bool = True


NOTHING_GIVEN: Final = Given()
