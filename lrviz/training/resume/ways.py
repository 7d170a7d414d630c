"""The ways in which people resume a training, each a name and its acts, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrviz.training.resume.acts import (
    CALL_AGAIN,
    KEEP_RATES,
    LOAD,
    LOAD_EARLY,
    LOAD_OPTIMIZER,
    LOAD_SCHEDULER,
    MAKE_OPTIMIZER,
    MAKE_SCHEDULER,
    PUT_RATES_BACK,
    REPLAY,
    SET_INITIAL_LR,
    SET_LAST_EPOCH,
    Act,
    make_at,
)
from lrviz.training.resume.restart import Restart


@dataclass(frozen=True, slots=True)
class Way:
    """A way of restarting: `key` for programs, `name` for people, and what is done, in order.

    In a name, `{before}` is the number of calls that were made less one, which is what torch calls the last epoch, and
    `{start}` that number itself.
    """

    key: str
    name: str
    acts: Sequence[Act]

    def called(self, restart: Restart) -> str:
        """Its name in the words of this restart, with the calls before and behind it."""
        return self.name.format(before=restart.start - 1, start=restart.start)

    def lines(self, restart: Restart) -> tuple[str, ...]:
        """The code that a person writes for a schedule."""
        return tuple(line for act in self.acts for line in act.lines(restart))

    @property
    def keeps_state(self) -> bool:
        """True if the optimizer has its own state again, with the buffers that no learning rate shows."""
        return LOAD_OPTIMIZER in self.acts

    def go(self, restart: Restart) -> None:
        """Does it. Raises what torch raises."""
        for act in self.acts:
            act.do(restart)


FULL = Way(
    "full", "full state", (MAKE_OPTIMIZER, MAKE_SCHEDULER, LOAD, LOAD_OPTIMIZER, LOAD_SCHEDULER)
)  # fmt: skip
LAST_EPOCH = Way(
    "last-epoch", "optimizer state, last_epoch={before}", (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER, make_at(0))
)

REPLAYED = Way("optimizer-replayed", "optimizer state, calls replayed",
               (MAKE_OPTIMIZER, KEEP_RATES, LOAD, LOAD_OPTIMIZER, PUT_RATES_BACK, MAKE_SCHEDULER, REPLAY))  # fmt: skip

WAYS: tuple[Way, ...] = (
    FULL,
    Way("full-late", "full state, late scheduler",
        (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER, MAKE_SCHEDULER, LOAD_SCHEDULER)),
    Way("optimizer", "optimizer state", (MAKE_OPTIMIZER, MAKE_SCHEDULER, LOAD, LOAD_OPTIMIZER)),
    Way("optimizer-late", "optimizer state, late scheduler", (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER, MAKE_SCHEDULER)),
    Way("scheduler", "scheduler state", (MAKE_OPTIMIZER, MAKE_SCHEDULER, LOAD, LOAD_SCHEDULER)),
    LAST_EPOCH,
    Way("last-epoch-off-by-one", "optimizer state, last_epoch={start}",
        (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER, make_at(1))),
    Way("last-epoch-alone", "last_epoch={before}", (MAKE_OPTIMIZER, make_at(0))),
    Way("last-epoch-initial-lr", "last_epoch={before}, initial_lr set", (MAKE_OPTIMIZER, SET_INITIAL_LR, make_at(0))),
    Way("counter", "optimizer state, counter set",
        (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER, MAKE_SCHEDULER, SET_LAST_EPOCH)),
    Way("nothing", "nothing", (MAKE_OPTIMIZER, MAKE_SCHEDULER)),
    Way("replayed", "calls replayed", (MAKE_OPTIMIZER, MAKE_SCHEDULER, REPLAY)),
    Way("full-replayed", "full state, calls replayed", (*FULL.acts, REPLAY)),
    Way("call-repeated", "full state, a call repeated", (*FULL.acts, CALL_AGAIN)),
    Way("call-lost", "full state, a call lost",
        (MAKE_OPTIMIZER, MAKE_SCHEDULER, LOAD_EARLY, LOAD_OPTIMIZER, LOAD_SCHEDULER)),
)  # fmt: skip
"""Restarts with the same file."""

CONSTANT: tuple[Way, ...] = (
    Way("full", "full state", (MAKE_OPTIMIZER, LOAD, LOAD_OPTIMIZER)),
    Way("nothing", "nothing", (MAKE_OPTIMIZER,)),
)
"""Restarts of a run without a scheduler."""

CONSTANT_INTO: tuple[Way, ...] = (
    CONSTANT[0],
    Way("rates", "optimizer state, rates put back", (MAKE_OPTIMIZER, KEEP_RATES, LOAD, LOAD_OPTIMIZER, PUT_RATES_BACK)),
)
"""The same with another file."""

INTO: tuple[Way, ...] = (FULL, LAST_EPOCH, REPLAYED)
"""Restarts with another file."""


def ways_of(restart: Restart) -> Sequence[Way]:
    """The ways that a restart with the same file has; before the first call there is none to lose."""
    if restart.schedule.scheduler is None:
        ways: Sequence[Way] = CONSTANT
    elif restart.saved is None:
        ways = WAYS if restart.start else [way for way in WAYS if way.key != "call-lost"]
    else:  # its arguments may be others than the file's
        ways = [*(way for way in WAYS if way.key != "call-lost"), REPLAYED]
    return [way for way in ways if _can_load(way, restart)]


def ways_into(restart: Restart, *, saved_scheduler: bool) -> Sequence[Way]:
    """The ways that a restart with another file has, where a scheduler was saved or not."""
    if restart.schedule.scheduler is None:
        return [way for way in CONSTANT_INTO if _can_load(way, restart)]
    return [way for way in INTO if (saved_scheduler or way is not FULL) and _can_load(way, restart)]


def _can_load(way: Way, restart: Restart) -> bool:
    """True if the checkpoint of a real training has the states that a way loads; any other has them."""
    needs = [name for act, name in ((LOAD_OPTIMIZER, "optimizer"), (LOAD_SCHEDULER, "scheduler")) if act in way.acts]
    return restart.saved is None or all(name in restart.saved.state for name in needs)
